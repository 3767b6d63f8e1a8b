"""Sends requests to one server, within bounds of time and size. Redirects are not followed."""

import http.client
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from urllib.parse import SplitResult, quote, urlsplit

from understudy.errors import InputError, Place, Problem
from understudy.messages import (
    DecodedTooLargeError,
    Headers,
    MalformedCodingError,
    Request,
    Response,
    UnknownCodingError,
    decode_content,
)
from understudy.traffic.calls.credentials_mask import CredentialsMask
from understudy.traffic.calls.deadline_socket import DeadlineSocket

MAX_RESPONSE_BYTES = 16 * 1024 * 1024
"""A longer body is not read to its end."""
_CHUNK_BYTES = 64 * 1024
_PORTS = {"http": 80, "https": 443}


class CallError(Exception):
    """A call without a whole answer: `rule` names the kind, the text what happened."""

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(text)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class CallLimits:
    """How long and how fast calls may be."""

    timeout_s: float = 10.0
    """For a whole call, from the connection to the last byte."""
    calls_per_s: float = 20.0
    """The greatest rate; 0: no limit."""
    max_bytes: int = MAX_RESPONSE_BYTES


class HttpCaller:
    """Calls one server. Each call has a connection of its own.

    `headers` are sent with every request, such as credentials; they are never part of a text.
    """

    def __init__(
        self,
        url: str,
        headers: Iterable[tuple[str, str]] = (),
        limits: CallLimits = CallLimits(),
        *,
        ca_file: str | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Raise InputError for a URL that is not http or https, or an authority without a file."""
        parts = _split_url(url)
        self._scheme, self._host = parts.scheme, parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._base = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=")
        self._headers = tuple(headers)
        self._limits = limits
        self._tls = _load_authority(ca_file) if parts.scheme == "https" else None
        self._monotonic, self._sleep = monotonic, sleep
        self._next_start = 0.0
        self.mask = CredentialsMask(self._headers)
        """Hides the credentials in what a server sends back."""

    def call(self, request: Request) -> Response:
        """Return the answer to a request, without its content codings.

        Raises CallError when there is no whole answer.
        """
        self._wait_for_turn()
        try:
            response = self._exchange(request)
        except TimeoutError as error:
            raise CallError("timeout", f"no answer within {self._limits.timeout_s:g} s") from error
        except IncompleteRead as error:
            text = f"the body ends after {len(error.partial)} bytes; Content-Length says more"
            if error.expected is None:
                text = "the body ends in the middle of a chunk"
            raise CallError("incomplete", text) from error
        except ssl.SSLCertVerificationError as error:
            raise CallError("tls", f"no TLS connection: {error.verify_message}") from error
        except ssl.SSLError as error:
            raise CallError("tls", f"no TLS connection: {error.reason}") from error
        except OSError as error:
            raise CallError("no-connection", f"no connection: {_describe(error)}") from error
        except (HTTPException, ValueError) as error:
            text = f"the answer is not HTTP: {_describe(error)}"
            raise CallError("not-http", text) from error
        return self.mask.hide_in_response(self._decode(response))

    def _exchange(self, request: Request) -> Response:
        """Return the answer as it was received; the whole exchange has one deadline."""
        deadline = self._monotonic() + self._limits.timeout_s
        connection = self._connect()
        connected: DeadlineSocket | None = None
        try:
            connection.connect()
            connected = DeadlineSocket(connection.sock, deadline, self._monotonic)
            connection.sock = connected
            self._send(connection, request)
            response = connection.getresponse()
            body = self._read(response)
        finally:
            connection.close()
            if connected is not None:
                connected.end()
        return Response(response.status, Headers.of(response.getheaders()), body)

    def _decode(self, response: Response) -> Response:
        """Return an answer with its body decoded: some servers compress it unasked."""
        try:
            body = decode_content(response.headers, response.body, self._limits.max_bytes)
        except DecodedTooLargeError as error:
            raise CallError("too-long", "the decoded body is too long") from error
        except (UnknownCodingError, MalformedCodingError) as error:
            raise CallError("content-coding", str(error)) from error
        return Response(response.status, response.headers, body)

    def _wait_for_turn(self) -> None:
        """Sleep so that the rate of calls is not exceeded."""
        now = self._monotonic()
        if now < self._next_start:
            self._sleep(self._next_start - now)
        if self._limits.calls_per_s:
            self._next_start = max(now, self._next_start) + 1 / self._limits.calls_per_s

    def _connect(self) -> HTTPConnection:
        timeout_s = self._limits.timeout_s
        if self._tls is not None:
            return HTTPSConnection(self._host, self._port, timeout=timeout_s, context=self._tls)
        return HTTPConnection(self._host, self._port, timeout=timeout_s)

    def _send(self, connection: HTTPConnection, request: Request) -> None:
        """Send a request with the own header fields; fields of the same name are replaced."""
        own = {name.lower() for name, _ in self._headers}
        fields = [pair for pair in request.headers if pair[0].lower() not in own]
        fields += self._headers
        names = {name.lower() for name, _ in fields}
        connection.putrequest(
            request.method, f"{self._base}{request.target}", skip_accept_encoding=True
        )
        if "accept" not in names:
            connection.putheader("Accept", "*/*")
        for name, value in fields:
            connection.putheader(name, value.encode("latin-1", "replace"))
        if request.body or request.method not in ("GET", "HEAD"):
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body or None)

    def _read(self, response: HTTPResponse) -> bytes:
        """Return the body. Raises CallError for one that is too long."""
        parts: list[bytes] = []
        size = 0
        while part := response.read1(_CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if size > self._limits.max_bytes:
                text = f"the body is longer than {self._limits.max_bytes} bytes"
                raise CallError("too-long", text)
        if response.length:  # read1 does not raise when the connection ends early
            raise IncompleteRead(b"".join(parts), response.length)
        return b"".join(parts)


def _split_url(url: str) -> SplitResult:
    """Return the parts of a server's URL. No error prints it: it may contain credentials."""
    expected = "http://host or https://host"
    try:
        parts = urlsplit(url)
        is_server = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError as error:  # a port that is not one, brackets
        message = "this is not a URL"
        raise InputError(Problem("bad-url", message, expected=expected)) from error
    if not is_server:
        message = f'"{parts.scheme}:" is not a URL of a server'
        raise InputError(Problem("bad-url", message, expected=expected))
    if parts.username or parts.password:
        message = "the URL contains credentials"
        raise InputError(Problem("bad-url", message, hint="Give them with --user."))
    if parts.query or parts.fragment:
        message = "the URL of a server has no query and no fragment"
        raise InputError(Problem("bad-url", message, hint="Give credentials with --header."))
    return parts


def _load_authority(ca_file: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:
        message = "the authority is not a file of certificates in PEM"
        if isinstance(error, FileNotFoundError):
            message = "the file of the authority is missing"
        raise InputError(Problem("bad-authority", message, Place(ca_file or ""))) from error


def _describe(error: Exception) -> str:
    """Return the reason of an error without an object's address; never the request."""
    if isinstance(error, http.client.RemoteDisconnected):
        return "the server closed it without an answer"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, http.client.LineTooLong):
        return "a line of its head is too long"
    if type(error) is HTTPException:
        return str(error)  # too many header fields
    return type(error).__name__
