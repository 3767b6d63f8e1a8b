"""Forced states: puts a task or a subtask into a state that a tester asks for.

The other subtasks change so that the state is possible: upstreams have succeeded, downstreams
have not begun. Afterwards the engine continues as always.

Source: the guide's table of forced states (docs/guide/engine.md).
"""

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
    """Return a task, advanced to `at`, in a status.

    A task that has the status already stays as it is. A rollback stays a rollback where it can
    have the status: SUCCESSFUL leaves every subtask PENDING. `origin` is the clock's start.
    """
    editor = _TaskEditor(task, at)
    if task.status is status:
        editor.exhaust_retries()
        return _resume_if_changed(task, editor, at, origin)
    match status:
        case TaskStatus.SUCCESSFUL:
            editor.complete_all()
        case TaskStatus.FAILED:
            editor.fail_active()
        case TaskStatus.RUNNING:
            editor.restart(succeeded=task.status is TaskStatus.SUCCESSFUL)
    finish_time = None if status is TaskStatus.RUNNING else at
    forced = replace(editor.result(), status=status, finish_time=finish_time)
    return resume(forced, at, origin)


def force_subtask(
    task: Task, subtask_id: int, status: SubtaskStatus, at: datetime, origin: datetime
) -> Task:
    """Return a task, advanced to `at`, in which a subtask has a status.

    A subtask that has the status already stays as it is. Otherwise the task is RUNNING
    afterwards, until the engine's next tick computes its status, and is no rollback any more.
    Raises OcpError (404, 4001) when the task has no such subtask.
    """
    subtask = task.subtask(subtask_id)
    if subtask is None:
        raise OcpError(ErrorKind.TASK_NOT_FOUND, (str(subtask_id),))
    editor = _TaskEditor(task, at)
    if subtask.status is status:
        editor.exhaust_retries(subtask_id)
        return _resume_if_changed(task, editor, at, origin)
    editor.leave_rollback()
    match status:
        case _S.SUCCESSFUL:
            editor.make_successful(subtask_id)
        case _S.FAILED:
            editor.make_failed(subtask_id)
        case _S.PENDING:
            editor.reset(subtask_id)
        case _S.READY:
            editor.make_ready(subtask_id)
        case _S.RUNNING:
            editor.run(subtask_id)
        case _S.CANCELING:
            editor.run(subtask_id)
            editor.put(replace(editor.subtasks[subtask_id], status=status))
    forced = replace(editor.result(), status=TaskStatus.RUNNING, finish_time=None)
    return resume(forced, at, origin)


def _resume_if_changed(task: Task, editor: "_TaskEditor", at: datetime, origin: datetime) -> Task:
    edited = editor.result()
    if edited == task:
        return task
    return resume(edited, at, origin)


class _TaskEditor:
    """A task that is edited at one moment. Methods change its subtasks in place."""

    def __init__(self, task: Task, at: datetime) -> None:
        self._task = task
        self._at = at
        self.subtasks = {subtask.id: subtask for subtask in task.subtasks}
        graph = {subtask.id: subtask.upstreams for subtask in task.subtasks}
        self._order = tuple(TopologicalSorter(graph).static_order())

    def result(self) -> Task:
        """Return the edited task."""
        return replace(self._task, subtasks=tuple(self.subtasks.values()))

    def put(self, subtask: Subtask) -> None:
        """Replace the subtask of the same id."""
        self.subtasks[subtask.id] = subtask

    @property
    def _is_rollback(self) -> bool:
        return self._task.operation is Operation.ROLLBACK

    # --- one subtask, forwards

    def make_successful(self, subtask_id: int) -> None:
        """Make a subtask SUCCESSFUL, and before it everything that it waits for."""
        for upstream in self._with_upstreams(subtask_id):
            if self.subtasks[upstream].status is not _S.SUCCESSFUL:
                self._end(upstream, _S.SUCCESSFUL)

    def make_failed(self, subtask_id: int) -> None:
        """Make a subtask FAILED, without retries of the engine; its downstreams are reset."""
        self._prepare_neighbours(subtask_id)
        self._end(subtask_id, _S.FAILED)

    def run(self, subtask_id: int) -> None:
        """Make a subtask RUNNING: it starts its next execution now."""
        self._prepare_neighbours(subtask_id)
        subtask = self.subtasks[subtask_id]
        if subtask.status is _S.CANCELING:  # its execution goes on
            self.put(replace(subtask, status=_S.RUNNING))
        elif subtask.status is not _S.RUNNING:
            started = self._start_execution(subtask, _forward_operation(subtask))
            self.put(replace(started, status=_S.RUNNING, finish_time=None))

    def make_ready(self, subtask_id: int) -> None:
        """Make a subtask READY: it starts at the next tick."""
        self._prepare_neighbours(subtask_id)
        subtask = self._stop(self.subtasks[subtask_id])
        operation = _forward_operation(subtask)
        self.put(replace(subtask, status=_S.READY, operation=operation, finish_time=None))

    def reset(self, subtask_id: int) -> None:
        """Make a subtask PENDING as if it had not begun, and everything after it too.

        The executions stay: a log never loses a line.
        """
        for downstream in reversed(self._with_downstreams(subtask_id)):
            subtask = self._stop(self.subtasks[downstream])
            self.put(
                replace(
                    subtask,
                    status=_S.PENDING,
                    operation=Operation.EXECUTE,
                    start_time=None,
                    finish_time=None,
                    run_time=1,
                )
            )

    def leave_rollback(self) -> None:
        """Turn a rollback into a forward task in its present state.

        Subtasks that were rolled back count as not begun, the others as executed.
        """
        if not self._is_rollback:
            return
        for subtask in list(self.subtasks.values()):
            if subtask.status in ACTIVE:
                stopped = self._stop(subtask, _S.PENDING)
                subtask = replace(stopped, status=_S.PENDING, finish_time=self._at)
            self.put(replace(subtask, operation=Operation.EXECUTE))
        self._task = replace(self._task, operation=Operation.EXECUTE)

    # --- the whole task

    def complete_all(self) -> None:
        """Make every subtask SUCCESSFUL; in a rollback, PENDING."""
        for subtask_id in self._remaining_ids():
            self._end(subtask_id, self._goal())

    def fail_active(self) -> None:
        """Make active subtasks FAILED, and let the engine not retry any failed one.

        Without an active or failed subtask the next one in order fails, or the last of all.
        """
        subtasks = self.subtasks.values()
        targets = [subtask.id for subtask in subtasks if subtask.status in ACTIVE]
        has_failed = any(subtask.status is _S.FAILED for subtask in subtasks)
        if not targets and not has_failed:
            remaining = self._remaining_ids()
            targets = remaining[:1] or [self._execution_order()[-1]]
        for subtask_id in targets:
            self._end(subtask_id, _S.FAILED)
        self.exhaust_retries()

    def exhaust_retries(self, subtask_id: int | None = None) -> None:
        """Let the engine not retry the failed subtasks, or one of them."""
        for subtask in list(self.subtasks.values()):
            is_target = subtask_id is None or subtask.id == subtask_id
            if is_target and subtask.status is _S.FAILED:
                self.put(_exhaust(subtask))

    def restart(self, *, succeeded: bool) -> None:
        """Make an ended task run again.

        A task that failed retries its failed subtasks; one that succeeded runs its last one.
        A successful rollback becomes a forward task.
        """
        if not succeeded:
            self._retry_failed()
        elif self._is_rollback:
            self.leave_rollback()
            self.make_ready(self._order[0])
        else:
            self.run(self._order[-1])

    def _retry_failed(self) -> None:
        failed = [subtask for subtask in self.subtasks.values() if subtask.status is _S.FAILED]
        for subtask in failed:
            ready = replace(subtask, status=_S.READY, finish_time=None)
            if self._is_rollback:
                self.put(replace(ready, operation=Operation.ROLLBACK))
            else:
                self.put(replace(ready, operation=Operation.RETRY, run_time=ready.run_time + 1))

    # --- parts of the above

    def _goal(self) -> SubtaskStatus:
        """Return the status in which every subtask of a successful task is."""
        if self._is_rollback:
            return _S.PENDING
        return _S.SUCCESSFUL

    def _execution_order(self) -> tuple[int, ...]:
        if self._is_rollback:
            return tuple(reversed(self._order))
        return self._order

    def _remaining_ids(self) -> list[int]:
        """Return the subtasks that have not reached the goal, in order of execution."""
        goal = self._goal()
        return [i for i in self._execution_order() if self.subtasks[i].status is not goal]

    def _prepare_neighbours(self, subtask_id: int) -> None:
        """Let the upstreams of a subtask have succeeded, and its downstreams not have begun."""
        subtask = self.subtasks[subtask_id]
        for upstream in subtask.upstreams:
            self.make_successful(upstream)
        for downstream in subtask.downstreams:
            self.reset(downstream)

    def _end(self, subtask_id: int, status: SubtaskStatus) -> None:
        """End the present execution; without one, add an execution that took no time."""
        subtask = self.subtasks[subtask_id]
        is_executing = subtask.status in (_S.RUNNING, _S.CANCELING)
        if not is_executing or not subtask.executions:
            operation = _forward_operation(subtask)
            if self._is_rollback:
                operation = Operation.ROLLBACK
            subtask = self._start_execution(subtask, operation)
        ended = replace(subtask.executions[-1], ended=self._at, outcome=status)
        executions = (*subtask.executions[:-1], ended)
        subtask = replace(subtask, status=status, finish_time=self._at, executions=executions)
        if status is _S.FAILED:
            subtask = _exhaust(subtask)
        self.put(subtask)

    def _start_execution(self, subtask: Subtask, operation: Operation) -> Subtask:
        """Return a subtask with one more execution, which starts now."""
        subtask = replace(subtask, operation=operation)
        execution = Execution(operation, next_run(subtask), self._at)
        return replace(
            subtask,
            start_time=subtask.start_time or self._at,
            executor=self._task.node,
            executions=(*subtask.executions, execution),
        )

    def _stop(self, subtask: Subtask, outcome: SubtaskStatus = _S.FAILED) -> Subtask:
        """Return a subtask without an execution that runs."""
        if not subtask.executions or subtask.executions[-1].ended is not None:
            return subtask
        cause = Cause.NONE
        if outcome is _S.FAILED:
            cause = Cause.CANCELED
        ended = replace(subtask.executions[-1], ended=self._at, outcome=outcome, cause=cause)
        return replace(subtask, executions=(*subtask.executions[:-1], ended))

    def _with_upstreams(self, subtask_id: int) -> list[int]:
        """Return a subtask with all that it waits for, in the order of the graph."""
        return self._closure(subtask_id, upwards=True)

    def _with_downstreams(self, subtask_id: int) -> list[int]:
        """Return a subtask with all that waits for it, in the order of the graph."""
        return self._closure(subtask_id, upwards=False)

    def _closure(self, subtask_id: int, *, upwards: bool) -> list[int]:
        reached, todo = {subtask_id}, [subtask_id]
        while todo:
            subtask = self.subtasks[todo.pop()]
            neighbours = subtask.upstreams if upwards else subtask.downstreams
            new = set(neighbours) - reached
            reached |= new
            todo += new
        return [subtask_id for subtask_id in self._order if subtask_id in reached]


def _forward_operation(subtask: Subtask) -> Operation:
    """Return EXECUTE for a subtask that was never executed, else RETRY."""
    if subtask.executions or subtask.start_time:
        return Operation.RETRY
    return Operation.EXECUTE


def _exhaust(subtask: Subtask) -> Subtask:
    """Return a subtask whose retries are used up: the engine does not retry it."""
    return replace(subtask, run_time=max(subtask.run_time, subtask.retries + 1))
