"""Which call it is: calls, cycles, sequences, uses; and what is left alone when nothing has to be counted."""

from typing import Any

import pytest

from rule_builders import LIST, TASK, chosen, facts, names, script
from understudy.rules import Counters, is_used_up, select_faults, select_reply, uses_counter


def numbers(count: int, call: str = TASK) -> Any:
    return (facts(call, number=number) for number in range(1, count + 1))


CALLS = [
    (3, 6, [3]),
    ({"from": 2, "to": 4}, 6, [2, 3, 4]),
    ({"from": 4}, 6, [4, 5, 6]),
    ({"to": 2}, 6, [1, 2]),
    ({"cycle": 4, "from": 3, "to": 4}, 10, [3, 4, 7, 8]),
    ({"cycle": 3}, 5, [1, 2, 3, 4, 5]),
]


@pytest.mark.parametrize(("call", "count", "expected"), CALLS, ids=str)
def test_calls_are_counted(call: Any, count: int, expected: list[int]) -> None:
    """From 1; both ends belong to a span; a cycle begins again."""
    read = script({"when": {"call": call}, "reply": {"error": 500}})
    told = names(read, numbers(count))
    assert [number for number, name in enumerate(told, 1) if name] == expected


def test_only_calls_that_meet_the_other_conditions_are_counted() -> None:
    """The second call of the list is the second, whatever was called in between."""
    read = script(
        {
            "when": {"operation": "listTaskInstances", "query": {"a": "1"}, "call": 2},
            "reply": {"error": 500},
        }
    )
    calls = [
        facts(f"{LIST}?a=1"),
        facts(LIST),
        facts(TASK),
        facts(f"{LIST}?a=1"),
        facts(f"{LIST}?a=1"),
    ]
    assert names(read, calls) == ["", "", "", "replies/0", ""]


def test_calls_that_another_rule_answers_are_counted_too() -> None:
    """The first call gets this, the second that."""
    read = script(
        {"name": "one", "when": {"call": 1}, "reply": {"error": 500}},
        {"name": "two", "when": {"call": 2}, "reply": {"error": 500}},
        {"name": "rest", "reply": {"error": 404}},
        {"name": "four", "when": {"call": 4}, "reply": {"error": 500}},
    )
    assert names(read, numbers(4)) == ["one", "two", "rest", "rest"]


def test_a_list_of_answers_is_gone_through_and_the_last_repeats() -> None:
    """The n-th use gives the n-th."""
    read = script({"reply": [{"error": 500}, {"error": 404}, {"status": 200}]})
    counters: Counters = {}
    told = []
    for call in numbers(5):
        counters, found = select_reply(read, call, counters)
        assert found is not None
        told.append(found.reply.code or found.reply.status)
    assert told == [500, 404, 200, 200, 200]


def test_a_rule_that_is_used_up_never_answers_again() -> None:
    """The next one does."""
    read = script(
        {"name": "twice", "reply": {"error": 500}, "times": 2},
        {"name": "then", "reply": {"error": 404}},
    )
    assert names(read, numbers(4)) == ["twice", "twice", "then", "then"]
    counters = {uses_counter("twice", is_added=False): 2}
    assert is_used_up(read.replies[0], counters)
    assert not is_used_up(read.replies[1], counters)


def test_uses_of_a_rule_that_must_answer_are_counted() -> None:
    """Somebody else asks whether it has."""
    read = script({"name": "needed", "reply": {"error": 500}, "must": True})
    assert read.replies[0].must_be_used
    assert select_reply(read, facts(), {})[0] == {"used:needed": 1}


def test_counters_are_left_alone_when_nothing_counts() -> None:
    """The very same object comes back, so that a world sees that it did not change."""
    counters = {"used:x": 1}
    read = script(
        {"when": {"operation": "getTaskInstance"}, "reply": {"error": 500}},
        faults=[{"fault": "reset"}],
    )
    after, found = select_reply(read, facts(), counters)
    assert found is not None
    assert after is counters
    assert select_faults(read, facts(), counters)[0] is counters
    counting = script(
        {"when": {"operation": "listTaskInstances", "call": 1}, "reply": {"error": 500}},
        faults=[
            {"when": {"operation": "listTaskInstances"}, "fault": "reset", "times": 1, "after": 1}
        ],
    )
    assert select_reply(counting, facts(), counters) == (counters, None)
    assert select_reply(counting, facts(), counters)[0] is counters
    assert select_faults(counting, facts(), counters)[0] is counters


def test_counters_that_come_in_are_not_changed() -> None:
    """A decision may be taken again with a newer state."""
    read = script({"when": {"call": 1}, "reply": [{"error": 500}, {"error": 404}]})
    counters: dict[str, int] = {}
    first = select_reply(read, facts(), counters)
    assert counters == {}
    assert (
        first[0]
        == select_reply(read, facts(), counters)[0]
        == {"seen:replies/0": 1, "used:replies/0": 1}
    )


def test_a_rule_that_is_used_up_counts_no_more_calls() -> None:
    """Its counters stand still, and a world that only polls writes nothing."""
    read = script({"when": {"call": {"from": 1}}, "reply": {"error": 500}, "times": 1})
    counters, _ = select_reply(read, facts(), {})
    assert select_reply(read, facts(), counters)[0] is counters
    assert chosen(read, facts(), counters) is None


def test_unnamed_rules_are_called_by_their_place() -> None:
    """With a prefix they are numbered on, over both lists."""
    read = script({"reply": {"error": 500}}, {"reply": {"error": 500}}, faults=[{"fault": "reset"}])
    assert [rule.name for rule in (*read.replies, *read.faults)] == [
        "replies/0",
        "replies/1",
        "faults/0",
    ]
    read = script(
        {"reply": {"error": 500}},
        {"name": "x", "reply": {"error": 500}},
        faults=[{"fault": "reset"}],
        prefix="added-",
    )
    assert [rule.name for rule in (*read.replies, *read.faults)] == ["added-1", "x", "added-3"]
