"""Paths of the properties and enum values in a schema, and which of them a value contains.

A path is written like the paths of corruptions: `/data/contents[]/status`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from understudy.contract.corruption.locations import Location, Step, iter_locations, quote_name
from understudy.contract.corruption.mutations import DOCUMENTED_NAME_KEYWORD
from understudy.contract.schema.keywords import Schema
from understudy.messages import Json, dump_json


@dataclass(slots=True, eq=False)
class PathNode:
    """One path of a schema, with the paths below it. Alternatives (`anyOf`) share their nodes."""

    path: str
    """`/data/contents[]/status`, with documented names; empty for the value itself."""
    is_property: bool = False
    enum_values: dict[str, None] = field(default_factory=dict)
    """The values of `enum` as texts, in the order of the schema."""
    members: dict[str, PathNode] = field(default_factory=dict)
    """The properties, by the names that messages use."""
    item: PathNode | None = None
    """Any item of an array."""
    heads: dict[int, PathNode] = field(default_factory=dict)
    """The items with a schema of their own (`prefixItems`), by index."""
    entries: list[tuple[Location, PathNode]] = field(default_factory=list)
    """Members with free names (`additionalProperties`, `patternProperties`)."""

    def walk(self) -> Iterator[PathNode]:
        """Yield this node and all nodes below it, outer nodes first."""
        queue: list[PathNode] = [self]
        for node in queue:
            yield node
            queue += node.members.values()
            if node.item:
                queue.append(node.item)
            queue += node.heads.values()
            for _, entry in node.entries:
                queue.append(entry)


@dataclass(frozen=True, slots=True)
class Observation:
    """The parts of a schema that a value contains."""

    properties: frozenset[str]
    """The paths of properties."""
    values: frozenset[tuple[str, str]]
    """Pairs of path and enum value."""


_Match = tuple[PathNode, object]
"""A part of a value with its node."""


def build_path_tree(document: Json, schema: Schema) -> PathNode:
    """Return the paths of a schema's values as a tree.

    A recursive structure is entered once; deeper values have no paths. Write-only properties are
    left out, since no response contains them.
    """
    root = PathNode("")
    nodes: dict[Location, PathNode | None] = {}
    for location in iter_locations(document, schema):
        # A location comes after its parent.
        parent: PathNode | None = root
        if location.parent is not None:
            parent = nodes[location.parent]
        # Everything below a write-only property is write-only too.
        if parent is None or True in location.keyword_values("writeOnly"):
            nodes[location] = None
            continue
        node = parent
        # A branch of `anyOf` describes the same value as its parent.
        if location.step not in (Step.ROOT, Step.BRANCH):
            node = _add_child(parent, location)
        nodes[location] = node
        _add_enum_values(node, location)
    return root


def _add_enum_values(node: PathNode, location: Location) -> None:
    """Add the values of `enum`; an array or object is not an item of a report."""
    for enum in location.keyword_values("enum"):
        for value in enum:
            if isinstance(value, dict | list):
                continue
            text = format_value(value)
            node.enum_values[text] = None


def format_value(value: object) -> str:
    """Return an enum value as a text: a string as it is, everything else as JSON."""
    if isinstance(value, str):
        return value
    return dump_json(value).decode()


def _add_child(parent: PathNode, location: Location) -> PathNode:
    """Return the node of a location below its parent; it is created when it is new."""
    match location.step:
        case Step.MEMBER:
            return _add_member(parent, location)
        case Step.ITEM:
            if parent.item is None:
                parent.item = PathNode(f"{parent.path}[]")
            return parent.item
        case Step.HEAD:
            index = int(location.key)
            head = PathNode(f"{parent.path}[{index}]")
            return parent.heads.setdefault(index, head)
        case _:
            name = quote_name(str(location.key))
            entry = PathNode(f"{parent.path}{{{name}}}")
            parent.entries.append((location, entry))
            return entry


def _add_member(parent: PathNode, location: Location) -> PathNode:
    """Return the node of a property; its path has the documented name.

    The dialect `observed` renames properties and keeps the documented name as a keyword.
    """
    name = str(location.key)
    path_name = name
    documented = location.keyword_values(DOCUMENTED_NAME_KEYWORD)
    if documented:
        path_name = str(documented[0])
    quoted = quote_name(path_name)
    node = PathNode(f"{parent.path}/{quoted}", is_property=True)
    return parent.members.setdefault(name, node)


def observe_value(root: PathNode, value: object) -> Observation:
    """Return the properties and enum values that a value contains.

    A property whose value is null counts as present.
    """
    properties: set[str] = set()
    values: set[tuple[str, str]] = set()
    queue: list[_Match] = [(root, value)]
    while queue:
        node, current = queue.pop()
        for child, part in _match_children(node, current):
            if child.is_property:
                properties.add(child.path)
            if isinstance(part, dict | list):
                queue.append((child, part))
                continue
            # Most properties have no enum: their values need no text.
            if not child.enum_values:
                continue
            text = format_value(part)
            if text in child.enum_values:
                values.add((child.path, text))
    return Observation(frozenset(properties), frozenset(values))


def _match_children(node: PathNode, value: object) -> list[_Match]:
    """Return the parts of a value with their nodes; a scalar is its own only part."""
    if isinstance(value, dict):
        return _match_members(node, value)
    if isinstance(value, list):
        return _match_items(node, value)
    return [(node, value)]


def _match_members(node: PathNode, value: dict[str, object]) -> list[_Match]:
    """Return the members of an object that a schema has; those with free names come last."""
    members = node.members
    matches = [(members[name], part) for name, part in value.items() if name in members]
    # Most schemas have no free names: a lookup for each member is enough.
    if not node.entries:
        return matches
    for name, part in value.items():
        for location, entry in node.entries:
            if location.covers(name):
                matches.append((entry, part))
    return matches


def _match_items(node: PathNode, value: list[object]) -> list[_Match]:
    """Return the items of an array that a schema has."""
    item = node.item
    matches: list[_Match] = []
    if item is not None and not node.heads:
        return [(item, part) for part in value]
    for index, part in enumerate(value):
        child = node.heads.get(index, item)
        if child is not None:
            matches.append((child, part))
    return matches
