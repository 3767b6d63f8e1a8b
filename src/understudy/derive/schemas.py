"""Facts → JSON Schema: types, fields, structures."""

from collections.abc import Callable
from typing import Any

from understudy.derive.examples import example_of, has_enum, is_told_time, out_of_bounds, stray_values, value_or_none
from understudy.derive.facts import Field, Kind, Structure, TypeExpr
from understudy.derive.resolve import Resolver

NameOf = Callable[[Structure], str]
"""Gives the component's name of a structure."""


class SchemaMaker:
    """Makes schemas of fields. What a field's structure is, the resolver knows; its name, `name_of`."""

    def __init__(self, resolver: Resolver, name_of: NameOf) -> None:
        self._resolver = resolver
        self._name_of = name_of

    def structure(self, structure: Structure) -> dict[str, Any]:
        """Make the schema of a component."""
        required = [f.name for f in structure.fields if f.required or not structure.tells_presence]
        return {**self._object(structure.fields, required, structure.section), "x-source": str(structure.origin)}

    def body(self, fields: tuple[Field, ...], section: int) -> dict[str, Any]:
        """Make the schema of a request's body."""
        return self._object(fields, [field.name for field in fields if field.required], section)

    def _object(self, fields: tuple[Field, ...], required: list[str], section: int) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object"}
        if required:
            schema["required"] = required
        schema["properties"] = {field.name: self.property(field, section) for field in fields}
        return schema

    def property(self, field: Field, section: int) -> dict[str, Any]:
        """Make the schema of a property: its value, what is said of it, where."""
        schema = self.value(field, section)
        listed = schema.pop("enum", None)
        if field.description:
            schema["description"] = field.description
        if listed:
            schema["enum"] = listed
        example = example_of(field)
        if example is not None:
            schema["examples"] = [example]
        schema["x-source"] = str(field.origin)
        return schema

    def value(self, field: Field, section: int) -> dict[str, Any]:
        """Make the schema of a field's value alone."""
        found = self._resolver.field(field, section)
        ref: dict[str, Any] = {}
        if found.structure:
            ref = {"$ref": f"#/components/schemas/{self._name_of(found.structure)}"}
        if field.type.kind is Kind.ARRAY:
            schema = {"type": "array", "items": ref or self._items(field, section)}
        else:
            schema = ref or self._plain(field.type, section)
            if is_told_time(field):
                schema["format"] = "date-time"
            if has_enum(field):
                schema["enum"] = list(field.prose.enum)
        return {**schema, **_bounds(field)}

    def _items(self, field: Field, section: int) -> dict[str, Any]:
        schema = self._plain(field.type.item, section) if field.type.item else {}
        return {**schema, "enum": list(field.prose.enum)} if has_enum(field) else schema

    def _plain(self, type: TypeExpr, section: int) -> dict[str, Any]:
        if type.fields:
            return self._object(type.fields, [field.name for field in type.fields], section)
        if type.kind in (Kind.NAMED, Kind.ANY):
            return {}
        if type.kind is Kind.ARRAY:
            return {"type": "array", "items": self._plain(type.item, section) if type.item else {}}
        return {"type": type.kind.value, "format": type.format} if type.format else {"type": type.kind.value}


def _bounds(field: Field) -> dict[str, Any]:
    bounds: dict[str, Any] = {}
    if field.type.kind in (Kind.INTEGER, Kind.NUMBER):
        bounds = {"minimum": field.prose.minimum, "maximum": field.prose.maximum}
    default = value_or_none(field.prose.default, field.type)
    bounds["default"] = None if stray_values(field, default) or out_of_bounds(field, default) else default
    return {key: value for key, value in bounds.items() if value is not None}
