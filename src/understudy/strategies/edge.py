"""Edge cases, as named classes: what is rare but allowed, and what clients forget."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from understudy.contract.edge_values import DATES, INTEGERS, LISTS, SHORT, TEXTS, TIMES
from understudy.strategies.drawing import pick
from understudy.strategies.places import Place, Walker, replaced, without
from understudy.strategies.rules import Atom, json_key
from understudy.strategies.schema import Payloads


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


NUMBERS = {
    "number-minimum": "the least number that the schema allows",
    "number-maximum": "the greatest number that the schema allows",
}
_BOUNDS = {
    "minimum": ("number-minimum", 0),
    "exclusiveMinimum": ("number-minimum", 1),
    "maximum": ("number-maximum", 0),
    "exclusiveMaximum": ("number-maximum", -1),
}
MEMBERS = {
    "optional-absent": "every field that may be left out is left out",
    "extra-field": "a field that nobody has documented, where the schema does not forbid it",
}
EXTRA = "notDocumentedYet"
"""The name of the field that `extra-field` adds."""
MANY = 100
"""How many items `list-maximum` has, where the schema sets no maximum."""
GENERAL = (
    *(EdgeClass(name, what) for name, (_, what) in INTEGERS.items()),
    *(EdgeClass(name, what) for name, what in NUMBERS.items()),
    *(EdgeClass(name, what) for name, (_, what) in TEXTS.items()),
    *(EdgeClass(name, what) for name, (_, what) in TIMES.items()),
    *(EdgeClass(name, what) for name, (_, what) in DATES.items()),
    *(EdgeClass(name, what) for name, what in LISTS.items()),
    *(EdgeClass(name, what) for name, what in MEMBERS.items()),
    EdgeClass("enum-value", "a value of an enumeration, each as often as the others"),
)
"""The classes that a value of any schema can have."""


class Edges:
    """Finds the edges of the values of one schema. `hidden` as in Payloads."""

    def __init__(self, document: Any, schema: Any, hidden: str = "") -> None:
        self._document, self._schema = document, schema
        self._payloads = Payloads(document, hidden)
        self._walker = Walker(document, lambda part, value: self._payloads.obeys((Atom(part),), value))
        self._known: dict[Any, tuple[tuple[str, Any], ...]] = {}

    def edges(self, valid: st.SearchStrategy[Any], leaving: frozenset[str] = frozenset()) -> st.SearchStrategy[Edge]:
        """Give valid values with one edge each. Members named in `leaving` are left as they are."""
        return _edges(self, valid, leaving)

    def of(self, value: Any, leaving: frozenset[str]) -> dict[str, list[tuple[Place, Any]]]:
        """Give the places of a value where each class can be, with what to put there."""
        found: dict[str, list[tuple[Place, Any]]] = {}
        for place in self._walker.places(value, self._schema):
            if leaving.intersection(map(str, place.tokens)):
                continue
            for name, edge in (*self._scalars(place), *self._containers(place)):
                found.setdefault(name, []).append((place, edge))
        return found

    def bare(self, value: Any, leaving: frozenset[str]) -> Any:
        """Give a value without the members that may be left out."""
        return bare(self._walker, value, self._schema, leaving)

    def obeys(self, value: Any) -> bool:
        """Whether a value obeys the whole schema."""
        return self._payloads.obeys((Atom(self._schema),), value)

    def _scalars(self, place: Place) -> tuple[tuple[str, Any], ...]:
        """Give what can stand at a place in place of a number or a text."""
        if isinstance(place.value, dict | list):
            return ()
        key = tuple(map(id, place.nodes))
        if key not in self._known:
            told = self._candidates(place)
            self._known[key] = tuple((name, value) for name, value in told if self._allowed(place, value))
        return self._known[key]

    def _candidates(self, place: Place) -> Iterator[tuple[str, Any]]:
        formats = {node.get("format") for node in place.nodes}
        yield from ((name, value) for name, (value, _) in INTEGERS.items())
        yield from _bounds(place.nodes)
        texts = TIMES if "date-time" in formats else DATES if "date" in formats else TEXTS
        yield from ((name, value) for name, (value, _) in texts.items())
        if texts is TEXTS:
            yield from _short_texts(place.nodes)
        for node in place.nodes:
            yield from (("enum-value", value) for value in node.get("enum", ()))

    def _allowed(self, place: Place, value: Any) -> bool:
        told = {node["type"] if isinstance(node["type"], str) else "" for node in place.nodes if "type" in node}
        # Where nothing is said of the type, anything could stand: that is no edge of this place.
        return bool(told or "enum" in {key for node in place.nodes for key in node}) and self._fits(place, value)

    def _fits(self, place: Place, value: Any) -> bool:
        return self._payloads.obeys([Atom(node) for node in place.nodes], value)

    def _containers(self, place: Place) -> Iterator[tuple[str, Any]]:
        if isinstance(place.value, list):
            for name, value in _lists(place):
                if self._fits(place, value):
                    yield name, value
        if isinstance(place.value, dict):
            extended = {**place.value, EXTRA: {"since": "tomorrow"}}
            if EXTRA not in place.value and place.nodes and self._fits(place, extended):
                yield "extra-field", extended


def _short_texts(nodes: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Give texts of the classes whose usual text is too long for the schemas."""
    most = min((int(node["maxLength"]) for node in nodes if "maxLength" in node), default=None)
    if most:
        yield from ((name, text[:most]) for name, text in SHORT.items() if most < len(TEXTS[name][0]))


def _bounds(nodes: Sequence[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Give the numbers at the bounds that schemas tell; next to one that is left out, an integer."""
    for keyword, (name, step) in _BOUNDS.items():
        for bound in (node[keyword] for node in nodes if keyword in node):
            yield name, bound if not step else floor(bound) + 1 if step > 0 else ceil(bound) - 1


def _lists(place: Place) -> Iterator[tuple[str, Any]]:
    most = min((int(node["maxItems"]) for node in place.nodes if "maxItems" in node), default=MANY)
    yield "list-empty", []
    yield "list-one", place.value[:1] if place.value else [None]
    if place.value:
        yield "list-maximum", (place.value * (most // len(place.value) + 1))[:most]


def bare(walker: Walker, value: Any, schema: Any, leaving: frozenset[str] = frozenset()) -> Any:
    """Give a value without the members that may be left out. What is within one named in `leaving` stays."""
    places = [place for place in walker.places(value, schema) if not leaving.intersection(map(str, place.tokens))]
    optional = [place.tokens for place in places if place.tokens and not place.needed]
    for tokens in reversed(optional):  # the innermost first
        value = without(value, tokens)
    return value


@st.composite
def _edges(draw: st.DrawFn, edges: Edges, valid: st.SearchStrategy[Any], leaving: frozenset[str]) -> Edge:
    value = draw(valid)
    found = edges.of(value, leaving)
    least = edges.bare(value, leaving)
    if json_key(least) != json_key(value) and edges.obeys(least):
        found["optional-absent"] = []
    for _ in range(4 if found else 0):
        name = pick(draw, sorted(found))
        if name == "optional-absent":
            return Edge(least, name)
        place, part = pick(draw, found[name])
        made = replaced(value, place.tokens, part)
        if edges.obeys(made):
            return Edge(made, name)
    return reject()
