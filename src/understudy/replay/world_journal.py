"""The journal of a world: its exchanges, limited by number and by bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from threading import Lock, RLock

from understudy.messages import Exchange, redact_exchange
from understudy.replay.journals.journal_budget import JournalBudget
from understudy.replay.journals.journal_entry import (
    Entry,
    LazyEntry,
    LazyExchange,
    build,
    cut_bodies,
    is_known,
    observable,
    outline,
    size_of,
)

MAX_EXCHANGES = 10_000
MAX_BYTES = 8 * 1024 * 1024
_MAX_UNOBSERVED = 256
"""With more dropped exchanges that wait for the observer, `append_if_free` records nothing."""
_BATCH = 32
"""As soon as so many wait, the observer gets all of them after an exchange was recorded."""


class JournalTruncatedError(Exception):
    """The journal cannot answer a question, because exchanges were dropped."""


@dataclass(frozen=True, slots=True)
class JournalPosition:
    """A position in a journal: after a number of recorded exchanges."""

    era: int
    """How often the journal was emptied before."""
    recorded: int


class Journal:
    """The exchanges of a world, oldest first. At a limit the oldest are dropped and counted.

    The numbers of the exchanges are those of their places: 1, 2, 3 and so on.

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
        budget: JournalBudget | None = None,
        observer: Callable[[Exchange | LazyExchange], None] | None = None,
        observer_lock: RLock | None = None,
    ) -> None:
        self._exchanges: deque[Entry] = deque()
        self._lock = Lock()
        self._bytes = 0
        self._max_exchanges = max_exchanges
        self._max_bytes = max_bytes
        self._era = 0
        self.generation = 0
        """How often the world began again; it changes inside of an update of the world only."""
        self._recorded = 0
        """How many exchanges were recorded in this era, dropped ones included."""
        self._observer = observer
        self._observer_lock = observer_lock or RLock()
        """The lock that the observer takes."""
        self._observed = 0
        """How many of the recorded exchanges `observer` has got, or gets from `_unobserved`."""
        self._unobserved: deque[Entry] = deque()
        """The exchanges that were dropped before `observer` has got them, oldest first."""
        self._listeners: tuple[Callable[[], None], ...] = ()
        self.dropped = 0
        """How many exchanges were dropped at a limit."""
        self._budget = budget
        if budget is not None:
            budget.join(self)

    def __len__(self) -> int:
        return len(self._exchanges)

    @property
    def size(self) -> int:
        """The estimated bytes of the exchanges."""
        return self._bytes

    def append(self, exchange: Exchange, generation: int | None = None) -> int:
        """Record an exchange; return its number, which replaces the given one.

        Secrets are redacted, and bodies are cut to 64 KiB. A call that saw another generation of
        the world is not recorded: 0.
        """
        whole = redact_exchange(exchange)
        recorded = cut_bodies(whole)
        number = 0
        if recorded is whole or self._observer is None:
            with self._lock:
                if generation is None or generation == self.generation:
                    number = self._recorded + 1
                    self._add(replace(recorded, number=number))
        else:
            # The observer needs the body before it is cut, and everything before it first.
            with self._observer_lock, self._lock:
                if generation is None or generation == self.generation:
                    number = self._recorded + 1
                    self._flush()
                    self._observer(replace(whole, number=number))
                    self._observed += 1
                    self._add(replace(recorded, number=number))
        self._end_append()
        return number

    def append_lazy(
        self, build: Callable[[int], tuple[LazyExchange, int]], generation: int | None = None
    ) -> int:
        """Record an exchange that is built when a client asks for it: see `append`.

        `build` gets the exchange's number; it returns the exchange, and what `estimate_size` gives
        for it.
        """
        number = 0
        with self._lock:
            if generation is None or generation == self.generation:
                number = self._add_lazy(build)
        self._end_append()
        return number

    def _end_append(self) -> None:
        # Many at once take half the time of the same ones between other work.
        if len(self._unobserved) >= _BATCH:
            with self._observer_lock:
                self._observe_dropped()
        if self._budget is not None and self._budget.is_exceeded:
            self._budget.trim()
        self._notify()

    def append_if_free(
        self, build: Callable[[int], tuple[LazyExchange, int]], generation: int | None = None
    ) -> bool:
        """Record an exchange as `append_lazy` does; return whether it was recorded.

        It is not when another thread uses the journal, and when others have to drop exchanges
        first: then nothing happens, so that the caller never waits.
        """
        if len(self._unobserved) > _MAX_UNOBSERVED:
            return False
        if self._budget is not None and self._budget.is_exceeded:
            return False
        if not self._lock.acquire(blocking=False):
            return False
        try:
            if generation is not None and generation != self.generation:
                return False
            self._add_lazy(build)
        finally:
            self._lock.release()
        if len(self._unobserved) >= _BATCH and self._observer_lock.acquire(blocking=False):
            try:
                self._observe_dropped(2 * _BATCH, only_known=True)
            finally:
                self._observer_lock.release()
        self._notify()
        return True

    def _add_lazy(self, build: Callable[[int], tuple[LazyExchange, int]]) -> int:
        number = self._recorded + 1
        source, size = build(number)
        self._add(LazyEntry(source, number, size))
        return number

    def _add(self, entry: Entry) -> None:
        before = self._bytes
        self._exchanges.append(entry)
        self._recorded += 1
        self._bytes += size_of(entry)
        while len(self._exchanges) > self._max_exchanges or self._bytes > self._max_bytes:
            self._drop_oldest()
        if self._budget is not None:
            self._budget.add(self._bytes - before)

    def drop_oldest(self, size: int) -> int:
        """Drop the oldest exchanges until as many bytes are free; return how many are.

        For the bound of all journals. The observer gets them, as when they are dropped here.
        """
        with self._lock:
            before = self._bytes
            while self._exchanges and before - self._bytes < size:
                self._drop_oldest()
            freed = before - self._bytes
            if self._budget is not None:
                self._budget.add(-freed)
        with self._observer_lock:
            self._observe_dropped()
        return freed

    def close(self) -> None:
        """Count the journal no more in the bound of all: its world was deleted."""
        with self._lock:
            budget, self._budget = self._budget, None
            if budget is not None:
                budget.leave(self, self._bytes)

    def _drop_oldest(self) -> None:
        first = self._recorded - len(self._exchanges)
        dropped = self._exchanges.popleft()
        self._bytes -= size_of(dropped)
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
            self._observer(observable(entry))
            self._observed += 1

    def _observe_dropped(self, limit: int | None = None, *, only_known: bool = False) -> None:
        """Pass dropped exchanges to the observer, the oldest first; its lock is held.

        `only_known`: stop at one that is not equal to an earlier one, since that takes long.
        """
        if self._observer is None:
            return
        for _ in range(len(self._unobserved) if limit is None else limit):
            if not self._unobserved or (only_known and not is_known(self._unobserved[0])):
                return
            self._observer(observable(self._unobserved.popleft()))

    def exchanges(self, matches: Callable[[Exchange], bool] | None = None) -> tuple[Exchange, ...]:
        """Return the recorded exchanges that match, oldest first.

        `matches` may get an exchange whose response has its status alone.
        """
        return tuple(map(build, self._matching(matches)))

    def _matching(self, matches: Callable[[Exchange], bool] | None) -> tuple[Entry, ...]:
        with self._lock:
            entries = tuple(self._exchanges)
        return tuple(entry for entry in entries if matches is None or matches(outline(entry)))

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

    def clear(self) -> None:
        """Remove every exchange, and reset the numbers and the count of dropped ones.

        The observer gets the exchanges first. A call under way is recorded when it ends.
        """
        with self._observer_lock, self._lock:
            self._flush()
            self._empty()
        self._notify()

    def restart(self) -> None:
        """Remove every exchange, also those of calls under way: the world begins again.

        Call it inside of an update of the world. The observer gets nothing.
        """
        with self._observer_lock, self._lock:
            self._empty()
            self.generation += 1
        self._notify()

    def _empty(self) -> None:
        if self._budget is not None:
            self._budget.add(-self._bytes)
        self._exchanges.clear()
        self._unobserved.clear()
        self._bytes = self._recorded = self._observed = self.dropped = 0
        self._era += 1

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
        """Return the position after the exchange of a number: at most the end.

        When it was dropped, the position is before the first exchange that was not.
        """
        with self._lock:
            return JournalPosition(self._era, min(number, self._recorded))

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
        return tuple(map(build, entries)), end

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
