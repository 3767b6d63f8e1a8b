"""Whether a file has been saved since it was read."""

from pathlib import Path

FileStamp = tuple[int, int, int]
"""When it was changed, its size, and which file it is: editors move a new one into place."""


def read_file_stamp(path: Path) -> FileStamp | None:
    """Give how a file looks from outside, or None while it is away."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
