"""The five commands: one table of what each needs and does. At once, on values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from understudy.clock import iso_time
from understudy.ocp.engine import resume
from understudy.ocp.error_catalogue import ErrorKind, OcpError
from understudy.ocp.serialisation import FormatTime, subtask_detail, task_detail
from understudy.ocp.task_model import Operation, Subtask, SubtaskStatus, Task, TaskStatus
from understudy.ocp.task_overlay import TaskOverlay


@dataclass(frozen=True, slots=True)
class Command:
    """Something that changes a task. `subtask_id` is None for the commands on the whole task."""

    operation: str
    """The operationId."""
    task_id: int
    subtask_id: int | None
    at: datetime


Effect = Callable[[Task, int], Task]
"""From the task and the id acted on, to the task afterwards."""


@dataclass(frozen=True, slots=True)
class CommandRule:
    """What a command needs, in the order of the checks, and what it does."""

    effect: Effect
    task_status: TaskStatus | None = None
    """The status that the task must have."""
    subtask_status: SubtaskStatus | None = None
    """The status that the subtask must have. None: the command is on the whole task."""
    in_rollback: bool = True
    """Whether the task's own operation may be ROLLBACK."""
    undoes: bool = False
    """Whether `prohibitRollback` forbids it."""
    answer: Callable[[Task, int, FormatTime], Any] | None = None
    """The data of the answer."""


def _ready(subtask: Subtask, operation: Operation, *, run_time: int = 0) -> Subtask:
    """READY again: that takes the finish time away. `run_time` is what is added to the count."""
    return replace(
        subtask,
        status=SubtaskStatus.READY,
        operation=operation,
        run_time=subtask.run_time + run_time,
        finish_time=None,
    )


def _running(task: Task, subtasks: tuple[Subtask, ...], operation: Operation | None = None) -> Task:
    """RUNNING again: that takes the finish time away."""
    return replace(
        task,
        status=TaskStatus.RUNNING,
        operation=operation or task.operation,
        subtasks=subtasks,
        finish_time=None,
    )


def _retry_task(task: Task, _: int) -> Task:
    failed = SubtaskStatus.FAILED
    subtasks = tuple(
        _ready(s, Operation.RETRY, run_time=1) if s.status is failed else s for s in task.subtasks
    )
    return _running(task, subtasks, Operation.RETRY)


def _rollback_task(task: Task, _: int) -> Task:
    pending = {s.id for s in task.subtasks if s.status is SubtaskStatus.PENDING}

    def backwards(subtask: Subtask) -> Subtask:
        if subtask.id in pending:
            return subtask
        if pending.issuperset(subtask.downstreams):
            return _ready(subtask, Operation.ROLLBACK)
        return replace(subtask, operation=Operation.ROLLBACK)

    return _running(task, tuple(backwards(s) for s in task.subtasks), Operation.ROLLBACK)


def _with_subtask(
    task: Task, subtask_id: int, change: Callable[[Subtask], Subtask]
) -> tuple[Subtask, ...]:
    return tuple(change(s) if s.id == subtask_id else s for s in task.subtasks)


def _retry_subtask(task: Task, subtask_id: int) -> Task:
    return _running(task, _with_subtask(task, subtask_id, lambda s: _ready(s, Operation.RETRY)))


def _skip_subtask(task: Task, subtask_id: int) -> Task:
    return _running(task, _with_subtask(task, subtask_id, lambda s: _ready(s, Operation.SKIP)))


def _cancel_subtask(task: Task, subtask_id: int) -> Task:
    canceling = SubtaskStatus.CANCELING
    return replace(
        task, subtasks=_with_subtask(task, subtask_id, lambda s: replace(s, status=canceling))
    )


def _task_data(task: Task, _: int, show: FormatTime) -> Any:
    return task_detail(task, show)


def _subtask_data(task: Task, subtask_id: int, show: FormatTime) -> Any:
    return subtask_detail(find_subtask(task, subtask_id), show)


COMMANDS: Mapping[str, CommandRule] = {
    "rollbackTask": CommandRule(
        _rollback_task, task_status=TaskStatus.FAILED, undoes=True, answer=_task_data
    ),
    "retryTask": CommandRule(
        _retry_task, task_status=TaskStatus.FAILED, in_rollback=False, answer=_task_data
    ),
    "cancelSubtask": CommandRule(_cancel_subtask, subtask_status=SubtaskStatus.RUNNING),
    "retrySubtask": CommandRule(
        _retry_subtask, subtask_status=SubtaskStatus.FAILED, in_rollback=False, answer=_subtask_data
    ),
    "skipSubtask": CommandRule(_skip_subtask, subtask_status=SubtaskStatus.FAILED),
}
"""Each command by its operationId."""


def find_task(tasks: Mapping[int, Task], task_id: int) -> Task:
    """Give a task. Raises Refusal (404, 4001) when there is none."""
    task = tasks.get(task_id)
    if task is None:
        raise OcpError(ErrorKind.TASK_NOT_FOUND, (str(task_id),))
    return task


def find_subtask(task: Task, subtask_id: int) -> Subtask:
    """Give a subtask of this very task. Raises Refusal (404, 4001) when it has none of that id."""
    subtask = task.subtask(subtask_id)
    if subtask is None:
        raise OcpError(ErrorKind.TASK_NOT_FOUND, (str(subtask_id),))
    return subtask


def apply_to_task(task: Task, command: Command, origin: datetime) -> Task:
    """Give a task after a command on it; the task has been advanced to the command's moment. Raises Refusal.

    The checks, in this order: 404/4001 with the id of a subtask that is missing, 400/4007, 400/4009. `origin` is the
    clock's start.
    """
    rule = COMMANDS[command.operation]
    target = _check(rule, task, command)
    return resume(rule.effect(task, target), command.at, origin)


def apply_command(
    tasks: Mapping[int, Task], command: Command, origin: datetime
) -> Mapping[int, Task]:
    """Give the tasks after a command; `tasks` stays as it is. Raises Refusal, 404/4001 first when there is no task."""
    return TaskOverlay.of(tasks).with_tasks(
        apply_to_task(find_task(tasks, command.task_id), command, origin)
    )


def _check(rule: CommandRule, task: Task, command: Command) -> int:
    """Give the id acted on when the rule allows the command; raise Refusal otherwise."""
    target, allowed = task.id, rule.task_status is None or task.status is rule.task_status
    status = task.status.value
    if rule.subtask_status is not None:
        subtask = find_subtask(task, command.subtask_id if command.subtask_id is not None else -1)
        target, allowed = subtask.id, subtask.status is rule.subtask_status
        status = subtask.status.value
    if not allowed:
        raise OcpError(ErrorKind.WRONG_STATE, (str(target), status))
    if task.operation is Operation.ROLLBACK and not rule.in_rollback:
        raise OcpError(ErrorKind.WRONG_STATE, (str(target), Operation.ROLLBACK.value))
    if rule.undoes and task.rollback_prohibited:
        raise OcpError(ErrorKind.ROLLBACK_PROHIBITED, (str(target),))
    return target


def command_response_data(
    operation: str, task: Task, subtask_id: int | None, show: FormatTime = iso_time
) -> Any | None:
    """Give the data that a command's answer carries, or None: `cancelSubtask` and `skipSubtask` have none."""
    answer = COMMANDS[operation].answer
    return (
        None
        if answer is None
        else answer(task, task.id if subtask_id is None else subtask_id, show)
    )
