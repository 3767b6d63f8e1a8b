"""The tasks of one world: a population that worlds share, and the few tasks that are different or new."""

from collections.abc import Iterator, Mapping

from understudy.ocp.population import Population
from understudy.ocp.task_model import Task


class TaskOverlay(Mapping[int, Task]):
    """Tasks by id. Never changes: `over` gives another one, which shares the population."""

    __slots__ = ("_added", "base", "changed")

    def __init__(self, base: Population, changed: Mapping[int, Task]) -> None:
        self.base = base
        """What worlds share."""
        self.changed = changed
        """What is different from it, or not in it."""
        self._added = [task_id for task_id in changed if task_id not in base]

    @classmethod
    def of(cls, tasks: Mapping[int, Task]) -> "TaskOverlay":
        """Give any tasks as a table."""
        return (
            tasks
            if isinstance(tasks, TaskOverlay)
            else cls(Population.of(list(tasks.values())), {})
        )

    @property
    def highest_id(self) -> int:
        """The highest id of all; 0 where there are no tasks."""
        last = self.base.entries[-1].id if self.base.entries else 0
        return max([last, *self._added])

    def with_tasks(self, *tasks: Task) -> "TaskOverlay":
        """Give the table with tasks replaced or added. Copies what was different before, nothing else."""
        return TaskOverlay(self.base, {**self.changed, **{task.id: task for task in tasks}})

    def __getitem__(self, task_id: int) -> Task:
        changed = self.changed.get(task_id)
        return self.base[task_id] if changed is None else changed

    def __contains__(self, task_id: object) -> bool:
        return task_id in self.changed or task_id in self.base

    def __iter__(self) -> Iterator[int]:
        yield from self.base
        yield from self._added

    def __len__(self) -> int:
        return len(self.base) + len(self._added)
