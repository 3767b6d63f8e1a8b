"""Edge cases, as named classes: what is rare but allowed, and what clients forget."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

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


INTEGERS = {
    "integer-zero": (0, "the number 0"),
    "integer-minus-one": (-1, "the number -1, which often stands for none"),
    "integer-int32-min": (-(2**31), "the least number of 32 bits"),
    "integer-int32-max": (2**31 - 1, "the greatest number of 32 bits"),
    "integer-2^53-minus-one": (2**53 - 1, "the greatest number that a double tells from its neighbours"),
    "integer-2^53": (2**53, "the first number that a double does not tell from the next one"),
    "integer-2^53-plus-one": (2**53 + 1, "a number that a double cannot hold: JavaScript reads another one"),
    "integer-int64-min": (-(2**63), "the least number of 64 bits"),
    "integer-int64-max": (2**63 - 1, "the greatest number of 64 bits"),
}
TEXTS = {
    "text-empty": ("", "a text of no characters"),
    "text-long": ("long " * 2000, "a text of 10 000 characters"),
    "text-cjk": ("重启集群一区", "Chinese, Japanese or Korean characters"),
    "text-emoji": ("👩‍👩‍👧‍👦🚀🏳️‍🌈", "characters outside of the basic plane, several to one picture"),
    "text-rtl": ("עדכון אשכול تحديث", "a text that is written from right to left"),
    "text-combining": ("Ä́ó̧ Z̷̢a̶l̸g̴o̶", "letters with combining marks"),
    "text-control": ("a\x00b\x07c\x1b[31md\x7f", "control characters: a null, a bell, an escape"),
    "text-newline": ("first\r\nsecond\nthird\u2028fourth\n", "several kinds of line ends, one at the end"),
}
_FRACTION = "123456789"
_FRACTIONS = {
    f"time-{digits}-digits": (
        f"2021-08-25T15:09:31{'.' if digits else ''}{_FRACTION[:digits]}+08:00",
        f"a time whose seconds have {digits} digits after the point",
    )
    for digits in range(10)
}
TIMES = {
    **_FRACTIONS,
    "time-offset-z": ("2021-08-25T15:09:31Z", "a time whose offset is written Z"),
    "time-offset-utc": ("2021-08-25T15:09:31+00:00", "a time whose offset is written +00:00"),
    "time-offset-east": ("2021-08-25T15:09:31+14:00", "a time of the easternmost zone"),
    "time-offset-west": ("2021-08-25T15:09:31-12:00", "a time of the westernmost zone"),
    "time-offset-quarter": ("2021-08-25T15:09:31+05:45", "a time of a zone that is off by quarters of an hour"),
    "time-leap-day": ("2020-02-29T23:59:59+08:00", "the 29th of February"),
    "time-year-1": ("0001-01-01T00:00:00Z", "the first year"),
    "time-year-9999": ("9999-12-31T23:59:59Z", "the last year of four digits"),
}
LISTS = {
    "list-empty": "a list of no items",
    "list-one": "a list of one item",
    "list-maximum": "a list of very many items",
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
    *(EdgeClass(name, what) for name, (_, what) in TEXTS.items()),
    *(EdgeClass(name, what) for name, (_, what) in TIMES.items()),
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
        if "date-time" in formats:
            yield from ((name, value) for name, (value, _) in TIMES.items())
        else:
            yield from ((name, value) for name, (value, _) in TEXTS.items())
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
