"""Replies and faults that are added to a world, and taken away."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from control_builders import FAILED, LIST, Desk, scenario_in

REPLY = {"when": {"operation": "getTaskInstance"}, "reply": {"error": 1999}}
FAULT = {"when": {"operation": "getTaskInstance"}, "fault": {"status": 503}}
OWN = """
replies: [{name: own, when: {operation: getTaskInstance}, reply: {error: 4001}, times: 1}, {reply: {error: 1999}}]
faults: [{name: own-fault, when: {operation: getSubtaskLog}, fault: reset, after: 1}]
"""


def names(desk: Desk, key: str) -> list[str]:
    return [rule["name"] for rule in desk.ask(f"GET /{key}")[key]]


def test_a_reply_that_is_added_answers() -> None:
    """In front of the engine, in this world alone."""
    desk = Desk()
    told = desk.ask("POST /replies", REPLY, status=201)
    assert told == {
        "name": "added-1",
        "from": "added",
        "seen": None,
        "used": None,
        "rule": {"name": "added-1", **REPLY},
    }
    assert desk.call(f"{LIST}/{FAILED}").status == 500
    assert desk.call(f"{LIST}/{FAILED}", world="other").status == 200
    desk.ask("DELETE /replies/added-1", status=204)
    assert desk.call(f"{LIST}/{FAILED}").status == 200


def test_a_fault_that_is_added_strikes() -> None:
    """A profile goes by its word, too."""
    desk = Desk()
    desk.ask("POST /faults", FAULT, status=201)
    assert desk.call(f"{LIST}/{FAILED}").status == 503
    desk.ask("DELETE /faults", status=204)
    told = desk.ask(
        "POST /faults", {"profile": "slow", "when": {"operation": "getTaskInstance"}}, status=201
    )
    assert told["rule"]["fault"] == "slow"
    delivery = desk.call(f"{LIST}/{FAILED}").delivery
    assert delivery is not None
    assert delivery.needs_thread


def test_the_last_one_stands_first() -> None:
    """Of two replies that match, the one that was added later answers."""
    desk = Desk()
    desk.ask("POST /replies", REPLY, status=201)
    desk.ask("POST /replies", {**REPLY, "reply": {"error": 4001}}, status=201)
    assert names(desk, "replies") == ["added-2", "added-1"]
    assert desk.call(f"{LIST}/{FAILED}").status == 404


def test_rules_are_listed_with_their_counts(tmp_path: Path) -> None:
    """Those that nobody has to count say so."""
    desk = Desk(scenario_in(tmp_path, OWN))
    desk.ask(
        "POST /replies", {**REPLY, "name": "mine", "when": {**REPLY["when"], "call": 2}}, status=201
    )
    desk.call(f"{LIST}/1")
    mine, own, unnamed = desk.ask("GET /replies")["replies"]
    assert (mine["from"], mine["seen"], mine["used"]) == ("added", 1, None)
    assert (own["from"], own["seen"], own["used"]) == ("scenario", None, 1)
    assert (unnamed["name"], unnamed["seen"], unnamed["used"]) == ("replies/1", None, None)
    (fault,) = desk.ask("GET /faults")["faults"]
    assert (fault["name"], fault["seen"], fault["used"]) == ("own-fault", 0, None)
    assert fault["rule"]["fault"] == "reset"


def test_the_scenarios_own_rules_stay(tmp_path: Path) -> None:
    """409 for one; clearing takes what was added only."""
    desk = Desk(scenario_in(tmp_path, OWN))
    desk.ask("POST /replies", REPLY, status=201)
    for name in ("own", "replies/1"):
        assert desk.problem(f"DELETE /replies/{quote(name, safe='')}")[:2] == (409, "scenario-rule")
    assert desk.problem("DELETE /faults/own-fault")[:2] == (409, "scenario-rule")
    desk.ask("DELETE /replies", status=204)
    desk.ask("DELETE /faults", status=204)
    assert (names(desk, "replies"), names(desk, "faults")) == (["own", "replies/1"], ["own-fault"])


def test_a_name_that_is_not_there_is_404_with_the_nearest() -> None:
    """A reply is no fault."""
    desk = Desk()
    desk.ask("POST /replies", {**REPLY, "name": "late"}, status=201)
    detail = 'The world has no reply "lat". Did you mean "late"?'
    assert desk.problem("DELETE /replies/lat") == (404, "no-such-rule", detail)
    assert desk.problem("DELETE /faults/late") == (
        404,
        "no-such-rule",
        'The world has no fault "late".',
    )


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    """By the scenario's rules, and by replies and faults alike."""
    desk = Desk(scenario_in(tmp_path, OWN))
    assert desk.problem("POST /replies", {**REPLY, "name": "own"})[:2] == (409, "name-taken")
    desk.ask("POST /faults", {**FAULT, "name": "mine"}, status=201)
    assert desk.problem("POST /replies", {**REPLY, "name": "mine"})[:2] == (409, "name-taken")


def test_a_rule_that_takes_a_name_again_begins_anew() -> None:
    """What was counted for the one before does not count."""
    desk = Desk()
    rule = {**REPLY, "name": "once", "times": 1}
    for _ in range(2):
        desk.ask("POST /replies", rule, status=201)
        assert [desk.call(f"{LIST}/{FAILED}").status for _ in range(2)] == [500, 200]
        desk.ask("DELETE /replies/once", status=204)


@pytest.mark.parametrize(
    ("kind", "rule", "where", "nearest"),
    [
        (
            "replies",
            {"when": {"opration": "x"}, "reply": {"error": 1999}},
            "body/when/opration",
            "operation",
        ),
        (
            "replies",
            {"when": {"operation": "getTask"}, "reply": {"error": 1999}},
            "body/when/operation",
            None,
        ),
        ("replies", {"reply": {"error": 1998}}, "body/reply/error", None),
        ("replies", {}, "body", None),
        ("replies", [], "body", None),
        ("replies", "reply", "body", None),
        ("replies", None, "body", None),
        ("faults", {"profile": "slo"}, "body/fault", "slow"),
        ("faults", {"fault": "slow", "profile": "slow"}, "body/profile", None),
        ("faults", {"fault": {"delay": "1x"}}, "body/fault/delay", None),
    ],
)
def test_a_broken_rule_is_told_as_in_a_scenario(
    kind: str, rule: Any, where: str, nearest: str | None
) -> None:
    """With its place in the body; nothing is added."""
    import json

    desk = Desk()
    kinds = [("Content-Type", "application/json")]
    answer = desk.send(f"POST /{kind}", json.dumps(rule).encode(), headers=kinds)
    error = answer.json()["errors"][0]  # type: ignore[union-attr]
    assert (answer.status, error["where"]) == (400, where)
    assert nearest in (None, error.get("nearest"))
    assert desk.ask(f"GET /{kind}")[kind] == []


def test_a_rule_that_no_snapshot_could_hold_is_refused() -> None:
    """Bodies are nested 100 deep at most, and a snapshot nests them deeper."""
    deep: Any = 1
    for _ in range(90):
        deep = [deep]
    told = Desk().problem("POST /replies", {"reply": {"body": deep}, "off-contract": True})
    assert told[:2] == (400, "bad-request")
    assert "nested" in told[2]


def test_there_is_room_for_a_thousand_rules() -> None:
    """Then for none."""
    from dataclasses import replace

    desk = Desk()
    many = {
        "count": 1000,
        "replies": [{"name": f"r{n}", "reply": {"status": 200}} for n in range(1000)],
        "faults": [],
    }
    desk.stub.world().update(lambda state: (replace(state, added=many), None))
    assert desk.problem("POST /faults", FAULT)[:2] == (409, "too-many-rules")


def test_a_reset_takes_the_added_rules() -> None:
    """And the numbers of their names begin at 1."""
    desk = Desk()
    desk.ask("POST /replies", REPLY, status=201)
    desk.ask("POST /reset", status=204)
    assert names(desk, "replies") == []
    assert desk.ask("POST /faults", FAULT, status=201)["name"] == "added-1"


def test_rules_that_are_added_at_the_same_time_are_all_there() -> None:
    """Each with a name of its own."""
    from concurrent.futures import ThreadPoolExecutor

    desk = Desk()
    with ThreadPoolExecutor(8) as pool:
        told = list(
            pool.map(lambda _: desk.ask("POST /faults", FAULT, status=201)["name"], range(80))
        )
    assert sorted(told) == sorted(names(desk, "faults"))
    assert len(set(told)) == 80
