"""A stub as a client in the same process sees it: what a socket would carry, without one."""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from threading import Event

from understudy.messages import Delivery, Ending, Request, Response

Fields = tuple[tuple[str, str], ...]
IDENT = "understudy"
"""What the production server says of itself."""


class Lost(Enum):
    """Why a client gets no answer."""

    RESET = "reset"
    EMPTY = "empty"
    LATE = "late"


class NoAnswerError(Exception):
    """The connection broke, or the client has waited long enough. The adapters tell it in their library's words."""

    def __init__(self, lost: Lost) -> None:
        super().__init__(lost.value)
        self.lost = lost


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a body, and how long it lets wait for it."""

    wait: timedelta
    data: bytes


@dataclass(frozen=True, slots=True)
class Got:
    """What a client gets: header fields at once, the body in pieces. It may be shorter than Content-Length says."""

    status: int
    headers: Fields
    pieces: tuple[Piece, ...]

    @property
    def body(self) -> bytes:
        """What is sent of the body."""
        return b"".join(piece.data for piece in self.pieces)


class Inside:
    """Sends requests to a stub in this process. `handle` is the stub's."""

    def __init__(self, handle: Callable[[Request], Response]) -> None:
        self._handle = handle

    def send(
        self, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes
    ) -> tuple[timedelta, Got]:
        """Give how long nothing is sent, and what comes then. Raises NoAnswerError where nothing comes, and it is not
        late.

        `target` is what would stand on the wire: path and query as the client has encoded them.
        """
        response = self._handle(Request.of(method, target, headers=headers, body=body))
        delivery = response.delivery or Delivery()
        sent = b"" if _is_bodyless(method, response.status) else response.body
        ending = delivery.ending if sent or delivery.ending is not Ending.TRUNCATE else Ending.WHOLE
        if ending is Ending.TRUNCATE:
            sent = sent[: max(0, min(delivery.keep, len(sent) - 1))]
        length = () if response.status == 204 else (("Content-Length", str(len(response.body))),)
        fields = (*response.headers.fields, *length, ("Server", IDENT))
        got = Got(response.status, fields, tuple(_pieces(sent, delivery)))
        if ending in (Ending.RESET, Ending.EMPTY):
            return delivery.delay, Got(0, (("Lost", Lost(ending.value).value),), ())
        return delivery.delay, got

    def wait(
        self,
        method: str,
        target: str,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        most_s: float | None,
    ) -> Got:
        """Send, and wait as long as a client waits: `most_s` seconds, None for ever. Raises NoAnswerError."""
        delay, got = self.send(method, target, headers, body)
        pause(delay, most_s)
        return checked(got)


def checked(got: Got) -> Got:
    """Give what came. Raises NoAnswerError when that was nothing."""
    if not got.status:
        raise NoAnswerError(Lost(got.headers[0][1]))
    return got


def pause(delay: timedelta, most_s: float | None) -> None:
    """Wait for a time of the wall clock. Raises NoAnswerError when a client waits no longer than `most_s`."""
    seconds = delay.total_seconds()
    late = most_s is not None and seconds > most_s
    waited = most_s if late else seconds
    if waited:
        Event().wait(waited)
    if late:
        raise NoAnswerError(Lost.LATE)


class Body(io.RawIOBase):
    """A body to read, which comes in its pieces. A piece that is late raises TimeoutError, as a socket does."""

    def __init__(self, before: bytes, pieces: Iterable[Piece], most_s: float | None) -> None:
        self._left = before
        self._pieces: Iterator[Piece] = iter(pieces)
        self._most_s = most_s

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader gives
        """Read what has come."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            try:
                pause(piece.wait, self._most_s)
            except NoAnswerError as error:
                raise TimeoutError("timed out") from error
            self._left = piece.data
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def bytes_of(body: object) -> bytes:
    """Give the bytes of what a client takes for a body: nothing, a text, bytes, a file, or pieces."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode("utf-8")
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    read = getattr(body, "read", None)
    if read is not None:
        return bytes_of(read())
    assert isinstance(body, Iterable)  # noqa: S101 - the libraries take nothing else
    return b"".join(bytes_of(part) for part in body)


def _is_bodyless(method: str, status: int) -> bool:
    """Tell whether the message ends with its header fields (RFC 9112 6.3)."""
    return method.upper() == "HEAD" or status in (204, 304) or status < 200


def _pieces(body: bytes, delivery: Delivery) -> Iterator[Piece]:
    count = min(delivery.pieces, len(body))
    if count <= 1:
        yield Piece(timedelta(0), body)
        return
    gap = delivery.over / (count - 1)
    for number in range(count):
        part = body[number * len(body) // count : (number + 1) * len(body) // count]
        yield Piece(gap if number else timedelta(0), part)
