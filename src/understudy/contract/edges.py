"""Answers at the edge of what a contract allows: valid, and still what clients stumble over."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.contract.corrupt_ground import (
    ENVELOPE_STATUS,
    Ground,
    UnreachableError,
    Walk,
    at,
    replaced,
    sample_response,
)
from understudy.contract.corrupt_spots import Spot, Step, spots
from understudy.messages import Response, dump_json

if TYPE_CHECKING:
    from understudy.contract.model import Operation

_INTEGERS: Mapping[str, int] = {
    "int64-max": 2**63 - 1,
    "int64-min": -(2**63),
    "beyond-double": 2**53 + 1,
    "last-double": 2**53 - 1,
    "zero": 0,
    "minus-one": -1,
}
_TEXTS: Mapping[str, str] = {
    "empty-text": "",
    "long-text": "long " * 2000,
    "cjk": "重启实例",
    "emoji": "\U0001f469\u200d\U0001f680\U0001f1e8\U0001f1f3",
    "right-to-left": "\u05e9\u05dc\u05d5\u05dd \u202e\u0639\u0627\u0644\u0645",
    "combining": "\u00e9\u0301\u0301",
    "control-characters": "a\x00b\x1b[31mc\x7f",
    "newlines": "first\nsecond\r\nthird\u2028fourth",
}
_TIMES: Mapping[str, str] = {
    "leap-day": "2024-02-29",
    "first-year": "0001-01-01",
    "last-year": "9999-12-31",
    "leap-day-time": "2024-02-29T23:59:59+14:00",
    "nine-digits": "2021-08-25T15:09:31.123456789-12:00",
    "no-digits": "2021-08-25T15:09:31Z",
    "first-moment": "0001-01-01T00:00:00Z",
    "last-moment": "9999-12-31T23:59:59.999Z",
}
_PLACES = 300
"""At how many places of an answer a class is tried."""


@dataclass(frozen=True, slots=True)
class EdgeCase:
    """A valid answer of a class of edge cases."""

    name: str
    """`int64-max`, `empty-lists`, `absent-optionals`, `cjk`…"""
    response: Response


def edge_cases(operation: "Operation", status: str, *, seed: int = 0) -> Iterator[EdgeCase]:
    """Give valid answers of an operation, one for each class that its schema has room for.

    A class is at every place where the schema allows it. `status` is a key of the contract's `responses`. The same seed
    gives the same bytes. Raises InputError for a status that is not documented.
    """
    base = sample_response(operation, status, seed=seed)
    ground = Ground.of(operation, operation.responses[status])
    if ground.schema is None:
        return
    places = [spot for spot in spots(operation.document, ground.schema) if _is_plain(spot)][:_PLACES]
    for name, change in _changes().items():
        value = _changed(ground, places, base.json(), change, seed)
        response = Response(base.status, base.headers, dump_json(value))
        if value != base.json() and not operation.validate_response(response):
            yield EdgeCase(name, response)


Change = Callable[[Ground, Spot, Any], Any]
"""Gives what stands at a place instead of a value; the value itself where the class says nothing of it."""


def _changes() -> dict[str, Change]:
    return {
        "absent-optionals": _bare,
        "empty-lists": lambda ground, spot, value: [] if isinstance(value, list) else value,
        "empty-objects": lambda ground, spot, value: {} if isinstance(value, dict) else value,
        "nulls": lambda ground, spot, value: None,
        **{name: _instead(number, int) for name, number in _INTEGERS.items()},
        **{name: _instead(text, str) for name, text in _TEXTS.items()},
        **{name: _at_time(text) for name, text in _TIMES.items()},
        "last-of-enum": lambda ground, spot, value: next((told[-1] for told in spot.told("enum") if told), value),
    }


def _instead(other: Any, kind: type) -> Change:
    return lambda ground, spot, value: other if type(value) is kind else value


def _at_time(text: str) -> Change:
    form = "date-time" if "T" in text else "date"
    return lambda ground, spot, value: text if form in spot.told("format") else value


def _bare(ground: Ground, spot: Spot, value: Any) -> Any:
    needed = {name for names in spot.told("required") for name in names}
    return {name: part for name, part in value.items() if name in needed} if isinstance(value, dict) else value


def _is_plain(spot: Spot) -> bool:
    """Whether a place is surely there, and no part of how the answer is enveloped."""
    enveloping = spot.step is Step.MEMBER and spot.key == ENVELOPE_STATUS and spot.depth == 1
    return not enveloping and not spot.ends and all(above.step is not Step.BRANCH for above in spot.line)


def _changed(ground: Ground, places: list[Spot], value: Any, change: Change, seed: int) -> Any:
    """Give a value with a change made wherever the schema of the place allows that, the innermost first."""
    for spot in reversed(places):
        walk = Walk(ground, deepcopy(value), seed)
        try:
            walk.reach(spot.line)
        except UnreachableError:
            continue
        before = at(walk.whole, walk.tokens)
        after = change(ground, spot, before)
        if _differ(after, before) and not ground.errors(spot.given, after):
            value = replaced(walk.whole, walk.tokens, after)
    return value


def _differ(first: Any, second: Any) -> bool:
    return type(first) is not type(second) or bool(first != second)
