"""Which keywords are rules that can be violated, and how a schema is split into a rule and others.

A keyword can have several rules: each name of `required` is one.
"""

from collections.abc import Callable, Iterator
from typing import Any

from understudy.contract.document.pointers import JsonObject
from understudy.contract.schema.keywords import KEYWORD_VALUE_CHECKS, Schema
from understudy.messages import Json

OF_PARTS = ("properties", "patternProperties", "prefixItems", "items")
"""What a member or an item has to satisfy is a rule of its own location, not of the whole.

It is a rule of the whole only that a member or an item must not be there."""
CLOSING = ("additionalProperties", "unevaluatedProperties", "unevaluatedItems")
"""Rules of the whole about members and items that no other keyword describes."""
IN_PLACE = frozenset(["$ref", "allOf"])
WITHOUT_RULE = frozenset(
    [
        *("title", "description", "examples", "$comment", "deprecated", "readOnly", "writeOnly"),
        *("$defs", "definitions", "contentSchema"),
        *("$anchor", "$dynamicAnchor", "$dynamicRef", "$id"),
        *("minContains", "maxContains", "then", "else"),
    ]
)
"""Keywords that are annotations, or one rule together with another keyword."""
BREAKABLE = (
    (frozenset(KEYWORD_VALUE_CHECKS) | {"const"})
    - frozenset([*OF_PARTS, *CLOSING])
    - IN_PLACE
    - WITHOUT_RULE
)
"""Rules of the whole value."""
_COMPANIONS = {"contains": ("minContains", "maxContains"), "if": ("then", "else")}
"""Keywords that are one rule together with the first."""
_MAX_RULES = 8
"""How many rules of one keyword are violated."""

_SplitSchema = tuple[JsonObject, JsonObject]
"""A schema of one rule, and a schema of all others."""
IsImpossible = Callable[[Schema], bool]
"""Whether no value satisfies a schema."""


def list_parts(keyword: str, value: Any) -> list[Schema]:
    """Return the schemas of a keyword of OF_PARTS."""
    if isinstance(value, list):
        return list(value)
    if keyword == "items":
        return [value]
    return list(value.values())


def list_missing_members(schema: JsonObject, value: Json) -> Iterator[tuple[str, str]]:
    """Yield the members of an object that a schema requires, each with the keyword."""
    if not isinstance(value, dict):
        return
    for name in schema.get("required", ()):
        if name in value:
            yield "required", name
    for name, dependents in schema.get("dependentRequired", {}).items():
        if name in value:
            others = [part for part in dependents if part in value and part != name]
            yield from (("dependentRequired", part) for part in others)


def split_rules(
    schema: JsonObject, keyword: str, is_impossible: IsImpossible
) -> list[_SplitSchema]:
    """Return a schema of each rule of a keyword, with a schema of everything else."""
    value = schema[keyword]
    match keyword:
        case "required":
            split = [
                _replace(schema, keyword, [name], [other for other in value if other != name])
                for name in value[:_MAX_RULES]
            ]
        case "dependentRequired":
            pairs = [(name, dependent) for name in value for dependent in value[name]]
            split = [
                _replace(schema, keyword, {name: [dependent]}, _drop(value, name, dependent))
                for name, dependent in pairs[:_MAX_RULES]
            ]
        case "properties" | "patternProperties":
            split = [
                _replace(schema, keyword, {name: part}, {**value, name: True})
                for name, part in value.items()
                if is_impossible(part)
            ]
        case "prefixItems":
            split = [
                _replace(
                    schema,
                    keyword,
                    [*[True] * index, part],
                    [*value[:index], True, *value[index + 1 :]],
                )
                for index, part in enumerate(value)
                if is_impossible(part)
            ]
        case _:
            split = [_split_whole(schema, keyword)]
    return split


def _replace(schema: JsonObject, keyword: str, rule: Any, rest: Any) -> _SplitSchema:
    """Return a schema of one value of a keyword, and the schema with another value of it."""
    return {keyword: rule}, {**schema, keyword: rest}


def _drop(value: dict[str, list[str]], name: str, dependent: str) -> dict[str, list[str]]:
    """Return the value of `dependentRequired` without one dependent of a name."""
    return {**value, name: [other for other in value[name] if other != dependent]}


def _split_whole(schema: JsonObject, keyword: str) -> _SplitSchema:
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
    if keyword == "items":
        rule["prefixItems"] = [True] * len(schema.get("prefixItems", ()))
        if not rule["prefixItems"]:
            del rule["prefixItems"]
    return rule, rest
