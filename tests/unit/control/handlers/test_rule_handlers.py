"""Replies and faults that are added to a world and removed."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from control_builders import FAILED, LIST, StubDriver, write_scenario

REPLY: dict[str, Any] = {"when": {"operation": "getTaskInstance"}, "reply": {"error": 1999}}
FAULT = {"when": {"operation": "getTaskInstance"}, "fault": {"status": 503}}
OWN = """
replies:
  - {name: own, when: {operation: getTaskInstance}, reply: {error: 4001}, times: 1}
  - {reply: {error: 1999}}
faults: [{name: own-fault, when: {operation: getSubtaskLog}, fault: reset, after: 1}]
"""


def rule_names(driver: StubDriver, key: str) -> list[str]:
    return [rule["name"] for rule in driver.fetch(f"GET /{key}")[key]]


def test_added_reply_answers() -> None:
    """It precedes the service, in this world only."""
    driver = StubDriver()
    record = driver.fetch("POST /replies", REPLY, status=201)
    assert record == {
        "name": "added-1",
        "from": "added",
        "seen": None,
        "used": None,
        "rule": {"name": "added-1", **REPLY},
    }
    assert driver.call(f"{LIST}/{FAILED}").status == 500
    assert driver.call(f"{LIST}/{FAILED}", world="other").status == 200
    driver.fetch("DELETE /replies/added-1", status=204)
    assert driver.call(f"{LIST}/{FAILED}").status == 200


def test_added_fault_applies() -> None:
    """A profile can be named in place of a fault."""
    driver = StubDriver()
    driver.fetch("POST /faults", FAULT, status=201)
    assert driver.call(f"{LIST}/{FAILED}").status == 503
    driver.fetch("DELETE /faults", status=204)
    record = driver.fetch(
        "POST /faults", {"profile": "slow", "when": {"operation": "getTaskInstance"}}, status=201
    )
    assert record["rule"]["fault"] == "slow"
    delivery = driver.call(f"{LIST}/{FAILED}").delivery
    assert delivery is not None
    assert delivery.needs_thread


def test_last_added_reply_comes_first() -> None:
    """Of two matching replies, the one that was added later answers."""
    driver = StubDriver()
    driver.fetch("POST /replies", REPLY, status=201)
    driver.fetch("POST /replies", {**REPLY, "reply": {"error": 4001}}, status=201)
    assert rule_names(driver, "replies") == ["added-2", "added-1"]
    assert driver.call(f"{LIST}/{FAILED}").status == 404


def test_rules_are_listed_with_counters(tmp_path: Path) -> None:
    """Counters that the world does not need are null."""
    driver = StubDriver(write_scenario(tmp_path, OWN))
    driver.fetch(
        "POST /replies", {**REPLY, "name": "mine", "when": {**REPLY["when"], "call": 2}}, status=201
    )
    driver.call(f"{LIST}/1")
    mine, own, unnamed = driver.fetch("GET /replies")["replies"]
    assert (mine["from"], mine["seen"], mine["used"]) == ("added", 1, None)
    assert (own["from"], own["seen"], own["used"]) == ("scenario", None, 1)
    assert (unnamed["name"], unnamed["seen"], unnamed["used"]) == ("replies/1", None, None)
    (fault,) = driver.fetch("GET /faults")["faults"]
    assert (fault["name"], fault["seen"], fault["used"]) == ("own-fault", 0, None)
    assert fault["rule"]["fault"] == "reset"


def test_scenario_rules_cannot_be_removed(tmp_path: Path) -> None:
    """Removing one is 409, and clearing removes the added rules only."""
    driver = StubDriver(write_scenario(tmp_path, OWN))
    driver.fetch("POST /replies", REPLY, status=201)
    for name in ("own", "replies/1"):
        assert driver.fetch_problem(f"DELETE /replies/{quote(name, safe='')}")[:2] == (
            409,
            "scenario-rule",
        )
    assert driver.fetch_problem("DELETE /faults/own-fault")[:2] == (409, "scenario-rule")
    driver.fetch("DELETE /replies", status=204)
    driver.fetch("DELETE /faults", status=204)
    assert (rule_names(driver, "replies"), rule_names(driver, "faults")) == (
        ["own", "replies/1"],
        ["own-fault"],
    )


def test_unknown_rule_is_not_found() -> None:
    """The nearest name of the same kind is suggested."""
    driver = StubDriver()
    driver.fetch("POST /replies", {**REPLY, "name": "late"}, status=201)
    detail = 'The world has no reply "lat". Did you mean "late"?'
    assert driver.fetch_problem("DELETE /replies/lat") == (404, "no-such-rule", detail)
    assert driver.fetch_problem("DELETE /faults/late") == (
        404,
        "no-such-rule",
        'The world has no fault "late".',
    )


def test_name_is_unique(tmp_path: Path) -> None:
    """Replies and faults share their names with those of the scenario."""
    driver = StubDriver(write_scenario(tmp_path, OWN))
    assert driver.fetch_problem("POST /replies", {**REPLY, "name": "own"})[:2] == (
        409,
        "name-taken",
    )
    driver.fetch("POST /faults", {**FAULT, "name": "mine"}, status=201)
    assert driver.fetch_problem("POST /replies", {**REPLY, "name": "mine"})[:2] == (
        409,
        "name-taken",
    )


def test_reused_name_has_new_counters() -> None:
    """The uses of the earlier rule do not count."""
    driver = StubDriver()
    rule = {**REPLY, "name": "once", "times": 1}
    for _ in range(2):
        driver.fetch("POST /replies", rule, status=201)
        assert [driver.call(f"{LIST}/{FAILED}").status for _ in range(2)] == [500, 200]
        driver.fetch("DELETE /replies/once", status=204)


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
def test_invalid_rule_is_reported(kind: str, rule: Any, where: str, nearest: str | None) -> None:
    """The problem has the location in the body, and no rule is added."""
    import json

    driver = StubDriver()
    kinds = [("Content-Type", "application/json")]
    answer = driver.send(f"POST /{kind}", json.dumps(rule).encode(), headers=kinds)
    error = answer.json()["errors"][0]
    assert (answer.status, error["where"]) == (400, where)
    assert nearest in (None, error.get("nearest"))
    assert driver.fetch(f"GET /{kind}")[kind] == []


def test_deeply_nested_rule_is_rejected() -> None:
    """JSON is nested at most 100 levels deep, and a snapshot adds levels."""
    deep: Any = 1
    for _ in range(90):
        deep = [deep]
    record = StubDriver().fetch_problem(
        "POST /replies", {"reply": {"body": deep}, "off-contract": True}
    )
    assert record[:2] == (400, "bad-request")
    assert "nested" in record[2]


def test_thousand_rules_can_be_added() -> None:
    """One more is 409."""
    from dataclasses import replace

    driver = StubDriver()
    many = {
        "count": 1000,
        "replies": [{"name": f"r{n}", "reply": {"status": 200}} for n in range(1000)],
        "faults": [],
    }
    driver.stub.world().update(lambda state: (replace(state, added=many), None))
    assert driver.fetch_problem("POST /faults", FAULT)[:2] == (409, "too-many-rules")


def test_reset_removes_added_rules() -> None:
    """Numbers of default names start at 1 again."""
    driver = StubDriver()
    driver.fetch("POST /replies", REPLY, status=201)
    driver.fetch("POST /reset", status=204)
    assert rule_names(driver, "replies") == []
    assert driver.fetch("POST /faults", FAULT, status=201)["name"] == "added-1"


def test_concurrent_additions_lose_no_rule() -> None:
    """Each rule gets a name of its own."""
    from concurrent.futures import ThreadPoolExecutor

    driver = StubDriver()
    with ThreadPoolExecutor(8) as pool:
        record = list(
            pool.map(lambda _: driver.fetch("POST /faults", FAULT, status=201)["name"], range(80))
        )
    assert sorted(record) == sorted(rule_names(driver, "faults"))
    assert len(set(record)) == 80
