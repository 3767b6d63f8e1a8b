"""A connection to a stub in this process: what a socket would carry, without a socket.

The adapters for `requests` and `httpx` use it. They raise the errors of their libraries for broken
connections. The WSGI transports that exist (`httpx.WSGITransport`, requests-wsgi-adapter) know
neither broken connections, nor delays, nor timeouts.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from threading import Event

from understudy.messages import Delivery, Ending, Headers, Request, Response
from understudy.replay import StubProblem
from understudy.server.cross_origin import CrossOrigin
from understudy.server.request_limits import check_limits, decode_body

Fields = tuple[tuple[str, str], ...]
"""Header fields in the order of the wire."""

_SERVER = "understudy"
"""The value of the header field Server, as the production server sends it."""


class ConnectionFailure(Enum):
    """Why a client gets no response. The values of the first two are those of `Ending`."""

    RESET = "reset"
    EMPTY = "empty"
    TIMEOUT = "timeout"


class NoResponseError(Exception):
    """The connection broke, or the client's timeout is over.

    Adapters convert it to their library's error.
    """

    def __init__(self, failure: ConnectionFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class BodyPart:
    """A part of a body, and the time before it comes."""

    wait: timedelta
    data: bytes


@dataclass(frozen=True, slots=True)
class ReceivedResponse:
    """What a client receives. The body may be shorter than Content-Length says."""

    status: int
    headers: Fields
    parts: tuple[BodyPart, ...]

    @property
    def body(self) -> bytes:
        """The bytes of the body that are sent."""
        return b"".join(part.data for part in self.parts)


@dataclass(frozen=True, slots=True)
class Transmission:
    """The outcome of a request: nothing for `delay`, then a response or a broken connection."""

    delay: timedelta
    outcome: ReceivedResponse | ConnectionFailure

    def receive(self) -> ReceivedResponse:
        """Return the response. Raise NoResponseError if the connection breaks instead."""
        if isinstance(self.outcome, ConnectionFailure):
            raise NoResponseError(self.outcome)
        return self.outcome


class StubConnection:
    """Sends requests to a stub in this process."""

    def __init__(
        self, handle: Callable[[Request], Response], cross_origin: CrossOrigin | None = None
    ) -> None:
        """Take what answers a request: the method `handle` of a stub, or a RepeatingHandler.

        With `cross_origin`, calls with an Origin are answered like those of a page on a socket.
        """
        self._handle = handle
        self._cross_origin = cross_origin

    def send(
        self,
        method: str,
        target: str,
        headers: Iterable[tuple[str, str]],
        body: bytes,
    ) -> Transmission:
        """Send a request, and return its outcome without waiting.

        `target` is the request target as on the wire: path and query as the client has encoded
        them.
        """
        # RFC 9110, 5.5: blanks around a value are not a part of it.
        fields = [(name, value.strip(" \t")) for name, value in headers]
        response = self._answer(Request.of(method, target, headers=fields, body=body))
        delivery = response.delivery or Delivery()
        match delivery.ending:
            case Ending.RESET:
                return Transmission(delivery.delay, ConnectionFailure.RESET)
            case Ending.EMPTY:
                return Transmission(delivery.delay, ConnectionFailure.EMPTY)
        body = _select_sent_body(method, response, delivery)
        received = ReceivedResponse(
            response.status,
            _build_fields(response),
            tuple(_split_body(body, delivery)),
        )
        return Transmission(delivery.delay, received)

    def _answer(self, request: Request) -> Response:
        """Answer a request as the server on a socket does, with its fields for pages (CORS)."""
        page = None
        if self._cross_origin is not None:
            page = self._cross_origin.find_page(request)
        if page is None:
            return self._answer_within_limits(request)
        if page.is_preflight:
            return page.answer_preflight()
        response = self._answer_within_limits(request)
        fields = (*response.headers, *page.fields_beside(response.headers))
        return replace(response, headers=Headers(fields))

    def _answer_within_limits(self, request: Request) -> Response:
        """Answer a request, with the bounds and content codings of the server on a socket."""
        try:
            check_limits(request)
            message = decode_body(request)
        except StubProblem as problem:
            return problem.to_response()
        return self._handle(message)

    def wait(
        self,
        method: str,
        target: str,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        timeout_s: float | None,
    ) -> ReceivedResponse:
        """Send a request, and wait for the response like a client with a timeout.

        `timeout_s` None means no timeout. Raises NoResponseError.
        """
        transmission = self.send(method, target, headers, body)
        wait_for_part(transmission.delay, timeout_s)
        return transmission.receive()


def wait_for_part(delay: timedelta, timeout_s: float | None) -> None:
    """Wait on the wall clock.

    Raise NoResponseError after `timeout_s`, if that is shorter than the delay.
    """
    seconds, is_late = limit_wait(delay, timeout_s)
    if seconds:
        Event().wait(seconds)
    if is_late:
        raise NoResponseError(ConnectionFailure.TIMEOUT)


def limit_wait(delay: timedelta, timeout_s: float | None) -> tuple[float, bool]:
    """Return how many seconds a client waits, and whether its timeout ends the wait."""
    seconds = delay.total_seconds()
    if timeout_s is not None and seconds > timeout_s:
        return timeout_s, True
    return seconds, False


class BodyStream(io.RawIOBase):
    """A readable stream of a response.

    A part that is late raises TimeoutError, as a socket does.
    """

    def __init__(self, head: bytes, parts: Iterable[BodyPart], timeout_s: float | None) -> None:
        """Take the bytes that come at once, and the parts that follow."""
        self._buffered = head
        self._parts: Iterator[BodyPart] = iter(parts)
        self._timeout_s = timeout_s

    def readable(self) -> bool:
        """Return True: the stream can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # BufferedReader passes one
        """Copy the next bytes into the buffer, and return their number; 0 at the end."""
        while not self._buffered:
            part = next(self._parts, None)
            if part is None:
                return 0
            try:
                wait_for_part(part.wait, self._timeout_s)
            except NoResponseError as error:
                raise TimeoutError("timed out") from error
            self._buffered = part.data
        count = min(len(buffer), len(self._buffered))
        buffer[:count] = self._buffered[:count]
        self._buffered = self._buffered[count:]
        return count


def read_body(body: object) -> bytes:
    """Return the bytes of a request body of a client library.

    The libraries accept None, a text (sent as UTF-8), bytes, a file, and an iterable of these.
    """
    match body:
        case None:
            return b""
        case str():
            return body.encode("utf-8")
        case bytes() | bytearray() | memoryview():
            return bytes(body)
    read = getattr(body, "read", None)
    if read is not None:
        return read_body(read())
    if isinstance(body, Iterable):
        return b"".join(read_body(part) for part in body)
    raise TypeError(
        f"a body must be a text, bytes, a file or an iterable, not {type(body).__name__}"
    )


def _select_sent_body(method: str, response: Response, delivery: Delivery) -> bytes:
    """Return the bytes of the body that are sent: none, a part for TRUNCATE, or all."""
    if _is_bodyless(method, response.status):
        return b""
    body = response.body
    if body and delivery.ending is Ending.TRUNCATE:
        return body[: max(0, min(delivery.sent_bytes, len(body) - 1))]
    return body


def _is_bodyless(method: str, status: int) -> bool:
    """Return whether the message ends with its header fields (RFC 9112, section 6.3)."""
    return method.upper() == "HEAD" or status in (204, 304) or status < 200


def _build_fields(response: Response) -> Fields:
    """Return the header fields of a response, with those that the production server adds."""
    fields = [*response.headers.fields]
    if not _is_bodyless("GET", response.status):  # RFC 9110, section 8.6: no Content-Length
        fields.append(("Content-Length", str(len(response.body))))
    fields.append(("Server", _SERVER))
    return tuple(fields)


def _split_body(body: bytes, delivery: Delivery) -> Iterator[BodyPart]:
    """Yield the parts of a body: as many as the delivery says, with equal times between them."""
    count = min(delivery.chunks, len(body))
    if count <= 1:
        yield BodyPart(timedelta(0), body)
        return
    gap = delivery.spread_over / (count - 1)
    for number in range(count):
        start = number * len(body) // count
        end = (number + 1) * len(body) // count
        wait = gap if number else timedelta(0)
        yield BodyPart(wait, body[start:end])
