"""All tasks of one world in their own time: those that have begun, and those to come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from itertools import takewhile
from typing import Any

from understudy.errors import nearest_name
from understudy.ocp.commands import Command, apply_to_task, find_task
from understudy.ocp.engine import advance, begin
from understudy.ocp.event_budget import EventBudget
from understudy.ocp.force_state import force_subtask, force_task
from understudy.ocp.sorted_chunks import SortedChunks
from understudy.ocp.task_model import SubtaskStatus, Task, TaskStatus
from understudy.ocp.task_overlay import TaskOverlay
from understudy.ocp.time_mapping import SAME_TIME, TimeMapping

CommandRecord = Mapping[str, Any]
"""A command as JSON data, as a world's state holds it."""


@dataclass(frozen=True, slots=True)
class TaskStore:
    """The tasks of a world at a moment: a value, which shares what did not change."""

    tasks: TaskOverlay
    """The tasks that have begun."""
    time_mapping: TimeMapping = SAME_TIME
    agenda: SortedChunks[tuple[datetime, int]] | None = None
    """The moment of each task's next event, and its id; tasks without one are not in it."""
    upcoming: tuple[Task, ...] = ()
    """The tasks that begin later, at their `create_time`; the earliest first."""
    add_commands: tuple[CommandRecord, ...] = ()
    """The commands that added tasks beside those of the scenario."""

    next_at: datetime | None = field(init=False, compare=False)
    """The moment of the next event of any task; None: there is none."""

    def __post_init__(self) -> None:
        agenda = self.agenda
        if agenda is None:
            agenda = build_agenda(self.tasks.values())
            object.__setattr__(self, "agenda", agenda)
        moments = [task.create_time for task in self.upcoming[:1]]
        if agenda.first is not None:
            moments.append(agenda.first[0])
        object.__setattr__(self, "next_at", min(moments, default=None))

    def advance(self, now: datetime, budget: EventBudget | None = None) -> "TaskStore":
        """Return the tasks as they are at `now`, a moment of the tasks' time.

        Without an event until then, returns the same object. Raises TooManyEventsError when the
        events exceed `budget`.
        """
        if not self.is_due(now):
            return self
        due = [task_id for _, task_id in takewhile(lambda entry: entry[0] <= now, self._agenda)]
        starting = [task for task in self.upcoming if task.create_time <= now]
        origin = self.time_mapping.origin
        begun = [begin(task, task.create_time, origin) for task in starting]
        tasks = [*(self.tasks[task_id] for task_id in due), *begun]
        advanced = [advance(task, now, origin, budget) for task in tasks]
        # `upcoming` is sorted, so the starting tasks are its first ones.
        return replace(self._replace_tasks(advanced), upcoming=self.upcoming[len(starting) :])

    def is_due(self, now: datetime) -> bool:
        """Return whether an event is due at `now`, a moment of the tasks' time."""
        return self.next_at is not None and self.next_at <= now

    def apply(self, command: Command) -> "TaskStore":
        """Return the tasks after a command. Raises OcpError."""
        store = self.advance(command.at)
        task = find_task(store.tasks, command.task_id)
        # Never before the task's last event: a wall clock may go backwards.
        at = max(command.at, task.settled or command.at)
        changed = apply_to_task(task, replace(command, at=at), self.time_mapping.origin)
        return store._replace_tasks([changed])

    def force(self, task_id: int, subtask_id: int | None, status: str, at: datetime) -> "TaskStore":
        """Return the tasks in which a task, or one of its subtasks, has a status.

        A task that begins later begins now. Raises OcpError for an unknown id, and ValueError
        for an unknown status.
        """
        if subtask_id is None:
            _check_status(status, TaskStatus)
        else:
            _check_status(status, SubtaskStatus)
        store = self.advance(at)._begin_now(task_id, at)
        task = find_task(store.tasks, task_id)
        at = max(at, task.settled or at)
        origin = self.time_mapping.origin
        if subtask_id is None:
            forced = force_task(task, TaskStatus(status), at, origin)
        else:
            forced = force_subtask(task, subtask_id, SubtaskStatus(status), at, origin)
        return store._replace_tasks([forced])

    def with_task(self, task: Task, at: datetime, command: CommandRecord) -> "TaskStore":
        """Return the tasks with one more, which is added at a moment by a command.

        A task with a later `create_time` begins then. Raises ValueError when the id is taken.
        """
        store = self.advance(at)
        if task.id in store.tasks or any(task.id == planned.id for planned in store.upcoming):
            raise ValueError(f"duplicate task id {task.id}")
        store = replace(store, add_commands=(*store.add_commands, command))
        if task.create_time <= at:
            return store._replace_tasks([task])
        upcoming = sorted((*store.upcoming, task), key=lambda planned: planned.create_time)
        return replace(store, upcoming=tuple(upcoming))

    def next_event_of(self, task_id: int) -> datetime | None:
        """Return the moment of a task's next event; None without one, and for an unknown id."""
        for task in self.upcoming:
            if task.id == task_id:
                return task.create_time
        known = self.tasks.get(task_id)
        return None if known is None else known.next_at

    def restore(self, tasks: Iterable[Task]) -> "TaskStore":
        """Return the store with tasks as a checkpoint holds them; all of them have begun."""
        restored = list(tasks)
        begun = {task.id for task in restored}
        upcoming = tuple(task for task in self.upcoming if task.id not in begun)
        return replace(self._replace_tasks(restored), upcoming=upcoming)

    def _begin_now(self, task_id: int, at: datetime) -> "TaskStore":
        """Let a task begin now that would begin later."""
        for task in self.upcoming:
            if task.id == task_id:
                begun = begin(task, at, self.time_mapping.origin)
                upcoming = tuple(later for later in self.upcoming if later is not task)
                return replace(self._replace_tasks([begun]), upcoming=upcoming)
        return self

    @property
    def _agenda(self) -> SortedChunks[tuple[datetime, int]]:
        return self.agenda or SortedChunks()

    def _replace_tasks(self, tasks: list[Task]) -> "TaskStore":
        before = (self.tasks.get(task.id) for task in tasks)
        removed = [(t.next_at, t.id) for t in before if t is not None and t.next_at is not None]
        added = [(task.next_at, task.id) for task in tasks if task.next_at is not None]
        agenda = self._agenda.with_changes(removed, added)
        return replace(self, tasks=self.tasks.with_tasks(*tasks), agenda=agenda)


def build_agenda(tasks: Iterable[Task]) -> SortedChunks[tuple[datetime, int]]:
    """Return the moments of the tasks' next events, with their ids."""
    return SortedChunks((task.next_at, task.id) for task in tasks if task.next_at is not None)


def _check_status(status: str, kinds: type[Enum]) -> None:
    """Raise ValueError for an unknown status, with the nearest one or all of them."""
    values = [kind.value for kind in kinds]
    if status in values:
        return
    nearest = nearest_name(status, values)
    if nearest:
        raise ValueError(f'unknown status "{status}"; did you mean "{nearest}"?')
    expected = ", ".join(values)
    raise ValueError(f'unknown status "{status}"; expected {expected}')
