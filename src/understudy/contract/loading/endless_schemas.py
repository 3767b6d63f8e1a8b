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
NeededPart = tuple[Any, str, bool]
"""A schema that a value of another one needs, its pointer, and whether it is inside of it."""


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
                parts = iter_needed_parts(document, _resolve(document, where), where)
                stack += [(part, inside, False) for _, part, inside in parts]


def iter_needed_parts(document: object, schema: Any, pointer: str) -> Iterator[NeededPart]:
    """Yield the schemas that every value of a schema needs a value for, each with its pointer.

    The last member of each is whether the needed value is inside of the other one.
    """
    if not isinstance(schema, dict):
        return
    target = ref_target(schema)
    if target is not None:
        yield _resolve(document, target), join_pointer(parse_pointer(target)), False
    for index, part in enumerate(schema.get("allOf", ())):
        yield part, child_pointer(pointer, "allOf", index), False
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name in properties and not _is_one_way(document, properties[name]):
                yield properties[name], child_pointer(pointer, "properties", name), True
    elif schema.get("type") == "array" and schema.get("minItems", 0) > 0:
        if "prefixItems" in schema:
            yield schema["prefixItems"][0], f"{pointer}/prefixItems/0", True
        elif "items" in schema:
            yield schema["items"], f"{pointer}/items", True


def _is_one_way(document: object, schema: Any) -> bool:
    """Return whether a property is left out of requests or of responses."""
    target = ref_target(schema)
    parts = [schema, _resolve(document, target) if target is not None else None]
    return any(
        part.get(keyword) is True
        for part in parts
        if isinstance(part, dict)
        for keyword in _ONE_WAY
    )


def _resolve(document: object, pointer: str) -> Any:
    """Return the node at a pointer; None where there is none: that is reported elsewhere."""
    try:
        return resolve_pointer(document, pointer)
    except PointerError:
        return None
