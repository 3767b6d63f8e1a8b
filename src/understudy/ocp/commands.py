"""The five commands: one table of their conditions and effects, applied to values at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from understudy.clock import iso_time
from understudy.messages import Json
from understudy.ocp.engine import resume
from understudy.ocp.error_catalogue import ErrorKind, OcpError
from understudy.ocp.serialisation import FormatTime, subtask_detail, task_detail
from understudy.ocp.task_model import Operation, Subtask, SubtaskStatus, Task, TaskStatus
from understudy.ocp.task_overlay import TaskOverlay


@dataclass(frozen=True, slots=True)
class Command:
    """A change of a task. `subtask_id` is None for the commands on the whole task."""

    operation: str
    """The operationId."""
    task_id: int
    subtask_id: int | None
    at: datetime
    """A moment of the tasks' own time."""


Effect = Callable[[Task, int], Task]
"""Computes the task after a command, from the task before and the id acted on."""
ResponseData = Callable[[Task, int, FormatTime], Json]
"""Builds the data of a command's response, from the task after it and the id acted on."""


@dataclass(frozen=True, slots=True)
class CommandRule:
    """The conditions of a command, in the order of the checks, and its effect."""

    effect: Effect
    task_status: TaskStatus | None = None
    """The status that the task must have; None: any."""
    subtask_status: SubtaskStatus | None = None
    """The status that the subtask must have; None: the command is on the whole task."""
    in_rollback: bool = True
    """Whether the command is allowed while the task's own operation is ROLLBACK."""
    is_rollback: bool = False
    """Whether `prohibitRollback` forbids the command."""
    response_data: ResponseData | None = None
    """None: the response has no data."""


def _make_ready(subtask: Subtask, operation: Operation, *, extra_run_time: int = 0) -> Subtask:
    """Return a subtask as READY, without a finish time.

    `extra_run_time` is added to the number of its attempt.
    """
    return replace(
        subtask,
        status=SubtaskStatus.READY,
        operation=operation,
        run_time=subtask.run_time + extra_run_time,
        finish_time=None,
    )


def _make_running(
    task: Task, subtasks: tuple[Subtask, ...], operation: Operation | None = None
) -> Task:
    """Return a task as RUNNING, without a finish time."""
    return replace(
        task,
        status=TaskStatus.RUNNING,
        operation=operation or task.operation,
        subtasks=subtasks,
        finish_time=None,
    )


def _retry_task(task: Task, _: int) -> Task:
    """Make every failed subtask READY, as its next attempt."""

    def retry_failed(subtask: Subtask) -> Subtask:
        if subtask.status is not SubtaskStatus.FAILED:
            return subtask
        return _make_ready(subtask, Operation.RETRY, extra_run_time=1)

    return _make_running(task, tuple(map(retry_failed, task.subtasks)), Operation.RETRY)


def _rollback_task(task: Task, _: int) -> Task:
    """Turn the task around: subtasks after which nothing has started become READY first."""
    pending = {s.id for s in task.subtasks if s.status is SubtaskStatus.PENDING}

    def roll_back(subtask: Subtask) -> Subtask:
        if subtask.id in pending:
            return subtask
        if pending.issuperset(subtask.downstreams):
            return _make_ready(subtask, Operation.ROLLBACK)
        return replace(subtask, operation=Operation.ROLLBACK)

    return _make_running(task, tuple(map(roll_back, task.subtasks)), Operation.ROLLBACK)


def _change_subtask(
    task: Task, subtask_id: int, change: Callable[[Subtask], Subtask]
) -> tuple[Subtask, ...]:
    return tuple(change(s) if s.id == subtask_id else s for s in task.subtasks)


def _retry_subtask(task: Task, subtask_id: int) -> Task:
    # As in the real server, only a retry of the whole task counts the attempt (runTime) up.
    ready = _change_subtask(task, subtask_id, lambda s: _make_ready(s, Operation.RETRY))
    return _make_running(task, ready)


def _skip_subtask(task: Task, subtask_id: int) -> Task:
    ready = _change_subtask(task, subtask_id, lambda s: _make_ready(s, Operation.SKIP))
    return _make_running(task, ready)


def _cancel_subtask(task: Task, subtask_id: int) -> Task:
    # The engine's next tick makes it FAILED, with operation CANCEL.
    canceling = SubtaskStatus.CANCELING
    subtasks = _change_subtask(task, subtask_id, lambda s: replace(s, status=canceling))
    return replace(task, subtasks=subtasks)


def _task_data(task: Task, _: int, format_time: FormatTime) -> Json:
    return task_detail(task, format_time)


def _subtask_data(task: Task, subtask_id: int, format_time: FormatTime) -> Json:
    return subtask_detail(find_subtask(task, subtask_id), format_time)


COMMANDS: Mapping[str, CommandRule] = {
    "rollbackTask": CommandRule(
        _rollback_task,
        task_status=TaskStatus.FAILED,
        is_rollback=True,
        response_data=_task_data,
    ),
    "retryTask": CommandRule(
        _retry_task,
        task_status=TaskStatus.FAILED,
        in_rollback=False,
        response_data=_task_data,
    ),
    "cancelSubtask": CommandRule(_cancel_subtask, subtask_status=SubtaskStatus.RUNNING),
    "retrySubtask": CommandRule(
        _retry_subtask,
        subtask_status=SubtaskStatus.FAILED,
        in_rollback=False,
        response_data=_subtask_data,
    ),
    "skipSubtask": CommandRule(_skip_subtask, subtask_status=SubtaskStatus.FAILED),
}
"""Each command by its operationId."""


def find_task(tasks: Mapping[int, Task], task_id: int) -> Task:
    """Return a task. Raises OcpError (404, 4001) when there is none."""
    task = tasks.get(task_id)
    if task is None:
        raise OcpError(ErrorKind.TASK_NOT_FOUND, (str(task_id),))
    return task


def find_subtask(task: Task, subtask_id: int) -> Subtask:
    """Return a subtask of a task. Raises OcpError (404, 4001) when the task has none of this id.

    The subtask of another task is missing, too.
    """
    subtask = task.subtask(subtask_id)
    if subtask is None:
        raise OcpError(ErrorKind.TASK_NOT_FOUND, (str(subtask_id),))
    return subtask


def apply_to_task(task: Task, command: Command, origin: datetime) -> Task:
    """Apply a command to a task that has been advanced to the command's moment.

    Raises OcpError. The checks, in this order: 404/4001 with the id of a missing subtask,
    400/4007 (the state forbids it), 400/4009 (rollback prohibited). `origin` is the start of
    the tasks' time.
    """
    rule = COMMANDS[command.operation]
    target_id = _check(rule, task, command)
    return resume(rule.effect(task, target_id), command.at, origin)


def apply_command(
    tasks: Mapping[int, Task], command: Command, origin: datetime
) -> Mapping[int, Task]:
    """Return the tasks after a command; `tasks` itself does not change.

    Raises OcpError: 404/4001 first when there is no such task, then as `apply_to_task`.
    """
    task = find_task(tasks, command.task_id)
    changed = apply_to_task(task, command, origin)
    return TaskOverlay.of(tasks).with_tasks(changed)


def _check(rule: CommandRule, task: Task, command: Command) -> int:
    """Return the id acted on. Raises OcpError when the rule forbids the command."""
    target_id = _check_status(rule, task, command)
    if task.operation is Operation.ROLLBACK and not rule.in_rollback:
        raise OcpError(ErrorKind.WRONG_STATE, (str(target_id), Operation.ROLLBACK.value))
    if rule.is_rollback and task.rollback_prohibited:
        raise OcpError(ErrorKind.ROLLBACK_PROHIBITED, (str(target_id),))
    return target_id


def _check_status(rule: CommandRule, task: Task, command: Command) -> int:
    """Return the id acted on. Raises OcpError when its status forbids the command."""
    target: Task | Subtask = task
    required: TaskStatus | SubtaskStatus | None = rule.task_status
    if rule.subtask_status is not None:
        # No subtask has the id -1, so a command without an id is 404.
        subtask_id = -1 if command.subtask_id is None else command.subtask_id
        target, required = find_subtask(task, subtask_id), rule.subtask_status
    if required is not None and target.status is not required:
        raise OcpError(ErrorKind.WRONG_STATE, (str(target.id), target.status.value))
    return target.id


def command_response_data(
    operation: str, task: Task, subtask_id: int | None, format_time: FormatTime = iso_time
) -> Json:
    """Build the data of a command's response from the task after it.

    None for `cancelSubtask` and `skipSubtask`, whose responses have no data.
    """
    build_data = COMMANDS[operation].response_data
    if build_data is None:
        return None
    if subtask_id is None:
        return build_data(task, task.id, format_time)
    return build_data(task, subtask_id, format_time)
