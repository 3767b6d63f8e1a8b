"""The tasks of one world: a population that worlds share, with changed and added tasks over it."""

from collections.abc import Iterator, Mapping
from typing import Any

from understudy.ocp.population import Population
from understudy.ocp.task_model import Task

_MAX_CHANGED = 64
"""How many changed tasks an earlier list may lack: with more, it is found anew."""
_MAX_EARLIER = 64
"""How many earlier lists are held."""


class TaskOverlay(Mapping[int, Task]):
    """Tasks by id. Immutable: `with_tasks` returns another one that shares the population.

    So a world's memory is what it changed, not the size of its scenario.
    """

    __slots__ = ("_added", "base", "changed", "earlier_lists", "lists", "version")

    def __init__(
        self, base: Population, changed: Mapping[int, Task], added: list[int] | None = None
    ) -> None:
        """Take the changed tasks, and the ids of those that are not in the population."""
        self.base = base
        """The population that worlds share."""
        self.changed = changed
        """The tasks that differ from the population, or are not in it, by id."""
        if added is None:
            added = [task_id for task_id in changed if task_id not in base]
        self._added = added
        self.lists: dict[object, Any] = {}
        """Sorted and filtered lists of these tasks, as `task_list` has found them."""
        self.earlier_lists: dict[object, tuple[Any, frozenset[int]]] = {}
        """Lists of earlier tasks, each with the ids of the tasks that have changed since."""
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
        """Return an overlay with tasks replaced or added. Copies the changed tasks only."""
        replaced = {task.id: task for task in tasks}
        new = [task_id for task_id in replaced if task_id not in self]
        overlay = TaskOverlay(self.base, {**self.changed, **replaced}, [*self._added, *new])
        ids = frozenset(replaced)
        current = {key: (known, frozenset[int]()) for key, known in self.lists.items()}
        earlier = {**self.earlier_lists, **current}
        overlay.earlier_lists = _add_changed(
            earlier if len(earlier) <= _MAX_EARLIER else current, ids
        )
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


def _add_changed(
    lists: Mapping[object, tuple[Any, frozenset[int]]], ids: frozenset[int]
) -> dict[object, tuple[Any, frozenset[int]]]:
    """Return earlier lists after more tasks have changed, without those that differ too much."""
    added = ((key, known, changed | ids) for key, (known, changed) in lists.items())
    return {key: (known, changed) for key, known, changed in added if len(changed) <= _MAX_CHANGED}
