"""Stamps of files: whether a file was saved since it was read; the results of reading it again."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from understudy.errors import Problem
from understudy.replay.world_setup import DroppedCommand

_MAX_DROPPED = 100
"""How many dropped commands are remembered."""

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


@dataclass(frozen=True, slots=True)
class ReloadStatus:
    """The results of reloads since the server started."""

    count: int = 0
    """How often contract or scenarios were reloaded."""
    problems: tuple[Problem, ...] = ()
    """Why the last reload failed and changed nothing; empty when it succeeded."""
    dropped: tuple[DroppedCommand, ...] = field(default=(), repr=False)
    """The commands that new scenarios forbade, the last hundred."""

    def with_dropped(self, commands: Iterable[DroppedCommand]) -> "ReloadStatus":
        """Return the status with more dropped commands."""
        return replace(self, dropped=(*self.dropped, *commands)[-_MAX_DROPPED:])

    def without_world(self, name: str) -> "ReloadStatus":
        """Return the status without the dropped commands of a world."""
        dropped = tuple(command for command in self.dropped if command.world != name)
        return replace(self, dropped=dropped)
