"""Finds the fields of a body that the contract does not know.

A schema allows them unless it forbids them: they are no violations, but often slips of a server.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from understudy.contract.document.pointers import (
    JsonObject,
    PointerError,
    child_pointer,
    join_pointer,
    ref_target,
    resolve_pointer,
)
from understudy.contract.schema.keywords import Schema
from understudy.messages import Json
from understudy.regexgen import matches

_MAX_FIELDS = 100
"""How many unknown fields of one body are found."""
_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_IN_PLACE = ("if", "then", "else")
_FREE = ("additionalProperties", "unevaluatedProperties")
"""Keywords that describe members of any name."""
_UNREAD = ("$dynamicRef", "$recursiveRef", "propertyNames")
_ANY: JsonObject = {}
_ANY |= {"additionalProperties": _ANY, "items": _ANY}
"""A schema that allows members of any name, and any members of these."""
_ABOUT_MEMBERS = frozenset(
    [*_IN_PLACE_LISTS, *_IN_PLACE, "$ref", "properties", "required", "enum", "const", "not"]
)
"""Keywords of an alternative that says something about members, or allows fixed values only."""
_MAX_REMEMBERED = 1000
"""Of how many members of one shape the shapes are remembered."""
_Node = tuple[JsonObject, str]
"""A schema without its references, and its pointer."""


_Part = tuple[tuple[str | int, ...], Json, "_Shape"]
"""A part of a value: the tokens of its pointer, the part, its shape."""


@dataclass(frozen=True, slots=True)
class UnknownField:
    """A member of an object that no schema of the object has."""

    place: str
    """The JSON pointer of the object in the body; empty for the body itself."""
    name: str
    value: Json
    known: tuple[str, ...]
    """The names that the schemas of the object have."""
    pointer: str
    """The pointer of the first schema of the object that has properties."""


class _Shape:
    """The schemas that describe one value, and those of what is inside of it, when needed."""

    __slots__ = ("_finder", "_heads", "_items", "_members", "known", "nodes", "owner", "patterns")

    def __init__(self, finder: "FieldFinder", nodes: tuple[_Node, ...]) -> None:
        self.nodes = nodes
        self._finder = finder
        self._members: dict[str, _Shape] = {}
        self._items: dict[int, _Shape] = {}
        self._heads = max((len(node.get("prefixItems") or ()) for node, _ in nodes), default=0)
        owners = [part for part in nodes if isinstance(part[0].get("properties"), dict)]
        self.owner = owners[0][1] if owners else ""
        """The pointer of the first schema that has properties."""
        self.known: frozenset[str] | None = None
        """The names of the properties; None where members may have any name."""
        if owners and not any(_allows_any_name(node) for node, _ in nodes):
            names = [name for node, _ in owners for name in node["properties"]]
            self.known = frozenset(names)
        self.patterns = [name for node, _ in nodes for name in node.get("patternProperties") or ()]

    def knows(self, name: str) -> bool:
        """Return whether a member of this name is known, or may be there in any case."""
        if self.known is None or name in self.known:
            return True
        return any(matches(pattern, name) for pattern in self.patterns)

    def member(self, name: str) -> "_Shape":
        """Return the shape of a member."""
        shape = self._members.get(name)
        if shape is None:
            shape = self._finder.merge(_member_schemas(self.nodes, name))
            if len(self._members) < _MAX_REMEMBERED:  # names of free members never end
                self._members[name] = shape
        return shape

    def item(self, index: int) -> "_Shape":
        """Return the shape of an item; that of all items behind the first ones is the same."""
        index = min(index, self._heads)
        shape = self._items.get(index)
        if shape is None:
            shape = self._items[index] = self._finder.merge(_item_schemas(self.nodes, index))
        return shape


class FieldFinder:
    """Finds unknown fields in bodies of a contract. It remembers the schemas that it has read."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._shapes: dict[tuple[int, ...], tuple[tuple[object, ...], _Shape]] = {}

    def find(self, value: Json, schema: Schema, pointer: str) -> list[UnknownField]:
        """Return the unknown fields of a value, the first `_MAX_FIELDS`.

        All alternatives of a schema count, whether the value fits them or not.
        """
        fields: list[UnknownField] = []
        waiting: list[_Part] = [((), value, self.merge([(schema, pointer)]))]
        while waiting and len(fields) < _MAX_FIELDS:
            tokens, part, shape = waiting.pop()
            if not shape.nodes:
                continue  # No schema says anything about what is inside.
            if isinstance(part, dict):
                for name, member in part.items():
                    if not shape.knows(name):
                        fields.append(_build_field(tokens, name, member, shape))
                    if isinstance(member, dict | list):
                        waiting.append(((*tokens, name), member, shape.member(name)))
            elif isinstance(part, list):
                for index, item in enumerate(part):
                    if isinstance(item, dict | list):
                        waiting.append(((*tokens, index), item, shape.item(index)))
        return fields[:_MAX_FIELDS]

    def merge(self, schemas: Iterable[tuple[object, str]]) -> _Shape:
        """Return the shape of a value that several schemas describe, references followed."""
        parts = [(schema, pointer) for schema, pointer in schemas if isinstance(schema, dict)]
        key = tuple(id(schema) for schema, _ in parts)
        known = self._shapes.get(key)
        if known is None:
            nodes: list[_Node] = []
            for schema, pointer in parts:
                nodes += self._iter_nodes(schema, pointer, set())
            # The schemas are remembered too, so that no later object gets their identity.
            known = (tuple(schema for schema, _ in parts), _Shape(self, tuple(nodes)))
            self._shapes[key] = known
        return known[1]

    def _iter_nodes(
        self, schema: object, pointer: str, visited: set[int], *, is_part: bool = False
    ) -> Iterator[_Node]:
        """Yield a schema, and those that describe the same value; `is_part`: it is of `allOf`."""
        if not isinstance(schema, dict) or id(schema) in visited:
            return
        visited.add(id(schema))
        yield schema, pointer
        if _is_unread(schema, is_part=is_part):
            yield _ANY, pointer
        if "$ref" in schema:
            yield from self._follow(schema, pointer, visited, is_part=is_part)
        for keyword in _IN_PLACE_LISTS:
            parts = schema.get(keyword)
            for index, part in enumerate(parts if isinstance(parts, list) else ()):
                inside = child_pointer(pointer, keyword, index)
                is_all_of = keyword == "allOf"
                if not is_all_of and _is_free_map(part):
                    yield _ANY, inside
                yield from self._iter_nodes(part, inside, visited, is_part=is_all_of)
        for keyword in _IN_PLACE:
            inside = child_pointer(pointer, keyword)
            yield from self._iter_nodes(schema.get(keyword), inside, visited)
        dependent = schema.get("dependentSchemas")
        if isinstance(dependent, dict):
            for name, part in dependent.items():
                inside = child_pointer(pointer, "dependentSchemas", name)
                yield from self._iter_nodes(part, inside, visited)

    def _follow(
        self, schema: JsonObject, pointer: str, visited: set[int], *, is_part: bool
    ) -> Iterator[_Node]:
        """Yield the schemas that a reference leads to; one that leads nowhere allows anything."""
        target = ref_target(schema)
        try:
            part = None if target is None else resolve_pointer(self._document, target)
        except PointerError:
            part = None  # The load has a warning of it.
        if target is None or part is None:
            yield _ANY, pointer
            return
        yield from self._iter_nodes(part, target, visited, is_part=is_part)


def _build_field(
    tokens: tuple[str | int, ...], name: str, value: Json, shape: _Shape
) -> UnknownField:
    known = tuple(sorted(shape.known or ()))
    return UnknownField(join_pointer(tokens), name, value, known, shape.owner)


def _allows_any_name(node: JsonObject) -> bool:
    """Return whether a schema says that members of other names may be there, or forbids them.

    What is forbidden is a violation already.
    """
    return any(keyword in node for keyword in _FREE)


def _is_unread(node: JsonObject, *, is_part: bool) -> bool:
    """Return whether members of a schema may be described where this module does not look.

    Those are references that are resolved while a value is read, rules for names, and subtypes that
    only a discriminator knows. `is_part`: the schema is one of `allOf`, so the value is of the
    subtype that has it.
    """
    if any(keyword in node for keyword in _UNREAD):
        return True
    has_list = "oneOf" in node or "anyOf" in node
    return "discriminator" in node and not has_list and not is_part


def _is_free_map(alternative: object) -> bool:
    """Return whether an alternative allows objects and says nothing about their members."""
    if not isinstance(alternative, dict):
        return alternative is True
    types = alternative.get("type", "object")
    is_object = types == "object" or (isinstance(types, list) and "object" in types)
    return is_object and not any(keyword in alternative for keyword in _ABOUT_MEMBERS)


def _member_schemas(nodes: tuple[_Node, ...], name: str) -> Iterator[tuple[object, str]]:
    """Yield the schemas of a member: by its name, by a pattern, or of members of any name."""
    for node, pointer in nodes:
        properties: JsonObject = node.get("properties") or {}
        is_named = name in properties
        if is_named:
            yield properties[name], child_pointer(pointer, "properties", name)
        patterns: JsonObject = node.get("patternProperties") or {}
        for pattern in patterns:
            if matches(pattern, name):
                yield patterns[pattern], child_pointer(pointer, "patternProperties", pattern)
        if not is_named:
            for keyword in _FREE:
                yield node.get(keyword), child_pointer(pointer, keyword)


def _item_schemas(nodes: tuple[_Node, ...], index: int) -> Iterator[tuple[object, str]]:
    """Yield the schemas of an item: by its index, else of all other items."""
    for node, pointer in nodes:
        heads = node.get("prefixItems")
        if isinstance(heads, list) and index < len(heads):
            yield heads[index], child_pointer(pointer, "prefixItems", index)
        else:
            for keyword in ("items", "unevaluatedItems", "contains"):
                yield node.get(keyword), child_pointer(pointer, keyword)
