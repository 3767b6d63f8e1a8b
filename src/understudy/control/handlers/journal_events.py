"""A follower of journals, which is woken when an exchange is recorded."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from threading import Event

from understudy.messages import Exchange
from understudy.replay import ThreadLimit, World
from understudy.replay.world_journal import JournalPosition

_TICK_S = 0.1
"""How often a wait ends to check the client and the list of worlds."""
_INSTANT = timedelta(microseconds=50)

JournalEvent = tuple[World, Exchange | None]
"""A world and its new exchange; None: its journal was emptied, or the world was deleted."""


class JournalFollower:
    """Reads what is new in the journals of worlds.

    A follower belongs to one thread, and its creator calls `close`.
    """

    def __init__(self, worlds: Callable[[], Iterable[World]]) -> None:
        self._worlds = worlds
        self._notified = Event()
        self._positions: dict[World, JournalPosition] = {}

    def follow(self, world: World, position: JournalPosition) -> None:
        """Start at a position in the journal of a world.

        `read_new` follows worlds that appear later, from their first exchange on.
        """
        world.journal.subscribe(self._notified.set)
        self._positions[world] = position

    def read_new(self) -> Iterator[JournalEvent]:
        """Yield what was recorded since the last call, world by world."""
        worlds = tuple(self._worlds())
        for deleted in [world for world in self._positions if world not in worlds]:
            deleted.journal.unsubscribe(self._notified.set)
            del self._positions[deleted]
            yield deleted, None
        for world in worlds:
            if world not in self._positions:
                self.follow(world, world.journal.start)
            yield from self._read_world(world)

    def _read_world(self, world: World) -> Iterator[JournalEvent]:
        """Yield what is new in one journal; a new era means that it was emptied."""
        before = self._positions[world]
        exchanges, after = world.journal.since(before)
        self._positions[world] = after
        if after.era != before.era:
            yield world, None
        for exchange in exchanges:
            yield world, exchange

    def wait(self, seconds: float) -> bool:
        """Wait until something may be new, at most 100 ms; return whether there may be."""
        is_new = self._notified.wait(max(0.0, min(seconds, _TICK_S)))
        self._notified.clear()
        return is_new

    def close(self) -> None:
        """Stop listening."""
        for world in self._positions:
            world.journal.unsubscribe(self._notified.set)
        self._positions.clear()


def is_wait_over(threads: ThreadLimit, is_client_gone: Callable[[], bool] | None) -> bool:
    """Return whether a wait is useless: the server stops, or the client has hung up."""
    return not threads.wait(_INSTANT, is_client_gone)
