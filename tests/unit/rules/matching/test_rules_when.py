"""What a rule may ask of a call: each word, met and missed."""

from datetime import timedelta
from typing import Any

import pytest

from rule_builders import LIST, START, TASK, answers, chosen, facts, script
from understudy.rules import CallContext, find_near_miss, select_reply
from understudy.rules.values.bounded_regex import TOO_SLOW, compile_pattern

JSON = {"a": [{"b": 1, "c": "xyz"}, {"b": 2}], "n": 1, "t": True, "z": None}
SUBTASK = f"{TASK}/subtasks/13000333/log"

CASES: list[tuple[Any, CallContext, bool]] = [
    (None, facts(), True),
    ({}, facts("GET /nowhere"), True),
    # operation
    ({"operation": "getTaskInstance"}, facts(), True),
    ({"operation": "getTaskInstance"}, facts(LIST), False),
    ({"operation": "getTaskInstance"}, facts("HEAD /api/v2/tasks/instances/1"), True),
    ({"operation": ["listTaskInstances", "getTaskInstance"]}, facts(), True),
    ({"operation": ["listTaskInstances", "retryTask"]}, facts(), False),
    ({"operation": "getTaskInstance"}, facts("GET /nowhere"), False),
    # request
    ({"request": "GET /api/v2/tasks/instances/*"}, facts(), True),
    ({"request": "get /api/v2/tasks/instances/*"}, facts(), True),
    ({"request": "GET /api/v2/tasks/instances/*"}, facts("HEAD /api/v2/tasks/instances/1"), True),
    ({"request": "GET /api/v2/tasks/instances/*"}, facts(LIST), False),
    ({"request": "GET /api/v2/tasks/instances/*"}, facts(SUBTASK), False),
    ({"request": "POST /api/v2/tasks/instances/*"}, facts(), False),
    ({"request": "* /api/v2/**"}, facts(SUBTASK), True),
    ({"request": "* /api/v2/**"}, facts("PUT /api/v2"), True),
    ({"request": "* /api/v2/**"}, facts("PUT /api/v3/x"), False),
    ({"request": "* /**"}, facts("PATCH /"), True),
    ({"request": "GET /a/{x}/c"}, facts("GET /a/b/c"), True),
    ({"request": "GET /a/{x}/c", "path": {"x": "b c"}}, facts("GET /a/b%20c/c"), True),
    ({"request": "GET /a/{x}/c", "path": {"x": "d"}}, facts("GET /a/b/c"), False),
    ({"request": "GET /a/b%20c"}, facts("GET /a/b%20c"), True),
    ({"request": "GET /a/"}, facts("GET /a"), False),
    # path
    ({"path": {"taskInstanceId": 35000312}}, facts(), True),
    ({"path": {"taskInstanceId": "35000312"}}, facts(), True),
    ({"path": {"taskInstanceId": 35000313}}, facts(), False),
    ({"path": {"taskInstanceId": {"matches": "^3500"}}}, facts(), True),
    ({"path": {"subtaskInstanceId": 1}}, facts(), False),
    # query
    ({"query": {"status": "FAILED"}}, facts(f"{LIST}?status=FAILED"), True),
    ({"query": {"status": "FAILED"}}, facts(f"{LIST}?status=RUNNING&status=FAILED"), True),
    ({"query": {"status": "FAILED"}}, facts(f"{LIST}?status=RUNNING"), False),
    ({"query": {"status": "FAILED"}}, facts(LIST), False),
    ({"query": {"name": "a b"}}, facts(f"{LIST}?name=a+b"), True),
    ({"query": {"size": 10, "page": 1}}, facts(f"{LIST}?size=10&page=1"), True),
    ({"query": {"size": 10, "page": 1}}, facts(f"{LIST}?size=10&page=2"), False),
    ({"query": {"flag": True}}, facts(f"{LIST}?flag=true"), True),
    ({"query": {"x": 1.5}}, facts(f"{LIST}?x=1.5"), True),
    ({"query": {"status": {"present": True}}}, facts(f"{LIST}?status="), True),
    ({"query": {"status": {"present": True}}}, facts(LIST), False),
    ({"query": {"status": {"present": False}}}, facts(LIST), True),
    ({"query": {"status": {"present": False}}}, facts(f"{LIST}?status="), False),
    ({"query": {"name": {"contains": "b", "matches": "^a"}}}, facts(f"{LIST}?name=abc"), True),
    (
        {"query": {"name": {"contains": "b", "matches": "^a"}}},
        facts(f"{LIST}?name=ac&name=bd"),
        False,
    ),
    ({"query": {"name": {"equals": "abc", "contains": "x"}}}, facts(f"{LIST}?name=abc"), False),
    ({"query": {"n": {"contains": 5}}}, facts(f"{LIST}?n=1512"), True),
    # headers
    ({"headers": {"X-Client": "web"}}, facts(headers=[("x-client", "web")]), True),
    (
        {"headers": {"x-client": {"matches": "^web"}}},
        facts(headers=[("X-Client", "a"), ("X-Client", "web-1")]),
        True,
    ),
    ({"headers": {"X-Client": "web"}}, facts(headers=[("X-Client", "Web")]), False),
    ({"headers": {"X-Client": {"present": False}}}, facts(), True),
    # body
    ({"body": {"equals": JSON}}, facts(body=JSON), True),
    ({"body": {"equals": {"n": 1.0}}}, facts(body={"n": 1}), True),
    ({"body": {"equals": {"n": True}}}, facts(body={"n": 1}), False),
    ({"body": {"equals": {"n": 1}}}, facts(body={"n": 1, "m": 2}), False),
    ({"body": {"equals": None}}, facts(raw=b"null"), True),
    ({"body": {"equals": None}}, facts(), False),
    ({"body": {"equals": "x"}}, facts(raw=b"x"), False),
    ({"body": {"subset": {"n": 1}}}, facts(body=JSON), True),
    ({"body": {"subset": {"a": [{"b": 1}, {}]}}}, facts(body=JSON), True),
    ({"body": {"subset": {"a": [{"b": 1}]}}}, facts(body=JSON), False),
    ({"body": {"subset": {"a": [{"b": 2}, {}]}}}, facts(body=JSON), False),
    ({"body": {"subset": {"y": None}}}, facts(body=JSON), False),
    ({"body": {"matches": "(?i)HELLO"}}, facts(raw=b"say hello"), True),
    ({"body": {"matches": "^hello"}}, facts(raw=b"say hello"), False),
    ({"body": {"matches": "."}}, facts(raw=b"\xff"), True),
    ({"body": {"jsonpath": "$.a[?@.b == 1]"}}, facts(body=JSON), True),
    ({"body": {"jsonpath": "$.a[?@.b == 3]"}}, facts(body=JSON), False),
    ({"body": {"jsonpath": "$.a"}}, facts(raw=b"no json"), False),
    ({"body": {"jsonpath": "$"}}, facts(body="text"), True),
    ({"body": {"jsonpath": "$.a"}}, facts(body='{"a": 1}'), False),
    ({"body": {"jsonpath": {"path": "$.n", "equals": 1}}}, facts(body=JSON), True),
    ({"body": {"jsonpath": {"path": "$.z", "equals": None}}}, facts(body=JSON), True),
    ({"body": {"jsonpath": {"path": "$.t", "equals": 1}}}, facts(body=JSON), False),
    ({"body": {"jsonpath": {"path": "$..c", "matches": "^x"}}}, facts(body=JSON), True),
    ({"body": {"jsonpath": {"path": "$.n", "matches": "^1$"}}}, facts(body=JSON), True),
    ({"body": {"jsonpath": {"path": "$..c", "contains": "y"}}}, facts(body=JSON), True),
    ({"body": {"jsonpath": {"path": "$.a", "contains": {"b": 2}}}}, facts(body=JSON), True),
    ({"body": {"jsonpath": {"path": "$.a", "contains": {"b": 3}}}}, facts(body=JSON), False),
    ({"body": {"jsonpath": "$.a[?search(@.c, '^x')]"}}, facts(body=JSON), True),
    ({"body": {"jsonpath": "$.a[?match(@.c, 'x')]"}}, facts(body=JSON), False),
    ({"body": {"subset": {"n": 1}, "matches": "nothing"}}, facts(body=JSON), False),
    # state
    ({"state": {"task": 35000312, "status": "RUNNING"}}, facts(LIST), True),
    ({"state": {"task": 35000312, "status": ["FAILED", "RUNNING"]}}, facts(LIST), True),
    ({"state": {"task": 35000312, "status": "FAILED"}}, facts(LIST), False),
    ({"state": {"task": 7, "status": "RUNNING"}}, facts(LIST), False),
    ({"state": {"task": 35000312, "subtask": 13000333, "status": "FAILED"}}, facts(LIST), True),
    ({"state": {"task": "path", "status": "RUNNING"}}, facts(), True),
    ({"state": {"task": "path", "status": "RUNNING"}}, facts(f"{LIST}/x"), False),
    ({"state": {"task": "path", "status": "RUNNING"}}, facts(LIST), False),
    ({"state": {"task": "path", "subtask": "path", "status": "FAILED"}}, facts(SUBTASK), True),
    (
        {"request": "GET /old/{id}", "state": {"task": "path", "status": "RUNNING"}},
        facts("GET /old/35000312"),
        True,
    ),
    # time
    ({"time": {"from": "10s"}}, facts(after=10), True),
    ({"time": {"from": "10s"}}, facts(after=9.999), False),
    ({"time": {"from": "10s", "to": "1m"}}, facts(after=59), True),
    ({"time": {"from": "10s", "to": "1m"}}, facts(after=60), False),
    ({"time": {"to": "1m"}}, facts(), True),
    ({"time": {"from": "2021-08-25T23:09:41+08:00"}}, facts(after=10), True),
    ({"time": {"from": "2021-08-25T23:09:41+08:00"}}, facts(after=9), False),
    ({"time": {"from": "50s", "to": "60s", "every": "60s"}}, facts(after=60 * 7 + 55), True),
    ({"time": {"from": "50s", "to": "60s", "every": "60s"}}, facts(after=60 * 7 + 5), False),
    # probability
    ({"probability": 1}, facts(), True),
    ({"probability": 0}, facts(), False),
]


@pytest.mark.parametrize(("when", "call", "expected"), CASES, ids=lambda value: str(value)[:60])
def test_each_condition(when: Any, call: CallContext, expected: bool) -> None:
    """It holds for the calls that it is meant for, and for no others."""
    assert answers(when, call) is expected


def test_all_conditions_have_to_hold() -> None:
    """One that does not is enough."""
    good = {
        "operation": "getTaskInstance",
        "path": {"taskInstanceId": 35000312},
        "query": {"a": "1"},
    }
    assert answers(good, facts(f"{TASK}?a=1"))
    assert not answers({**good, "headers": {"X": "1"}}, facts(f"{TASK}?a=1"))


def test_the_first_rule_that_matches_answers() -> None:
    """In the order in which they are told."""
    read = script(
        {"name": "other", "when": {"operation": "listTaskInstances"}, "reply": {"error": 500}},
        {"name": "first", "when": {"operation": "getTaskInstance"}, "reply": {"error": 500}},
        {"name": "second", "reply": {"error": 500}},
    )
    found = [chosen(read, facts(call)) for call in (TASK, "GET /nowhere")]
    assert [one.rule.name for one in found if one] == ["first", "second"]


def test_what_a_world_was_given_comes_before_what_its_scenario_says() -> None:
    """Rules that are added win; the data tell both."""
    own, added = (
        script({"name": "own", "reply": {"error": 500}}),
        script({"reply": {"error": 404}}, prefix="added-"),
    )
    both = own.prepend(added)
    assert [rule.name for rule in both.replies] == ["added-1", "own"]
    found = chosen(both, facts())
    assert found is not None
    assert found.rule.name == "added-1"
    assert both.data["replies"] == [
        {"reply": {"error": 404}},
        {"name": "own", "reply": {"error": 500}},
    ]


def test_dice_fall_alike_for_the_same_seed() -> None:
    """And differently for another seed, another call and another rule."""

    def fallen(name: str, seed: int) -> list[bool]:
        read = script({"name": name, "when": {"probability": 0.5}, "reply": {"error": 500}})
        return [chosen(read, facts(seed=seed, number=number)) is not None for number in range(200)]

    assert fallen("a", 1) == fallen("a", 1)
    assert fallen("a", 1) != fallen("a", 2)
    assert fallen("a", 1) != fallen("b", 1)
    assert 70 < sum(fallen("a", 1)) < 130


def test_a_pattern_that_takes_too_long_is_no_match() -> None:
    """It is given up within its bound, and says so."""
    hostile = "a" * 60 + "b"
    assert compile_pattern("^(a|aa)+$").is_found_in(hostile) is None
    assert compile_pattern("^(a|aa)+$").matches_whole(hostile) is None
    assert not answers({"query": {"x": {"matches": "^(a|aa)+$"}}}, facts(f"{LIST}?x={hostile}"))
    read = script(
        {
            "when": {"operation": "listTaskInstances", "body": {"matches": "^(a|aa)+$"}},
            "reply": {"error": 500},
        }
    )
    near = find_near_miss(read, facts(LIST, raw=hostile.encode()), {})
    assert near is not None
    assert [(row.field, row.matches, TOO_SLOW in row.actual) for row in near.conditions] == [
        ("operation", True, False),
        ("body", False, True),
    ]


def test_a_pattern_on_the_nodes_of_a_path_says_so_too() -> None:
    """Each node is searched on its own, and each search is bounded."""
    when = {
        "operation": "listTaskInstances",
        "body": {"jsonpath": {"path": "$.a", "matches": "^(a|aa)+$"}},
    }
    near = find_near_miss(
        script({"when": when, "reply": {"error": 500}}), facts(LIST, body={"a": "a" * 60 + "b"}), {}
    )
    assert near is not None
    assert (near.conditions[1].matches, TOO_SLOW in near.conditions[1].actual) == (False, True)


def test_a_pattern_inside_a_path_is_bounded_too() -> None:
    """JSONPath has functions that search."""
    body = {"a": [{"c": "a" * 60 + "b"}]}
    assert not answers({"body": {"jsonpath": "$.a[?match(@.c, '(a|aa)+')]"}}, facts(body=body))
    assert not answers({"body": {"jsonpath": "$.a[?search(@.c, '^(a|aa)+$')]"}}, facts(body=body))


def test_a_body_is_parsed_when_somebody_looks_and_then_once() -> None:
    """A call whose rules do not ask for it costs nothing."""
    call = facts(raw=b"{")
    select_reply(
        script({"when": {"operation": "getTaskInstance"}, "reply": {"error": 500}}), call, {}
    )
    assert call.view._json is None
    call = facts(body={"a": 1})
    assert call.view.json is call.view.json


def test_moments_are_those_of_the_world() -> None:
    """Offsets count from the world's start, wherever on the calendar that is."""
    assert facts(after=5).now - START == timedelta(seconds=5)


@pytest.mark.parametrize(
    "path", ["$..[?@..a]", "$..a..b", "$.a[?@.b == $..c]", "$[?@.x == $.y && @.z == $.w]"]
)
def test_a_path_that_goes_through_everything_again_and_again_is_refused(path: str) -> None:
    """With a large body it would take for ever."""
    from understudy.rules.values.jsonpath_query import compile_jsonpath

    with pytest.raises(ValueError, match="more than once"):
        compile_jsonpath(path)
    assert compile_jsonpath("$..a[?@.b == '..$..']").select({"a": [{"b": "..$.."}]}) == [
        {"b": "..$.."}
    ]
