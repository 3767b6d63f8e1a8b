"""Edge cases, as named classes: what is rare but allowed, and what clients forget."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, inf, nextafter
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from understudy.contract.corruption.edge_values import (
    DATES,
    INTEGERS,
    LISTS,
    SHORT_TEXTS,
    TEXTS,
    TIMES,
    UUIDS,
)
from understudy.strategies.schema.constraints import Requirement, json_key
from understudy.strategies.schema.schema_values import SchemaValues
from understudy.strategies.schema.small_draws import pick
from understudy.strategies.schema.value_paths import Location, ValueWalker, remove_at, replace_at


@dataclass(frozen=True, slots=True)
class EdgeClass:
    """A kind of edge case."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A value, and the class of edge case that it is one of."""

    value: Any
    edge: str


NUMBER_CLASSES = {
    "number-minimum": "the least number that the schema allows",
    "number-maximum": "the greatest number that the schema allows",
}
_BOUNDS = {
    "minimum": ("number-minimum", 1),
    "exclusiveMinimum": ("number-minimum", 1),
    "maximum": ("number-maximum", -1),
    "exclusiveMaximum": ("number-maximum", -1),
}
"""The class at a bound, and in which direction the values lie that the bound allows."""
LENGTH_CLASSES = {
    "text-shortest": "a text that is as short as its pattern or least length allows",
    "text-longest": "a text that is as long as its pattern and greatest length allow",
}
_LONGEST = 256
"""No text of `text-longest` is longer, where the schema sets no greatest length."""
MEMBER_CLASSES = {
    "optional-absent": "every field that may be left out is left out",
    "extra-field": "a field that nobody has documented, where the schema does not forbid it",
}
EXTRA_FIELD = "notDocumentedYet"
"""The name of the field that `extra-field` adds."""
DEFAULT_MAX_ITEMS = 100
"""How many items `list-maximum` has, where the schema sets no maximum."""
GENERAL_CLASSES = (
    *(EdgeClass(name, what) for name, (_, what) in INTEGERS.items()),
    *(EdgeClass(name, what) for name, what in NUMBER_CLASSES.items()),
    *(EdgeClass(name, what) for name, (_, what) in TEXTS.items()),
    *(EdgeClass(name, what) for name, what in LENGTH_CLASSES.items()),
    *(EdgeClass(name, what) for name, (_, what) in TIMES.items()),
    *(EdgeClass(name, what) for name, (_, what) in DATES.items()),
    *(EdgeClass(name, what) for name, (_, what) in UUIDS.items()),
    *(EdgeClass(name, what) for name, what in LISTS.items()),
    *(EdgeClass(name, what) for name, what in MEMBER_CLASSES.items()),
    EdgeClass(
        "enum-value",
        "a value of an enumeration, each as often as the others; true and false are one",
    ),
)
"""The classes that a value of any schema can have."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What stands at an edge, where that is several values."""

    values: st.SearchStrategy[Any]


class EdgeCases:
    """Finds the edges of the values of one schema. `hidden` as in Payloads.

    `plain`: nothing but the schema says what a value means, so that true and false, too, are values of an enumeration.
    """

    def __init__(
        self, document: Any, schema: Any, hidden: str = "", *, plain: bool = False
    ) -> None:
        self._plain = plain
        self._document, self._schema = document, schema
        self._payloads = SchemaValues(document, hidden)
        self._walker = ValueWalker(
            document, lambda part, value: self._payloads.satisfies((Requirement(part),), value)
        )
        self._known: dict[Any, tuple[tuple[str, Any], ...]] = {}

    def from_valid(
        self, valid: st.SearchStrategy[Any], leaving: frozenset[str] = frozenset()
    ) -> st.SearchStrategy[Edge]:
        """Give valid values with one edge each. Members named in `leaving` are left as they are."""
        return _edges(self, valid, valid, leaving)

    def from_any_schema(self, valid: st.SearchStrategy[Any]) -> st.SearchStrategy[Edge]:
        """Give the same, of any schema: where it tells no type, values that have none are taken seldom."""
        richer = self._payloads.values(Requirement(self._schema), Requirement({"type": "array"}))
        return _edges(self, valid, valid if richer.is_empty else richer, frozenset())

    def find_edges(
        self, value: Any, leaving: frozenset[str]
    ) -> dict[str, list[tuple[Location, Any]]]:
        """Give the places of a value where each class can be, with what to put there."""
        found: dict[str, list[tuple[Location, Any]]] = {}
        for place in self._walker.locations(value, self._schema):
            if leaving.intersection(map(str, place.tokens)):
                continue
            for name, edge in (*self._scalars(place), *self._containers(place)):
                found.setdefault(name, []).append((place, edge))
        return found

    def remove_optional(self, value: Any, leaving: frozenset[str]) -> Any:
        """Give a value without the members that may be left out."""
        return remove_optional_members(self._walker, value, self._schema, leaving)

    def is_valid(self, value: Any) -> bool:
        """Whether a value obeys the whole schema."""
        return self._payloads.satisfies((Requirement(self._schema),), value)

    def _scalars(self, place: Location) -> tuple[tuple[str, Any], ...]:
        """Give what can stand at a place in place of a number or a text."""
        if isinstance(place.value, dict | list):
            return ()
        key = tuple(map(id, place.schemas))
        if key not in self._known:
            told = [
                (name, value)
                for name, value in self._candidates(place)
                if self._allowed(place, value)
            ]
            self._known[key] = (*told, *self._lengths(place))
        return self._known[key]

    def _candidates(self, place: Location) -> Iterator[tuple[str, Any]]:
        formats = {node.get("format") for node in place.schemas}
        yield from ((name, value) for name, (value, _) in INTEGERS.items())
        yield from _bounds(place.schemas)
        texts = next((told for name, told in _FORMATS.items() if name in formats), TEXTS)
        yield from ((name, value) for name, (value, _) in texts.items())
        if texts is TEXTS:
            yield from _short_texts(place.schemas)
        for node in place.schemas:
            yield from (("enum-value", value) for value in node.get("enum", ()))
            if self._plain:
                yield from (("enum-value", value) for value in (True, False, None))
                yield from (("enum-value", node[key]) for key in ("const",) if key in node)

    def _lengths(self, place: Location) -> Iterator[tuple[str, _Drawn]]:
        """Give the shortest and the longest texts, where a schema says more of them than a greatest length."""
        if not any("pattern" in node or node.get("minLength") for node in place.schemas):
            return
        goal = (*map(Requirement, place.schemas), _TEXT)
        most = min(
            (int(node["maxLength"]) for node in place.schemas if "maxLength" in node),
            default=_LONGEST,
        )
        shortest = _first(
            most, lambda length: self._payloads.is_satisfiable((*goal, _up_to(length)), 0)
        )
        if shortest is None:
            return
        fewer = _first(
            most - shortest,
            lambda less: self._payloads.is_satisfiable((*goal, _from(most - less)), 0),
        )
        yield "text-shortest", _Drawn(self._payloads.values(*goal, _up_to(shortest)))
        yield (
            "text-longest",
            _Drawn(self._payloads.values(*goal, _from(most - (fewer or 0)), _up_to(most))),
        )

    def _allowed(self, place: Location, value: Any) -> bool:
        told = {
            node["type"] if isinstance(node["type"], str) else ""
            for node in place.schemas
            if "type" in node
        }
        # Where nothing is said of the type, anything could stand: that is no edge of this place.
        return bool(
            told or any({"enum", "const"} & node.keys() for node in place.schemas)
        ) and self._fits(place, value)

    def _fits(self, place: Location, value: Any) -> bool:
        return self._payloads.satisfies([Requirement(node) for node in place.schemas], value)

    def _containers(self, place: Location) -> Iterator[tuple[str, Any]]:
        if (
            self._plain
            and isinstance(place.value, dict | list)
            and any({"enum", "const"} & node.keys() for node in place.schemas)
        ):
            yield "enum-value", place.value
        if isinstance(place.value, list):
            for name, value in _lists(place):
                if self._fits(place, value):
                    yield name, value
        if isinstance(place.value, dict):
            extended = {**place.value, EXTRA_FIELD: {"since": "tomorrow"}}
            if EXTRA_FIELD not in place.value and place.schemas and self._fits(place, extended):
                yield "extra-field", extended


def _short_texts(nodes: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Give texts of the classes whose usual text is too long for the schemas."""
    most = min((int(node["maxLength"]) for node in nodes if "maxLength" in node), default=None)
    if most:
        yield from (
            (name, text[:most]) for name, text in SHORT_TEXTS.items() if most < len(TEXTS[name][0])
        )


_FORMATS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "date-time": TIMES,
    "date": DATES,
    "uuid": UUIDS,
}
_TEXT = Requirement({"type": "string"})


@lru_cache(maxsize=1024)
def _up_to(length: int) -> Requirement:
    return Requirement({"maxLength": length})


@lru_cache(maxsize=1024)
def _from(length: int) -> Requirement:
    return Requirement({"minLength": length})


def _first(most: int, holds: Callable[[int], bool]) -> int | None:
    """Give the first number up to `most` for which something holds that goes on to hold; None when there is none."""
    if not holds(most):
        return None
    return bisect_left(range(most), True, key=holds)


def _bounds(nodes: Sequence[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Give the numbers at the bounds that schemas tell, and the nearest ones that another rule may want instead."""
    for keyword, (name, step) in _BOUNDS.items():
        for bound in (node[keyword] for node in nodes if keyword in node):
            multiples = [node["multipleOf"] for node in nodes if "multipleOf" in node]
            yield name, bound
            with suppress(OverflowError):  # an integer that no double can hold
                yield from ((name, near) for near in _near(bound, step, multiples))


def _near(bound: int | float, step: int, multiples: Sequence[int | float]) -> Iterator[int | float]:
    rounded = ceil if step > 0 else floor
    yield rounded(bound) if rounded(bound) != bound else int(bound) + step
    yield from (rounded(bound / of) * of for of in multiples)
    yield nextafter(bound, step * inf)


def _lists(place: Location) -> Iterator[tuple[str, Any]]:
    most = min(
        (int(node["maxItems"]) for node in place.schemas if "maxItems" in node),
        default=DEFAULT_MAX_ITEMS,
    )
    yield "list-empty", []
    yield "list-one", place.value[:1] if place.value else [None]
    if place.value:
        yield "list-maximum", (place.value * (most // len(place.value) + 1))[:most]


def remove_optional_members(
    walker: ValueWalker, value: Any, schema: Any, leaving: frozenset[str] = frozenset()
) -> Any:
    """Give a value without the members that may be left out. What is within one named in `leaving` stays."""
    places = [
        place
        for place in walker.locations(value, schema)
        if not leaving.intersection(map(str, place.tokens))
    ]
    optional = [place.tokens for place in places if place.tokens and not place.required]
    for tokens in reversed(optional):  # the innermost first
        value = remove_at(value, tokens)
    return value


@st.composite
def _edges(
    draw: st.DrawFn,
    edges: EdgeCases,
    valid: st.SearchStrategy[Any],
    richer: st.SearchStrategy[Any],
    leaving: frozenset[str],
) -> Edge:
    for source in (valid, richer, richer, richer):
        value = draw(source)
        found = edges.find_edges(value, leaving)
        least = edges.remove_optional(value, leaving)
        if json_key(least) != json_key(value) and edges.is_valid(least):
            found["optional-absent"] = []
        if found:
            break
    for _ in range(4 if found else 0):
        name = pick(draw, sorted(found))
        if name == "optional-absent":
            return Edge(least, name)
        place, part = pick(draw, found[name])
        part = draw(part.values) if isinstance(part, _Drawn) else part
        made = replace_at(value, place.tokens, part)
        if edges.is_valid(made):
            return Edge(made, name)
    return reject()
