"""Values that violate one rule of a schema at one location, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from hypothesis import reject
from hypothesis import strategies as st

from understudy.contract import Validator, compile_validator
from understudy.contract.document.pointers import JsonObject
from understudy.contract.schema.keywords import KEYWORD_VALUE_CHECKS, Schema
from understudy.messages import Json
from understudy.strategies.schema.constraints import Requirement, Requirements
from understudy.strategies.schema.schema_values import SchemaValues
from understudy.strategies.schema.small_draws import pick
from understudy.strategies.schema.value_paths import Location, Token, ValueWalker, replace_at

T = TypeVar("T")
_TRIES = 12
_COMPANIONS = {"contains": ("minContains", "maxContains"), "if": ("then", "else")}
"""Keywords that are one rule together with the first."""
# What a member or an item has to satisfy is a rule of its own location, not of the whole.
_OF_OTHER_LOCATIONS = frozenset(["properties", "patternProperties", "prefixItems", "items"])
_IN_PLACE = frozenset(["$ref", "allOf"])
_WITHOUT_RULE = frozenset(
    [
        *("title", "description", "examples", "$comment", "deprecated", "readOnly", "writeOnly"),
        *(
            "$defs",
            "definitions",
            "contentSchema",
            "$anchor",
            "$dynamicAnchor",
            "$dynamicRef",
            "$id",
        ),
        *("minContains", "maxContains", "then", "else"),
    ]
)
_BREAKABLE = (
    (frozenset(KEYWORD_VALUE_CHECKS) | {"const"}) - _OF_OTHER_LOCATIONS - _IN_PLACE - _WITHOUT_RULE
)
_CLOSING = ("additionalProperties", "unevaluatedProperties", "unevaluatedItems")
"""These are rules of the whole only when they are false; else they apply to members and items."""
_MAX_DEPTH = 4
"""How deep the search goes for something to violate where a schema requires nothing of the whole
value.
"""

_Path = tuple[tuple[Token, ...], str]
"""Where a rule is violated, with `*` for indexes, and its keyword."""


@dataclass(frozen=True, slots=True)
class Invalid(Generic[T]):
    """A value that violates one rule."""

    value: T
    rule: str
    """The keyword that is violated, as the validator names it."""
    pointer: str
    """A JSON pointer into the value. For a member that is missing or not allowed: the pointer of
    the object.
    """


@dataclass(frozen=True, slots=True, eq=False)
class _Mutation:
    """One way to violate a rule: another value at a location."""

    location: Location
    values: st.SearchStrategy[Json]


class InvalidValues:
    """Makes values of one schema invalid. `hidden` as in `SchemaValues`."""

    def __init__(self, document: Schema, schema: Schema, hidden: str = "") -> None:
        self._schema = schema
        self._values = SchemaValues(document, hidden)
        self._walker = ValueWalker(document)
        self._validator: Validator = compile_validator(schema, document=document, hidden=hidden)
        self._strategies: dict[tuple[tuple[int, ...], int, str], st.SearchStrategy[Json]] = {}
        self._split_schemas: dict[tuple[int, str], tuple[JsonObject, JsonObject]] = {}

    def from_valid(self, valid: st.SearchStrategy[T]) -> st.SearchStrategy[Invalid[T]]:
        """Return values that would be valid but for one rule."""
        return _draw_invalid(self, valid, valid)

    def from_any_schema(self, valid: st.SearchStrategy[Json]) -> st.SearchStrategy[Invalid[Json]]:
        """Return the same for any schema: where only members or items have rules, there are some.

        The strategy is empty when no value violates the schema.
        """
        breakable = self._breakable(self._schema, _MAX_DEPTH)
        if breakable is False:
            return st.nothing()
        richer = self._values.values(Requirement(self._schema), Requirement(breakable))
        return _draw_invalid(self, valid, valid if richer.is_empty else richer)

    def list_mutations(self, value: Json) -> dict[_Path, list[_Mutation]]:
        """Return every way to make a value invalid, by path and keyword.

        All items of an array have one path.
        """
        mutations: dict[_Path, list[_Mutation]] = {}
        for location in self._walker.locations(value, self._schema):
            for keyword, values in self._violations(location):
                path = (location.generic_path, keyword)
                mutations.setdefault(path, []).append(_Mutation(location, values))
        return mutations

    def classify(self, value: T) -> Invalid[T] | None:
        """Return a value with the one rule that it violates.

        None when it violates none or several.
        """
        errors = list(self._validator.iter_errors(value))
        if len(errors) != 1 or len(errors[0].names) > 1:
            return None
        return Invalid(value, errors[0].keyword, errors[0].pointer)

    def _breakable(self, schema: Schema | None, depth: int) -> Schema:
        """Return the schema of the values that have a rule to violate.

        It is true when every value has one, false when none has.
        """
        schemas = self._walker.in_place_schemas(schema)
        if any(_is_breakable(part, keyword) for part in schemas for keyword in part):
            return True
        if schemas and not depth:
            return True
        inside = [part for schema in schemas for part in self._breakable_inside(schema, depth - 1)]
        if inside:
            return {"anyOf": inside}
        return False

    def _breakable_inside(self, schema: JsonObject, depth: int) -> Iterator[JsonObject]:
        """Yield schemas of values that have a member or an item with a rule to violate."""
        for name, part in schema.get("properties", {}).items():
            if inner := self._breakable(part, depth):
                yield {"type": "object", "required": [name], "properties": {name: inner}}
        for pattern, part in schema.get("patternProperties", {}).items():
            if inner := self._breakable(part, depth):
                yield _object_of({"propertyNames": {"pattern": pattern}}, inner, min_members=1)
        prefix = schema.get("prefixItems", ())
        for index, part in enumerate(prefix):
            if inner := self._breakable(part, depth):
                yield _array_with(inner, index)
        if inner := self._breakable(schema.get("items"), depth):
            yield _array_with(inner, len(prefix))
        if inner := self._breakable(schema.get("additionalProperties"), depth):
            known = schema.get("properties", {})
            named = {} if inner is True else {"properties": dict.fromkeys(known, True)}
            yield _object_of(named, inner, min_members=1 + len(known))

    def _violations(self, location: Location) -> Iterator[tuple[str, st.SearchStrategy[Json]]]:
        """Yield keywords that can be violated at a location, with values that violate only them."""
        identities = tuple(map(id, location.schemas))
        for index, schema in enumerate(location.schemas):
            others = (*location.schemas[:index], *location.schemas[index + 1 :])
            for keyword in schema:
                if not _is_breakable(schema, keyword):
                    continue
                key = (identities, index, keyword)
                if key not in self._strategies:
                    violated = self._violate(schema, keyword)
                    satisfied = map(Requirement, others)
                    self._strategies[key] = self._values.values(*violated, *satisfied)
                values = self._strategies[key]
                if not values.is_empty:
                    yield keyword, values

    def _violate(self, schema: JsonObject, keyword: str) -> Requirements:
        """Return what a value has to satisfy that violates one keyword of a schema and no other."""
        key = (id(schema), keyword)
        if key not in self._split_schemas:
            self._split_schemas[key] = _split(schema, keyword)
        rule, rest = self._split_schemas[key]
        return (Requirement(rule, False), Requirement(rest))


def _split(schema: JsonObject, keyword: str) -> tuple[JsonObject, JsonObject]:
    """Return a schema of one keyword with its companions, and a schema of all the others."""
    names = (keyword, *_COMPANIONS.get(keyword, ()))
    rest = {name: part for name, part in schema.items() if name not in names}
    if keyword.startswith("unevaluated"):
        # What is unevaluated depends on all other keywords.
        return dict(schema), rest
    rule = {name: part for name, part in schema.items() if name in names}
    if keyword == "additionalProperties":
        # The names that are known decide which members are additional; their values may be
        # anything.
        for group in ("properties", "patternProperties"):
            if group in schema:
                rule[group] = dict.fromkeys(schema[group], True)
    return rule, rest


def _object_of(keywords: JsonObject, inner: Schema, min_members: int) -> JsonObject:
    """Return the schema of objects that have members which satisfy a schema."""
    schema: JsonObject = {"type": "object", "minProperties": min_members, **keywords}
    if inner is not True:
        schema["additionalProperties"] = inner
    return schema


def _array_with(inner: Schema, index: int) -> JsonObject:
    """Return the schema of arrays that have an item at an index, which satisfies a schema."""
    return {"type": "array", "minItems": index + 1, "prefixItems": [*[True] * index, inner]}


def _is_breakable(schema: JsonObject, keyword: str) -> bool:
    """Return whether a keyword is a rule of the whole value that can be violated."""
    if keyword in _CLOSING:
        return schema[keyword] is False
    return keyword in _BREAKABLE


@st.composite
def _draw_invalid(
    draw: st.DrawFn,
    invalid_values: InvalidValues,
    valid: st.SearchStrategy[T],
    richer: st.SearchStrategy[T],
) -> Invalid[T]:
    """Draw a valid value, then a way to make it invalid; a richer value when there is no way."""
    value: Any = draw(valid)
    mutations = invalid_values.list_mutations(value)
    if not mutations:
        value = draw(richer)
        mutations = invalid_values.list_mutations(value)
    for _ in range(_TRIES if mutations else 0):
        # The keyword first, so that a rule of many locations is not drawn more often than others.
        keyword = pick(draw, list(dict.fromkeys(keyword for _, keyword in mutations)))
        path = pick(draw, [path for path in mutations if path[1] == keyword])
        mutation = pick(draw, mutations[path])
        changed: Any = replace_at(value, mutation.location.tokens, draw(mutation.values))
        invalid = invalid_values.classify(changed)
        if invalid is not None:
            return invalid
    return reject()
