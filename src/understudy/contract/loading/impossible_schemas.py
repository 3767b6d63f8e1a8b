"""Finds schemas that no value satisfies, by keywords that contradict each other.

It looks at the keywords of one schema and of those in its `allOf`: quick enough for each schema of
a large document. A contradiction that takes more to find is none here.
"""

from collections.abc import Hashable, Iterable, Iterator
from fractions import Fraction
from math import ceil, floor
from typing import Any

from understudy.contract.document.pointers import (
    JsonObject,
    PointerError,
    follow_bare_refs,
    follow_refs,
)
from understudy.contract.expansion.json_kinds import as_written, json_key, kind_of
from understudy.contract.schema.keywords import TYPES, rewrite_schemas
from understudy.contract.schema.merge import merge_schemas
from understudy.messages import Json

_DESCRIPTIVE = frozenset(
    ["title", "description", "example", "examples", "default", "$comment", "deprecated", "xml"]
)
"""Keywords that change nothing about which values are valid."""
CONSTRAINTS = frozenset(
    [
        *("enum", "const", "not", "required", "minProperties", "maximum", "exclusiveMaximum"),
        *("maxLength", "maxItems", "maxProperties", "allOf", "oneOf"),
    ]
)
"""A schema without one of these keywords has neither a contradiction nor equal alternatives."""
_MAX_PARTS = 100
_LENGTHS = {"string": ("minLength", "maxLength"), "array": ("minItems", "maxItems")}


def find_contradiction(document: object, schema: JsonObject) -> str:
    """Return why no value satisfies a schema; an empty text where no reason is found."""
    if "allOf" not in schema:
        return _find_in_parts([schema], schema)
    parts = list(_iter_parts(document, schema))
    if any(_find_in_parts([part], part) for part in parts[1:]):
        # That is reported for the part.
        return ""
    return _find_in_parts(parts, merge_schemas([schema], document))


def find_equal_alternatives(document: object, schema: JsonObject) -> Iterator[list[int]]:
    """Yield the indexes of the alternatives of `oneOf` that are equal, for each such group."""
    alternatives = schema.get("oneOf", ())
    groups: dict[Hashable, list[int]] = {}
    for index, alternative in enumerate(alternatives if len(alternatives) > 1 else ()):
        try:
            target, _ = follow_bare_refs(document, alternative, "")
        except PointerError:
            continue
        plain: Any = rewrite_schemas(target, _drop_descriptive)
        groups.setdefault(json_key(plain), []).append(index)
    for group in groups.values():
        if len(group) > 1:
            yield group


def _drop_descriptive(schema: object) -> object:
    if not isinstance(schema, dict):
        return schema
    return {
        keyword: value
        for keyword, value in schema.items()
        if keyword not in _DESCRIPTIVE and not keyword.startswith("x-")
    }


def _iter_parts(document: object, schema: object) -> Iterator[JsonObject]:
    """Yield a schema and all that it requires in `allOf`, references followed."""
    waiting = [schema]
    seen: set[int] = set()
    while waiting and len(seen) < _MAX_PARTS:
        part = waiting.pop()
        if not isinstance(part, dict) or id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        waiting += part.get("allOf", ())
        if "$ref" in part:
            try:
                waiting.append(follow_refs(document, {"$ref": part["$ref"]}, "")[0])
            except PointerError:
                continue


def _types_of(parts: Iterable[JsonObject]) -> list[str]:
    """Return the types that all parts allow."""
    types = list(TYPES)
    for part in parts:
        declared = part.get("type", types)
        allowed = {declared} if isinstance(declared, str) else set(declared)
        if "number" in allowed:
            allowed.add("integer")
        types = [name for name in types if name in allowed]
    return types


def _find_in_parts(parts: list[JsonObject], merged: JsonObject) -> str:
    """Return why no value satisfies some schemas together, or an empty text.

    `merged` has the keywords of all of them.
    """
    types = _types_of(parts)
    if not types:
        return "its parts allow no type together"
    if any(part.get("not") is True or part.get("not") == {} for part in parts):
        return '"not" excludes every value'
    lists = [part["enum"] for part in parts if "enum" in part]
    lists += [[part["const"]] for part in parts if "const" in part]
    if lists:
        return _find_in_values(lists, types)
    reasons = [_find_in_type(merged, name) for name in types]
    return reasons[0] if all(reasons) else ""


def _find_in_values(lists: list[list[Json]], types: list[str]) -> str:
    """Return why none of the listed values is in each list and of some types, or an empty text."""
    common = lists[0]
    for values in lists[1:]:
        keys = {json_key(value) for value in values}
        common = [value for value in common if json_key(value) in keys]
    if not common:
        return '"enum" is empty' if len(lists) == 1 else "its listed values have none in common"
    kinds = {"number" if kind == "fraction" else kind for kind in map(kind_of, common)}
    if kinds.isdisjoint(types):
        return f"no listed value has the type {' or '.join(types)}"
    return ""


def _find_in_type(schema: JsonObject, name: str) -> str:
    """Return why no value of a type is valid, or an empty text."""
    match name:
        case "integer" | "number":
            return _find_in_range(schema, is_integer=name == "integer")
        case "string" | "array":
            least, most = _LENGTHS[name]
            if schema.get(least, 0) > schema.get(most, schema.get(least, 0)):
                return f'"{least}" is greater than "{most}"'
            return ""
        case "object":
            return _find_in_object(schema)
        case _:
            return ""


def _find_in_range(schema: JsonObject, *, is_integer: bool) -> str:
    """Return why no number is in the bounds of a schema, or an empty text."""
    lowest, excludes_lowest = _bound(schema, "minimum", "exclusiveMinimum", max)
    highest, excludes_highest = _bound(schema, "maximum", "exclusiveMaximum", min)
    if lowest is None or highest is None:
        return ""
    step = as_written(schema["multipleOf"]) if "multipleOf" in schema else None
    if is_integer and (step is None or (1 / step).denominator == 1):
        step = Fraction(1)
    if step is None:
        is_empty = lowest > highest or (lowest == highest and (excludes_lowest or excludes_highest))
    else:
        first = ceil(lowest / step)
        last = floor(highest / step)
        first += bool(excludes_lowest and first * step == lowest)
        last -= bool(excludes_highest and last * step == highest)
        is_empty = first > last
    kind = "integer" if is_integer else "number"
    multiple = f" that is a multiple of {schema['multipleOf']}" if "multipleOf" in schema else ""
    return f"no {kind}{multiple} is within its bounds" if is_empty else ""


def _bound(
    schema: JsonObject, plain: str, exclusive: str, strictest: Any
) -> tuple[Fraction | None, bool]:
    """Return the stricter of two bounds, and whether it is excluded; None without any."""
    bounds = [as_written(schema[name]) for name in (plain, exclusive) if name in schema]
    if not bounds:
        return None, False
    bound: Fraction = strictest(bounds)
    return bound, exclusive in schema and as_written(schema[exclusive]) == bound


def _find_in_object(schema: JsonObject) -> str:
    """Return why no object is valid, or an empty text."""
    required = schema.get("required", ())
    properties = schema.get("properties", {})
    is_closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
    for name in required:
        if properties.get(name) is False or (is_closed and name not in properties):
            return f'the required property "{name}" is not allowed'
    most = schema.get("maxProperties")
    if most is not None and len(required) > most:
        return '"required" has more names than "maxProperties" allows'
    least = schema.get("minProperties", 0)
    if most is not None and least > most:
        return '"minProperties" is greater than "maxProperties"'
    if is_closed and least > len(properties):
        return '"minProperties" is greater than the number of properties'
    return ""
