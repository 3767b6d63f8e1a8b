"""The JSON types that a schema allows: they decide how a text of a query or path is parsed."""

from collections.abc import Iterator
from typing import Any

from understudy.contract.document.pointers import follow_refs

_TYPE_NAMES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
    dict: "object",
}
# Keywords that only make sense for one type, for schemas without `type`.
_KEYWORD_TYPES = (
    ("properties", "object"),
    ("items", "array"),
    ("minimum", "number"),
    ("pattern", "string"),
)


def infer_types(schema: Any, document: Any) -> tuple[str, ...]:
    """Return the types that a schema allows, in the schema's order; empty when it names none.

    They come from `type`, else from `enum` and `const`, else from a keyword that implies one. The
    parts of `allOf`, `anyOf` and `oneOf` count too.
    """
    parts = list(_iter_parts(schema, document, set()))
    names: list[str] = []
    for part in parts:
        names += _declared_types(part)
    if not names:
        names = _implied_types(parts)[:1]
    return tuple(dict.fromkeys(names))


def _declared_types(part: dict[str, Any]) -> list[str]:
    declared = part.get("type")
    if isinstance(declared, str):
        return [declared]
    if declared is not None:
        return list(declared)
    constants = [part["const"]] if "const" in part else []
    values = part.get("enum", constants)
    return [_TYPE_NAMES.get(type(value), "array") for value in values]


def _implied_types(parts: list[dict[str, Any]]) -> list[str]:
    return [name for part in parts for keyword, name in _KEYWORD_TYPES if keyword in part]


def infer_item_types(schema: Any, document: Any) -> tuple[str, ...]:
    """Return the types that the items of an array may have."""
    names: dict[str, None] = {}
    for part in _iter_parts(schema, document, set()):
        if "items" in part:
            names.update(dict.fromkeys(infer_types(part["items"], document)))
    return tuple(names)


def infer_member_types(schema: Any, document: Any) -> dict[str, tuple[str, ...]]:
    """Return the types of each documented member of an object, by name."""
    types: dict[str, tuple[str, ...]] = {}
    for part in _iter_parts(schema, document, set()):
        for name, member in part.get("properties", {}).items():
            types.setdefault(name, infer_types(member, document))
    return types


def _iter_parts(schema: Any, document: Any, seen: set[int]) -> Iterator[dict[str, Any]]:
    """Yield a schema and the schemas it is composed of, each once, references followed."""
    schema, _ = follow_refs(document, schema, "")
    if not isinstance(schema, dict) or id(schema) in seen:
        return
    seen.add(id(schema))
    yield schema
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            yield from _iter_parts(part, document, seen)
