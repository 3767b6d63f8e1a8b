"""Worlds over time, in each of the three modes of a clock."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from replay_builders import LIST, SECOND, Wall, build_stub, send, task_status
from understudy.replay import Stub

ONE_TASK = """
tasks:
  - id: 7
    name: Restart cluster
    subtasks:
      - {id: 71, name: Stop servers, runs: [{takes: 2s}]}
      - {id: 72, name: Start servers, after: [71], runs: [{takes: 1s, ends: FAILED}, {takes: 1s}]}
"""


def do_nothing(stub: Stub, wall: Wall) -> None:
    """Let the call itself move the clock."""


def advance_wall_clock(stub: Stub, wall: Wall) -> None:
    wall.advance(0.001)


def advance_world_clock(stub: Stub, wall: Wall) -> None:
    stub.world().advance(SECOND)


@pytest.mark.parametrize(
    ("mode", "speed", "before_each_poll"),
    [
        ("real", 1000.0, advance_wall_clock),
        ("virtual", None, advance_world_clock),
        ("per-call", None, do_nothing),
    ],
)
def test_client_polls_failing_task_and_retries_it(
    tmp_path: Path, mode: str, speed: float | None, before_each_poll: Callable[[Stub, Wall], None]
) -> None:
    """In all three modes each poll is a second later for the world, and no test waits."""
    wall = Wall()
    stub = build_stub(tmp_path, ONE_TASK, wall, clock=mode, speed=speed)
    stub.world()  # it begins now

    def poll_while_running() -> list[str]:
        statuses: list[str] = []
        while not statuses or statuses[-1] == "RUNNING":
            before_each_poll(stub, wall)
            statuses.append(task_status(stub, 7))
            assert len(statuses) < 20, statuses
        return statuses

    # Second 1: the first subtask starts; 3: it ends, the second one is READY; 4: that one starts;
    # 5: it fails, and so does the task at this tick.
    assert poll_while_running() == ["RUNNING"] * 4 + ["FAILED"]
    assert send(stub, f"{LIST}/7/retry", "POST").json()["data"]["status"] == "RUNNING"
    assert poll_while_running()[-1] == "SUCCESSFUL"


def test_polling_changes_nothing(tmp_path: Path) -> None:
    """A polled world and one that is read once at the end are equal."""
    polled, read_once = (build_stub(tmp_path, ONE_TASK, Wall(), clock="virtual") for _ in range(2))
    for _ in range(10):
        polled.world().advance(SECOND / 2)
        send(polled, f"{LIST}/7")
    read_once.world().advance(5 * SECOND)
    assert polled.world().model().tasks[7] == read_once.world().model().tasks[7]


def test_only_valid_calls_move_a_per_call_clock(
    tmp_path: Path,
) -> None:
    """Rejected calls, OPTIONS and HEAD move no per-call clock.

    A command that the state forbids is a valid call.
    """
    stub = build_stub(tmp_path, ONE_TASK, clock="per-call")
    start = stub.world().now()
    rejected = [
        ("GET", "/no/such"),
        ("DELETE", LIST),
        ("GET", f"{LIST}?size=0"),
        ("GET", f"{LIST}/abc"),
    ]
    for method, target, user in [
        ("GET", LIST, ""),
        ("GET", LIST, "admin:wrong"),
        *(
            (method, target, "admin:admin")
            for method, target in [*rejected, ("OPTIONS", LIST), ("HEAD", LIST)]
        ),
    ]:
        send(stub, target, method, user=user)
        assert stub.world().now() == start, (method, target)
    assert send(stub, f"{LIST}/7/retry", "POST").status == 400
    assert stub.world().now() == start + SECOND


def test_step_of_a_per_call_clock_can_be_set(tmp_path: Path) -> None:
    """The scenario's clock has a step."""
    stub = build_stub(tmp_path, "clock: {mode: per-call, step: 1m}\n" + ONE_TASK)
    start = stub.world().now()
    send(stub, LIST)
    assert stub.world().now() - start == timedelta(minutes=1)


def test_world_begins_on_first_use(tmp_path: Path) -> None:
    """Two worlds with the same scenario begin at different times, and show their own."""
    wall = Wall()
    stub = build_stub(tmp_path, ONE_TASK, wall, clock="real")
    first = send(stub, f"/w/early{LIST}/7").json()["data"]
    wall.advance(60)
    late = send(stub, f"/w/late{LIST}/7").json()["data"]
    assert (first["createTime"], late["createTime"]) == (
        "2026-01-01T00:00:00+00:00",
        "2026-01-01T00:01:00+00:00",
    )
    assert (task_status(stub, 7, "/w/early"), task_status(stub, 7, "/w/late")) == (
        "FAILED",
        "RUNNING",
    )


def test_upcoming_task_is_missing_until_it_begins(tmp_path: Path) -> None:
    """Before its start a task is 404 and not in the list."""
    stub = build_stub(
        tmp_path, "tasks: [{id: 1, name: Later, at: 30s}, {id: 2, name: Now}]", clock="virtual"
    )
    assert [
        send(stub, f"{LIST}/1").status,
        send(stub, LIST).json()["data"]["page"]["totalElements"],
    ] == [404, 1]
    stub.world().advance(30 * SECOND)
    assert [
        send(stub, f"{LIST}/1").status,
        send(stub, LIST).json()["data"]["page"]["totalElements"],
    ] == [200, 2]


def test_history_does_not_move_before_a_command(tmp_path: Path) -> None:
    """A task that is declared RUNNING hangs. After a command it goes on by itself."""
    subtasks = "[{id: 11, name: A}, {id: 12, name: B}]"
    scenario = f"tasks: [{{id: 1, name: Hangs, state: RUNNING, subtasks: {subtasks}}}]"
    stub = build_stub(tmp_path, scenario, clock="virtual")
    stub.world().advance(timedelta(days=365))
    assert task_status(stub, 1) == "RUNNING"
    assert send(stub, f"{LIST}/1/subtasks/11/cancel", "POST").status == 200
    stub.world().advance(10 * SECOND)
    subtasks = send(stub, f"{LIST}/1").json()["data"]["subtasks"]
    assert [(s["status"], s["operation"]) for s in subtasks] == [
        ("FAILED", "CANCEL"),
        ("SUCCESSFUL", "EXECUTE"),
    ]
    assert task_status(stub, 1) == "FAILED"


def test_reset_begins_again(tmp_path: Path) -> None:
    """State, clock and journal start again.

    A real clock goes on, and the tasks begin at its present moment.
    """
    wall = Wall()
    stub = build_stub(tmp_path, ONE_TASK, wall, clock="real")
    world = stub.world()
    wall.advance(5)
    assert task_status(stub, 7) == "FAILED"
    send(stub, f"{LIST}/7/retry", "POST")
    world.reset()
    task = send(stub, f"{LIST}/7").json()["data"]
    assert (task["status"], task["createTime"]) == ("RUNNING", "2026-01-01T00:00:05+00:00")
    assert len(world.journal.exchanges()) == 1


def test_clock_can_be_frozen_and_scaled(tmp_path: Path) -> None:
    """Freezing and scaling affect one world only."""
    wall = Wall()
    stub = build_stub(tmp_path, ONE_TASK, wall, clock="real")
    frozen, running = stub.world("frozen"), stub.world("running")
    frozen.freeze()
    wall.advance(1)
    assert running.now() - frozen.now() == SECOND
    frozen.scale(100)
    wall.advance(1)
    assert frozen.now() - running.now() == 98 * SECOND
