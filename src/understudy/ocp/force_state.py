"""Puts a task or a subtask into a state that a tester asks for: one from which the engine goes on as it always does.

What has to be true of the others for that is made true: upstreams have succeeded, downstreams have not begun.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from graphlib import TopologicalSorter

from understudy.ocp.engine import next_run, resume
from understudy.ocp.error_catalogue import ErrorKind, OcpError
from understudy.ocp.task_model import (
    ACTIVE,
    Cause,
    Execution,
    Operation,
    Subtask,
    SubtaskStatus,
    Task,
    TaskStatus,
)

_S = SubtaskStatus


def force_task(task: Task, status: TaskStatus, at: datetime, origin: datetime) -> Task:
    """Give a task, advanced to `at`, in a status; one that has it already stays as it is.

    A rollback stays one where it has such a status: SUCCESSFUL leaves every subtask PENDING. `origin` is the clock's
    start.
    """
    bench = _Bench(task, at)
    if task.status is status:
        bench.exhaust()
        return resume(bench.task(), at, origin) if bench.task() != task else task
    if status is TaskStatus.SUCCESSFUL:
        bench.complete()
    elif status is TaskStatus.FAILED:
        bench.break_down()
    else:
        bench.begin_again(succeeded=task.status is TaskStatus.SUCCESSFUL)
    finish = None if status is TaskStatus.RUNNING else at
    return resume(replace(bench.task(), status=status, finish_time=finish), at, origin)


def force_subtask(
    task: Task, subtask_id: int, status: SubtaskStatus, at: datetime, origin: datetime
) -> Task:
    """Give a task, advanced to `at`, in which a subtask has a status; one that has it already stays as it is.

    Otherwise the task is RUNNING afterwards, until the engine's next tick says what has become of it, and has left a
    rollback.
    Raises Refusal (404, 4001) when the task has no such subtask.
    """
    subtask = task.subtask(subtask_id)
    if subtask is None:
        raise OcpError(ErrorKind.TASK_NOT_FOUND, (str(subtask_id),))
    bench = _Bench(task, at)
    if subtask.status is status:
        bench.exhaust(subtask_id)
        return resume(bench.task(), at, origin) if bench.task() != task else task
    bench.leave_rollback()
    match status:
        case _S.SUCCESSFUL:
            bench.succeed(subtask_id)
        case _S.FAILED:
            bench.fail(subtask_id)
        case _S.PENDING:
            bench.undo(subtask_id)
        case _S.READY:
            bench.make_ready(subtask_id)
        case _:
            bench.run(subtask_id)
            if status is _S.CANCELING:
                bench.put(replace(bench.subtasks[subtask_id], status=status))
    return resume(replace(bench.task(), status=TaskStatus.RUNNING, finish_time=None), at, origin)


class _Bench:
    """A task that is being changed at one moment."""

    def __init__(self, task: Task, at: datetime) -> None:
        self._task = task
        self._at = at
        self.subtasks = {subtask.id: subtask for subtask in task.subtasks}
        graph = {subtask.id: subtask.upstreams for subtask in task.subtasks}
        self._order = tuple(TopologicalSorter(graph).static_order())

    def task(self) -> Task:
        """Give the task with what was done."""
        return replace(self._task, subtasks=tuple(self.subtasks.values()))

    def put(self, subtask: Subtask) -> None:
        """Take a subtask in place of the one with its id."""
        self.subtasks[subtask.id] = subtask

    @property
    def _is_rollback(self) -> bool:
        return self._task.operation is Operation.ROLLBACK

    # --- a subtask, forwards

    def succeed(self, subtask_id: int) -> None:
        """SUCCESSFUL, all that it waits for first."""
        for upstream in self._with(subtask_id, upwards=True):
            if self.subtasks[upstream].status is not _S.SUCCESSFUL:
                self._end(upstream, _S.SUCCESSFUL)

    def fail(self, subtask_id: int) -> None:
        """FAILED, and not tried again by the engine; what comes after it has not begun."""
        self._clear_the_way(subtask_id)
        self._end(subtask_id, _S.FAILED)

    def run(self, subtask_id: int) -> None:
        """RUNNING what it would run next."""
        self._clear_the_way(subtask_id)
        subtask = self.subtasks[subtask_id]
        if subtask.status is _S.CANCELING:  # its execution goes on
            self.put(replace(subtask, status=_S.RUNNING))
        elif subtask.status is not _S.RUNNING:
            operation = _forward_of(subtask)
            subtask = replace(subtask, operation=operation)
            execution = Execution(operation, next_run(subtask), self._at)
            self.put(
                replace(
                    subtask,
                    status=_S.RUNNING,
                    start_time=subtask.start_time or self._at,
                    finish_time=None,
                    executor=self._task.node,
                    executions=(*subtask.executions, execution),
                )
            )

    def make_ready(self, subtask_id: int) -> None:
        """READY: it starts at the next tick."""
        self._clear_the_way(subtask_id)
        subtask = self._stopped(self.subtasks[subtask_id])
        self.put(
            replace(subtask, status=_S.READY, operation=_forward_of(subtask), finish_time=None)
        )

    def undo(self, subtask_id: int) -> None:
        """PENDING, as if it had not begun; so is what comes after it. The log remembers what was."""
        for downstream in reversed(self._with(subtask_id, upwards=False)):
            subtask = self._stopped(self.subtasks[downstream])
            operation = Operation.EXECUTE
            anew = replace(
                subtask, status=_S.PENDING, operation=operation, start_time=None, finish_time=None
            )
            self.put(replace(anew, run_time=1))

    def leave_rollback(self) -> None:
        """Go forwards from how a rollback stands: what it has undone is undone, the rest has been done."""
        if not self._is_rollback:
            return
        for subtask in list(self.subtasks.values()):
            if subtask.status in ACTIVE:
                subtask = replace(
                    self._stopped(subtask, _S.PENDING), status=_S.PENDING, finish_time=self._at
                )
            self.put(replace(subtask, operation=Operation.EXECUTE))
        self._task = replace(self._task, operation=Operation.EXECUTE)

    # --- the task

    def complete(self) -> None:
        """Every subtask SUCCESSFUL; in a rollback, PENDING."""
        goal = _S.PENDING if self._is_rollback else _S.SUCCESSFUL
        for subtask_id in reversed(self._order) if self._is_rollback else self._order:
            if self.subtasks[subtask_id].status is not goal:
                self._end(subtask_id, goal)

    def break_down(self) -> None:
        """What is active has FAILED; where nothing is, what comes next, or the last one of all."""
        active = [subtask.id for subtask in self.subtasks.values() if subtask.status in ACTIVE]
        failed = [subtask.id for subtask in self.subtasks.values() if subtask.status is _S.FAILED]
        goal = _S.PENDING if self._is_rollback else _S.SUCCESSFUL
        order = tuple(reversed(self._order)) if self._is_rollback else self._order
        open_ = [subtask_id for subtask_id in order if self.subtasks[subtask_id].status is not goal]
        for subtask_id in active or ([] if failed else [(*open_, order[-1])[0]]):
            self._end(subtask_id, _S.FAILED)
        self.exhaust()

    def exhaust(self, *chosen: int) -> None:
        """The engine tries what has failed (of the chosen ones, if any are) never again by itself."""
        for subtask in list(self.subtasks.values()):
            if subtask.status is _S.FAILED and (not chosen or subtask.id in chosen):
                self.put(_exhausted(subtask))

    def begin_again(self, *, succeeded: bool) -> None:
        """From FAILED, what has failed is READY again; from SUCCESSFUL, the last one runs again."""
        if succeeded and self._is_rollback:
            self.leave_rollback()
            self.make_ready(self._order[0])
        elif succeeded:
            self.run(self._order[-1])
        else:
            operation = Operation.ROLLBACK if self._is_rollback else Operation.RETRY
            for subtask in [one for one in self.subtasks.values() if one.status is _S.FAILED]:
                ready = replace(subtask, status=_S.READY, operation=operation, finish_time=None)
                self.put(
                    ready if self._is_rollback else replace(ready, run_time=subtask.run_time + 1)
                )

    # --- parts of these

    def _clear_the_way(self, subtask_id: int) -> None:
        for upstream in self.subtasks[subtask_id].upstreams:
            self.succeed(upstream)
        for downstream in self.subtasks[subtask_id].downstreams:
            self.undo(downstream)

    def _end(self, subtask_id: int, status: SubtaskStatus) -> None:
        """End the execution that runs; where none does, one that took no time is made up."""
        subtask = self.subtasks[subtask_id]
        if subtask.status not in (_S.RUNNING, _S.CANCELING) or not subtask.executions:
            operation = Operation.ROLLBACK if self._is_rollback else _forward_of(subtask)
            subtask = replace(subtask, operation=operation)
            made = Execution(operation, next_run(subtask), self._at)
            start = subtask.start_time or self._at
            executions = (*subtask.executions, made)
            subtask = replace(
                subtask, start_time=start, executor=self._task.node, executions=executions
            )
        ended = replace(subtask.executions[-1], ended=self._at, outcome=status)
        executions = (*subtask.executions[:-1], ended)
        subtask = replace(subtask, status=status, finish_time=self._at, executions=executions)
        self.put(_exhausted(subtask) if status is _S.FAILED else subtask)

    def _stopped(self, subtask: Subtask, outcome: SubtaskStatus = _S.FAILED) -> Subtask:
        """Give a subtask of which no execution runs any more."""
        if not subtask.executions or subtask.executions[-1].ended is not None:
            return subtask
        cause = Cause.CANCELED if outcome is _S.FAILED else Cause.NONE
        ended = replace(subtask.executions[-1], ended=self._at, outcome=outcome, cause=cause)
        return replace(subtask, executions=(*subtask.executions[:-1], ended))

    def _with(self, subtask_id: int, *, upwards: bool) -> list[int]:
        """Give a subtask with all that it waits for, or with all that waits for it; in the order of the graph."""
        found, todo = {subtask_id}, [subtask_id]
        while todo:
            subtask = self.subtasks[todo.pop()]
            new = set(subtask.upstreams if upwards else subtask.downstreams) - found
            found |= new
            todo += new
        return _in_order(self._order, found)


def _in_order(order: Iterable[int], chosen: set[int]) -> list[int]:
    return [subtask_id for subtask_id in order if subtask_id in chosen]


def _forward_of(subtask: Subtask) -> Operation:
    """EXECUTE for one that has never been executed, else RETRY."""
    return Operation.RETRY if subtask.executions or subtask.start_time else Operation.EXECUTE


def _exhausted(subtask: Subtask) -> Subtask:
    """Give a subtask that the engine does not try again by itself."""
    return replace(subtask, run_time=max(subtask.run_time, subtask.retries + 1))
