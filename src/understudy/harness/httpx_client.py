"""Transports for httpx (or httpx2) that pass requests to a stub in this process, without a socket.

The library is chosen at run time, so its classes and objects have no static types here.
"""

from collections.abc import AsyncIterator, Iterator
from functools import cache
from importlib import import_module
from ssl import create_default_context
from typing import Any

from understudy.harness.in_process import (
    ConnectionFailure,
    NoResponseError,
    ReceivedResponse,
    StubConnection,
    limit_wait,
    wait_for_part,
)

_NAMES = ("httpx2", "httpx")
"""The possible libraries; the first that is installed is used."""

Library = Any
"""The module httpx or httpx2."""
HttpxRequest = Any
"""A Request of the library."""
HttpxResponse = Any
"""A Response of the library."""


def httpx_client(
    connection: StubConnection | None,
    base_url: str,
    auth: tuple[str, str] | None,
    ca: str | None = None,
) -> Any:
    """Return a client for a world. Without a connection, the client uses sockets.

    It then trusts the authority `ca`. Raises ImportError if no library is installed.
    """
    library = _import_library()
    options = _trust(ca)
    if connection is not None:
        options["transport"] = _transport_class(library)(connection)
    # trust_env: a proxy of the machine must not change the calls.
    return library.Client(base_url=base_url, auth=auth, trust_env=False, **options)


def httpx_async_client(
    connection: StubConnection | None,
    base_url: str,
    auth: tuple[str, str] | None,
    ca: str | None = None,
) -> Any:
    """Return a client for asyncio and trio. Delays do not block the event loop."""
    library = _import_library()
    options = _trust(ca)
    if connection is not None:
        options["transport"] = _async_transport_class(library)(connection)
    return library.AsyncClient(base_url=base_url, auth=auth, trust_env=False, **options)


def _trust(ca: str | None) -> dict[str, Any]:
    """Return the options of a client that trusts an authority."""
    return {} if ca is None else {"verify": create_default_context(cafile=ca)}


def _import_library() -> Library:
    """Return the first installed library. Raise ImportError if there is none."""
    for name in _NAMES:
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise  # the library is installed, but one of its own imports is missing
    raise ImportError("ocp.httpx() needs the package httpx2 or httpx: pip install httpx2")


@cache
def _transport_class(library: Library) -> Any:
    """Build the transport class, a subclass of the library's own."""

    class StubTransport(library.BaseTransport):  # type: ignore[misc]  # the library is dynamic
        """A transport that passes requests to a stub in this process."""

        def __init__(self, connection: StubConnection) -> None:
            self._connection = connection

        def handle_request(self, request: HttpxRequest) -> HttpxResponse:
            """Send a request. Raises the exceptions that the library raises over a socket."""
            timeout_s = _read_timeout_s(request)
            body = request.read()
            try:
                received = self._connection.wait(*_convert_request(request, body), timeout_s)
            except NoResponseError as error:
                raise _convert_error(library, error, request) from error
            stream = Stream(received, request, timeout_s)
            return library.Response(
                received.status,
                headers=_encode_fields(received),
                stream=stream,
            )

    class Stream(library.SyncByteStream):  # type: ignore[misc]  # as above
        """The body of a response, in parts."""

        def __init__(
            self,
            received: ReceivedResponse,
            request: HttpxRequest,
            timeout_s: float | None,
        ) -> None:
            self._received = received
            self._request = request
            self._timeout_s = timeout_s

        def __iter__(self) -> Iterator[bytes]:
            for part in self._received.parts:
                try:
                    wait_for_part(part.wait, self._timeout_s)
                except NoResponseError as error:
                    raise _convert_error(library, error, self._request) from error
                yield part.data
            _check_complete(library, self._received, self._request)

    return StubTransport


@cache
def _async_transport_class(library: Library) -> Any:
    """Build the transport class for asyncio and trio."""

    class AsyncStubTransport(library.AsyncBaseTransport):  # type: ignore[misc]  # as above
        """A transport that passes requests to a stub in this process."""

        def __init__(self, connection: StubConnection) -> None:
            self._connection = connection

        async def handle_async_request(self, request: HttpxRequest) -> HttpxResponse:
            """Send a request. Raises the exceptions that the library raises over a socket."""
            timeout_s = _read_timeout_s(request)
            body = await request.aread()
            transmission = self._connection.send(*_convert_request(request, body))
            try:
                await _sleep(*limit_wait(transmission.delay, timeout_s))
                received = transmission.receive()
            except NoResponseError as error:
                raise _convert_error(library, error, request) from error
            stream = AsyncStream(received, request, timeout_s)
            return library.Response(
                received.status,
                headers=_encode_fields(received),
                stream=stream,
            )

    class AsyncStream(library.AsyncByteStream):  # type: ignore[misc]  # as above
        """The body of a response, in parts."""

        def __init__(
            self,
            received: ReceivedResponse,
            request: HttpxRequest,
            timeout_s: float | None,
        ) -> None:
            self._received = received
            self._request = request
            self._timeout_s = timeout_s

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for part in self._received.parts:
                try:
                    await _sleep(*limit_wait(part.wait, self._timeout_s))
                except NoResponseError as error:
                    raise _convert_error(library, error, self._request) from error
                yield part.data
            _check_complete(library, self._received, self._request)

    return AsyncStubTransport


async def _sleep(seconds: float, is_late: bool) -> None:
    """Sleep without blocking the event loop. Raise NoResponseError if the timeout ends the wait."""
    from anyio import sleep  # a dependency of httpx

    await sleep(seconds)
    if is_late:
        raise NoResponseError(ConnectionFailure.TIMEOUT)


def _convert_request(
    request: HttpxRequest,
    body: bytes,
) -> tuple[str, str, list[tuple[str, str]], bytes]:
    """Return method, request target, header fields and body."""
    headers = []
    for name, value in request.headers.raw:
        headers.append((name.decode("latin-1"), value.decode("latin-1")))
    return request.method, request.url.raw_path.decode("ascii"), headers, body


def _encode_fields(received: ReceivedResponse) -> list[tuple[bytes, bytes]]:
    """Return the header fields as bytes: the library would encode texts as ASCII."""
    fields = []
    for name, value in received.headers:
        fields.append((name.encode("latin-1"), value.encode("latin-1", "replace")))
    return fields


def _read_timeout_s(request: HttpxRequest) -> float | None:
    """Return the read timeout of a request in seconds, or None for no timeout."""
    timeout_s: float | None = request.extensions.get("timeout", {}).get("read")
    return timeout_s


def _convert_error(library: Library, error: NoResponseError, request: HttpxRequest) -> Exception:
    """Return the exception that the library raises over a socket."""
    match error.failure:
        case ConnectionFailure.TIMEOUT:
            kind, message = library.ReadTimeout, "timed out"
        case ConnectionFailure.EMPTY:
            kind = library.RemoteProtocolError
            message = "Server disconnected without sending a response."
        case _:
            kind, message = library.ReadError, "[Errno 104] Connection reset by peer"
    exception: Exception = kind(message, request=request)
    return exception


def _check_complete(library: Library, received: ReceivedResponse, request: HttpxRequest) -> None:
    """Raise the library's error for a body that is shorter than its Content-Length."""
    lengths = [value for name, value in received.headers if name == "Content-Length"]
    expected = int(lengths[0]) if lengths else 0
    if not expected or request.method == "HEAD" or received.status == 304:
        return
    count = len(received.body)
    if received.parts and count != expected:
        message = (
            "peer closed connection without sending complete message body "
            f"(received {count} bytes, expected {expected})"
        )
        raise library.RemoteProtocolError(message, request=request)
