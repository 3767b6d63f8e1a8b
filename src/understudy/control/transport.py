"""Transports of the client: HTTP with the standard library, or a stub in this process.

A transport sends one call of a route and reads its response. `client` has one method for each
route on top of it. The standard library is enough for this, so the package needs neither requests
nor httpx when it is installed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ssl import SSLCertVerificationError, create_default_context
from typing import Protocol, Self
from urllib.parse import quote, urlencode, urlsplit

from understudy.control.api.api_call import Stream
from understudy.control.api.route import JSON, YAML, Route
from understudy.control.control_api import Control
from understudy.durations import parse_duration
from understudy.messages import Request, Response
from understudy.replay.world_registry import DEFAULT_WORLD

__tracebackhide__ = True
"""Pytest hides the frames of this module: a failure shows the lines of the test."""

_TIMEOUT_S = 30.0
"""The longest time without a byte; an event stream sends a comment every 15 s."""
_MAX_SHOWN_BYTES = 80

Arguments = Mapping[str, object]
"""The arguments of a call, by the table's names of parameters and body members."""


class ControlError(Exception):
    """The stub answered a call with a problem."""

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        errors: tuple[Mapping[str, object], ...] = (),
    ) -> None:
        super().__init__(f"{status} {slug}: {detail}" if slug else f"{status}: {detail}")
        self.status = status
        self.slug = slug
        """The kind of problem, such as `no-such-task`; empty for a response of another server."""
        self.detail = detail
        self.errors = errors
        """The individual errors, if there are several."""


class Transport(Protocol):
    """A way to send calls of the control API to a stub."""

    @property
    def url(self) -> str:
        """The base URL of the stub."""
        ...

    @property
    def world(self) -> str:
        """The world that calls concern; empty for `default`."""
        ...

    def call(self, route: Route, arguments: Arguments) -> object:
        """Send a call and return JSON data, a text, or None for a response without a body."""
        ...

    def stream_lines(self, route: Route, arguments: Arguments) -> Iterator[str]:
        """Yield the lines of a stream until the server ends it; closing the iterator hangs up."""
        ...

    def in_world(self, world: str) -> Self:
        """Return the same transport for another world."""
        ...


@dataclass(frozen=True, slots=True)
class InProcessTransport:
    """Calls of a stub in this process, without a socket."""

    control: Control
    url: str = "http://localhost"
    world: str = ""

    def in_world(self, world: str) -> Self:
        """Return the same transport for another world."""
        return replace(self, world=world)

    def call(self, route: Route, arguments: Arguments) -> object:
        """Send a call and return what came back. Raises ControlError."""
        match self._send(route, arguments):
            case Response() as response:
                return _read_body(response.body, response.headers.get("Content-Type"))
            case Stream() as stream:
                stream.close()
                raise TypeError(f"{route.id} is a stream: read it with stream_lines")

    def stream_lines(self, route: Route, arguments: Arguments) -> Iterator[str]:
        """Yield the lines of a stream. Raises ControlError."""
        match self._send(route, arguments):
            case Response():
                raise TypeError(f"{route.id} is not a stream")
            case Stream() as stream:
                try:
                    for chunk in stream.chunks:
                        yield from chunk.decode("utf-8").removesuffix("\n").split("\n")
                finally:
                    stream.close()

    def _send(self, route: Route, arguments: Arguments) -> Response | Stream:
        body, media_type = _encode_body(route, arguments)
        headers = [("Content-Type", media_type)] if body is not None else []
        headers.append(("Host", urlsplit(self.url).netloc))
        target = _build_target(route, arguments)
        request = Request.of(route.method, target, headers=headers, body=body or b"")
        answer = self.control.handle(request, self.world or DEFAULT_WORLD)
        if isinstance(answer, Response) and answer.status >= 400:
            raise _read_problem(answer.status, answer.body)
        return answer


@dataclass(frozen=True, slots=True)
class HttpTransport:
    """Calls over HTTP; each call has a connection of its own.

    So threads can share a transport, and a server that restarts leaves no broken connection behind.
    """

    url: str
    """The base URL of the stub; its path may select a world (`/w/mine`)."""
    token: str = field(default="", repr=False)
    world: str = ""
    prefix: str = "/__admin"
    ca: str = ""
    """The file of the authority to trust; empty: those that the machine trusts."""

    def in_world(self, world: str) -> Self:
        """Return the same transport for another world."""
        return replace(self, world=world)

    def call(self, route: Route, arguments: Arguments) -> object:
        """Send a call and return JSON data, a text, or None.

        Raises ControlError for a problem and for the response of another server, ConnectionError
        when the server cannot be reached or does not speak HTTP, ValueError for a bad URL.
        """
        connection = self._connect(_TIMEOUT_S + _wait_s(route, arguments))
        try:
            response = self._send(connection, route, arguments)
            body = self._read_all(response)
            media_type = response.headers.get_content_type()
        finally:
            connection.close()
        return _checked_body(response.status, route, body, media_type)

    def stream_lines(self, route: Route, arguments: Arguments) -> Iterator[str]:
        """Yield the lines of a stream until the server ends it; closing the iterator hangs up."""
        connection = self._connect(_TIMEOUT_S)
        try:
            response = self._send(connection, route, arguments)
            while line := response.readline():
                yield line.decode("utf-8").rstrip("\n")
        finally:
            connection.close()

    def _connect(self, timeout_s: float) -> HTTPConnection:
        """Return a new connection. Raises ValueError for a URL that names no server."""
        problem = ValueError(
            f'"{self.url}" is not the URL of a server; expected http://127.0.0.1:4010 or the like'
        )
        try:
            split = urlsplit(self.url)
            host, port = split.hostname, split.port
        except ValueError as error:
            raise problem from error
        if split.scheme not in ("http", "https") or not host:
            raise problem
        if split.scheme == "http":
            return HTTPConnection(host, port, timeout=timeout_s)
        context = create_default_context(cafile=self.ca or None)
        return HTTPSConnection(host, port, timeout=timeout_s, context=context)

    def _send(self, connection: HTTPConnection, route: Route, arguments: Arguments) -> HTTPResponse:
        body, media_type = _encode_body(route, arguments)
        headers = self._headers(route, arguments)
        if body is not None:
            headers["Content-Type"] = media_type
        root = urlsplit(self.url).path.rstrip("/")
        target = f"{root}{self.prefix}{_build_target(route, arguments)}"
        try:
            connection.request(route.method, target, body, headers)
            response = connection.getresponse()
        except SSLCertVerificationError as error:
            text = f"the certificate of {self.url} is not trusted: {error}"
            hint = "Name the file of its authority with ca= (pytest: --ocp-ca)."
            raise ConnectionError(f"{text}. {hint}") from error
        except OSError as error:
            raise ConnectionError(f"{self.url} cannot be reached: {error}") from error
        except HTTPException as error:
            raise ConnectionError(f"{self.url} does not speak HTTP: {error!r}") from error
        if response.status >= 400:
            raise _read_problem(response.status, self._read_all(response))
        return response

    def _headers(self, route: Route, arguments: Arguments) -> dict[str, str]:
        """Return token and world; a `world` argument takes precedence over the client."""
        headers = {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.world and route.of_world and "world" not in arguments:
            headers["X-Understudy-World"] = self.world
        return headers

    def _read_all(self, response: HTTPResponse) -> bytes:
        """Read the body. Raises ConnectionError when the server closes too early."""
        try:
            return response.read()
        except (OSError, HTTPException) as error:
            raise ConnectionError(f"{self.url} broke off its response: {error!r}") from error


def _wait_s(route: Route, arguments: Arguments) -> float:
    """Return how long the server itself may wait before it answers, in seconds."""
    if route.id != "waitForRequests":
        return 0
    return parse_duration(str(arguments.get("timeout", "10s"))).total_seconds()


def _checked_body(status: int, route: Route, body: bytes, media_type: str) -> object:
    """Read a body over HTTP. Raises ControlError if another server than a stub answered."""
    answer = route.answers.get(status)
    if answer is not None:
        try:
            data = _read_body(body, media_type)
        except ValueError:
            pass
        else:
            is_object = answer.schema is not None and answer.media_type == JSON
            if not is_object or isinstance(data, dict):
                return data
    start = body[:_MAX_SHOWN_BYTES].decode("utf-8", "replace")
    raise ControlError(
        status, "", f"this is not a control API of understudy: it answers {media_type}: {start!r}"
    )


def _read_body(body: bytes, media_type: str) -> object:
    """Return JSON as data, any other type as a text, and None for an empty body."""
    if not body:
        return None
    if media_type.partition(";")[0].strip() == JSON:
        data: object = json.loads(body)
        return data
    return body.decode("utf-8")


def _build_target(route: Route, arguments: Arguments) -> str:
    """Return path and query; query parameters with the value None are left out."""
    path_values = {}
    query_names = []
    for parameter in route.parameters:
        if parameter.location == "path":
            path_values[parameter.name] = quote(str(arguments[parameter.name]), safe="")
        elif parameter.location == "query":
            query_names.append(parameter.name)
    query_names.append("world")
    pairs = [
        (name, _query_text(arguments[name]))
        for name in query_names
        if arguments.get(name) is not None
    ]
    path = route.path.format_map(path_values)
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _query_text(value: object) -> str:
    """Return a parameter as a text; a boolean as in JSON."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _encode_body(route: Route, arguments: Arguments) -> tuple[bytes | None, str]:
    """Return the body and its media type; None for a route without a body."""
    body = route.body
    if body is None:
        return None, ""
    if body.argument:
        whole = arguments.get(body.argument)
        if isinstance(whole, str) and YAML in body.media_types:
            return whole.encode(), YAML
        return json.dumps(whole).encode(), JSON
    parameters = {parameter.name for parameter in route.parameters}
    members = {name: value for name, value in arguments.items() if name not in parameters}
    return json.dumps(members).encode(), JSON


def _read_problem(status: int, body: bytes) -> ControlError:
    """Return the error of a problem document, or of the text of another server."""
    try:
        problem = json.loads(body)
        slug = str(problem["type"]).rpartition(":")[2]
        detail = str(problem.get("detail", ""))
        return ControlError(status, slug, detail, tuple(problem.get("errors", ())))
    except (ValueError, TypeError, KeyError):
        return ControlError(status, "", body[:500].decode("utf-8", "replace"))
