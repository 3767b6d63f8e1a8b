"""A scenario as values, once it was read and found to be in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache

from understudy.ocp import Account, Task
from understudy.scenario.forward import play
from understudy.scenario.history import schedule, span
from understudy.scenario.times import Moment, resolve

NOT_YET = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for every time of a task that was planned, but not put on a clock."""


class ClockMode(Enum):
    """What moves a clock."""

    REAL = "real"
    VIRTUAL = "virtual"
    PER_CALL = "per-call"


@dataclass(frozen=True, slots=True)
class ClockSettings:
    """The clock that a scenario asks for. `start` None: now, or what the mode's default is."""

    mode: ClockMode = ClockMode.REAL
    start: datetime | None = None
    speed: float = 1.0
    step: timedelta = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """A task as a file tells it, before it is put on a clock."""

    task: Task
    """Its times stand for nothing. When it is history, its states are how it ended; else all is still to come."""
    order: tuple[int, ...]
    """The ids of its subtasks, each after its upstreams."""
    pointer: str
    """Where it stands in the file."""
    at: Moment | None = None
    history: bool = False
    run_starts: Mapping[int, tuple[Moment | None, ...]] = field(default_factory=dict)
    """By subtask: when its executions began, where the file tells it."""

    def on(self, start: datetime) -> Task | None:
        """Give the task as it stands when a clock starts at `start`, or None when it has not begun."""
        if self.history:
            return schedule(self.task, self.order, self._begins(start), self._starts(start))
        at = start if self.at is None else resolve(self.at, start)
        return play(self.task, at, start) if at <= start else None

    def _begins(self, start: datetime) -> datetime:
        if self.at is not None:
            return resolve(self.at, start)
        return start - span(self.task, self.order) - timedelta(minutes=1)

    def _starts(self, start: datetime) -> dict[int, tuple[datetime | None, ...]]:
        return {
            subtask_id: tuple(None if moment is None else resolve(moment, start) for moment in moments)
            for subtask_id, moments in self.run_starts.items()
        }


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A world at rest: accounts, and tasks with what will happen to them."""

    name: str
    description: str
    seed: int
    clock: ClockSettings
    accounts: Mapping[str, Account]
    digest: str
    """Changes when the file's data do; comments and layout do not count."""
    file: str
    plans: tuple[TaskPlan, ...] = field(repr=False, default=())

    def tasks_at_start(self, start: datetime) -> Mapping[int, Task]:
        """Give the tasks that have begun when the clock starts at `start`, by id, in the order of the file."""
        return _tasks_at_start(self, start)


@lru_cache(maxsize=8)
def _tasks_at_start(scenario: Scenario, start: datetime) -> Mapping[int, Task]:
    # Many worlds start the same scenario at the same moment; tasks are values, so they can share them.
    begun = (plan.on(start) for plan in scenario.plans)
    return {task.id: task for task in begun if task is not None}
