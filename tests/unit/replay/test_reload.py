"""Saved files are taken anew: what a world has been through goes on with the new scenario."""

from pathlib import Path

from replay_builders import LIST, SECOND, Wall, ask, status_of, stub_of
from understudy.replay import Stub

TASK = "tasks: [{{id: 1, name: {name}, subtasks: [{{id: 11, runs: [{{takes: 2s, ends: {ends}}}, {{takes: {again}}}]}}]}}]"
VIRTUAL = "clock: {mode: virtual}\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "scenario.yaml"
    path.write_text(f"understudy: 1\n{text}", "utf-8")
    return path


def task(name: str = "Old", ends: str = "FAILED", again: str = "1s") -> str:
    return VIRTUAL + TASK.format(name=name, ends=ends, again=again)


def test_names_change_and_the_world_goes_on(tmp_path: Path) -> None:
    """Clock, commands and what came of them stay; the new words are served."""
    stub = stub_of(tmp_path, task())
    world = stub.world()
    world.advance(3 * SECOND)
    assert ask(stub, f"{LIST}/1/retry", "POST").status == 200
    write(tmp_path, task("New"))
    assert stub.reload().problems == ()
    shown = ask(stub, f"{LIST}/1").json()["data"]
    assert (shown["name"], shown["status"], shown["operation"]) == ("New", "RUNNING", "RETRY")
    world.advance(3 * SECOND)
    assert status_of(stub, 1) == "SUCCESSFUL"


def test_commands_count_at_their_times(tmp_path: Path) -> None:
    """A retry whose run takes longer in the new scenario has not ended yet."""
    stub = stub_of(tmp_path, task())
    stub.world().advance(3 * SECOND)
    ask(stub, f"{LIST}/1/retry", "POST")
    stub.world().advance(5 * SECOND)
    assert status_of(stub, 1) == "SUCCESSFUL"
    write(tmp_path, task(again="60s"))
    stub.reload()
    assert status_of(stub, 1) == "RUNNING"


def test_what_the_new_scenario_refuses_is_dropped_and_told(tmp_path: Path) -> None:
    """A retry of a task that does not fail any more is no part of the world."""
    stub = stub_of(tmp_path, task())
    stub.world("w").advance(3 * SECOND)
    ask(stub, f"/w/w{LIST}/1/retry", "POST")
    write(tmp_path, task(ends="SUCCESSFUL"))
    (dropped,) = stub.reload().dropped
    assert (dropped.world, dropped.command["operation"]) == ("w", "retryTask")
    assert "SUCCESSFUL state" in dropped.reason
    assert stub.world("w").state().revision == 0
    assert status_of(stub, 1, "/w/w") == "SUCCESSFUL"
    stub.reset("w")
    assert stub.reload_status.dropped == ()


def test_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    """What was served goes on, and why is known; the next good one is taken."""
    stub = stub_of(tmp_path, task())
    path = write(tmp_path, "taks: []")
    (problem,) = stub.reload().problems
    assert (problem.slug, problem.nearest) == ("unknown-key", "tasks")
    assert str(problem.place) == f"{path}:2:1"
    assert ask(stub, f"{LIST}/1").json()["data"]["name"] == "Old"
    write(tmp_path, task("New"))
    assert stub.reload().problems == ()
    assert ask(stub, f"{LIST}/1").json()["data"]["name"] == "New"


def test_a_world_past_its_checkpoint_waits_for_its_reset(tmp_path: Path) -> None:
    """Its first commands are gone, so they cannot be applied to another scenario."""
    stub = stub_of(
        tmp_path, task("Old", again="1s").replace("takes: 1s", "takes: 1s, ends: FAILED")
    )
    world = stub.world()
    for _ in range(260):
        world.advance(4 * SECOND)
        assert ask(stub, f"{LIST}/1/retry", "POST").status == 200
    write(tmp_path, task("New"))
    stub.reload()
    assert ask(stub, f"{LIST}/1").json()["data"]["name"] == "Old"
    assert world.awaits_reset
    stub.reset("default")
    assert ask(stub, f"{LIST}/1").json()["data"]["name"] == "New"
    assert not world.awaits_reset


def test_another_start_begins_an_untouched_world_anew(tmp_path: Path) -> None:
    """Nobody has seen its clock move."""
    stub = stub_of(tmp_path, task())
    stub.world()
    write(
        tmp_path, task().replace("mode: virtual", "mode: virtual, start: 2030-01-01T00:00:00+08:00")
    )
    stub.reload()
    assert ask(stub, f"{LIST}/1").json()["data"]["createTime"] == "2030-01-01T00:00:00+08:00"


def test_a_real_clock_goes_on(tmp_path: Path) -> None:
    """A world that nobody has changed has run since it was made, and still has."""
    wall = Wall()
    stub = stub_of(tmp_path, task(ends="SUCCESSFUL").replace(VIRTUAL, ""), wall)
    assert status_of(stub, 1) == "RUNNING"
    wall.pass_(10)
    write(tmp_path, task("New", ends="SUCCESSFUL").replace(VIRTUAL, ""))
    stub.reload()
    assert status_of(stub, 1) == "SUCCESSFUL"


def test_the_contract_is_taken_anew(tmp_path: Path, root: Path) -> None:
    """An operation that was added answers; one that breaks the contract changes nothing."""
    contract = tmp_path / "api.yaml"
    head = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n"
    path = "  /%s: {get: {responses: {'200': {description: ok}}}}\n"
    contract.write_text(head + path % "a", "utf-8")
    stub = Stub(_settings(contract))
    assert [ask(stub, f"/{name}").status for name in "ab"] == [200, 404]
    contract.write_text(head + path % "a" + path % "b", "utf-8")
    stub.reload()
    assert [ask(stub, f"/{name}").status for name in "ab"] == [200, 200]
    contract.write_text("openapi: 3.1.0\n", "utf-8")
    assert stub.reload().problems
    assert ask(stub, "/b").status == 200


def _settings(contract: Path):  # type: ignore[no-untyped-def]
    from understudy.config import Settings

    return Settings(contract=contract)


def test_a_world_with_a_scenario_of_its_own_keeps_it(tmp_path: Path) -> None:
    """Activating concerns one world; uploading a new text of it, the worlds that play it."""
    stub = stub_of(tmp_path, task())
    stub.upload("mine", f"understudy: 1\n{task('Mine')}")
    stub.activate("w", "mine")
    assert ask(stub, f"/w/w{LIST}/1").json()["data"]["name"] == "Mine"
    assert ask(stub, f"{LIST}/1").json()["data"]["name"] == "Old"
    write(tmp_path, task("New"))
    stub.reload()
    assert ask(stub, f"/w/w{LIST}/1").json()["data"]["name"] == "Mine"
    stub.upload("mine", f"understudy: 1\n{task('Better')}")
    assert ask(stub, f"/w/w{LIST}/1").json()["data"]["name"] == "Better"


def test_a_saved_rule_may_have_the_name_of_one_that_was_added(tmp_path: Path) -> None:
    """Each counts for itself."""
    from dataclasses import replace

    stub = stub_of(tmp_path, task())
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
    assert [ask(stub, log).status for _ in range(2)] == [500, 200]
    stub.world().advance(3 * SECOND)
    assert [ask(stub, f"{LIST}/1/retry", "POST").status for _ in range(2)] == [500, 200]


def test_an_upload_in_the_name_of_the_stubs_own_scenario_is_played(tmp_path: Path) -> None:
    """By the worlds that play it, which go on, and by new ones."""
    from understudy.config import Settings

    stub = Stub(Settings(scenario="empty", clock="virtual"))
    assert ask(stub, f"{LIST}/1").status == 404
    stub.upload("empty", f"understudy: 1\n{task('Mine')}")
    assert [ask(stub, f"{prefix}{LIST}/1").json()["data"]["name"] for prefix in ("", "/w/new")] == [
        "Mine"
    ] * 2
