"""Finds the edge cases of any schema: values that are rare but valid, and that clients forget."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, inf, nextafter

from hypothesis import reject
from hypothesis import strategies as st

from understudy.contract.corruption.edge_values import (
    DATES,
    INTEGERS,
    SHORT_TEXTS,
    TEXTS,
    TIMES,
    UUIDS,
)
from understudy.contract.document.pointers import JsonObject
from understudy.contract.expansion.constraints import Requirement
from understudy.contract.expansion.json_kinds import json_key
from understudy.contract.schema.discriminators import discriminating_property
from understudy.contract.schema.keywords import Schema, generated_values
from understudy.messages import Json
from understudy.strategies.schema.general_edges import (
    DEFAULT_MAX_ITEMS,
    EXTRA_FIELD,
    EXTRA_VALUE,
    Edge,
)
from understudy.strategies.schema.schema_values import SchemaValues
from understudy.strategies.schema.small_draws import pick
from understudy.strategies.schema.value_paths import (
    Location,
    Token,
    ValueWalker,
    remove_at,
    replace_at,
)

_BOUNDS = {
    "minimum": ("number-minimum", 1),
    "exclusiveMinimum": ("number-minimum", 1),
    "maximum": ("number-maximum", -1),
    "exclusiveMaximum": ("number-maximum", -1),
}
"""By keyword: the class, and the direction of the numbers that the bound allows."""
_MAX_ITEMS = 10_000
"""A list of more items is not built."""
_MAX_LENGTH = 256
"""No text of `text-longest` is longer, where the schema sets no greatest length."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Several values that show a class, of which one is drawn."""

    values: st.SearchStrategy[Json]


_Candidate = tuple[str, Json | _Drawn]
"""The name of a class, and what shows it."""
_Candidates = dict[str, list[tuple[Location, Json | _Drawn]]]
"""By class: where a value can show it, and what to put there."""
_CHOICE_KEYWORDS = frozenset(["enum", "const"])


class EdgeCases:
    """Finds the edge cases of the values of one schema. `hidden` as in `SchemaValues`.

    `schema_alone`: nothing but the schema says what a value means. Then true, false, null and
    constants count as values of an enumeration too.
    """

    def __init__(
        self, document: Schema, schema: Schema, hidden: str = "", *, schema_alone: bool = False
    ) -> None:
        self._schema_alone = schema_alone
        self._schema = schema
        self._values = SchemaValues(document, hidden)
        self._walker = ValueWalker(document, self._satisfies)
        self._known_candidates: dict[tuple[int, ...], tuple[_Candidate, ...]] = {}

    def from_valid(
        self, valid: st.SearchStrategy[Json], unchanged: frozenset[str] = frozenset()
    ) -> st.SearchStrategy[Edge]:
        """Return valid values that show one class each.

        Members named in `unchanged` stay as they are.
        """
        return _draw_edge(self, valid, valid, unchanged)

    def from_any_schema(self, valid: st.SearchStrategy[Json]) -> st.SearchStrategy[Edge]:
        """Return the same for any schema.

        Where it sets no type, values that show a class are preferred.
        """
        is_array = Requirement({"type": "array"})
        richer = self._values.values(Requirement(self._schema), is_array)
        return _draw_edge(self, valid, valid if richer.is_empty else richer, frozenset())

    def find_edges(self, value: Json, unchanged: frozenset[str]) -> _Candidates:
        """Return the locations in a value that can show a class, with what to put there."""
        candidates: _Candidates = {}
        names: set[tuple[Token, ...]] = set()
        for location in self._walker.locations(value, self._schema):
            for schema in location.schemas:
                # The name of an alternative: with another one, a client cannot read the object.
                names.add((*location.tokens, discriminating_property(schema)))
            if location.tokens in names or unchanged.intersection(map(str, location.tokens)):
                continue
            for name, edge in (*self._scalars(location), *self._containers(location)):
                candidates.setdefault(name, []).append((location, edge))
        return candidates

    def remove_optional(self, value: Json, unchanged: frozenset[str]) -> Json:
        """Return a value without the members that may be left out."""
        return remove_optional_members(self._walker, value, self._schema, unchanged)

    def is_valid(self, value: Json) -> bool:
        """Return whether a value satisfies the whole schema."""
        return self._satisfies(self._schema, value)

    def _satisfies(self, schema: Schema, value: Json) -> bool:
        """Return whether a value satisfies a schema."""
        return self._values.satisfies((Requirement(schema),), value)

    def _satisfies_all(self, location: Location, value: Json) -> bool:
        """Return whether a value satisfies all schemas that apply at a location."""
        return self._values.satisfies(map(Requirement, location.schemas), value)

    # Numbers and strings

    def _scalars(self, location: Location) -> tuple[_Candidate, ...]:
        """Return what can replace a number, a string, a boolean or null at a location."""
        if isinstance(location.value, dict | list):
            return ()
        key = tuple(map(id, location.schemas))
        if key not in self._known_candidates:
            allowed: list[_Candidate] = []
            if _sets_type(location):
                allowed += [
                    (name, value)
                    for name, value in self._candidates(location)
                    if self._satisfies_all(location, value)
                ]
            self._known_candidates[key] = (*allowed, *self._lengths(location))
        return self._known_candidates[key]

    def _candidates(self, location: Location) -> Iterator[tuple[str, Json]]:
        """Yield values that show a class, whether or not the schemas allow them here."""
        yield from ((name, number) for name, (number, _) in INTEGERS.items())
        yield from _bounds(location.schemas)
        texts = _texts_of_format(location.schemas)
        yield from ((name, text) for name, (text, _) in texts.items())
        if texts is TEXTS:
            yield from _short_texts(location.schemas)
        for schema in location.schemas:
            yield from (("enum-value", value) for value in generated_values(schema))
            if self._schema_alone:
                yield from (("enum-value", value) for value in (True, False, None))
                if "const" in schema:
                    yield "enum-value", schema["const"]

    def _lengths(self, location: Location) -> Iterator[tuple[str, _Drawn]]:
        """Yield the shortest and the longest strings.

        Only where a schema sets more than a greatest length: else `text-long` shows the same.
        """
        schemas = location.schemas
        if not any("pattern" in schema or schema.get("minLength") for schema in schemas):
            return
        requirements = (*map(Requirement, schemas), _STRING)
        least = max(int(schema.get("minLength", 0)) for schema in schemas)
        limit = _smallest(schemas, "maxLength", max(_MAX_LENGTH, least))

        def is_possible(length: Requirement) -> bool:
            """Return whether there is a string of some length."""
            return self._values.is_satisfiable((*requirements, length), 0)

        shortest = _first(limit, lambda length: is_possible(_at_most(length)))
        if shortest is None:
            return
        missing = _first(limit - shortest, lambda less: is_possible(_at_least(limit - less)))
        longest = limit - (missing or 0)
        yield "text-shortest", _Drawn(self._values.values(*requirements, _at_most(shortest)))
        longest_texts = self._values.values(*requirements, _at_least(longest), _at_most(limit))
        yield "text-longest", _Drawn(longest_texts)

    # Arrays and objects

    def _containers(self, location: Location) -> Iterator[tuple[str, Json]]:
        """Yield what can replace an array or an object at a location."""
        value = location.value
        if isinstance(value, dict | list) and self._schema_alone and _lists_values(location):
            yield "enum-value", value
        if isinstance(value, list):
            for name, items in _lists(location, value):
                if self._satisfies_all(location, items):
                    yield name, items
        if isinstance(value, dict) and EXTRA_FIELD not in value and location.schemas:
            extended: Json = {**value, EXTRA_FIELD: dict(EXTRA_VALUE)}
            if self._satisfies_all(location, extended):
                yield "extra-field", extended


def _sets_type(location: Location) -> bool:
    """Return whether schemas set the type of a value.

    Where they do not, any value is allowed, and a number is not an edge of the location.
    """
    return any("type" in schema for schema in location.schemas) or _lists_values(location)


def _lists_values(location: Location) -> bool:
    """Return whether a schema lists the values that are allowed."""
    return any(_CHOICE_KEYWORDS & schema.keys() for schema in location.schemas)


def _texts_of_format(schemas: Sequence[JsonObject]) -> Mapping[str, tuple[str, str]]:
    """Return the texts for the format that schemas set; those for any text when there is none."""
    formats = {schema.get("format") for schema in schemas}
    for name, texts in _TEXTS_BY_FORMAT.items():
        if name in formats:
            return texts
    return TEXTS


def _short_texts(schemas: Sequence[JsonObject]) -> Iterator[tuple[str, str]]:
    """Yield texts of the classes whose usual text is too long for the schemas."""
    max_length = _smallest(schemas, "maxLength", 0)
    for name, text in SHORT_TEXTS.items():
        usual, _ = TEXTS[name]
        if max_length < len(usual) and max_length:
            yield name, text[:max_length]


def _smallest(schemas: Sequence[JsonObject], keyword: str, default: int) -> int:
    """Return the smallest value of a keyword of some schemas, or the default when none has it."""
    limits = [int(schema[keyword]) for schema in schemas if keyword in schema]
    return min(limits, default=default)


_TEXTS_BY_FORMAT: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "date-time": TIMES,
    "date": DATES,
    "uuid": UUIDS,
}
_STRING = Requirement({"type": "string"})


# Cached, since schemas are known by their identity: an equal new one would be expanded again.


@lru_cache(maxsize=1024)
def _at_most(length: int) -> Requirement:
    """Return the requirement of a greatest length; the same for the same length."""
    return Requirement({"maxLength": length})


@lru_cache(maxsize=1024)
def _at_least(length: int) -> Requirement:
    """Return the requirement of a least length; the same for the same length."""
    return Requirement({"minLength": length})


def _first(last: int, holds: Callable[[int], bool]) -> int | None:
    """Return the first number from 0 to `last` for which a condition holds.

    The condition has to hold for all greater numbers too. None when it holds for none.
    """
    if not holds(last):
        return None
    return bisect_left(range(last), True, key=holds)


def _bounds(schemas: Sequence[JsonObject]) -> Iterator[tuple[str, float]]:
    """Yield the numbers at the bounds of schemas, and the nearest ones.

    The nearest are needed where another keyword forbids the bound itself.
    """
    multiples = [schema["multipleOf"] for schema in schemas if "multipleOf" in schema]
    for keyword, (name, direction) in _BOUNDS.items():
        for bound in (schema[keyword] for schema in schemas if keyword in schema):
            yield name, bound
            with suppress(OverflowError):  # an integer that no double can hold
                yield from ((name, near) for near in _near(bound, direction, multiples))


def _near(bound: float, direction: int, multiples: Sequence[float]) -> Iterator[float]:
    """Yield the next integer, multiples and double on the side that a bound allows."""
    round_inwards = ceil if direction > 0 else floor
    rounded = round_inwards(bound)
    yield rounded if rounded != bound else int(bound) + direction
    yield from (round_inwards(bound / step) * step for step in multiples)
    yield nextafter(bound, direction * inf)


def _lists(location: Location, items: list[Json]) -> Iterator[tuple[str, list[Json]]]:
    """Yield an empty list, one item, and as many items as the schemas allow.

    The items are repeated, since more of them would have to be drawn.
    """
    yield "list-empty", []
    yield "list-one", items[:1] or [None]
    longest = _smallest(location.schemas, "maxItems", DEFAULT_MAX_ITEMS)
    if items and longest <= _MAX_ITEMS:
        repeated = items * (longest // len(items) + 1)
        yield "list-maximum", repeated[:longest]


def remove_optional_members(
    walker: ValueWalker, value: Json, schema: Schema, unchanged: frozenset[str] = frozenset()
) -> Json:
    """Return a value without the members that may be left out.

    Members named in `unchanged` stay as they are, with all that is inside of them.
    """
    optional = [
        location.tokens
        for location in walker.locations(value, schema)
        if location.tokens
        and not location.required
        and not unchanged.intersection(map(str, location.tokens))
    ]
    for tokens in reversed(optional):  # the innermost first
        value = remove_at(value, tokens)
    return value


@st.composite
def _draw_edge(
    draw: st.DrawFn,
    edge_cases: EdgeCases,
    valid: st.SearchStrategy[Json],
    richer: st.SearchStrategy[Json],
    unchanged: frozenset[str],
) -> Edge:
    """Draw a value that can show a class, then one of the classes that it can show.

    When the value shows none, values are drawn from the richer strategy.
    """
    candidates: _Candidates = {}
    for source in (valid, richer, richer, richer):
        value = draw(source)
        candidates = edge_cases.find_edges(value, unchanged)
        shortened = edge_cases.remove_optional(value, unchanged)
        if json_key(shortened) != json_key(value) and edge_cases.is_valid(shortened):
            candidates["optional-absent"] = []
        if candidates:
            break
    for _ in range(4 if candidates else 0):
        name = pick(draw, sorted(candidates))
        if name == "optional-absent":
            return Edge(shortened, name)
        location, part = pick(draw, candidates[name])
        if isinstance(part, _Drawn):
            part = draw(part.values)
        changed = replace_at(value, location.tokens, part)
        if edge_cases.is_valid(changed):
            return Edge(changed, name)
    return reject()
