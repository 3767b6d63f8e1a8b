"""Facts → JSON Schema: types, fields, structures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from understudy.derive.facts.facts import Field, Kind, Origin, Structure, TypeExpr
from understudy.derive.openapi.structure_lookup import Outcome, StructureLookup
from understudy.derive.reader.example_values import (
    find_example,
    find_values_outside_enum,
    has_enum,
    is_described_as_time,
    is_out_of_bounds,
    list_enum_values,
    read_value_or_none,
)
from understudy.derive.reader.pseudo_json_fields import read_example_type


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where fields stand: their section, and whether a request holds them."""

    section: int
    is_request: bool = False


NameOf = Callable[[Structure], str]
"""Gives the component's name of a structure."""


class SchemaBuilder:
    """Makes schemas of fields. What a field's structure is, the resolver knows; its name, `name_of`.

    `lacking` are fields that an example does without: they are not required.
    """

    def __init__(
        self,
        resolver: StructureLookup,
        name_of: NameOf,
        lacking: frozenset[tuple[Origin, str]] = frozenset(),
    ) -> None:
        self._resolver = resolver
        self._name_of = name_of
        self._lacking = lacking

    def build_component(self, structure: Structure) -> dict[str, Any]:
        """Make the schema of a component."""
        whole = (
            self.build_root(structure)
            if structure.root
            else self._object(structure.fields, structure.section)
        )
        inferred = {"x-inferred": True} if structure.is_inferred else {}
        return {**whole, **inferred, "x-source": str(structure.origin)}

    def build_root(self, structure: Structure) -> dict[str, Any]:
        """Make the schema of a structure that is no object."""
        assert structure.root is not None  # noqa: S101 - the caller has looked
        return self.build_value(Field("", structure.root, structure.origin), structure.section)

    def build_body(self, fields: tuple[Field, ...], section: int) -> dict[str, Any]:
        """Make the schema of a request's body."""
        inner = _Shape(section, is_request=True)
        return self._members(fields, inner)

    def _object(self, fields: tuple[Field, ...], section: int) -> dict[str, Any]:
        return self._members(fields, _Shape(section))

    def _members(self, fields: tuple[Field, ...], shape: _Shape) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object"}
        required = [field.name for field in fields if self._is_required(field, shape)]
        if required:
            schema["required"] = required
        schema["properties"] = {field.name: self.build_property(field, shape) for field in fields}
        return schema

    def _is_required(self, field: Field, shape: _Shape) -> bool:
        """In a request what is told to be; in a response all that is not told or shown to be left out."""
        if field.required is None and not shape.is_request:
            return (field.origin, field.name) not in self._lacking
        return bool(field.required)

    def build_property(self, field: Field, shape: _Shape) -> dict[str, Any]:
        """Make the schema of a property: its value, what is said of it, where."""
        schema = self._value(field, shape)
        listed = schema.pop("enum", None)
        if field.description:
            schema["description"] = field.description
        if listed:
            schema["enum"] = listed
        example = find_example(field)
        if example is not None:
            schema["examples"] = [example]
        schema["x-source"] = str(field.origin)
        return schema

    def build_value(self, field: Field, section: int) -> dict[str, Any]:
        """Make the schema of a field's value alone."""
        return self._value(field, _Shape(section))

    def _value(self, field: Field, shape: _Shape) -> dict[str, Any]:
        found = self._resolver.find_for_field(field, shape.section)
        whole: dict[str, Any] = {}
        if found.structure:
            whole = {"$ref": f"#/components/schemas/{self._name_of(found.structure)}"}
        elif found.template_field:
            whole = self._plain(found.template_field.type.item or found.template_field.type, shape)
        elif found.outcome is Outcome.MISSING:
            whole = self._shown(field, shape)
        if field.type.kind is Kind.ARRAY:
            schema = {"type": "array", "items": whole or self._items(field, shape)}
        else:
            schema = whole or self._plain(field.type, shape)
            if is_described_as_time(field):
                schema["format"] = "date-time"
            if has_enum(field):
                schema["enum"] = list_enum_values(field)
        return {**schema, **_bounds(field)}

    def _shown(self, field: Field, shape: _Shape) -> dict[str, Any]:
        """Make the schema of the object that a cell's example shows, when no structure tells it."""
        kind = read_example_type(field)
        return {**self._plain(kind, shape), "x-inferred": True} if kind else {}

    def _items(self, field: Field, shape: _Shape) -> dict[str, Any]:
        schema = self._plain(field.type.item, shape) if field.type.item else {}
        return {**schema, "enum": list_enum_values(field)} if has_enum(field) else schema

    def _plain(self, type: TypeExpr, shape: _Shape) -> dict[str, Any]:
        if type.fields:
            return self._members(type.fields, shape)
        if type.kind in (Kind.NAMED, Kind.ANY):
            return {}
        if type.kind is Kind.ARRAY:
            return {"type": "array", "items": self._plain(type.item, shape) if type.item else {}}
        return (
            {"type": type.kind.value, "format": type.format}
            if type.format
            else {"type": type.kind.value}
        )


def _bounds(field: Field) -> dict[str, Any]:
    bounds: dict[str, Any] = {}
    if field.type.kind in (Kind.INTEGER, Kind.NUMBER):
        bounds = {"minimum": field.prose.minimum, "maximum": field.prose.maximum}
    default = read_value_or_none(field.prose.default, field.type)
    bounds["default"] = (
        None
        if find_values_outside_enum(field, default) or is_out_of_bounds(field, default)
        else default
    )
    return {key: value for key, value in bounds.items() if value is not None}
