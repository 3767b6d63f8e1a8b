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


class ConnectionFailure(Enum):
    """Why a client gets no answer."""

    RESET = "reset"
    EMPTY = "empty"
    TIMEOUT = "late"


class NoResponseError(Exception):
    """The connection broke, or the client has waited long enough. The adapters tell it in their library's words."""

    def __init__(self, lost: ConnectionFailure) -> None:
        super().__init__(lost.value)
        self.failure = lost


@dataclass(frozen=True, slots=True)
class BodyPart:
    """A part of a body, and how long it lets wait for it."""

    wait: timedelta
    data: bytes


@dataclass(frozen=True, slots=True)
class ReceivedResponse:
    """What a client gets: header fields at once, the body in pieces. It may be shorter than Content-Length says."""

    status: int
    headers: Fields
    parts: tuple[BodyPart, ...]

    @property
    def body(self) -> bytes:
        """What is sent of the body."""
        return b"".join(piece.data for piece in self.parts)


class StubConnection:
    """Sends requests to a stub in this process. `handle` is the stub's."""

    def __init__(self, handle: Callable[[Request], Response]) -> None:
        self._handle = handle

    def send(
        self, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes
    ) -> tuple[timedelta, ReceivedResponse]:
        """Give how long nothing is sent, and what comes then. Raises NoAnswerError where nothing comes, and it is not
        late.

        `target` is what would stand on the wire: path and query as the client has encoded them.
        """
        response = self._handle(Request.of(method, target, headers=headers, body=body))
        delivery = response.delivery or Delivery()
        sent = b"" if _is_bodyless(method, response.status) else response.body
        ending = delivery.ending if sent or delivery.ending is not Ending.TRUNCATE else Ending.WHOLE
        if ending is Ending.TRUNCATE:
            sent = sent[: max(0, min(delivery.sent_bytes, len(sent) - 1))]
        length = () if response.status == 204 else (("Content-Length", str(len(response.body))),)
        fields = (*response.headers.fields, *length, ("Server", IDENT))
        got = ReceivedResponse(response.status, fields, tuple(_pieces(sent, delivery)))
        if ending in (Ending.RESET, Ending.EMPTY):
            return delivery.delay, ReceivedResponse(
                0, (("Lost", ConnectionFailure(ending.value).value),), ()
            )
        return delivery.delay, got

    def wait(
        self,
        method: str,
        target: str,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        most_s: float | None,
    ) -> ReceivedResponse:
        """Send, and wait as long as a client waits: `most_s` seconds, None for ever. Raises NoAnswerError."""
        delay, got = self.send(method, target, headers, body)
        wait_for_part(delay, most_s)
        return require_response(got)


def require_response(got: ReceivedResponse) -> ReceivedResponse:
    """Give what came. Raises NoAnswerError when that was nothing."""
    if not got.status:
        raise NoResponseError(ConnectionFailure(got.headers[0][1]))
    return got


def wait_for_part(delay: timedelta, most_s: float | None) -> None:
    """Wait for a time of the wall clock. Raises NoAnswerError when a client waits no longer than `most_s`."""
    seconds = delay.total_seconds()
    late = most_s is not None and seconds > most_s
    waited = most_s if late else seconds
    if waited:
        Event().wait(waited)
    if late:
        raise NoResponseError(ConnectionFailure.TIMEOUT)


class BodyStream(io.RawIOBase):
    """A body to read, which comes in its pieces. A piece that is late raises TimeoutError, as a socket does."""

    def __init__(self, before: bytes, pieces: Iterable[BodyPart], most_s: float | None) -> None:
        self._left = before
        self._pieces: Iterator[BodyPart] = iter(pieces)
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
                wait_for_part(piece.wait, self._most_s)
            except NoResponseError as error:
                raise TimeoutError("timed out") from error
            self._left = piece.data
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def read_body(body: object) -> bytes:
    """Give the bytes of what a client takes for a body: nothing, a text, bytes, a file, or pieces."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode("utf-8")
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    read = getattr(body, "read", None)
    if read is not None:
        return read_body(read())
    assert isinstance(body, Iterable)  # noqa: S101 - the libraries take nothing else
    return b"".join(read_body(part) for part in body)


def _is_bodyless(method: str, status: int) -> bool:
    """Tell whether the message ends with its header fields (RFC 9112 6.3)."""
    return method.upper() == "HEAD" or status in (204, 304) or status < 200


def _pieces(body: bytes, delivery: Delivery) -> Iterator[BodyPart]:
    count = min(delivery.chunks, len(body))
    if count <= 1:
        yield BodyPart(timedelta(0), body)
        return
    gap = delivery.spread_over / (count - 1)
    for number in range(count):
        part = body[number * len(body) // count : (number + 1) * len(body) // count]
        yield BodyPart(gap if number else timedelta(0), part)
