"""The exchanges of a world, bounded by number and by bytes."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from threading import Lock

from understudy.messages import Exchange, redact_headers, redact_target

MAX_EXCHANGES = 10_000
MAX_BYTES = 8 * 1024 * 1024
MAX_BODY = 64 * 1024


class JournalTruncatedError(Exception):
    """A question about the journal concerns a part that was dropped, so no honest answer exists."""


@dataclass(frozen=True, slots=True)
class JournalPosition:
    """A place in a journal: behind so many exchanges, in the order in which they were kept."""

    era: int
    """How often the journal had been emptied."""
    recorded: int


class Journal:
    """What was asked and answered, oldest first. The oldest go when a bound is reached; how many, is counted.

    `look` gets every exchange once, in order and whole: as late as can be, when `show` is called or when it would be
    lost. It is called under the journal's lock, and must not ask the journal.
    """

    def __init__(
        self,
        *,
        max_exchanges: int = MAX_EXCHANGES,
        max_bytes: int = MAX_BYTES,
        observer: Callable[[Exchange], None] | None = None,
    ) -> None:
        self._exchanges: deque[Exchange] = deque()
        self._lock = Lock()
        self._bytes = 0
        self._numbers = 0
        self._max_exchanges = max_exchanges
        self._max_bytes = max_bytes
        self._era = self._kept = 0
        self._look = observer
        self._shown = 0
        """How many of those that were kept `look` has got."""
        self._listeners: tuple[Callable[[], None], ...] = ()
        self.dropped = 0
        """How many exchanges went because of the bounds."""

    def __len__(self) -> int:
        return len(self._exchanges)

    def number(self) -> int:
        """Give the next exchange its number, counted from 1."""
        with self._lock:
            self._numbers += 1
            return self._numbers

    def append(self, exchange: Exchange) -> None:
        """Keep an exchange. Secrets are taken out and bodies are cut to 64 KiB before it is kept."""
        whole = _redacted(exchange)
        kept = _cut(whole)
        with self._lock:
            if kept is not whole and self._look is not None:
                self._show()
                self._look(whole)
                self._shown += 1
            self._exchanges.append(kept)
            self._kept += 1
            self._bytes += _size(kept)
            while len(self._exchanges) > self._max_exchanges or self._bytes > self._max_bytes:
                self._drop()
        self._tell()

    def flush_to_observer(self) -> None:
        """Let `look` have the exchanges that it has not got yet."""
        with self._lock:
            self._show()

    def exchanges(self, matches: Callable[[Exchange], bool] | None = None) -> tuple[Exchange, ...]:
        """Give the exchanges that are kept and match, oldest first."""
        with self._lock:
            kept = tuple(self._exchanges)
        return (
            kept if matches is None else tuple(exchange for exchange in kept if matches(exchange))
        )

    def count(self, matches: Callable[[Exchange], bool]) -> int:
        """Give how many exchanges match. Raises JournalTruncatedError when some were dropped: nobody knows then."""
        found = len(self.exchanges(matches))
        if self.dropped:
            raise JournalTruncatedError(
                f"{self.dropped} exchanges were dropped from the journal (bounds: {self._max_exchanges} exchanges, "
                f"{self._max_bytes} bytes), so the {found} that match may not be all"
            )
        return found

    def clear(self, *, flush: bool = True) -> None:
        """Forget all, the numbers and the count of dropped ones too; `look` gets them first, unless nobody cares."""
        with self._lock:
            if flush:
                self._show()
            self._exchanges.clear()
            self._bytes = self._numbers = self._kept = self._shown = self.dropped = 0
            self._era += 1
        self._tell()

    # --- what is new

    @property
    def start(self) -> JournalPosition:
        """The place before the first exchange."""
        return JournalPosition(self._era, 0)

    @property
    def end(self) -> JournalPosition:
        """The place behind the last exchange."""
        with self._lock:
            return JournalPosition(self._era, self._kept)

    def position_after(self, number: int) -> JournalPosition:
        """Give the place behind the exchange of a number; when it is not kept, before the first of a higher number."""
        with self._lock:
            first = self._kept - len(self._exchanges)
            at = next(
                (i + 1 for i, one in enumerate(self._exchanges) if one.number == number), None
            )
            if at is None:
                later = (i for i, one in enumerate(self._exchanges) if one.number > number)
                at = next(later, len(self._exchanges))
            return JournalPosition(self._era, first + at)

    def since(self, mark: JournalPosition) -> tuple[tuple[Exchange, ...], JournalPosition]:
        """Give what was kept since a mark and is there, and the mark of now. Of another era: all that is there."""
        with self._lock:
            new = self._kept - (mark.recorded if mark.era == self._era else 0)
            found = tuple(islice(self._exchanges, max(0, len(self._exchanges) - new), None))
            return found, JournalPosition(self._era, self._kept)

    def subscribe(self, heard: Callable[[], None]) -> None:
        """Call `heard` whenever an exchange was kept or the journal was emptied. It must be quick, and never raise."""
        with self._lock:
            self._listeners = (*self._listeners, heard)

    def unsubscribe(self, heard: Callable[[], None]) -> None:
        """Call it no more. One that is not called is no error."""
        with self._lock:
            self._listeners = tuple(one for one in self._listeners if one != heard)

    def _drop(self) -> None:
        if self._shown < self._kept - len(self._exchanges) + 1:
            self._show(most=1)
        self._bytes -= _size(self._exchanges.popleft())
        self.dropped += 1

    def _show(self, *, most: int | None = None) -> None:
        if self._look is None:
            return
        first = self._shown - (self._kept - len(self._exchanges))
        for exchange in islice(self._exchanges, first, None if most is None else first + most):
            self._look(exchange)
            self._shown += 1

    def _tell(self) -> None:
        for heard in self._listeners:
            heard()


def _redacted(exchange: Exchange) -> Exchange:
    request, response = exchange.request, exchange.response
    asked, answered = redact_headers(request.headers), redact_headers(response.headers)
    target, query = redact_target(request.target), redact_target(f"?{request.query}")[1:]
    if (target, query, asked) != (request.target, request.query, request.headers):
        exchange = replace(
            exchange, request=replace(request, target=target, query=query, headers=asked)
        )
    if answered != response.headers:
        exchange = replace(exchange, response=replace(response, headers=answered))
    return exchange


def _cut(exchange: Exchange) -> Exchange:
    """Give an exchange with bodies that are not too long: the very same where they are not."""
    request, response = exchange.request, exchange.response
    if len(request.body) <= MAX_BODY and len(response.body) <= MAX_BODY:
        return exchange
    return replace(
        exchange,
        request=replace(request, body=request.body[:MAX_BODY]),
        response=replace(response, body=response.body[:MAX_BODY]),
    )


def _size(exchange: Exchange) -> int:
    fields = (*exchange.request.headers, *exchange.response.headers)
    text = sum(len(name) + len(value) for name, value in fields) + 2 * len(exchange.request.target)
    return 500 + text + len(exchange.request.body) + len(exchange.response.body)
