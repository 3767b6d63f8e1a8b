"""All tasks of one world on their own calendar: who is there, what comes next, and what a command does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from understudy.ocp.calendar import SAME, Calendar
from understudy.ocp.commands import Command, command_task, find_task
from understudy.ocp.engine import advance, begin
from understudy.ocp.model import Task
from understudy.ocp.table import TaskTable


@dataclass(frozen=True, slots=True)
class Platform:
    """A value: looking at it later gives another one, which shares all that did not change."""

    tasks: TaskTable
    """Those that have begun."""
    calendar: Calendar = SAME
    agenda: Mapping[int, datetime] | None = None
    """When something happens to a task next, by its id; tasks to which nothing happens are not in it."""
    unborn: tuple[Task, ...] = ()
    """Those that are still to begin, at their `create_time`, the earliest first."""

    def __post_init__(self) -> None:
        if self.agenda is None:
            moving = {task.id: task.next_at for task in self.tasks.values() if task.next_at is not None}
            object.__setattr__(self, "agenda", moving)

    def advanced(self, now: datetime) -> "Platform":
        """Give the platform as it stands at `now`, a moment of the tasks' calendar. Nothing due: the same object."""
        due = [task_id for task_id, at in (self.agenda or {}).items() if at <= now]
        born = [task for task in self.unborn if task.create_time <= now]
        if not due and not born:
            return self
        origin = self.calendar.origin
        begun = [begin(task, task.create_time, origin) for task in born]
        moved = [advance(task, now, origin) for task in [*(self.tasks[task_id] for task_id in due), *begun]]
        return replace(self._with(moved), unborn=self.unborn[len(born) :])

    def applied(self, command: Command) -> "Platform":
        """Give the platform after a command, which comes at a moment of the tasks' calendar. Raises Refusal."""
        platform = self.advanced(command.at)
        task = find_task(platform.tasks, command.task_id)
        # Never before what has happened to the task already: a wall clock may go backwards.
        at = max(command.at, task.settled or command.at)
        return platform._with([command_task(task, replace(command, at=at), self.calendar.origin)])

    def restored(self, tasks: Iterable[Task], born: int) -> "Platform":
        """Give the platform with tasks as they stood once, when `born` of the unborn had begun."""
        return replace(self._with(list(tasks)), unborn=self.unborn[born:])

    def _with(self, tasks: list[Task]) -> "Platform":
        agenda = dict(self.agenda or {})
        for task in tasks:
            agenda.pop(task.id, None)
            if task.next_at is not None:
                agenda[task.id] = task.next_at
        return replace(self, tasks=self.tasks.over(*tasks), agenda=agenda)
