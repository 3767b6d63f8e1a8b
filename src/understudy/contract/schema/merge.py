"""Merging several schemas that apply to the same value into one (for `allOf`)."""

from collections.abc import Callable, Iterable
from typing import Any

from understudy.contract.document.pointers import (
    JsonObject,
    ref_target,
    resolve_pointer,
)

_ANNOTATIONS = frozenset(["$ref", "title", "description", "summary", "$comment", "deprecated"])
"""A schema of these keywords alone is its target."""
EXTRA_PATTERNS = "x-understudy-patterns"
"""A keyword of merged schemas: the list of patterns beside the first one, which `pattern` holds."""
# The stricter of two bounds is the one that both values of the keyword imply.
_Stricter = Callable[[Any, Any], Any]
_STRICTER: dict[str, _Stricter] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum"), max),
    **dict.fromkeys(("minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum"), min),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), min),
}


def merge_schemas(
    schemas: Iterable[object], document: object, seen: set[int] | None = None
) -> JsonObject:
    """Return one schema for several, references followed.

    Bounds become the strictest, `required` and `properties` are united, `enum` is intersected,
    further patterns go to `EXTRA_PATTERNS`. Of every other keyword, the first value is kept. A
    schema that is reached in several ways, or that contains itself, is merged once: `seen` has the
    identities of those that were.
    """
    seen = set() if seen is None else seen
    merged: JsonObject = {}
    for part in schemas:
        schema, _ = follow_plain_refs(document, part)
        if isinstance(schema, dict):
            if id(schema) in seen:
                continue
            if "allOf" in schema or "$ref" in schema:
                seen.add(id(schema))
                schema = merge_schemas(split_all_of(schema), document, seen)
            _merge_into(merged, schema)
    return merged


def follow_plain_refs(document: Any, schema: Any) -> tuple[Any, str]:
    """Follow a chain of `$ref` up to the first schema that is not a `$ref` alone.

    Returns that schema with its pointer, which is empty for the schema itself. Keywords beside a
    `$ref` apply together with its target (JSON Schema 2020-12, core, section 8.2.3.1). A circular
    chain ends at the first target that would repeat.
    """
    pointer = ""
    seen: set[str] = set()
    while isinstance(schema, dict) and _ANNOTATIONS.issuperset(schema):
        target = ref_target(schema)
        if target is None or target in seen:
            break
        seen.add(target)
        schema = resolve_pointer(document, target)
        pointer = target
    return schema, pointer


def split_all_of(schema: JsonObject) -> list[object]:
    """Return the schemas that apply together: keywords, target of `$ref`, parts of `allOf`."""
    own = drop_keywords(schema, "allOf", "$ref")
    parts: list[object] = [own, *schema.get("allOf", ())]
    if "$ref" in schema:
        parts.insert(1, {"$ref": schema["$ref"]})
    return parts


def _merge_into(merged: JsonObject, schema: JsonObject) -> None:
    """Merge the keywords of a schema into those that were merged before."""
    for keyword, value in schema.items():
        if keyword not in merged:
            merged[keyword] = value
        elif keyword == "pattern" and merged[keyword] != value:
            extra_patterns = merged.get(EXTRA_PATTERNS, [])
            merged[EXTRA_PATTERNS] = [*extra_patterns, value]
        else:
            merged[keyword] = _merge_values(keyword, merged[keyword], value)


def _merge_values(keyword: str, first: Any, second: Any) -> Any:
    """Return the value that implies both values of a keyword, as far as there is one."""
    if keyword in _STRICTER:
        return _STRICTER[keyword](first, second)
    match keyword:
        case "required":
            return list(dict.fromkeys([*first, *second]))
        case "properties":
            return _merge_properties(first, second)
        case "enum":
            common = [value for value in first if value in second]
            # Without a common value nothing is valid: the first list is as good as any.
            return common or first
    return first


def _merge_properties(first: JsonObject, second: JsonObject) -> JsonObject:
    """Return the properties of both; a property of both must match both of its schemas."""
    merged = {**first, **second}
    for name in first:
        if name in second:
            merged[name] = {"allOf": [first[name], second[name]]}
    return merged


def drop_keywords(schema: JsonObject, *keywords: str) -> JsonObject:
    """Return a copy of a schema without some of its keywords."""
    copied = dict(schema)
    for keyword in keywords:
        copied.pop(keyword, None)
    return copied
