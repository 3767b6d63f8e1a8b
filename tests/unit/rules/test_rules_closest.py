"""The rule that came nearest to a call, and the search in a journal with the same words."""

from dataclasses import replace
from typing import Any

import pytest

from rule_builders import LIST, START, TASK, Told, facts, script
from understudy.errors import InputError, ProblemReport
from understudy.messages import Exchange, Headers, Request, Response, redact
from understudy.rules import (
    Counters,
    When,
    find_near_miss,
    matches_exchange,
    parse_when,
    select_reply,
)

ERROR = {"error": 500}


def test_each_condition_is_told_beside_what_the_call_showed() -> None:
    """With what was wanted, what was found, and whether that is the same."""
    when = {
        "operation": "getTaskInstance", "path": {"taskInstanceId": {"matches": "^7"}}, "query": {"a": 1, "b": {"present": False}},
        "headers": {"X-Client": {"contains": "web"}}, "body": {"equals": {"a": 1}},
        "state": {"task": "path", "status": ["FAILED", "READY"]}, "time": {"from": "10s", "to": "20s"}, "probability": 0,
    }  # fmt: skip
    seen = facts(f"{TASK}?a=2&a=3&b=1", body={"a": 2})
    near = find_near_miss(script({"name": "r", "when": when, "reply": ERROR}), seen, {})
    assert near is not None
    record = near.to_record()
    assert record["rule"] == "r"
    dice = record["rows"].pop()
    assert (dice["field"], dice["wanted"], dice["matches"]) == ("probability", "0", False)
    time = "2021-08-25T15:09:31+00:00 (started 2021-08-25T15:09:31+00:00)"
    assert [tuple(row.values()) for row in record["rows"]] == [
        ("operation", "getTaskInstance", "getTaskInstance", True),
        ("path.taskInstanceId", "matches ^7", "35000312", False),
        ("query.a", "1", "2, 3", False),
        ("query.b", "absent", "1", False),
        ("header.X-Client", "contains web", "nothing", False),
        ("body", 'equals {"a": 1}', '{"a": 2}', False),
        ("state.task path", "FAILED or READY", "RUNNING", False),
        ("time", "from 10s to 20s", time, False),
    ]


ROWS: list[tuple[dict[str, Any], str, dict[str, Any], tuple[str, str, str]]] = [
    ({"request": "GET /x/*"}, "POST /x/1", {}, ("request", "GET /x/*", "POST /x/1")),
    ({"body": {"subset": {"a": 1}}}, LIST, {}, ("body", 'has {"a": 1}', "no body")),
    ({"body": {"equals": 1}}, LIST, {"raw": b"{"}, ("body", "equals 1", "{ (not JSON)")),
    ({"body": {"matches": "x"}}, LIST, {"raw": b"abc"}, ("body", "matches x", "abc")),
    ({"body": {"jsonpath": "$.a"}}, LIST, {"body": {}}, ("body", "$.a is there", "no such node")),
    (
        {"body": {"jsonpath": {"path": "$.a", "equals": 1, "matches": "x", "contains": "y"}}}, LIST, {"body": {"a": 2}},
        ("body", "$.a equals 1 and matches x and contains y", "[2]"),
    ),
    (
        {"state": {"task": 1, "subtask": 2, "status": "READY"}}, LIST, {},
        ("state.task 1, subtask 2", "READY", "no such task"),
    ),
    ({"state": {"task": "path", "status": "X"}}, LIST, {}, ("state.task path", "X", "no such id in the path")),
    (
        {"time": {"from": "1m", "every": "2m"}}, LIST, {},
        ("time", "from 60s in each 120s", "2021-08-25T15:09:31+00:00 (started 2021-08-25T15:09:31+00:00)"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("when", "call", "more", "expected"), ROWS, ids=lambda value: str(value)[:50]
)
def test_each_kind_of_row(
    when: dict[str, Any], call: str, more: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    """In words that a tester understands."""
    rule = {"when": {"query": {"x": {"present": False}}, **when}, "reply": ERROR}
    near = find_near_miss(script(rule), facts(call, **more), {})
    assert near is not None
    [row] = [row for row in near.conditions if not row.matches]
    assert (row.field, row.expected, row.actual) == expected


def test_the_rule_with_the_fewest_differences_is_nearest() -> None:
    """Of equals one for the same operation, then the first."""
    read = script(
        {
            "name": "far",
            "when": {"operation": "getTaskInstance", "query": {"a": 1, "b": 1}},
            "reply": ERROR,
        },
        {
            "name": "other",
            "when": {"operation": "listTaskInstances", "query": {"a": 2}},
            "reply": ERROR,
        },
        {
            "name": "near",
            "when": {"operation": "getTaskInstance", "query": {"a": 1}},
            "reply": ERROR,
        },
        {
            "name": "alike",
            "when": {"operation": "getTaskInstance", "query": {"a": 1}},
            "reply": ERROR,
        },
    )
    near = find_near_miss(read, facts(f"{TASK}?a=2"), {})
    assert near is not None
    assert near.rule == "near"


def test_a_rule_that_has_little_in_common_is_not_near() -> None:
    """Of another operation only one of whose conditions at least half hold."""
    far = script(
        {"when": {"operation": "listTaskInstances", "query": {"a": 1, "b": 1}}, "reply": ERROR}
    )
    assert find_near_miss(far, facts(f"{TASK}?x=1"), {}) is None
    assert find_near_miss(far, facts(f"{TASK}?a=1"), {}) is None
    near = find_near_miss(far, facts(f"{TASK}?a=1&b=1"), {})
    assert near is not None
    assert [row.matches for row in near.conditions] == [False, True, True]
    assert find_near_miss(script(), facts(), {}) is None


def test_calls_and_uses_are_told_as_they_stand() -> None:
    """The counters are those after the call."""
    read = script(
        {"name": "r", "when": {"operation": "getTaskInstance", "call": 3}, "reply": ERROR}
    )
    counters: Counters = {}
    told = []
    for number in (1, 2):
        counters, found = select_reply(read, facts(number=number), counters)
        near = find_near_miss(read, facts(number=number), counters)
        assert found is None
        assert near is not None
        told += [
            (row.expected, row.actual, row.matches)
            for row in near.conditions
            if row.field == "call"
        ]
    assert told == [("call 3", "call 1", False), ("call 3", "call 2", False)]
    read = script(
        {"name": "r", "when": {"operation": "getTaskInstance"}, "reply": ERROR, "times": 2}
    )
    near = find_near_miss(read, facts(), {"used:r": 2})
    assert near is not None
    assert [
        (row.field, row.expected, row.actual, row.matches)
        for row in near.conditions
        if not row.matches
    ] == [("times", "fewer than 2 uses", "2 uses", False)]


SPANS = [
    ({"from": 2}, "calls from 2"), ({"from": 2, "to": 4}, "calls 2 to 4"), ({"from": 16, "to": 20, "cycle": 20}, "calls 16 to 20 of each 20"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "wanted"), SPANS, ids=str)
def test_spans_in_words(call: dict[str, int], wanted: str) -> None:
    """As a tester would say it."""
    read = script({"when": {"operation": "getTaskInstance", "call": call}, "reply": ERROR})
    near = find_near_miss(read, facts(), {})
    assert near is not None
    assert near.conditions[-1].expected == wanted


def test_secrets_are_not_told() -> None:
    """Neither what was wanted nor what was found; a digest shows whether they are equal."""
    when = {
        "operation": "getTaskInstance", "headers": {"Authorization": "Basic a", "X-Token": {"matches": "^b"}},
        "query": {"password": "c"},
    }  # fmt: skip
    call = facts(
        f"{TASK}?password=hunter2",
        headers=[("Authorization", "Basic hunter2"), ("X-Token", "hunter2")],
    )
    near = find_near_miss(script({"when": when, "reply": ERROR}), call, {})
    assert near is not None
    assert "hunter2" not in str(near.to_record())
    rows = {row.field: (row.expected, row.actual) for row in near.conditions}
    assert rows["header.Authorization"] == (redact("Basic a"), redact("Basic hunter2"))
    assert rows["query.password"] == (redact("c"), redact("hunter2"))
    assert rows["header.X-Token"] == (redact("matches ^b"), redact("hunter2"))


def test_long_things_are_cut() -> None:
    """A row is for reading."""
    near = find_near_miss(
        script(
            {"when": {"operation": "listTaskInstances", "body": {"matches": "^b"}}, "reply": ERROR}
        ),
        facts(LIST, raw=b"a" * 5000),
        {},
    )
    assert near is not None
    assert len(near.conditions[1].actual) < 250


REQUEST = Request.of(
    "GET",
    "/api/v2/tasks/instances/7?status=FAILED",
    headers=[("X-Client", "web")],
    body=b'{"a": 1}',
)
EXCHANGE = Exchange(
    3, "mine", START, REQUEST, Response(404), "getTaskInstance", "admin", trace={"path": {"taskInstanceId": "7"}}
)  # fmt: skip


def search(told: Any) -> When:
    report = ProblemReport(Told())
    when = parse_when(told, report, search=True)
    report.raise_if_any()
    return when


SEARCHES: list[tuple[Any, bool]] = [
    (None, True),
    ({}, True),
    ({"operation": "getTaskInstance"}, True),
    ({"operation": ["a", "b"]}, False),
    ({"request": "GET /api/v2/tasks/instances/*"}, True),
    ({"request": "POST /**"}, False),
    ({"path": {"taskInstanceId": 7}}, True),
    ({"path": {"taskInstanceId": 8}}, False),
    ({"query": {"status": "FAILED"}}, True),
    ({"headers": {"x-client": {"contains": "we"}}}, True),
    ({"body": {"subset": {"a": 1}}}, True),
    ({"body": {"subset": {"a": 2}}}, False),
    ({"status": 404}, True),
    ({"status": [200, 404]}, True),
    ({"status": "4xx"}, True),
    ({"status": ["2xx", "5XX"]}, False),
    ({"account": "admin"}, True),
    ({"account": {"matches": "^v"}}, False),
    ({"status": 404, "account": "viewer"}, False),
]


@pytest.mark.parametrize(("told", "expected"), SEARCHES, ids=str)
def test_a_journal_is_searched_with_the_same_words(told: Any, expected: bool) -> None:
    """And by status and account."""
    assert matches_exchange(search(told), EXCHANGE) is expected


def test_an_exchange_without_a_trace_has_no_path_variables() -> None:
    """It came from elsewhere."""
    assert not matches_exchange(
        search({"path": {"taskInstanceId": 7}}), replace(EXCHANGE, trace={})
    )
    assert not matches_exchange(
        search({"account": {"present": True}}), replace(EXCHANGE, account="")
    )
    assert matches_exchange(
        search({"headers": {"X-Client": {"present": False}}}),
        replace(EXCHANGE, request=replace(REQUEST, headers=Headers())),
    )


REFUSED: list[tuple[Any, str]] = [
    (
        {"call": 3},
        'key /call: the search: "call" is a condition of rules only. A search of a journal sees requests and responses.',
    ),
    (
        {"state": {}},
        'key /state: the search: "state" is a condition of rules only. A search of a journal sees requests and responses.',
    ),
    (
        {"time": {}},
        'key /time: the search: "time" is a condition of rules only. A search of a journal sees requests and responses.',
    ),
    (
        {"probability": 1},
        'key /probability: the search: "probability" is a condition of rules only. A search of a journal sees requests and responses.',
    ),
    (
        {"stauts": 404},
        'key /stauts: the search: unknown key "stauts". Did you mean "status"?',
    ),
    (
        {"status": 99},
        '/status: the search: "status" is the number 99. Expected a status such as 404, a class such as 4xx, or a list of them.',
    ),
    (
        {"status": "x"},
        '/status: the search: "status" is "x". Expected a status such as 404, a class such as 4xx, or a list of them.',
    ),
    ({"account": 5.5}, ""),
    ([], ": the search: it is a list. Expected a mapping."),
]


@pytest.mark.parametrize(("told", "expected"), REFUSED, ids=str)
def test_what_a_search_cannot_ask(told: Any, expected: str) -> None:
    """Is an error that says so."""
    if not expected:
        search(told)
        return
    with pytest.raises(InputError) as caught:
        search(told)
    assert str(caught.value) == expected
