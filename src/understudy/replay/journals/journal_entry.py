"""The entries of a journal: exchanges, whole or built when a client asks for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from understudy.messages import MAX_RECORDED_BODY, Exchange

MAX_BODY = MAX_RECORDED_BODY
"""The bytes of a body that are saved; the rest is cut."""
_OVERHEAD = 500
"""The estimated bytes of an exchange besides its texts and bodies."""


class LazyExchange(Protocol):
    """An exchange that is built when a client asks for it."""

    @property
    def number(self) -> int:
        """The exchange's number."""
        ...

    @property
    def world(self) -> str:
        """The name of the world."""
        ...

    @property
    def shape(self) -> object:
        """Identifies what the request sent: equal requests have equal shapes."""
        ...

    @property
    def contents(self) -> dict[object, Any]:
        """What the response exercises, by `shape`: coverage fills it in."""
        ...

    def exchange(self) -> Exchange:
        """Build the exchange, without secrets, with its whole bodies."""
        ...

    def outline(self) -> Exchange:
        """Build the exchange with what a search can see: the response has its status alone."""
        ...


@dataclass(frozen=True, slots=True)
class LazyEntry:
    """A lazy exchange in the journal, with its size as if it shared nothing."""

    source: LazyExchange
    number: int
    size: int


Entry = Exchange | LazyEntry


def observable(entry: Entry) -> Exchange | LazyExchange:
    """Return what the observer of a journal gets."""
    return entry.source if isinstance(entry, LazyEntry) else entry


def is_known(entry: Entry) -> bool:
    """Return whether the observer has got an equal exchange before."""
    return isinstance(entry, LazyEntry) and entry.source.shape in entry.source.contents


def build(entry: Entry) -> Exchange:
    """Build the exchange of an entry, as the journal shows it."""
    if isinstance(entry, LazyEntry):
        return cut_bodies(entry.source.exchange())
    return entry


def outline(entry: Entry) -> Exchange:
    """Build the exchange of an entry; a lazy one has the status of its response alone."""
    return entry.source.outline() if isinstance(entry, LazyEntry) else entry


def cut_bodies(exchange: Exchange) -> Exchange:
    """Return an exchange with bodies of at most `MAX_BODY`: the same object where they are."""
    request, response = exchange.request, exchange.response
    if len(request.body) <= MAX_BODY and len(response.body) <= MAX_BODY:
        return exchange
    return replace(
        exchange,
        request=replace(request, body=request.body[:MAX_BODY]),
        response=replace(response, body=response.body[:MAX_BODY]),
    )


def size_of(entry: Entry) -> int:
    """Return the estimated bytes of an entry in memory."""
    return entry.size if isinstance(entry, LazyEntry) else estimate_size(entry)


def estimate_size(exchange: Exchange) -> int:
    """Return the estimated bytes of an exchange in memory."""
    fields = (*exchange.request.headers, *exchange.response.headers)
    headers = sum(len(name) + len(value) for name, value in fields)
    # The target is held twice: as target, and as path and query.
    targets = 2 * len(exchange.request.target)
    bodies = len(exchange.request.body) + len(exchange.response.body)
    return _OVERHEAD + headers + targets + bodies
