"""Counters of rules: calls, cycles, replies in turn, uses; and no change where no rule counts."""

from typing import Any

import pytest

from rule_builders import LIST, TASK, build_call, build_rules, list_rule_names, select
from understudy.rules import (
    Counters,
    RuleSet,
    is_used_up,
    select_faults,
    select_reply,
    uses_counter,
)


def build_calls(count: int, call: str = TASK) -> Any:
    """Yield several calls with consecutive numbers."""
    return (build_call(call, number=number) for number in range(1, count + 1))


CALLS = [
    (3, 6, [3]),
    ({"from": 2, "to": 4}, 6, [2, 3, 4]),
    ({"from": 4}, 6, [4, 5, 6]),
    ({"to": 2}, 6, [1, 2]),
    ({"cycle": 4, "from": 3, "to": 4}, 10, [3, 4, 7, 8]),
    ({"cycle": 3}, 5, [1, 2, 3, 4, 5]),
]


@pytest.mark.parametrize(("call", "count", "expected"), CALLS, ids=str)
def test_calls_are_counted_from_1(call: Any, count: int, expected: list[int]) -> None:
    """Both ends of a range are included; a cycle begins again."""
    rules = build_rules({"when": {"call": call}, "reply": {"error": 500}})
    rule_names = list_rule_names(rules, build_calls(count))
    assert [number for number, name in enumerate(rule_names, 1) if name] == expected


def test_only_calls_that_meet_the_other_conditions_are_counted() -> None:
    """The second call of the list is the second, whatever is called in between."""
    rules = build_rules(
        {
            "when": {"operation": "listTaskInstances", "query": {"a": "1"}, "call": 2},
            "reply": {"error": 500},
        }
    )
    calls = [
        build_call(f"{LIST}?a=1"),
        build_call(LIST),
        build_call(TASK),
        build_call(f"{LIST}?a=1"),
        build_call(f"{LIST}?a=1"),
    ]
    assert list_rule_names(rules, calls) == ["", "", "", "replies/0", ""]


def test_calls_that_another_rule_answers_are_counted() -> None:
    """Rules for the first and the second call each answer their own call."""
    rules = build_rules(
        {"name": "one", "when": {"call": 1}, "reply": {"error": 500}},
        {"name": "two", "when": {"call": 2}, "reply": {"error": 500}},
        {"name": "rest", "reply": {"error": 404}},
        {"name": "four", "when": {"call": 4}, "reply": {"error": 500}},
    )
    assert list_rule_names(rules, build_calls(4)) == ["one", "two", "rest", "rest"]


def test_replies_of_a_list_are_given_in_turn() -> None:
    """The n-th use gives the n-th reply; the last one repeats."""
    rules = build_rules({"reply": [{"error": 500}, {"error": 404}, {"status": 200}]})
    counters: Counters = {}
    rule_names = []
    for call in build_calls(5):
        counters, selected = select_reply(rules, call, counters)
        assert selected is not None
        rule_names.append(selected.reply.code or selected.reply.status)
    assert rule_names == [500, 404, 200, 200, 200]


def test_used_up_rule_never_answers_again() -> None:
    """The next rule answers instead."""
    rules = build_rules(
        {"name": "twice", "reply": {"error": 500}, "times": 2},
        {"name": "then", "reply": {"error": 404}},
    )
    assert list_rule_names(rules, build_calls(4)) == ["twice", "twice", "then", "then"]
    counters = {uses_counter("twice", is_added=False): 2}
    assert is_used_up(rules.replies[0], counters)
    assert not is_used_up(rules.replies[1], counters)


def test_uses_of_a_rule_with_must_are_counted() -> None:
    """The report of unused rules reads the counter."""
    rules = build_rules({"name": "needed", "reply": {"error": 500}, "must": True})
    assert rules.replies[0].must_be_used
    assert select_reply(rules, build_call(), {})[0] == {"used:needed": 1}


def test_counters_do_not_change_when_no_rule_counts() -> None:
    """The very same object comes back, so that a world sees that it did not change."""
    counters = {"used:x": 1}
    rules = build_rules(
        {"when": {"operation": "getTaskInstance"}, "reply": {"error": 500}},
        faults=[{"fault": "reset"}],
    )
    after, selected = select_reply(rules, build_call(), counters)
    assert selected is not None
    assert after is counters
    assert select_faults(rules, build_call(), counters)[0] is counters
    counting = build_rules(
        {"when": {"operation": "listTaskInstances", "call": 1}, "reply": {"error": 500}},
        faults=[
            {"when": {"operation": "listTaskInstances"}, "fault": "reset", "times": 1, "after": 1}
        ],
    )
    assert select_reply(counting, build_call(), counters) == (counters, None)
    assert select_reply(counting, build_call(), counters)[0] is counters
    assert select_faults(counting, build_call(), counters)[0] is counters


def test_counters_of_the_caller_do_not_change() -> None:
    """A decision may be made again with a newer state."""
    rules = build_rules({"when": {"call": 1}, "reply": [{"error": 500}, {"error": 404}]})
    counters: dict[str, int] = {}
    first = select_reply(rules, build_call(), counters)
    assert counters == {}
    assert (
        first[0]
        == select_reply(rules, build_call(), counters)[0]
        == {"seen:replies/0": 1, "used:replies/0": 1}
    )


def test_used_up_rule_counts_no_more_calls() -> None:
    """Its counters do not change, so that a world which only polls writes nothing."""
    rules = build_rules({"when": {"call": {"from": 1}}, "reply": {"error": 500}, "times": 1})
    counters, _ = select_reply(rules, build_call(), {})
    assert select_reply(rules, build_call(), counters)[0] is counters
    assert select(rules, build_call(), counters) is None


def list_names(rules: RuleSet) -> list[str]:
    """Return the names of the replies, then those of the faults."""
    return [rule.name for rule in rules.replies] + [rule.name for rule in rules.faults]


def test_unnamed_rules_are_named_by_their_place() -> None:
    """With a prefix, they are numbered over both lists."""
    rules = build_rules(
        {"reply": {"error": 500}}, {"reply": {"error": 500}}, faults=[{"fault": "reset"}]
    )
    assert list_names(rules) == [
        "replies/0",
        "replies/1",
        "faults/0",
    ]
    rules = build_rules(
        {"reply": {"error": 500}},
        {"name": "x", "reply": {"error": 500}},
        faults=[{"fault": "reset"}],
        prefix="added-",
    )
    assert list_names(rules) == ["added-1", "x", "added-3"]


def test_rule_that_cannot_answer_a_call_without_a_route_is_not_used() -> None:
    """Its next reply needs an operation: the use is not counted, and the next rule answers."""
    rules = build_rules(
        {"name": "error", "reply": {"error": 500}, "times": 1},
        {"name": "turn", "reply": [{"status": 200}, {"error": 404}]},
        {"name": "text", "reply": {"text": "x"}},
    )
    counters: Counters = {}
    names = []
    for call in build_calls(3):
        counters, selected = select_reply(rules, call, counters, needs_literal=True)
        names.append(selected and selected.rule.name)
    assert names == ["turn", "text", "text"]
    assert uses_counter("error", is_added=False) not in counters
    _, selected = select_reply(rules, build_call(TASK), counters)
    assert selected is not None
    assert selected.rule.name == "error"
