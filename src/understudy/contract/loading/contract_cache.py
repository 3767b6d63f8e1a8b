"""Loading of a contract through the cache on disk: a warm start parses and checks nothing."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from understudy.contract.loading.compiler import compile_contract
from understudy.contract.operation.compiled_contract import Contract
from understudy.contract.schema.validator import choose_backend
from understudy.disk_cache import DiskCache, build_key, hash_files
from understudy.errors import InputError, Place
from understudy.resources import resource_path

_PACKAGES = ("contract", "regexgen", "source")
"""The packages whose code decides what an entry holds."""


def load_cached_contract(
    path: Path | str | None = None,
    *,
    overlays: Sequence[Path] = (),
    backend: str | None = None,
    cache: DiskCache | None,
) -> Contract:
    """Load a contract as `load_contract` does, from the cache if its files are unchanged.

    `cache`: None reads the files anew. The result is the same: document, warnings and places of
    problems. A document with problems is never in the cache. Raises InputError as
    `load_contract` does.
    """
    files = (Path(path) if path else resource_path("openapi.yaml"), *overlays)
    if cache is None:
        return _load(files, backend)
    names = [name for file in files for name in (str(file), os.path.abspath(file))]
    key = build_key("contract", [choose_backend(backend), *names], _PACKAGES)
    entry = cache.read(key)
    if entry is not None:
        return _restore(entry, _LazyPlaces(files, backend), str(files[0]), backend)
    try:
        hashes = hash_files(files)
    except OSError:
        hashes = {}  # loading reports what is wrong with the file
    contract = _load(files, backend)
    if not hashes:
        return contract
    digest = sha256(repr([key, sorted(hashes.items())]).encode()).hexdigest()
    data = {"document": contract.document, "warnings": contract.warnings, "digest": digest}
    if not cache.write(key, data, hashes):
        return contract  # perhaps a file was saved meanwhile: the digest would be a wrong one
    return replace(contract, digest=digest)


def _load(files: Sequence[Path], backend: str | None) -> Contract:
    # Imported late: a warm start needs no parser and no checks.
    from understudy.contract.loading.contract_loader import load_contract

    path, *overlays = files
    return load_contract(path, overlays=overlays, backend=backend)


def _restore(entry: Any, places: "_LazyPlaces", file: str, backend: str | None) -> Contract:
    """Compile the checked document of an entry."""
    warnings = tuple(entry["warnings"])
    contract = compile_contract(entry["document"], places, file, backend=backend, warnings=warnings)
    return replace(contract, digest=entry["digest"])


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
