"""Scenarios by name: shipped ones, those of a folder, and uploaded ones."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from understudy.contract import Contract
from understudy.disk_cache import open_cache
from understudy.errors import InputError, Problem, nearest_name
from understudy.messages import Json
from understudy.resources import resource_path
from understudy.scenario import SUFFIXES, Scenario, load_scenario

MAX_UPLOADED = 1000
MAX_UPLOADED_BYTES = 64 * 1024 * 1024
"""How many scenarios can be uploaded, and how many characters they have together."""


@dataclass(frozen=True, slots=True)
class ScenarioSource:
    """Where a scenario comes from."""

    origin: str
    """`shipped`, `folder`, `file` or `uploaded`."""
    path: Path
    text: str | None = None
    """The text of an uploaded scenario, which is in memory only; else None."""


class ScenarioLibrary:
    """Scenarios by name.

    A name is looked up among the existing scenarios and never joined to a path: a client
    cannot read other files. The scenario that the stub was started with can be a file; that one
    is found by its path.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        use_cache: bool = False,
        max_uploaded: int = MAX_UPLOADED,
        max_bytes: int = MAX_UPLOADED_BYTES,
    ) -> None:
        self._max_uploaded = max_uploaded
        self._max_bytes = max_bytes
        self.cache = open_cache() if use_cache else None
        """The cache on disk of scenarios that passed the checks, and of contracts."""
        self._folder = folder
        self._uploaded: dict[str, ScenarioSource] = {}
        self._lock = Lock()
        if folder is not None and not folder.is_dir():
            message = f'"{folder}" is not a folder'
            problem = Problem("no-such-folder", message, expected="a folder of scenarios")
            raise InputError(problem)

    def entries(self) -> Mapping[str, ScenarioSource]:
        """Return every scenario by its name.

        An uploaded scenario hides one of the folder, which hides a shipped one.
        """
        with self._lock:
            uploaded = dict(self._uploaded)
        return {**_list_shipped(), **self._list_folder(), **uploaded}

    def _list_folder(self) -> dict[str, ScenarioSource]:
        if self._folder is None:
            return {}
        root = self._folder.resolve()
        return {
            path.stem: ScenarioSource("folder", path)
            for path in sorted(self._folder.iterdir())
            if path.suffix in SUFFIXES and _is_file_in(path, root)
        }

    def find(self, name: str) -> ScenarioSource:
        """Return the source of a scenario. Raises InputError with the nearest name."""
        entries = self.entries()
        if name in entries:
            return entries[name]
        message = f'unknown scenario "{name[:120]}"'
        nearest = nearest_name(name[:120], entries)
        expected = ", ".join(entries)
        raise InputError(Problem("no-such-scenario", message, expected=expected, nearest=nearest))

    def find_own(self, name: str) -> ScenarioSource:
        """Return the source of a stub's own scenario: a name or a path. Raises InputError."""
        # A value with a suffix or a slash is a path; loading it reports what is wrong with it.
        if name.endswith(SUFFIXES) or "/" in name or "\\" in name:
            return ScenarioSource("file", Path(name))
        return self.find(name)

    def load(self, entry: ScenarioSource, contract: Contract) -> Scenario:
        """Load a scenario. Raises InputError with every problem of it."""
        return load_scenario(entry.path, contract=contract, text=entry.text, cache=self.cache)

    def text(self, entry: ScenarioSource) -> str:
        """Return the text of a scenario as it was written."""
        if entry.text is not None:
            return entry.text
        from understudy.source import read_text  # late: few servers show the text of a scenario

        return read_text(entry.path)

    def upload(self, name: str, text: str, contract: Contract) -> Scenario:
        """Add a scenario under a name until the server stops.

        Raises InputError; then nothing has changed.
        """
        entry = ScenarioSource("uploaded", Path(f"{name}.yaml"), text)
        scenario = self.load(entry, contract)
        with self._lock:
            others = [text for other, text in self._uploaded.items() if other != name]
            self._check_room(others, entry)
            self._uploaded[name] = entry
        return scenario

    def _check_room(self, others: Collection[ScenarioSource], new: ScenarioSource) -> None:
        """Check both bounds of uploaded scenarios. Raises InputError."""
        if len(others) >= self._max_uploaded:
            message = f"{self._max_uploaded} scenarios were uploaded already"
            raise InputError(Problem("too-many-scenarios", message))
        size = sum(len(source.text or "") for source in (*others, new))
        if size > self._max_bytes:
            message = f"all uploaded scenarios together would have {size} characters"
            expected = f"at most {self._max_bytes}"
            raise InputError(Problem("too-many-scenarios", message, expected=expected))


def _list_shipped() -> dict[str, ScenarioSource]:
    paths = sorted(resource_path("scenarios").glob("*.yaml"))
    return {path.stem: ScenarioSource("shipped", path) for path in paths}


def _is_file_in(path: Path, root: Path) -> bool:
    # A link that leads out of the folder would show files of the machine.
    return path.is_file() and path.resolve().is_relative_to(root)


def export_scenario(
    scenario: Scenario | None, seed: int, snapshot: Mapping[str, Any]
) -> dict[str, Json]:
    """Return a saved world as the data of a scenario that replays it."""
    data: dict[str, Json] = {"understudy": 1, "name": "exported"}
    if scenario is not None:
        data = {**scenario.data, "name": scenario.name}
    return {**data, "seed": seed, "world": dict(snapshot)}
