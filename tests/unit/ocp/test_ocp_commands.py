"""The five commands: conditions and effects."""

import pytest

from ocp_builders import LATER, command_error, run_command, subtask, task
from understudy.ocp import (
    Command,
    ErrorKind,
    OcpError,
    Operation,
    SubtaskStatus,
    TaskStatus,
    apply_command,
    command_response_data,
)

ALLOWED = None

# Written by hand from the engine's description: (status, operation) of the task.
TASK_COMMANDS = {
    "retryTask": {
        ("RUNNING", "EXECUTE"): "RUNNING",
        ("RUNNING", "RETRY"): "RUNNING",
        ("RUNNING", "ROLLBACK"): "RUNNING",
        ("FAILED", "EXECUTE"): ALLOWED,
        ("FAILED", "RETRY"): ALLOWED,
        ("FAILED", "ROLLBACK"): "ROLLBACK",
        ("SUCCESSFUL", "EXECUTE"): "SUCCESSFUL",
        ("SUCCESSFUL", "RETRY"): "SUCCESSFUL",
        ("SUCCESSFUL", "ROLLBACK"): "SUCCESSFUL",
    },
    "rollbackTask": {
        ("RUNNING", "EXECUTE"): "RUNNING",
        ("RUNNING", "RETRY"): "RUNNING",
        ("RUNNING", "ROLLBACK"): "RUNNING",
        ("FAILED", "EXECUTE"): ALLOWED,
        ("FAILED", "RETRY"): ALLOWED,
        ("FAILED", "ROLLBACK"): ALLOWED,
        ("SUCCESSFUL", "EXECUTE"): "SUCCESSFUL",
        ("SUCCESSFUL", "RETRY"): "SUCCESSFUL",
        ("SUCCESSFUL", "ROLLBACK"): "SUCCESSFUL",
    },
}
# Status of the subtask, operation of the task.
SUBTASK_COMMANDS = {
    "retrySubtask": {
        ("PENDING", "EXECUTE"): "PENDING",
        ("READY", "EXECUTE"): "READY",
        ("RUNNING", "EXECUTE"): "RUNNING",
        ("CANCELING", "EXECUTE"): "CANCELING",
        ("FAILED", "EXECUTE"): ALLOWED,
        ("FAILED", "RETRY"): ALLOWED,
        ("SUCCESSFUL", "EXECUTE"): "SUCCESSFUL",
        ("PENDING", "ROLLBACK"): "PENDING",
        ("READY", "ROLLBACK"): "READY",
        ("RUNNING", "ROLLBACK"): "RUNNING",
        ("CANCELING", "ROLLBACK"): "CANCELING",
        ("FAILED", "ROLLBACK"): "ROLLBACK",
        ("SUCCESSFUL", "ROLLBACK"): "SUCCESSFUL",
    },
    "skipSubtask": {
        ("PENDING", "EXECUTE"): "PENDING",
        ("READY", "EXECUTE"): "READY",
        ("RUNNING", "EXECUTE"): "RUNNING",
        ("CANCELING", "EXECUTE"): "CANCELING",
        ("FAILED", "EXECUTE"): ALLOWED,
        ("FAILED", "RETRY"): ALLOWED,
        ("SUCCESSFUL", "EXECUTE"): "SUCCESSFUL",
        ("PENDING", "ROLLBACK"): "PENDING",
        ("READY", "ROLLBACK"): "READY",
        ("RUNNING", "ROLLBACK"): "RUNNING",
        ("CANCELING", "ROLLBACK"): "CANCELING",
        ("FAILED", "ROLLBACK"): ALLOWED,
        ("SUCCESSFUL", "ROLLBACK"): "SUCCESSFUL",
    },
    "cancelSubtask": {
        ("PENDING", "EXECUTE"): "PENDING",
        ("READY", "EXECUTE"): "READY",
        ("RUNNING", "EXECUTE"): ALLOWED,
        ("RUNNING", "RETRY"): ALLOWED,
        ("CANCELING", "EXECUTE"): "CANCELING",
        ("FAILED", "EXECUTE"): "FAILED",
        ("SUCCESSFUL", "EXECUTE"): "SUCCESSFUL",
        ("PENDING", "ROLLBACK"): "PENDING",
        ("READY", "ROLLBACK"): "READY",
        ("RUNNING", "ROLLBACK"): ALLOWED,
        ("CANCELING", "ROLLBACK"): "CANCELING",
        ("FAILED", "ROLLBACK"): "FAILED",
        ("SUCCESSFUL", "ROLLBACK"): "SUCCESSFUL",
    },
}


def list_cells(
    table: dict[str, dict[tuple[str, str], str | None]],
) -> list[tuple[str, str, str, str | None]]:
    return [
        (name, *state, forbidding)
        for name, cells in table.items()
        for state, forbidding in cells.items()
    ]


@pytest.mark.parametrize(("name", "status", "operation", "forbidding"), list_cells(TASK_COMMANDS))
def test_task_command_in_every_state(
    name: str, status: str, operation: str, forbidding: str | None
) -> None:
    """A command on a task is allowed, or rejected with the task's id and the forbidding state."""
    error = command_error(name, task(subtask(1, "FAILED"), status=status, operation=operation))
    expected = None if forbidding is ALLOWED else (ErrorKind.WRONG_STATE, ("1000", forbidding))
    assert expected == (error and (error.kind, error.params))


@pytest.mark.parametrize(
    ("name", "status", "operation", "forbidding"), list_cells(SUBTASK_COMMANDS)
)
def test_subtask_command_in_every_state(
    name: str, status: str, operation: str, forbidding: str | None
) -> None:
    """A command on a subtask is allowed, or rejected with its id and the forbidding state."""
    error = command_error(name, task(subtask(7, status), status="RUNNING", operation=operation), 7)
    expected = None if forbidding is ALLOWED else (ErrorKind.WRONG_STATE, ("7", forbidding))
    assert expected == (error and (error.kind, error.params))


@pytest.mark.parametrize("name", [*TASK_COMMANDS, *SUBTASK_COMMANDS])
def test_missing_task_is_reported(name: str) -> None:
    """The error has the id of the missing task, even when a subtask has that id."""
    tasks = {1: task(subtask(7, "FAILED"), id=1)}
    with pytest.raises(OcpError) as caught:
        apply_command(tasks, Command(name, 7, 7, LATER), LATER)
    assert (caught.value.kind, caught.value.params) == (ErrorKind.TASK_NOT_FOUND, ("7",))


@pytest.mark.parametrize("name", SUBTASK_COMMANDS)
def test_subtask_of_another_task_is_missing(name: str) -> None:
    """A subtask of another task is missing; this is checked before the state."""
    tasks = {1: task(subtask(7), id=1), 2: task(subtask(8), id=2)}
    with pytest.raises(OcpError) as caught:
        apply_command(tasks, Command(name, 1, 8, LATER), LATER)
    assert (caught.value.kind, caught.value.params) == (ErrorKind.TASK_NOT_FOUND, ("8",))


def test_retry_task_makes_failed_subtasks_ready() -> None:
    """Every failed subtask becomes READY with one more attempt; the others stay as they are."""
    before = task(
        subtask(1, "SUCCESSFUL"),
        subtask(2, "FAILED"),
        subtask(3, "FAILED", "RETRY", run_time=4),
        subtask(4),
    )
    after = run_command("retryTask", before)
    assert (after.status, after.operation, after.finish_time) == (
        TaskStatus.RUNNING,
        Operation.RETRY,
        None,
    )
    expected = [
        ("SUCCESSFUL", "EXECUTE", 1),
        ("READY", "RETRY", 2),
        ("READY", "RETRY", 5),
        ("PENDING", "EXECUTE", 1),
    ]
    assert expected == [(s.status.value, s.operation.value, s.run_time) for s in after.subtasks]
    assert (before.subtasks[0], before.subtasks[3]) == (after.subtasks[0], after.subtasks[3])


def test_ready_keeps_the_start_and_removes_the_finish() -> None:
    """READY removes the finish time of a subtask; the start time stays."""
    before = task(subtask(1, "FAILED"))
    after = run_command("retryTask", before).subtasks[0]
    assert (before.subtasks[0].start_time, None) == (after.start_time, after.finish_time)


def test_retry_subtask_keeps_count_and_operation() -> None:
    """Retrying a subtask keeps its runTime and the task's operation."""
    after = run_command(
        "retrySubtask",
        task(subtask(1, "FAILED", run_time=3), subtask(2, "FAILED"), operation="RETRY"),
        1,
    )
    assert (after.status, after.operation, after.finish_time) == (
        TaskStatus.RUNNING,
        Operation.RETRY,
        None,
    )
    first, second = after.subtasks
    assert (first.status, first.operation, first.run_time) == (
        SubtaskStatus.READY,
        Operation.RETRY,
        3,
    )
    assert SubtaskStatus.FAILED is second.status


def test_skip_subtask_makes_it_ready() -> None:
    """A skipped subtask is READY with operation SKIP; the next tick ends it."""
    after = run_command("skipSubtask", task(subtask(1, "FAILED"), operation="ROLLBACK"), 1)
    only = after.subtasks[0]
    assert (after.status, after.operation) == (TaskStatus.RUNNING, Operation.ROLLBACK)
    assert (
        only.status,
        only.operation,
        only.run_time,
        only.finish_time,
    ) == (SubtaskStatus.READY, Operation.SKIP, 1, None)


def test_cancel_subtask_marks_it() -> None:
    """A canceled subtask is CANCELING; the next tick makes it FAILED."""
    before = task(subtask(1, "RUNNING", "RETRY"), subtask(2, "RUNNING"), status="RUNNING")
    after = run_command("cancelSubtask", before, 1)
    assert [s.status for s in after.subtasks] == [SubtaskStatus.CANCELING, SubtaskStatus.RUNNING]
    assert Operation.RETRY is after.subtasks[0].operation
    assert TaskStatus.RUNNING is after.status


def diamond(*states: str, **more: object) -> object:
    """Build a task where 1 forks to 2 and 3, which join in 4."""
    links = {1: ((), (2, 3)), 2: ((1,), (4,)), 3: ((1,), (4,)), 4: ((2, 3), ())}
    return task(
        *(
            subtask(i, states[i - 1], upstreams=up, downstreams=down, run_time=2)
            for i, (up, down) in links.items()
        ),
        **more,  # type: ignore[arg-type]
    )


def test_rollback_starts_at_the_last_executed_subtasks() -> None:
    """Subtasks with only PENDING downstreams become READY.

    Every executed one gets operation ROLLBACK.
    """
    before = diamond("SUCCESSFUL", "FAILED", "SUCCESSFUL", "PENDING")
    after = run_command("rollbackTask", before)  # type: ignore[arg-type]
    assert (after.status, after.operation, after.finish_time) == (
        TaskStatus.RUNNING,
        Operation.ROLLBACK,
        None,
    )
    expected = [
        ("SUCCESSFUL", "ROLLBACK", 2),
        ("READY", "ROLLBACK", 2),
        ("READY", "ROLLBACK", 2),
        ("PENDING", "EXECUTE", 2),
    ]
    assert expected == [(s.status.value, s.operation.value, s.run_time) for s in after.subtasks]


def test_failed_rollback_can_be_repeated() -> None:
    """A failed rollback continues where it stopped."""
    before = diamond("SUCCESSFUL", "FAILED", "PENDING", "PENDING", operation="ROLLBACK")
    after = run_command("rollbackTask", before)  # type: ignore[arg-type]
    assert [s.status.value for s in after.subtasks] == ["SUCCESSFUL", "READY", "PENDING", "PENDING"]


@pytest.mark.parametrize(
    ("states", "prohibited"),
    [
        (("FAILED", "PENDING"), False),
        (("FAILED", "READY"), False),
        (("SUCCESSFUL", "FAILED"), True),
    ],
)
def test_rollback_prohibited_by_a_subtask(states: tuple[str, str], prohibited: bool) -> None:
    """A subtask prohibits the rollback of its task only after it has left PENDING and READY."""
    before = task(subtask(1, states[0]), subtask(2, states[1], prohibit_rollback=True))
    assert prohibited == before.rollback_prohibited


def test_prohibited_rollback_is_rejected() -> None:
    """A prohibited rollback gives 4009."""
    error = command_error("rollbackTask", task(subtask(1, "FAILED"), prohibit_rollback=True))
    assert error is not None
    assert (error.kind, error.params) == (ErrorKind.ROLLBACK_PROHIBITED, ("1000",))


def test_state_is_checked_before_prohibition() -> None:
    """4007 comes before 4009."""
    before = task(subtask(1, "RUNNING"), status="RUNNING", prohibit_rollback=True)
    error = command_error("rollbackTask", before)
    assert error is not None
    assert ErrorKind.WRONG_STATE is error.kind


def test_commands_change_no_task_in_place() -> None:
    """A command returns new tasks; the old ones stay, and other tasks are the same objects."""
    first, second = task(subtask(1, "FAILED"), id=1), task(subtask(2, "FAILED"), id=2)
    tasks = {1: first, 2: second}
    once = apply_command(tasks, Command("retryTask", 1, None, LATER), LATER)
    twice = apply_command(once, Command("retryTask", 2, None, LATER), LATER)
    assert {1: first, 2: second} == tasks
    assert second is once[2]
    assert list(twice) == [1, 2]
    assert {TaskStatus.RUNNING} == {t.status for t in twice.values()}


@pytest.mark.parametrize(
    ("name", "subtask_id", "keys"),
    [
        ("rollbackTask", None, {"id": 1000, "status": "FAILED"}),
        ("retryTask", None, {"id": 1000, "status": "FAILED"}),
        ("retrySubtask", 7, {"id": 7, "status": "FAILED"}),
    ],
)
def test_commands_return_what_they_changed(
    name: str, subtask_id: int | None, keys: dict[str, object]
) -> None:
    """Commands on a task return the task; retrying a subtask returns the subtask."""
    data = command_response_data(name, task(subtask(7, "FAILED")), subtask_id)
    assert keys == {key: data[key] for key in keys}


@pytest.mark.parametrize("name", ["cancelSubtask", "skipSubtask"])
def test_commands_without_data(name: str) -> None:
    """Canceling and skipping return no data."""
    assert command_response_data(name, task(subtask(7, "FAILED")), 7) is None
