"""Reloading saved files: the commands of a world go on with the new scenario."""

from dataclasses import replace
from pathlib import Path

from replay_builders import LIST, SECOND, Wall, build_stub, send, task_status
from understudy.config import Settings
from understudy.replay import Stub

TASK = """tasks:
  - id: 1
    name: {name}
    subtasks: [{{id: 11, runs: [{{takes: 2s, ends: {ends}}}, {{takes: {again}}}]}}]"""
VIRTUAL = "clock: {mode: virtual}\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "scenario.yaml"
    path.write_text(f"understudy: 1\n{text}", "utf-8")
    return path


def task(name: str = "Old", ends: str = "FAILED", again: str = "1s") -> str:
    return VIRTUAL + TASK.format(name=name, ends=ends, again=again)


def test_reload_changes_names_and_keeps_the_world(tmp_path: Path) -> None:
    """Clock and commands stay; the new names are served."""
    stub = build_stub(tmp_path, task())
    world = stub.world()
    world.advance(3 * SECOND)
    assert send(stub, f"{LIST}/1/retry", "POST").status == 200
    write(tmp_path, task("New"))
    assert stub.reload().problems == ()
    data = send(stub, f"{LIST}/1").json()["data"]
    assert (data["name"], data["status"], data["operation"]) == ("New", "RUNNING", "RETRY")
    world.advance(3 * SECOND)
    assert task_status(stub, 1) == "SUCCESSFUL"


def test_reload_applies_commands_at_their_times(tmp_path: Path) -> None:
    """A retry that takes longer in the new scenario has not ended yet."""
    stub = build_stub(tmp_path, task())
    stub.world().advance(3 * SECOND)
    send(stub, f"{LIST}/1/retry", "POST")
    stub.world().advance(5 * SECOND)
    assert task_status(stub, 1) == "SUCCESSFUL"
    write(tmp_path, task(again="60s"))
    stub.reload()
    assert task_status(stub, 1) == "RUNNING"


def test_forbidden_command_is_dropped_and_reported(tmp_path: Path) -> None:
    """The retry of a task that no longer fails is dropped."""
    stub = build_stub(tmp_path, task())
    stub.world("w").advance(3 * SECOND)
    send(stub, f"/w/w{LIST}/1/retry", "POST")
    write(tmp_path, task(ends="SUCCESSFUL"))
    (dropped,) = stub.reload().dropped
    assert (dropped.world, dropped.command["operation"]) == ("w", "retryTask")
    assert "SUCCESSFUL state" in dropped.reason
    assert stub.world("w").state().revision == 0
    assert task_status(stub, 1, "/w/w") == "SUCCESSFUL"
    stub.reset("w")
    assert stub.reload_status.dropped == ()


def test_broken_file_changes_nothing(tmp_path: Path) -> None:
    """The old scenario stays, and the problem is reported; the next valid file is loaded."""
    stub = build_stub(tmp_path, task())
    path = write(tmp_path, "taks: []")
    (problem,) = stub.reload().problems
    assert (problem.slug, problem.nearest) == ("unknown-key", "tasks")
    assert str(problem.place) == f"{path}:2:1"
    assert send(stub, f"{LIST}/1").json()["data"]["name"] == "Old"
    write(tmp_path, task("New"))
    assert stub.reload().problems == ()
    assert send(stub, f"{LIST}/1").json()["data"]["name"] == "New"


def test_world_past_its_checkpoint_waits_for_its_reset(tmp_path: Path) -> None:
    """Its first commands are folded, so they cannot be applied to another scenario."""
    stub = build_stub(
        tmp_path, task("Old", again="1s").replace("takes: 1s", "takes: 1s, ends: FAILED")
    )
    world = stub.world()
    for _ in range(260):
        world.advance(4 * SECOND)
        assert send(stub, f"{LIST}/1/retry", "POST").status == 200
    write(tmp_path, task("New"))
    stub.reload()
    assert send(stub, f"{LIST}/1").json()["data"]["name"] == "Old"
    assert world.awaits_reset
    stub.reset("default")
    assert send(stub, f"{LIST}/1").json()["data"]["name"] == "New"
    assert not world.awaits_reset


def test_new_start_restarts_an_unchanged_world(tmp_path: Path) -> None:
    """An unchanged world begins at the new start of the clock."""
    stub = build_stub(tmp_path, task())
    stub.world()
    write(
        tmp_path, task().replace("mode: virtual", "mode: virtual, start: 2030-01-01T00:00:00+08:00")
    )
    stub.reload()
    assert send(stub, f"{LIST}/1").json()["data"]["createTime"] == "2030-01-01T00:00:00+08:00"


def test_real_clock_goes_on(tmp_path: Path) -> None:
    """An unchanged world on a real clock keeps the time since its start."""
    wall = Wall()
    stub = build_stub(tmp_path, task(ends="SUCCESSFUL").replace(VIRTUAL, ""), wall)
    assert task_status(stub, 1) == "RUNNING"
    wall.advance(10)
    write(tmp_path, task("New", ends="SUCCESSFUL").replace(VIRTUAL, ""))
    stub.reload()
    assert task_status(stub, 1) == "SUCCESSFUL"


def test_contract_is_reloaded(tmp_path: Path, root: Path) -> None:
    """A new operation answers; a broken contract changes nothing."""
    contract = tmp_path / "api.yaml"
    head = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n"
    path = "  /%s: {get: {responses: {'200': {description: ok}}}}\n"
    contract.write_text(head + path % "a", "utf-8")
    stub = Stub(Settings(contract=contract))
    assert [send(stub, f"/{name}").status for name in "ab"] == [200, 404]
    contract.write_text(head + path % "a" + path % "b", "utf-8")
    stub.reload()
    assert [send(stub, f"/{name}").status for name in "ab"] == [200, 200]
    contract.write_text("openapi: 5.1.0\n", "utf-8")
    assert stub.reload().problems
    assert send(stub, "/b").status == 200


def test_files_that_a_contract_refers_to_are_watched(tmp_path: Path) -> None:
    """Also one that was missing at first."""
    contract = tmp_path / "api.yaml"
    contract.write_text(
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
        "paths: {/a: {$ref: 'a.yaml'}, /b: {$ref: 'b.yaml'}}\n"
    )
    item = "get: {responses: {200: {description: ok}}}\n"
    (tmp_path / "a.yaml").write_text(item)
    stub = Stub(Settings(contract=contract))
    assert [send(stub, f"/{name}").status for name in "ab"] == [200, 404]
    assert stub.changed_files() == ()
    (tmp_path / "b.yaml").write_text(item)
    assert stub.changed_files() == (tmp_path / "b.yaml",)
    stub.reload(stub.changed_files())
    assert [send(stub, f"/{name}").status for name in "ab"] == [200, 200]
    assert stub.contract.warnings == ()
    (tmp_path / "a.yaml").write_text(item.replace("200", "204"))
    assert stub.changed_files() == (tmp_path / "a.yaml",)


def test_activated_scenario_survives_a_reload(tmp_path: Path) -> None:
    """Activating a scenario affects one world.

    Uploading a new text of it affects the worlds that use it.
    """
    stub = build_stub(tmp_path, task())
    stub.upload("mine", f"understudy: 1\n{task('Mine')}")
    stub.activate("w", "mine")
    assert send(stub, f"/w/w{LIST}/1").json()["data"]["name"] == "Mine"
    assert send(stub, f"{LIST}/1").json()["data"]["name"] == "Old"
    write(tmp_path, task("New"))
    stub.reload()
    assert send(stub, f"/w/w{LIST}/1").json()["data"]["name"] == "Mine"
    stub.upload("mine", f"understudy: 1\n{task('Better')}")
    assert send(stub, f"/w/w{LIST}/1").json()["data"]["name"] == "Better"


def test_scenario_rule_and_added_rule_can_share_a_name(tmp_path: Path) -> None:
    """Each of the two rules counts its own uses."""
    stub = build_stub(tmp_path, task())
    rule = {
        "name": "clash",
        "when": {"operation": "getSubtaskLog"},
        "reply": {"error": 500},
        "times": 1,
    }
    added = {"count": 1, "replies": [rule], "faults": []}
    stub.world().update(lambda state: (replace(state, added=added), None))
    own = "replies: [{name: clash, when: {operation: retryTask}, reply: {error: 500}, times: 1}]\n"
    write(tmp_path, task() + "\n" + own)
    assert stub.reload().problems == ()
    log = f"{LIST}/1/subtasks/11/log"
    assert [send(stub, log).status for _ in range(2)] == [500, 200]
    stub.world().advance(3 * SECOND)
    assert [send(stub, f"{LIST}/1/retry", "POST").status for _ in range(2)] == [500, 200]


def test_upload_can_replace_the_stubs_own_scenario(tmp_path: Path) -> None:
    """Existing worlds and new ones use the uploaded scenario."""
    stub = Stub(Settings(scenario="empty", clock="virtual"))
    assert send(stub, f"{LIST}/1").status == 404
    stub.upload("empty", f"understudy: 1\n{task('Mine')}")
    assert [
        send(stub, f"{prefix}{LIST}/1").json()["data"]["name"] for prefix in ("", "/w/new")
    ] == ["Mine"] * 2


def test_files_of_the_scenarios_in_use_are_watched(tmp_path: Path) -> None:
    """The file of a scenario is, until an uploaded one of its name replaces it."""
    path = write(tmp_path, task())
    stub = Stub(Settings(scenario=path.stem, scenarios=tmp_path))
    assert path in stub.files()
    stub.upload(path.stem, f"understudy: 1\n{task('Mine')}")
    assert path not in stub.files()


def test_world_that_is_deleted_during_a_reload_is_no_error(tmp_path: Path) -> None:
    """The others go on with the new scenario: a drop may come before the list is read to its end."""
    stub = build_stub(tmp_path, task())
    for name in ("first", "second"):
        stub.world(name)
    stub.world("first").delete_state()  # as `drop` does, after it has taken the name off the list
    write(tmp_path, task("New"))
    assert stub.reload().problems == ()
    assert send(stub, f"/w/second{LIST}/1").json()["data"]["name"] == "New"
