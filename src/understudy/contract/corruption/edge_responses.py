"""Answers at the edge of what a contract allows: valid, and still what clients stumble over."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
from understudy.messages import Response, dump_json

if TYPE_CHECKING:
    from understudy.contract.operation.compiled_contract import Operation

_PLACES = 300
"""At how many places of an answer a class is tried."""


@dataclass(frozen=True, slots=True)
class EdgeCase:
    """A valid answer of a class of edge cases."""

    name: str
    """`integer-int64-max`, `list-empty`, `optional-absent`, `text-cjk`…: as the strategies name their classes."""
    response: Response


def edge_cases(operation: "Operation", status: str, *, seed: int = 0) -> Iterator[EdgeCase]:
    """Give valid answers of an operation, one for each class that its schema has room for.

    A class is at every place where the schema allows it. `status` is a key of the contract's `responses`. The same seed
    gives the same bytes. Raises InputError for a status that is not documented.
    """
    base = sample_response(operation, status, seed=seed)
    ground = ResponseTarget.from_spec(operation, operation.responses[status]).context
    if ground is None:
        return
    places = [
        spot for spot in iter_locations(operation.document, ground.schema) if _is_plain(spot)
    ][:_PLACES]
    for name, change in _changes().items():
        value = _changed(ground, places, base.json(), change, seed)
        response = Response(base.status, base.headers, dump_json(value))
        if value != base.json() and not operation.validate_response(response):
            yield EdgeCase(name, response)


Change = Callable[[CorruptionContext, Location, Any], Any]
"""Gives what stands at a place instead of a value; the value itself where the class says nothing of it."""


def _changes() -> dict[str, Change]:
    return {
        "optional-absent": _bare,
        "list-empty": lambda ground, spot, value: [] if isinstance(value, list) else value,
        "object-empty": lambda ground, spot, value: {} if isinstance(value, dict) else value,
        "null": lambda ground, spot, value: None,
        **{name: _instead(number, int) for name, (number, _) in INTEGERS.items()},
        **{name: _instead(text, str) for name, (text, _) in TEXTS.items()},
        **{name: _at(text, "date-time") for name, (text, _) in TIMES.items()},
        **{name: _at(text, "date") for name, (text, _) in DATES.items()},
        **{name: _at(text, "uuid") for name, (text, _) in UUIDS.items()},
        "enum-value": lambda ground, spot, value: next(
            (told[-1] for told in spot.keyword_values("enum") if told), value
        ),
    }


def _instead(other: Any, kind: type) -> Change:
    return lambda ground, spot, value: other if type(value) is kind else value


def _at(text: str, form: str) -> Change:
    return lambda ground, spot, value: text if form in spot.keyword_values("format") else value


def _bare(ground: CorruptionContext, spot: Location, value: Any) -> Any:
    needed = {name for names in spot.keyword_values("required") for name in names}
    return (
        {name: part for name, part in value.items() if name in needed}
        if isinstance(value, dict)
        else value
    )


def _is_plain(spot: Location) -> bool:
    """Whether a place is surely there, and no part of how the answer is enveloped."""
    enveloping = spot.step is Step.MEMBER and spot.key == ENVELOPE_STATUS and spot.depth == 1
    return (
        not enveloping
        and not spot.is_recursive
        and all(above.step is not Step.BRANCH for above in spot.lineage)
    )


def _changed(
    ground: CorruptionContext, places: list[Location], value: Any, change: Change, seed: int
) -> Any:
    """Give a value with a change made wherever the schema of the place allows that, the innermost first."""
    for spot in reversed(places):
        walk = ValueWalk(ground, value, seed)
        walk.reach(spot.lineage)
        before = value_at(walk.root, walk.tokens)
        after = change(ground, spot, before)
        if _differ(after, before) and not ground.find_errors(spot.schemas, after):
            value = replace_at(walk.root, walk.tokens, after)
    return value


def _differ(first: Any, second: Any) -> bool:
    return type(first) is not type(second) or bool(first != second)
