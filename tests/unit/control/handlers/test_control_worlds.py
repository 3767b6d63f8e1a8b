"""Worlds, clocks, settings, snapshots, exports and coverage over the control API."""

from pathlib import Path
from typing import Any

import pytest

from control_builders import FAILED, LIST, Desk
from understudy.control.api.control_problems import ControlProblem
from understudy.control.api.snapshots import Snapshots
from understudy.coverage import Report
from understudy.messages import Response

START = "2021-08-25T15:09:31+08:00"


def test_worlds_are_listed_with_what_became_of_them() -> None:
    """The one that was used longest ago first."""
    desk = Desk()
    desk.call(f"{LIST}/{FAILED}/retry", "POST", world="one")
    desk.ask("POST /clock/advance", {"by": "1m"}, world="two")
    one, two = desk.ask("GET /worlds")["worlds"]
    assert (one["name"], one["revision"], one["exchanges"], one["dropped"]) == ("one", 1, 1, 0)
    assert (two["name"], two["clock"], two["scenario"]) == (
        "two",
        "2021-08-25T15:10:31+08:00",
        "demo",
    )


def test_a_reset_is_for_one_world_or_for_all() -> None:
    """State and journal begin anew."""
    desk = Desk()
    for world in ("one", "two"):
        desk.call(f"{LIST}/{FAILED}/retry", "POST", world=world)
    desk.ask("POST /reset", world="one", status=204)
    assert [world["revision"] for world in desk.ask("GET /worlds")["worlds"]] == [0, 1]
    desk.ask("POST /reset?all=true", status=204)
    assert [(w["revision"], w["exchanges"]) for w in desk.ask("GET /worlds")["worlds"]] == [
        (0, 0),
        (0, 0),
    ]


def test_a_world_is_dropped_with_its_snapshots() -> None:
    """Dropping it again is no error: tests that clean up need not look."""
    desk = Desk()
    desk.ask("PUT /snapshots/a", world="w", status=201)
    for _ in range(2):
        desk.ask("DELETE /worlds/w", status=204)
    assert desk.ask("GET /worlds")["worlds"] == []
    assert desk.ask("GET /snapshots", world="w")["snapshots"] == []


@pytest.mark.parametrize(
    ("what", "body", "now"),
    [
        ("advance", {"by": "1h30m"}, "2021-08-25T16:39:31+08:00"),
        ("advance", {"by": "0s"}, START),
        ("set", {"to": "90s"}, "2021-08-25T15:11:01+08:00"),
        ("set", {"to": "2022-01-01T00:00:00Z"}, "2022-01-01T08:00:00+08:00"),
        ("freeze", None, START),
    ],
)
def test_the_clock_is_moved(what: str, body: Any, now: str) -> None:
    """By a duration, to an offset from the start, to a time; the answer tells the clock."""
    told = Desk().ask(f"POST /clock/{what}", body)
    assert told == {"now": now, "start": START, "mode": "virtual", "speed": 1.0, "step": 1.0}


def test_the_clock_runs_and_stands_still_again() -> None:
    """`scale` lets it run, `freeze` stops it."""
    desk = Desk()
    told = desk.ask("POST /clock/scale", {"speed": 60})
    assert (told["mode"], told["speed"]) == ("real", 60.0)
    assert desk.ask("POST /clock/freeze")["mode"] == "virtual"


def test_a_clock_moves_forward_only_and_not_beyond_its_end() -> None:
    """409; it stands where it stood."""
    desk = Desk()
    assert desk.problem("POST /clock/set", {"to": "-1s"})[:2] == (409, "clock-backwards")
    for _ in range(69):
        desk.ask("POST /clock/advance", {"by": "36500d"})
    assert desk.problem("POST /clock/advance", {"by": "36500d"})[:2] == (409, "clock-at-its-end")
    assert desk.problem("POST /clock/set", {"to": "2021-01-01T00:00:00Z"})[:2] == (
        409,
        "clock-backwards",
    )
    assert desk.ask("GET /clock")["now"].startswith("89")


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("advance", {"by": "36501d"}),
        ("advance", {"by": "-1s"}),
        ("advance", {"by": "9" * 400 + "d"}),
        ("set", {"to": "2021-13-01T00:00:00Z"}),
        ("set", {"to": "9999-01-01T00:00:00Z"}),
        ("set", {"to": "tomorrow"}),
        ("scale", {"speed": 0}),
        ("scale", {"speed": 10_001}),
        ("scale", {"speed": "fast"}),
    ],
)
def test_what_is_no_time_is_refused(what: str, body: Any) -> None:
    """400."""
    assert Desk().problem(f"POST /clock/{what}", body)[:2] == (400, "bad-request")


def test_settings_of_one_world() -> None:
    """They count at once, in this world alone; null takes the server's own again."""
    desk = Desk()
    assert desk.ask("GET /settings") == {
        "validateRequest": "enforce",
        "errors": False,
        "corrupt": [],
    }
    assert (
        desk.ask("PATCH /settings", {"validateRequest": "report", "errors": True})["errors"] is True
    )
    assert desk.call(f"{LIST}?status=BROKEN").status == 200
    assert desk.call(LIST, Prefer="coed=404").status == 400
    assert desk.call(f"{LIST}?status=BROKEN", world="other").status == 400
    told = desk.ask("PATCH /settings", {"validateRequest": None})
    assert told == {"validateRequest": "enforce", "errors": True, "corrupt": []}
    assert desk.problem("PATCH /settings", {"validateRequest": "of"})[:2] == (400, "bad-request")
    assert desk.problem("PATCH /settings", {"error": True})[2] == (
        'body: there is no "error" here. Did you mean "errors"?'
    )


def test_a_snapshot_brings_a_world_back() -> None:
    """State, clock and rules; the journal goes on, the numbers of the calls are those of then."""
    desk = Desk()
    desk.call(f"{LIST}/{FAILED}/retry", "POST")
    told = desk.ask("PUT /snapshots/retried", status=201)
    assert (told["name"], told["at"], told["revision"]) == ("retried", START, 1)
    first = desk.call(f"{LIST}/{FAILED}")
    desk.ask("POST /clock/advance", {"by": "1h"})
    desk.ask("POST /replies", {"reply": {"error": 1999}}, status=201)
    assert desk.call(f"{LIST}/{FAILED}").status == 500
    told = desk.ask("POST /snapshots/retried/restore")
    assert (told["clock"], told["revision"], told["exchanges"]) == (START, 1, 3)
    assert desk.call(f"{LIST}/{FAILED}") == first


def test_a_snapshot_of_the_same_revision_is_told_apart() -> None:
    """Two worlds after one command each are not one."""
    desk = Desk()
    desk.ask("PUT /snapshots/start", status=201)
    desk.call(f"{LIST}/{FAILED}/retry", "POST")
    desk.ask("PUT /snapshots/retried", status=201)
    desk.ask("POST /snapshots/start/restore")
    desk.call(f"{LIST}/{FAILED}/rollback", "POST")
    desk.ask("POST /snapshots/retried/restore")
    assert desk.call(f"{LIST}/{FAILED}").json()["data"]["operation"] == "RETRY"


def test_snapshots_are_listed_replaced_and_dropped() -> None:
    """A name that is used again keeps its place."""
    desk = Desk()
    desk.ask("PUT /snapshots/a", status=201)
    desk.ask("PUT /snapshots/b", status=201)
    desk.ask("POST /clock/advance", {"by": "1s"})
    desk.ask("PUT /snapshots/a")
    told = desk.ask("GET /snapshots")["snapshots"]
    assert [(one["name"], one["at"][-8:-6]) for one in told] == [("a", "32"), ("b", "31")]
    desk.ask("DELETE /snapshots/a", status=204)
    assert [one["name"] for one in desk.ask("GET /snapshots")["snapshots"]] == ["b"]


def test_a_snapshot_that_is_not_there_is_404() -> None:
    """With the nearest name; those of another world are not this one's."""
    desk = Desk()
    desk.ask("PUT /snapshots/before", status=201)
    detail = 'The world "default" has no snapshot "befor". Did you mean "before"?'
    assert desk.problem("POST /snapshots/befor/restore") == (404, "no-such-snapshot", detail)
    assert desk.problem("DELETE /snapshots/before", world="w")[:2] == (404, "no-such-snapshot")


def test_a_snapshot_of_another_scenario_is_refused() -> None:
    """409; the world stays as it is."""
    desk = Desk()
    desk.ask("PUT /snapshots/demo", status=201)
    desk.ask("POST /scenarios/empty/activate")
    assert desk.problem("POST /snapshots/demo/restore")[:2] == (409, "other-scenario")
    assert desk.ask("GET /worlds")["worlds"][0]["scenario"] == "empty"


def test_snapshots_are_bounded() -> None:
    """In number per world, and in bytes over all; replacing one counts the new one only."""
    from datetime import UTC, datetime

    kept, at = Snapshots(max_per_world=2, max_bytes=30), datetime(2026, 1, 1, tzinfo=UTC)
    kept.save("w", "a", at, 0, "x" * 10)
    kept.save("w", "b", at, 0, 1)
    with pytest.raises(ControlProblem) as many:
        kept.save("w", "c", at, 0, 1)
    with pytest.raises(ControlProblem) as large:
        kept.save("other", "c", at, 0, "x" * 20)
    kept.save("w", "a", at, 0, "x" * 20)
    assert [one.value.slug for one in (many, large)] == ["snapshots-full", "snapshots-full"]
    assert [(one.name, len(one.text)) for one in kept.of_world("w")] == [("a", 22), ("b", 1)]


def test_an_export_replays_the_world(tmp_path: Path) -> None:
    """Served as a scenario, it answers as the world did."""
    desk = Desk()
    desk.call(f"{LIST}/{FAILED}/retry", "POST")
    desk.ask("POST /clock/advance", {"by": "5s"})
    answer = desk.send("GET /export", world="default")
    assert isinstance(answer, Response)
    assert answer.headers.get("Content-Disposition") == 'attachment; filename="default.yaml"'
    path = tmp_path / "exported.yaml"
    path.write_bytes(answer.body)
    again = Desk(str(path))
    assert again.call(f"{LIST}/{FAILED}").body == desk.call(f"{LIST}/{FAILED}").body


def responses(told: Any) -> dict[str, int]:
    (section,) = [one for one in told["sections"] if one["name"] == "responses"]
    return {
        f"{item['group']} {item['name']}": item["count"]
        for item in section["items"]
        if item["count"]
    }


def test_coverage_of_a_world_and_of_all() -> None:
    """Counts of several worlds are added; the sums are those of the items."""
    desk = Desk()
    desk.call(LIST)
    desk.call(LIST)
    desk.call(f"{LIST}/1", world="w")
    told, both = desk.ask("GET /coverage"), desk.ask("GET /coverage?all=true")
    assert responses(told) == {"listTaskInstances 200": 2}
    assert responses(both) == {"listTaskInstances 200": 2, "getTaskInstance 404": 1}
    assert (told["exchanges"], both["exchanges"], both["total"]) == (2, 3, told["total"])
    items = [item for section in both["sections"] for item in section["items"]]
    assert (both["covered"], both["total"]) == (
        sum(item["count"] > 0 for item in items),
        len(items),
    )
    assert both["ratio"] == round(both["covered"] / both["total"], 4)
    assert Report.from_record(both).to_record() == both


def test_coverage_tells_the_corruptions_that_were_served() -> None:
    """By their ids."""
    desk = Desk()
    corruption = "listTaskInstances.200/data/contents[]/status:unknown-enum"
    desk.call(LIST, Prefer=f"corrupt={corruption}")
    items = next(
        one["items"]
        for one in desk.ask("GET /coverage")["sections"]
        if one["name"] == "corruptions"
    )
    assert [item["ids"] for item in items if "ids" in item] == [{corruption: 1}]


def test_coverage_before_any_call() -> None:
    """All is missing, in one world and in all."""
    desk = Desk()
    for what in ("GET /coverage", "GET /coverage?all=true"):
        assert (desk.ask(what)["covered"], desk.ask(what)["exchanges"]) == (0, 0)


def test_coverage_of_a_contract_without_service(tmp_path: Path) -> None:
    """`default` and classes of statuses count as they are documented."""
    contract = tmp_path / "pets.yaml"
    contract.write_text(
        "openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\npaths:\n  /pets:\n    get:\n      operationId: pets\n"
        "      responses: {2XX: {description: fine}, default: {description: else}}\n",
        "utf-8",
    )
    desk = Desk("", contract=contract)
    desk.call("/pets")
    told = desk.ask("GET /coverage")
    assert {section["name"]: (section["covered"], section["total"]) for section in told["sections"]} == {
        "operations": (1, 1), "responses": (1, 2), "faults": (0, 13),
    }  # fmt: skip
    assert responses(told) == {"pets 2XX": 1}


def test_other_contracts_have_no_tasks(tmp_path: Path) -> None:
    """404 for each route of tasks; all else works."""
    contract = tmp_path / "pets.yaml"
    contract.write_text("openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\npaths: {}\n", "utf-8")
    desk = Desk("", contract=contract)
    for what in ("GET /tasks", "GET /tasks/1", "POST /tasks/1/step"):
        assert desk.problem(what)[:2] == (404, "no-tasks")
    for what in ("POST /tasks/1/state", "POST /tasks/1/subtasks/1/state"):
        assert desk.problem(what, {"status": "FAILED"})[:2] == (404, "no-tasks")
    assert desk.ask("GET /health")["scenario"] is None
    assert [section["name"] for section in desk.ask("GET /coverage")["sections"]] == ["faults"]
    assert [s for s in desk.ask("GET /scenarios")["scenarios"] if s["active"]] == []
    assert desk.ask("GET /export").startswith("understudy: 1\nname: exported\n")
    desk.ask("POST /reset", status=204)


def test_a_scenario_with_an_odd_name_is_exported_under_the_worlds(tmp_path: Path) -> None:
    """Nothing of a scenario's text gets into a header."""
    path = tmp_path / "odd.yaml"
    path.write_text('understudy: 1\nname: "a\\r\\nX: b"\n', "utf-8")
    answer = Desk(str(path)).send("GET /export", world="w.1")
    assert answer.headers.get("Content-Disposition") == 'attachment; filename="w.1.yaml"'
