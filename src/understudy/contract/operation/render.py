"""From a service's canonical data to what the contract's schema says: its names, its order, nothing beyond it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.contract.document.pointers import follow_refs

if TYPE_CHECKING:
    from understudy.contract.operation.compiled_contract import Contract

FIELD_EXTENSION = "x-understudy-field"
"""On a property: the canonical name of the value that it holds, where that is not its own name."""


@dataclass(frozen=True, slots=True)
class Projection:
    """What rendering needs of a schema node, its `$ref` followed."""

    node: Any
    """The node itself: it is kept, so that nothing else can have its identity."""
    items: Any
    """The schema of an array's items; None when the schema tells none."""
    members: tuple[tuple[str, str, Any], ...]
    """Of an object: name, canonical name and schema of each documented property; empty when it tells none."""


def render(contract: "Contract", schema: Any, value: Any) -> Any:
    """Project canonical data through a schema.

    Of an object that the schema describes, the documented properties come out, in the schema's order; values that are
    absent or None are left out. What the schema does not describe passes as it is.
    """
    return _render(contract, schema, value) if isinstance(value, dict | list) else value


def _render(contract: "Contract", schema: Any, value: dict[str, Any] | list[Any]) -> Any:
    told = _projection(contract, schema)
    if isinstance(value, list):
        return (
            value if told.items is None else [render(contract, told.items, item) for item in value]
        )
    if not told.members:
        return value
    result = {}
    for name, field, part in told.members:
        found = value.get(field)
        if found is not None:
            result[name] = (
                _render(contract, part, found) if isinstance(found, dict | list) else found
            )
    return result


def _projection(contract: "Contract", schema: Any) -> Projection:
    """Give what there is to know of a node of the contract: found out once, answers are made by it all the time."""
    known = contract.projections.get(id(schema))
    if known is None:
        known = contract.projections[id(schema)] = _made(contract.document, schema)
    return known


def _made(document: Any, node: Any) -> Projection:
    schema, _ = follow_refs(document, node, "")
    if not isinstance(schema, dict):
        return Projection(node, None, ())
    members = (
        (name, part.get(FIELD_EXTENSION, name) if isinstance(part, dict) else name, part)
        for name, part in (schema.get("properties") or {}).items()
    )
    return Projection(node, schema.get("items"), tuple(members))
