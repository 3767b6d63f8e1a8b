"""`requests` without a socket: an adapter that hands what it would send to a stub in this process."""

import socket
from http.client import HTTPResponse as PlainResponse
from http.client import RemoteDisconnected, responses
from io import BufferedReader
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from understudy.harness.in_process import (
    BodyStream,
    ConnectionFailure,
    NoResponseError,
    ReceivedResponse,
    StubConnection,
    read_body,
)


class OcpSession(requests.Session):
    """A session that knows where a world is: relative URLs are below its `base_url`."""

    def __init__(self, base_url: str, auth: tuple[str, str] | None) -> None:
        super().__init__()
        self.base_url = base_url
        self.__attrs__ = [*self.__attrs__, "base_url"]  # what a copy takes along
        self.auth = auth
        self.trust_env = False  # neither a proxy nor a .netrc has to do with a stub

    def request(
        self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send a request; `url` may be a path."""
        told = url.decode() if isinstance(url, bytes) else str(url)
        if not urlsplit(told).scheme:
            told = f"{self.base_url}/{told.lstrip('/')}"
        return super().request(method, told, *args, **kwargs)


def requests_session(
    inside: StubConnection | None,
    base_url: str,
    auth: tuple[str, str] | None,
    *,
    others: tuple[str, ...] = (),
) -> OcpSession:
    """Give a session for a world: without a socket for `base_url` and the other URLs, unless `inside` is None."""
    session = OcpSession(base_url, auth)
    if inside is not None:
        for url in (base_url, *others):
            session.mount(f"{url}/", InsideAdapter(inside))
    return session


class InsideAdapter(HTTPAdapter):
    """Hands requests to a stub in this process, and gives what a socket would have given."""

    def __init__(self, inside: StubConnection) -> None:
        super().__init__()
        self._inside = inside

    def __deepcopy__(self, memo: object) -> "InsideAdapter":
        """Lead to the same stub: a copy of a session is for the same world."""
        return self

    def __reduce__(self) -> Any:
        """Refuse: no other process can reach a stub of this one without a socket."""
        raise TypeError(
            "ocp.requests() goes through no socket: in another process, use requests.Session() with ocp.url"
        )

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Send a request. Raises what requests raises over a socket."""
        most_s = timeout[1] if isinstance(timeout, tuple) else timeout
        url, method = request.url or "", request.method or "GET"
        headers = [(str(name), _text(value)) for name, value in request.headers.items()]
        if not any(name.lower() == "host" for name, _ in headers):
            headers.insert(0, ("Host", urlsplit(url).netloc))
        try:
            got = self._inside.wait(
                method, request.path_url, headers, read_body(request.body), most_s
            )
        except NoResponseError as error:
            raise _told(error, request) from error
        plain = _plain(got, method, most_s)
        raw = HTTPResponse(
            body=cast(Any, plain),
            headers=cast(Any, plain.headers.items()),  # a field may come several times
            status=got.status,
            version=11,
            reason=plain.reason,
            preload_content=False,
            decode_content=False,
            original_response=cast(Any, plain),
            request_method=method,
            request_url=url,
        )
        return self.build_response(request, raw)


class _Wire:
    """What http.client takes for a socket."""

    def __init__(self, reader: "BufferedReader[BodyStream]") -> None:
        self._reader = reader

    def makefile(self, mode: str) -> "BufferedReader[BodyStream]":
        """Give the bytes that come."""
        return self._reader


def _plain(got: ReceivedResponse, method: str, most_s: float | None) -> PlainResponse:
    """Have the standard library read the response, so that all else is as over a socket."""
    lines = [
        f"HTTP/1.1 {got.status} {responses.get(got.status, 'Unknown')}",
        *(f"{n}: {v}" for n, v in got.headers),
    ]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    reader = BufferedReader(BodyStream(head, got.parts, most_s))
    response = PlainResponse(cast(socket.socket, _Wire(reader)), method=method)
    response.begin()
    return response


def _told(error: NoResponseError, request: requests.PreparedRequest) -> requests.RequestException:
    if error.failure is ConnectionFailure.TIMEOUT:
        late = ReadTimeoutError(cast(Any, None), request.url or "", "Read timed out.")
        return requests.ReadTimeout(late, request=request)
    cause: Exception = ConnectionResetError(104, "Connection reset by peer")
    if error.failure is ConnectionFailure.EMPTY:
        cause = RemoteDisconnected("Remote end closed connection without response")
    return requests.ConnectionError(ProtocolError("Connection aborted.", cause), request=request)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
