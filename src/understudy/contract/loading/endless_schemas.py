"""Finds schemas that require themselves: their values would have no end, so none is valid."""

from collections.abc import Iterable, Iterator
from typing import Any

from understudy.contract.document.pointers import (
    JsonObject,
    PointerError,
    child_pointer,
    join_pointer,
    parse_pointer,
    ref_target,
    resolve_pointer,
)

_ONE_WAY = ("readOnly", "writeOnly")
"""Keywords of properties that a request or a response does not have."""
_Part = tuple[str, bool]
"""The pointer of a schema that a value of another one needs, and whether it is inside of it."""


def find_endless_schemas(document: JsonObject, pointers: Iterable[str]) -> Iterator[str]:
    """Yield the pointer of the last schema of each circle of schemas that require each other.

    Only what every value needs counts: `$ref` and `allOf`, required properties where the type is
    `object`, the items where it is `array` and `minItems` is not 0. A circle for the same value
    (`allOf` with itself) is not one of these. The search is depth first, without recursion.
    """
    done: set[str] = set()
    for start in pointers:
        path: dict[str, bool] = {}
        stack = [(start, False, False)]
        while stack:
            where, is_inside, is_leaving = stack.pop()
            if is_leaving:
                path.popitem()
                done.add(where)
            elif where in path:
                circle = list(path)[list(path).index(where) + 1 :]
                if is_inside or any(path[part] for part in circle):
                    yield list(path)[-1]
            elif where not in done:
                path[where] = is_inside
                stack.append((where, is_inside, True))
                parts = _needed_parts(document, where)
                stack += [(part, inside, False) for part, inside in parts]


def _needed_parts(document: JsonObject, pointer: str) -> Iterator[_Part]:
    """Yield the schemas that every value of a schema needs a value for."""
    schema = _resolve(document, pointer)
    if not isinstance(schema, dict):
        return
    target = ref_target(schema)
    if target is not None:
        yield join_pointer(parse_pointer(target)), False
    for index in range(len(schema.get("allOf", ()))):
        yield child_pointer(pointer, "allOf", str(index)), False
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name in properties and not _is_one_way(document, properties[name]):
                yield child_pointer(pointer, "properties", name), True
    elif schema.get("type") == "array" and schema.get("minItems", 0) > 0:
        position = "prefixItems/0" if "prefixItems" in schema else "items"
        yield f"{pointer}/{position}", True


def _is_one_way(document: JsonObject, schema: Any) -> bool:
    """Return whether a property is left out of requests or of responses."""
    target = ref_target(schema)
    parts = [schema, _resolve(document, target) if target is not None else None]
    return any(
        part.get(keyword) is True
        for part in parts
        if isinstance(part, dict)
        for keyword in _ONE_WAY
    )


def _resolve(document: JsonObject, pointer: str) -> Any:
    """Return the node at a pointer; None where there is none: that is reported elsewhere."""
    try:
        return resolve_pointer(document, pointer)
    except PointerError:
        return None
