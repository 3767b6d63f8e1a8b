"""The worlds of a stub: built on first use, limited in number."""

import logging
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import NewType

from understudy.clock import Clock
from understudy.replay.stub_problem import StubProblem
from understudy.replay.world import World

log = logging.getLogger("understudy")

WorldName = NewType("WorldName", str)
_WORLD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z", re.ASCII)
DEFAULT_WORLD = WorldName("default")
IDLE = timedelta(minutes=10)
"""A world that was idle for this long can be evicted."""
_MAX_REMEMBERED = 10_000
"""How many names of evicted and closed worlds are remembered."""


@dataclass(slots=True)
class _Entry:
    """A world, and when it was last used."""

    world: World
    used: datetime


class WorldRegistry:
    """Worlds by name. `build` builds the world of a name at a moment of the wall clock.

    It also gets a generation: a world never has the generation of an earlier one of its name.
    """

    def __init__(
        self, build: Callable[[str, datetime, int], World], wall: Clock, max_worlds: int
    ) -> None:
        self._build = build
        self._wall = wall
        self._max_worlds = max_worlds
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        """In the order of their last use."""
        self._gone: OrderedDict[str, Callable[[str], StubProblem]] = OrderedDict()
        """By name of an evicted or closed world: builds the problem for its callers."""
        self._deleted = 0
        """How many worlds were deleted."""
        self._lock = Lock()

    def get(self, name: str) -> World:
        """Return a world; build it on first use.

        Raises StubProblem for an invalid name, a world that is gone, and too many worlds.
        """
        check_world_name(name)
        now = self._wall.now()
        with self._lock:
            entry = self._entries.get(name)
            if entry is None:
                self._check_gone(name)
                # The default world always has room: a stub without it would be of no use.
                if name != DEFAULT_WORLD and len(self._entries) >= self._max_worlds:
                    self._evict(now)
                world = self._build(name, now, self._deleted)
                world.on_use = self._count_use
                entry = self._entries[name] = _Entry(world, now)
            entry.used = now
            self._entries.move_to_end(name)
            return entry.world

    def _count_use(self, world: World) -> None:
        now = self._wall.now()
        with self._lock:
            entry = self._entries.get(world.name)
            if entry is not None and entry.world is world:
                entry.used = now
                self._entries.move_to_end(world.name)

    def touch(self, world: World) -> bool:
        """Count a use of a world; return whether it still is the one of its name.

        Waits for nothing: False also when another thread builds or evicts a world just now.
        """
        now = self._wall.now()
        if not self._lock.acquire(blocking=False):
            return False
        try:
            entry = self._entries.get(world.name)
            if entry is None or entry.world is not world:
                return False
            entry.used = now
            self._entries.move_to_end(world.name)
            return True
        finally:
            self._lock.release()

    def find_usable(self, name: str) -> World | None:
        """Return a world if it exists. This does not count as using it.

        Raises StubProblem for an invalid name, and for a world that is gone.
        """
        check_world_name(name)
        with self._lock:
            entry = self._entries.get(name)
            if entry is None:
                self._check_gone(name)
        return entry.world if entry else None

    def has_room(self) -> bool:
        """Return whether another world can be built, perhaps in place of an idle one."""
        now = self._wall.now()
        with self._lock:
            if len(self._entries) < self._max_worlds:
                return True
            return now - next(iter(self._entries.values())).used >= IDLE

    def list_worlds(self) -> tuple[World, ...]:
        """Return the existing worlds, the least recently used first."""
        with self._lock:
            return tuple(entry.world for entry in self._entries.values())

    def find(self, name: str) -> World | None:
        """Return a world if it exists. This does not count as using it."""
        with self._lock:
            entry = self._entries.get(name)
        return entry.world if entry else None

    def last_used(self, name: str) -> datetime | None:
        """Return when a world was last used; None when it does not exist."""
        with self._lock:
            entry = self._entries.get(name)
        return entry.used if entry else None

    def drop(self, name: str, *, closed: bool = False) -> None:
        """Delete a world and its state, and forget that it was evicted.

        `closed`: later callers get a problem (410) and do not build the world again. An
        unknown name is not an error.
        """
        with self._lock:
            self._gone.pop(name, None)
            entry = self._entries.pop(name, None)
            self._deleted += entry is not None
            if closed:
                self._remember_gone(name, _closed_problem)
        if entry is not None:
            entry.world.delete_state()

    def reopen(self, name: str) -> World | None:
        """Forget that a world was evicted or closed; return it if it exists.

        Raises StubProblem for an invalid name.
        """
        check_world_name(name)
        with self._lock:
            self._gone.pop(name, None)
        return self.find(name)

    def _check_gone(self, name: str) -> None:
        if name in self._gone:
            raise self._gone[name](name)

    def _remember_gone(self, name: str, build_problem: Callable[[str], StubProblem]) -> None:
        self._gone[name] = build_problem
        if len(self._gone) > _MAX_REMEMBERED:
            self._gone.popitem(last=False)

    def _evict(self, now: datetime) -> None:
        """Delete the least recently used world if it was idle for long enough; log it.

        Raises StubProblem (503) when every world is in use.
        """
        name, entry = next(iter(self._entries.items()))
        if now - entry.used < IDLE:
            raise self._too_many_worlds_problem()
        del self._entries[name]
        self._deleted += 1
        entry.world.delete_state()
        self._remember_gone(name, _evicted_problem)
        used = entry.used.isoformat()
        log.warning("world %s: evicted to make room; it was last used at %s", name, used)

    def _too_many_worlds_problem(self) -> StubProblem:
        detail = (
            f"{len(self._entries)} worlds exist, and all were used within the last "
            f"{IDLE.seconds // 60} minutes. Drop some, or serve with a larger --max-worlds."
        )
        return StubProblem(503, "too-many-worlds", "Too many worlds", detail)


def _evicted_problem(name: str) -> StubProblem:
    detail = "It was idle and was evicted to make room. Reset it to use it again."
    return StubProblem(410, "world-evicted", f'The world "{name}" is gone', detail)


def _closed_problem(name: str) -> StubProblem:
    detail = "Its test has ended, but a client still calls it. Reset it to use it again."
    return StubProblem(410, "world-closed", f'The world "{name}" is closed', detail)


def check_world_name(name: str) -> None:
    """Raise StubProblem (400) for an invalid name of a world."""
    if not _WORLD_NAME.match(name):
        detail = (
            "A world's name is a letter or digit, then up to 99 letters, digits, dots, "
            "underscores or hyphens."
        )
        title = f'Invalid name of a world: "{name[:120]}"'
        raise StubProblem(400, "bad-world-name", title, detail)
