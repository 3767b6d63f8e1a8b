"""A scenario as values, after its file has been parsed and checked."""

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
    build_agenda,
    build_index_entry,
)
from understudy.rules import RuleSet
from understudy.scenario.crowd import Crowd
from understudy.scenario.past_times import measure_history, schedule_history

UNSCHEDULED = datetime(2000, 1, 1, tzinfo=UTC)
"""The placeholder of every time of a task that has been parsed, but not placed on a clock."""


class ClockMode(Enum):
    """How a clock moves. The values are those of `clock.mode` in a file."""

    REAL = "real"
    VIRTUAL = "virtual"
    PER_CALL = "per-call"


@dataclass(frozen=True, slots=True)
class ClockSettings:
    """The clock of a scenario."""

    mode: ClockMode = ClockMode.REAL
    start: datetime | None = None
    """None: the default of the mode, which is now for a real clock."""
    speed: float = 1.0
    """For a real clock: seconds of the world in each second of the wall clock."""
    step: timedelta = timedelta(seconds=1)
    """For a per-call clock: the time that passes at each call."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """A rate limit: the maximum number of calls of an account in each window."""

    limit: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """A task of a file, before it is placed on a clock."""

    task: Task
    """The task. Its times are UNSCHEDULED. Its states are the final ones if it is history."""
    order: tuple[int, ...]
    """The ids of its subtasks, each after its upstreams."""
    pointer: str
    """The JSON pointer of the task in the file."""
    at: Moment | None = None
    """The start of the task. None: the clock's start, or shortly before it for history."""
    is_history: bool = False
    """Whether the file declares a state. Then the runs are not executed."""
    run_starts: Mapping[int, tuple[Moment | None, ...]] = field(default_factory=dict)
    """By subtask id: the starts of its runs, or None where the file does not give one."""

    def task_if_begun(self, start: datetime) -> Task | None:
        """Return the task as it is when a clock starts at `start`, or None if it starts later."""
        task = self.task_at_start(start)
        return task if task.create_time <= start else None

    def task_at_start(self, start: datetime, *, ticks_from: datetime | None = None) -> Task:
        """Return the task as it is when a clock starts at `start`.

        A task that starts later has its start as `create_time`. `ticks_from` is the origin of the
        engine's ticks, if the clock started before `start`.
        """
        if self.is_history:
            return schedule_history(
                self.task,
                self.order,
                self._history_start(start),
                self._resolve_run_starts(start),
            )
        at = start
        if self.at is not None:
            at = resolve_moment(self.at, start)
        if at > start:
            return replace(self.task, create_time=at)
        origin = ticks_from or start
        return advance(begin(self.task, at, origin), start, origin)

    @property
    def has_fixed_times(self) -> bool:
        """Whether the file gives a time, so that the task depends on the start of the clock."""
        moments = [self.at]
        for starts in self.run_starts.values():
            moments += starts
        return any(isinstance(moment, datetime) for moment in moments)

    def _history_start(self, start: datetime) -> datetime:
        """Return the start of a task that is history."""
        if self.at is not None:
            return resolve_moment(self.at, start)
        # Without `at`, the history ends a minute before the clock's start.
        return start - measure_history(self.task, self.order) - timedelta(minutes=1)

    def _resolve_run_starts(self, start: datetime) -> dict[int, tuple[datetime | None, ...]]:
        """Return the starts of the runs as times."""

        def resolve(moment: Moment | None) -> datetime | None:
            return None if moment is None else resolve_moment(moment, start)

        return {id_: tuple(map(resolve, moments)) for id_, moments in self.run_starts.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A parsed scenario file: accounts, tasks with their future, and rules."""

    name: str
    description: str
    seed: int
    clock: ClockSettings
    accounts: Mapping[str, Account]
    digest: str
    """A hash of the file's data. Comments and layout do not change it."""
    file: str
    throttle: tuple[Throttle, ...] = ()
    plans: tuple[TaskPlan, ...] = field(repr=False, default=())
    crowd: Crowd | None = None
    script: RuleSet = field(repr=False, default_factory=RuleSet)
    """The replies and faults of the file."""
    world: Mapping[str, Any] | None = field(repr=False, default=None)
    """The state of the world that was exported as this scenario.

    Keys: see `world` of the format.
    """
    data: Mapping[str, Any] = field(repr=False, default_factory=dict)
    """The data of the file, used to write the scenario back."""

    def build_task_store(self, start: datetime) -> TaskStore:
        """Return the tasks for a clock that starts at `start`.

        Worlds with different starts share the tasks: a time mapping shifts them. Only a scenario
        that gives a fixed time needs its own tasks for each start.
        """
        has_fixed_times = any(plan.has_fixed_times for plan in self.plans)
        origin = start if has_fixed_times else ORIGIN
        store = _build_store(self, origin)
        return replace(store, time_mapping=TimeMapping(store.time_mapping.origin, start))

    def tasks_at_start(self, start: datetime) -> Mapping[int, Task]:
        """Return the tasks that have started at `start`, by id, in the order of the file."""
        tasks = (plan.task_if_begun(start) for plan in self.plans)
        return {task.id: task for task in tasks if task is not None}


@lru_cache(maxsize=8)
def _build_store(scenario: Scenario, origin: datetime) -> TaskStore:
    """Return the tasks for a clock that starts at `origin`.

    The last results are cached by scenario: many worlds start from the same one.
    """
    tasks = [plan.task_at_start(origin) for plan in scenario.plans]
    started = [task for task in tasks if task.create_time <= origin]
    future = [task for task in tasks if task.create_time > origin]
    future.sort(key=lambda task: task.create_time)
    population = _build_population(started, scenario.crowd, origin)
    # The tasks of a crowd have no events: they are not built for the agenda.
    agenda = build_agenda(started)
    overlay = TaskOverlay(population, {})
    return TaskStore(overlay, TimeMapping(origin, origin), agenda, tuple(future))


def _build_population(started: Sequence[Task], crowd: Crowd | None, origin: datetime) -> Population:
    """Return the tasks of the file that have started, together with those of the crowd.

    Tasks of the crowd are built when they are read.
    """
    if crowd is None:
        return Population.of(started)
    by_id = {task.id: task for task in started}
    entries = [build_index_entry(task) for task in started]
    entries += crowd.list_index_entries(origin)

    def find_task(task_id: int) -> Task:
        return by_id.get(task_id) or crowd.build_task(task_id, origin)

    return Population(entries, find_task)
