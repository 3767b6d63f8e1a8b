"""Worlds, clocks, settings, snapshots, exports and coverage."""

from pathlib import Path
from typing import Any

import pytest

from control_builders import FAILED, LIST, StubDriver
from understudy.control.api.control_problems import ControlProblem
from understudy.control.api.snapshots import Snapshots
from understudy.coverage import Report
from understudy.messages import Response

START = "2021-08-25T15:09:31+08:00"


def test_worlds_are_listed_with_their_state() -> None:
    """The world that was used longest ago comes first."""
    driver = StubDriver()
    driver.call(f"{LIST}/{FAILED}/retry", "POST", world="one")
    driver.fetch("POST /clock/advance", {"by": "1m"}, world="two")
    first, second = driver.fetch("GET /worlds")["worlds"]
    assert (first["name"], first["revision"], first["exchanges"], first["dropped"]) == (
        "one",
        1,
        1,
        0,
    )
    assert (second["name"], second["clock"], second["scenario"]) == (
        "two",
        "2021-08-25T15:10:31+08:00",
        "demo",
    )


def test_reset_of_one_world_or_all() -> None:
    """State and journal start anew."""
    driver = StubDriver()
    for world in ("one", "two"):
        driver.call(f"{LIST}/{FAILED}/retry", "POST", world=world)
    driver.fetch("POST /reset", world="one", status=204)
    assert [world["revision"] for world in driver.fetch("GET /worlds")["worlds"]] == [0, 1]
    driver.fetch("POST /reset?all=true", status=204)
    assert [(w["revision"], w["exchanges"]) for w in driver.fetch("GET /worlds")["worlds"]] == [
        (0, 0),
        (0, 0),
    ]


def test_world_is_deleted_with_its_snapshots() -> None:
    """Deleting it again is no error: tests that clean up need no check."""
    driver = StubDriver()
    driver.fetch("PUT /snapshots/a", world="w", status=201)
    for _ in range(2):
        driver.fetch("DELETE /worlds/w", status=204)
    assert driver.fetch("GET /worlds")["worlds"] == []
    assert driver.fetch("GET /snapshots", world="w")["snapshots"] == []


@pytest.mark.parametrize(
    ("step", "body", "now"),
    [
        ("advance", {"by": "1h30m"}, "2021-08-25T16:39:31+08:00"),
        ("advance", {"by": "0s"}, START),
        ("set", {"to": "90s"}, "2021-08-25T15:11:01+08:00"),
        ("set", {"to": "2022-01-01T00:00:00Z"}, "2022-01-01T08:00:00+08:00"),
        ("freeze", None, START),
    ],
)
def test_clock_can_be_moved(step: str, body: Any, now: str) -> None:
    """By a duration, to an offset from the start, or to a time."""
    record = StubDriver().fetch(f"POST /clock/{step}", body)
    assert record == {"now": now, "start": START, "mode": "virtual", "speed": 1.0, "step": 1.0}


def test_clock_can_run_and_stop() -> None:
    """`scale` starts it, `freeze` stops it."""
    driver = StubDriver()
    record = driver.fetch("POST /clock/scale", {"speed": 60})
    assert (record["mode"], record["speed"]) == ("real", 60.0)
    assert driver.fetch("POST /clock/freeze")["mode"] == "virtual"


def test_clock_cannot_go_back_or_beyond_its_end() -> None:
    """It is 409, and the clock does not move."""
    driver = StubDriver()
    assert driver.fetch_problem("POST /clock/set", {"to": "-1s"})[:2] == (409, "clock-backwards")
    for _ in range(69):
        driver.fetch("POST /clock/advance", {"by": "36500d"})
    assert driver.fetch_problem("POST /clock/advance", {"by": "36500d"})[:2] == (
        409,
        "clock-at-its-end",
    )
    assert driver.fetch_problem("POST /clock/set", {"to": "2021-01-01T00:00:00Z"})[:2] == (
        409,
        "clock-backwards",
    )
    assert driver.fetch("GET /clock")["now"].startswith("89")


@pytest.mark.parametrize(
    ("step", "body"),
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
def test_invalid_time_is_reported(step: str, body: Any) -> None:
    """It is 400."""
    assert StubDriver().fetch_problem(f"POST /clock/{step}", body)[:2] == (400, "bad-request")


def test_errors_turn_reports_into_error_responses() -> None:
    """A violation that would only be reported is answered with the service's own error.

    An unknown query parameter is not: there is an option for it.
    """
    driver = StubDriver()
    driver.fetch("PATCH /settings", {"validateRequest": "report"})
    assert driver.call(f"{LIST}?status=BROKEN").status == 200
    assert driver.fetch("PATCH /settings", {"errors": True})["strictPreferences"] is True
    assert driver.call(f"{LIST}?status=BROKEN").status == 400
    assert driver.call(f"{LIST}?status=BROKEN&unknown=1").status == 400
    assert driver.call(f"{LIST}?unknown=1").status == 200
    assert driver.call(LIST).status == 200


def test_settings_of_one_world() -> None:
    """They apply at once, to this world only. null restores the setting of the server."""
    driver = StubDriver()
    assert driver.fetch("GET /settings") == {
        "validateRequest": "enforce",
        "errors": False,
        "strictPreferences": False,
        "corrupt": [],
    }
    changes = {"validateRequest": "report", "strictPreferences": True}
    assert driver.fetch("PATCH /settings", changes)["strictPreferences"] is True
    assert driver.call(f"{LIST}?status=BROKEN").status == 200
    assert driver.call(LIST, Prefer="coed=404").status == 400
    assert driver.call(f"{LIST}?status=BROKEN", world="other").status == 400
    record = driver.fetch("PATCH /settings", {"validateRequest": None})
    assert record == {
        "validateRequest": "enforce",
        "errors": False,
        "strictPreferences": True,
        "corrupt": [],
    }
    assert driver.fetch_problem("PATCH /settings", {"validateRequest": "of"})[:2] == (
        400,
        "bad-request",
    )
    assert driver.fetch_problem("PATCH /settings", {"error": True})[2] == (
        'body: unknown key "error". Did you mean "errors"?'
    )


def test_snapshot_restores_a_world() -> None:
    """It restores state, clock and rules. The journal goes on, but calls are numbered as before."""
    driver = StubDriver()
    driver.call(f"{LIST}/{FAILED}/retry", "POST")
    record = driver.fetch("PUT /snapshots/retried", status=201)
    assert (record["name"], record["at"], record["revision"]) == ("retried", START, 1)
    first = driver.call(f"{LIST}/{FAILED}")
    driver.fetch("POST /clock/advance", {"by": "1h"})
    driver.fetch("POST /replies", {"reply": {"error": 1999}}, status=201)
    assert driver.call(f"{LIST}/{FAILED}").status == 500
    record = driver.fetch("POST /snapshots/retried/restore")
    assert (record["clock"], record["revision"], record["exchanges"]) == (START, 1, 3)
    assert driver.call(f"{LIST}/{FAILED}") == first


def test_snapshots_with_one_revision_differ() -> None:
    """Two worlds after one command each need not be equal."""
    driver = StubDriver()
    driver.fetch("PUT /snapshots/start", status=201)
    driver.call(f"{LIST}/{FAILED}/retry", "POST")
    driver.fetch("PUT /snapshots/retried", status=201)
    driver.fetch("POST /snapshots/start/restore")
    driver.call(f"{LIST}/{FAILED}/rollback", "POST")
    driver.fetch("POST /snapshots/retried/restore")
    assert driver.call(f"{LIST}/{FAILED}").json()["data"]["operation"] == "RETRY"


def test_snapshots_are_listed_replaced_and_deleted() -> None:
    """A replaced snapshot keeps its place in the list."""
    driver = StubDriver()
    driver.fetch("PUT /snapshots/a", status=201)
    driver.fetch("PUT /snapshots/b", status=201)
    driver.fetch("POST /clock/advance", {"by": "1s"})
    driver.fetch("PUT /snapshots/a")
    record = driver.fetch("GET /snapshots")["snapshots"]
    assert [(entry["name"], entry["at"][-8:-6]) for entry in record] == [("a", "32"), ("b", "31")]
    driver.fetch("DELETE /snapshots/a", status=204)
    assert [entry["name"] for entry in driver.fetch("GET /snapshots")["snapshots"]] == ["b"]


def test_unknown_snapshot_is_not_found() -> None:
    """The nearest name is suggested. Snapshots of other worlds do not count."""
    driver = StubDriver()
    driver.fetch("PUT /snapshots/before", status=201)
    detail = 'The world "default" has no snapshot "befor". Did you mean "before"?'
    assert driver.fetch_problem("POST /snapshots/befor/restore") == (
        404,
        "no-such-snapshot",
        detail,
    )
    assert driver.fetch_problem("DELETE /snapshots/before", world="w")[:2] == (
        404,
        "no-such-snapshot",
    )


def test_snapshot_of_another_scenario_is_rejected() -> None:
    """It is 409, and the world does not change."""
    driver = StubDriver()
    driver.fetch("PUT /snapshots/demo", status=201)
    driver.fetch("POST /scenarios/empty/activate")
    assert driver.fetch_problem("POST /snapshots/demo/restore")[:2] == (409, "other-scenario")
    assert driver.fetch("GET /worlds")["worlds"][0]["scenario"] == "empty"


def test_snapshots_are_bounded() -> None:
    """In number per world, and in bytes in all. A replaced snapshot does not count."""
    from datetime import UTC, datetime

    snapshots, at = Snapshots(max_per_world=2, max_bytes=30), datetime(2026, 1, 1, tzinfo=UTC)
    snapshots.save("w", "a", at, 0, "x" * 10)
    snapshots.save("w", "b", at, 0, 1)
    with pytest.raises(ControlProblem) as many:
        snapshots.save("w", "c", at, 0, 1)
    with pytest.raises(ControlProblem) as large:
        snapshots.save("other", "c", at, 0, "x" * 20)
    snapshots.save("w", "a", at, 0, "x" * 20)
    assert [entry.value.slug for entry in (many, large)] == ["snapshots-full", "snapshots-full"]
    assert [(entry.name, len(entry.text)) for entry in snapshots.of_world("w")] == [
        ("a", 22),
        ("b", 1),
    ]


def test_export_replays_the_world(tmp_path: Path) -> None:
    """Served as a scenario, it answers as the world did."""
    driver = StubDriver()
    driver.call(f"{LIST}/{FAILED}/retry", "POST")
    driver.fetch("POST /clock/advance", {"by": "5s"})
    answer = driver.send("GET /export", world="default")
    assert isinstance(answer, Response)
    assert answer.headers.get("Content-Disposition") == 'attachment; filename="default.yaml"'
    path = tmp_path / "exported.yaml"
    path.write_bytes(answer.body)
    again = StubDriver(str(path))
    assert again.call(f"{LIST}/{FAILED}").body == driver.call(f"{LIST}/{FAILED}").body


def count_responses(record: Any) -> dict[str, int]:
    (section,) = [entry for entry in record["sections"] if entry["name"] == "responses"]
    return {
        f"{item['group']} {item['name']}": item["count"]
        for item in section["items"]
        if item["count"]
    }


def test_coverage_of_one_world_or_all() -> None:
    """Counts of several worlds are added, and the sums are those of the items."""
    driver = StubDriver()
    driver.call(LIST)
    driver.call(LIST)
    driver.call(f"{LIST}/1", world="w")
    record, both = driver.fetch("GET /coverage"), driver.fetch("GET /coverage?all=true")
    assert count_responses(record) == {"listTaskInstances 200": 2}
    assert count_responses(both) == {"listTaskInstances 200": 2, "getTaskInstance 404": 1}
    assert (record["exchanges"], both["exchanges"], both["total"]) == (2, 3, record["total"])
    items = [item for section in both["sections"] for item in section["items"]]
    assert (both["covered"], both["total"]) == (
        sum(item["count"] > 0 for item in items),
        len(items),
    )
    assert both["ratio"] == round(both["covered"] / both["total"], 4)
    assert Report.from_record(both).to_record() == both


def test_coverage_has_the_ids_of_corruptions() -> None:
    """Each served corruption is counted."""
    driver = StubDriver()
    corruption = "listTaskInstances.200/data/contents[]/status:unknown-enum"
    driver.call(LIST, Prefer=f"corrupt={corruption}")
    items = next(
        entry["items"]
        for entry in driver.fetch("GET /coverage")["sections"]
        if entry["name"] == "corruptions"
    )
    assert [item["ids"] for item in items if "ids" in item] == [{corruption: 1}]


def test_coverage_before_any_call() -> None:
    """Nothing is covered, in one world and in all."""
    driver = StubDriver()
    for call in ("GET /coverage", "GET /coverage?all=true"):
        assert (driver.fetch(call)["covered"], driver.fetch(call)["exchanges"]) == (0, 0)


def test_coverage_of_another_contract(tmp_path: Path) -> None:
    """`default` and classes of statuses count as they are documented."""
    contract = tmp_path / "pets.yaml"
    contract.write_text(
        "openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\n"
        "paths:\n  /pets:\n    get:\n      operationId: pets\n"
        "      responses: {2XX: {description: fine}, default: {description: else}}\n",
        "utf-8",
    )
    driver = StubDriver("", contract=contract)
    driver.call("/pets")
    record = driver.fetch("GET /coverage")
    assert {
        section["name"]: (section["covered"], section["total"]) for section in record["sections"]
    } == {
        "operations": (1, 1),
        "responses": (1, 2),
        "faults": (0, 13),
    }
    assert count_responses(record) == {"pets 2XX": 1}


def test_other_contracts_have_no_tasks(tmp_path: Path) -> None:
    """Each route of tasks is 404, and everything else works."""
    contract = tmp_path / "pets.yaml"
    contract.write_text("openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\npaths: {}\n", "utf-8")
    driver = StubDriver("", contract=contract)
    for call in ("GET /tasks", "GET /tasks/1", "POST /tasks/1/step"):
        assert driver.fetch_problem(call)[:2] == (404, "no-tasks")
    for call in ("POST /tasks/1/state", "POST /tasks/1/subtasks/1/state"):
        assert driver.fetch_problem(call, {"status": "FAILED"})[:2] == (404, "no-tasks")
    assert driver.fetch("GET /health")["scenario"] is None
    assert [section["name"] for section in driver.fetch("GET /coverage")["sections"]] == ["faults"]
    assert [s for s in driver.fetch("GET /scenarios")["scenarios"] if s["active"]] == []
    assert driver.fetch("GET /export").startswith("understudy: 1\nname: exported\n")
    driver.fetch("POST /reset", status=204)


def test_export_is_named_after_the_world(tmp_path: Path) -> None:
    """No text of a scenario gets into a header field."""
    path = tmp_path / "odd.yaml"
    path.write_text('understudy: 1\nname: "a\\r\\nX: b"\n', "utf-8")
    answer = StubDriver(str(path)).send("GET /export", world="w.1")
    assert answer.headers.get("Content-Disposition") == 'attachment; filename="w.1.yaml"'
