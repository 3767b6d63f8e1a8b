"""The types that a schema allows at each place of a value, computed at the first use.

They decide how the texts of a parameter are parsed: text alone has no type.
"""

from collections.abc import Iterator

from understudy.contract.document.pointers import JsonObject
from understudy.contract.schema.keywords import Schema
from understudy.contract.schema.value_types import TypeNames, infer_types, iter_schema_parts


class ValueShape:
    """The types of a value, and the shapes of its items and members.

    Several schemas can describe one value: those of all parts of an `allOf`. Threads may share a
    shape: two that compute the same part compute the same. A schema has a fixed number of shapes,
    however many names a value has.
    """

    __slots__ = ("_document", "_extra", "_items", "_members", "_schemas", "types")

    def __init__(self, schemas: tuple[Schema, ...] = (), document: object = None) -> None:
        self._schemas = schemas
        self._document = document
        self._members: dict[str, ValueShape] | None = None
        self._extra: ValueShape | None = None
        self._items: list[ValueShape] | None = None
        names: dict[str, None] = {}
        for schema in schemas:
            names.update(dict.fromkeys(infer_types(schema, document)))
        self.types: TypeNames = tuple(names)
        """The types of the value itself, in the schema's order; empty when it names none."""

    def member_names(self) -> list[str]:
        """Return the names of the documented members of an object."""
        return list(self._documented_members())

    def has_flag(self, keyword: str) -> bool:
        """Return whether each schema of the value has a keyword that is true (`writeOnly`)."""
        for schema in self._schemas:
            parts = iter_schema_parts(schema, self._document)
            if not any(part.get(keyword) is True for part in parts):
                return False
        return bool(self._schemas)

    def allows_more_members(self) -> bool:
        """Return whether the schema describes members of any name."""
        for part in self.iter_parts():
            more = part.get("additionalProperties", False)
            if more is not False or "patternProperties" in part:
                return True
        return False

    def member(self, name: str) -> "ValueShape":
        """Return the shape of an object's member."""
        documented = self._documented_members().get(name)
        if documented is not None:
            return documented
        if self._extra is None:
            self._extra = ValueShape(tuple(self._extra_schemas()), self._document)
        return self._extra

    def item(self, index: int) -> "ValueShape":
        """Return the shape of an array's item."""
        if self._items is None:
            self._items = self._list_items()
        return self._items[min(index, len(self._items) - 1)]

    def iter_parts(self) -> Iterator[JsonObject]:
        """Yield the schemas of the value itself, those they are composed of among them."""
        for schema in self._schemas:
            yield from iter_schema_parts(schema, self._document)

    def _documented_members(self) -> "dict[str, ValueShape]":
        if self._members is None:
            schemas: dict[str, list[Schema]] = {}
            for part in self.iter_parts():
                for name, schema in part.get("properties", {}).items():
                    schemas.setdefault(name, []).append(schema)
            self._members = {
                name: ValueShape(tuple(parts), self._document) for name, parts in schemas.items()
            }
        return self._members

    def _extra_schemas(self) -> Iterator[Schema]:
        # A name is not compared with the patterns: each type is tried in turn anyway.
        for part in self.iter_parts():
            yield from part.get("patternProperties", {}).values()
            for keyword in ("additionalProperties", "unevaluatedProperties"):
                if keyword in part:
                    yield part[keyword]

    def _list_items(self) -> "list[ValueShape]":
        """Return the shapes of the first items, and last that of all further ones."""
        prefix: list[list[Schema]] = []
        rest: list[Schema] = []
        for part in self.iter_parts():
            for index, schema in enumerate(part.get("prefixItems", ())):
                if index == len(prefix):
                    prefix.append([])
                prefix[index].append(schema)
            for keyword in ("items", "contains", "unevaluatedItems"):
                if keyword in part:
                    rest.append(part[keyword])
                    break
        return [ValueShape(tuple(schemas), self._document) for schemas in (*prefix, rest)]
