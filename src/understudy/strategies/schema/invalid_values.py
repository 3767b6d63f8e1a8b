"""Invalid values: each breaks one rule at one place, and tells which and where."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from hypothesis import reject
from hypothesis import strategies as st

from understudy.contract import Validator, compile_validator
from understudy.contract.schema.keywords import KEYWORD_VALUE_CHECKS
from understudy.strategies.schema.constraints import Requirement, Requirements
from understudy.strategies.schema.schema_values import SchemaValues
from understudy.strategies.schema.small_draws import pick
from understudy.strategies.schema.value_paths import Location, ValueWalker, replace_at

T = TypeVar("T")
_TRIES = 12
# Together they are one rule; what a member or an item has to obey is a rule of its place, not of the whole.
_TOGETHER = {"contains": ("minContains", "maxContains"), "if": ("then", "else")}
_BREAKABLE = (frozenset(KEYWORD_VALUE_CHECKS) | {"const"}) - {
    *(
        "properties",
        "patternProperties",
        "prefixItems",
        "items",
        "$ref",
        "allOf",
        "minContains",
        "maxContains",
    ),
    *(
        "then",
        "else",
        "title",
        "description",
        "examples",
        "$comment",
        "deprecated",
        "readOnly",
        "writeOnly",
    ),
    *("$defs", "definitions", "contentSchema", "$anchor", "$dynamicAnchor", "$dynamicRef", "$id"),
}
_DEEPEST = 4
"""So deep is looked for something to break where nothing is said of the whole."""
_CLOSING = ("additionalProperties", "unevaluatedProperties", "unevaluatedItems")


@dataclass(frozen=True, slots=True)
class Invalid(Generic[T]):
    """A value that breaks one rule."""

    value: T
    rule: str
    """The keyword that is broken, as the validator names it."""
    pointer: str
    """Where: a JSON pointer into the value. For a member that is missing or not allowed: the object."""


@dataclass(frozen=True, slots=True, eq=False)
class _Break:
    """One way to break a value."""

    place: Location
    keyword: str
    values: st.SearchStrategy[Any]


class InvalidValues:
    """Breaks the values of one schema. `hidden` as in Payloads."""

    def __init__(self, document: Any, schema: Any, hidden: str = "") -> None:
        self._schema = schema
        self._payloads = SchemaValues(document, hidden)
        self._walker = ValueWalker(document)
        self._validator: Validator = compile_validator(schema, document=document, hidden=hidden)
        self._known: dict[Any, st.SearchStrategy[Any] | None] = {}
        self._split: dict[Any, tuple[dict[str, Any], dict[str, Any]]] = {}

    def from_valid(self, valid: st.SearchStrategy[T]) -> st.SearchStrategy[Invalid[T]]:
        """Give values that are valid but for one rule."""
        return _invalid(self, valid, valid)

    def from_any_schema(self, valid: st.SearchStrategy[Any]) -> st.SearchStrategy[Invalid[Any]]:
        """Give the same, of any schema: where its rules are about members or items only, the values have some."""
        demand = self._demand(self._schema, _DEEPEST)
        if demand is False:
            return st.nothing()
        richer = self._payloads.values(Requirement(self._schema), Requirement(demand))
        return _invalid(self, valid, valid if richer.is_empty else richer)

    def _demand(self, schema: Any, depth: int) -> Any:
        """Give a schema of the values that have something to break: true for every value, false for none."""
        nodes = self._walker.in_place_schemas(schema)
        if any(_is_breakable(node, keyword) for node in nodes for keyword in node) or (
            nodes and not depth
        ):
            return True
        told = [demand for node in nodes for demand in self._demands(node, depth - 1)]
        return {"anyOf": told} if told else False

    def _demands(self, node: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
        for name, part in node.get("properties", {}).items():
            if inner := self._demand(part, depth):
                yield {"type": "object", "required": [name], "properties": {name: inner}}
        for pattern, part in node.get("patternProperties", {}).items():
            if inner := self._demand(part, depth):
                beside = {} if inner is True else {"additionalProperties": inner}
                yield {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"pattern": pattern},
                    **beside,
                }
        first = node.get("prefixItems", ())
        for index, part in enumerate(first):
            if inner := self._demand(part, depth):
                yield {
                    "type": "array",
                    "minItems": index + 1,
                    "prefixItems": [*[True] * index, inner],
                }
        if inner := self._demand(node.get("items"), depth):
            yield {
                "type": "array",
                "minItems": len(first) + 1,
                "prefixItems": [*[True] * len(first), inner],
            }
        if inner := self._demand(node.get("additionalProperties"), depth):
            known = node.get("properties", {})
            beside = {"properties": dict.fromkeys(known, True), "additionalProperties": inner}
            yield {
                "type": "object",
                "minProperties": 1 + len(known),
                **({} if inner is True else beside),
            }

    def list_mutations(self, value: Any) -> dict[Any, list[_Break]]:
        """Give every way to break a value: by where (items of an array are alike) and keyword."""
        found: dict[Any, list[_Break]] = {}
        for place in self._walker.locations(value, self._schema):
            for keyword, values in self._broken(place):
                found.setdefault((place.generic_path, keyword), []).append(
                    _Break(place, keyword, values)
                )
        return found

    def classify(self, value: T) -> Invalid[T] | None:
        """Give a value with the one rule that it breaks; None when it breaks none or several."""
        errors = list(self._validator.iter_errors(value))
        if len(errors) != 1 or len(errors[0].names) > 1:
            return None
        return Invalid(value, errors[0].keyword, errors[0].pointer)

    def _broken(self, place: Location) -> Iterator[tuple[str, st.SearchStrategy[Any]]]:
        for index, node in enumerate(place.schemas):
            others = (*place.schemas[:index], *place.schemas[index + 1 :])
            for keyword in node:
                if not _is_breakable(node, keyword):
                    continue
                key = (tuple(map(id, place.schemas)), index, keyword)
                if key not in self._known:
                    goal = (*self._parts(node, keyword), *map(Requirement, others))
                    made = self._payloads.values(*goal)
                    self._known[key] = None if made.is_empty else made
                values = self._known[key]
                if values is not None:
                    yield keyword, values

    def _parts(self, node: dict[str, Any], keyword: str) -> Requirements:
        """Give the goal of a value that breaks one keyword of a schema, and obeys all the others."""
        key = (id(node), keyword)
        if key not in self._split:
            names = (keyword, *_TOGETHER.get(keyword, ()))
            # What is known of members and items decides what is surplus.
            beside = (
                ("properties", "patternProperties") if keyword == "additionalProperties" else ()
            )
            seen = dict.fromkeys(node, True) if keyword.startswith("unevaluated") else {}
            rule = {name: node[name] for name in node if name in (*names, *beside) or name in seen}
            if beside:
                rule = {
                    **rule,
                    **{part: dict.fromkeys(node[part], True) for part in beside if part in node},
                }
            self._split[key] = (
                rule,
                {name: part for name, part in node.items() if name not in names},
            )
        rule, rest = self._split[key]
        return (Requirement(rule, False), Requirement(rest))


def _is_breakable(node: dict[str, Any], keyword: str) -> bool:
    return keyword in _BREAKABLE and (keyword not in _CLOSING or node[keyword] is False)


@st.composite
def _invalid(
    draw: st.DrawFn,
    breaker: InvalidValues,
    valid: st.SearchStrategy[T],
    richer: st.SearchStrategy[T],
) -> Invalid[T]:
    value: Any = draw(valid)
    ways = breaker.list_mutations(value)
    if not ways:
        value = draw(richer)
        ways = breaker.list_mutations(value)
    for _ in range(_TRIES if ways else 0):
        keyword = pick(draw, list(dict.fromkeys(keyword for _, keyword in ways)))
        several = ways[pick(draw, [key for key in ways if key[1] == keyword])]
        way = pick(draw, several)
        found = breaker.classify(replace_at(value, way.place.tokens, draw(way.values)))
        if found is not None:
            return found
    return reject()
