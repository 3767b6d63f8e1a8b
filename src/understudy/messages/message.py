"""Requests and responses as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl

from understudy.messages.json_text import parse_json


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in the order received. Look-ups ignore the case of names (RFC 9110, 5.1)."""

    fields: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, fields: Iterable[tuple[str, str]]) -> Headers:
        """Build headers from pairs of name and value."""
        return cls(tuple((name, value) for name, value in fields))

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a field, or the default."""
        wanted = name.casefold()
        for key, value in self.fields:
            if key.casefold() == wanted:
                return value
        return default

    def get_list(self, name: str, separator: str = ", ") -> str:
        """Return the values of all fields of a name as one list (RFC 9110, 5.3); else empty."""
        wanted = name.casefold()
        return separator.join(value for key, value in self.fields if key.casefold() == wanted)

    def __contains__(self, name: str) -> bool:
        wanted = name.casefold()
        return any(key.casefold() == wanted for key, _ in self.fields)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.fields)


@dataclass(frozen=True, slots=True)
class Request:
    """A client's request.

    `target` is the request target as received: signatures cover it. `path` and `query` are
    what is routed: still percent-encoded, without the prefix that selects the world.
    """

    method: str
    target: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @classmethod
    def of(
        cls,
        method: str,
        target: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> Request:
        """Build a request from its target: `Request.of("GET", "/tasks?page=2")`."""
        path, _, query = target.partition("?")
        return cls(method.upper(), target, path, query, Headers.of(headers), body)

    def cookie(self, name: str) -> str:
        """Return the value of the first cookie of a name; empty without one."""
        for part in self.headers.get_list("Cookie", "; ").split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                return value
        return ""

    def query_pairs(self) -> list[tuple[str, str]]:
        """Return the decoded query parameters in order, with blank values."""
        return parse_qsl(self.query, keep_blank_values=True)


class Ending(Enum):
    """How the server ends the connection after a response."""

    WHOLE = "whole"
    """The whole response is sent: the normal case."""
    RESET = "reset"
    """Nothing is sent; the connection is reset (TCP RST)."""
    EMPTY = "empty"
    """Nothing is sent; the connection is closed normally (TCP FIN)."""
    TRUNCATE = "truncate"
    """Header fields and a part of the body are sent, then the connection is closed.

    The body is shorter than Content-Length.
    """


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the server sends a response that a fault delays or damages."""

    delay: timedelta = timedelta(0)
    """How long nothing is sent, on the wall clock."""
    chunks: int = 1
    """In how many chunks the body is sent."""
    spread_over: timedelta = timedelta(0)
    """The time over which the chunks are spread."""
    ending: Ending = Ending.WHOLE
    sent_bytes: int = 0
    """With TRUNCATE: how many bytes of the body are sent."""

    @property
    def needs_thread(self) -> bool:
        """Whether a thread of the server has to wait while the response is sent."""
        return bool(self.delay or (self.chunks > 1 and self.spread_over))


@dataclass(frozen=True, slots=True)
class Response:
    """A server's response."""

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    delivery: Delivery | None = None
    """None: the whole response is sent at once."""

    def json(self) -> Any:
        """Return the decoded JSON body. Raises JsonError when the body is not JSON."""
        return parse_json(self.body)
