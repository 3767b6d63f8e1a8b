"""Saved worlds of failed tests: scenario files that show a world, and that start a test again.

Passwords and secret keys are removed from a saved world. A replay takes them from the test's own
scenario.
"""

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
_MAX_NAME = 120
_PLAIN_TEST_ID = re.compile(r"[\w./-]+(::[\w.]+)*(\[\w[\w.-]*\])?", re.ASCII)
"""Test ids that `build_file_name` converts without a collision."""

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ArtifactLocation:
    """The folder of a test's saved worlds, and how the test is named on the command line."""

    folder: Path
    test_id: str
    """The pytest id of the test. It names the files."""
    command_id: str = ""
    """The id as the command line needs it from `working_dir`; empty: the same as `test_id`."""
    working_dir: Path | None = None
    """The folder from which the tests were started; None: the working directory."""

    def path(self, number: int) -> Path:
        """Return the file of the n-th saved world of the test, counted from 1."""
        name = build_file_name(self.test_id)
        if number > 1:
            name = f"{name}-{number}"
        return self.folder / f"{name}.yaml"


@dataclass(frozen=True, slots=True)
class SavedWorld:
    """The story of a world, and its scenario."""

    world: str
    story: str
    scenario_text: str
    """The exported scenario; empty if the server did not return it."""
    call_count: int = 0
    serve_options: tuple[str, ...] = ()
    """Options of `understudy serve` that select the same contract."""

    def save(self, location: ArtifactLocation, number: int = 1) -> str:
        """Write the scenario without secrets. Return the story, and the commands that use the file.

        The file replaces an older one of the same test. If it cannot be written, the text says so.
        """
        if not self.scenario_text:
            return self.story
        path = location.path(number)
        commands = self._list_commands(path, location)
        comments = ["The world when the test failed, without passwords and keys.", *commands]
        head = "".join(f"# {_make_printable(line)}\n" for line in comments)
        try:
            data = read_yaml(Path(f"{self.world}.yaml"), text=self.scenario_text).data
            write_atomic(path, head + dump_yaml(_redact_accounts(data)))
        except (OSError, InputError) as error:
            return f"{self.story}\nThe world could not be saved: {error}"
        return "\n".join([self.story, *commands])

    def _list_commands(self, path: Path, location: ArtifactLocation) -> list[str]:
        """Return the shell commands that replay the test and that serve the world."""
        test = shlex.quote(location.command_id or location.test_id)
        file = _quote_path(path, location.working_dir or Path.cwd())
        options = "".join(f"{shlex.quote(option)} " for option in self.serve_options)
        return [
            f"run it again: pytest {test} --ocp-replay {file}",
            f"look at it:   understudy serve {options}--auth off --scenario {file}",
        ]


def build_replay_scenario(path: Path, accounts: Iterable[Data]) -> str:
    """Return the scenario from which a saved world started, as YAML.

    `accounts` are the accounts of the test's scenario, with `name`, `password` and `secretKey`.
    Accounts of the saved world with the same names get these secrets back. Raises InputError for a
    file that is not a scenario.
    """
    load_scenario(path)  # reports problems with the file's own name
    data = dict(read_yaml(path).data)
    world = data.pop("world", None)
    if world is not None:
        data["clock"] = {**(data.get("clock") or {}), **_read_start(world, path)}
    secrets = {account["name"]: account for account in accounts}
    saved = data.get("accounts")
    if isinstance(saved, Mapping):
        restored = {}
        for name, account in saved.items():
            restored[name] = _restore_secrets(account, secrets.get(name, {}))
        data["accounts"] = restored
    return dump_yaml(data)


def _read_start(world: Data, path: Path) -> dict[str, str]:
    """Return the clock mode and the start of an exported world.

    Raise InputError if they are missing.
    """
    start = {"mode": world["clock"].get("mode"), "start": world["start"]}
    if not all(isinstance(value, str) for value in start.values()):
        message = f"{path}: the section world has no start time or no clock mode"
        hint = "Has the file been changed since it was saved?"
        raise InputError(Problem("bad-value", message, hint=hint))
    return start


def build_file_name(test_id: str) -> str:
    """Return a file name for a test: `tests-test_a.py-test_b-c` for `tests/test_a.py::test_b[c]`.

    A name that has lost information ends with a hash, so that `test_b[<]` and `test_b[>]` differ.
    """
    name = re.sub(r"[^A-Za-z0-9_.]+", "-", test_id).strip("-.")
    if len(name) <= _MAX_NAME and _PLAIN_TEST_ID.fullmatch(test_id):
        return name
    stem = name[-_MAX_NAME:].strip("-.") or "test"
    digest = blake2b(test_id.encode(errors="replace"), digest_size=4).hexdigest()
    return f"{stem}-{digest}"


def _redact_accounts(data: object) -> object:
    """Return the data of a scenario without passwords and secret keys."""
    if not isinstance(data, Mapping):
        return data
    accounts = data.get("accounts")
    if not isinstance(accounts, Mapping):
        return data
    redacted = {}
    for name, account in accounts.items():
        redacted[name] = _redact_account(account or {})
    return {**data, "accounts": redacted}


def _redact_account(account: Data) -> dict[str, object]:
    """Return an account whose secrets are replaced by a mark."""
    redacted: dict[str, object] = dict(account)
    for key in _SECRETS:
        if key in redacted:
            redacted[key] = redact(str(redacted[key]))
    return redacted


def _restore_secrets(account: object, secrets: Data) -> object:
    """Return an account with secrets. Only keys that the saved account has are restored."""
    if not isinstance(account, Mapping):
        return account
    restored = dict(account)
    for key in _SECRETS:
        if key in restored and key in secrets:
            restored[key] = secrets[key]
    return restored


def _make_printable(text: str) -> str:
    """Replace line breaks and other control characters: the text becomes a comment of one line."""
    return "".join(char if char.isprintable() else "?" for char in text)


def _quote_path(path: Path, working_dir: Path) -> str:
    """Return a path for a shell, relative to the working directory if it is below it."""
    with contextlib.suppress(ValueError):
        path = path.relative_to(working_dir)
    return shlex.quote(str(path))
