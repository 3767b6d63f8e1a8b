"""From a service's canonical data to what the contract's schema says: its names, its order, nothing beyond it."""

from typing import TYPE_CHECKING, Any

from understudy.contract.pointers import follow

if TYPE_CHECKING:
    from understudy.contract.model import Contract

FIELD = "x-understudy-field"
"""On a property: the canonical name of the value that it holds, where that is not its own name."""


def render(contract: "Contract", schema: Any, value: Any) -> Any:
    """Project canonical data through a schema.

    Of an object that the schema describes, the documented properties come out, in the schema's order; values that are
    absent or None are left out. What the schema does not describe passes as it is.
    """
    return _render(contract.document, schema, value)


def _render(document: Any, schema: Any, value: Any) -> Any:
    if not isinstance(value, dict | list):
        return value
    schema, _ = follow(document, schema, "")
    if not isinstance(schema, dict):
        return value
    if isinstance(value, list):
        items = schema.get("items")
        return value if items is None else [_render(document, items, item) for item in value]
    properties = schema.get("properties")
    if not properties:
        return value
    result = {}
    for name, part in properties.items():
        field = part.get(FIELD, name) if isinstance(part, dict) else name
        found = value.get(field)
        if found is not None:
            result[name] = _render(document, part, found)
    return result
