"""Tasks: listed, stepped, forced and added."""

from pathlib import Path

import pytest

from control_builders import FAILED, LIST, StubDriver, write_scenario

PLAN = """
tasks:
  - id: 1
    name: First
    subtasks:
      - {id: 11, runs: [{takes: 10s}, {takes: 1s}]}
      - {id: 12, after: [11], runs: [{takes: 5s}]}
  - {id: 2, name: Later, at: 1h, subtasks: [{id: 21, runs: [{takes: 10s}]}]}
  - {id: 3, name: Hangs, subtasks: [{id: 31, runs: [{takes: never}]}]}
"""


@pytest.fixture
def driver(tmp_path: Path) -> StubDriver:
    """Three tasks: one that runs, one that starts later, one that never ends."""
    return StubDriver(write_scenario(tmp_path, PLAN))


def test_tasks_are_listed_with_next_event(driver: StubDriver) -> None:
    """A task that has not started has no status."""
    record = driver.fetch("GET /tasks")
    start = driver.fetch("GET /clock")["now"]
    assert [(t["id"], t["name"], t["status"]) for t in record["tasks"]] == [
        (1, "First", "RUNNING"),
        (3, "Hangs", "RUNNING"),
        (2, "Later", None),
    ]
    assert record["tasks"][2]["next"] == start.replace("T15", "T16")
    assert record["total"] == 3


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
    driver: StubDriver, query: str, expected: list[int], total: int
) -> None:
    """`total` includes the tasks beyond the limit."""
    record = driver.fetch(f"GET /tasks?{query}")
    assert ([task["id"] for task in record["tasks"]], record["total"]) == (expected, total)


def test_task_has_its_subtasks(driver: StubDriver) -> None:
    """Each has its status, its predecessors and the number of runs left."""
    driver.fetch("POST /clock/advance", {"by": "3s"})
    record = driver.fetch("GET /tasks/1")
    first, second = record["subtasks"]
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
    assert driver.fetch("GET /tasks/2")["status"] is None


def test_steps_lead_to_the_end_of_a_task(driver: StubDriver) -> None:
    """Each step moves the clock to the next event. After the last one, a step is 409."""
    seen = []
    for _ in range(20):
        answer = driver.send("POST /tasks/1/step")
        if answer.status != 200:
            break
        record = answer.json()
        seen.append(
            (record["status"], record["subtasks"][0]["status"], record["subtasks"][1]["status"])
        )
    assert ("RUNNING", "SUCCESSFUL", "RUNNING") in seen
    assert seen[-1] == ("SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL")
    assert driver.fetch_problem("POST /tasks/1/step")[:2] == (409, "nothing-to-come")
    assert driver.call(f"{LIST}/1").json()["data"]["status"] == "SUCCESSFUL"


def test_step_starts_an_upcoming_task(driver: StubDriver) -> None:
    """The clock moves to the start of the task."""
    assert driver.fetch("POST /tasks/2/step")["status"] == "RUNNING"
    assert driver.fetch("GET /clock")["now"] == "2021-08-25T16:09:31+08:00"


def test_step_of_a_hanging_task_fails(driver: StubDriver) -> None:
    """It is 409, and the clock does not move."""
    while driver.send("POST /tasks/3/step").status == 200:
        pass
    before = driver.fetch("GET /clock")
    assert driver.fetch_problem("POST /tasks/3/step") == (
        409,
        "nothing-to-come",
        "The task 3 has ended, or what it does never ends.",
    )
    assert driver.fetch("GET /clock") == before


def test_step_moves_a_real_clock(tmp_path: Path) -> None:
    """The clock continues from there."""
    driver = StubDriver(write_scenario(tmp_path, PLAN), clock="real")
    assert driver.fetch("POST /tasks/2/step")["status"] == "RUNNING"
    assert driver.fetch("GET /clock")["mode"] == "real"


def test_task_status_can_be_set(driver: StubDriver) -> None:
    """The API shows the status, and the task continues from it."""
    assert driver.fetch("POST /tasks/1/state", {"status": "FAILED"})["status"] == "FAILED"
    assert driver.call(f"{LIST}/1").json()["data"]["status"] == "FAILED"
    assert driver.call(f"{LIST}/1/retry", "POST").status == 200
    assert driver.fetch("POST /tasks/1/state", {"status": "SUCCESSFUL"})["status"] == "SUCCESSFUL"
    assert driver.fetch("GET /worlds")["worlds"][0]["revision"] == 3


def test_subtask_status_can_be_set(driver: StubDriver) -> None:
    """Its predecessors are finished by it."""
    record = driver.fetch("POST /tasks/1/subtasks/12/state", {"status": "RUNNING"})
    assert [subtask["status"] for subtask in record["subtasks"]] == ["SUCCESSFUL", "RUNNING"]


def test_setting_a_status_starts_an_upcoming_task(driver: StubDriver) -> None:
    """It starts now."""
    assert driver.fetch("POST /tasks/2/state", {"status": "FAILED"})["status"] == "FAILED"
    assert driver.call(f"{LIST}/2").json()["data"]["status"] == "FAILED"


@pytest.mark.parametrize(
    ("call", "data"),
    [
        ("GET /tasks/9", None),
        ("POST /tasks/9/step", None),
        ("POST /tasks/9/state", {"status": "FAILED"}),
        ("POST /tasks/9/subtasks/1/state", {"status": "FAILED"}),
        ("POST /tasks/1/subtasks/31/state", {"status": "FAILED"}),
    ],
)
def test_unknown_task_is_not_found(driver: StubDriver, call: str, data: object) -> None:
    """So is a subtask of another task."""
    assert driver.fetch_problem(call, data)[:2] == (404, "no-such-task")


@pytest.mark.parametrize("call", ["POST /tasks/1/state", "POST /tasks/1/subtasks/11/state"])
def test_unknown_status_is_reported(driver: StubDriver, call: str) -> None:
    """The problem lists the known statuses."""
    status, slug, detail = driver.fetch_problem(call, {"status": "BROKEN"})
    assert (status, slug) == (400, "bad-request")
    assert '"RUNNING"' in detail


def test_failed_task_has_no_next_event() -> None:
    """It changes only by a command."""
    assert StubDriver().fetch(f"GET /tasks/{FAILED}")["next"] is None


def test_task_can_be_added(driver: StubDriver) -> None:
    """It starts now, its ids follow the highest ones, and the API shows and changes it."""
    driver.fetch("POST /clock/advance", {"by": "90s"})
    record = driver.fetch(
        "POST /tasks",
        {
            "name": "New",
            "subtasks": [{"name": "a"}, {"after": ["a"], "runs": [{"ends": "FAILED"}]}],
        },
        status=201,
    )
    assert (record["id"], record["status"], [s["id"] for s in record["subtasks"]]) == (
        4,
        "RUNNING",
        [32, 33],
    )
    driver.fetch("POST /clock/advance", {"by": "10s"})
    seen = driver.call(f"{LIST}/4").json()["data"]
    assert (seen["status"], seen["startTime"]) == ("FAILED", "2021-08-25T15:11:01+08:00")
    assert driver.call(f"{LIST}/4/retry", "POST").status == 200


def test_added_task_may_start_later_or_be_finished(driver: StubDriver) -> None:
    """Its times are offsets from now."""
    assert driver.fetch("POST /tasks", {"id": 7, "at": "1m"}, status=201)["status"] is None
    assert (
        driver.fetch("POST /tasks", {"id": 8, "state": "FAILED"}, status=201)["status"] == "FAILED"
    )
    assert (
        driver.fetch("POST /tasks", {"id": 9, "at": "-10s", "subtasks": [{}]}, status=201)["status"]
        == "SUCCESSFUL"
    )
    driver.fetch("POST /clock/advance", {"by": "1m"})
    assert driver.fetch("GET /tasks/7")["status"] == "RUNNING"


@pytest.mark.parametrize(
    ("task", "text"),
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
def test_invalid_task_is_reported(driver: StubDriver, task: object, text: str) -> None:
    """The problem has the location in the body, and nothing changes."""
    status, slug, detail = driver.fetch_problem("POST /tasks", task)
    assert (status, slug) == (400, "bad-request")
    assert text in detail
    assert driver.fetch("GET /tasks")["total"] == 3


def test_no_default_id_after_the_largest(driver: StubDriver) -> None:
    """A task or subtask then needs an id of its own."""
    last = 2**63 - 1
    driver.fetch("POST /tasks", {"id": last, "subtasks": [{"id": last}]}, status=201)
    for task, kind in (({"subtasks": [{"id": 99}]}, "task"), ({"id": 9}, "subtask")):
        text = f"body: the {kind} has no id, and no id follows the highest one of the world, {last}"
        assert text in driver.fetch_problem("POST /tasks", task)[2]
    assert driver.fetch("POST /tasks", {"id": 9, "subtasks": [{"id": 99}]}, status=201)["id"] == 9


def test_added_task_is_part_of_checkpoint_snapshot_and_export(
    driver: StubDriver, tmp_path: Path
) -> None:
    """So is a task that has not started."""
    driver.fetch("POST /tasks", {"id": 7, "subtasks": [{"runs": [{"takes": "never"}]}]}, status=201)
    driver.fetch("POST /tasks", {"id": 8, "at": "1h"}, status=201)
    for _ in range(130):
        driver.fetch("POST /tasks/7/state", {"status": "FAILED"})
        driver.fetch("POST /tasks/7/state", {"status": "RUNNING"})
    assert driver.stub.world().state().folded > 0
    driver.fetch("PUT /snapshots/s", status=201)
    before = driver.fetch("GET /tasks/7"), driver.fetch("GET /tasks/8")
    exported = tmp_path / "exported.yaml"
    exported.write_text(driver.fetch("GET /export"), "utf-8")
    driver.fetch("POST /reset", status=204)
    assert driver.fetch("GET /tasks")["total"] == 3
    driver.fetch("POST /snapshots/s/restore")
    assert (driver.fetch("GET /tasks/7"), driver.fetch("GET /tasks/8")) == before
    replay = StubDriver(str(exported))
    assert (replay.fetch("GET /tasks/7"), replay.fetch("GET /tasks/8")) == before
    replay.fetch("POST /clock/advance", {"by": "1h"})
    assert replay.fetch("GET /tasks/8")["status"] == "RUNNING"


def test_added_task_does_not_share_ids_with_a_crowd(tmp_path: Path) -> None:
    """Its ids follow those of the generated tasks."""
    driver = StubDriver(write_scenario(tmp_path, "crowd: {count: 20, firstId: 100}"))
    record = driver.fetch("POST /tasks", {}, status=201)
    subtasks = {
        s["id"] for task in range(100, 120) for s in driver.fetch(f"GET /tasks/{task}")["subtasks"]
    }
    assert record["id"] == 120
    assert record["subtasks"][0]["id"] not in subtasks


def test_clock_steps_through_all_events(driver: StubDriver) -> None:
    """A step after the last event of all tasks is 409."""
    seen = []
    while (answer := driver.send("POST /clock/step")).status == 200:
        seen.append(answer.json()["now"][11:19])
    assert seen[:3] == ["15:09:32", "15:09:42", "15:09:43"]
    assert seen[-1].startswith("16:09:4")
    assert driver.fetch_problem("POST /clock/step")[:2] == (409, "nothing-to-come")
