"""A tester puts tasks and subtasks into states: what becomes of the others, and of time."""

from datetime import UTC, datetime, timedelta

import pytest

from understudy.ocp import (
    OcpError,
    Operation,
    Run,
    Subtask,
    SubtaskStatus,
    Task,
    TaskOverlay,
    TaskStatus,
    TaskStore,
    begin,
)

START = datetime(2021, 8, 25, 15, 9, 31, tzinfo=UTC)
S = timedelta(seconds=1)


def planned(at: datetime = START) -> Task:
    """1 before 2 and 3, both before 4; each takes ten seconds."""
    after: dict[int, tuple[int, ...]] = {1: (), 2: (1,), 3: (1,), 4: (2, 3)}
    below: dict[int, tuple[int, ...]] = {1: (2, 3), 2: (4,), 3: (4,), 4: ()}
    subtasks = [
        Subtask(
            n,
            f"Step {n}",
            n,
            START,
            upstreams=after[n],
            downstreams=below[n],
            retries=3,
            runs=(Run(10 * S),),
        )
        for n in after
    ]
    return Task(7, "Seven", at, tuple(subtasks))


def platform() -> TaskStore:
    table = TaskOverlay.of({7: begin(planned(), START, START)})
    from understudy.ocp import TimeMapping

    return TaskStore(table, TimeMapping(START, START))


def stand(platform: TaskStore) -> dict[int, str]:
    return {subtask.id: subtask.status.value for subtask in platform.tasks[7].subtasks}


@pytest.mark.parametrize(
    ("subtask", "status", "expected"),
    [
        (4, "SUCCESSFUL", ["SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL"]),
        (2, "SUCCESSFUL", ["SUCCESSFUL", "SUCCESSFUL", "PENDING", "PENDING"]),
        (2, "FAILED", ["SUCCESSFUL", "FAILED", "PENDING", "PENDING"]),
        (3, "RUNNING", ["SUCCESSFUL", "PENDING", "RUNNING", "PENDING"]),
        (3, "CANCELING", ["SUCCESSFUL", "PENDING", "CANCELING", "PENDING"]),
        (4, "READY", ["SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL", "READY"]),
        (1, "PENDING", ["PENDING", "PENDING", "PENDING", "PENDING"]),
    ],
)
def test_what_becomes_of_the_others(subtask: int, status: str, expected: list[str]) -> None:
    """What it waits for has succeeded, what waits for it has not begun."""
    forced = platform().force(7, subtask, status, START + 3 * S)
    assert list(stand(forced).values()) == expected


def test_the_engine_goes_on_from_there() -> None:
    """A subtask that was made RUNNING takes its time; what comes after it follows."""
    forced = platform().force(7, 4, "RUNNING", START + 3 * S)
    assert forced.advance(START + 12 * S).tasks[7].status is TaskStatus.RUNNING
    ended = forced.advance(START + 20 * S).tasks[7]
    assert (ended.status, ended.finish_time) == (TaskStatus.SUCCESSFUL, START + 13 * S)


def test_a_forced_failure_stays_one() -> None:
    """The engine's own retries do not undo it; a command does."""
    forced = platform().force(7, 2, "FAILED", START + 3 * S).advance(START + 60 * S)
    assert (forced.tasks[7].status, stand(forced)[2]) == (TaskStatus.FAILED, "FAILED")
    again = forced.force(7, None, "RUNNING", START + 61 * S).advance(START + 120 * S)
    assert again.tasks[7].status is TaskStatus.SUCCESSFUL


@pytest.mark.parametrize("status", TaskStatus)
def test_a_task_has_the_status_at_once(status: TaskStatus) -> None:
    """From any other."""
    now = platform()
    for number, other in enumerate([*TaskStatus, status]):
        now = now.force(7, None, other.value, START + (number + 1) * S)
        assert now.tasks[7].status is other


def test_a_rollback_ends_as_rollbacks_do() -> None:
    """SUCCESSFUL means that everything is undone."""
    from understudy.ocp import Command

    failed = platform().force(7, 4, "FAILED", START + 3 * S).advance(START + 5 * S)
    back = failed.apply(Command("rollbackTask", 7, None, START + 6 * S))
    done = back.force(7, None, "SUCCESSFUL", START + 7 * S)
    assert (done.tasks[7].operation, set(stand(done).values())) == (Operation.ROLLBACK, {"PENDING"})
    broken = back.force(7, None, "FAILED", START + 7 * S)
    assert (broken.tasks[7].operation, broken.tasks[7].status) == (
        Operation.ROLLBACK,
        TaskStatus.FAILED,
    )
    forwards = back.force(7, 3, "RUNNING", START + 7 * S)
    assert (forwards.tasks[7].operation, stand(forwards)[3]) == (Operation.EXECUTE, "RUNNING")


def test_a_task_that_is_to_come_begins() -> None:
    """And is not made a second time when its moment comes."""
    later = planned(START + 60 * S)
    waiting = TaskStore(TaskOverlay.of({}), platform().time_mapping, {}, (later,))
    assert waiting.next_event_of(7) == START + 60 * S
    forced = waiting.force(7, 1, "SUCCESSFUL", START + 2 * S)
    assert (forced.upcoming, forced.tasks[7].create_time) == ((), START + 2 * S)
    assert forced.advance(START + 90 * S).tasks[7].create_time == START + 2 * S


def test_when_something_happens_next() -> None:
    """Of a task that moves, rests, or is not there."""
    now = platform()
    assert now.next_event_of(7) == START + 1 * S
    assert now.force(7, None, "SUCCESSFUL", START).next_event_of(7) is None
    assert now.next_event_of(8) is None


def test_what_cannot_be_forced() -> None:
    """No task, no subtask, no status: told with the nearest word; nothing has changed."""
    now = platform()
    with pytest.raises(OcpError, match="task 8 does not exist"):
        now.force(8, None, "FAILED", START)
    with pytest.raises(OcpError, match="task 9 does not exist"):
        now.force(7, 9, "FAILED", START)
    with pytest.raises(ValueError, match='unknown status "SUCESSFUL"; did you mean "SUCCESSFUL"'):
        now.force(7, None, "SUCESSFUL", START)
    with pytest.raises(ValueError, match='unknown status "READY"'):
        now.force(7, None, "READY", START)
    assert stand(now) == {1: "READY", 2: "PENDING", 3: "PENDING", 4: "PENDING"}
    assert SubtaskStatus.READY in {subtask.status for subtask in now.tasks[7].subtasks}
