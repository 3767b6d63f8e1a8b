"""Projection of a service's canonical data to the names and the order of the contract's schema."""

from dataclasses import dataclass
from typing import Any, Protocol

from understudy.contract.document.pointers import JsonObject, follow_refs

FIELD_EXTENSION = "x-understudy-field"
"""A keyword of a property: the canonical name of its value, where that is not its own name."""


@dataclass(frozen=True, slots=True)
class Member:
    """One documented property of an object."""

    name: str
    field: str
    """The canonical name of its value."""
    schema: object


@dataclass(frozen=True, slots=True)
class Projection:
    """The parts of a schema that rendering needs, its `$ref` followed."""

    node: object
    """The node itself. It is referenced here so that no later object gets its identity."""
    items: object
    """The schema of an array's items; None when the schema has none."""
    members: tuple[Member, ...]
    """The documented properties of an object, in order; empty when the schema has none."""


class RenderContext(Protocol):
    """The parts of a contract that rendering needs."""

    @property
    def document(self) -> JsonObject:
        """The document as plain data."""
        ...

    @property
    def projections(self) -> dict[int, Projection]:
        """The projections that were computed, by identity of the node."""
        ...


def render(contract: RenderContext, schema: object, value: Any) -> Any:
    """Return canonical data projected through a schema.

    An object that the schema describes keeps the documented properties only, in the schema's order;
    a value that is absent or None is left out. A value that the schema does not describe is
    returned as it is.
    """
    if isinstance(value, dict | list):
        return _render_container(contract, schema, value)
    return value


def _render_container(
    contract: RenderContext, schema: object, value: JsonObject | list[Any]
) -> object:
    projection = _find_projection(contract, schema)
    if isinstance(value, list):
        if projection.items is None:
            return value
        return [render(contract, projection.items, item) for item in value]
    if not projection.members:
        return value
    rendered: JsonObject = {}
    for member in projection.members:
        field_value = value.get(member.field)
        if field_value is None:
            continue
        # Most values are neither: the test here saves a call for each.
        if isinstance(field_value, dict | list):
            field_value = _render_container(contract, member.schema, field_value)
        rendered[member.name] = field_value
    return rendered


def _find_projection(contract: RenderContext, schema: object) -> Projection:
    """Return the projection of a node of the contract, computed at its first use."""
    projection = contract.projections.get(id(schema))
    if projection is None:
        projection = _make_projection(contract.document, schema)
        contract.projections[id(schema)] = projection
    return projection


def _make_projection(document: object, node: object) -> Projection:
    schema, _ = follow_refs(document, node, "")
    if not isinstance(schema, dict):
        return Projection(node, None, ())
    members: list[Member] = []
    properties = schema.get("properties") or {}
    for name, part in properties.items():
        field = name
        if isinstance(part, dict):
            field = part.get(FIELD_EXTENSION, name)
        members.append(Member(name, field, part))
    return Projection(node, schema.get("items"), tuple(members))
