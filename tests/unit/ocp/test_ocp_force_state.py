"""Forced states: their effect on the other subtasks, and on time."""

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


def diamond(at: datetime = START) -> Task:
    """Build a task where 1 comes before 2 and 3, both before 4. Each subtask takes ten seconds."""
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


def store() -> TaskStore:
    table = TaskOverlay.of({7: begin(diamond(), START, START)})
    from understudy.ocp import TimeMapping

    return TaskStore(table, TimeMapping(START, START))


def statuses(store: TaskStore) -> dict[int, str]:
    return {subtask.id: subtask.status.value for subtask in store.tasks[7].subtasks}


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
def test_forcing_a_subtask_changes_its_neighbours(
    subtask: int, status: str, expected: list[str]
) -> None:
    """Its upstreams have succeeded; its downstreams have not begun."""
    forced = store().force(7, subtask, status, START + 3 * S)
    assert list(statuses(forced).values()) == expected


def test_engine_continues_from_a_forced_state() -> None:
    """A forced RUNNING subtask takes its time; its downstreams follow."""
    forced = store().force(7, 4, "RUNNING", START + 3 * S)
    assert forced.advance(START + 12 * S).tasks[7].status is TaskStatus.RUNNING
    ended = forced.advance(START + 20 * S).tasks[7]
    assert (ended.status, ended.finish_time) == (TaskStatus.SUCCESSFUL, START + 13 * S)


def test_engine_does_not_retry_a_forced_failure() -> None:
    """The engine does not retry a forced failure; a command does."""
    forced = store().force(7, 2, "FAILED", START + 3 * S).advance(START + 60 * S)
    assert (forced.tasks[7].status, statuses(forced)[2]) == (TaskStatus.FAILED, "FAILED")
    again = forced.force(7, None, "RUNNING", START + 61 * S).advance(START + 120 * S)
    assert again.tasks[7].status is TaskStatus.SUCCESSFUL


@pytest.mark.parametrize("status", TaskStatus)
def test_task_has_the_forced_status_at_once(status: TaskStatus) -> None:
    """A task can be forced from every status into every other."""
    now = store()
    for number, forced in enumerate([*TaskStatus, status]):
        now = now.force(7, None, forced.value, START + (number + 1) * S)
        assert now.tasks[7].status is forced


def test_forcing_a_task_in_rollback() -> None:
    """SUCCESSFUL means that every subtask is undone."""
    from understudy.ocp import Command

    failed = store().force(7, 4, "FAILED", START + 3 * S).advance(START + 5 * S)
    back = failed.apply(Command("rollbackTask", 7, None, START + 6 * S))
    done = back.force(7, None, "SUCCESSFUL", START + 7 * S)
    assert (done.tasks[7].operation, set(statuses(done).values())) == (
        Operation.ROLLBACK,
        {"PENDING"},
    )
    broken = back.force(7, None, "FAILED", START + 7 * S)
    assert (broken.tasks[7].operation, broken.tasks[7].status) == (
        Operation.ROLLBACK,
        TaskStatus.FAILED,
    )
    forwards = back.force(7, 3, "RUNNING", START + 7 * S)
    assert (forwards.tasks[7].operation, statuses(forwards)[3]) == (Operation.EXECUTE, "RUNNING")


def test_forcing_an_upcoming_task_begins_it() -> None:
    """It does not begin a second time at its own moment."""
    later = diamond(START + 60 * S)
    waiting = TaskStore(TaskOverlay.of({}), store().time_mapping, None, (later,))
    assert waiting.next_event_of(7) == START + 60 * S
    forced = waiting.force(7, 1, "SUCCESSFUL", START + 2 * S)
    assert (forced.upcoming, forced.tasks[7].create_time) == ((), START + 2 * S)
    assert forced.advance(START + 90 * S).tasks[7].create_time == START + 2 * S


def test_next_event_of_a_task() -> None:
    """A moving task has a next event; a resting and an unknown one have none."""
    now = store()
    assert now.next_event_of(7) == START + 1 * S
    assert now.force(7, None, "SUCCESSFUL", START).next_event_of(7) is None
    assert now.next_event_of(8) is None


def test_unknown_ids_and_statuses_are_reported() -> None:
    """The error has the id or the nearest status; nothing changes."""
    now = store()
    with pytest.raises(OcpError, match="task 8 does not exist"):
        now.force(8, None, "FAILED", START)
    with pytest.raises(OcpError, match="task 9 does not exist"):
        now.force(7, 9, "FAILED", START)
    with pytest.raises(ValueError, match='unknown status "SUCESSFUL"; did you mean "SUCCESSFUL"'):
        now.force(7, None, "SUCESSFUL", START)
    with pytest.raises(ValueError, match='unknown status "READY"'):
        now.force(7, None, "READY", START)
    assert statuses(now) == {1: "READY", 2: "PENDING", 3: "PENDING", 4: "PENDING"}
    assert SubtaskStatus.READY in {subtask.status for subtask in now.tasks[7].subtasks}
