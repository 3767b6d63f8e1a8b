"""The invariants of tasks: what is true of every task at every moment, after any command."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from understudy.ocp.task_model import ACTIVE, Operation, Subtask, SubtaskStatus, Task, TaskStatus

_S = SubtaskStatus
_O = Operation

OPERATIONS_OF_STATUS: Mapping[SubtaskStatus, frozenset[Operation]] = {
    _S.PENDING: frozenset({_O.EXECUTE, _O.ROLLBACK, _O.SKIP}),
    _S.READY: frozenset({_O.EXECUTE, _O.RETRY, _O.ROLLBACK, _O.SKIP}),
    _S.RUNNING: frozenset({_O.EXECUTE, _O.RETRY, _O.ROLLBACK}),
    _S.CANCELING: frozenset({_O.EXECUTE, _O.RETRY, _O.ROLLBACK}),
    _S.FAILED: frozenset({_O.EXECUTE, _O.RETRY, _O.ROLLBACK, _O.CANCEL}),
    _S.SUCCESSFUL: frozenset({_O.EXECUTE, _O.RETRY, _O.ROLLBACK, _O.SKIP}),
}
"""The operations that a subtask can have in each status."""
TASK_OPERATIONS = (_O.EXECUTE, _O.RETRY, _O.ROLLBACK)
"""The operations that a task can have; SKIP and CANCEL are operations of subtasks only."""
TASK_TRANSITIONS = (
    (TaskStatus.RUNNING, TaskStatus.FAILED),
    (TaskStatus.RUNNING, TaskStatus.SUCCESSFUL),
    (TaskStatus.FAILED, TaskStatus.RUNNING),
)
"""The transitions of a task, as pairs of statuses. A forced state can make any other."""
_TASK_OPERATION_SET = frozenset(TASK_OPERATIONS)
SUBTASK_TRANSITIONS: Mapping[tuple[SubtaskStatus, SubtaskStatus], frozenset[Operation]] = {
    (_S.PENDING, _S.READY): frozenset({_O.EXECUTE}),
    (_S.READY, _S.RUNNING): _TASK_OPERATION_SET,
    (_S.READY, _S.SUCCESSFUL): frozenset({_O.SKIP}),
    (_S.READY, _S.PENDING): frozenset({_O.SKIP}),
    (_S.RUNNING, _S.SUCCESSFUL): frozenset({_O.EXECUTE, _O.RETRY}),
    (_S.RUNNING, _S.FAILED): _TASK_OPERATION_SET,
    (_S.RUNNING, _S.PENDING): frozenset({_O.ROLLBACK}),
    (_S.RUNNING, _S.CANCELING): _TASK_OPERATION_SET,
    (_S.CANCELING, _S.FAILED): frozenset({_O.CANCEL}),
    (_S.FAILED, _S.READY): frozenset({_O.RETRY, _O.ROLLBACK, _O.SKIP}),
    (_S.SUCCESSFUL, _S.READY): frozenset({_O.ROLLBACK}),
}
"""The transitions of a subtask, with the operations that it can have afterwards.

Several transitions can happen at one instant; a client then sees the last status only.
"""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A violated invariant of a task. `subtask_id` is None when it is about the task itself."""

    subtask_id: int | None
    detail: str


def find_contradictions(task: Task) -> Iterator[Contradiction]:
    """Yield every violated invariant of a task: its subtasks' first, then its own."""
    status_of = {subtask.id: subtask.status for subtask in task.subtasks}
    for subtask in task.subtasks:
        yield from _check_subtask(subtask, status_of)
    yield from _check_task(task, set(status_of.values()))


def _check_subtask(
    subtask: Subtask, status_of: Mapping[int, SubtaskStatus]
) -> Iterator[Contradiction]:
    status, operation = subtask.status, subtask.operation
    if operation not in OPERATIONS_OF_STATUS[status]:
        detail = f"a subtask whose operation is {operation.value} is never {status.value}"
        yield Contradiction(subtask.id, detail)
    if status is SubtaskStatus.PENDING:
        return
    # Whatever has left PENDING started after all of its upstreams.
    for upstream in subtask.upstreams:
        if status_of[upstream] is not SubtaskStatus.SUCCESSFUL:
            detail = (
                f"it is {status.value}, but its upstream {upstream} is {status_of[upstream].value}"
            )
            yield Contradiction(subtask.id, detail)


def _check_task(task: Task, statuses: set[SubtaskStatus]) -> Iterator[Contradiction]:
    if task.operation not in TASK_OPERATIONS:
        detail = f"the operation of a task is never {task.operation.value}"
        yield Contradiction(None, detail)
    if task.status is TaskStatus.RUNNING:
        return
    active = sorted(status.value for status in statuses & ACTIVE)
    if active:
        detail = f"it is {task.status.value}, but it has a subtask that is {active[0]}"
        yield Contradiction(None, detail)
    if task.status is TaskStatus.FAILED and SubtaskStatus.FAILED not in statuses:
        yield Contradiction(None, "it is FAILED, but none of its subtasks is")
    if task.status is TaskStatus.SUCCESSFUL:
        yield from _check_success(task, statuses)


def _check_success(task: Task, statuses: set[SubtaskStatus]) -> Iterator[Contradiction]:
    """Check that every subtask of a successful task has ended as its operation asks for."""
    if task.operation is Operation.ROLLBACK:
        goal, result = SubtaskStatus.PENDING, "rolled back successfully"
    else:
        goal, result = SubtaskStatus.SUCCESSFUL, "SUCCESSFUL"
    if statuses != {goal}:
        detail = f"it is {result}, but not all of its subtasks are {goal.value}"
        yield Contradiction(None, detail)
