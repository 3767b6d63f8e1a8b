"""Worlds in time: what moves their tasks, in each of the three modes of a clock."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from replay_builders import LIST, SECOND, Wall, ask, status_of, stub_of
from understudy.replay import Stub

ONE_TASK = """
tasks:
  - id: 7
    name: Restart cluster
    subtasks:
      - {id: 71, name: Stop servers, runs: [{takes: 2s}]}
      - {id: 72, name: Start servers, after: [71], runs: [{takes: 1s, ends: FAILED}, {takes: 1s}]}
"""


def nothing(stub: Stub, wall: Wall) -> None:
    """Let the call itself move the clock."""


def time_goes_by(stub: Stub, wall: Wall) -> None:
    wall.pass_(0.001)


def the_test_moves_it(stub: Stub, wall: Wall) -> None:
    stub.world().advance(SECOND)


@pytest.mark.parametrize(
    ("mode", "speed", "before_each_poll"),
    [
        ("real", 1000.0, time_goes_by),
        ("virtual", None, the_test_moves_it),
        ("per-call", None, nothing),
    ],
)
def test_a_client_polls_a_failing_task_retries_it_and_sees_it_succeed(
    tmp_path: Path, mode: str, speed: float | None, before_each_poll: Callable[[Stub, Wall], None]
) -> None:
    """In all three modes, each poll a second later for the world; nobody waits."""
    wall = Wall()
    stub = stub_of(tmp_path, ONE_TASK, wall, clock=mode, speed=speed)
    stub.world()  # it begins now

    def poll_while_running() -> list[str]:
        seen: list[str] = []
        while not seen or seen[-1] == "RUNNING":
            before_each_poll(stub, wall)
            seen.append(status_of(stub, 7))
            assert len(seen) < 20, seen
        return seen

    # 1 s tick: started; 3 s: ended; tick 3: READY; tick 4: started; 5 s: failed, and at that tick the task.
    assert poll_while_running() == ["RUNNING"] * 4 + ["FAILED"]
    assert ask(stub, f"{LIST}/7/retry", "POST").json()["data"]["status"] == "RUNNING"
    assert poll_while_running()[-1] == "SUCCESSFUL"


def test_each_look_shows_the_same_as_one_look_at_the_end(tmp_path: Path) -> None:
    """Polling changes nothing."""
    polled, looked = (stub_of(tmp_path, ONE_TASK, Wall(), clock="virtual") for _ in range(2))
    for _ in range(10):
        polled.world().advance(SECOND / 2)
        ask(polled, f"{LIST}/7")
    looked.world().advance(5 * SECOND)
    assert polled.world().model().tasks[7] == looked.world().model().tasks[7]


def test_refused_calls_options_and_head_do_not_move_a_clock_that_moves_per_call(
    tmp_path: Path,
) -> None:
    """Only a call that is routed, authenticated and valid does; a command that the state forbids is such a call."""
    stub = stub_of(tmp_path, ONE_TASK, clock="per-call")
    start = stub.world().now()
    refused = [
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
            for method, target in [*refused, ("OPTIONS", LIST), ("HEAD", LIST)]
        ),
    ]:
        ask(stub, target, method, user=user)
        assert stub.world().now() == start, (method, target)
    assert ask(stub, f"{LIST}/7/retry", "POST").status == 400
    assert stub.world().now() == start + SECOND


def test_a_step_can_be_told(tmp_path: Path) -> None:
    """By the scenario's clock."""
    stub = stub_of(tmp_path, "clock: {mode: per-call, step: 1m}\n" + ONE_TASK)
    start = stub.world().now()
    ask(stub, LIST)
    assert stub.world().now() - start == timedelta(minutes=1)


def test_a_world_begins_when_it_is_first_asked_for(tmp_path: Path) -> None:
    """Two worlds that share a scenario begin at different times, and show their own."""
    wall = Wall()
    stub = stub_of(tmp_path, ONE_TASK, wall, clock="real")
    first = ask(stub, f"/w/early{LIST}/7").json()["data"]
    wall.pass_(60)
    late = ask(stub, f"/w/late{LIST}/7").json()["data"]
    assert (first["createTime"], late["createTime"]) == (
        "2026-01-01T00:00:00+00:00",
        "2026-01-01T00:01:00+00:00",
    )
    assert (status_of(stub, 7, "/w/early"), status_of(stub, 7, "/w/late")) == ("FAILED", "RUNNING")


def test_a_task_that_is_still_to_begin_is_not_there(tmp_path: Path) -> None:
    """And then it is, also in the list."""
    stub = stub_of(
        tmp_path, "tasks: [{id: 1, name: Later, at: 30s}, {id: 2, name: Now}]", clock="virtual"
    )
    assert [
        ask(stub, f"{LIST}/1").status,
        ask(stub, LIST).json()["data"]["page"]["totalElements"],
    ] == [404, 1]
    stub.world().advance(30 * SECOND)
    assert [
        ask(stub, f"{LIST}/1").status,
        ask(stub, LIST).json()["data"]["page"]["totalElements"],
    ] == [200, 2]


def test_history_stands_still_until_a_command(tmp_path: Path) -> None:
    """A task that is declared RUNNING hangs; what a command sets in motion goes on by itself."""
    scenario = "tasks: [{id: 1, name: Hangs, state: RUNNING, subtasks: [{id: 11, name: A}, {id: 12, name: B}]}]"
    stub = stub_of(tmp_path, scenario, clock="virtual")
    stub.world().advance(timedelta(days=365))
    assert status_of(stub, 1) == "RUNNING"
    assert ask(stub, f"{LIST}/1/subtasks/11/cancel", "POST").status == 200
    stub.world().advance(10 * SECOND)
    subtasks = ask(stub, f"{LIST}/1").json()["data"]["subtasks"]
    assert [(s["status"], s["operation"]) for s in subtasks] == [
        ("FAILED", "CANCEL"),
        ("SUCCESSFUL", "EXECUTE"),
    ]
    assert status_of(stub, 1) == "FAILED"


def test_a_reset_begins_anew(tmp_path: Path) -> None:
    """State, clock and journal; a real clock goes on, and the tasks begin at its present moment."""
    wall = Wall()
    stub = stub_of(tmp_path, ONE_TASK, wall, clock="real")
    world = stub.world()
    wall.pass_(5)
    assert status_of(stub, 7) == "FAILED"
    ask(stub, f"{LIST}/7/retry", "POST")
    world.reset()
    task = ask(stub, f"{LIST}/7").json()["data"]
    assert (task["status"], task["createTime"]) == ("RUNNING", "2026-01-01T00:00:05+00:00")
    assert len(world.journal.exchanges()) == 1


def test_a_clock_that_is_frozen_stands_still_and_one_that_is_scaled_runs(tmp_path: Path) -> None:
    """For this world only."""
    wall = Wall()
    stub = stub_of(tmp_path, ONE_TASK, wall, clock="real")
    frozen, other = stub.world("frozen"), stub.world("other")
    frozen.freeze()
    wall.pass_(1)
    assert other.now() - frozen.now() == SECOND
    frozen.scale(100)
    wall.pass_(1)
    assert frozen.now() - other.now() == 98 * SECOND
