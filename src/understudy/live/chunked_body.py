"""A body in chunks, decoded piece by piece. Source: RFC 9112, section 7.1.

The receiver of waitress has no bound for the lines between the chunks, and copies what it has of a
line with each piece.
"""

import re
from enum import Enum, auto
from typing import Any

from waitress.buffers import OverflowableBuffer

from understudy.live.request_head import RejectedRequestError, split_field
from understudy.replay import StubProblem
from understudy.server.request_limits import (
    bad_request,
    body_too_large,
    check_fields,
    head_too_large,
)

MAX_LINE = 1024
"""The longest line with the size of a chunk and its extensions, in bytes with the line end."""
MAX_TRAILER = 8 * 1024
"""The longest trailer section, in bytes with all line ends."""

_BLANKS = rb"[ \t]*"
_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_QUOTED = rb'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"'
_EXTENSION = _BLANKS + b";" + _BLANKS + _TOKEN
_EXTENSION += b"(?:" + _BLANKS + b"=" + _BLANKS + b"(?:" + _TOKEN + b"|" + _QUOTED + b"))?"
_SIZE_LINE = re.compile(b"([0-9A-Fa-f]{1,16})(?:" + _EXTENSION + b")*\r\n")
_PLAIN_SIZE_LINE = re.compile(b"([0-9A-Fa-f]{1,16})\r\n")


class _Part(Enum):
    """What the next bytes are a part of."""

    SIZE = auto()
    DATA = auto()
    DATA_END = auto()
    TRAILER = auto()


class ChunkedBody:
    """Collects the data of the chunks; extensions and trailer fields are checked, then dropped.

    Has the interface of waitress' own receiver.
    """

    def __init__(self, buffer: OverflowableBuffer, max_bytes: int) -> None:
        self.completed = False
        self.error: RejectedRequestError | None = None
        self._buffer = buffer
        self._max_bytes = max_bytes
        self._part = _Part.SIZE
        self._size = 0
        """How many bytes all chunks have that were announced."""
        self._line = bytearray()
        """What has arrived of a line."""
        self._left = 0
        """How many bytes of the chunk have not arrived."""
        self._trailer_fields: list[tuple[str, str]] = []
        self._trailer_bytes = 0

    def __len__(self) -> int:
        return len(self._buffer)

    def received(self, data: bytes) -> int:
        """Decode a piece; return how many bytes of it belong to the body."""
        position = 0
        chunks: list[bytes] = []
        try:
            while position < len(data) and not self.completed:
                position = self._take(data, position, chunks)
        except StubProblem as problem:
            self.error = RejectedRequestError(problem)
            return len(data)
        if chunks:
            self._buffer.append(b"".join(chunks))
        return position

    def getfile(self) -> Any:
        """Return a file with the data."""
        return self._buffer.getfile()

    def getbuf(self) -> OverflowableBuffer:
        """Return the buffer with the data."""
        return self._buffer

    def _take(self, data: bytes, position: int, chunks: list[bytes]) -> int:
        """Take the next part of a piece; return where it ends. Raises StubProblem."""
        if self._part is _Part.DATA:
            chunk = data[position : position + self._left]
            chunks.append(chunk)
            self._left -= len(chunk)
            if not self._left:
                self._part = _Part.DATA_END
            return position + len(chunk)
        if self._part is _Part.SIZE and not self._line:
            end = self._take_whole_chunk(data, position, chunks)
            if end:
                return end
        end = data.find(b"\n", position) + 1 or len(data)
        self._line += data[position:end]
        self._check_length()
        if self._line.endswith(b"\n"):
            line = bytes(self._line)
            self._line.clear()
            self._take_line(line)
        return end

    def _take_whole_chunk(self, data: bytes, position: int, chunks: list[bytes]) -> int:
        """Take a chunk without extensions that is whole; return where it ends, or 0.

        This is quick: a client may send thousands of chunks of one byte. Raises StubProblem.
        """
        parts = _PLAIN_SIZE_LINE.match(data, position)
        if parts is None:
            return 0
        begin = parts.end()
        size = int(parts[1], 16)
        end = begin + size
        if not size or data[end : end + 2] != b"\r\n":
            return 0
        self._count(size)
        chunks.append(data[begin:end])
        return end + 2

    def _count(self, size: int) -> None:
        """Count the bytes of a chunk. Raises StubProblem."""
        self._size += size
        if self._size > self._max_bytes:
            raise body_too_large()

    def _check_length(self) -> None:
        """Check the length of a line that may go on. Raises StubProblem."""
        size = len(self._line)
        match self._part:
            case _Part.SIZE if size > MAX_LINE:
                raise bad_request(f"The line of a chunk has more than {MAX_LINE} bytes.")
            case _Part.DATA_END if size > 2 or not b"\r\n".startswith(self._line):
                raise bad_request("A chunk is longer than its size.")
            case _Part.TRAILER if self._trailer_bytes + size > MAX_TRAILER:
                raise head_too_large(f"Trailer fields have at most {MAX_TRAILER} bytes.")

    def _take_line(self, line: bytes) -> None:
        """Take a whole line. Raises StubProblem."""
        match self._part:
            case _Part.SIZE:
                self._begin_chunk(line)
            case _Part.DATA_END:
                self._part = _Part.SIZE
            case _Part.TRAILER:
                self._take_trailer(line)

    def _begin_chunk(self, line: bytes) -> None:
        """Begin the chunk that a line announces, or the trailer. Raises StubProblem."""
        parts = _SIZE_LINE.fullmatch(line)
        if parts is None:
            raise bad_request("Malformed chunk; expected its size in hexadecimal digits.")
        self._left = int(parts[1], 16)
        self._count(self._left)
        self._part = _Part.DATA if self._left else _Part.TRAILER

    def _take_trailer(self, line: bytes) -> None:
        """Take a trailer field, or the empty line at the end. Raises StubProblem."""
        self._trailer_bytes += len(line)
        if line == b"\r\n":
            check_fields(self._trailer_fields)
            self.completed = True
        elif line.endswith(b"\r\n"):
            self._trailer_fields.append(split_field(line[:-2]))
        else:
            raise bad_request("Expected lines that end with CR LF; one has a bare LF.")
