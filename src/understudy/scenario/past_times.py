"""When it happened: puts the past of a task that is history on a calendar."""

from collections.abc import Mapping
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

HANG = timedelta(minutes=1)
"""How long an execution that never ends by itself had lasted when somebody ended it."""
THOUGHT = timedelta(seconds=30)
"""How long after a failure somebody gave the command to roll back."""
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

RUN_OPERATIONS = frozenset({Operation.EXECUTE, Operation.RETRY})
"""The operations whose executions the `runs` of a file tell."""

RunStarts = Mapping[int, tuple[datetime | None, ...]]


def schedule_history(task: Task, order: tuple[int, ...], at: datetime, starts: RunStarts) -> Task:
    """Give the task with times and executions; it began at `at`. `starts` tells when executions began, where known."""
    calendar = _Calendar(task, at, starts)
    for subtask_id in order:
        calendar.execute(subtask_id)
    calendar.decide()
    for subtask_id in reversed(order):
        calendar.roll_back(subtask_id)
    return calendar.task


def measure_history(task: Task, order: tuple[int, ...]) -> timedelta:
    """Give how long after its beginning the last thing happened that a task's history tells."""
    return find_last_moment(schedule_history(task, order, _EPOCH, {})) - _EPOCH


def find_last_moment(task: Task) -> datetime:
    """Give the last moment that a task's times tell."""
    moments = [task.create_time, task.finish_time]
    for subtask in task.subtasks:
        moments += [
            moment
            for execution in subtask.executions
            for moment in (execution.started, execution.ended)
        ]
    return max(moment for moment in moments if moment is not None)


class _Calendar:
    """Fills in the executions of one task, subtask by subtask."""

    def __init__(self, task: Task, at: datetime, starts: RunStarts) -> None:
        self._task, self._at, self._starts = task, at, starts
        self._subtasks = {subtask.id: subtask for subtask in task.subtasks}
        self._scripts = {subtask.id: list_past_executions(subtask) for subtask in task.subtasks}
        self._done: dict[int, list[Execution]] = {subtask.id: [] for subtask in task.subtasks}
        self._command = at

    @property
    def task(self) -> Task:
        """The task with what was filled in."""
        subtasks = tuple(self._dated(subtask) for subtask in self._task.subtasks)
        dated = replace(self._task, create_time=self._at, subtasks=subtasks)
        if dated.status is TaskStatus.RUNNING:
            return dated
        return replace(dated, finish_time=self._tick(find_last_moment(dated)))

    def execute(self, subtask_id: int) -> None:
        """Fill in what came before a rollback. The upstreams must be filled in already."""
        ends = [self._end(upstream) for upstream in self._subtasks[subtask_id].upstreams]
        ready = self._tick(max(ends, default=self._at))
        for entry in self._scripts[subtask_id]:
            if entry[0] is Operation.ROLLBACK:
                return
            ready = self._append(subtask_id, entry, ready + TICK)

    def decide(self) -> None:
        """Somebody looks at the failure, and gives the command to roll back."""
        self._command = (
            self._tick(max(self._end(subtask_id) for subtask_id in self._subtasks)) + THOUGHT
        )

    def roll_back(self, subtask_id: int) -> None:
        """Fill in a rollback. The downstreams must be filled in already."""
        entries = self._scripts[subtask_id][len(self._done[subtask_id]) :]
        ends = [self._end(downstream) for downstream in self._subtasks[subtask_id].downstreams]
        ready = self._tick(max(ends, default=self._command))
        ready = max(ready, self._command)
        for entry in entries:
            ready = self._append(subtask_id, entry, ready + TICK)

    def _append(self, subtask_id: int, entry: PastExecution, started: datetime) -> datetime:
        """Add an execution; give the first tick after its end."""
        operation, run, outcome = entry
        done = self._done[subtask_id]
        if operation in RUN_OPERATIONS:  # only these are runs of the file
            told = self._starts.get(subtask_id, ())
            started = (told[len(done)] if len(done) < len(told) else None) or started
        ended = None if outcome is None else started + self._length(subtask_id, operation, run)
        if ended is not None and self._subtasks[subtask_id].operation is Operation.CANCEL:
            ended = self._tick(ended)  # the engine fails at a tick what was canceled
        cause = self._cause(subtask_id, entry) if outcome is SubtaskStatus.FAILED else Cause.NONE
        done.append(Execution(operation, run, started, ended, outcome, cause))
        return self._tick(ended or started)

    def _cause(self, subtask_id: int, entry: PastExecution) -> Cause:
        subtask = self._subtasks[subtask_id]
        last = len(self._done[subtask_id]) == len(self._scripts[subtask_id]) - 1
        if last and subtask.operation is Operation.CANCEL:
            return Cause.CANCELED
        lasts, _ = resolve_ending(entry[1], subtask.timeout_s)
        return Cause.TIMEOUT if lasts is not None and lasts != entry[1].takes else Cause.NONE

    def _length(self, subtask_id: int, operation: Operation, run: Run) -> timedelta:
        if operation is Operation.SKIP:
            return timedelta(0)
        limit = timedelta(seconds=self._subtasks[subtask_id].timeout_s)
        length = (limit or HANG) if run.takes is None else run.takes
        return min(length, limit) if limit else length

    def _end(self, subtask_id: int) -> datetime:
        done = self._done[subtask_id]
        return (done[-1].ended or done[-1].started) if done else self._at

    def _tick(self, moment: datetime) -> datetime:
        """Give the first whole second after the beginning that is not earlier than a moment."""
        return self._at - ((self._at - moment) // TICK) * TICK

    def _dated(self, subtask: Subtask) -> Subtask:
        executions = tuple(self._done[subtask.id])
        if not executions:
            return replace(subtask, create_time=self._at)
        return replace(
            subtask,
            create_time=self._at,
            executor=self._task.node,
            start_time=executions[0].started,
            finish_time=None if subtask.status in ACTIVE else executions[-1].ended,
            executions=executions,
        )
