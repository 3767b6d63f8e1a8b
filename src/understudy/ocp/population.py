"""The tasks that a scenario begins with: many, never changed, shared by every world; ready to be looked through.

Only what the list filters and sorts by is kept for each; a task of a crowd is made when somebody looks at it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock

from understudy.ocp.task_model import Task, TaskStatus

_MADE = 2048
"""How many tasks of a crowd are kept once they were made."""


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What the list filters and sorts by."""

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
    """Give what the list filters and sorts a task by."""
    return IndexEntry(
        task.id,
        task.name,
        task.status,
        task.type,
        task.create_time,
        task.finish_time,
        task.cluster.id if task.cluster else None,
        task.cluster.name if task.cluster else "",
        task.tenant.id if task.tenant else None,
        task.tenant.name if task.tenant else "",
        task.host.id if task.host else None,
    )


class Population(Mapping[int, Task]):
    """Tasks by id, in ascending order of their ids. Never changes; what is computed of it is computed once."""

    def __init__(self, heads: Sequence[IndexEntry], make: Callable[[int], Task]) -> None:
        """Take the heads, and what gives the task of an id."""
        self.entries = sorted(heads, key=lambda head: head.id)
        self.positions = {head.id: place for place, head in enumerate(self.entries)}
        self._make = make
        self._made: dict[int, Task] = {}
        self._orders: dict[str, list[int]] = {}
        self._statuses: dict[tuple[frozenset[TaskStatus], bool], list[int]] = {}
        self._lock = Lock()

    @classmethod
    def of(cls, tasks: Sequence[Task]) -> "Population":
        """Make a population of tasks that are there already."""
        by_id = {task.id: task for task in tasks}
        return cls([build_index_entry(task) for task in by_id.values()], by_id.__getitem__)

    def __getitem__(self, task_id: int) -> Task:
        found = self._made.get(task_id)
        if found is None:
            if task_id not in self.positions:
                raise KeyError(task_id)
            found = self._make(task_id)
            with self._lock:
                if len(self._made) >= _MADE:
                    self._made.pop(next(iter(self._made)))
                self._made[task_id] = found
        return found

    def __contains__(self, task_id: object) -> bool:
        return task_id in self.positions

    def __iter__(self) -> Iterator[int]:
        return (head.id for head in self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def casefolded_names(self) -> list[str]:
        """The names in lower case, by place."""
        known: dict[str, str] = {}
        return [known.setdefault(head.name, head.name.casefold()) for head in self.entries]

    def sorted_positions(
        self, name: str, key: Callable[[IndexEntry], object], descending: bool
    ) -> list[int]:
        """Give the places in order of a key; ties by id; sorted the first time only. `name` stands for the key."""
        label = f"{name},{'desc' if descending else 'asc'}"
        found = self._orders.get(label)
        if found is None:
            places: list[int] = sorted(  # a stable sort: equal keys stay in the order of their ids
                range(len(self.entries)),
                key=lambda place: key(self.entries[place]),  # type: ignore[arg-type,return-value]
                reverse=descending,
            )
            found = self._orders[label] = places
        return found

    def positions_with_status(self, statuses: frozenset[TaskStatus], descending: bool) -> list[int]:
        """Give the places of the tasks of some statuses, by their ids; looked for the first time only."""
        found = self._statuses.get((statuses, descending))
        if found is None:
            found = [place for place, head in enumerate(self.entries) if head.status in statuses]
            self._statuses[statuses, descending] = found = found[::-1] if descending else found
        return found
