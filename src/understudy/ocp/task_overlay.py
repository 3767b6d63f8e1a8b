"""The tasks of one world: a population that worlds share, with changed and added tasks over it."""

from collections.abc import Iterator, Mapping
from typing import Any

from understudy.ocp.layered_map import LayeredMap
from understudy.ocp.population import Population
from understudy.ocp.task_model import Task


class TaskOverlay(Mapping[int, Task]):
    """Tasks by id. Immutable: `with_tasks` returns another one that shares the population.

    So a world's memory is what it changed, not the size of its scenario.
    """

    __slots__ = ("_added", "base", "changed", "lists", "version")

    def __init__(
        self, base: Population, changed: Mapping[int, Task], added: tuple[int, ...] | None = None
    ) -> None:
        """Take the changed tasks, and the ids of those that are not in the population."""
        self.base = base
        """The population that worlds share."""
        if not isinstance(changed, LayeredMap):
            changed = LayeredMap(changed)
        self.changed: LayeredMap[int, Task] = changed
        """The tasks that differ from the population, or are not in it, by id."""
        if added is None:
            added = tuple(task_id for task_id in changed if task_id not in base)
        self._added = added
        self.lists: dict[object, Any] = {}
        """Sorted and filtered lists, as `task_list` found them for these tasks or earlier ones."""
        self.version = object()
        """Identifies these tasks: a cache can hold it without holding the tasks themselves."""

    @classmethod
    def of(cls, tasks: Mapping[int, Task]) -> "TaskOverlay":
        """Return any mapping of tasks as an overlay; an overlay is returned as it is."""
        if isinstance(tasks, TaskOverlay):
            return tasks
        return cls(Population.of(list(tasks.values())), {})

    @property
    def highest_id(self) -> int:
        """The highest id of all tasks; 0 without tasks."""
        # The population is sorted by id: its last task has the highest one.
        last = [entry.id for entry in self.base.entries[-1:]]
        return max([*last, *self._added], default=0)

    def with_tasks(self, *tasks: Task) -> "TaskOverlay":
        """Return an overlay with tasks replaced or added; it shares what did not change."""
        replaced = {task.id: task for task in tasks}
        new = tuple(task_id for task_id in replaced if task_id not in self)
        added = (*self._added, *new) if new else self._added
        overlay = TaskOverlay(self.base, self.changed.with_items(replaced), added)
        # Worlds share the tasks of a start; what changes belongs to one of them.
        overlay.lists = self.lists if self.changed else dict(self.lists)
        return overlay

    def __getitem__(self, task_id: int) -> Task:
        changed = self.changed.get(task_id)
        if changed is not None:
            return changed
        return self.base[task_id]

    def __contains__(self, task_id: object) -> bool:
        return task_id in self.changed or task_id in self.base

    def __iter__(self) -> Iterator[int]:
        yield from self.base
        yield from self._added

    def __len__(self) -> int:
        return len(self.base) + len(self._added)
