"""Stamps of files: whether a file was saved since it was read."""

from collections.abc import Iterable
from pathlib import Path

FileStamp = tuple[int, int, int]
"""Modification time (ns), size, and inode: editors replace a file by a new one."""


def read_file_stamp(path: Path) -> FileStamp | None:
    """Return the stamp of a file; None while it does not exist."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


class FileStamps:
    """The stamps of files when they were last read, or when reading them was last tried."""

    def __init__(self) -> None:
        self._stamps: dict[Path, FileStamp | None] = {}

    def record(self, paths: Iterable[Path]) -> None:
        """Remember the present stamps of files that are about to be read."""
        self._stamps |= {path: read_file_stamp(path) for path in paths}

    def find_changed(self, paths: Iterable[Path]) -> tuple[Path, ...]:
        """Return the files that were saved since they were read.

        A missing file is being written by an editor: it counts when it is back.
        """
        stamps = {path: read_file_stamp(path) for path in paths}
        return tuple(
            path
            for path, stamp in stamps.items()
            if stamp is not None and stamp != self._stamps.get(path)
        )
