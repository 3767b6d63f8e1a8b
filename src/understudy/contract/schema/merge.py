"""Merging several schemas that apply to the same value into one (for `allOf`)."""

from collections.abc import Callable, Iterable
from typing import Any

from understudy.contract.document.pointers import follow_refs

EXTRA_PATTERNS = "x-understudy-patterns"
"""A keyword of merged schemas: the list of patterns beside the first one, which `pattern` holds."""
# The stricter of two bounds is the one that both values of the keyword imply.
_STRICTER: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum"), max),
    **dict.fromkeys(("minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum"), min),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), min),
}


def merge_schemas(schemas: Iterable[Any], document: Any) -> dict[str, Any]:
    """Return one schema for several, references followed.

    Bounds become the strictest, `required` and `properties` are united, `enum` is intersected,
    further patterns go to `EXTRA_PATTERNS`. Of every other keyword, the first value is kept.
    """
    merged: dict[str, Any] = {}
    for part in schemas:
        schema, _ = follow_refs(document, part, "")
        if isinstance(schema, dict):
            if "allOf" in schema:
                parts = [drop_keywords(schema, "allOf"), *schema["allOf"]]
                schema = merge_schemas(parts, document)
            _merge_into(merged, schema)
    return merged


def _merge_into(merged: dict[str, Any], schema: dict[str, Any]) -> None:
    for keyword, value in schema.items():
        if keyword not in merged:
            merged[keyword] = value
        elif keyword == "pattern" and merged[keyword] != value:
            merged[EXTRA_PATTERNS] = [*merged.get(EXTRA_PATTERNS, ()), value]
        else:
            merged[keyword] = _merge_values(keyword, merged[keyword], value)


def _merge_values(keyword: str, first: Any, second: Any) -> Any:
    if keyword in _STRICTER:
        return _STRICTER[keyword](first, second)
    if keyword == "required":
        return list(dict.fromkeys([*first, *second]))
    if keyword == "properties":
        both = {name: {"allOf": [first[name], second[name]]} for name in first if name in second}
        return {**first, **second, **both}
    if keyword == "enum":
        # Without a common value nothing is valid: the first list is as good as any.
        return [value for value in first if value in second] or first
    return first


def drop_keywords(schema: dict[str, Any], *keywords: str) -> dict[str, Any]:
    """Return a copy of a schema without some of its keywords."""
    return {key: value for key, value in schema.items() if key not in keywords}
