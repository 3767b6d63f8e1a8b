"""Snapshots of worlds, kept in memory: bounded in number and in bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from understudy.control.api.control_problems import ControlProblem
from understudy.errors import nearest_name
from understudy.messages import dump_json, parse_json

MAX_PER_WORLD = 100
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A world as it stood."""

    name: str
    at: datetime
    """The world's moment."""
    revision: int
    text: bytes
    """What `World.snapshot` gave, as JSON."""

    def load(self) -> Mapping[str, Any]:
        """Give what `World.restore` takes."""
        data: Mapping[str, Any] = parse_json(self.text)
        return data


class Snapshots:
    """The snapshots of all worlds of a stub."""

    def __init__(self, *, max_per_world: int = MAX_PER_WORLD, max_bytes: int = MAX_BYTES) -> None:
        self._kept: dict[str, dict[str, Snapshot]] = {}
        self._most, self._most_bytes = max_per_world, max_bytes
        self._lock = Lock()

    def of_world(self, world: str) -> tuple[Snapshot, ...]:
        """Give those of a world, in the order in which their names were first used."""
        with self._lock:
            return tuple(self._kept.get(world, {}).values())

    def save(
        self, world: str, name: str, at: datetime, revision: int, data: Any
    ) -> tuple[Snapshot, bool]:
        """Keep a snapshot; tell whether its name is new. Raises ControlProblem when there is no room."""
        snapshot = Snapshot(name, at, revision, dump_json(data))
        with self._lock:
            kept = self._kept.get(world, {})
            is_new = name not in kept
            if is_new and len(kept) >= self._most:
                raise ControlProblem(
                    "snapshots-full", f"The world has {self._most} snapshots already. Drop some."
                )
            used = sum(
                len(one.text) for snapshots in self._kept.values() for one in snapshots.values()
            )
            used += len(snapshot.text) - (0 if is_new else len(kept[name].text))
            if used > self._most_bytes:
                raise ControlProblem(
                    "snapshots-full", f"All snapshots would have {used} bytes. Drop some."
                )
            self._kept[world] = {**kept, name: snapshot}
        return snapshot, is_new

    def get(self, world: str, name: str) -> Snapshot:
        """Give one. Raises ControlProblem with the nearest name."""
        with self._lock:
            return self._found(world, name)

    def drop(self, world: str, name: str) -> None:
        """Forget one. Raises ControlProblem with the nearest name."""
        with self._lock:
            self._found(world, name)
            del self._kept[world][name]

    def drop_world(self, world: str) -> None:
        """Forget those of a world."""
        with self._lock:
            self._kept.pop(world, None)

    def _found(self, world: str, name: str) -> Snapshot:
        kept = self._kept.get(world, {})
        if name in kept:
            return kept[name]
        near = nearest_name(name, kept)
        hint = f' Did you mean "{near}"?' if near else ""
        raise ControlProblem(
            "no-such-snapshot", f'The world "{world}" has no snapshot "{name}".{hint}'
        )
