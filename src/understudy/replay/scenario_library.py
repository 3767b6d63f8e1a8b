"""Scenarios by name: those that ship, those of a folder, and those that were uploaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from understudy.contract import Contract
from understudy.errors import InputError, Problem, nearest_name
from understudy.resources import resource_path
from understudy.scenario import SUFFIXES, Scenario, load_scenario
from understudy.source import read_text

_MOST = 1000
"""So many scenarios can be uploaded."""


@dataclass(frozen=True, slots=True)
class ScenarioSource:
    """Where a scenario comes from."""

    origin: str
    """`shipped`, `folder`, `file` or `uploaded`."""
    path: Path
    text: str | None = None
    """Of one that was uploaded: it is kept in memory only."""


class ScenarioLibrary:
    """Scenarios by name. Names are looked up among those that are there, never joined to a path.

    `file` is the scenario that the stub was started with, if that is a file: it can be asked for by its path.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._uploaded: dict[str, ScenarioSource] = {}
        self._lock = Lock()
        if folder is not None and not folder.is_dir():
            raise InputError(
                Problem(
                    "no-such-folder", f'"{folder}" is no folder', expected="a folder of scenarios"
                )
            )

    def entries(self) -> Mapping[str, ScenarioSource]:
        """Give every scenario by its name. What was uploaded hides what lies in the folder, that what ships."""
        with self._lock:
            uploaded = dict(self._uploaded)
        shipped = {
            path.stem: ScenarioSource("shipped", path)
            for path in sorted(resource_path("scenarios").glob("*.yaml"))
        }
        found = sorted(self._folder.iterdir()) if self._folder else []
        folder = {
            path.stem: ScenarioSource("folder", path)
            for path in found
            if path.suffix in SUFFIXES and self._holds(path)
        }
        return {**shipped, **folder, **uploaded}

    def _holds(self, path: Path) -> bool:
        """Whether a file really lies in the folder: a link that leads out of it does not."""
        assert self._folder is not None  # noqa: S101 - whoever calls has listed it
        return path.is_file() and path.resolve().is_relative_to(self._folder.resolve())

    def find(self, name: str) -> ScenarioSource:
        """Give where a scenario comes from. Raises InputError with the nearest name."""
        entries = self.entries()
        if name in entries:
            return entries[name]
        what = f'there is no scenario named "{name[:120]}"'
        near = nearest_name(name[:120], entries)
        raise InputError(
            Problem("no-such-scenario", what, expected=", ".join(entries), nearest=near)
        )

    def load(self, entry: ScenarioSource, contract: Contract) -> Scenario:
        """Read and check a scenario. Raises InputError with every problem that it has."""
        return load_scenario(entry.path, contract=contract, text=entry.text)

    def text(self, entry: ScenarioSource) -> str:
        """Give the scenario as it was written."""
        return read_text(entry.path) if entry.text is None else entry.text

    def upload(self, name: str, text: str, contract: Contract) -> Scenario:
        """Take a scenario in, under a name, until the server ends. Raises InputError; then nothing has changed."""
        entry = ScenarioSource("uploaded", Path(f"{name}.yaml"), text)
        scenario = self.load(entry, contract)
        with self._lock:
            if name not in self._uploaded and len(self._uploaded) >= _MOST:
                raise InputError(
                    Problem("too-many-scenarios", f"{_MOST} scenarios were uploaded already")
                )
            self._uploaded[name] = entry
        return scenario
