"""Calls of the control API: over HTTP, with nothing but the standard library, or to a stub in this process."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from understudy.control.api.api_call import Stream
from understudy.control.api.route import JSON, YAML, Route
from understudy.control.control_api import Control
from understudy.durations import parse_duration
from understudy.messages import Request, Response
from understudy.replay.world_registry import DEFAULT_WORLD

__tracebackhide__ = True
"""A test that fails is shown by its own lines, not by those of this module (pytest)."""

_TIMEOUT_S = 30.0
"""How long no byte may come; a stream shows that it lives every 15 s."""


class ControlError(Exception):
    """The stub answered with a problem."""

    def __init__(
        self, status: int, slug: str, detail: str, errors: tuple[Mapping[str, Any], ...] = ()
    ) -> None:
        super().__init__(f"{status} {slug}: {detail}" if slug else f"{status}: {detail}")
        self.status = status
        self.slug = slug
        """Which kind of problem, such as `no-such-task`; empty when the answer was no problem document."""
        self.detail = detail
        self.errors = errors
        """Every single thing, when there are several."""


class Transport(Protocol):
    """How calls of the control API come to a stub."""

    @property
    def url(self) -> str:
        """Of the stub."""
        ...

    @property
    def world(self) -> str:
        """That calls concern; empty: `default`."""
        ...

    def call(self, route: Route, told: Mapping[str, Any]) -> Any:
        """Give what a route answers: JSON data, a text, or None. `told` is by the names of the table."""
        ...

    def stream_lines(self, route: Route, told: Mapping[str, Any]) -> Iterator[str]:
        """Give the lines that a route streams, for as long as the server sends; closing the iterator hangs up."""
        ...

    def in_world(self, world: str) -> "Transport":
        """Give the same for another world."""
        ...


@dataclass(frozen=True, slots=True)
class InProcessTransport:
    """Calls of the control API of a stub in this process, without a socket."""

    control: Control
    url: str = "http://localhost"
    world: str = ""

    def in_world(self, world: str) -> "InProcessTransport":
        """Give the same for another world."""
        return replace(self, world=world)

    def call(self, route: Route, told: Mapping[str, Any]) -> Any:
        """Give what a route answers. Raises ControlError."""
        answer = self._answer(route, told)
        assert isinstance(answer, Response)  # noqa: S101 - only `lines` asks for streams
        return _read(answer.body, answer.headers.get("Content-Type"))

    def stream_lines(self, route: Route, told: Mapping[str, Any]) -> Iterator[str]:
        """Give the lines that a route streams."""
        answer = self._answer(route, told)
        assert isinstance(answer, Stream)  # noqa: S101 - whoever calls asks for a stream
        try:
            for chunk in answer.chunks:
                yield from chunk.decode("utf-8").removesuffix("\n").split("\n")
        finally:
            answer.close()

    def _answer(self, route: Route, told: Mapping[str, Any]) -> Response | Stream:
        body, media_type = _body(route, told)
        fields = [("Content-Type", media_type)] if body is not None else []
        fields.append(("Host", urlsplit(self.url).netloc))
        request = Request.of(route.method, _target(route, told), headers=fields, body=body or b"")
        answer = self.control.handle(request, self.world or DEFAULT_WORLD)
        if isinstance(answer, Response) and answer.status >= 400:
            raise _error(answer.status, answer.body)
        return answer


@dataclass(frozen=True, slots=True)
class HttpTransport:
    """Where the control API is, and who asks."""

    url: str
    """Of the stub."""
    token: str = field(default="", repr=False)
    world: str = ""
    prefix: str = "/__admin"

    def call(self, route: Route, told: Mapping[str, Any]) -> Any:
        """Give what a route answers: JSON data, a text, or None. `told` is by the names of the table."""
        wait = (
            parse_duration(str(told.get("timeout", "10s"))).total_seconds()
            if route.id == "waitForRequests"
            else 0
        )
        connection = self._connection(_TIMEOUT_S + wait)
        try:
            response = self._sent(connection, route, told)
            body, kind = self._whole(response), response.headers.get_content_type()
        finally:
            connection.close()
        return _checked(response.status, route, body, kind)

    def in_world(self, world: str) -> "HttpTransport":
        """Give the same for another world."""
        return replace(self, world=world)

    def stream_lines(self, route: Route, told: Mapping[str, Any]) -> Iterator[str]:
        """Give the lines that a route streams, for as long as the server sends; closing the iterator hangs up."""
        connection = self._connection(_TIMEOUT_S)
        try:
            response = self._sent(connection, route, told)
            while line := response.readline():
                yield line.decode("utf-8").rstrip("\n")
        finally:
            connection.close()

    def _connection(self, timeout_s: float) -> HTTPConnection:
        problem = ValueError(f'"{self.url}" is no URL of a server, such as http://127.0.0.1:4010')
        try:
            split = urlsplit(self.url)
            host, port = split.hostname, split.port
        except ValueError as error:
            raise problem from error
        if split.scheme not in ("http", "https") or not host:
            raise problem
        make = HTTPSConnection if split.scheme == "https" else HTTPConnection
        return make(host, port, timeout=timeout_s)

    def _sent(
        self, connection: HTTPConnection, route: Route, told: Mapping[str, Any]
    ) -> HTTPResponse:
        body, media_type = _body(route, told)
        headers = {"Content-Type": media_type} if body is not None else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.world and route.of_world and "world" not in told:
            headers["X-Understudy-World"] = self.world
        root = urlsplit(self.url).path.rstrip("/")
        try:
            connection.request(
                route.method, f"{root}{self.prefix}{_target(route, told)}", body, headers
            )
            response = connection.getresponse()
        except OSError as error:
            raise ConnectionError(f"{self.url} cannot be reached: {error}") from error
        except HTTPException as error:
            raise ConnectionError(
                f"{self.url} answers with something else than HTTP: {error!r}"
            ) from error
        if response.status >= 400:
            raise _error(response.status, self._whole(response))
        return response

    def _whole(self, response: HTTPResponse) -> bytes:
        try:
            return response.read()
        except (OSError, HTTPException) as error:
            raise ConnectionError(f"{self.url} has broken its answer off: {error!r}") from error


def _checked(status: int, route: Route, body: bytes, media_type: str) -> Any:
    """Read an answer over HTTP. Raises ControlError where something else than a stub has answered."""
    answer = route.answers.get(status)
    found: Any = None
    try:
        found, is_ours = _read(body, media_type), answer is not None
    except ValueError:
        is_ours = False
    if answer is not None and answer.schema is not None and answer.media_type == JSON:
        is_ours = is_ours and isinstance(found, dict)
    if not is_ours:
        shown = body[:80].decode("utf-8", "replace")
        raise ControlError(
            status, "", f"no control API of understudy answers there, but {media_type}: {shown!r}"
        )
    return found


def _read(body: bytes, media_type: str) -> Any:
    if not body:
        return None
    return (
        json.loads(body) if media_type.partition(";")[0].strip() == JSON else body.decode("utf-8")
    )


def _target(route: Route, told: Mapping[str, Any]) -> str:
    parts = {
        one.name: quote(str(told[one.name]), safe="")
        for one in route.parameters
        if one.location == "path"
    }
    names = [*(one.name for one in route.parameters if one.location == "query"), "world"]
    pairs = [(name, _text(told[name])) for name in names if told.get(name) is not None]
    return route.path.format_map(parts) + (f"?{urlencode(pairs)}" if pairs else "")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _body(route: Route, told: Mapping[str, Any]) -> tuple[bytes | None, str]:
    if route.body is None:
        return None, ""
    whole = told.get(route.body.argument) if route.body.argument else None
    if isinstance(whole, str) and YAML in route.body.media_types:
        return whole.encode(), YAML
    if route.body.argument:
        return json.dumps(whole).encode(), JSON
    others = {one.name for one in route.parameters}
    return json.dumps(
        {name: value for name, value in told.items() if name not in others}
    ).encode(), JSON


def _error(status: int, body: bytes) -> ControlError:
    try:
        problem = json.loads(body)
        slug = str(problem["type"]).rpartition(":")[2]
        return ControlError(
            status, slug, str(problem.get("detail", "")), tuple(problem.get("errors", ()))
        )
    except (ValueError, TypeError, KeyError):
        return ControlError(status, "", body[:500].decode("utf-8", "replace"))
