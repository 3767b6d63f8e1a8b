"""The results of reloads in `health`."""

from pathlib import Path

from control_builders import StubDriver, write_scenario

TASK = "tasks: [{id: 1, subtasks: [{id: 11, runs: [{takes: 2s, ends: %s}, {takes: 1s}]}]}]\n"


def test_problems_of_a_saved_file_are_listed(tmp_path: Path) -> None:
    """Each has line and column. `status` stays ok."""
    path = write_scenario(tmp_path, TASK % "FAILED")
    driver = StubDriver(path)
    Path(path).write_text("understudy: 1\ntaks: []\n", "utf-8")
    driver.stub.reload()
    health = driver.fetch("GET /health")
    (problem,) = health["reload"]["problems"]
    assert health["status"] == "ok"
    assert (problem["slug"], problem["line"], problem["column"]) == ("unknown-key", 2, 1)
    assert (problem["message"], problem["nearest"]) == ('unknown key "taks".', "tasks")


def test_rejected_commands_are_listed(tmp_path: Path) -> None:
    """Each has world, command and reason."""
    path = write_scenario(tmp_path, TASK % "FAILED")
    driver = StubDriver(path)
    driver.fetch("POST /clock/advance", {"by": "5s"})
    assert driver.call("/api/v2/tasks/instances/1/retry", "POST").status == 200
    write_scenario(tmp_path, TASK % "SUCCESSFUL")
    driver.stub.reload()
    record = driver.fetch("GET /health")["reload"]
    (dropped,) = record["dropped"]
    assert (record["count"], dropped["world"], dropped["command"]["operation"]) == (
        1,
        "default",
        "retryTask",
    )
    assert "SUCCESSFUL" in dropped["why"]


def test_worlds_awaiting_a_reset_are_listed(tmp_path: Path) -> None:
    """A world past its checkpoint uses the old scenario."""
    from understudy.replay.world_state import MAX_COMMANDS

    task = TASK % "FAILED, log: x"
    path = write_scenario(tmp_path, task)
    driver = StubDriver(path)
    for _ in range(MAX_COMMANDS // 2 + 1):
        driver.fetch("POST /tasks/1/state", {"status": "FAILED"})
        driver.fetch("POST /tasks/1/state", {"status": "SUCCESSFUL"})
    write_scenario(tmp_path, task.replace("id: 1,", "id: 1, name: New,"))
    driver.stub.reload()
    assert driver.fetch("GET /health")["reload"]["awaitingReset"] == ["default"]
    driver.fetch("POST /reset", status=204)
    assert driver.fetch("GET /health")["reload"]["awaitingReset"] == []
    assert driver.fetch("GET /tasks/1")["name"] == "New"
