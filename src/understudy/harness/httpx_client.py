"""`httpx` (of httpx2, or httpx) without a socket: transports that hand requests to a stub in this process."""

from collections.abc import AsyncIterator, Iterator
from functools import cache
from importlib import import_module
from typing import Any

from understudy.harness.in_process import (
    ConnectionFailure,
    NoResponseError,
    ReceivedResponse,
    StubConnection,
    require_response,
    wait_for_part,
)

_NAMES = ("httpx2", "httpx")


def httpx_client(inside: StubConnection | None, base_url: str, auth: tuple[str, str] | None) -> Any:
    """Give a client for a world; without a socket, unless `inside` is None. Raises ImportError without the library."""
    library = _library()
    transport = {"transport": _transport(library)(inside)} if inside is not None else {}
    return library.Client(base_url=base_url, auth=auth, trust_env=False, **transport)


def httpx_async_client(
    inside: StubConnection | None, base_url: str, auth: tuple[str, str] | None
) -> Any:
    """Give the same for asyncio and trio: delays do not hold up the loop."""
    library = _library()
    transport = {"transport": _async_transport(library)(inside)} if inside is not None else {}
    return library.AsyncClient(base_url=base_url, auth=auth, trust_env=False, **transport)


def _library() -> Any:
    for name in _NAMES:
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
    raise ImportError("ocp.httpx() needs the package httpx2 or httpx: pip install httpx2")


@cache
def _transport(library: Any) -> Any:
    """Make the class, which has to be the library's own."""

    class InsideTransport(library.BaseTransport):  # type: ignore[misc]  # of a library that is chosen at run time
        """Hands requests to a stub in this process."""

        def __init__(self, inside: StubConnection) -> None:
            self._inside = inside

        def handle_request(self, request: Any) -> Any:
            """Send a request. Raises what the library raises over a socket."""
            most_s = _most_s(request)
            try:
                got = self._inside.wait(*_asked(request, request.read()), most_s)
            except NoResponseError as error:
                raise _told(library, error, request) from error
            return library.Response(
                got.status, headers=_fields(got), stream=Stream(got, request, most_s)
            )

    class Stream(library.SyncByteStream):  # type: ignore[misc]  # as above
        """A body that comes in pieces."""

        def __init__(self, got: ReceivedResponse, request: Any, most_s: float | None) -> None:
            self._got, self._request, self._most_s = got, request, most_s

        def __iter__(self) -> Iterator[bytes]:
            for piece in self._got.parts:
                try:
                    wait_for_part(piece.wait, self._most_s)
                except NoResponseError as error:
                    raise _told(library, error, self._request) from error
                yield piece.data
            _check_whole(library, self._got, self._request)

    return InsideTransport


@cache
def _async_transport(library: Any) -> Any:
    """Make the class for asyncio and trio."""

    class AsyncInsideTransport(library.AsyncBaseTransport):  # type: ignore[misc]  # as above
        """Hands requests to a stub in this process."""

        def __init__(self, inside: StubConnection) -> None:
            self._inside = inside

        async def handle_async_request(self, request: Any) -> Any:
            """Send a request. Raises what the library raises over a socket."""
            most_s = _most_s(request)
            delay, got = self._inside.send(*_asked(request, await request.aread()))
            try:
                await _rest(delay.total_seconds(), most_s)
                require_response(got)
            except NoResponseError as error:
                raise _told(library, error, request) from error
            return library.Response(
                got.status, headers=_fields(got), stream=AsyncStream(got, request, most_s)
            )

    class AsyncStream(library.AsyncByteStream):  # type: ignore[misc]  # as above
        """A body that comes in pieces."""

        def __init__(self, got: ReceivedResponse, request: Any, most_s: float | None) -> None:
            self._got, self._request, self._most_s = got, request, most_s

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in self._got.parts:
                try:
                    await _rest(piece.wait.total_seconds(), self._most_s)
                except NoResponseError as error:
                    raise _told(library, error, self._request) from error
                yield piece.data
            _check_whole(library, self._got, self._request)

    return AsyncInsideTransport


async def _rest(seconds: float, most_s: float | None) -> None:
    from anyio import sleep  # comes with the library

    late = most_s is not None and seconds > most_s
    await sleep(most_s if late and most_s is not None else seconds)
    if late:
        raise NoResponseError(ConnectionFailure.TIMEOUT)


def _asked(request: Any, body: bytes) -> tuple[str, str, list[tuple[str, str]], bytes]:
    headers = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
    ]
    return request.method, request.url.raw_path.decode("ascii"), headers, body


def _fields(got: ReceivedResponse) -> list[tuple[bytes, bytes]]:
    """Give the header fields as they are on the wire: the library would take texts for ASCII."""
    return [
        (name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in got.headers
    ]


def _most_s(request: Any) -> float | None:
    told: float | None = request.extensions.get("timeout", {}).get("read")
    return told


def _told(library: Any, error: NoResponseError, request: Any) -> Exception:
    """Give the error that the library has over a socket."""
    found: Exception
    if error.failure is ConnectionFailure.TIMEOUT:
        found = library.ReadTimeout("timed out", request=request)
    elif error.failure is ConnectionFailure.EMPTY:
        found = library.RemoteProtocolError(
            "Server disconnected without sending a response.", request=request
        )
    else:
        found = library.ReadError("[Errno 104] Connection reset by peer", request=request)
    return found


def _check_whole(library: Any, got: ReceivedResponse, request: Any) -> None:
    """Refuse a body that is shorter than its Content-Length."""
    told = next((value for name, value in got.headers if name == "Content-Length"), "")
    if (
        told
        and got.parts
        and 0 < int(told) != len(got.body)
        and request.method != "HEAD"
        and got.status != 304
    ):
        what = f"peer closed connection without sending complete message body (received {len(got.body)} bytes"
        raise library.RemoteProtocolError(f"{what}, expected {told})", request=request)
