"""The journal of a world: its exchanges, limited by number and by bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count, islice
from threading import Lock, RLock
from typing import Any, Protocol

from understudy.messages import Exchange, redact_headers, redact_target

MAX_EXCHANGES = 10_000
MAX_BYTES = 8 * 1024 * 1024
MAX_BODY = 64 * 1024
"""The bytes of a body that are saved; the rest is cut."""
_OVERHEAD = 500
"""The estimated bytes of an exchange besides its texts and bodies."""
_MAX_UNOBSERVED = 256
"""With more dropped exchanges that wait for the observer, `append_if_free` records nothing."""
_OBSERVED_AT_ONCE = 8
"""How many of them the observer gets after an exchange was recorded."""


class JournalTruncatedError(Exception):
    """The journal cannot answer a question, because exchanges were dropped."""


@dataclass(frozen=True, slots=True)
class JournalPosition:
    """A position in a journal: after a number of recorded exchanges."""

    era: int
    """How often the journal was emptied before."""
    recorded: int


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
class _LazyEntry:
    """A lazy exchange in the journal, with its size as if it shared nothing."""

    source: LazyExchange
    number: int
    size: int


_Entry = Exchange | _LazyEntry


class Journal:
    """The exchanges of a world, oldest first. At a limit the oldest are dropped and counted.

    `observer` gets every exchange once, in order and not cut, as late as possible: when
    `flush_to_observer` is called, before the exchange is cut, or after it was dropped. It is
    called under the observer's lock, which is taken before the journal's own, and must not use the
    journal. Nothing but short work happens under the journal's lock.
    """

    def __init__(
        self,
        *,
        max_exchanges: int = MAX_EXCHANGES,
        max_bytes: int = MAX_BYTES,
        observer: Callable[[Exchange | LazyExchange], None] | None = None,
        observer_lock: RLock | None = None,
    ) -> None:
        self._exchanges: deque[_Entry] = deque()
        self._lock = Lock()
        self._bytes = 0
        self._numbers = count(1)
        self._max_exchanges = max_exchanges
        self._max_bytes = max_bytes
        self._era = 0
        self._recorded = 0
        """How many exchanges were recorded in this era, dropped ones included."""
        self._observer = observer
        self._observer_lock = observer_lock or RLock()
        """The lock that the observer takes."""
        self._observed = 0
        """How many of the recorded exchanges `observer` has got, or gets from `_unobserved`."""
        self._unobserved: deque[_Entry] = deque()
        """The exchanges that were dropped before `observer` has got them, oldest first."""
        self._listeners: tuple[Callable[[], None], ...] = ()
        self.dropped = 0
        """How many exchanges were dropped at a limit."""

    def __len__(self) -> int:
        return len(self._exchanges)

    def number(self) -> int:
        """Return the number of the next exchange, from 1. Takes no lock."""
        return next(self._numbers)

    def append(self, exchange: Exchange) -> None:
        """Record an exchange: secrets are redacted, bodies are cut to 64 KiB."""
        whole = redact_exchange(exchange)
        recorded = _cut_bodies(whole)
        if recorded is whole or self._observer is None:
            with self._lock:
                self._add(recorded)
        else:
            # The observer needs the body before it is cut, and everything before it first.
            with self._observer_lock, self._lock:
                self._flush()
                self._observer(whole)
                self._observed += 1
                self._add(recorded)
        self._end_append()

    def append_lazy(self, source: LazyExchange, size: int) -> None:
        """Record an exchange that is built when a client asks for it, with its estimated size."""
        with self._lock:
            self._add(_LazyEntry(source, source.number, size))
        self._end_append()

    def _end_append(self) -> None:
        if self._unobserved:
            with self._observer_lock:
                self._observe_dropped(_OBSERVED_AT_ONCE)
        self._notify()

    def append_if_free(self, build: Callable[[int], tuple[LazyExchange, int]]) -> bool:
        """Record an exchange that is built when a client asks for it; return whether it was.

        It is not when another thread uses the journal: then nothing happens, so that the caller
        never waits. `build` gets the exchange's number; it returns the exchange, and what
        `estimate_size` gives for it.
        """
        if len(self._unobserved) > _MAX_UNOBSERVED or not self._lock.acquire(blocking=False):
            return False
        try:
            source, size = build(next(self._numbers))
            self._add(_LazyEntry(source, source.number, size))
        finally:
            self._lock.release()
        if self._unobserved and self._observer_lock.acquire(blocking=False):
            try:
                self._observe_dropped(_OBSERVED_AT_ONCE, only_known=True)
            finally:
                self._observer_lock.release()
        self._notify()
        return True

    def _add(self, entry: _Entry) -> None:
        self._exchanges.append(entry)
        self._recorded += 1
        self._bytes += _size_of(entry)
        while len(self._exchanges) > self._max_exchanges or self._bytes > self._max_bytes:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        first = self._recorded - len(self._exchanges)
        dropped = self._exchanges.popleft()
        self._bytes -= _size_of(dropped)
        self.dropped += 1
        if self._observed <= first and self._observer is not None:
            self._unobserved.append(dropped)
            self._observed = first + 1

    def flush_to_observer(self) -> None:
        """Pass the exchanges to the observer that it has not got yet."""
        with self._observer_lock, self._lock:
            self._flush()

    def _flush(self) -> None:
        """Pass all exchanges to the observer, the oldest first. Both locks are held."""
        if self._observer is None:
            return
        self._observe_dropped()
        first = self._observed - (self._recorded - len(self._exchanges))
        for entry in islice(self._exchanges, first, None):
            self._observer(_observable(entry))
            self._observed += 1

    def _observe_dropped(self, limit: int | None = None, *, only_known: bool = False) -> None:
        """Pass dropped exchanges to the observer, the oldest first; its lock is held.

        `only_known`: stop at one that is not equal to an earlier one, since that takes long.
        """
        if self._observer is None:
            return
        for _ in range(len(self._unobserved) if limit is None else limit):
            if not self._unobserved or (only_known and not _is_known(self._unobserved[0])):
                return
            self._observer(_observable(self._unobserved.popleft()))

    def exchanges(self, matches: Callable[[Exchange], bool] | None = None) -> tuple[Exchange, ...]:
        """Return the recorded exchanges that match, oldest first.

        `matches` may get an exchange whose response has its status alone.
        """
        return tuple(map(_build, self._matching(matches)))

    def _matching(self, matches: Callable[[Exchange], bool] | None) -> tuple[_Entry, ...]:
        with self._lock:
            entries = tuple(self._exchanges)
        return tuple(entry for entry in entries if matches is None or matches(_outline(entry)))

    def count(self, matches: Callable[[Exchange], bool]) -> int:
        """Return how many exchanges match; see `exchanges`.

        Raises JournalTruncatedError when some were dropped: the count would be too low.
        """
        number = len(self._matching(matches))
        if self.dropped:
            raise JournalTruncatedError(
                f"{self.dropped} exchanges were dropped from the journal (limits: "
                f"{self._max_exchanges} exchanges, {self._max_bytes} bytes), so the {number} "
                "that match may not be all"
            )
        return number

    def clear(self, *, flush: bool = True) -> None:
        """Remove every exchange, and reset the numbers and the count of dropped ones.

        `flush`: the observer gets the exchanges first.
        """
        with self._observer_lock, self._lock:
            if flush:
                self._flush()
            self._exchanges.clear()
            self._unobserved.clear()
            self._numbers = count(1)
            self._bytes = self._recorded = self._observed = self.dropped = 0
            self._era += 1
        self._notify()

    # --- positions

    @property
    def start(self) -> JournalPosition:
        """The position before the first exchange."""
        return JournalPosition(self._era, 0)

    @property
    def end(self) -> JournalPosition:
        """The position after the last exchange."""
        with self._lock:
            return JournalPosition(self._era, self._recorded)

    def position_after(self, number: int) -> JournalPosition:
        """Return the position after the exchange of a number.

        When it was dropped, the position is before the first exchange of a higher number.
        """
        with self._lock:
            index = self._index_after(number)
            first = self._recorded - len(self._exchanges)
            return JournalPosition(self._era, first + index)

    def _index_after(self, number: int) -> int:
        # Calls at the same time end in any order: numbers need not ascend.
        for index, exchange in enumerate(self._exchanges):
            if exchange.number == number:
                return index + 1
        for index, exchange in enumerate(self._exchanges):
            if exchange.number > number:
                return index
        return len(self._exchanges)

    def since(self, mark: JournalPosition) -> tuple[tuple[Exchange, ...], JournalPosition]:
        """Return the exchanges after a position, and the present end.

        For a position of another era, returns every exchange.
        """
        with self._lock:
            new = self._recorded
            if mark.era == self._era:
                new -= mark.recorded
            first = max(0, len(self._exchanges) - new)
            entries = tuple(islice(self._exchanges, first, None))
            end = JournalPosition(self._era, self._recorded)
        return tuple(map(_build, entries)), end

    # --- listeners

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call a listener after each recorded exchange, and after the journal was emptied.

        It must be quick and must not raise.
        """
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def unsubscribe(self, listener: Callable[[], None]) -> None:
        """Stop calling a listener. An unknown listener is not an error."""
        with self._lock:
            self._listeners = tuple(known for known in self._listeners if known != listener)

    def _notify(self) -> None:
        for listener in self._listeners:
            listener()


def _observable(entry: _Entry) -> Exchange | LazyExchange:
    return entry.source if isinstance(entry, _LazyEntry) else entry


def _is_known(entry: _Entry) -> bool:
    """Return whether the observer has got an equal exchange before."""
    return isinstance(entry, _LazyEntry) and entry.source.shape in entry.source.contents


def _build(entry: _Entry) -> Exchange:
    if isinstance(entry, _LazyEntry):
        return _cut_bodies(entry.source.exchange())
    return entry


def _outline(entry: _Entry) -> Exchange:
    return entry.source.outline() if isinstance(entry, _LazyEntry) else entry


def redact_exchange(exchange: Exchange) -> Exchange:
    """Return an exchange without secrets: the same object where there are none."""
    request, response = exchange.request, exchange.response
    request_headers = redact_headers(request.headers)
    response_headers = redact_headers(response.headers)
    target = redact_target(request.target)
    query = redact_target(f"?{request.query}")[1:]
    redacted = (target, query, request_headers)
    if redacted != (request.target, request.query, request.headers):
        request = replace(
            request,
            target=target,
            query=query,
            headers=request_headers,
        )
        exchange = replace(exchange, request=request)
    if response_headers != response.headers:
        exchange = replace(exchange, response=replace(response, headers=response_headers))
    return exchange


def _cut_bodies(exchange: Exchange) -> Exchange:
    """Return an exchange with bodies of at most `MAX_BODY`: the same object where they are."""
    request, response = exchange.request, exchange.response
    if len(request.body) <= MAX_BODY and len(response.body) <= MAX_BODY:
        return exchange
    return replace(
        exchange,
        request=replace(request, body=request.body[:MAX_BODY]),
        response=replace(response, body=response.body[:MAX_BODY]),
    )


def _size_of(entry: _Entry) -> int:
    return entry.size if isinstance(entry, _LazyEntry) else estimate_size(entry)


def estimate_size(exchange: Exchange) -> int:
    """Return the estimated bytes of an exchange in memory."""
    fields = (*exchange.request.headers, *exchange.response.headers)
    headers = sum(len(name) + len(value) for name, value in fields)
    # The target is held twice: as target, and as path and query.
    targets = 2 * len(exchange.request.target)
    bodies = len(exchange.request.body) + len(exchange.response.body)
    return _OVERHEAD + headers + targets + bodies
