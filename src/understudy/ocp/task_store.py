"""All tasks of one world on their own calendar: who is there, what comes next, and what a command does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from understudy.errors import nearest_name
from understudy.ocp.commands import Command, apply_to_task, find_task
from understudy.ocp.engine import advance, begin
from understudy.ocp.force_state import force_subtask, force_task
from understudy.ocp.task_model import SubtaskStatus, Task, TaskStatus
from understudy.ocp.task_overlay import TaskOverlay
from understudy.ocp.time_mapping import SAME_TIME, TimeMapping


@dataclass(frozen=True, slots=True)
class TaskStore:
    """A value: looking at it later gives another one, which shares all that did not change."""

    tasks: TaskOverlay
    """Those that have begun."""
    time_mapping: TimeMapping = SAME_TIME
    agenda: Mapping[int, datetime] | None = None
    """When something happens to a task next, by its id; tasks to which nothing happens are not in it."""
    upcoming: tuple[Task, ...] = ()
    """Those that are still to begin, at their `create_time`, the earliest first."""
    add_commands: tuple[Mapping[str, Any], ...] = ()
    """The commands with which tasks joined that are in no scenario."""

    def __post_init__(self) -> None:
        if self.agenda is None:
            moving = {
                task.id: task.next_at for task in self.tasks.values() if task.next_at is not None
            }
            object.__setattr__(self, "agenda", moving)

    def advance(self, now: datetime) -> "TaskStore":
        """Give the platform as it stands at `now`, a moment of the tasks' calendar. Nothing due: the same object."""
        due = [task_id for task_id, at in (self.agenda or {}).items() if at <= now]
        born = [task for task in self.upcoming if task.create_time <= now]
        if not due and not born:
            return self
        origin = self.time_mapping.origin
        begun = [begin(task, task.create_time, origin) for task in born]
        moved = [
            advance(task, now, origin)
            for task in [*(self.tasks[task_id] for task_id in due), *begun]
        ]
        return replace(self._with(moved), upcoming=self.upcoming[len(born) :])

    def apply(self, command: Command) -> "TaskStore":
        """Give the platform after a command, which comes at a moment of the tasks' calendar. Raises Refusal."""
        platform = self.advance(command.at)
        task = find_task(platform.tasks, command.task_id)
        # Never before what has happened to the task already: a wall clock may go backwards.
        at = max(command.at, task.settled or command.at)
        return platform._with(
            [apply_to_task(task, replace(command, at=at), self.time_mapping.origin)]
        )

    def force(self, task_id: int, subtask_id: int | None, status: str, at: datetime) -> "TaskStore":
        """Give the platform in which a task, or one of its subtasks, has a status; one that was to come has begun.

        Raises Refusal when there is none of that id, and ValueError for a word that is no status.
        """
        words = [one.value for one in (TaskStatus if subtask_id is None else SubtaskStatus)]
        if status not in words:
            near = nearest_name(status, words)
            raise ValueError(
                f'"{status}" is no status; '
                + (f'did you mean "{near}"?' if near else ", ".join(words))
            )
        platform = self.advance(at)._begun(task_id, at)
        task = find_task(platform.tasks, task_id)
        at, origin = max(at, task.settled or at), self.time_mapping.origin
        if subtask_id is None:
            return platform._with([force_task(task, TaskStatus(status), at, origin)])
        return platform._with([force_subtask(task, subtask_id, SubtaskStatus(status), at, origin)])

    def with_task(self, task: Task, at: datetime, command: Mapping[str, Any]) -> "TaskStore":
        """Give the platform with one more task, which joins at a moment; one whose time is later is still to begin.

        `command` is kept beside it. Raises ValueError when there is one of its id.
        """
        platform = self.advance(at)
        if task.id in platform.tasks or any(task.id == other.id for other in platform.upcoming):
            raise ValueError(f"there is a task {task.id} already")
        platform = replace(platform, add_commands=(*platform.add_commands, command))
        if task.create_time <= at:
            return platform._with([task])
        unborn = sorted((*platform.upcoming, task), key=lambda one: one.create_time)
        return replace(platform, upcoming=tuple(unborn))

    @property
    def next_at(self) -> datetime | None:
        """When something happens next to any task; None for never."""
        moments = [*(self.agenda or {}).values(), *(task.create_time for task in self.upcoming[:1])]
        return min(moments, default=None)

    def next_event_of(self, task_id: int) -> datetime | None:
        """Give when something happens to a task next; None for never, and for a task that is not there."""
        begins = next((task.create_time for task in self.upcoming if task.id == task_id), None)
        return begins or (self.agenda or {}).get(task_id)

    def restore(self, tasks: Iterable[Task]) -> "TaskStore":
        """Give the platform with tasks as they stood once; those that were still to come have begun."""
        stood = list(tasks)
        begun = {task.id for task in stood}
        return replace(
            self._with(stood),
            upcoming=tuple(task for task in self.upcoming if task.id not in begun),
        )

    def _begun(self, task_id: int, at: datetime) -> "TaskStore":
        """Let a task begin now that was to begin later."""
        task = next((task for task in self.upcoming if task.id == task_id), None)
        if task is None:
            return self
        unborn = tuple(other for other in self.upcoming if other is not task)
        return replace(self._with([begin(task, at, self.time_mapping.origin)]), upcoming=unborn)

    def _with(self, tasks: list[Task]) -> "TaskStore":
        agenda = dict(self.agenda or {})
        for task in tasks:
            agenda.pop(task.id, None)
            if task.next_at is not None:
                agenda[task.id] = task.next_at
        return replace(self, tasks=self.tasks.with_tasks(*tasks), agenda=agenda)
