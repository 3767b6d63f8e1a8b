"""Writers of YAML that every reader understands alike, and of files that are whole or absent."""

import contextlib
import os
import re
import tempfile
from pathlib import Path

import yaml

from understudy.source.plain_scalars import resolve_plain

_DEFAULT_MODE = 0o644
"""The mode of a new file."""
_PERMISSIONS = 0o777
"""The bits of a file's mode that are its permissions."""
_WIDTH = 120
"""Columns at which PyYAML folds long texts."""

# Plain texts that YAML 1.1 readers take for something else: base 60, booleans such as `NO`, merge
# and value keys, dates. Source: https://yaml.org/type/.
_YAML_1_1 = re.compile(
    r"y|n|yes|no|on|off|<<|=|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|[-+]?0b[01_]+"
    r"|[-+]?[0-9][0-9_]*(\.[0-9_]*)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|[-+]?\.(inf|nan)|[-+]?0[0-7_]+|[-+]?0x[0-9a-f_]+",
    re.IGNORECASE,
)
# Control characters, line separators, the byte order mark and surrogates: YAML 1.2.2 section 5.1
# asks for escapes, which only double quotes have.
_NEEDS_ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
# A block scalar cannot keep white space at the end of a line, tabs, or a white first letter.
_NOT_FOR_BLOCK = re.compile(r"[^\S\n]\n|\t|^\s")


class _Dumper(yaml.SafeDumper):
    """A dumper without aliases, and with lists indented below their keys."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = _choose_style(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _choose_style(text: str) -> str | None:
    """Return `|` for several lines, `"` for a text that needs quotes, None for a plain scalar."""
    needs_escapes = _NEEDS_ESCAPES.search(text) is not None
    if "\n" in text and not needs_escapes and not _NOT_FOR_BLOCK.search(text):
        return "|"
    is_text_in_1_2 = isinstance(resolve_plain(text), str)
    if needs_escapes or not is_text_in_1_2 or _YAML_1_1.fullmatch(text):
        return '"'
    return None


_Dumper.add_representer(str, _represent_text)


def dump_yaml(data: object) -> str:
    """Return JSON-like data as YAML that means the same to YAML 1.1 and 1.2 readers.

    Keys keep their order.
    """
    text: str = yaml.dump(
        data,
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=_WIDTH,
        default_flow_style=False,
    )
    return text


def write_atomic(path: Path, text: str) -> None:
    """Write a UTF-8 file so that a reader sees the old text or the new one, never a part.

    Missing folders are made. An existing file keeps its mode; a new one is readable by everybody.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder: `os.replace` is atomic only inside of one file system.
    prefix = f".{path.name}."
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=prefix)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # `mkstemp` makes files that only their owner can read.
        mode = _DEFAULT_MODE
        if path.exists():
            mode = path.stat().st_mode & _PERMISSIONS
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
