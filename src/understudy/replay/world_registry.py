"""The worlds of a stub: made when they are asked for, bounded in number."""

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
"""Only a world that nobody asked for so long has to make room for another."""
_REMEMBERED = 10_000
"""Of how many evicted or closed worlds the names are remembered."""


@dataclass(slots=True)
class _Place:
    """A world, and when it was last asked for."""

    world: World
    used: datetime


class WorldRegistry:
    """Worlds by name. `make` gives a new one for a name and the wall's moment."""

    def __init__(self, make: Callable[[str, datetime], World], wall: Clock, most: int) -> None:
        self._make = make
        self._wall = wall
        self._most = most
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._gone: OrderedDict[str, Callable[[str], StubProblem]] = OrderedDict()
        """By name of a world that is no longer there: what whoever asks for it is told."""
        self._lock = Lock()

    def get(self, name: str) -> World:
        """Give a world; made on first use. Raises StubProblem for a bad name, an evicted world, and a lack of room."""
        check_world_name(name)
        used = self._wall.now()
        with self._lock:
            place = self._places.get(name)
            if place is None:
                self._check_gone(name)
                if name != DEFAULT_WORLD and len(self._places) >= self._most:
                    self._evict(used)
                place = self._places[name] = _Place(self._make(name, used), used)
            place.used = used
            self._places.move_to_end(name)
            return place.world

    def get_or_build_temporary(self, name: str) -> World:
        """Give a world that is there, else one that nobody keeps: for a caller who is not known."""
        check_world_name(name)
        with self._lock:
            place = self._places.get(name)
            if place is not None:
                return place.world
            self._check_gone(name)
        return self._make(name, self._wall.now())

    def list_worlds(self) -> tuple[World, ...]:
        """Give the worlds that exist, the one that was used longest ago first."""
        with self._lock:
            return tuple(place.world for place in self._places.values())

    def find(self, name: str) -> World | None:
        """Give a world if it exists; looking does not count as using it."""
        with self._lock:
            place = self._places.get(name)
        return place.world if place else None

    def last_used(self, name: str) -> datetime | None:
        """Give when a world was last asked for."""
        with self._lock:
            place = self._places.get(name)
        return place.used if place else None

    def drop(self, name: str, *, closed: bool = False) -> None:
        """Forget a world with all that it remembers, also that it was evicted. One that is not there is no error.

        `closed`: whoever still asks for it is told that, and does not make it anew.
        """
        with self._lock:
            self._gone.pop(name, None)
            place = self._places.pop(name, None)
            if closed:
                self._note_gone(name, _closed)
        if place is not None:
            place.world.delete_state()

    def reopen(self, name: str) -> World | None:
        """Forget that a world was evicted or closed; give the one that exists. Raises StubProblem for a bad name."""
        check_world_name(name)
        with self._lock:
            self._gone.pop(name, None)
        return self.find(name)

    def _check_gone(self, name: str) -> None:
        if name in self._gone:
            raise self._gone[name](name)

    def _note_gone(self, name: str, problem: Callable[[str], StubProblem]) -> None:
        self._gone[name] = problem
        if len(self._gone) > _REMEMBERED:
            self._gone.popitem(last=False)

    def _evict(self, wall: datetime) -> None:
        """Let the world go that was used longest ago, if it has been idle long enough; say so."""
        name, place = next(iter(self._places.items()))
        if wall - place.used < IDLE:
            detail = (
                f"{len(self._places)} worlds exist, and all were used within the last {IDLE.seconds // 60} minutes. "
                "Drop some, or serve with a larger --max-worlds."
            )
            raise StubProblem(503, "too-many-worlds", "There is no room for another world", detail)
        del self._places[name]
        place.world.delete_state()
        self._note_gone(name, _evicted)
        log.warning(
            "world %s: evicted to make room; it was last used at %s", name, place.used.isoformat()
        )


def _evicted(name: str) -> StubProblem:
    detail = "It was idle and had to make room. Reset it to begin anew."
    return StubProblem(410, "world-evicted", f'The world "{name}" is gone', detail)


def _closed(name: str) -> StubProblem:
    detail = "Its test has ended: whoever asks has gone on too long. Reset it to begin anew."
    return StubProblem(410, "world-closed", f'The world "{name}" is closed', detail)


def check_world_name(name: str) -> None:
    """Raise StubProblem for what cannot be the name of a world."""
    if not _WORLD_NAME.match(name):
        detail = "A world's name is a letter or digit, then up to 99 letters, digits, dots, underscores or hyphens."
        raise StubProblem(
            400, "bad-world-name", f'"{name[:120]}" cannot be the name of a world', detail
        )
