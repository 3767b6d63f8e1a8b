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
    """Header fields in the order received. Names are found in any case."""

    fields: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, fields: Iterable[tuple[str, str]]) -> Headers:
        """Make headers from any pairs of name and value."""
        return cls(tuple((name, value) for name, value in fields))

    def get(self, name: str, default: str = "") -> str:
        """Give the first value of a field, or the default."""
        wanted = name.casefold()
        return next((value for key, value in self.fields if key.casefold() == wanted), default)

    def __contains__(self, name: str) -> bool:
        wanted = name.casefold()
        return any(key.casefold() == wanted for key, _ in self.fields)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.fields)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent.

    `target` is the request target as received (a signature is made over it); `path` and `query` are what is routed:
    still percent-encoded, without the prefix that chose the world.
    """

    method: str
    target: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @classmethod
    def of(
        cls, method: str, target: str, *, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> Request:
        """Make a request from its target: `Request.of("GET", "/tasks?page=2")`."""
        path, _, query = target.partition("?")
        return cls(method.upper(), target, path, query, Headers.of(headers), body)

    def query_pairs(self) -> list[tuple[str, str]]:
        """Give the decoded query parameters in order, blank values kept."""
        return parse_qsl(self.query, keep_blank_values=True)


class Ending(Enum):
    """How the connection ends that a response is sent on."""

    WHOLE = "whole"
    """The response is sent whole, as servers do."""
    RESET = "reset"
    """Nothing is sent; the connection is reset (TCP RST)."""
    EMPTY = "empty"
    """Nothing is sent; the connection is closed in an orderly way."""
    TRUNCATE = "truncate"
    """Header fields and a part of the body are sent, less than Content-Length says; then the connection is closed."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a response is brought to the client, where a fault asks for more than sending it."""

    delay: timedelta = timedelta(0)
    """How long nothing is sent, on the wall clock."""
    chunks: int = 1
    """In how many pieces the body is sent."""
    spread_over: timedelta = timedelta(0)
    """Over how long the pieces are spread."""
    ending: Ending = Ending.WHOLE
    sent_bytes: int = 0
    """With TRUNCATE: how many bytes of the body are sent."""

    @property
    def needs_thread(self) -> bool:
        """Whether a thread of the server has to wait for it."""
        return bool(self.delay or (self.chunks > 1 and self.spread_over))


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered."""

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    delivery: Delivery | None = None
    """None: at once, and whole."""

    def json(self) -> Any:
        """Give the decoded JSON body. Raises JsonError when it is not JSON."""
        return parse_json(self.body)
