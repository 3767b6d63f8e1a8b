"""The tasks that a scenario starts with: many, immutable, shared by every world.

Each has an entry with what the list filters and sorts by. A task of a crowd is built when a
client asks for it, so that a million tasks cost a million entries only.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple

from understudy.ocp.task_model import Task, TaskStatus

_MAX_BUILT = 2048
"""How many built tasks of a crowd are held in memory."""


class IndexEntry(NamedTuple):
    """The fields of a task that the list filters and sorts by.

    A tuple, because a world starts with one for each task of a crowd.
    """

    id: int
    name: str
    status: TaskStatus
    type: str
    create_time: datetime
    finish_time: datetime | None
    cluster_id: int | None
    cluster_name: str
    tenant_id: int | None
    tenant_name: str
    host_id: int | None


def build_index_entry(task: Task) -> IndexEntry:
    """Build the entry of a task."""
    cluster, tenant, host = task.cluster, task.tenant, task.host
    cluster_id, cluster_name = (cluster.id, cluster.name) if cluster else (None, "")
    tenant_id, tenant_name = (tenant.id, tenant.name) if tenant else (None, "")
    return IndexEntry(
        id=task.id,
        name=task.name,
        status=task.status,
        type=task.type,
        create_time=task.create_time,
        finish_time=task.finish_time,
        cluster_id=cluster_id,
        cluster_name=cluster_name,
        tenant_id=tenant_id,
        tenant_name=tenant_name,
        host_id=host.id if host else None,
    )


class Population(Mapping[int, Task]):
    """Tasks by id, in ascending order of ids. Immutable; every order is computed once.

    A position is the index of a task in this order.
    """

    def __init__(self, entries: Sequence[IndexEntry], build: Callable[[int], Task]) -> None:
        """Take the entries, and the function that builds the task of an id."""
        self.entries = sorted(entries, key=lambda entry: entry.id)
        self.positions = {entry.id: position for position, entry in enumerate(self.entries)}
        self._build = build
        self._built: dict[int, Task] = {}
        self._orders: dict[tuple[str, bool], list[int]] = {}
        self._by_status: dict[tuple[frozenset[TaskStatus], bool], list[int]] = {}
        self.lists: dict[object, Sequence[int]] = {}
        """Positions of filtered and sorted lists, as `task_list` has found them."""
        self._lock = Lock()

    @classmethod
    def of(cls, tasks: Sequence[Task]) -> "Population":
        """Build a population from tasks."""
        by_id = {task.id: task for task in tasks}
        entries = [build_index_entry(task) for task in by_id.values()]
        return cls(entries, by_id.__getitem__)

    def __getitem__(self, task_id: int) -> Task:
        task = self._built.get(task_id)
        if task is not None:
            return task
        if task_id not in self.positions:
            raise KeyError(task_id)
        task = self._build(task_id)
        with self._lock:
            if len(self._built) >= _MAX_BUILT:
                oldest = next(iter(self._built))
                self._built.pop(oldest)
            self._built[task_id] = task
        return task

    def __contains__(self, task_id: object) -> bool:
        return task_id in self.positions

    def __iter__(self) -> Iterator[int]:
        return (entry.id for entry in self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def casefolded_names(self) -> list[str]:
        """The names without case, by position. Equal names share one string."""
        known: dict[str, str] = {}
        return [known.setdefault(entry.name, entry.name.casefold()) for entry in self.entries]

    def sorted_positions(
        self, name: str, key: Callable[[IndexEntry], Any], descending: bool
    ) -> list[int]:
        """Return the positions sorted by a key; equal keys by ascending id.

        `name` identifies the key: each order is sorted once.
        """
        label = (name, descending)
        positions = self._orders.get(label)
        if positions is None:
            # A stable sort, also in reverse: equal keys stay in the order of their ids.
            positions = sorted(
                range(len(self.entries)),
                key=lambda position: key(self.entries[position]),
                reverse=descending,
            )
            self._orders[label] = positions
        return positions

    def positions_with_status(self, statuses: frozenset[TaskStatus], descending: bool) -> list[int]:
        """Return the positions of the tasks with one of the statuses, by id; computed once."""
        label = (statuses, descending)
        positions = self._by_status.get(label)
        if positions is None:
            entries = enumerate(self.entries)
            positions = [position for position, entry in entries if entry.status in statuses]
            if descending:
                positions.reverse()
            self._by_status[label] = positions
        return positions
