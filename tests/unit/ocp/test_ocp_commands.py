"""The five commands: what each needs, and what it does."""

import pytest

from ocp_builders import LATER, do, refusal_of, subtask, task
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

# Written out by hand from the documents of the engine, not read from the code: (status, operation) of the task.
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


def rows(
    table: dict[str, dict[tuple[str, str], str | None]],
) -> list[tuple[str, str, str, str | None]]:
    return [(name, *state, word) for name, cells in table.items() for state, word in cells.items()]


@pytest.mark.parametrize(("name", "status", "operation", "word"), rows(TASK_COMMANDS))
def test_task_command_in_every_state(
    name: str, status: str, operation: str, word: str | None
) -> None:
    """A command on a task is allowed, or refused with the task's id and the word that forbids it."""
    refusal = refusal_of(name, task(subtask(1, "FAILED"), status=status, operation=operation))
    expected = None if word is ALLOWED else (ErrorKind.WRONG_STATE, ("1000", word))
    assert expected == (refusal and (refusal.kind, refusal.params))


@pytest.mark.parametrize(("name", "status", "operation", "word"), rows(SUBTASK_COMMANDS))
def test_subtask_command_in_every_state(
    name: str, status: str, operation: str, word: str | None
) -> None:
    """A command on a subtask is allowed, or refused with the subtask's id and the word that forbids it."""
    refusal = refusal_of(name, task(subtask(7, status), status="RUNNING", operation=operation), 7)
    expected = None if word is ALLOWED else (ErrorKind.WRONG_STATE, ("7", word))
    assert expected == (refusal and (refusal.kind, refusal.params))


@pytest.mark.parametrize("name", [*TASK_COMMANDS, *SUBTASK_COMMANDS])
def test_missing_task(name: str) -> None:
    """A task that is missing is told with its id, also when a subtask of that id exists."""
    tasks = {1: task(subtask(7, "FAILED"), id=1)}
    with pytest.raises(OcpError) as caught:
        apply_command(tasks, Command(name, 7, 7, LATER), LATER)
    assert (caught.value.kind, caught.value.params) == (ErrorKind.TASK_NOT_FOUND, ("7",))


@pytest.mark.parametrize("name", SUBTASK_COMMANDS)
def test_subtask_of_another_task_is_missing(name: str) -> None:
    """A subtask of another task is missing, before any state is looked at."""
    tasks = {1: task(subtask(7), id=1), 2: task(subtask(8), id=2)}
    with pytest.raises(OcpError) as caught:
        apply_command(tasks, Command(name, 1, 8, LATER), LATER)
    assert (caught.value.kind, caught.value.params) == (ErrorKind.TASK_NOT_FOUND, ("8",))


def test_retry_task() -> None:
    """Retrying a task readies every failed subtask and counts its execution; the rest stays as it is."""
    before = task(
        subtask(1, "SUCCESSFUL"),
        subtask(2, "FAILED"),
        subtask(3, "FAILED", "RETRY", run_time=4),
        subtask(4),
    )
    after = do("retryTask", before)
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


def test_ready_keeps_the_start_and_loses_the_finish() -> None:
    """READY removes the finish time of a subtask; the start time stays that of the first execution."""
    before = task(subtask(1, "FAILED"))
    after = do("retryTask", before).subtasks[0]
    assert (before.subtasks[0].start_time, None) == (after.start_time, after.finish_time)


def test_retry_subtask_leaves_count_and_operation() -> None:
    """Retrying a subtask counts nothing, and leaves the task's operation alone."""
    after = do(
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


def test_skip_subtask() -> None:
    """Skipping readies the subtask with operation SKIP; it is the tick that ends it."""
    after = do("skipSubtask", task(subtask(1, "FAILED"), operation="ROLLBACK"), 1)
    only = after.subtasks[0]
    assert (after.status, after.operation) == (TaskStatus.RUNNING, Operation.ROLLBACK)
    assert (
        only.status,
        only.operation,
        only.run_time,
        only.finish_time,
    ) == (SubtaskStatus.READY, Operation.SKIP, 1, None)


def test_cancel_subtask() -> None:
    """Canceling only marks the subtask: it is the tick that fails it."""
    before = task(subtask(1, "RUNNING", "RETRY"), subtask(2, "RUNNING"), status="RUNNING")
    after = do("cancelSubtask", before, 1)
    assert [s.status for s in after.subtasks] == [SubtaskStatus.CANCELING, SubtaskStatus.RUNNING]
    assert Operation.RETRY is after.subtasks[0].operation
    assert TaskStatus.RUNNING is after.status


def diamond(*states: str, **more: object) -> object:
    """1 forks to 2 and 3, which join in 4."""
    links = {1: ((), (2, 3)), 2: ((1,), (4,)), 3: ((1,), (4,)), 4: ((2, 3), ())}
    return task(
        *(
            subtask(i, states[i - 1], upstreams=up, downstreams=down, run_time=2)
            for i, (up, down) in links.items()
        ),
        **more,  # type: ignore[arg-type]
    )


def test_rollback_starts_where_nothing_came_after() -> None:
    """A rollback readies what had only PENDING after it; all that has run is marked, the rest stays."""
    after = do("rollbackTask", diamond("SUCCESSFUL", "FAILED", "SUCCESSFUL", "PENDING"))  # type: ignore[arg-type]
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


def test_rollback_again() -> None:
    """A rollback that failed can be called again: it goes on where it stopped."""
    before = diamond("SUCCESSFUL", "FAILED", "PENDING", "PENDING", operation="ROLLBACK")
    after = do("rollbackTask", before)  # type: ignore[arg-type]
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
    """A subtask prohibits the rollback of its task only once it has left PENDING and READY."""
    before = task(subtask(1, states[0]), subtask(2, states[1], prohibit_rollback=True))
    assert prohibited == before.rollback_prohibited


def test_rollback_prohibited() -> None:
    """What must not be rolled back is refused with 4009."""
    refusal = refusal_of("rollbackTask", task(subtask(1, "FAILED"), prohibit_rollback=True))
    assert refusal is not None
    assert (refusal.kind, refusal.params) == (ErrorKind.ROLLBACK_PROHIBITED, ("1000",))


def test_state_is_checked_before_prohibition() -> None:
    """4007 comes before 4009."""
    before = task(subtask(1, "RUNNING"), status="RUNNING", prohibit_rollback=True)
    refusal = refusal_of("rollbackTask", before)
    assert refusal is not None
    assert ErrorKind.WRONG_STATE is refusal.kind


def test_nothing_is_changed_in_place() -> None:
    """A command gives new tasks; the old ones stay, and other tasks are the very same."""
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
def test_data_of_a_command(name: str, subtask_id: int | None, keys: dict[str, object]) -> None:
    """The commands on a task answer the task; the retry of a subtask, the subtask."""
    data = command_response_data(name, task(subtask(7, "FAILED")), subtask_id)
    assert keys == {key: data[key] for key in keys}


@pytest.mark.parametrize("name", ["cancelSubtask", "skipSubtask"])
def test_commands_without_data(name: str) -> None:
    """Canceling and skipping answer no data."""
    assert command_response_data(name, task(subtask(7, "FAILED")), 7) is None
