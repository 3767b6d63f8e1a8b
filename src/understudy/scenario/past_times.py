"""Times of a task that is history: its executions, placed before the clock's start.

The calendar follows the engine: executions start at ticks, which are whole seconds after the start
of the task. Source: docs/guide/engine.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from understudy.ocp import (
    ACTIVE,
    TICK,
    Cause,
    Execution,
    Operation,
    Run,
    Subtask,
    SubtaskStatus,
    Task,
    TaskStatus,
)
from understudy.scenario.initial_states import PastExecution, list_past_executions, resolve_ending

HANGING_RUN_DURATION = timedelta(minutes=1)
"""The duration of a past execution that never ends by itself, until a user ended it."""
REACTION_TIME = timedelta(seconds=30)
"""The time between a failure and the user's command to roll back."""
RUN_OPERATIONS = frozenset({Operation.EXECUTE, Operation.RETRY})
"""The operations whose executions are the `runs` of a file."""
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

RunStarts = Mapping[int, tuple[datetime | None, ...]]
"""By subtask id: the start of each run, or None where the file does not give it."""


def schedule_history(
    task: Task,
    order: tuple[int, ...],
    at: datetime,
    starts: RunStarts,
) -> Task:
    """Return a task with the times and executions of its history.

    `task` has the final states; `order` lists the subtask ids, each after its upstreams. The task
    started at `at`. `starts` holds the given starts of runs; the other starts are computed.
    """
    calendar = _Calendar(task, at, starts)
    for subtask_id in order:
        calendar.add_executions(subtask_id)
    calendar.set_rollback_command()
    for subtask_id in reversed(order):
        calendar.add_rollbacks(subtask_id)
    return calendar.task


def measure_history(task: Task, order: tuple[int, ...]) -> timedelta:
    """Return the time from the start of a task to the last moment of its history."""
    return find_last_moment(schedule_history(task, order, _EPOCH, {})) - _EPOCH


def find_last_moment(task: Task) -> datetime:
    """Return the latest of the times of a task and of its executions."""
    moments = [task.create_time, task.finish_time]
    for subtask in task.subtasks:
        for execution in subtask.executions:
            moments += [execution.started, execution.ended]
    return max(moment for moment in moments if moment is not None)


class _Calendar:
    """The executions of one task, added subtask by subtask."""

    def __init__(self, task: Task, at: datetime, starts: RunStarts) -> None:
        self._task = task
        self._at = at
        self._starts = starts
        self._subtasks = {subtask.id: subtask for subtask in task.subtasks}
        self._planned = {subtask.id: list_past_executions(subtask) for subtask in task.subtasks}
        self._added: dict[int, list[Execution]] = {subtask.id: [] for subtask in task.subtasks}
        self._rollback_command = at

    @property
    def task(self) -> Task:
        """The task with the executions that were added."""
        subtasks = tuple(self._with_times(subtask) for subtask in self._task.subtasks)
        task = replace(self._task, create_time=self._at, subtasks=subtasks)
        if task.status is TaskStatus.RUNNING:
            return task
        return replace(task, finish_time=self._next_tick(find_last_moment(task)))

    def add_executions(self, subtask_id: int) -> None:
        """Add the executions before a rollback. Those of the upstreams must have been added."""
        ready = self._tick_after(self._subtasks[subtask_id].upstreams, self._at)
        for planned in self._planned[subtask_id]:
            if planned.operation is Operation.ROLLBACK:
                return
            ready = self._add(subtask_id, planned, ready + TICK)

    def set_rollback_command(self) -> None:
        """Set the time of the rollback command: the user gives it some time after the last end."""
        self._rollback_command = self._tick_after(self._subtasks, self._at) + REACTION_TIME

    def add_rollbacks(self, subtask_id: int) -> None:
        """Add the executions of a rollback. Those of the downstreams must have been added."""
        planned = self._planned[subtask_id][len(self._added[subtask_id]) :]
        downstreams = self._subtasks[subtask_id].downstreams
        ready = self._tick_after(downstreams, self._rollback_command)
        ready = max(ready, self._rollback_command)
        for execution in planned:
            ready = self._add(subtask_id, execution, ready + TICK)

    def _add(self, subtask_id: int, planned: PastExecution, started: datetime) -> datetime:
        """Add an execution. Return the first tick that is not before its end."""
        subtask = self._subtasks[subtask_id]
        started = self._given_start(subtask_id, planned) or started
        ended = None
        if planned.outcome is not None:
            ended = started + self._duration(subtask, planned)
            if subtask.operation is Operation.CANCEL:
                ended = self._next_tick(ended)  # the engine ends a canceled execution at a tick
        cause = self._find_cause(subtask, planned)
        execution = Execution(
            planned.operation,
            planned.run,
            started,
            ended,
            planned.outcome,
            cause,
        )
        self._added[subtask_id].append(execution)
        return self._next_tick(ended or started)

    def _given_start(self, subtask_id: int, planned: PastExecution) -> datetime | None:
        """Return the start that the file gives for the next execution of a subtask."""
        if planned.operation not in RUN_OPERATIONS:
            return None
        run_starts = self._starts.get(subtask_id, ())
        position = len(self._added[subtask_id])
        if position >= len(run_starts):
            return None
        return run_starts[position]

    def _find_cause(self, subtask: Subtask, planned: PastExecution) -> Cause:
        """Return why an execution failed, if it is not by itself."""
        if planned.outcome is not SubtaskStatus.FAILED:
            return Cause.NONE
        is_last = len(self._added[subtask.id]) == len(self._planned[subtask.id]) - 1
        if is_last and subtask.operation is Operation.CANCEL:
            return Cause.CANCELED
        duration, _ = resolve_ending(planned.run, subtask.timeout_s)
        if duration is not None and duration != planned.run.takes:
            return Cause.TIMEOUT
        return Cause.NONE

    def _duration(self, subtask: Subtask, planned: PastExecution) -> timedelta:
        """Return the duration of a past execution. A skip takes no time."""
        if planned.operation is Operation.SKIP:
            return timedelta(0)
        return _limited_duration(planned.run, timedelta(seconds=subtask.timeout_s))

    def _tick_after(self, subtask_ids: Iterable[int], default: datetime) -> datetime:
        """Return the first tick at which all of the subtasks have ended.

        Without subtasks, it is the first tick that is not before `default`.
        """
        ends = [self._find_end(subtask_id) for subtask_id in subtask_ids]
        return self._next_tick(max(ends, default=default))

    def _find_end(self, subtask_id: int) -> datetime:
        """Return the end of a subtask's last execution, or its start while it runs."""
        executions = self._added[subtask_id]
        if not executions:
            return self._at
        return executions[-1].ended or executions[-1].started

    def _next_tick(self, moment: datetime) -> datetime:
        """Return the first tick that is not before a moment.

        Ticks are whole seconds after the task's start.
        """
        ticks = -((self._at - moment) // TICK)  # rounded up
        return self._at + ticks * TICK

    def _with_times(self, subtask: Subtask) -> Subtask:
        """Return a subtask with its executions and the times that follow from them.

        Source: `startTime` is that of the first execution; `finishTime` is that of the last one,
        and is missing while the subtask is active.
        """
        executions = tuple(self._added[subtask.id])
        if not executions:
            return replace(subtask, create_time=self._at)
        finish_time = executions[-1].ended
        if subtask.status in ACTIVE:
            finish_time = None
        return replace(
            subtask,
            create_time=self._at,
            executor=self._task.node,
            start_time=executions[0].started,
            finish_time=finish_time,
            executions=executions,
        )


def _limited_duration(run: Run, timeout: timedelta) -> timedelta:
    """Return the duration of a past execution. A timeout of 0 means that there is none."""
    if run.takes is None:
        return timeout or HANGING_RUN_DURATION
    if not timeout:
        return run.takes
    return min(run.takes, timeout)
