"""News of journals: hears of every exchange when it is kept."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from threading import Event

from understudy.messages import Exchange
from understudy.replay import ThreadLimit, World
from understudy.replay.world_journal import JournalPosition

_TICK_S = 0.1
"""How often it is looked whether the client is still there, and which worlds there are."""
_INSTANT = timedelta(microseconds=50)

JournalEvent = tuple[World, Exchange | None]
"""An exchange of a world; None: its journal was emptied, or it is gone."""


class JournalFollower:
    """What is new in the journals of worlds. Used by one thread; whoever makes it closes it."""

    def __init__(self, worlds: Callable[[], Iterable[World]]) -> None:
        self._worlds = worlds
        self._heard = Event()
        self._marks: dict[World, JournalPosition] = {}

    def follow(self, world: World, mark: JournalPosition) -> None:
        """Go on from a place in the journal of a world. Worlds that come later are followed from their start."""
        world.journal.subscribe(self._heard.set)
        self._marks[world] = mark

    def read_new(self) -> Iterator[JournalEvent]:
        """Give what was kept since the last time, world by world."""
        worlds = tuple(self._worlds())
        for gone in [world for world in self._marks if world not in worlds]:
            gone.journal.unsubscribe(self._heard.set)
            del self._marks[gone]
            yield gone, None
        for world in worlds:
            if world not in self._marks:
                self.follow(world, world.journal.start)
            before = self._marks[world]
            exchanges, self._marks[world] = world.journal.since(before)
            if self._marks[world].era != before.era:
                yield world, None
            yield from ((world, exchange) for exchange in exchanges)

    def wait(self, seconds: float) -> bool:
        """Wait until something may be new, but not longer than a tick. Tell whether there is."""
        is_new = self._heard.wait(max(0.0, min(seconds, _TICK_S)))
        self._heard.clear()
        return is_new

    def close(self) -> None:
        """Hear no more."""
        for world in self._marks:
            world.journal.unsubscribe(self._heard.set)
        self._marks.clear()


def is_wait_over(waiting: ThreadLimit, gone: Callable[[], bool] | None) -> bool:
    """Tell whether nobody needs to wait any more: the server stops, or the client has gone."""
    return not waiting.wait(_INSTANT, gone)
