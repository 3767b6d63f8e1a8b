"""The world of a test that failed, as a scenario file; and such a file, as the scenario of a test that is run again."""

import contextlib
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from understudy.errors import InputError, Problem
from understudy.messages import redact
from understudy.scenario import load_scenario
from understudy.source import dump_yaml, read_yaml, write_atomic

_SECRETS = ("password", "secretKey")
_LONGEST = 120
_PLAIN = re.compile(r"[\w./-]+(::[\w.]+)*(\[\w[\w.-]*\])?", re.ASCII)
"""Tests of which a name of letters, digits, points and dashes says all."""


@dataclass(frozen=True, slots=True)
class ArtifactLocation:
    """Where the worlds of a test are kept, and how it is run again."""

    folder: Path
    test_id: str
    """Its id, which names the files."""
    command_id: str = ""
    """What runs it from here; empty: its id."""
    working_dir: Path | None = None
    """Where here is: where the tests were started; None for the working directory."""

    def path(self, number: int) -> Path:
        """Give the file of the first, second, … world that is told of the test."""
        return (
            self.folder
            / f"{build_file_name(self.test_id)}{f'-{number}' if number > 1 else ''}.yaml"
        )


@dataclass(frozen=True, slots=True)
class SavedWorld:
    """What is left of a world: its story, and its scenario, which is empty where the server did not give it."""

    world: str
    story: str
    scenario_text: str
    call_count: int = 0
    serve_options: tuple[str, ...] = ()
    """Options without which `understudy serve` would stand in for something else."""

    def save(self, place: ArtifactLocation, number: int = 1) -> str:
        """Write the scenario, its secrets taken out; give the story, and the lines that say what can be done with it.

        The file replaces an older one of the same test. Where it cannot be written, the lines say so.
        """
        if not self.scenario_text:
            return self.story
        path = place.path(number)
        shown, options = (
            _shown(path, place.working_dir or Path.cwd()),
            "".join(f"{shlex.quote(o)} " for o in self.serve_options),
        )
        lines = [
            f"run it again: pytest {shlex.quote(place.command_id or place.test_id)} --ocp-replay {shown}",
            f"look at it:   understudy serve {options}--auth off --scenario {shown}",
        ]
        head = [
            "The world as it stood when the test failed; passwords and keys are taken out.",
            *lines,
        ]
        text = "".join(f"# {_one_line(line)}\n" for line in head)
        try:
            data = read_yaml(Path(f"{self.world}.yaml"), text=self.scenario_text).data
            write_atomic(path, text + dump_yaml(_without_secrets(data)))
        except (OSError, InputError) as error:
            return f"{self.story}\nThe world could not be kept: {error}"
        return "\n".join([self.story, *lines])


def build_replay_scenario(path: Path, accounts: Iterable[Mapping[str, Any]]) -> str:
    """Give the scenario of a kept world as it began, with the secrets of accounts that have the same names.

    Raises InputError for a file that is no scenario.
    """
    load_scenario(path)  # its problems are told with the file's own name
    data = dict(read_yaml(path).data)
    world = data.pop("world", None)
    if world is not None:
        began = {"mode": world["clock"].get("mode"), "start": world["start"]}
        if not all(isinstance(value, str) for value in began.values()):
            what = "its world does not say when and on which clock it began"
            raise InputError(
                Problem("bad-value", f"{path}: {what}", hint="Was it changed since it was kept?")
            )
        data["clock"] = {**(data.get("clock") or {}), **began}
    known = {account["name"]: account for account in accounts}
    if isinstance(data.get("accounts"), Mapping):
        data["accounts"] = {
            name: _restored(told, known.get(name, {})) for name, told in data["accounts"].items()
        }
    return dump_yaml(data)


def build_file_name(test: str) -> str:
    """Give a name for a file, out of a test's: `tests/test_a.py::test_b[c]` is `tests-test_a.py-test_b-c`.

    One that lost something on the way ends with a digest: `test_b[<]` and `test_b[>]` have files of their own.
    """
    name = re.sub(r"[^A-Za-z0-9_.]+", "-", test).strip("-.")
    if len(name) <= _LONGEST and _PLAIN.fullmatch(test):
        return name
    return f"{name[-_LONGEST:].strip('-.') or 'test'}-{blake2b(test.encode(errors='replace'), digest_size=4).hexdigest()}"


def _without_secrets(data: Any) -> Any:
    accounts = data.get("accounts") if isinstance(data, Mapping) else None
    if not isinstance(accounts, Mapping):
        return data
    hidden = {
        name: {key: _hidden(key, value) for key, value in (told or {}).items()}
        for name, told in accounts.items()
    }
    return {**data, "accounts": hidden}


def _hidden(key: str, value: Any) -> Any:
    return redact(str(value)) if key in _SECRETS else value


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
