"""The world of a test that failed, as a scenario file; and such a file, as the scenario of a test that is run again."""

import contextlib
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from understudy.messages import redacted
from understudy.source import dump_yaml, read_yaml, write_atomic

_SECRETS = ("password", "secretKey")
_LONGEST = 120
_PLAIN = re.compile(r"[A-Za-z0-9_.]+(-[A-Za-z0-9_.]+)*\]")
"""Parameters of which the name of a file keeps everything."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Where the worlds of a failed test are kept, and how it is run again."""

    folder: Path
    test: str
    """What it is called; the files are named after it."""
    run: str = ""
    """What it is called where the tests were started, when that is something else."""
    start: Path | None = None
    """Where the tests were started; None for the working directory."""
    number: int = 1
    """Which of its worlds this is."""

    @property
    def path(self) -> Path:
        """The file of the world; each has its own."""
        return self.folder / (file_name(self.test) + (f"-{self.number}" if self.number > 1 else "") + ".yaml")


def kept_text(keep: Keep, world: str, exported: str, serve: Iterable[str] = ()) -> str:
    """Write an exported world into a folder, its secrets taken out; give the lines that say what can be done with it.

    The file replaces an older one of the same test. Where it cannot be written, the lines say so. `serve` are options
    without which `understudy serve` would stand in for something else.
    """
    data = read_yaml(Path(f"{world}.yaml"), text=exported).data
    shown, options = _shown(keep.path, keep.start or Path.cwd()), "".join(f"{shlex.quote(word)} " for word in serve)
    lines = [
        f"run it again: pytest {shlex.quote(keep.run or keep.test)} --ocp-replay {shown}",
        f"look at it:   understudy serve {options}--auth off --scenario {shown}",
    ]
    head = ["The world as it stood when the test failed; passwords and keys are taken out.", *lines]
    text = "".join(f"# {_one_line(line)}\n" for line in head)
    try:
        write_atomic(keep.path, text + dump_yaml(_without_secrets(data)))
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
    """Give a name for a file, out of a test's: `tests/test_a.py::test_b[c]` is `tests-test_a.py-test_b-c`.

    Where the name tells too little of what stands in brackets, or is cut, a digest makes it the test's own.
    """
    name = re.sub(r"[^A-Za-z0-9_.]+", "-", test).strip("-.")
    _, _, told = test.partition("[")
    if len(name) <= _LONGEST and (not told or _PLAIN.fullmatch(told)):
        return name or "test"
    return f"{name[-_LONGEST:].lstrip('-.')}-{blake2b(test.encode('utf-8', 'replace'), digest_size=4).hexdigest()}"


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


def _shown(path: Path, start: Path) -> str:
    """Give the path from where the tests were started, where that is shorter."""
    with contextlib.suppress(ValueError):
        path = path.relative_to(start)
    return shlex.quote(str(path))
