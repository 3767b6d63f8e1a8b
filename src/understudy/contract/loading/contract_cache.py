"""Loading of a contract through the cache on disk: a warm start parses and checks nothing."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from understudy.contract.loading.compiler import compile_contract
from understudy.contract.operation.compiled_contract import Contract
from understudy.contract.schema.validator import choose_backend
from understudy.disk_cache import DiskCache, build_key, hash_files
from understudy.errors import InputError, Place, Problem
from understudy.resources import resource_path

_PACKAGES = ("contract", "regexgen", "source")
"""The packages whose code decides what an entry holds."""


def load_cached_contract(
    path: Path | str | None = None,
    *,
    overlays: Sequence[Path] = (),
    backend: str | None = None,
    strict: bool = False,
    fetch_remote: bool = False,
    cache: DiskCache | None,
) -> Contract:
    """Load a contract as `load_contract` does, from the cache if its files are unchanged.

    `cache`: None reads the files anew. The result is the same: document, warnings and places of
    problems. A document that cannot be served is never in the cache, nor is one that consists of
    several files. Raises InputError as `load_contract` does.
    """
    files = (Path(path) if path else resource_path("openapi.yaml"), *overlays)
    if cache is None or fetch_remote:
        return _load(files, backend, strict=strict, fetch_remote=fetch_remote)
    names = [name for file in files for name in (str(file), os.path.abspath(file))]
    key = build_key("contract", [choose_backend(backend), *names], _PACKAGES)
    entry = cache.read(key)
    # A strict start reports the flaws of an entry as loading does.
    if entry is not None and not (strict and entry["warnings"]):
        return _restore(entry, _LazyPlaces(files, backend), files, backend)
    try:
        hashes = hash_files(files)
    except OSError:
        hashes = {}  # loading reports what is wrong with the file
    contract = _load(files, backend, strict=strict)
    # The other files were not known before they were read: they may have been saved meanwhile.
    if not hashes or set(contract.files) != set(files):
        return contract
    digest = sha256(repr([key, sorted(hashes.items())]).encode()).hexdigest()
    warnings = [asdict(warning) for warning in contract.warnings]
    data = {"document": contract.document, "warnings": warnings, "digest": digest}
    if not cache.write(key, data, hashes):
        return contract  # perhaps a file was saved meanwhile: the digest would be a wrong one
    return replace(contract, digest=digest)


def _load(
    files: Sequence[Path],
    backend: str | None,
    *,
    strict: bool = False,
    fetch_remote: bool = False,
) -> Contract:
    # Imported late: a warm start needs no parser and no checks.
    from understudy.contract.loading.contract_loader import load_contract

    path, *overlays = files
    return load_contract(
        path, overlays=overlays, backend=backend, strict=strict, fetch_remote=fetch_remote
    )


def _restore(
    entry: Any, places: "_LazyPlaces", files: Sequence[Path], backend: str | None
) -> Contract:
    """Compile the checked document of an entry."""
    warnings = tuple(_restore_problem(record) for record in entry["warnings"])
    file = str(files[0])
    contract = compile_contract(entry["document"], places, file, backend=backend, warnings=warnings)
    return replace(contract, digest=entry["digest"], files=tuple(dict.fromkeys(files)))


def _restore_problem(record: dict[str, Any]) -> Problem:
    place = record.pop("place")
    return Problem(**record, place=None if place is None else Place(**place))


@dataclass(slots=True)
class _LazyPlaces:
    """The places of a contract's nodes. The files are parsed when the first place is needed.

    If they have changed or are gone since, places are those of the present files, or have no
    lines.
    """

    files: Sequence[Path]
    backend: str | None
    _contract: Contract | None = None

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Return where a node was written; with `key`, the place of its name."""
        if self._contract is None:
            try:
                self._contract = _load(self.files, self.backend)
            except InputError:
                return Place(str(self.files[0]))
        return self._contract.tree.place(pointer, key=key)
