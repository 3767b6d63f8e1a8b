"""How the subtasks of a task stand that is history: as declared, and what follows from that for the others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import takewhile

from understudy.ocp import ACTIVE, Operation, Run, Subtask, SubtaskStatus, Task, TaskStatus

_S = SubtaskStatus
StatusById = dict[int, SubtaskStatus]


@dataclass(frozen=True, slots=True)
class DeclaredState:
    """What a file says of how a task stands."""

    status: TaskStatus | None
    operation: Operation | None
    subtasks: Mapping[int, tuple[SubtaskStatus | None, Operation | None]]

    @property
    def is_history(self) -> bool:
        """True when the file says anything at all: then nothing is played."""
        told = any(status or operation for status, operation in self.subtasks.values())
        return told or self.status is not None or self.operation is not None

    def declared_statuses(self) -> StatusById:
        """Give the statuses that are told, by subtask."""
        return {
            subtask_id: status
            for subtask_id, (status, _) in self.subtasks.items()
            if status is not None
        }


def infer_states(task: Task, order: tuple[int, ...], declared: DeclaredState) -> Task:
    """Give the task with every status, operation and run count; its times are not set.

    What is told stands as told, even where it contradicts itself: `contradictions` finds that afterwards.
    """
    status = declared.status or _status_of(set(declared.declared_statuses().values()))
    operation = declared.operation or Operation.EXECUTE
    walk = _Walk(task, order, declared.declared_statuses(), status)
    backwards = operation is Operation.ROLLBACK
    states, ran = walk.backwards() if backwards else (walk.forwards(), set())

    def settled(subtask: Subtask) -> Subtask:
        told = declared.subtasks.get(subtask.id, (None, None))[1]
        rolled = backwards and (subtask.id in ran or states[subtask.id] is not _S.PENDING)
        inferred = Operation.ROLLBACK if rolled else _operation_of(subtask, states[subtask.id])
        return _counted(replace(subtask, status=states[subtask.id], operation=told or inferred))

    return replace(
        task, status=status, operation=operation, subtasks=tuple(map(settled, task.subtasks))
    )


def _status_of(statuses: set[SubtaskStatus]) -> TaskStatus:
    if statuses & ACTIVE:
        return TaskStatus.RUNNING
    return TaskStatus.FAILED if _S.FAILED in statuses else TaskStatus.SUCCESSFUL


@dataclass(frozen=True, slots=True)
class _Walk:
    """Goes along the graph, from upstream to downstream, and says how each subtask stands."""

    task: Task
    order: tuple[int, ...]
    pins: StatusById
    status: TaskStatus

    def forwards(self) -> StatusById:
        """Give the states of a task that was executed."""
        states = self._forwards(self.status, self.pins)
        if self.status is TaskStatus.FAILED and _S.FAILED not in states.values():
            states = self._with_a_failure(states)
        return states

    def backwards(self) -> tuple[StatusById, set[int]]:
        """Give the states of a task that was rolled back, and the subtasks that had been executed before."""
        before = self._forwards(TaskStatus.FAILED, {})
        if _S.FAILED not in before.values():
            before = self._with_a_failure(before)
        goal = {TaskStatus.RUNNING: _S.RUNNING, TaskStatus.FAILED: _S.FAILED}.get(
            self.status, _S.PENDING
        )
        if self.pins:  # the file itself says where the rollback stands
            goal = _S.PENDING
        needed, states = self._needed(self.pins), StatusById()
        for subtask in self._subtasks():
            states[subtask.id] = self._backwards(subtask, states, before[subtask.id], goal, needed)
        return states, {
            subtask_id for subtask_id, status in before.items() if status is not _S.PENDING
        }

    def _backwards(
        self,
        subtask: Subtask,
        states: StatusById,
        before: SubtaskStatus,
        goal: SubtaskStatus,
        needed: set[int],
    ) -> SubtaskStatus:
        if subtask.id in self.pins:
            return self.pins[subtask.id]
        if subtask.id in needed:
            return _S.SUCCESSFUL
        if self.status is TaskStatus.SUCCESSFUL or not self._open(subtask, states):
            return _S.PENDING
        return goal if before is _S.FAILED or self.pins else before

    def _forwards(self, status: TaskStatus, pins: StatusById) -> StatusById:
        needed, states = self._needed(pins), StatusById()
        for subtask in self._subtasks():
            if subtask.id in pins:
                states[subtask.id] = pins[subtask.id]
            elif not self._open(subtask, states):
                states[subtask.id] = _S.PENDING
            elif subtask.id in needed or status is TaskStatus.SUCCESSFUL:
                states[subtask.id] = _S.SUCCESSFUL
            elif status is TaskStatus.FAILED:
                states[subtask.id] = _S.FAILED if _fails(subtask) else _S.SUCCESSFUL
            else:
                states[subtask.id] = self._at_work(states)
        return states

    def _at_work(self, states: StatusById) -> SubtaskStatus:
        busy = sum(status in (_S.READY, _S.RUNNING) for status in states.values())
        return _S.RUNNING if busy < self.task.concurrency else _S.PENDING

    def _with_a_failure(self, states: StatusById) -> StatusById:
        """Let the last subtask fail that may: one that is not told, and after which nothing is told to have run."""
        needed = self._needed(self.pins)
        free = [
            i
            for i in self.order
            if states[i] is _S.SUCCESSFUL and i not in self.pins and i not in needed
        ]
        return {**states, free[-1]: _S.FAILED} if free else states

    def _open(self, subtask: Subtask, states: StatusById) -> bool:
        return all(states[upstream] is _S.SUCCESSFUL for upstream in subtask.upstreams)

    def _subtasks(self) -> Iterator[Subtask]:
        by_id = {subtask.id: subtask for subtask in self.task.subtasks}
        return (by_id[subtask_id] for subtask_id in self.order)

    def _needed(self, pins: StatusById) -> set[int]:
        """Give the subtasks that must have been successful, because something after them has left PENDING."""
        needed: set[int] = set()
        for subtask in reversed(list(self._subtasks())):
            if subtask.id in needed or pins.get(subtask.id, _S.PENDING) is not _S.PENDING:
                needed.update(subtask.upstreams)
        return needed


def resolve_ending(run: Run, timeout_s: int) -> tuple[timedelta | None, SubtaskStatus]:
    """Give how long an execution lasts (None: for ever) and how it ends: as told, or by its timeout.

    At one instant, ends come before timeouts.
    """
    limit = timedelta(seconds=timeout_s)
    if limit and (run.takes is None or run.takes > limit):
        return limit, _S.FAILED
    return run.takes, run.ends


def _failures(subtask: Subtask) -> tuple[Run, ...]:
    """Give the runs that fail before the first that does not."""
    return tuple(
        takewhile(lambda run: resolve_ending(run, subtask.timeout_s)[1] is _S.FAILED, subtask.runs)
    )


def _fails(subtask: Subtask) -> bool:
    count = len(_failures(subtask))
    return count == len(subtask.runs) or count > subtask.retries


def _operation_of(subtask: Subtask, status: SubtaskStatus) -> Operation:
    """Give the operation that a file need not tell."""
    failed = _failures(subtask)
    if status is _S.FAILED and subtask.retries:
        return Operation.RETRY  # the engine gave up only after it had tried again
    if status is not _S.SUCCESSFUL or not failed:
        return Operation.EXECUTE
    # It failed at first: somebody tried again, or gave up and skipped it.
    return Operation.SKIP if len(failed) == len(subtask.runs) else Operation.RETRY


def _counted(subtask: Subtask) -> Subtask:
    tried = sum(
        operation in (Operation.EXECUTE, Operation.RETRY)
        for operation, _, _ in list_past_executions(subtask)
    )
    again = subtask.status is _S.READY and subtask.operation is Operation.RETRY
    return replace(subtask, run_time=max(tried, 1) + again)


PastExecution = tuple[Operation, Run, SubtaskStatus | None]
"""One execution of the past: what was done, what it played, how it ended (None: it has not)."""


def list_past_executions(subtask: Subtask) -> list[PastExecution]:
    """Give the executions that led to where a subtask stands now, in order."""
    status, operation = subtask.status, subtask.operation
    outcome = None if status in (_S.RUNNING, _S.CANCELING) else status
    match operation:
        case Operation.EXECUTE | Operation.CANCEL:
            idle = status in (_S.PENDING, _S.READY)
            return [] if idle else [(Operation.EXECUTE, subtask.runs[0], outcome)]
        case Operation.RETRY:
            return _retried(subtask, outcome)
        case Operation.SKIP if status is _S.PENDING:
            undone = (Operation.ROLLBACK, subtask.rollbacks[0], _S.FAILED)
            return [*_executed(subtask), undone, (Operation.SKIP, Run(), _S.PENDING)]
        case Operation.SKIP:
            skipped = [(Operation.SKIP, Run(), outcome)] if status is _S.SUCCESSFUL else []
            return [*_failed(subtask, for_good=True), *skipped]
        case _:
            waiting = status in (_S.READY, _S.SUCCESSFUL)
            return [
                *_executed(subtask),
                *([] if waiting else [(Operation.ROLLBACK, subtask.rollbacks[0], outcome)]),
            ]


def _failed(subtask: Subtask, *, for_good: bool) -> list[PastExecution]:
    """Give the executions that failed: at least one; if `for_good`, all that the engine makes before it gives up."""
    runs = _failures(subtask) or subtask.runs[:1]
    if for_good:
        runs += runs[-1:] * (subtask.retries + 1 - len(runs))
    return [
        (Operation.RETRY if n else Operation.EXECUTE, run, _S.FAILED) for n, run in enumerate(runs)
    ]


def _retried(subtask: Subtask, outcome: SubtaskStatus | None) -> list[PastExecution]:
    before = _failed(subtask, for_good=outcome is _S.FAILED)
    if subtask.status is _S.READY:
        return before
    if outcome is _S.FAILED and len(before) > 1:
        return before
    run = subtask.runs[min(len(before), len(subtask.runs) - 1)]
    return [*before, (Operation.RETRY, run, outcome)]


def _executed(subtask: Subtask) -> list[PastExecution]:
    """Give the execution that a rollback undoes."""
    run = subtask.runs[0]
    return [(Operation.EXECUTE, run, resolve_ending(run, subtask.timeout_s)[1])]
