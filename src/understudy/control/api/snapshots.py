"""Snapshots of worlds, held in memory: bounded in number and in bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from understudy.errors import nearest_name
from understudy.messages import dump_json, parse_json

if TYPE_CHECKING:
    from understudy.control.api.control_problems import ControlProblem

MAX_PER_WORLD = 100
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A saved world."""

    name: str
    at: datetime
    """When it was taken, on the world's clock."""
    revision: int
    """How many commands had changed the world."""
    text: bytes
    """The data of `World.snapshot` as JSON: a text cannot change with the world."""

    def load(self) -> Mapping[str, Any]:
        """Return the data for `World.restore`."""
        data: Mapping[str, Any] = parse_json(self.text)
        return data


class Snapshots:
    """The snapshots of all worlds of a stub. Safe for threads."""

    def __init__(self, *, max_per_world: int = MAX_PER_WORLD, max_bytes: int = MAX_BYTES) -> None:
        self._by_world: dict[str, dict[str, Snapshot]] = {}
        self._max_per_world = max_per_world
        self._max_bytes = max_bytes
        self._lock = Lock()

    def of_world(self, world: str) -> tuple[Snapshot, ...]:
        """Return the snapshots of a world, in the order in which their names were first used."""
        with self._lock:
            return tuple(self._by_world.get(world, {}).values())

    def save(
        self, world: str, name: str, at: datetime, revision: int, data: object
    ) -> tuple[Snapshot, bool]:
        """Save a snapshot, and return it with whether its name is new.

        Raises ControlProblem (`snapshots-full`) when a bound is exceeded; then nothing changes.
        """
        snapshot = Snapshot(name, at, revision, dump_json(data))
        with self._lock:
            snapshots = self._by_world.get(world, {})
            previous = snapshots.get(name)
            self._check_room(snapshots, snapshot, previous)
            self._by_world[world] = {**snapshots, name: snapshot}
        return snapshot, previous is None

    def get(self, world: str, name: str) -> Snapshot:
        """Return a snapshot. Raises ControlProblem (`no-such-snapshot`) with the nearest name."""
        with self._lock:
            return self._find(world, name)

    def drop(self, world: str, name: str) -> None:
        """Delete a snapshot. Raises ControlProblem (`no-such-snapshot`) with the nearest name."""
        with self._lock:
            self._find(world, name)
            del self._by_world[world][name]

    def drop_world(self, world: str) -> None:
        """Delete the snapshots of a world."""
        with self._lock:
            self._by_world.pop(world, None)

    def _check_room(
        self, snapshots: Mapping[str, Snapshot], new: Snapshot, previous: Snapshot | None
    ) -> None:
        """Check both bounds. A replaced snapshot frees its bytes and its place."""
        if previous is None and len(snapshots) >= self._max_per_world:
            detail = f"The world already has {self._max_per_world} snapshots. Drop some."
            raise _problem("snapshots-full", detail)
        size = self._total_bytes() + len(new.text)
        if previous is not None:
            size -= len(previous.text)
        if size > self._max_bytes:
            detail = f"All snapshots together would have {size} bytes. Drop some."
            raise _problem("snapshots-full", detail)

    def _total_bytes(self) -> int:
        """Return the size of all snapshots of all worlds."""
        sizes = [
            len(snapshot.text)
            for snapshots in self._by_world.values()
            for snapshot in snapshots.values()
        ]
        return sum(sizes)

    def _find(self, world: str, name: str) -> Snapshot:
        """Return a snapshot; the caller holds the lock. Raises ControlProblem."""
        snapshots = self._by_world.get(world, {})
        if name in snapshots:
            return snapshots[name]
        nearest = nearest_name(name, snapshots)
        hint = f' Did you mean "{nearest}"?' if nearest else ""
        detail = f'The world "{world}" has no snapshot "{name}".{hint}'
        raise _problem("no-such-snapshot", detail)


def _problem(slug: str, detail: str) -> "ControlProblem":
    """Return the error of a call."""
    # Imported late: every server has snapshots, and starts faster without the problems.
    from understudy.control.api.control_problems import ControlProblem

    return ControlProblem(slug, detail)
