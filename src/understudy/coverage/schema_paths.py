"""Where the properties and listed values of a schema are, and which of them a value shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from understudy.contract.corruption.locations import Location, Step, iter_locations, quote_name
from understudy.contract.corruption.mutations import DOCUMENTED_NAME_KEYWORD
from understudy.messages import dump_json


@dataclass(slots=True, eq=False)
class PathNode:
    """One place of a value, with all that can be below it. Alternatives (`anyOf`) lie upon one another."""

    path: str
    """`/data/contents[]/status`, with the documented names; empty for the value itself."""
    is_property: bool = False
    enum_values: dict[str, None] = field(default_factory=dict)
    """The values that the schema lists, as texts."""
    members: dict[str, PathNode] = field(default_factory=dict)
    item: PathNode | None = None
    heads: dict[int, PathNode] = field(default_factory=dict)
    entries: list[tuple[Location, PathNode]] = field(default_factory=list)

    def walk(self) -> Iterator[PathNode]:
        """Give this place and all below it, the outer ones first."""
        waiting: list[PathNode] = [self]
        for shape in waiting:
            yield shape
            waiting += [
                *shape.members.values(),
                *([shape.item] if shape.item else []),
                *shape.heads.values(),
            ]
            waiting += [inner for _, inner in shape.entries]


@dataclass(frozen=True, slots=True)
class Observation:
    """What a value shows of a schema: the paths of properties, and of listed values the pairs of path and text."""

    properties: frozenset[str]
    values: frozenset[tuple[str, str]]


def build_path_tree(document: Any, schema: Any) -> PathNode:
    """Give the places of a schema's values. A structure that holds itself is told once; what is deeper is not there."""
    root = PathNode("")
    made: dict[Location, PathNode | None] = {}
    for spot in iter_locations(document, schema):
        above = made[spot.parent] if spot.parent is not None else root
        if above is None or True in spot.keyword_values("writeOnly"):  # no answer shows it
            made[spot] = None
            continue
        shape = above if spot.step in (Step.ROOT, Step.BRANCH) else _below(above, spot)
        made[spot] = shape
        for listed in spot.keyword_values("enum"):
            shape.enum_values.update(
                (format_value(value), None)
                for value in listed
                if not isinstance(value, dict | list)
            )
    return root


def format_value(value: Any) -> str:
    """Give a listed value as it is told: a text as it is, all else as JSON."""
    return value if isinstance(value, str) else dump_json(value).decode()


def observe_value(shape: PathNode, value: Any) -> Observation:
    """Tell what a value shows of a schema. A property that is null is one that is there."""
    properties: set[str] = set()
    values: set[tuple[str, str]] = set()
    waiting: list[tuple[PathNode, Any]] = [(shape, value)]
    while waiting:
        here, found = waiting.pop()
        if isinstance(found, dict):
            inside = _members(here, found) if here.entries else _plain_members(here, found)
        elif isinstance(found, list):
            inside = _items(here, found)
        else:
            inside = [(here, found)]
        for place, part in inside:
            if place.is_property:
                properties.add(place.path)
            if isinstance(part, dict | list):  # nothing else has anything inside
                waiting.append((place, part))
            elif place.enum_values and (text := format_value(part)) in place.enum_values:
                values.add((place.path, text))
    return Observation(frozenset(properties), frozenset(values))


def _below(above: PathNode, spot: Location) -> PathNode:
    match spot.step:
        case Step.MEMBER:
            name = str(spot.key)
            told = next((str(one) for one in spot.keyword_values(DOCUMENTED_NAME_KEYWORD)), name)
            return above.members.setdefault(
                name, PathNode(f"{above.path}/{quote_name(told)}", is_property=True)
            )
        case Step.ITEM:
            above.item = above.item or PathNode(f"{above.path}[]")
            return above.item
        case Step.HEAD:
            return above.heads.setdefault(int(spot.key), PathNode(f"{above.path}[{spot.key}]"))
        case _:
            shape = PathNode(f"{above.path}{{{quote_name(str(spot.key))}}}")
            above.entries.append((spot, shape))
            return shape


def _plain_members(here: PathNode, found: dict[str, Any]) -> list[tuple[PathNode, Any]]:
    members = here.members
    return [(members[name], part) for name, part in found.items() if name in members]


def _members(here: PathNode, found: dict[str, Any]) -> list[tuple[PathNode, Any]]:
    entries = [
        (shape, part)
        for name, part in found.items()
        for spot, shape in here.entries
        if spot.covers(name)
    ]
    return [*_plain_members(here, found), *entries]


def _items(here: PathNode, found: list[Any]) -> list[tuple[PathNode, Any]]:
    if here.heads:
        shapes = (here.heads.get(index, here.item) for index in range(len(found)))
        return [
            (shape, part) for shape, part in zip(shapes, found, strict=True) if shape is not None
        ]
    return [(here.item, part) for part in found] if here.item is not None else []
