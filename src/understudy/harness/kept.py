"""The world of a test that failed, as a scenario file; and such a file, as the scenario of a test that is run again."""

import contextlib
import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from understudy.messages import redacted
from understudy.source import dump_yaml, read_yaml, write_atomic

_SECRETS = ("password", "secretKey")


def kept_text(folder: Path, test: str, world: str, exported: str) -> str:
    """Write an exported world into a folder, its secrets taken out; give the lines that say what can be done with it.

    The file replaces an older one of the same test. Where it cannot be written, the lines say so.
    """
    path = folder / f"{file_name(test)}.yaml"
    data = read_yaml(Path(f"{world}.yaml"), text=exported).data
    shown = _shown(path)
    lines = [
        f"run it again: pytest {shlex.quote(test)} --ocp-replay {shown}",
        f"look at it:   understudy serve --auth off --scenario {shown}",
    ]
    head = ["The world as it stood when the test failed; passwords and keys are taken out.", *lines]
    text = "".join(f"# {_one_line(line)}\n" for line in head)
    try:
        write_atomic(path, text + dump_yaml(_without_secrets(data)))
    except OSError as error:
        return f"The world could not be kept: {error}"
    return "\n".join(lines)


def replayed(path: Path, accounts: Iterable[Mapping[str, Any]]) -> str:
    """Give the scenario of a kept world as it began, with the secrets of accounts that have the same names.

    Raises InputError for a file that is no scenario.
    """
    data = dict(read_yaml(path).data)
    world = data.pop("world", None)
    if isinstance(world, Mapping):
        clock = world["clock"]
        told = data.get("clock") or {}
        data["clock"] = {**told, "mode": clock["mode"], "start": world["start"]}
    known = {account["name"]: account for account in accounts}
    if isinstance(data.get("accounts"), Mapping):
        data["accounts"] = {name: _restored(told, known.get(name, {})) for name, told in data["accounts"].items()}
    return dump_yaml(data)


def file_name(test: str) -> str:
    """Give a name for a file, out of a test's: `tests/test_a.py::test_b[c]` is `tests-test_a.py-test_b-c`."""
    return re.sub(r"[^A-Za-z0-9_.]+", "-", test).strip("-.")[-120:] or "test"


def _without_secrets(data: Any) -> Any:
    accounts = data.get("accounts") if isinstance(data, Mapping) else None
    if not isinstance(accounts, Mapping):
        return data
    hidden = {
        name: {key: _hidden(key, value) for key, value in (told or {}).items()} for name, told in accounts.items()
    }
    return {**data, "accounts": hidden}


def _hidden(key: str, value: Any) -> Any:
    return redacted(str(value)) if key in _SECRETS else value


def _restored(told: Any, known: Mapping[str, Any]) -> Any:
    if not isinstance(told, Mapping):
        return told
    return {key: known.get(key, value) if key in _SECRETS else value for key, value in told.items()}


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def _shown(path: Path) -> str:
    """Give the path from here, where that is shorter."""
    with contextlib.suppress(ValueError):
        path = path.relative_to(Path.cwd())
    return shlex.quote(str(path))
