"""An adapter for `requests` that passes requests to a stub in this process, without a socket."""

import socket
from http.client import HTTPResponse as PlainResponse
from http.client import RemoteDisconnected, responses
from io import BufferedReader
from typing import Any, NoReturn, cast
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

Argument = Any
"""An argument of `requests` or urllib3 for which their types are narrower than their code."""


class OcpSession(requests.Session):
    """A session with a base URL: relative URLs are below it."""

    def __init__(self, base_url: str, auth: tuple[str, str] | None) -> None:
        super().__init__()
        self.base_url = base_url
        self.__attrs__ = [*self.__attrs__, "base_url"]  # the attributes that pickle copies
        self.auth = auth
        self.trust_env = False  # a proxy or .netrc of the machine must not change the calls

    def request(
        self,
        method: str | bytes,
        url: str | bytes,
        *args: Argument,
        **kwargs: Argument,
    ) -> requests.Response:
        """Send a request. `url` may be a path."""
        text = url.decode() if isinstance(url, bytes) else str(url)
        if not urlsplit(text).scheme:
            text = f"{self.base_url}/{text.lstrip('/')}"
        return super().request(method, text, *args, **kwargs)


def requests_session(
    connection: StubConnection | None,
    base_url: str,
    auth: tuple[str, str] | None,
    *,
    others: tuple[str, ...] = (),
    ca: str | None = None,
) -> OcpSession:
    """Return a session for a world.

    Calls to `base_url` and to the `others` use the connection; without one, the session uses
    sockets, and trusts the authority `ca`.
    """
    session = OcpSession(base_url, auth)
    if ca is not None:
        session.verify = ca
    if connection is not None:
        for url in (base_url, *others):
            session.mount(f"{url}/", StubAdapter(connection))
    return session


class StubAdapter(HTTPAdapter):
    """A transport adapter that passes requests to a stub in this process."""

    def __init__(self, connection: StubConnection) -> None:
        super().__init__()
        self._connection = connection

    def __deepcopy__(self, memo: object) -> "StubAdapter":
        """Return the same adapter: a copied session uses the same world."""
        return self

    def __reduce__(self) -> NoReturn:
        """Raise TypeError: another process cannot reach the stub without a socket."""
        raise TypeError(
            "ocp.requests() uses no socket: in another process, use requests.Session() with ocp.url"
        )

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Argument = None,
        verify: Argument = True,
        cert: Argument = None,
        proxies: Argument = None,
    ) -> requests.Response:
        """Send a request. Raises the exceptions that `requests` raises over a socket."""
        timeout_s = timeout[1] if isinstance(timeout, tuple) else timeout
        url, method = request.url or "", request.method or "GET"
        headers = _list_headers(request, url)
        body = read_body(request.body)
        try:
            received = self._connection.wait(method, request.path_url, headers, body, timeout_s)
        except NoResponseError as error:
            raise _convert_error(error, request) from error
        plain = _parse_response(received, method, timeout_s)
        raw = HTTPResponse(
            body=cast(Argument, plain),
            headers=cast(Argument, plain.headers.items()),  # pairs, since a field may be repeated
            status=received.status,
            version=11,
            reason=plain.reason,
            preload_content=False,
            decode_content=False,
            original_response=cast(Argument, plain),
            request_method=method,
            request_url=url,
        )
        return self.build_response(request, raw)


def _list_headers(request: requests.PreparedRequest, url: str) -> list[tuple[str, str]]:
    """Return the header fields of a request, with the Host field that a socket client adds."""
    headers = [(str(name), _decode(value)) for name, value in request.headers.items()]
    names = {name.lower() for name, _ in headers}
    if "host" not in names:
        headers.insert(0, ("Host", urlsplit(url).netloc))
    return headers


class _Socket:
    """The part of a socket that `http.client` uses."""

    def __init__(self, reader: "BufferedReader[BodyStream]") -> None:
        self._reader = reader

    def makefile(self, mode: str) -> "BufferedReader[BodyStream]":
        """Return the reader of the response."""
        return self._reader


def _parse_response(
    received: ReceivedResponse,
    method: str,
    timeout_s: float | None,
) -> PlainResponse:
    """Parse the response with the standard library, so that everything is as over a socket."""
    reason = responses.get(received.status, "Unknown")
    lines = [f"HTTP/1.1 {received.status} {reason}"]
    lines += [f"{name}: {value}" for name, value in received.headers]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    reader = BufferedReader(BodyStream(head, received.parts, timeout_s))
    response = PlainResponse(cast(socket.socket, _Socket(reader)), method=method)
    response.begin()
    return response


def _convert_error(
    error: NoResponseError,
    request: requests.PreparedRequest,
) -> requests.RequestException:
    """Return the exception that `requests` raises over a socket."""
    if error.failure is ConnectionFailure.TIMEOUT:
        late = ReadTimeoutError(cast(Argument, None), request.url or "", "Read timed out.")
        return requests.ReadTimeout(late, request=request)
    cause: Exception = ConnectionResetError(104, "Connection reset by peer")
    if error.failure is ConnectionFailure.EMPTY:
        cause = RemoteDisconnected("Remote end closed connection without response")
    broken = ProtocolError("Connection aborted.", cause)
    return requests.ConnectionError(broken, request=request)


def _decode(value: str | bytes) -> str:
    """Return a header value as text. `requests` accepts bytes too, which HTTP sends as Latin-1."""
    return value.decode("latin-1") if isinstance(value, bytes) else value
