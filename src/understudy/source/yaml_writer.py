"""Write YAML that every reader understands alike, and files that are whole or absent."""

import contextlib
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import yaml

from understudy.source.yaml_reader import resolve_plain

# What YAML 1.1 readers would take for something else: base 60, booleans such as `NO`, merge and value keys.
_YAML_1_1 = re.compile(
    r"y|n|yes|no|on|off|<<|=|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|[-+]?0b[01_]+|[-+]?[0-9][0-9_]*(\.[0-9_]*)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|[-+]?\.(inf|nan)|[-+]?0[0-7_]+|[-+]?0x[0-9a-f_]+",
    re.IGNORECASE,
)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    ambiguous = not isinstance(resolve_plain(text), str) or _YAML_1_1.fullmatch(text)
    escapes = re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]", text)
    multiline = "\n" in text and not escapes and not re.search(r"[^\S\n]\n|\t|^\s", text)
    style = "|" if multiline else '"' if ambiguous or escapes else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def dump_yaml(data: Any) -> str:
    """Write JSON-like data as YAML that means the same to YAML 1.1 and 1.2 readers. Keys keep their order."""
    text = yaml.dump(
        data,
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=120,
        default_flow_style=False,
    )
    assert isinstance(text, str)  # noqa: S101 - yaml.dump returns text when no stream is given
    return text


def write_atomic(path: Path, text: str) -> None:
    """Write a UTF-8 file so that a reader sees the old text or the new one, never a part. Makes missing folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
