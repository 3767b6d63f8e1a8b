"""What `health` tells of saved files."""

from pathlib import Path

from control_builders import Desk, scenario_in

TASK = "tasks: [{id: 1, subtasks: [{id: 11, runs: [{takes: 2s, ends: %s}, {takes: 1s}]}]}]\n"


def test_a_broken_file_is_told_while_the_old_one_is_served(tmp_path: Path) -> None:
    """With line and column; `status` stays ok."""
    path = scenario_in(tmp_path, TASK % "FAILED")
    desk = Desk(path)
    Path(path).write_text("understudy: 1\ntaks: []\n", "utf-8")
    desk.stub.reload()
    health = desk.ask("GET /health")
    (problem,) = health["reload"]["problems"]
    assert health["status"] == "ok"
    assert (problem["slug"], problem["line"], problem["column"]) == ("unknown-key", 2, 1)
    assert (problem["message"], problem["nearest"]) == ('unknown key "taks".', "tasks")


def test_commands_that_the_new_scenario_refuses_are_told(tmp_path: Path) -> None:
    """World, command and why."""
    path = scenario_in(tmp_path, TASK % "FAILED")
    desk = Desk(path)
    desk.ask("POST /clock/advance", {"by": "5s"})
    assert desk.call("/api/v2/tasks/instances/1/retry", "POST").status == 200
    scenario_in(tmp_path, TASK % "SUCCESSFUL")
    desk.stub.reload()
    told = desk.ask("GET /health")["reload"]
    (dropped,) = told["dropped"]
    assert (told["count"], dropped["world"], dropped["command"]["operation"]) == (
        1,
        "default",
        "retryTask",
    )
    assert "SUCCESSFUL" in dropped["why"]


def test_worlds_that_wait_for_a_reset_are_told(tmp_path: Path) -> None:
    """A world past its checkpoint keeps the old scenario."""
    from understudy.replay.world_state import MAX_COMMANDS

    task = TASK % "FAILED, log: x"
    path = scenario_in(tmp_path, task)
    desk = Desk(path)
    for _ in range(MAX_COMMANDS // 2 + 1):
        desk.ask("POST /tasks/1/state", {"status": "FAILED"})
        desk.ask("POST /tasks/1/state", {"status": "SUCCESSFUL"})
    scenario_in(tmp_path, task.replace("id: 1,", "id: 1, name: New,"))
    desk.stub.reload()
    assert desk.ask("GET /health")["reload"]["awaitingReset"] == ["default"]
    desk.ask("POST /reset", status=204)
    assert desk.ask("GET /health")["reload"]["awaitingReset"] == []
    assert desk.ask("GET /tasks/1")["name"] == "New"
