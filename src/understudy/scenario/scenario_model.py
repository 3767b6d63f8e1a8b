"""A scenario as values, once it was read and found to be in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Any

from understudy.durations import Moment, resolve_moment
from understudy.ocp import (
    ORIGIN,
    Account,
    Population,
    Task,
    TaskOverlay,
    TaskStore,
    TimeMapping,
    advance,
    begin,
    build_index_entry,
)
from understudy.rules import RuleSet
from understudy.scenario.crowd import Crowd
from understudy.scenario.past_times import measure_history, schedule_history

UNSCHEDULED = datetime(2000, 1, 1, tzinfo=UTC)
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
class Throttle:
    """How many calls an account may make in each window."""

    limit: int
    window: timedelta


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
    is_history: bool = False
    run_starts: Mapping[int, tuple[Moment | None, ...]] = field(default_factory=dict)
    """By subtask: when its executions began, where the file tells it."""

    def task_if_begun(self, start: datetime) -> Task | None:
        """Give the task as it stands when a clock starts at `start`, or None when it has not begun."""
        task = self.task_at_start(start)
        return task if task.create_time <= start else None

    def task_at_start(self, start: datetime, *, ticks_from: datetime | None = None) -> Task:
        """Give the task as it stands when a clock starts at `start`; one that is still to begin has its time.

        `ticks_from` is where ticks count from, if the clock started before.
        """
        if self.is_history:
            return schedule_history(self.task, self.order, self._begins(start), self._starts(start))
        at = start if self.at is None else resolve_moment(self.at, start)
        if at > start:
            return replace(self.task, create_time=at)
        origin = ticks_from or start
        return advance(begin(self.task, at, origin), start, origin)

    @property
    def has_fixed_times(self) -> bool:
        """Whether the file names a time of it, so that it depends on when the clock starts."""
        moments = [self.at, *(moment for starts in self.run_starts.values() for moment in starts)]
        return any(isinstance(moment, datetime) for moment in moments)

    def _begins(self, start: datetime) -> datetime:
        if self.at is not None:
            return resolve_moment(self.at, start)
        return start - measure_history(self.task, self.order) - timedelta(minutes=1)

    def _starts(self, start: datetime) -> dict[int, tuple[datetime | None, ...]]:
        return {
            subtask_id: tuple(
                None if moment is None else resolve_moment(moment, start) for moment in moments
            )
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
    throttle: tuple[Throttle, ...] = ()
    plans: tuple[TaskPlan, ...] = field(repr=False, default=())
    crowd: Crowd | None = None
    script: RuleSet = field(repr=False, default_factory=RuleSet)
    """Scripted replies and faults."""
    world: Mapping[str, Any] | None = field(repr=False, default=None)
    """How a world stood that was exported as this scenario."""
    data: Mapping[str, Any] = field(repr=False, default_factory=dict)
    """As it was read, so that it can be written back."""

    def build_task_store(self, start: datetime) -> TaskStore:
        """Give the tasks for a clock that starts at `start`. Worlds that start at other times share them."""
        tied = any(plan.has_fixed_times for plan in self.plans)
        opening = _opening(self, start if tied else ORIGIN)
        return replace(opening, time_mapping=TimeMapping(opening.time_mapping.origin, start))

    def tasks_at_start(self, start: datetime) -> Mapping[int, Task]:
        """Give the tasks that have begun when the clock starts at `start`, by id, in the order of the file."""
        begun = (plan.task_if_begun(start) for plan in self.plans)
        return {task.id: task for task in begun if task is not None}


@lru_cache(maxsize=8)
def _opening(scenario: Scenario, origin: datetime) -> TaskStore:
    tasks = [plan.task_at_start(origin) for plan in scenario.plans]
    born = [task for task in tasks if task.create_time <= origin]
    unborn = sorted(
        (task for task in tasks if task.create_time > origin), key=lambda task: task.create_time
    )
    population = _population(born, scenario.crowd, origin)
    moving = {task.id: task.next_at for task in born if task.next_at is not None}
    return TaskStore(
        TaskOverlay(population, {}), TimeMapping(origin, origin), moving, tuple(unborn)
    )


def _population(born: Sequence[Task], crowd: Crowd | None, origin: datetime) -> Population:
    if crowd is None:
        return Population.of(born)
    told = {task.id: task for task in born}
    heads = [*map(build_index_entry, born), *crowd.list_heads(origin)]
    return Population(heads, lambda task_id: told.get(task_id) or crowd.build_task(task_id, origin))
