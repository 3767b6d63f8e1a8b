"""Reads conditions: of a rule, and of a search in the journal."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from understudy.contract import Contract
from understudy.contract.document.pointers import child_pointer
from understudy.contract.operation.path_routing import list_variables
from understudy.durations import parse_duration, parse_moment
from understudy.errors import nearest_name
from understudy.rules.matching.conditions import (
    FROM_PATH,
    AccountCondition,
    BodyCondition,
    Condition,
    OperationCondition,
    ProbabilityCondition,
    RequestCondition,
    RequestPartCondition,
    StatusCondition,
    TaskStateCondition,
    TimeCondition,
)
from understudy.rules.matching.route_patterns import RoutePattern, parse_route_pattern
from understudy.rules.matching.value_matchers import ValueMatcher
from understudy.rules.matching.when import When
from understudy.rules.parse.parse_bodies import parse_body
from understudy.rules.parse.parse_context import ParseContext, as_sequence, format_scalar
from understudy.rules.values.bounded_regex import compile_pattern
from understudy.rules.values.call_ranges import CallRange, Period

_OF_REQUEST = ("operation", "request", "path", "query", "headers", "body")
RULE_KEYS = (*_OF_REQUEST, "state", "call", "time", "probability")
"""The keys of a rule's `when`."""
SEARCH_KEYS = (*_OF_REQUEST, "status", "account")
"""The keys of a search."""
_MATCHER = ("equals", "matches", "contains", "present")
_PLACES = {"path": "path", "query": "query", "headers": "header"}
_ROUTE = "a method (or *) and a path, such as GET /api/v2/tasks/*"


def parse_conditions(
    data: Any, reading: ParseContext, pointer: str, *, search: bool = False
) -> When:
    """Read conditions of what is being read."""
    if data is None:
        return When()
    told = reading.parse_mapping(
        _without_world(data, reading, pointer) if search else data,
        SEARCH_KEYS if search else RULE_KEYS,
        pointer,
    )
    operations = tuple(_operations(told, reading, f"{pointer}/operation"))
    route = None
    if "request" in told:
        route = reading.parse_text(
            parse_route_pattern, told["request"], f"{pointer}/request", _ROUTE
        )
    if operations and route is not None:
        reading.add_problem(
            "bad-mix",
            ": both an operation and a request are told",
            f"{pointer}/request",
            key=True,
            expected="one of them",
        )
        route = None
    conditions = [
        *_of_request(told, operations, route, reading, pointer),
        *_of_world(told, reading, pointer),
    ]
    call = _span(told["call"], reading, f"{pointer}/call") if "call" in told else None
    when = When(tuple(conditions), call, operations, route)
    if reading.contract is not None and not search:
        _check(told, when, reading.contract, reading, pointer)
    elif (
        reading.contract is not None and operations
    ):  # what no operation answered may have other variables
        _check_variables(told, when, reading.contract, reading, pointer)
    return when


def _without_world(data: Any, reading: ParseContext, pointer: str) -> Any:
    if not isinstance(data, dict):
        return data
    for name in set(data) & (set(RULE_KEYS) - set(SEARCH_KEYS)):
        hint = "A journal is searched by requests and answers."
        reading.add_problem(
            "unknown-key",
            f': it cannot ask for "{name}"',
            child_pointer(pointer, name),
            key=True,
            hint=hint,
        )
    return {
        name: value for name, value in data.items() if name in SEARCH_KEYS or name not in RULE_KEYS
    }


def _operations(told: dict[str, Any], reading: ParseContext, pointer: str) -> Iterator[str]:
    names = as_sequence(told["operation"]) if "operation" in told else ()
    if isinstance(names, list) and not names:
        reading.add_wrong_value(pointer, names, "an operationId, or a list of them")
    for index, name in enumerate(names):
        where = f"{pointer}/{index}" if isinstance(names, list) else pointer
        if not isinstance(name, str):
            if name is not None:  # what the shape's check took out
                reading.add_wrong_value(where, name, "an operationId")
        elif reading.contract is None or name in reading.contract.operations:
            yield name
        else:
            what = f'names the operation "{name}"; the contract has no such operation'
            reading.add_problem(
                "no-such-operation",
                what,
                where,
                near=nearest_name(name, reading.contract.operations),
            )
            yield name


def _of_request(
    told: dict[str, Any],
    operations: tuple[str, ...],
    route: RoutePattern | None,
    reading: ParseContext,
    pointer: str,
) -> Iterator[Condition]:
    if operations:
        yield OperationCondition(operations)
    if route is not None:
        yield RequestCondition(route)
    for key, place in _PLACES.items():
        parts = told.get(key, {})
        if not isinstance(parts, dict):
            reading.add_wrong_value(f"{pointer}/{key}", parts, "a mapping of names and values")
            continue
        for name, value in parts.items():
            matcher = _matcher(value, reading, child_pointer(pointer, key, name))
            if matcher is not None:
                yield RequestPartCondition(place, str(name), matcher)
    if "body" in told:
        yield from (
            BodyCondition(matcher)
            for matcher in parse_body(told["body"], reading, f"{pointer}/body")
        )
    if "status" in told:
        statuses = tuple(_statuses(told["status"], reading, f"{pointer}/status"))
        if statuses:
            yield StatusCondition(statuses)
    if "account" in told:
        matcher = _matcher(told["account"], reading, f"{pointer}/account")
        if matcher is not None:
            yield AccountCondition(matcher)


def _matcher(value: Any, reading: ParseContext, pointer: str) -> ValueMatcher | None:
    text = format_scalar(value)
    if text is not None:
        return ValueMatcher(equals=text)
    if not isinstance(value, dict) or not value:
        reading.add_wrong_value(pointer, value, f"a value, or a mapping with {', '.join(_MATCHER)}")
        return None
    told = reading.parse_mapping(value, _MATCHER, pointer)
    texts = {key: format_scalar(told[key]) for key in ("equals", "contains") if key in told}
    for key in (key for key, wanted in texts.items() if wanted is None):
        reading.add_wrong_value(f"{pointer}/{key}", told[key], "a text, a number, or true or false")
    pattern = None
    if "matches" in told:
        pattern = reading.parse_text(
            compile_pattern, told["matches"], f"{pointer}/matches", "a regular expression"
        )
    present = told.get("present")
    if present is not None and not isinstance(present, bool):
        reading.add_wrong_value(f"{pointer}/present", present, "true or false")
    if present is False and len(told) > 1:
        reading.add_problem(
            "bad-mix",
            ": what is not present can have no value",
            pointer,
            expected='"present: false" alone',
        )
    return ValueMatcher(
        texts.get("equals"),
        pattern,
        texts.get("contains"),
        present if isinstance(present, bool) else None,
    )


def _statuses(value: Any, reading: ParseContext, pointer: str) -> Iterator[str]:
    for status in as_sequence(value):
        text = str(status).lower()
        is_class = len(text) == 3 and text[0] in "12345" and text[1:] == "xx"
        if is_class or (
            isinstance(status, int) and not isinstance(status, bool) and 100 <= status <= 599
        ):
            yield text
        else:
            reading.add_wrong_value(
                pointer, status, "a status such as 404, a class such as 4xx, or a list of them"
            )


def _of_world(told: dict[str, Any], reading: ParseContext, pointer: str) -> Iterator[Condition]:
    if "state" in told:
        state = _state(told["state"], reading, f"{pointer}/state")
        if state is not None:
            yield state
    if "time" in told:
        yield TimeCondition(_period(told["time"], reading, f"{pointer}/time"))
    if "probability" in told:
        chance = told["probability"]
        if isinstance(chance, int | float) and not isinstance(chance, bool) and 0 <= chance <= 1:
            yield ProbabilityCondition(chance, reading.name)
        else:
            reading.add_wrong_value(f"{pointer}/probability", chance, "a number from 0 to 1")


def _state(value: Any, reading: ParseContext, pointer: str) -> TaskStateCondition | None:
    told = reading.parse_mapping(value, ("task", "subtask", "status"), pointer)
    ids: dict[str, int | str | None] = {"task": None, "subtask": None}
    for key in ids:
        found = told.get(key)
        if found == FROM_PATH or (isinstance(found, int) and not isinstance(found, bool)):
            ids[key] = found
        elif found is not None:
            reading.add_wrong_value(
                f"{pointer}/{key}", found, f"an id, or {FROM_PATH} for the one that the call names"
            )
    statuses = tuple(
        status for status in as_sequence(told.get("status")) if isinstance(status, str)
    )
    if "status" in told and len(statuses) < len(as_sequence(told["status"])):
        reading.add_wrong_value(f"{pointer}/status", told["status"], "a status, or a list of them")
    if ids["task"] is None or not statuses:
        return None  # the shape's check has noted what is missing
    return TaskStateCondition(ids["task"], ids["subtask"], statuses)


def _span(value: Any, reading: ParseContext, pointer: str) -> CallRange | None:
    if not isinstance(value, dict):
        number = reading.parse_integer(value, pointer)
        return None if number is None else CallRange(number, number)
    told = reading.parse_mapping(value, ("from", "to", "cycle"), pointer)
    numbers = {key: reading.parse_integer(told[key], f"{pointer}/{key}") for key in told}
    first, last, cycle = numbers.get("from") or 1, numbers.get("to"), numbers.get("cycle")
    if last is not None and last < first:
        reading.add_problem(
            "bad-value",
            f": it ends at call {last}, before it begins at call {first}",
            f"{pointer}/to",
        )
    elif cycle is not None and max(first, last or 1) > cycle:
        reading.add_problem(
            "bad-value",
            f": there is no call {max(first, last or 1)} in a cycle of {cycle}",
            pointer,
        )
    return CallRange(first, last, cycle)


def _period(value: Any, reading: ParseContext, pointer: str) -> Period:
    told = reading.parse_mapping(value, ("from", "to", "every"), pointer)
    expected = "an offset from the world's start such as 30s, or a time with its offset from UTC"
    ends = {
        key: reading.parse_text(parse_moment, told[key], f"{pointer}/{key}", expected)
        for key in ("from", "to")
        if key in told
    }
    begin, end, every = ends.get("from"), ends.get("to"), None
    if "every" in told:
        every = reading.parse_text(
            parse_duration, told["every"], f"{pointer}/every", "a duration such as 60s"
        )
        if every is not None and not every:
            reading.add_problem(
                "bad-value",
                ": the cycle takes no time",
                f"{pointer}/every",
                expected="a time above 0",
            )
            every = None
    if every is not None:
        for key, moment in ends.items():
            if isinstance(moment, datetime) or (
                moment is not None and not timedelta(0) <= moment <= every
            ):
                reading.add_problem(
                    "bad-value",
                    f': "{key}" is no position in the cycle',
                    f"{pointer}/{key}",
                    expected="an offset within it",
                )
                return Period()
    if type(begin) is type(end) and begin is not None and end is not None and end <= begin:  # type: ignore[operator]
        reading.add_problem(
            "bad-value",
            ": it ends before it has begun",
            f"{pointer}/to",
            expected='a later one than "from"',
        )
    return Period(begin, end, every)


def _check(
    told: dict[str, Any], when: When, contract: Contract, reading: ParseContext, pointer: str
) -> None:
    """Note what the contract does not know: requests of no operation, path variables of other ones."""
    operations = when.matching_operations(contract)
    if when.route is not None and not operations and not reading.off_contract:
        what = f'names the request "{when.route.text}", which fits no operation of the contract'
        path = when.route.text.partition(" ")[2]
        near = nearest_name(path, contract.by_path)
        reading.add_problem(
            "no-such-operation",
            what,
            f"{pointer}/request",
            near=near,
            hint='A reply may say "off-contract: true".',
        )
    if not operations:
        return
    _check_variables(told, when, contract, reading, pointer)
    state = next((c for c in when.conditions if isinstance(c, TaskStateCondition)), None)
    needed = (
        0
        if state is None
        else 2
        if state.subtask == FROM_PATH
        else 1
        if state.task == FROM_PATH
        else 0
    )
    if needed > max(
        len(list_variables(operation.path)) for operation in operations
    ) and needed > len(when.route.variable_names if when.route else ()):
        what = f": {_whose(when)} names no {'subtask' if needed == 2 else 'task'} in its path"
        reading.add_problem("no-such-variable", what, f"{pointer}/state")


def _check_variables(
    told: dict[str, Any], when: When, contract: Contract, reading: ParseContext, pointer: str
) -> None:
    names, variables = path_variable_names(when, contract), told.get("path")
    for name in variables if isinstance(variables, dict) else ():
        if name not in names:
            what = f'names the path variable "{name}"; {_whose(when)} has no such variable'
            near = nearest_name(str(name), names)
            expected = "" if near else f"one of {', '.join(names) or 'none'}"
            reading.add_problem(
                "no-such-variable",
                what,
                child_pointer(pointer, "path", name),
                key=True,
                expected=expected,
                near=near,
            )


def path_variable_names(when: When, contract: Contract) -> tuple[str, ...]:
    """Give the names of the path variables that a call can have."""
    own = when.route.variable_names if when.route is not None else ()
    known = [
        name
        for operation in when.matching_operations(contract)
        for name in list_variables(operation.path)
    ]
    return tuple(dict.fromkeys([*own, *known]))


def _whose(when: When) -> str:
    if when.operations:
        return " or ".join(when.operations)
    return f'"{when.route.text}"' if when.route is not None else "the contract"
