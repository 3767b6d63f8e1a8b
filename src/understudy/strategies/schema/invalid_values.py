"""Values that violate one rule of a schema at one location, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from hypothesis import reject
from hypothesis import strategies as st

from understudy.contract import Validator, compile_validator
from understudy.contract.document.pointers import JsonObject
from understudy.contract.expansion.constraints import Requirement, Requirements
from understudy.contract.schema.keywords import Schema
from understudy.messages import Json
from understudy.strategies.schema.breakable_rules import (
    BREAKABLE,
    CLOSING,
    OF_PARTS,
    list_missing_members,
    list_parts,
    split_rules,
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

T = TypeVar("T")
_TRIES = 12
_NOTHING: st.SearchStrategy[Json] = st.nothing()
_MAX_DEPTH = 4
"""How deep the search goes for something to violate where a schema requires nothing of the whole
value.
"""

_RuleKey = tuple[tuple[int, ...], int, str]
"""The identities of the schemas of a location, the index of one of them, and its keyword."""
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
    """One way to violate a rule: another value at a location, or a member that is missing."""

    location: Location
    values: st.SearchStrategy[Json] = _NOTHING
    missing: str | None = None

    def draw_value(self, draw: st.DrawFn) -> Json:
        """Draw the value to put at the location."""
        if self.missing is None:
            return draw(self.values)
        return remove_at(self.location.value, (self.missing,))


class InvalidValues:
    """Makes values of one schema invalid. `hidden` as in `SchemaValues`."""

    def __init__(self, document: Schema, schema: Schema, hidden: str = "") -> None:
        self._schema = schema
        self._values = SchemaValues(document, hidden)
        self._walker = ValueWalker(document)
        self._validator: Validator = compile_validator(schema, document=document, hidden=hidden)
        self._strategies: dict[_RuleKey, list[st.SearchStrategy[Json]]] = {}
        self._split_schemas: dict[tuple[int, str], list[Requirements]] = {}

    def from_valid(self, valid: st.SearchStrategy[T]) -> st.SearchStrategy[Invalid[T]]:
        """Return values that would be valid but for one rule."""
        return _draw_invalid(self, valid, valid, st.nothing())

    def from_any_schema(self, valid: st.SearchStrategy[Json]) -> st.SearchStrategy[Invalid[Json]]:
        """Return the same for any schema: where only members or items have rules, there are some.

        The strategy is empty when no value violates the schema.
        """
        wrong = self._values.values(Requirement(self._schema, False))
        if wrong.is_empty:
            return st.nothing()
        breakable = self._breakable(self._schema, _MAX_DEPTH)
        richer = self._values.values(Requirement(self._schema), Requirement(breakable))
        if valid.is_empty:
            # Without a valid value, each value violates some rule, and often several.
            return wrong.map(self._describe_first)
        return _draw_invalid(self, valid, valid if richer.is_empty else richer, wrong)

    def list_mutations(self, value: Json) -> dict[_Path, list[_Mutation]]:
        """Return every way to make a value invalid, by path and keyword.

        All items of an array have one path.
        """
        mutations: dict[_Path, list[_Mutation]] = {}
        for location in self._walker.locations(value, self._schema):
            generic_path = location.generic_path
            for schema in location.schemas:
                for keyword, name in list_missing_members(schema, location.value):
                    mutation = _Mutation(location, missing=name)
                    mutations.setdefault((generic_path, keyword), []).append(mutation)
            for keyword, values in self._violations(location):
                path = (generic_path, keyword)
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

    def _describe_first(self, value: Json) -> Invalid[Json]:
        """Return an invalid value with the first rule that it violates."""
        error = next(self._validator.iter_errors(value))
        return Invalid(value, error.keyword, error.pointer)

    def _breakable(self, schema: Schema | None, depth: int) -> Schema:
        """Return the schema of the values that have a rule to violate.

        It is true when every value has one, false when none has.
        """
        if schema is False:
            return True
        schemas = self._walker.in_place_schemas(schema)
        if any(self._is_breakable(part, keyword, depth) for part in schemas for keyword in part):
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
                if not self._is_breakable(schema, keyword, _MAX_DEPTH):
                    continue
                key = (identities, index, keyword)
                if key not in self._strategies:
                    satisfied = [*map(Requirement, others)]
                    parts = self._split_schema(schema, keyword)
                    drawn = [self._values.values(*part, *satisfied) for part in parts]
                    self._strategies[key] = [values for values in drawn if not values.is_empty]
                yield from ((keyword, values) for values in self._strategies[key])

    def _split_schema(self, schema: JsonObject, keyword: str) -> list[Requirements]:
        """Return what a value has to satisfy that violates one keyword of a schema and no other.

        There is one result for each rule of the keyword.
        """
        key = (id(schema), keyword)
        if key not in self._split_schemas:
            rules = split_rules(schema, keyword, self._is_impossible)
            self._split_schemas[key] = [
                (Requirement(rule, False), Requirement(rest)) for rule, rest in rules
            ]
        return self._split_schemas[key]

    def _is_breakable(self, schema: JsonObject, keyword: str, depth: int) -> bool:
        """Return whether a keyword is a rule of the whole value that can be violated."""
        part = schema[keyword]
        if keyword in CLOSING:
            return self._breakable(part, depth - 1) is not False if depth else part is False
        if keyword in OF_PARTS:
            return any(self._is_impossible(inner) for inner in list_parts(keyword, part))
        return keyword in BREAKABLE

    def _is_impossible(self, schema: Schema) -> bool:
        """Return whether no value satisfies a schema: then a member or item must not be there."""
        if not isinstance(schema, dict):
            return schema is False
        return self._values.find_min_depth((Requirement(schema),)) is None


def _object_of(keywords: JsonObject, inner: Schema, min_members: int) -> JsonObject:
    """Return the schema of objects that have members which satisfy a schema."""
    schema: JsonObject = {"type": "object", "minProperties": min_members, **keywords}
    if inner is not True:
        schema["additionalProperties"] = inner
    return schema


def _array_with(inner: Schema, index: int) -> JsonObject:
    """Return the schema of arrays that have an item at an index, which satisfies a schema."""
    return {"type": "array", "minItems": index + 1, "prefixItems": [*[True] * index, inner]}


@st.composite
def _draw_invalid(
    draw: st.DrawFn,
    invalid_values: InvalidValues,
    valid: st.SearchStrategy[T],
    richer: st.SearchStrategy[T],
    wrong: st.SearchStrategy[Json],
) -> Invalid[T]:
    """Draw a valid value, then a way to make it invalid; a richer value when there is no way.

    When none of the ways violates one rule alone, a wrong value is drawn as a whole.
    """
    value: Any = draw(valid)
    mutations = invalid_values.list_mutations(value)
    if not mutations:
        value = draw(richer)
        mutations = invalid_values.list_mutations(value)
    for _ in range(_TRIES):
        if not mutations:
            break
        # The keyword first, so that a rule of many locations is not drawn more often than others.
        keyword = pick(draw, list(dict.fromkeys(keyword for _, keyword in mutations)))
        path = pick(draw, [path for path in mutations if path[1] == keyword])
        mutation = pick(draw, mutations[path])
        changed: Any = replace_at(value, mutation.location.tokens, mutation.draw_value(draw))
        invalid = invalid_values.classify(changed)
        if invalid is not None:
            return invalid
        mutations[path].remove(mutation)
        if not mutations[path]:
            del mutations[path]
    for _ in range(0 if wrong.is_empty else _TRIES):
        replaced: Any = draw(wrong)
        invalid = invalid_values.classify(replaced)
        if invalid is not None:
            return invalid
    return reject()
