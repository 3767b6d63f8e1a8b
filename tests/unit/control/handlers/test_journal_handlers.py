"""Handlers of the journal: lists, searches, counts and explanations."""

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from control_builders import FAILED, LIST, StubDriver, write_scenario
from understudy.messages import Request


@pytest.fixture
def driver() -> StubDriver:
    """A world with four calls; nothing matches the last one."""
    driver = StubDriver()
    driver.call(f"{LIST}?status=FAILED&size=2")
    driver.call(f"{LIST}/{FAILED}")
    driver.call(f"{LIST}/{FAILED}/retry", "POST")
    driver.call("/api/v2/task/instances")
    return driver


def exchange_numbers(record: dict[str, list[dict[str, int]]], key: str = "requests") -> list[int]:
    return [entry["number"] for entry in record[key]]


def test_last_exchanges_are_listed(driver: StubDriver) -> None:
    """The oldest comes first, and `total` counts all exchanges."""
    record = driver.fetch("GET /requests?limit=2")
    assert (exchange_numbers(record), record["total"], record["dropped"]) == ([3, 4], 4, 0)


@pytest.mark.parametrize(("after", "expected"), [(0, [1, 2]), (1, [2, 3]), (3, [4]), (9, [])])
def test_after_lists_the_next_exchanges(
    driver: StubDriver, after: int, expected: list[int]
) -> None:
    """A tool can page through the journal with `after`."""
    assert exchange_numbers(driver.fetch(f"GET /requests?limit=2&after={after}")) == expected


def test_exchange_is_returned_by_number(driver: StubDriver) -> None:
    """The record has request, response and trace."""
    record = driver.fetch("GET /requests/3")
    assert (record["operation"], record["account"], record["response"]["status"]) == (
        "retryTask",
        "admin",
        200,
    )
    assert record["trace"]["revision"] == [0, 1]


def test_unknown_number_is_not_found(driver: StubDriver) -> None:
    """The problem names the world and the number."""
    record = driver.fetch_problem("GET /requests/9")
    assert record == (
        404,
        "no-such-request",
        'The journal of the world "default" has no exchange 9.',
    )
    assert driver.fetch_problem("GET /requests/9/explain")[:2] == (404, "no-such-request")


def test_clearing_restarts_the_numbers(driver: StubDriver) -> None:
    """Clearing the journal keeps what the calls changed in the world."""
    driver.fetch("DELETE /requests", status=204)
    assert driver.fetch("GET /requests") == {"requests": [], "total": 0, "dropped": 0}
    driver.call(LIST)
    assert exchange_numbers(driver.fetch("GET /requests")) == [1]
    assert driver.fetch("GET /worlds")["worlds"][0]["revision"] == 1


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"operation": "retryTask"}, [3]),
        ({"operation": ["retryTask", "getTaskInstance"]}, [2, 3]),
        ({"request": "GET /api/**"}, [1, 2, 4]),
        ({"path": {"taskInstanceId": FAILED}}, [2, 3]),
        ({"query": {"status": {"contains": "FAIL"}}}, [1]),
        ({"headers": {"Authorization": {"present": True}}}, [1, 2, 3, 4]),
        ({"status": "2xx"}, [1, 2, 3]),
        ({"status": [404, "5xx"], "account": "admin"}, [4]),
    ],
)
def test_find_and_count_agree(
    driver: StubDriver, criteria: dict[str, object], expected: list[int]
) -> None:
    """Criteria are the conditions of a rule, and status and account."""
    assert exchange_numbers(driver.fetch("POST /requests/find", criteria)) == expected
    assert driver.fetch("POST /requests/count", criteria) == {"count": len(expected)}


def test_invalid_criteria_are_reported(driver: StubDriver) -> None:
    """Unknown operations, and conditions that only rules can have, are problems."""
    detail = driver.fetch_problem("POST /requests/count", {"operation": "retryTsk"})[2]
    assert detail == (
        'body/operation: the search: unknown operation "retryTsk". Did you mean "retryTask"?'
    )
    assert driver.fetch_problem("POST /requests/find", {"probability": 0.5})[:2] == (
        400,
        "bad-request",
    )


def test_count_fails_after_exchanges_were_dropped(driver: StubDriver) -> None:
    """A count is 409 instead of wrong. Find returns the rest, and says how many were dropped."""
    from understudy.replay import Journal

    journal = Journal(max_exchanges=2)
    for exchange in driver.stub.world().journal.exchanges():
        journal.append(exchange)
    driver.stub.world().journal = journal
    assert driver.fetch_problem("POST /requests/count", {})[:2] == (409, "journal-truncated")
    assert driver.fetch_problem("POST /requests/wait", {"timeout": "1ms"})[:2] == (
        409,
        "journal-truncated",
    )
    record = driver.fetch("POST /requests/find", {})
    assert (exchange_numbers(record), record["dropped"]) == ([3, 4], 2)
    assert driver.fetch_problem("GET /requests/1")[2].endswith(
        "has no exchange 1. 2 exchanges were dropped."
    )


def test_unmatched_calls_are_listed_with_near_misses(driver: StubDriver) -> None:
    """A near miss is a path of the contract, or the methods of the path."""
    driver.call(LIST, "PUT")
    assert exchange_numbers(driver.fetch("GET /requests/unmatched")) == [4, 5]
    path, method = driver.fetch("GET /requests/unmatched/near-misses")["nearMisses"]
    assert (path["number"], path["nearestPath"]) == (4, LIST)
    assert (method["number"], method["allowed"], method["status"]) == (5, ["GET"], 405)


def test_call_that_a_rule_answered_is_matched(driver: StubDriver) -> None:
    """A rule may answer a path that no operation has."""
    rule = {
        "when": {"request": "GET /api/v2/task/instances"},
        "reply": {"status": 204},
        "off-contract": True,
    }
    driver.fetch("POST /replies", rule, status=201)
    assert driver.call("/api/v2/task/instances").status == 204
    assert exchange_numbers(driver.fetch("GET /requests/unmatched")) == [4]


def test_unmatched_call_has_the_closest_reply(driver: StubDriver) -> None:
    """The record shows the rows that differ."""
    rule = {
        "name": "near",
        "when": {"request": "GET /api/v2/task/*", "query": {"page": 2}},
        "reply": {"status": 204},
    }
    driver.fetch("POST /replies", {**rule, "off-contract": True}, status=201)
    driver.call("/api/v2/task/instances?page=1")
    closest = driver.fetch("GET /requests/unmatched/near-misses")["nearMisses"][-1]["closest"]
    assert closest["rule"] == "near"
    assert [row["field"] for row in closest["rows"] if not row["matches"]] == ["query.page"]


def test_near_misses_of_criteria_have_rows(driver: StubDriver) -> None:
    """The fewest differences come first. Exchanges that match all or no rows are left out."""
    criteria = {"operation": "retryTask", "path": {"taskInstanceId": 7}}
    (miss,) = driver.fetch("POST /requests/near-misses", criteria)["nearMisses"]
    assert (miss["number"], miss["differing"]) == (3, 1)
    assert [
        (row["field"], row["wanted"], row["found"]) for row in miss["rows"] if not row["matches"]
    ] == [("path.taskInstanceId", "7", str(FAILED))]


def test_explanation_has_operation_clock_and_states(driver: StubDriver) -> None:
    """It also has the lines of the documents, and what matched."""
    record = driver.fetch("GET /requests/3/explain")
    assert (record["operation"], record["matched"], record["revision"]) == (
        "retryTask",
        "service",
        [0, 1],
    )
    assert (record["before"]["status"], record["after"]["status"]) == ("FAILED", "RUNNING")
    assert (record["clock"]["mode"], record["scenario"], record["world"]) == (
        "virtual",
        "demo",
        "default",
    )
    assert record["sources"]
    assert all(source.startswith("task-management.md:") for source in record["sources"])


def test_explanation_has_the_lines_of_violations(driver: StubDriver) -> None:
    """They follow those of the operation."""
    plain = driver.fetch("GET /requests/1/explain")["sources"]
    driver.call(f"{LIST}?size=none")
    record = driver.fetch("GET /requests/5/explain")
    assert (record["matched"], len(record["violations"])) == ("refusal", 1)
    assert set(record["sources"]) > {plain[0]}
    assert record["sources"][-1] in record["violations"][0]


def test_curl_command_repeats_the_call(driver: StubDriver) -> None:
    """It has method, header fields, body and the called host, but no secrets."""
    rule = {"when": {"request": "POST /x"}, "reply": {"status": 204}, "off-contract": True}
    driver.fetch("POST /replies", rule, status=201)
    driver.call("/x?a='b'&token=t0p", "POST", body=b"it's {}", X_Note="say 'hi'")
    line = driver.fetch("GET /requests/5/explain", headers=[("Host", "localhost:4321")])["curl"]
    arguments = shlex.split(line)
    assert (arguments[0], arguments[-1].partition("token=")[0]) == (
        "curl",
        "http://localhost:4321/x?a='b'&",
    )
    assert arguments[arguments.index("-X") + 1] == "POST"
    assert arguments[arguments.index("--data-binary") + 1] == "it's {}"
    assert "X-Note: say 'hi'" in arguments
    assert "t0p" not in line
    assert "YWRtaW46YWRtaW4" not in line


@pytest.mark.parametrize("body", [b"\xff\x00\xfe", b"a\x00b"])
def test_curl_command_pipes_a_binary_body(driver: StubDriver, body: bytes) -> None:
    """The shell pipes the same bytes into curl."""
    driver.call("/nothing", "POST", body=body)
    line = driver.fetch("GET /requests/5/explain")["curl"]
    pipe = line.rpartition(" | curl ")[0]
    assert subprocess.run(["sh", "-c", pipe], capture_output=True, check=True).stdout == body
    assert line.endswith("--data-binary @- http://localhost:4010/nothing")


def test_explanation_has_rules_and_preferences(tmp_path: Path) -> None:
    """Replies and faults appear with their names."""
    when = "when: {operation: listTaskInstances}"
    scenario = f"replies: [{{name: gone, {when}, reply: {{error: 1999}}}}]\nfaults:\n"
    scenario += (
        "  - {name: cut, when: {operation: listTaskInstances}, fault: {content-type: text/html}}\n"
    )
    driver = StubDriver(write_scenario(tmp_path, scenario))
    driver.call(LIST)
    record = driver.fetch("GET /requests/1/explain")
    assert record["matched"] == "gone"
    assert [fault["rule"] for fault in record["faults"]] == ["cut"]
    driver.call(LIST, Prefer="code=500")
    assert driver.fetch("GET /requests/2/explain")["preferences"] == {"code": "500"}


def test_star_selects_the_calls_without_a_world(driver: StubDriver) -> None:
    """They can be listed, searched, counted, explained and cleared; other routes have no star."""
    for target in (LIST, "/nowhere"):
        driver.stub.handle(Request.of("GET", f"/w/mine{target}"))
    page = driver.fetch("GET /requests?world=*")
    assert [(exchange["number"], exchange["world"]) for exchange in page["requests"]] == [
        (1, "mine"),
        (2, "mine"),
    ]
    star: Any = {"world": "*"}
    assert driver.fetch("POST /requests/count", {"status": 401}, **star) == {"count": 2}
    record = driver.fetch("POST /requests/find", {"operation": "listTaskInstances"}, **star)
    assert exchange_numbers(record) == [1]
    assert exchange_numbers(driver.fetch("GET /requests/unmatched", **star)) == [2]
    assert driver.fetch("GET /requests/1", **star)["response"]["status"] == 401
    explanation = driver.fetch("GET /requests/1/explain", **star)
    assert (explanation["matched"], explanation["world"]) == ("refusal", "mine")
    driver.fetch("DELETE /requests", status=204, **star)
    assert len(driver.stub.outside_calls) == 0
    assert driver.fetch_problem("GET /clock?world=*")[:2] == (400, "bad-request")
    assert driver.fetch_problem("GET /clock", **star)[:2] == (400, "bad-world-name")
    assert driver.stub.find_world("mine") is None
