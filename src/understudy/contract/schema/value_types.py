"""Which types a schema lets a value have: a text of a query or path has to be read as one of them."""

from collections.abc import Iterator
from typing import Any

from understudy.contract.document.pointers import follow_refs

_NAMES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
    dict: "object",
}
_HINTS = (
    ("properties", "object"),
    ("items", "array"),
    ("minimum", "number"),
    ("pattern", "string"),
)


def infer_types(schema: Any, document: Any) -> tuple[str, ...]:
    """Give the types that a schema lets a value have, as far as they are told; empty when they are not."""
    found: list[str] = []
    for part in _parts(schema, document, set()):
        told = part.get("type")
        if told is not None:
            found += [told] if isinstance(told, str) else told
        else:
            listed = part.get("enum", [part["const"]] if "const" in part else [])
            found += [_NAMES.get(type(value), "array") for value in listed]
    if not found:
        found += [
            name
            for part in _parts(schema, document, set())
            for keyword, name in _HINTS
            if keyword in part
        ][:1]
    return tuple(dict.fromkeys(found))


def infer_item_types(schema: Any, document: Any) -> tuple[str, ...]:
    """Give the types that the items of an array may have."""
    items = [part["items"] for part in _parts(schema, document, set()) if "items" in part]
    return tuple(dict.fromkeys(name for item in items for name in infer_types(item, document)))


def infer_member_types(schema: Any, document: Any) -> dict[str, tuple[str, ...]]:
    """Give the types of each documented member of an object."""
    found: dict[str, tuple[str, ...]] = {}
    for part in _parts(schema, document, set()):
        for name, member in part.get("properties", {}).items():
            found.setdefault(name, infer_types(member, document))
    return found


def _parts(schema: Any, document: Any, seen: set[int]) -> Iterator[dict[str, Any]]:
    """Give a schema and those that it is composed of, each once, references followed."""
    schema, _ = follow_refs(document, schema, "")
    if not isinstance(schema, dict) or id(schema) in seen:
        return
    seen.add(id(schema))
    yield schema
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            yield from _parts(part, document, seen)
