"""Scenario files in the cache on disk: their data, once all checks have passed.

A warm start parses no YAML and checks nothing again. Tasks and rules are built from the data as
after a cold start.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from understudy.contract import Contract
from understudy.disk_cache import DiskCache, build_key, hash_files
from understudy.errors import Place

_PACKAGES = ("contract", "ocp", "regexgen", "rules", "scenario", "source")
"""The packages whose code takes part in the checks."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """The data of a file without problems; without lines, which only problems need."""

    file: str
    data: Any

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Return the file."""
        return Place(self.file)


class ScenarioCache:
    """The entry of one scenario file that is checked against one contract."""

    def __init__(self, cache: DiskCache, path: Path, contract: Contract) -> None:
        parts = [str(path), os.path.abspath(path), contract.digest]
        self._cache, self._path = cache, path
        self._key = build_key("scenario", parts, _PACKAGES)

    def read(self) -> CheckedFile | None:
        """Return the data of the file, if exactly this file passed the checks."""
        data = self._cache.read(self._key)
        if data is None:
            return None
        return CheckedFile(str(self._path), data)

    def hash_file(self) -> dict[str, str]:
        """Return the hash of the file, before it is read; empty if it cannot be read."""
        try:
            return hash_files([self._path])
        except OSError:
            return {}

    def write(self, data: object, hashes: dict[str, str]) -> None:
        """Write the data of a file that passed the checks."""
        if hashes:
            self._cache.write(self._key, data, hashes)


def open_scenario_cache(
    cache: DiskCache | None, path: Path, contract: Contract | None
) -> ScenarioCache | None:
    """Return the entry of a file; None without a cache, and for a contract that is not in it."""
    if cache is None or contract is None or not contract.digest:
        return None
    return ScenarioCache(cache, path, contract)
