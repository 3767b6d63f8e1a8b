"""Parser of conditions: those of a rule (`when`), and those of a search in the journal.

    when: {operation: getTaskInstance, path: {taskInstanceId: 7}, query: {name: {contains: agent}}}

Both have conditions on the request. Only a rule can have conditions on the world, and only a search
can have conditions on the response.
"""

from collections.abc import Iterator

from understudy.contract.document.pointers import child_pointer
from understudy.messages import Json
from understudy.rules.matching.conditions import (
    AccountCondition,
    BodyCondition,
    OperationCondition,
    RequestCondition,
    RequestPartCondition,
    StatusCondition,
)
from understudy.rules.matching.route_patterns import RoutePattern, parse_route_pattern
from understudy.rules.matching.value_matchers import ValueMatcher
from understudy.rules.matching.when import Condition, When
from understudy.rules.parse.condition_contract_check import check_path_variables, check_when
from understudy.rules.parse.parse_bodies import parse_body, parse_pattern
from understudy.rules.parse.parse_context import (
    ParseContext,
    as_sequence,
    format_scalar,
    is_integer,
)
from understudy.rules.parse.parse_world_conditions import parse_call_range, parse_world_conditions

_REQUEST_KEYS = ("operation", "request", "path", "query", "headers", "body")
RULE_KEYS = (*_REQUEST_KEYS, "state", "call", "time", "probability")
"""The keys of a rule's `when`."""
SEARCH_KEYS = (*_REQUEST_KEYS, "status", "account")
"""The keys of a search."""
_MATCHER_KEYS = ("equals", "matches", "contains", "present")
_LOCATIONS = {"path": "path", "query": "query", "headers": "header"}
"""The locations of the parts of a request, by the keys of `when`."""
_STATUS_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_ROUTE_EXPECTED = "a method (or *) and a path, such as GET /api/v2/tasks/*"


def parse_conditions(
    data: object, context: ParseContext, pointer: str, *, search: bool = False
) -> When:
    """Parse the conditions of a rule, or with `search` those of a search.

    None, for a missing `when`, gives no conditions: the rule matches every call.
    """
    if data is None:
        return When()
    if search:
        data = _without_world(data, context, pointer)
    keys = SEARCH_KEYS if search else RULE_KEYS
    members = context.parse_mapping(data, keys, pointer)
    operations = tuple(_parse_operations(members, context, f"{pointer}/operation"))
    route = _parse_route(members, operations, context, f"{pointer}/request")
    conditions: list[Condition] = []
    # The target comes first: reports show it first, and it decides soonest.
    if operations:
        conditions.append(OperationCondition(operations))
    if route is not None:
        conditions.append(RequestCondition(route))
    conditions += _parse_request_conditions(members, context, pointer)
    conditions += _parse_search_conditions(members, context, pointer)
    conditions += parse_world_conditions(members, context, pointer)
    calls = None
    if "call" in members:
        calls = parse_call_range(members["call"], context, f"{pointer}/call")
    when = When(tuple(conditions), calls, operations, route)
    _check_by_contract(members, when, context, pointer, search=search)
    return when


def _check_by_contract(
    members: dict[str, Json], when: When, context: ParseContext, pointer: str, *, search: bool
) -> None:
    """Report conditions that contradict the contract, if there is one."""
    if context.contract is None:
        return
    if not search:
        check_when(members, when, context.contract, context, pointer)
    elif when.operations:
        # A search without operations also finds calls outside of the contract, whose paths can have
        # any variables.
        check_path_variables(members, when, context.contract, context, pointer)


def _without_world(data: object, context: ParseContext, pointer: str) -> object:
    """Return the conditions of a search; report those that only the world could answer."""
    if not isinstance(data, dict):
        return data
    rule_only = set(RULE_KEYS) - set(SEARCH_KEYS)
    for name in set(data) & rule_only:
        context.add_problem(
            "unknown-key",
            f'"{name}" is a condition of rules only',
            child_pointer(pointer, name),
            key=True,
            hint="A search of a journal sees requests and responses.",
        )
    return {name: value for name, value in data.items() if name not in rule_only}


def _parse_operations(
    members: dict[str, Json], context: ParseContext, pointer: str
) -> Iterator[str]:
    """Yield each operationId, also one that the contract does not have, which is reported."""
    if "operation" not in members:
        return
    data = members["operation"]
    if data == []:
        context.add_wrong_value(pointer, data, "an operationId, or a list of them")
    for index, name in enumerate(as_sequence(data)):
        item_pointer = f"{pointer}/{index}" if isinstance(data, list) else pointer
        if name is None:  # None stands for what the schema's check has removed
            continue
        if not isinstance(name, str):
            context.add_wrong_value(item_pointer, name, "an operationId")
            continue
        if context.contract is not None and name not in context.contract.operations:
            message = f'unknown operation "{name}"'
            near = context.report.find_nearest(name, context.contract.operations)
            context.add_problem("no-such-operation", message, item_pointer, near=near)
        yield name


def _parse_route(
    members: dict[str, Json], operations: tuple[str, ...], context: ParseContext, pointer: str
) -> RoutePattern | None:
    """Return the pattern of `request`, or None; report it beside an `operation`."""
    if "request" not in members:
        return None
    route = context.parse_text(parse_route_pattern, members["request"], pointer, _ROUTE_EXPECTED)
    if route is not None and operations:
        message = 'both "operation" and "request"'
        context.add_problem("bad-mix", message, pointer, key=True, expected="one of them")
        return None
    return route


def _parse_request_conditions(
    members: dict[str, Json], context: ParseContext, pointer: str
) -> Iterator[Condition]:
    """Yield the conditions on path variables, parameters, header fields and the body."""
    for key, location in _LOCATIONS.items():
        parts = members.get(key, {})
        if not isinstance(parts, dict):
            context.add_wrong_value(f"{pointer}/{key}", parts, "a mapping of names and values")
            continue
        for name, value in parts.items():
            matcher = _parse_matcher(value, context, child_pointer(pointer, key, name))
            if matcher is not None:
                yield RequestPartCondition(location, str(name), matcher)
    if "body" in members:
        for body_matcher in parse_body(members["body"], context, f"{pointer}/body"):
            yield BodyCondition(body_matcher)


def _parse_search_conditions(
    members: dict[str, Json], context: ParseContext, pointer: str
) -> Iterator[Condition]:
    """Yield the conditions on the response and the account of an exchange."""
    if "status" in members:
        statuses = tuple(_parse_statuses(members["status"], context, f"{pointer}/status"))
        if statuses:
            yield StatusCondition(statuses)
    if "account" in members:
        matcher = _parse_matcher(members["account"], context, f"{pointer}/account")
        if matcher is not None:
            yield AccountCondition(matcher)


def _parse_matcher(value: object, context: ParseContext, pointer: str) -> ValueMatcher | None:
    """Parse a value that is compared as a text, or a mapping of conditions on it."""
    text = format_scalar(value)
    if text is not None:
        return ValueMatcher(equals=text)
    if not isinstance(value, dict) or not value:
        expected = f"a value, or a mapping with {', '.join(_MATCHER_KEYS)}"
        context.add_wrong_value(pointer, value, expected)
        return None
    members = context.parse_mapping(value, _MATCHER_KEYS, pointer)
    equals = _parse_compared_text(members, "equals", context, pointer)
    contains = _parse_compared_text(members, "contains", context, pointer)
    pattern = parse_pattern(members, context, pointer)
    present = members.get("present")
    if present is not None and not isinstance(present, bool):
        context.add_wrong_value(f"{pointer}/present", present, "true or false")
        present = None
    if present is False and len(members) > 1:
        message = "an absent value cannot have other conditions"
        context.add_problem("bad-mix", message, pointer, expected='"present: false" alone')
    return ValueMatcher(equals, pattern, contains, present)


def _parse_compared_text(
    members: dict[str, Json], key: str, context: ParseContext, pointer: str
) -> str | None:
    """Return the text that a scalar under a key is compared as; None when missing or invalid."""
    if key not in members:
        return None
    text = format_scalar(members[key])
    if text is None:
        expected = "a text, a number, or true or false"
        context.add_wrong_value(f"{pointer}/{key}", members[key], expected)
    return text


def _parse_statuses(value: Json, context: ParseContext, pointer: str) -> Iterator[str]:
    """Yield statuses (`404`) and classes of them (`4xx`)."""
    for status in as_sequence(value):
        text = str(status).lower()
        is_status = is_integer(status) and 100 <= status <= 599
        if is_status or text in _STATUS_CLASSES:
            yield text
        else:
            expected = "a status such as 404, a class such as 4xx, or a list of them"
            context.add_wrong_value(pointer, status, expected)
