"""Conditions of rules: each key, with calls that match and calls that do not."""

from datetime import timedelta
from typing import Any

import pytest

from rule_builders import LIST, START, TASK, build_call, build_rules, is_answered, select
from understudy.patterns.bounded_regex import TOO_SLOW, compile_pattern
from understudy.rules import CallContext, find_near_miss, select_reply

JSON = {"a": [{"b": 1, "c": "xyz"}, {"b": 2}], "n": 1, "t": True, "z": None}
SUBTASK = f"{TASK}/subtasks/13000333/log"

CASES: list[tuple[Any, CallContext, bool]] = [
    (None, build_call(), True),
    ({}, build_call("GET /nowhere"), True),
    # operation
    ({"operation": "getTaskInstance"}, build_call(), True),
    ({"operation": "getTaskInstance"}, build_call(LIST), False),
    ({"operation": "getTaskInstance"}, build_call("HEAD /api/v2/tasks/instances/1"), True),
    ({"operation": ["listTaskInstances", "getTaskInstance"]}, build_call(), True),
    ({"operation": ["listTaskInstances", "retryTask"]}, build_call(), False),
    ({"operation": "getTaskInstance"}, build_call("GET /nowhere"), False),
    # request
    ({"request": "GET /api/v2/tasks/instances/*"}, build_call(), True),
    ({"request": "get /api/v2/tasks/instances/*"}, build_call(), True),
    (
        {"request": "GET /api/v2/tasks/instances/*"},
        build_call("HEAD /api/v2/tasks/instances/1"),
        True,
    ),
    ({"request": "GET /api/v2/tasks/instances/*"}, build_call(LIST), False),
    ({"request": "GET /api/v2/tasks/instances/*"}, build_call(SUBTASK), False),
    ({"request": "POST /api/v2/tasks/instances/*"}, build_call(), False),
    ({"request": "* /api/v2/**"}, build_call(SUBTASK), True),
    ({"request": "* /api/v2/**"}, build_call("PUT /api/v2"), True),
    ({"request": "* /api/v2/**"}, build_call("PUT /api/v3/x"), False),
    ({"request": "* /**"}, build_call("PATCH /"), True),
    ({"request": "GET /a/{x}/c"}, build_call("GET /a/b/c"), True),
    ({"request": "GET /a/{x}/c", "path": {"x": "b c"}}, build_call("GET /a/b%20c/c"), True),
    ({"request": "GET /a/{x}/c", "path": {"x": "d"}}, build_call("GET /a/b/c"), False),
    ({"request": "GET /a/b%20c"}, build_call("GET /a/b%20c"), True),
    ({"request": "GET /a/"}, build_call("GET /a"), False),
    # path
    ({"path": {"taskInstanceId": 35000312}}, build_call(), True),
    ({"path": {"taskInstanceId": "35000312"}}, build_call(), True),
    ({"path": {"taskInstanceId": 35000313}}, build_call(), False),
    ({"path": {"taskInstanceId": {"matches": "^3500"}}}, build_call(), True),
    ({"path": {"subtaskInstanceId": 1}}, build_call(), False),
    # query
    ({"query": {"status": "FAILED"}}, build_call(f"{LIST}?status=FAILED"), True),
    ({"query": {"status": "FAILED"}}, build_call(f"{LIST}?status=RUNNING&status=FAILED"), True),
    ({"query": {"status": "FAILED"}}, build_call(f"{LIST}?status=RUNNING"), False),
    ({"query": {"status": "FAILED"}}, build_call(LIST), False),
    ({"query": {"name": "a b"}}, build_call(f"{LIST}?name=a+b"), True),
    ({"query": {"size": 10, "page": 1}}, build_call(f"{LIST}?size=10&page=1"), True),
    ({"query": {"size": 10, "page": 1}}, build_call(f"{LIST}?size=10&page=2"), False),
    ({"query": {"flag": True}}, build_call(f"{LIST}?flag=true"), True),
    ({"query": {"x": 1.5}}, build_call(f"{LIST}?x=1.5"), True),
    ({"query": {"status": {"present": True}}}, build_call(f"{LIST}?status="), True),
    ({"query": {"status": {"present": True}}}, build_call(LIST), False),
    ({"query": {"status": {"present": False}}}, build_call(LIST), True),
    ({"query": {"status": {"present": False}}}, build_call(f"{LIST}?status="), False),
    ({"query": {"name": {"contains": "b", "matches": "^a"}}}, build_call(f"{LIST}?name=abc"), True),
    (
        {"query": {"name": {"contains": "b", "matches": "^a"}}},
        build_call(f"{LIST}?name=ac&name=bd"),
        False,
    ),
    (
        {"query": {"name": {"equals": "abc", "contains": "x"}}},
        build_call(f"{LIST}?name=abc"),
        False,
    ),
    ({"query": {"n": {"contains": 5}}}, build_call(f"{LIST}?n=1512"), True),
    # headers
    ({"headers": {"X-Client": "web"}}, build_call(headers=[("x-client", "web")]), True),
    (
        {"headers": {"x-client": {"matches": "^web"}}},
        build_call(headers=[("X-Client", "a"), ("X-Client", "web-1")]),
        True,
    ),
    ({"headers": {"X-Client": "web"}}, build_call(headers=[("X-Client", "Web")]), False),
    ({"headers": {"X-Client": {"present": False}}}, build_call(), True),
    # body
    ({"body": {"equals": JSON}}, build_call(body=JSON), True),
    ({"body": {"equals": {"n": 1.0}}}, build_call(body={"n": 1}), True),
    ({"body": {"equals": {"n": True}}}, build_call(body={"n": 1}), False),
    ({"body": {"equals": {"n": 1}}}, build_call(body={"n": 1, "m": 2}), False),
    ({"body": {"equals": None}}, build_call(raw=b"null"), True),
    ({"body": {"equals": None}}, build_call(), False),
    ({"body": {"equals": "x"}}, build_call(raw=b"x"), False),
    ({"body": {"subset": {"n": 1}}}, build_call(body=JSON), True),
    ({"body": {"subset": {"a": [{"b": 1}, {}]}}}, build_call(body=JSON), True),
    ({"body": {"subset": {"a": [{"b": 1}]}}}, build_call(body=JSON), False),
    ({"body": {"subset": {"a": [{"b": 2}, {}]}}}, build_call(body=JSON), False),
    ({"body": {"subset": {"y": None}}}, build_call(body=JSON), False),
    ({"body": {"matches": "(?i)HELLO"}}, build_call(raw=b"say hello"), True),
    ({"body": {"matches": "^hello"}}, build_call(raw=b"say hello"), False),
    ({"body": {"matches": "."}}, build_call(raw=b"\xff"), True),
    ({"body": {"jsonpath": "$.a[?@.b == 1]"}}, build_call(body=JSON), True),
    ({"body": {"jsonpath": "$.a[?@.b == 3]"}}, build_call(body=JSON), False),
    ({"body": {"jsonpath": "$.a"}}, build_call(raw=b"no json"), False),
    ({"body": {"jsonpath": "$"}}, build_call(body="text"), True),
    ({"body": {"jsonpath": "$.a"}}, build_call(body='{"a": 1}'), False),
    ({"body": {"jsonpath": {"path": "$.n", "equals": 1}}}, build_call(body=JSON), True),
    ({"body": {"jsonpath": {"path": "$.z", "equals": None}}}, build_call(body=JSON), True),
    ({"body": {"jsonpath": {"path": "$.t", "equals": 1}}}, build_call(body=JSON), False),
    ({"body": {"jsonpath": {"path": "$..c", "matches": "^x"}}}, build_call(body=JSON), True),
    ({"body": {"jsonpath": {"path": "$.n", "matches": "^1$"}}}, build_call(body=JSON), True),
    ({"body": {"jsonpath": {"path": "$..c", "contains": "y"}}}, build_call(body=JSON), True),
    ({"body": {"jsonpath": {"path": "$.a", "contains": {"b": 2}}}}, build_call(body=JSON), True),
    ({"body": {"jsonpath": {"path": "$.a", "contains": {"b": 3}}}}, build_call(body=JSON), False),
    ({"body": {"jsonpath": "$.a[?search(@.c, '^x')]"}}, build_call(body=JSON), True),
    ({"body": {"jsonpath": "$.a[?match(@.c, 'x')]"}}, build_call(body=JSON), False),
    ({"body": {"subset": {"n": 1}, "matches": "nothing"}}, build_call(body=JSON), False),
    # state
    ({"state": {"task": 35000312, "status": "RUNNING"}}, build_call(LIST), True),
    ({"state": {"task": 35000312, "status": ["FAILED", "RUNNING"]}}, build_call(LIST), True),
    ({"state": {"task": 35000312, "status": "FAILED"}}, build_call(LIST), False),
    ({"state": {"task": 7, "status": "RUNNING"}}, build_call(LIST), False),
    (
        {"state": {"task": 35000312, "subtask": 13000333, "status": "FAILED"}},
        build_call(LIST),
        True,
    ),
    ({"state": {"task": "path", "status": "RUNNING"}}, build_call(), True),
    ({"state": {"task": "path", "status": "RUNNING"}}, build_call(f"{LIST}/x"), False),
    ({"state": {"task": "path", "status": "RUNNING"}}, build_call(LIST), False),
    ({"state": {"task": "path", "subtask": "path", "status": "FAILED"}}, build_call(SUBTASK), True),
    (
        {"request": "GET /old/{id}", "state": {"task": "path", "status": "RUNNING"}},
        build_call("GET /old/35000312"),
        True,
    ),
    # time
    ({"time": {"from": "10s"}}, build_call(after=10), True),
    ({"time": {"from": "10s"}}, build_call(after=9.999), False),
    ({"time": {"from": "10s", "to": "1m"}}, build_call(after=59), True),
    ({"time": {"from": "10s", "to": "1m"}}, build_call(after=60), False),
    ({"time": {"to": "1m"}}, build_call(), True),
    ({"time": {"from": "2021-08-25T23:09:41+08:00"}}, build_call(after=10), True),
    ({"time": {"from": "2021-08-25T23:09:41+08:00"}}, build_call(after=9), False),
    ({"time": {"from": "50s", "to": "60s", "every": "60s"}}, build_call(after=60 * 7 + 55), True),
    ({"time": {"from": "50s", "to": "60s", "every": "60s"}}, build_call(after=60 * 7 + 5), False),
    # probability
    ({"probability": 1}, build_call(), True),
    ({"probability": 0}, build_call(), False),
]


@pytest.mark.parametrize(("when", "call", "expected"), CASES, ids=lambda value: str(value)[:60])
def test_condition_matches_its_calls_only(when: Any, call: CallContext, expected: bool) -> None:
    """It holds for the calls that it describes, and for no others."""
    assert is_answered(when, call) is expected


def test_all_conditions_have_to_hold() -> None:
    """One condition that does not hold is enough."""
    good = {
        "operation": "getTaskInstance",
        "path": {"taskInstanceId": 35000312},
        "query": {"a": "1"},
    }
    assert is_answered(good, build_call(f"{TASK}?a=1"))
    assert not is_answered({**good, "headers": {"X": "1"}}, build_call(f"{TASK}?a=1"))


def test_first_matching_rule_answers() -> None:
    """The order is that of the rules."""
    rules = build_rules(
        {"name": "other", "when": {"operation": "listTaskInstances"}, "reply": {"error": 500}},
        {"name": "first", "when": {"operation": "getTaskInstance"}, "reply": {"error": 500}},
        {"name": "second", "reply": {"error": 500}},
    )
    selected = [select(rules, build_call(call)) for call in (TASK, "GET /nowhere")]
    assert [reply.rule.name for reply in selected if reply] == ["first", "second"]


def test_added_rules_come_before_those_of_the_scenario() -> None:
    """The data has both."""
    own, added = (
        build_rules({"name": "own", "reply": {"error": 500}}),
        build_rules({"reply": {"error": 404}}, prefix="added-"),
    )
    both = own.prepend(added)
    assert [rule.name for rule in both.replies] == ["added-1", "own"]
    selected = select(both, build_call())
    assert selected is not None
    assert selected.rule.name == "added-1"
    assert both.data["replies"] == [
        {"reply": {"error": 404}},
        {"name": "own", "reply": {"error": 500}},
    ]


def test_probability_repeats_for_the_same_seed() -> None:
    """Another seed, call or rule draws other values."""

    def draw_matches(name: str, seed: int) -> list[bool]:
        """Return for each of many calls whether the rule matches."""
        rules = build_rules({"name": name, "when": {"probability": 0.5}, "reply": {"error": 500}})
        return [
            select(rules, build_call(seed=seed, number=number)) is not None for number in range(200)
        ]

    assert draw_matches("a", 1) == draw_matches("a", 1)
    assert draw_matches("a", 1) != draw_matches("a", 2)
    assert draw_matches("a", 1) != draw_matches("b", 1)
    assert 70 < sum(draw_matches("a", 1)) < 130


def test_pattern_that_takes_too_long_is_not_a_match() -> None:
    """The search is given up within its bound, and a note reports it."""
    hostile = "a" * 60 + "b"
    assert compile_pattern("^(a|aa)+$").is_found_in(hostile) is None
    assert compile_pattern("^(a|aa)+$").matches_whole(hostile) is None
    assert not is_answered(
        {"query": {"x": {"matches": "^(a|aa)+$"}}}, build_call(f"{LIST}?x={hostile}")
    )
    rules = build_rules(
        {
            "when": {"operation": "listTaskInstances", "body": {"matches": "^(a|aa)+$"}},
            "reply": {"error": 500},
        }
    )
    near = find_near_miss(rules, build_call(LIST, raw=hostile.encode()), {})
    assert near is not None
    assert [(row.field, row.matches, TOO_SLOW in row.actual) for row in near.conditions] == [
        ("operation", True, False),
        ("body", False, True),
    ]


def test_slow_pattern_on_nodes_is_reported() -> None:
    """Each node is searched on its own, and each search is bounded."""
    when = {
        "operation": "listTaskInstances",
        "body": {"jsonpath": {"path": "$.a", "matches": "^(a|aa)+$"}},
    }
    near = find_near_miss(
        build_rules({"when": when, "reply": {"error": 500}}),
        build_call(LIST, body={"a": "a" * 60 + "b"}),
        {},
    )
    assert near is not None
    assert (near.conditions[1].matches, TOO_SLOW in near.conditions[1].actual) == (False, True)


def test_patterns_inside_a_jsonpath_are_bounded() -> None:
    """JSONPath has functions that search."""
    body = {"a": [{"c": "a" * 60 + "b"}]}
    assert not is_answered(
        {"body": {"jsonpath": "$.a[?match(@.c, '(a|aa)+')]"}}, build_call(body=body)
    )
    assert not is_answered(
        {"body": {"jsonpath": "$.a[?search(@.c, '^(a|aa)+$')]"}}, build_call(body=body)
    )


def test_body_is_parsed_once_and_only_when_needed() -> None:
    """A call whose rules have no condition on the body costs nothing."""
    call = build_call(raw=b"{")
    select_reply(
        build_rules({"when": {"operation": "getTaskInstance"}, "reply": {"error": 500}}), call, {}
    )
    assert call.view._json is None
    call = build_call(body={"a": 1})
    assert call.view.json is call.view.json


def test_moments_are_those_of_the_world() -> None:
    """Offsets count from the start of the world."""
    assert build_call(after=5).now - START == timedelta(seconds=5)


@pytest.mark.parametrize(
    "path", ["$..[?@..a]", "$..a..b", "$.a[?@.b == $..c]", "$[?@.x == $.y && @.z == $.w]"]
)
def test_jsonpath_that_visits_the_value_repeatedly_is_an_error(path: str) -> None:
    """With a large body, it would take too long."""
    from understudy.patterns.jsonpath_query import compile_rule_jsonpath

    with pytest.raises(ValueError, match="more than once"):
        compile_rule_jsonpath(path)
    assert compile_rule_jsonpath("$..a[?@.b == '..$..']").select({"a": [{"b": "..$.."}]}) == [
        {"b": "..$.."}
    ]
