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
def test_tasks_are_filtered_and_limited(
    desk: Desk, query: str, expected: list[int], total: int
) -> None:
    """`total` counts what the limit leaves out."""
    told = desk.ask(f"GET /tasks?{query}")
    assert ([task["id"] for task in told["tasks"]], told["total"]) == (expected, total)


def test_a_task_is_told_with_its_subtasks(desk: Desk) -> None:
    """How each stands, what it waits for, and how many runs are left."""
    desk.ask("POST /clock/advance", {"by": "3s"})
    told = desk.ask("GET /tasks/1")
    first, second = told["subtasks"]
    assert (first["status"], first["played"], first["runsLeft"], first["after"]) == (
        "RUNNING",
        1,
        1,
        [],
    )
    assert (second["status"], second["played"], second["runsLeft"], second["after"]) == (
        "PENDING",
        0,
        1,
        [11],
    )
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


def test_a_task_is_added(desk: Desk) -> None:
    """It begins now; ids follow the highest; the API shows it, and acts on it."""
    desk.ask("POST /clock/advance", {"by": "90s"})
    told = desk.ask(
        "POST /tasks",
        {
            "name": "New",
            "subtasks": [{"name": "a"}, {"after": ["a"], "runs": [{"ends": "FAILED"}]}],
        },
        status=201,
    )
    assert (told["id"], told["status"], [s["id"] for s in told["subtasks"]]) == (
        4,
        "RUNNING",
        [32, 33],
    )
    desk.ask("POST /clock/advance", {"by": "10s"})
    seen = desk.call(f"{LIST}/4").json()["data"]
    assert (seen["status"], seen["startTime"]) == ("FAILED", "2021-08-25T15:11:01+08:00")
    assert desk.call(f"{LIST}/4/retry", "POST").status == 200


def test_a_task_that_was_added_may_begin_later_or_be_history(desk: Desk) -> None:
    """Its times are offsets from now."""
    assert desk.ask("POST /tasks", {"id": 7, "at": "1m"}, status=201)["status"] is None
    assert desk.ask("POST /tasks", {"id": 8, "state": "FAILED"}, status=201)["status"] == "FAILED"
    assert (
        desk.ask("POST /tasks", {"id": 9, "at": "-10s", "subtasks": [{}]}, status=201)["status"]
        == "SUCCESSFUL"
    )
    desk.ask("POST /clock/advance", {"by": "1m"})
    assert desk.ask("GET /tasks/7")["status"] == "RUNNING"


@pytest.mark.parametrize(
    ("task", "told"),
    [
        ({"nam": "x"}, 'body/nam: unknown key "nam". Did you mean "name"?'),
        ({"cluster": "nope"}, 'body/cluster: unknown cluster "nope".'),
        ({"id": 1}, "body/id: there is a task 1 already."),
        ({"id": 2}, "body/id: there is a task 2 already."),
        (
            {"at": "2021-08-25T15:09:31Z"},
            "which only a scenario file may contain. Expected an offset from now",
        ),
        ({"at": "soon"}, "body/at"),
        ({"subtasks": [{"runs": [{"at": "2021-08-25T15:09:31Z"}]}]}, "body/subtasks/0/runs/0/at"),
        ({"type": "NO_SUCH_TYPE"}, "body/type: task 4 contradicts the contract"),
        ([], "body: the task is a list. Expected a mapping."),
    ],
)
def test_a_task_that_cannot_be_added_is_refused(desk: Desk, task: object, told: str) -> None:
    """With every problem, at its place in the body; nothing has changed."""
    status, slug, detail = desk.problem("POST /tasks", task)
    assert (status, slug) == (400, "bad-request")
    assert told in detail
    assert desk.ask("GET /tasks")["total"] == 3


def test_no_id_follows_the_last_one(desk: Desk) -> None:
    """A task or subtask without one is refused in words that say so; with one of its own it is taken."""
    last = 2**63 - 1
    desk.ask("POST /tasks", {"id": last, "subtasks": [{"id": last}]}, status=201)
    for task, what in (({"subtasks": [{"id": 99}]}, "task"), ({"id": 9}, "subtask")):
        told = f"body: the {what} has no id, and no id follows the highest one of the world, {last}. Give it"
        assert told in desk.problem("POST /tasks", task)[2]
    assert desk.ask("POST /tasks", {"id": 9, "subtasks": [{"id": 99}]}, status=201)["id"] == 9


def test_a_task_that_was_added_outlives_checkpoint_snapshot_and_export(
    desk: Desk, tmp_path: Path
) -> None:
    """Also one that is still to begin."""
    desk.ask("POST /tasks", {"id": 7, "subtasks": [{"runs": [{"takes": "never"}]}]}, status=201)
    desk.ask("POST /tasks", {"id": 8, "at": "1h"}, status=201)
    for _ in range(130):
        desk.ask("POST /tasks/7/state", {"status": "FAILED"})
        desk.ask("POST /tasks/7/state", {"status": "RUNNING"})
    assert desk.stub.world().state().folded > 0
    desk.ask("PUT /snapshots/s", status=201)
    before = desk.ask("GET /tasks/7"), desk.ask("GET /tasks/8")
    exported = tmp_path / "exported.yaml"
    exported.write_text(desk.ask("GET /export"), "utf-8")
    desk.ask("POST /reset", status=204)
    assert desk.ask("GET /tasks")["total"] == 3
    desk.ask("POST /snapshots/s/restore")
    assert (desk.ask("GET /tasks/7"), desk.ask("GET /tasks/8")) == before
    other = Desk(str(exported))
    assert (other.ask("GET /tasks/7"), other.ask("GET /tasks/8")) == before
    other.ask("POST /clock/advance", {"by": "1h"})
    assert other.ask("GET /tasks/8")["status"] == "RUNNING"


def test_a_crowd_and_what_was_added_keep_apart(tmp_path: Path) -> None:
    """No id is given twice."""
    desk = Desk(scenario_in(tmp_path, "crowd: {count: 20, firstId: 100}"))
    told = desk.ask("POST /tasks", {}, status=201)
    subtasks = {
        s["id"] for task in range(100, 120) for s in desk.ask(f"GET /tasks/{task}")["subtasks"]
    }
    assert told["id"] == 120
    assert told["subtasks"][0]["id"] not in subtasks


def test_the_clock_is_stepped_from_event_to_event(desk: Desk) -> None:
    """Of all tasks; at the end nothing comes."""
    seen = []
    while (answer := desk.send("POST /clock/step")).status == 200:
        seen.append(answer.json()["now"][11:19])  # type: ignore[union-attr]
    assert seen[:3] == ["15:09:32", "15:09:42", "15:09:43"]
    assert seen[-1].startswith("16:09:4")
    assert desk.problem("POST /clock/step")[:2] == (409, "nothing-to-come")
