"""Responses at the edge of what a contract allows: valid, but hard for clients.

Corruptions show what a client does with wrong responses; edge cases show what it does with right
ones that it seldom sees: an empty list, the greatest integer, a text from right to left.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from understudy.contract.corruption.corruption_context import (
    CorruptionContext,
    ValueWalk,
    replace_at,
    value_at,
)
from understudy.contract.corruption.edge_values import DATES, INTEGERS, TEXTS, TIMES, UUIDS
from understudy.contract.corruption.locations import Location, Step, iter_locations
from understudy.contract.corruption.response_target import (
    ENVELOPE_STATUS,
    ResponseTarget,
    sample_response,
)
from understudy.contract.operation.compiled_contract import Operation
from understudy.contract.schema.discriminators import discriminating_property
from understudy.messages import Json, Response, dump_json

_MAX_LOCATIONS = 300
"""At how many locations of a response an edge class is tried."""


@dataclass(frozen=True, slots=True)
class EdgeCase:
    """A valid response of one class of edge cases."""

    name: str
    """The class, named as in the strategies: `integer-int64-max`, `list-empty`, `text-cjk`…"""
    response: Response


def edge_cases(operation: Operation, status: str, *, seed: int = 0) -> Iterator[EdgeCase]:
    """Yield valid responses of an operation, one for each edge class that its schema has room for.

    A response has its edge value at every location where the schema allows it. The same seed gives
    the same bytes. Raise InputError for a status that is not documented.

    :param status: a key of the contract's `responses`.
    """
    base = sample_response(operation, status, seed=seed)
    context = ResponseTarget.from_spec(operation, operation.responses[status]).context
    if context is None:
        return
    plain = filter(_is_plain, iter_locations(operation.document, context.schema))
    locations = list(islice(plain, _MAX_LOCATIONS))
    body = base.json()
    for name, change in _build_changes().items():
        value = _change_everywhere(context, locations, body, change, seed)
        response = Response(base.status, base.headers, dump_json(value))
        if value != body and not operation.validate_response(response):
            yield EdgeCase(name, response)


Change = Callable[[Location, Json], Json]
"""Returns the edge value for a location; the value itself where the class does not apply."""


def _build_changes() -> dict[str, Change]:
    """Return the change of each edge class, by its name."""
    changes: dict[str, Change] = {
        "optional-absent": _drop_optional,
        "list-empty": _empty_list,
        "object-empty": _empty_object,
        "null": _null,
    }
    for name, (number, _) in INTEGERS.items():
        changes[name] = partial(_replace_integer, number)
    for name, (text, _) in TEXTS.items():
        changes[name] = partial(_replace_text, text)
    for form, texts in (("date-time", TIMES), ("date", DATES), ("uuid", UUIDS)):
        for name, (text, _) in texts.items():
            changes[name] = partial(_replace_formatted, text, form)
    changes["enum-value"] = _last_enum_value
    return changes


def _drop_optional(location: Location, value: Json) -> Json:
    """Return an object with its required members only."""
    if not isinstance(value, dict):
        return value
    required = {name for names in location.keyword_values("required") for name in names}
    return {name: part for name, part in value.items() if name in required}


def _empty_list(location: Location, value: Json) -> Json:
    if isinstance(value, list):
        return []
    return value


def _empty_object(location: Location, value: Json) -> Json:
    if isinstance(value, dict):
        return {}
    return value


def _null(location: Location, value: Json) -> Json:
    return None


def _replace_integer(number: int, location: Location, value: Json) -> Json:
    # `type`, since a boolean is an int in Python.
    if type(value) is int:
        return number
    return value


def _replace_text(text: str, location: Location, value: Json) -> Json:
    if isinstance(value, str):
        return text
    return value


def _replace_formatted(text: str, form: str, location: Location, value: Json) -> Json:
    if form in location.keyword_values("format"):
        return text
    return value


def _last_enum_value(location: Location, value: Json) -> Json:
    """Return the last documented value: clients often handle the first ones only."""
    for values in location.keyword_values("enum"):
        if values:
            last: Json = values[-1]
            return last
    return value


def _is_plain(location: Location) -> bool:
    """Return whether a location is in each response, and not a part of the envelope."""
    if location.is_recursive:
        return False
    is_envelope_status = location.step is Step.MEMBER and location.key == ENVELOPE_STATUS
    if is_envelope_status and location.depth == 1:
        return False
    if location.step is Step.MEMBER and location.parent is not None:
        # The name of an alternative: with another one, a client cannot read the object.
        nodes = location.parent.nodes
        if any(discriminating_property(node) == location.key for node in nodes):
            return False
    return all(above.step is not Step.BRANCH for above in location.lineage)


def _change_everywhere(
    context: CorruptionContext, locations: list[Location], value: Json, change: Change, seed: int
) -> Json:
    """Return a value changed at each location whose schema allows the change.

    The innermost locations come first: a change of an outer one would remove them.
    """
    for location in reversed(locations):
        walk = ValueWalk(context, value, seed)
        walk.reach(location.lineage)
        before = value_at(walk.root, walk.tokens)
        after = change(location, before)
        if _differ(after, before) and not context.find_errors(location.schemas, after):
            value = replace_at(walk.root, walk.tokens, after)
    return value


def _differ(first: Json, second: Json) -> bool:
    # 1, 1.0 and True are equal in Python.
    return type(first) is not type(second) or first != second
