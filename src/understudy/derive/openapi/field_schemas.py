"""JSON Schemas of types, fields and structures.

A structure becomes a component; a field with members of its own becomes an inline object. A node
that is read from an example has `x-inferred`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from understudy.derive.facts.facts import Field, Kind, Origin, Structure, TypeExpr
from understudy.derive.openapi.structure_lookup import LookupResult, Outcome, StructureLookup
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
from understudy.messages import Json

JsonObject = dict[str, Json]
"""A part of the contract: a JSON object whose keys are in their final order."""

NameStructure = Callable[[Structure], str]
"""Returns the component name of a structure."""


@dataclass(frozen=True, slots=True)
class _Location:
    """Where fields are used: their section, and whether a request contains them."""

    section: int
    is_request: bool = False


class SchemaBuilder:
    """Builds JSON Schemas for structures and fields.

    `not_required` are response fields (origin and name) that an example lacks.
    Source: OpenAPI 3.1, Schema Object (a superset of JSON Schema 2020-12).
    """

    def __init__(
        self,
        lookup: StructureLookup,
        name_structure: NameStructure,
        not_required: frozenset[tuple[Origin, str]] = frozenset(),
    ) -> None:
        self._lookup = lookup
        self._name_structure = name_structure
        self._not_required = not_required

    def build_component(self, structure: Structure) -> JsonObject:
        """Build the schema of a component, with `x-source` and, if it applies, `x-inferred`."""
        if structure.root:
            schema = self.build_root(structure.root, structure)
        else:
            schema = self._build_object(structure.fields, _Location(structure.section))
        if structure.is_inferred:
            schema["x-inferred"] = True
        schema["x-source"] = str(structure.origin)
        return schema

    def build_root(self, root: TypeExpr, structure: Structure) -> JsonObject:
        """Build the schema of a structure whose root is not an object, such as an array."""
        return self.build_value(Field("", root, structure.origin), structure.section)

    def build_body(self, fields: tuple[Field, ...], section: int) -> JsonObject:
        """Build the schema of a request body from its fields."""
        return self._build_object(fields, _Location(section, is_request=True))

    def build_value(self, field: Field, section: int) -> JsonObject:
        """Build the schema of a field's value, without description and example."""
        return self._build_value(field, _Location(section))

    def _build_object(self, fields: tuple[Field, ...], location: _Location) -> JsonObject:
        """Build the schema of an object. Further members are allowed: documents are incomplete."""
        schema: JsonObject = {"type": "object"}
        required: list[Json] = [
            field.name for field in fields if self._is_required(field, location)
        ]
        if required:
            schema["required"] = required
        properties = {field.name: self._build_property(field, location) for field in fields}
        schema["properties"] = dict[str, Json](properties)
        return schema

    def _is_required(self, field: Field, location: _Location) -> bool:
        """Return whether an object must have a field.

        A request needs what the documents mark as required. A response contains every field,
        unless the documents call it optional or an example lacks it.
        """
        if field.required is None and not location.is_request:
            return (field.origin, field.name) not in self._not_required
        return bool(field.required)

    def _build_property(self, field: Field, location: _Location) -> JsonObject:
        """Build the schema of a property, in the order type, description, enum, example, source."""
        schema = self._build_value(field, location)
        enum = schema.pop("enum", None)
        if field.description:
            schema["description"] = field.description
        if enum:
            schema["enum"] = enum
        example = find_example(field)
        if example is not None:
            # JSON Schema 2020-12 has the list `examples`; OpenAPI 3.1 deprecates `example` here.
            schema["examples"] = [example]
        schema["x-source"] = str(field.origin)
        return schema

    def _build_value(self, field: Field, location: _Location) -> JsonObject:
        """Build the schema of a value with its bounds and default."""
        result = self._lookup.find_for_field(field, location.section)
        resolved = self._build_resolved(field, result, location)
        schema: JsonObject
        if field.type.kind is Kind.ARRAY:
            items = resolved or self._build_items(field, location)
            schema = {"type": "array", "items": items}
        else:
            schema = resolved or self._build_type(field.type, location)
            if is_described_as_time(field):
                schema["format"] = "date-time"
            if has_enum(field):
                schema["enum"] = list_enum_values(field)
        return {**schema, **_build_bounds(field)}

    def _build_resolved(
        self,
        field: Field,
        result: LookupResult,
        location: _Location,
    ) -> JsonObject:
        """Build the schema that the lookup gives for a value or item; empty when it gives none."""
        if result.structure:
            name = self._name_structure(result.structure)
            return {"$ref": f"#/components/schemas/{name}"}
        if result.template_field:
            template = result.template_field.type
            return self._build_type(template.item or template, location)
        if result.outcome is Outcome.MISSING:
            return self._build_from_example(field, location)
        return {}

    def _build_from_example(self, field: Field, location: _Location) -> JsonObject:
        """Build the schema of the object in a field's example; empty when it shows none."""
        value_type = read_example_type(field)
        if value_type is None:
            return {}
        return {**self._build_type(value_type, location), "x-inferred": True}

    def _build_items(self, field: Field, location: _Location) -> JsonObject:
        """Build the schema of an array's items; an enum in the description is about them."""
        schema: JsonObject = {}
        if field.type.item:
            schema = self._build_type(field.type.item, location)
        if has_enum(field):
            schema["enum"] = list_enum_values(field)
        return schema

    def _build_type(self, value_type: TypeExpr, location: _Location) -> JsonObject:
        """Build the schema of a type without a name: a scalar, an array or an inline object."""
        if value_type.fields:
            return self._build_object(value_type.fields, location)
        if value_type.kind in (Kind.NAMED, Kind.ANY):
            return {}  # the empty schema allows any value
        if value_type.kind is Kind.ARRAY:
            items: JsonObject = {}
            if value_type.item:
                items = self._build_type(value_type.item, location)
            return {"type": "array", "items": items}
        schema: JsonObject = {"type": value_type.kind.value}
        if value_type.format:
            schema["format"] = value_type.format
        return schema


def _build_bounds(field: Field) -> JsonObject:
    """Build `minimum`, `maximum` and `default`; a default that breaks the schema is left out."""
    bounds: JsonObject = {}
    if field.type.kind in (Kind.INTEGER, Kind.NUMBER):
        if field.prose.minimum is not None:
            bounds["minimum"] = field.prose.minimum
        if field.prose.maximum is not None:
            bounds["maximum"] = field.prose.maximum
    default = read_value_or_none(field.prose.default, field.type)
    is_valid = not find_values_outside_enum(field, default) and not is_out_of_bounds(field, default)
    if default is not None and is_valid:
        bounds["default"] = default
    return bounds
