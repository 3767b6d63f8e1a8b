"""What is true of every task at every moment, whatever was done with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from understudy.ocp.task_model import ACTIVE, Operation, Subtask, SubtaskStatus, Task, TaskStatus

OPERATIONS_OF_STATUS: Mapping[SubtaskStatus, frozenset[Operation]] = {
    SubtaskStatus.PENDING: frozenset({Operation.EXECUTE, Operation.ROLLBACK, Operation.SKIP}),
    SubtaskStatus.READY: frozenset(
        {Operation.EXECUTE, Operation.RETRY, Operation.ROLLBACK, Operation.SKIP}
    ),
    SubtaskStatus.RUNNING: frozenset({Operation.EXECUTE, Operation.RETRY, Operation.ROLLBACK}),
    SubtaskStatus.CANCELING: frozenset({Operation.EXECUTE, Operation.RETRY, Operation.ROLLBACK}),
    SubtaskStatus.FAILED: frozenset(
        {Operation.EXECUTE, Operation.RETRY, Operation.ROLLBACK, Operation.CANCEL}
    ),
    SubtaskStatus.SUCCESSFUL: frozenset(
        {Operation.EXECUTE, Operation.RETRY, Operation.ROLLBACK, Operation.SKIP}
    ),
}
"""Which operation a subtask can have in which status."""
TASK_OPERATIONS = (Operation.EXECUTE, Operation.RETRY, Operation.ROLLBACK)
"""The operations that a task can have; the others are those of subtasks alone."""
TASK_TRANSITIONS = (
    (TaskStatus.RUNNING, TaskStatus.FAILED),
    (TaskStatus.RUNNING, TaskStatus.SUCCESSFUL),
    (TaskStatus.FAILED, TaskStatus.RUNNING),
)
"""From which status to which a task gets in one step. Whoever is put into a state by hand is not bound to it."""
_DOING = frozenset(TASK_OPERATIONS)
SUBTASK_TRANSITIONS: Mapping[tuple[SubtaskStatus, SubtaskStatus], frozenset[Operation]] = {
    (SubtaskStatus.PENDING, SubtaskStatus.READY): frozenset({Operation.EXECUTE}),
    (SubtaskStatus.READY, SubtaskStatus.RUNNING): _DOING,
    (SubtaskStatus.READY, SubtaskStatus.SUCCESSFUL): frozenset({Operation.SKIP}),
    (SubtaskStatus.READY, SubtaskStatus.PENDING): frozenset({Operation.SKIP}),
    (SubtaskStatus.RUNNING, SubtaskStatus.SUCCESSFUL): frozenset(
        {Operation.EXECUTE, Operation.RETRY}
    ),
    (SubtaskStatus.RUNNING, SubtaskStatus.FAILED): _DOING,
    (SubtaskStatus.RUNNING, SubtaskStatus.PENDING): frozenset({Operation.ROLLBACK}),
    (SubtaskStatus.RUNNING, SubtaskStatus.CANCELING): _DOING,
    (SubtaskStatus.CANCELING, SubtaskStatus.FAILED): frozenset({Operation.CANCEL}),
    (SubtaskStatus.FAILED, SubtaskStatus.READY): frozenset(
        {Operation.RETRY, Operation.ROLLBACK, Operation.SKIP}
    ),
    (SubtaskStatus.SUCCESSFUL, SubtaskStatus.READY): frozenset({Operation.ROLLBACK}),
}
"""The same of a subtask, with the operations that it can have afterwards.

Several steps can be made at one instant: then nobody sees what lies between.
"""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Something that no task can be. `subtask_id` None: it is about the task."""

    subtask_id: int | None
    detail: str


def find_contradictions(task: Task) -> Iterator[Contradiction]:
    """Give everything about a task that cannot be true at once."""
    status_of = {subtask.id: subtask.status for subtask in task.subtasks}
    for subtask in task.subtasks:
        yield from _of_subtask(subtask, status_of)
    yield from _of_task(task, set(status_of.values()))


def _of_subtask(
    subtask: Subtask, status_of: Mapping[int, SubtaskStatus]
) -> Iterator[Contradiction]:
    if subtask.operation not in OPERATIONS_OF_STATUS[subtask.status]:
        what = f"a subtask whose operation is {subtask.operation.value} is never {subtask.status.value}"
        yield Contradiction(subtask.id, what)
    if subtask.status is SubtaskStatus.PENDING:
        return
    for upstream in subtask.upstreams:
        if status_of[upstream] is not SubtaskStatus.SUCCESSFUL:
            what = f"it is {subtask.status.value}, but its upstream {upstream} is {status_of[upstream].value}"
            yield Contradiction(subtask.id, what)


def _of_task(task: Task, statuses: set[SubtaskStatus]) -> Iterator[Contradiction]:
    active = sorted(status.value for status in statuses & ACTIVE)
    goal = (
        SubtaskStatus.PENDING if task.operation is Operation.ROLLBACK else SubtaskStatus.SUCCESSFUL
    )
    if task.operation not in TASK_OPERATIONS:
        yield Contradiction(None, f"the operation of a task is never {task.operation.value}")
    if task.status is TaskStatus.RUNNING:
        return
    if active:
        yield Contradiction(
            None, f"it is {task.status.value}, but it has a subtask that is {active[0]}"
        )
    if task.status is TaskStatus.FAILED and SubtaskStatus.FAILED not in statuses:
        yield Contradiction(None, "it is FAILED, but none of its subtasks is")
    if task.status is TaskStatus.SUCCESSFUL and statuses != {goal}:
        how = "rolled back successfully" if goal is SubtaskStatus.PENDING else "SUCCESSFUL"
        yield Contradiction(None, f"it is {how}, but not all of its subtasks are {goal.value}")
