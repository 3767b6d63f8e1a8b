"""Tasks over the control API: looked at, stepped, forced."""

from pathlib import Path

import pytest
from control_builders import FAILED, LIST, Desk, scenario_in

PLAN = """
tasks:
  - id: 1
    name: First
    subtasks: [{id: 11, runs: [{takes: 10s}, {takes: 1s}]}, {id: 12, after: [11], runs: [{takes: 5s}]}]
  - {id: 2, name: Later, at: 1h, subtasks: [{id: 21, runs: [{takes: 10s}]}]}
  - {id: 3, name: Hangs, subtasks: [{id: 31, runs: [{takes: never}]}]}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Three tasks: one that runs, one to come, one that hangs."""
    return Desk(scenario_in(tmp_path, PLAN))


def test_tasks_are_listed_with_what_comes_next(desk: Desk) -> None:
    """Those to come have no status yet."""
    told = desk.ask("GET /tasks")
    start = desk.ask("GET /clock")["now"]
    assert [(t["id"], t["name"], t["status"]) for t in told["tasks"]] == [
        (1, "First", "RUNNING"), (3, "Hangs", "RUNNING"), (2, "Later", None),
    ]  # fmt: skip
    assert told["tasks"][2]["next"] == start.replace("T15", "T16")
    assert told["total"] == 3


@pytest.mark.parametrize(
    ("query", "expected", "total"),
    [
        ("status=RUNNING", [1, 3], 2),
        ("status=FAILED", [], 0),
        ("limit=1", [1], 3),
        ("limit=2&status=RUNNING", [1, 3], 2),
    ],
)
def test_tasks_are_filtered_and_limited(desk: Desk, query: str, expected: list[int], total: int) -> None:
    """`total` counts what the limit leaves out."""
    told = desk.ask(f"GET /tasks?{query}")
    assert ([task["id"] for task in told["tasks"]], told["total"]) == (expected, total)


def test_a_task_is_told_with_its_subtasks(desk: Desk) -> None:
    """How each stands, what it waits for, and how many runs are left."""
    desk.ask("POST /clock/advance", {"by": "3s"})
    told = desk.ask("GET /tasks/1")
    first, second = told["subtasks"]
    assert (first["status"], first["played"], first["runsLeft"], first["after"]) == ("RUNNING", 1, 1, [])
    assert (second["status"], second["played"], second["runsLeft"], second["after"]) == ("PENDING", 0, 1, [11])
    assert desk.ask("GET /tasks/2")["status"] is None


def test_a_task_is_stepped_to_its_end(desk: Desk) -> None:
    """Each step brings the clock to the next event of this task; at the end nothing comes."""
    seen = []
    for _ in range(20):
        answer = desk.send("POST /tasks/1/step")
        if answer.status != 200:
            break
        told = answer.json()  # type: ignore[union-attr]
        seen.append((told["status"], told["subtasks"][0]["status"], told["subtasks"][1]["status"]))
    assert ("RUNNING", "SUCCESSFUL", "RUNNING") in seen
    assert seen[-1] == ("SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL")
    assert desk.problem("POST /tasks/1/step")[:2] == (409, "nothing-to-come")
    assert desk.call(f"{LIST}/1").json()["data"]["status"] == "SUCCESSFUL"


def test_a_task_to_come_is_stepped_into_being(desk: Desk) -> None:
    """The clock moves to its start."""
    assert desk.ask("POST /tasks/2/step")["status"] == "RUNNING"
    assert desk.ask("GET /clock")["now"] == "2021-08-25T16:09:31+08:00"


def test_a_task_that_hangs_is_not_stepped(desk: Desk) -> None:
    """409; the clock stands where it stood."""
    while desk.send("POST /tasks/3/step").status == 200:
        pass
    before = desk.ask("GET /clock")
    assert desk.problem("POST /tasks/3/step") == (
        409, "nothing-to-come", "The task 3 has ended, or what it does never ends.",
    )  # fmt: skip
    assert desk.ask("GET /clock") == before


def test_a_real_clock_is_stepped_forward_too(tmp_path: Path) -> None:
    """It runs on from there."""
    desk = Desk(scenario_in(tmp_path, PLAN), clock="real")
    assert desk.ask("POST /tasks/2/step")["status"] == "RUNNING"
    assert desk.ask("GET /clock")["mode"] == "real"


def test_a_task_is_forced_into_a_status(desk: Desk) -> None:
    """The API shows it so, and goes on from there."""
    assert desk.ask("POST /tasks/1/state", {"status": "FAILED"})["status"] == "FAILED"
    assert desk.call(f"{LIST}/1").json()["data"]["status"] == "FAILED"
    assert desk.call(f"{LIST}/1/retry", "POST").status == 200
    assert desk.ask("POST /tasks/1/state", {"status": "SUCCESSFUL"})["status"] == "SUCCESSFUL"
    assert desk.ask("GET /worlds")["worlds"][0]["revision"] == 3


def test_a_subtask_is_forced_into_a_status(desk: Desk) -> None:
    """What stands before it has to have been done."""
    told = desk.ask("POST /tasks/1/subtasks/12/state", {"status": "RUNNING"})
    assert [subtask["status"] for subtask in told["subtasks"]] == ["SUCCESSFUL", "RUNNING"]


def test_a_task_to_come_is_forced_into_being(desk: Desk) -> None:
    """It begins now."""
    assert desk.ask("POST /tasks/2/state", {"status": "FAILED"})["status"] == "FAILED"
    assert desk.call(f"{LIST}/2").json()["data"]["status"] == "FAILED"


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("GET /tasks/9", None),
        ("POST /tasks/9/step", None),
        ("POST /tasks/9/state", {"status": "FAILED"}),
        ("POST /tasks/9/subtasks/1/state", {"status": "FAILED"}),
        ("POST /tasks/1/subtasks/31/state", {"status": "FAILED"}),
    ],
)
def test_what_is_not_there_is_404(desk: Desk, what: str, data: object) -> None:
    """Tasks, and subtasks that are another task's."""
    assert desk.problem(what, data)[:2] == (404, "no-such-task")


@pytest.mark.parametrize("what", ["POST /tasks/1/state", "POST /tasks/1/subtasks/11/state"])
def test_a_word_that_is_no_status_is_refused(desk: Desk, what: str) -> None:
    """400 with those that are."""
    status, slug, detail = desk.problem(what, {"status": "BROKEN"})
    assert (status, slug) == (400, "bad-request")
    assert '"RUNNING"' in detail


def test_the_demos_failed_task_has_nothing_to_come() -> None:
    """It waits for somebody."""
    assert Desk().ask(f"GET /tasks/{FAILED}")["next"] is None
