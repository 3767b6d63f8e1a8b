"""The standard streams of the command: what they cannot show is escaped, a failure is one line.

A stream may have an encoding without our characters (Windows, `LANG=C`), be closed (`>&-`), full
(`/dev/full`), or a pipe whose reader has gone (`| head -1`).
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

from understudy.escapes import register_escapes

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_STDERR = 2
"""The last of the standard file descriptors."""


class OutputError(Exception):
    """The standard output cannot be written.

    It is not an `OSError`, which click takes for its own when a pipe breaks.
    """


def prepare_streams() -> None:
    """Make the standard streams escape what they cannot encode, and report failures.

    After that, a failure of standard output raises OutputError, and one of standard error is
    ignored: no one could read about it. Raises OutputError when standard output is closed.
    Streams that a test has replaced stay as they are.
    """
    is_closed = sys.stdout is None  # Python's own mark of a closed stream
    _occupy_closed_descriptors()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until the end
    if is_closed:
        raise OutputError("it is closed")
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout is sys.__stdout__:
        sys.stdout = _wrap(sys.stdout, is_essential=True)
    if isinstance(sys.stderr, io.TextIOWrapper) and sys.stderr is sys.__stderr__:
        sys.stderr = _wrap(sys.stderr, is_essential=False)


def report_output_error(error: OutputError) -> None:
    """Print one line about the failure."""
    sys.stdout = None  # Python would flush it at the end, and fail again
    sys.stderr.write(f"cannot write to the standard output: {error}\n")
    sys.stderr.flush()


def _occupy_closed_descriptors() -> None:
    """Open the null device on the closed standard descriptors.

    Otherwise the next file or socket would get the number, and the log of calls be written to it.
    """
    opened = os.open(os.devnull, os.O_RDWR)
    while opened <= _STDERR:
        opened = os.open(os.devnull, os.O_RDWR)
    os.close(opened)


def _discard(descriptor: int) -> None:
    with suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, descriptor)
        os.close(null)


def _wrap(stream: io.TextIOWrapper, *, is_essential: bool) -> TextIO:
    """Return a text stream over the same file, with escapes and our errors."""
    stream.flush()
    return io.TextIOWrapper(  # type: ignore[type-var]  # the stubs want methods of a reader
        _CheckedOutput(stream.buffer, is_essential=is_essential),
        encoding=stream.encoding,
        errors=register_escapes(),
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


class _CheckedOutput(io.BufferedIOBase):
    """A stream of bytes whose failures raise OutputError, or are ignored."""

    def __init__(self, stream: Any, *, is_essential: bool) -> None:
        self._stream = stream
        self._is_essential = is_essential
        self._failure = ""
        """Why a write failed. It is raised again and again: click swallows it when it probes."""

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        with self._check():
            self._stream.write(data)
        return memoryview(data).nbytes

    def flush(self) -> None:
        with self._check():
            self._stream.flush()

    @contextmanager
    def _check(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            # What the buffer still holds is written when Python exits, and would fail again.
            _discard(self.fileno())
            self._failure = error.strerror or str(error)
        if self._failure and self._is_essential:
            raise OutputError(self._failure)

    def isatty(self) -> bool:
        return bool(self._stream.isatty())

    def fileno(self) -> int:
        return int(self._stream.fileno())
