"""One schema out of several that hold for the same value."""

from collections.abc import Callable, Iterable
from typing import Any

from understudy.contract.document.pointers import follow_refs

EXTRA_PATTERNS = "x-understudy-patterns"
"""In a joined schema: the patterns beside the first one."""
_TIGHTER: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
}


def merge_schemas(schemas: Iterable[Any], document: Any) -> dict[str, Any]:
    """Join schemas to one, references followed: bounds tightened, fields gathered, further patterns beside the first.

    Of all else, the first one holds.
    """
    whole: dict[str, Any] = {}
    for given in schemas:
        schema, _ = follow_refs(document, given, "")
        if isinstance(schema, dict):
            if "allOf" in schema:
                schema = merge_schemas([drop_keywords(schema, "allOf"), *schema["allOf"]], document)
            for keyword, value in schema.items():
                if keyword == "pattern" and whole.get(keyword, value) != value:
                    whole[EXTRA_PATTERNS] = [*whole.get(EXTRA_PATTERNS, ()), value]
                    continue
                whole[keyword] = (
                    _joined(keyword, whole[keyword], value) if keyword in whole else value
                )
    return whole


def _joined(keyword: str, first: Any, second: Any) -> Any:
    if keyword in _TIGHTER:
        return _TIGHTER[keyword](first, second)
    if keyword == "required":
        return list(dict.fromkeys([*first, *second]))
    if keyword == "properties":
        both = {name: {"allOf": [first[name], second[name]]} for name in first if name in second}
        return {**first, **second, **both}
    if keyword == "enum":
        return [value for value in first if value in second] or first
    return first


def drop_keywords(schema: dict[str, Any], *keywords: str) -> dict[str, Any]:
    """Give a schema without some of its keywords."""
    return {key: value for key, value in schema.items() if key not in keywords}
