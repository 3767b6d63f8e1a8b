"""States of a task that is history: the declared ones, and the states that follow from them.

A file may declare the state of a task or of some of its subtasks. This module infers the others so
that the engine could have reached them. It does not set times: `past_times` does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import takewhile

from understudy.ocp import ACTIVE, Operation, Run, Subtask, SubtaskStatus, Task, TaskStatus

PENDING = SubtaskStatus.PENDING
READY = SubtaskStatus.READY
RUNNING = SubtaskStatus.RUNNING
CANCELING = SubtaskStatus.CANCELING
FAILED = SubtaskStatus.FAILED
SUCCESSFUL = SubtaskStatus.SUCCESSFUL

StatusById = dict[int, SubtaskStatus]
"""Statuses by subtask id."""


@dataclass(frozen=True, slots=True)
class DeclaredState:
    """The states and operations that a file declares for a task and its subtasks."""

    status: TaskStatus | None
    operation: Operation | None
    subtasks: Mapping[int, tuple[SubtaskStatus | None, Operation | None]]
    """By subtask id: the `state` and the `operation` of the file."""

    @property
    def is_history(self) -> bool:
        """Whether the file declares anything. Then the runs of the task are not executed."""
        if self.status is not None or self.operation is not None:
            return True
        return any(status or operation for status, operation in self.subtasks.values())

    def declared_statuses(self) -> StatusById:
        """Return the statuses that the file declares for subtasks."""
        statuses = {}
        for subtask_id, (status, _) in self.subtasks.items():
            if status is not None:
                statuses[subtask_id] = status
        return statuses

    def operation_of(self, subtask_id: int) -> Operation | None:
        """Return the operation that the file declares for a subtask."""
        _, operation = self.subtasks.get(subtask_id, (None, None))
        return operation


def infer_states(task: Task, order: tuple[int, ...], declared: DeclaredState) -> Task:
    """Return the task with all statuses, operations and run counts. Its times are not set.

    Declared states stay as declared, even if they contradict each other: `find_contradictions` of
    `understudy.ocp` reports that. `order` lists the subtask ids, each after its upstreams.
    """
    pins = declared.declared_statuses()
    status = declared.status or _infer_task_status(set(pins.values()))
    operation = declared.operation or Operation.EXECUTE
    inference = _StateInference(task, order, pins, status)
    rolled_back: set[int] = set()
    if operation is Operation.ROLLBACK:
        states, executed = inference.states_of_rollback()
        rolled_back = executed | _list_started(states)
    else:
        states = inference.states_of_execution()
    subtasks = []
    for subtask in task.subtasks:
        state = states[subtask.id]
        subtask_operation = declared.operation_of(subtask.id)
        if subtask_operation is None and subtask.id in rolled_back:
            subtask_operation = Operation.ROLLBACK
        if subtask_operation is None:
            subtask_operation = _infer_operation(subtask, state)
        subtask = replace(subtask, status=state, operation=subtask_operation)
        subtasks.append(_with_run_count(subtask))
    return replace(task, status=status, operation=operation, subtasks=tuple(subtasks))


def _infer_task_status(statuses: set[SubtaskStatus]) -> TaskStatus:
    """Return the status of a task, if only those of its subtasks are declared."""
    if statuses & ACTIVE:
        return TaskStatus.RUNNING
    if FAILED in statuses:
        return TaskStatus.FAILED
    return TaskStatus.SUCCESSFUL


def _list_started(states: StatusById) -> set[int]:
    """Return the ids of the subtasks that have left PENDING."""
    return {id_ for id_, state in states.items() if state is not PENDING}


@dataclass(frozen=True, slots=True)
class _StateInference:
    """Infers the states of subtasks along the graph, from upstream to downstream."""

    task: Task
    order: tuple[int, ...]
    """The ids of the subtasks, each after its upstreams."""
    pins: StatusById
    """The declared statuses, which do not change."""
    status: TaskStatus
    """The status of the task that the states must explain."""

    def states_of_execution(self) -> StatusById:
        """Return the states of a task that was executed or retried."""
        states = self._infer_forwards(self.status, self.pins)
        if self.status is TaskStatus.FAILED:
            states = self._with_failure(states)
        return states

    def states_of_rollback(self) -> tuple[StatusById, set[int]]:
        """Return the states of a task that was rolled back, and the ids of executed subtasks."""
        before = self._with_failure(self._infer_forwards(TaskStatus.FAILED, {}))
        needed = self._find_needed(self.pins)
        states: StatusById = {}
        for subtask in self._ordered_subtasks():
            if subtask.id in self.pins:
                states[subtask.id] = self.pins[subtask.id]
            elif subtask.id in needed:
                states[subtask.id] = SUCCESSFUL
            elif self.status is TaskStatus.SUCCESSFUL or not self._is_ready(subtask, states):
                states[subtask.id] = PENDING
            else:
                states[subtask.id] = self._state_in_rollback(before[subtask.id])
        return states, _list_started(before)

    def _state_in_rollback(self, before: SubtaskStatus) -> SubtaskStatus:
        """Return the state of a subtask that the rollback has reached or is about to reach."""
        if self.pins:
            return PENDING  # the file itself declares where the rollback is
        if before is not FAILED:
            return before
        if self.status is TaskStatus.RUNNING:
            return RUNNING
        return FAILED

    def _infer_forwards(self, status: TaskStatus, pins: StatusById) -> StatusById:
        """Return states that explain a status of the task.

        The order of the rules matters: a declared status wins, and a subtask cannot start before
        its upstreams are SUCCESSFUL.
        """
        needed = self._find_needed(pins)
        states: StatusById = {}
        for subtask in self._ordered_subtasks():
            if subtask.id in pins:
                states[subtask.id] = pins[subtask.id]
            elif not self._is_ready(subtask, states):
                states[subtask.id] = PENDING
            elif subtask.id in needed or status is TaskStatus.SUCCESSFUL:
                states[subtask.id] = SUCCESSFUL
            elif status is TaskStatus.FAILED:
                states[subtask.id] = _final_state(subtask)
            else:
                states[subtask.id] = self._state_at_work(states)
        return states

    def _state_at_work(self, states: StatusById) -> SubtaskStatus:
        """Return the state of a subtask that could run now.

        READY and RUNNING count for `concurrency`.
        """
        busy = [status for status in states.values() if status in (READY, RUNNING)]
        if len(busy) < self.task.concurrency:
            return RUNNING
        return PENDING

    def _with_failure(self, states: StatusById) -> StatusById:
        """Return states of which at least one is FAILED, if that is possible.

        The last subtask fails that is not declared, and after which no subtask is declared to have
        run.
        """
        if FAILED in states.values():
            return states
        fixed = self._find_needed(self.pins) | self.pins.keys()
        for subtask_id in reversed(self.order):
            if subtask_id not in fixed and states[subtask_id] is SUCCESSFUL:
                return {**states, subtask_id: FAILED}
        return states

    def _is_ready(self, subtask: Subtask, states: StatusById) -> bool:
        """Return whether all upstreams are SUCCESSFUL, so that the subtask may start."""
        return all(states[upstream] is SUCCESSFUL for upstream in subtask.upstreams)

    def _ordered_subtasks(self) -> Iterator[Subtask]:
        """Return the subtasks, each after its upstreams."""
        by_id = {subtask.id: subtask for subtask in self.task.subtasks}
        return (by_id[subtask_id] for subtask_id in self.order)

    def _find_needed(self, pins: StatusById) -> set[int]:
        """Return the ids of subtasks that must be SUCCESSFUL for a downstream to have started."""
        needed: set[int] = set()
        started = _list_started(pins)
        for subtask in reversed(list(self._ordered_subtasks())):
            if subtask.id in needed or subtask.id in started:
                needed.update(subtask.upstreams)
        return needed


def resolve_ending(run: Run, timeout_s: int) -> tuple[timedelta | None, SubtaskStatus]:
    """Return the duration of an execution and its result: those of the run, or of the timeout.

    None as duration means that the execution never ends. A run that takes exactly its timeout ends
    as the run says. `timeout_s` 0 means that there is no timeout.
    """
    limit = timedelta(seconds=timeout_s)
    if limit and (run.takes is None or run.takes > limit):
        return limit, FAILED
    return run.takes, run.ends


def _list_failing_runs(subtask: Subtask) -> tuple[Run, ...]:
    """Return the runs before the first run that does not fail."""

    def fails(run: Run) -> bool:
        _, result = resolve_ending(run, subtask.timeout_s)
        return result is FAILED

    return tuple(takewhile(fails, subtask.runs))


def _final_state(subtask: Subtask) -> SubtaskStatus:
    """Return the state after all automatic retries.

    A subtask fails if every run fails, or if more runs fail than it has retries.
    """
    failing = len(_list_failing_runs(subtask))
    if failing == len(subtask.runs) or failing > subtask.retries:
        return FAILED
    return SUCCESSFUL


def _infer_operation(subtask: Subtask, status: SubtaskStatus) -> Operation:
    """Return the operation of a subtask for which the file declares none."""
    failing = _list_failing_runs(subtask)
    if status is FAILED and subtask.retries:
        return Operation.RETRY  # the engine gives up only after its automatic retries
    if status is not SUCCESSFUL or not failing:
        return Operation.EXECUTE
    # It failed first. A user retried it, or skipped it when no run succeeds.
    if len(failing) == len(subtask.runs):
        return Operation.SKIP
    return Operation.RETRY


def _with_run_count(subtask: Subtask) -> Subtask:
    """Return the subtask with its `run_time`, which is the number of its executions and retries.

    Source: `runTime` in docs/api/task-management.md. It is 1 before the first execution.
    """
    counted = (Operation.EXECUTE, Operation.RETRY)
    executions = list_past_executions(subtask)
    count = sum(execution.operation in counted for execution in executions)
    run_time = max(count, 1)
    if subtask.status is READY and subtask.operation is Operation.RETRY:
        run_time += 1  # the retry that is about to start counts already
    return replace(subtask, run_time=run_time)


@dataclass(frozen=True, slots=True)
class PastExecution:
    """One execution of the past: its operation, its run, and its result.

    `outcome` is None while the execution runs.
    """

    operation: Operation
    run: Run
    outcome: SubtaskStatus | None


def list_past_executions(subtask: Subtask) -> list[PastExecution]:
    """Return the executions that led to the state of a subtask, in order."""
    status = subtask.status
    outcome = None if status in (RUNNING, CANCELING) else status
    match subtask.operation:
        case Operation.EXECUTE | Operation.CANCEL:
            if status in (PENDING, READY):
                return []
            return [PastExecution(Operation.EXECUTE, subtask.runs[0], outcome)]
        case Operation.RETRY:
            return _list_retries(subtask, outcome)
        case Operation.SKIP if status is PENDING:
            # In a rollback, a skip follows a failed rollback of the subtask.
            undo = PastExecution(Operation.ROLLBACK, subtask.rollbacks[0], FAILED)
            return [_first_execution(subtask), undo, PastExecution(Operation.SKIP, Run(), status)]
        case Operation.SKIP:
            failures = _list_failures(subtask, for_good=True)
            if status is not SUCCESSFUL:
                return failures
            return [*failures, PastExecution(Operation.SKIP, Run(), status)]
        case _:
            executions = [_first_execution(subtask)]
            if status not in (READY, SUCCESSFUL):  # else the rollback has not reached it
                rollback = subtask.rollbacks[0]
                executions.append(PastExecution(Operation.ROLLBACK, rollback, outcome))
            return executions


def _list_failures(subtask: Subtask, *, for_good: bool) -> list[PastExecution]:
    """Return the executions that failed: at least one.

    With `for_good`, as many as the engine makes before it gives up: the last run repeats.
    """
    runs = _list_failing_runs(subtask) or subtask.runs[:1]
    if for_good:
        runs += runs[-1:] * (subtask.retries + 1 - len(runs))
    first, *retries = runs
    executions = [PastExecution(Operation.EXECUTE, first, FAILED)]
    executions += [PastExecution(Operation.RETRY, run, FAILED) for run in retries]
    return executions


def _list_retries(subtask: Subtask, outcome: SubtaskStatus | None) -> list[PastExecution]:
    """Return the executions of a subtask with operation RETRY."""
    failures = _list_failures(subtask, for_good=outcome is FAILED)
    if subtask.status is READY:
        return failures  # the retry has not started
    if outcome is FAILED and len(failures) > 1:
        return failures  # the last of them is the retry
    last = min(len(failures), len(subtask.runs) - 1)
    return [*failures, PastExecution(Operation.RETRY, subtask.runs[last], outcome)]


def _first_execution(subtask: Subtask) -> PastExecution:
    """Return the execution that a rollback undoes."""
    run = subtask.runs[0]
    _, result = resolve_ending(run, subtask.timeout_s)
    return PastExecution(Operation.EXECUTE, run, result)
