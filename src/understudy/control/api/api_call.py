"""A call of the control API that was routed and judged, and what can come back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from understudy.control.api.route import JSON
from understudy.control.api.snapshots import Snapshots
from understudy.messages import Headers, Request, Response, dump_json
from understudy.replay import Stub, World


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler is given."""

    stub: Stub
    snapshots: Snapshots
    name: str
    """Of the world that it concerns."""
    request: Request
    values: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of path and query by name, decoded; defaults filled in."""
    body: Any = None
    """The JSON value that it carries, defaults not filled in."""
    is_client_gone: Callable[[], bool] | None = None
    """Tells whether the client has gone; None where nobody knows."""

    def world(self) -> World:
        """Give the world; made on first use. Raises StubProblem for an evicted world, and for a lack of room."""
        return self.stub.world(self.name)


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that goes on. Whoever sends it calls `close` when it is over, whatever came in between."""

    status: int
    headers: Headers
    chunks: Iterator[bytes]
    close: Callable[[], None]
    """Gives back what the stream holds. Calling it again does nothing."""


Handler = Callable[[Call], Response | Stream]


def json_response(data: Any, status: int = 200) -> Response:
    """Give JSON data."""
    return Response(status, Headers.of([("Content-Type", JSON)]), dump_json(data))


def text_response(text: str, media_type: str, *more: tuple[str, str]) -> Response:
    """Give a text."""
    headers = Headers.of([("Content-Type", media_type), *more])
    return Response(200, headers, text.encode("utf-8", "backslashreplace"))


def no_content() -> Response:
    """Say that there is nothing to say."""
    return Response(204)
