"""A call of the control API after routing and validation, and the responses of its handlers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from understudy.control.api.route import JSON
from understudy.control.api.snapshots import Snapshots
from understudy.messages import Headers, Request, Response, dump_json
from understudy.replay import Journal, Stub, World
from understudy.replay.world_setup import Setup

ALL_WORLDS = "*"
"""What a call selects in place of a world, where a route allows it."""
_DEFAULT_HOST = "localhost:4010"


class CertificateSwitch(Protocol):
    """The certificates of a server that speaks HTTPS."""

    ca: str
    """The file with the certificate of the authority; empty: there is none."""
    fault: str
    """What is wrong with the certificate of new connections: one of `TLS_FAULTS`, or empty."""

    @property
    def can_change(self) -> bool:
        """Whether the certificate is made by an authority of this server."""
        ...

    def change_fault(self, fault: str) -> None:
        """Give new connections a certificate with this fault; empty: a valid one."""


@dataclass(frozen=True, slots=True)
class Call:
    """The input of a handler."""

    stub: Stub
    snapshots: Snapshots
    name: str
    """The name of the world that the call concerns."""
    request: Request
    values: Mapping[str, Any] = field(default_factory=dict)
    """The decoded path and query parameters by name, with their defaults."""
    body: Any = None
    """The JSON value of the body, without defaults."""
    is_client_gone: Callable[[], bool] | None = None
    """Returns whether the client has hung up; None if the server cannot know."""
    tls: CertificateSwitch | None = None
    """None for a server without TLS, and for one that is not ours."""

    @property
    def base_url(self) -> str:
        """The URL of the server that the client called, for commands that repeat a call."""
        host = self.request.headers.get("Host") or _DEFAULT_HOST
        return f"{self.stub.settings.scheme}://{host}"

    def world(self) -> World:
        """Return the world, which is created on first use.

        Raises StubProblem for an evicted or closed world, and when there are too many worlds.
        """
        return self.stub.world(self.name)

    def journal(self) -> Journal:
        """Return the journal of the world; for `*`, that of the calls that reached no world."""
        return self.stub.outside_calls if self.name == ALL_WORLDS else self.world().journal

    def setup(self) -> Setup:
        """Return the setup of the world; for `*`, that of new worlds."""
        return self.stub.setup if self.name == ALL_WORLDS else self.world().setup


@dataclass(frozen=True, slots=True)
class Stream:
    """A response without an end. The sender calls `close` when it is over, also after an error."""

    status: int
    headers: Headers
    chunks: Iterator[bytes]
    close: Callable[[], None]
    """Releases the thread and the listeners of the stream; a second call does nothing."""


Handler = Callable[[Call], Response | Stream]


def json_response(data: object, status: int = 200) -> Response:
    """Return a response with JSON data."""
    return Response(status, Headers.of([("Content-Type", JSON)]), dump_json(data))


def text_response(text: str, media_type: str, *more: tuple[str, str]) -> Response:
    """Return a response with a text, and `more` header fields.

    A lone surrogate, which UTF-8 cannot encode, is sent as an escape such as \\udc80.
    """
    headers = Headers.of([("Content-Type", media_type), *more])
    return Response(200, headers, text.encode("utf-8", "backslashreplace"))


def no_content() -> Response:
    """Return a response without a body (RFC 9110, 15.3.5)."""
    return Response(204)
