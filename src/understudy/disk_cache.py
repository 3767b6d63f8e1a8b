"""A cache on disk in the user's cache folder, for results that take long to compute.

An entry is JSON, so that reading one never runs code. It is valid while the files that it was
computed from have the same content, and the code that computed it is the same. Whatever is wrong
with the folder or an entry, the cache only finds nothing: it is never needed.
"""

import contextlib
import json
import logging
import os
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

log = logging.getLogger("understudy")

MAX_FILES = 64
"""How many entries stay; the oldest go."""
MAX_BYTES = 64 * 1024 * 1024
"""How many bytes all entries may have."""
_MAX_ENTRY_BYTES = MAX_BYTES // 4
_SUFFIX = ".json"
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_LIBRARIES = ("jsonschema", "jsonschema_rs", "referencing", "regex", "yaml")
"""The libraries that take part in the computation of entries."""


def find_cache_folder(environment: Mapping[str, str], platform: str = sys.platform) -> Path | None:
    """Return the folder of the cache, which may not exist yet; None where a user has none.

    UNDERSTUDY_NO_CACHE, set to anything, turns the cache off. Source: XDG Base Directory
    Specification 0.8, which ignores relative paths; the systems' own rules for macOS and Windows.
    """
    if environment.get("UNDERSTUDY_NO_CACHE"):
        return None
    configured = environment.get("XDG_CACHE_HOME", "")
    if os.path.isabs(configured):
        return Path(configured) / "understudy"
    if platform == "win32":
        local = environment.get("LOCALAPPDATA", "")
        return Path(local) / "understudy" / "cache" if local else None
    home = environment.get("HOME", "")
    if not os.path.isabs(home):
        return None
    caches = "Library/Caches" if platform == "darwin" else ".cache"
    return Path(home) / caches / "understudy"


def open_cache(environment: Mapping[str, str] | None = None) -> "DiskCache | None":
    """Return the user's cache, by default that of the process's environment; None: there is none.

    A folder that belongs to another user, or in which others can write, is ignored with a line in
    the log.
    """
    folder = find_cache_folder(os.environ if environment is None else environment)
    if folder is None:
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        reason = _find_distrust(os.lstat(folder))
    except OSError:
        return None
    if reason:
        log.warning("the cache folder %s is ignored: %s", folder, reason)
        return None
    return DiskCache(folder)


def _find_distrust(status: os.stat_result) -> str:
    """Return why a folder or file cannot be trusted, or an empty text."""
    if stat.S_ISLNK(status.st_mode):
        return "it is a symbolic link"
    if not hasattr(os, "geteuid"):
        return ""  # Windows: the folder is in the user's profile
    if status.st_uid != os.geteuid():
        return "it belongs to another user"
    if status.st_mode & _WRITABLE_BY_OTHERS:
        return "other users can write in it"
    return ""


@dataclass(frozen=True, slots=True)
class DiskCache:
    """Entries in a folder. Processes can read and write at the same time."""

    folder: Path
    max_files: int = MAX_FILES
    max_bytes: int = MAX_BYTES

    def read(self, key: str) -> Any:
        """Return the data of an entry; None if there is none whose files are unchanged."""
        path = self.folder / f"{key}{_SUFFIX}"
        try:
            with path.open("rb") as file:
                if _find_distrust(os.fstat(file.fileno())):
                    return None
                checksum, _, text = file.read(_MAX_ENTRY_BYTES).partition(b"\n")
            if checksum.decode() != sha256(text).hexdigest():
                return None
            entry = json.loads(text)
            if entry["files"] != hash_files(entry["files"]):
                return None
            os.utime(path)  # the oldest entries are those that were not used
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return None
        return entry["data"]

    def write(self, key: str, data: object, hashes: Mapping[str, str]) -> bool:
        """Write an entry, whole or not at all, and remove the oldest ones beyond the bounds.

        Returns whether it was written.

        `hashes` are those of the files that the data was computed from, as `hash_files` returned
        them before these were read. If a file was saved since, nothing is written: the data may be
        that of the new content. Data that JSON cannot express is not written either.
        """
        try:
            if hash_files(hashes) != hashes:
                return False
            text = json.dumps({"files": dict(hashes), "data": data}).encode()
        except (OSError, TypeError, ValueError, RecursionError):
            return False
        if len(text) + 65 > _MAX_ENTRY_BYTES:
            return False
        path = self.folder / f"{key}{_SUFFIX}"
        temporary = self.folder / f".{key}.{os.getpid()}-{os.urandom(4).hex()}"
        try:
            with open(temporary, "xb", opener=_open_private) as file:
                file.write(sha256(text).hexdigest().encode() + b"\n" + text)
            os.replace(temporary, path)
            self._remove_oldest()
        except OSError:
            # A folder that cannot be written, a full disk: the next start computes again.
            with contextlib.suppress(OSError):
                temporary.unlink()
            return False
        return True

    def _remove_oldest(self) -> None:
        """Remove the least recently used files beyond the bounds, abandoned ones included."""
        sizes: list[tuple[float, int, str]] = []
        for entry in os.scandir(self.folder):
            with contextlib.suppress(FileNotFoundError):  # another process removed it
                status = entry.stat(follow_symlinks=False)
                sizes.append((status.st_mtime, status.st_size, entry.path))
        total = 0
        for number, (_, size, path) in enumerate(sorted(sizes, reverse=True)):
            total += size
            if number >= self.max_files or total > self.max_bytes:
                with contextlib.suppress(OSError):
                    os.unlink(path)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def hash_files(files: Iterable[str | Path]) -> dict[str, str]:
    """Return the SHA-256 of each file by its name. Raises OSError for one that cannot be read."""
    return {str(file): sha256(Path(file).read_bytes()).hexdigest() for file in files}


def build_key(kind: str, parts: Sequence[str], packages: Sequence[str]) -> str:
    """Return the key of an entry.

    `parts` are what the data depends on beside the content of files. `packages` are the packages
    of this project that compute the data: after an edit of their code the key is another one.
    """
    stamp = [sys.version, *_stamp_code(tuple(packages))]
    text = json.dumps([kind, list(parts), stamp])
    return f"{kind}-{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


@cache
def _stamp_code(packages: tuple[str, ...]) -> tuple[str, ...]:
    """Return name, size and time of each module of the packages, and of the libraries."""
    root = Path(__file__).parent
    # The package has its version in `__init__.py`, and this module the form of entries.
    stamps = [_stamp_file(str(root / "__init__.py")), _stamp_file(__file__)]
    for package in packages:
        for folder, _, names in os.walk(root / package):
            stamps += [_stamp_file(os.path.join(folder, name)) for name in names]
    for library in _LIBRARIES:
        spec = find_spec(library)
        # Stamps stand for versions: reading those from the metadata takes longer than the cache.
        stamps.append(_stamp_file(spec.origin) if spec and spec.origin else library)
    return tuple(sorted(stamps))


def _stamp_file(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return path
    return f"{path} {status.st_size} {status.st_mtime_ns}"
