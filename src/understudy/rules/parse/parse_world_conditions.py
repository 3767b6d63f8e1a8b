"""Parser of the conditions on the world: its tasks, its clock, its random values, its calls.

state: {task: path, status: [RUNNING, FAILED]}
time: {from: 10s, to: 1m, every: 5m}
probability: 0.2
call: {from: 16, to: 20, cycle: 20}
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeGuard

from understudy.durations import Moment, parse_duration, parse_moment
from understudy.messages import Json
from understudy.rules.matching.conditions import (
    FROM_PATH,
    ProbabilityCondition,
    TaskStateCondition,
    TimeCondition,
)
from understudy.rules.matching.when import Condition
from understudy.rules.parse.parse_context import ParseContext, as_sequence, is_integer
from understudy.rules.values.call_ranges import CallRange, Period

_MOMENT_EXPECTED = (
    "an offset from the world's start such as 30s, or a time with its offset from UTC"
)


def parse_world_conditions(
    members: dict[str, Json], context: ParseContext, pointer: str
) -> Iterator[Condition]:
    """Yield the conditions on the world's tasks, its clock and its random values."""
    if "state" in members:
        state = _parse_state(members["state"], context, f"{pointer}/state")
        if state is not None:
            yield state
    if "time" in members:
        yield TimeCondition(_parse_period(members["time"], context, f"{pointer}/time"))
    if "probability" in members:
        chance = members["probability"]
        if _is_probability(chance):
            yield ProbabilityCondition(chance, context.name)
        else:
            context.add_wrong_value(f"{pointer}/probability", chance, "a number from 0 to 1")


def _is_probability(value: Json) -> TypeGuard[float]:
    """Return whether a value is a number from 0 to 1, both included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value <= 1


def _parse_state(data: Json, context: ParseContext, pointer: str) -> TaskStateCondition | None:
    """Parse `task`, `subtask` and `status`; None when a part is missing or invalid."""
    members = context.parse_mapping(data, ("task", "subtask", "status"), pointer)
    task = _parse_id(members, "task", context, pointer)
    subtask = _parse_id(members, "subtask", context, pointer)
    items = as_sequence(members.get("status"))
    statuses = tuple(status for status in items if isinstance(status, str))
    if "status" in members and len(statuses) < len(items):
        expected = "a status, or a list of them"
        context.add_wrong_value(f"{pointer}/status", members["status"], expected)
    if task is None or not statuses:
        return None  # the schema's check has reported what is missing
    return TaskStateCondition(task, subtask, statuses)


def _parse_id(
    members: dict[str, Json], key: str, context: ParseContext, pointer: str
) -> int | str | None:
    """Return an id, or FROM_PATH; None when it is missing or invalid."""
    value = members.get(key)
    if value is None:
        return None
    if value == FROM_PATH:
        return FROM_PATH
    if is_integer(value):
        return value
    expected = f"an id, or {FROM_PATH} for the id in the path of the call"
    context.add_wrong_value(f"{pointer}/{key}", value, expected)
    return None


def parse_call_range(data: Json, context: ParseContext, pointer: str) -> CallRange | None:
    """Parse the number of a call, or a mapping of `from`, `to` and `cycle`.

    Calls count from 1. Both ends are included; without `to`, there is no end. With `cycle`, the
    ends are positions in each group of so many calls, so they must not exceed it.
    """
    if not isinstance(data, dict):
        number = context.parse_integer(data, pointer)
        if number is None:
            return None
        return CallRange(number, number)
    members = context.parse_mapping(data, ("from", "to", "cycle"), pointer)
    numbers: dict[str, int | None] = {}
    for key, value in members.items():
        numbers[key] = context.parse_integer(value, f"{pointer}/{key}")
    first = numbers.get("from") or 1
    last = numbers.get("to")
    cycle = numbers.get("cycle")
    highest = max(first, last or 1)
    if last is not None and last < first:
        message = f"it ends at call {last}, before it begins at call {first}"
        context.add_problem("bad-value", message, f"{pointer}/to")
    elif cycle is not None and highest > cycle:
        message = f"a cycle of {cycle} has no call {highest}"
        context.add_problem("bad-value", message, pointer)
    return CallRange(first, last, cycle)


def _parse_period(data: Json, context: ParseContext, pointer: str) -> Period:
    """Parse `from`, `to` and `every`; what is invalid is left out.

    `from` is included, `to` is not. With `every`, both are offsets within each cycle.
    """
    members = context.parse_mapping(data, ("from", "to", "every"), pointer)
    begin = _parse_end(members, "from", context, pointer)
    end = _parse_end(members, "to", context, pointer)
    cycle = _parse_cycle(members, context, pointer)
    if cycle is not None:
        for key, moment in (("from", begin), ("to", end)):
            if moment is not None and not _is_in_cycle(moment, cycle):
                context.add_problem(
                    "bad-value",
                    f'"{key}" is not a position in the cycle',
                    f"{pointer}/{key}",
                    expected="an offset within it",
                )
                return Period()
    if _ends_before_it_begins(begin, end):
        expected = 'a later one than "from"'
        message = "the period ends before it begins"
        context.add_problem("bad-value", message, f"{pointer}/to", expected=expected)
    return Period(begin, end, cycle)


def _parse_end(
    members: dict[str, Json], key: str, context: ParseContext, pointer: str
) -> Moment | None:
    """Return an offset from the world's start, or a time; None when it is missing or invalid."""
    if key not in members:
        return None
    return context.parse_text(parse_moment, members[key], f"{pointer}/{key}", _MOMENT_EXPECTED)


def _parse_cycle(members: dict[str, Json], context: ParseContext, pointer: str) -> timedelta | None:
    """Return the length of a cycle, which must be above 0; None when it is missing or invalid."""
    if "every" not in members:
        return None
    cycle = context.parse_text(
        parse_duration, members["every"], f"{pointer}/every", "a duration such as 60s"
    )
    if cycle is not None and not cycle:
        message = "the cycle takes no time"
        context.add_problem("bad-value", message, f"{pointer}/every", expected="a time above 0")
        return None
    return cycle


def _is_in_cycle(moment: Moment, cycle: timedelta) -> bool:
    """Return whether a moment is an offset within a cycle; a time on the calendar cannot repeat."""
    return isinstance(moment, timedelta) and timedelta(0) <= moment <= cycle


def _ends_before_it_begins(begin: Moment | None, end: Moment | None) -> bool:
    """Return whether two offsets, or two times, are in the wrong order.

    An offset and a time cannot be compared without a clock.
    """
    if isinstance(begin, timedelta) and isinstance(end, timedelta):
        return end <= begin
    if isinstance(begin, datetime) and isinstance(end, datetime):
        return end <= begin
    return False
