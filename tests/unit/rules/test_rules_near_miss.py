"""The near miss of a call, and the search in a journal with the same conditions."""

from dataclasses import replace
from typing import Any

import pytest

from rule_builders import LIST, START, TASK, PointerSource, build_call, build_rules
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


def test_near_miss_has_each_condition_beside_the_actual_value() -> None:
    """With the expected and the actual value, and whether they match."""
    when = {
        "operation": "getTaskInstance", "path": {"taskInstanceId": {"matches": "^7"}}, "query": {"a": 1, "b": {"present": False}},
        "headers": {"X-Client": {"contains": "web"}}, "body": {"equals": {"a": 1}},
        "state": {"task": "path", "status": ["FAILED", "READY"]}, "time": {"from": "10s", "to": "20s"}, "probability": 0,
    }  # fmt: skip
    call = build_call(f"{TASK}?a=2&a=3&b=1", body={"a": 2})
    near = find_near_miss(build_rules({"name": "r", "when": when, "reply": ERROR}), call, {})
    assert near is not None
    record = near.to_record()
    assert record["rule"] == "r"
    chance = record["rows"].pop()
    assert (chance["field"], chance["wanted"], chance["matches"]) == ("probability", "0", False)
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
def test_row_describes_each_kind_of_condition(
    when: dict[str, Any], call: str, more: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    """In the language of a tester."""
    rule = {"when": {"query": {"x": {"present": False}}, **when}, "reply": ERROR}
    near = find_near_miss(build_rules(rule), build_call(call, **more), {})
    assert near is not None
    [row] = [row for row in near.conditions if not row.matches]
    assert (row.field, row.expected, row.actual) == expected


def test_rule_with_the_fewest_differences_is_nearest() -> None:
    """Of equal ones, a rule for the same operation, then the first."""
    rules = build_rules(
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
    near = find_near_miss(rules, build_call(f"{TASK}?a=2"), {})
    assert near is not None
    assert near.rule == "near"


def test_rule_with_little_in_common_is_not_near() -> None:
    """At least half of the conditions of a rule for another operation have to hold."""
    far = build_rules(
        {"when": {"operation": "listTaskInstances", "query": {"a": 1, "b": 1}}, "reply": ERROR}
    )
    assert find_near_miss(far, build_call(f"{TASK}?x=1"), {}) is None
    assert find_near_miss(far, build_call(f"{TASK}?a=1"), {}) is None
    near = find_near_miss(far, build_call(f"{TASK}?a=1&b=1"), {})
    assert near is not None
    assert [row.matches for row in near.conditions] == [False, True, True]
    assert find_near_miss(build_rules(), build_call(), {}) is None


def test_rows_of_counters_show_the_state_after_the_call() -> None:
    """Of `call` and of `times`."""
    rules = build_rules(
        {"name": "r", "when": {"operation": "getTaskInstance", "call": 3}, "reply": ERROR}
    )
    counters: Counters = {}
    data = []
    for number in (1, 2):
        counters, selected = select_reply(rules, build_call(number=number), counters)
        near = find_near_miss(rules, build_call(number=number), counters)
        assert selected is None
        assert near is not None
        data += [
            (row.expected, row.actual, row.matches)
            for row in near.conditions
            if row.field == "call"
        ]
    assert data == [("call 3", "call 1", False), ("call 3", "call 2", False)]
    rules = build_rules(
        {"name": "r", "when": {"operation": "getTaskInstance"}, "reply": ERROR, "times": 2}
    )
    near = find_near_miss(rules, build_call(), {"used:r": 2})
    assert near is not None
    assert [
        (row.field, row.expected, row.actual, row.matches)
        for row in near.conditions
        if not row.matches
    ] == [("times", "fewer than 2 uses", "2 uses", False)]


SPANS = [
    ({"from": 2}, "calls from 2"), ({"from": 2, "to": 4}, "calls 2 to 4"), ({"from": 16, "to": 20, "cycle": 20}, "calls 16 to 20 of each 20"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "expected_text"), SPANS, ids=str)
def test_range_of_calls_is_described(call: dict[str, int], expected_text: str) -> None:
    """By its ends and its cycle."""
    rules = build_rules({"when": {"operation": "getTaskInstance", "call": call}, "reply": ERROR})
    near = find_near_miss(rules, build_call(), {})
    assert near is not None
    assert near.conditions[-1].expected == expected_text


def test_secrets_are_redacted() -> None:
    """Expected and actual values are digests, which show whether they are equal."""
    when = {
        "operation": "getTaskInstance", "headers": {"Authorization": "Basic a", "X-Token": {"matches": "^b"}},
        "query": {"password": "c"},
    }  # fmt: skip
    call = build_call(
        f"{TASK}?password=hunter2",
        headers=[("Authorization", "Basic hunter2"), ("X-Token", "hunter2")],
    )
    near = find_near_miss(build_rules({"when": when, "reply": ERROR}), call, {})
    assert near is not None
    assert "hunter2" not in str(near.to_record())
    rows = {row.field: (row.expected, row.actual) for row in near.conditions}
    assert rows["header.Authorization"] == (redact("Basic a"), redact("Basic hunter2"))
    assert rows["query.password"] == (redact("c"), redact("hunter2"))
    assert rows["header.X-Token"] == (redact("matches ^b"), redact("hunter2"))


def test_long_values_are_cut() -> None:
    """A row has to be readable."""
    near = find_near_miss(
        build_rules(
            {"when": {"operation": "listTaskInstances", "body": {"matches": "^b"}}, "reply": ERROR}
        ),
        build_call(LIST, raw=b"a" * 5000),
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


def parse_search(data: Any) -> When:
    """Parse a search; raise its problems."""
    report = ProblemReport(PointerSource())
    when = parse_when(data, report, search=True)
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


@pytest.mark.parametrize(("data", "expected"), SEARCHES, ids=str)
def test_journal_is_searched_with_the_same_conditions(data: Any, expected: bool) -> None:
    """And by status and account."""
    assert matches_exchange(parse_search(data), EXCHANGE) is expected


def test_exchange_without_a_trace_has_no_path_variables() -> None:
    """Another tool has recorded it."""
    assert not matches_exchange(
        parse_search({"path": {"taskInstanceId": 7}}), replace(EXCHANGE, trace={})
    )
    assert not matches_exchange(
        parse_search({"account": {"present": True}}), replace(EXCHANGE, account="")
    )
    assert matches_exchange(
        parse_search({"headers": {"X-Client": {"present": False}}}),
        replace(EXCHANGE, request=replace(REQUEST, headers=Headers())),
    )


INVALID_SEARCHES: list[tuple[Any, str]] = [
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


@pytest.mark.parametrize(("data", "expected"), INVALID_SEARCHES, ids=str)
def test_invalid_search_is_an_error(data: Any, expected: str) -> None:
    """With the place and the reason."""
    if not expected:
        parse_search(data)
        return
    with pytest.raises(InputError) as caught:
        parse_search(data)
    assert str(caught.value) == expected
