"""Where the properties and listed values of a schema are, and which of them a value shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from understudy.contract.corruption.locations import Spot, Step, quoted, spots
from understudy.contract.corruption.mutations import DOCUMENTED_AS
from understudy.messages import dump_json


@dataclass(slots=True, eq=False)
class Shape:
    """One place of a value, with all that can be below it. Alternatives (`anyOf`) lie upon one another."""

    path: str
    """`/data/contents[]/status`, with the documented names; empty for the value itself."""
    is_property: bool = False
    listed: dict[str, None] = field(default_factory=dict)
    """The values that the schema lists, as texts."""
    members: dict[str, Shape] = field(default_factory=dict)
    item: Shape | None = None
    heads: dict[int, Shape] = field(default_factory=dict)
    entries: list[tuple[Spot, Shape]] = field(default_factory=list)

    def everything(self) -> Iterator[Shape]:
        """Give this place and all below it, the outer ones first."""
        waiting: list[Shape] = [self]
        for shape in waiting:
            yield shape
            waiting += [
                *shape.members.values(),
                *([shape.item] if shape.item else []),
                *shape.heads.values(),
            ]
            waiting += [inner for _, inner in shape.entries]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a value shows of a schema: the paths of properties, and of listed values the pairs of path and text."""

    properties: frozenset[str]
    values: frozenset[tuple[str, str]]


def shape_of(document: Any, schema: Any) -> Shape:
    """Give the places of a schema's values. A structure that holds itself is told once; what is deeper is not there."""
    root = Shape("")
    made: dict[Spot, Shape | None] = {}
    for spot in spots(document, schema):
        above = made[spot.parent] if spot.parent is not None else root
        if above is None or True in spot.told("writeOnly"):  # no answer shows it
            made[spot] = None
            continue
        shape = above if spot.step in (Step.ROOT, Step.BRANCH) else _below(above, spot)
        made[spot] = shape
        for listed in spot.told("enum"):
            shape.listed.update(
                (text_of(value), None) for value in listed if not isinstance(value, dict | list)
            )
    return root


def text_of(value: Any) -> str:
    """Give a listed value as it is told: a text as it is, all else as JSON."""
    return value if isinstance(value, str) else dump_json(value).decode()


def seen_in(shape: Shape, value: Any) -> Seen:
    """Tell what a value shows of a schema. A property that is null is one that is there."""
    properties: set[str] = set()
    values: set[tuple[str, str]] = set()
    waiting: list[tuple[Shape, Any]] = [(shape, value)]
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
            elif place.listed and (text := text_of(part)) in place.listed:
                values.add((place.path, text))
    return Seen(frozenset(properties), frozenset(values))


def _below(above: Shape, spot: Spot) -> Shape:
    match spot.step:
        case Step.MEMBER:
            name = str(spot.key)
            told = next((str(one) for one in spot.told(DOCUMENTED_AS)), name)
            return above.members.setdefault(
                name, Shape(f"{above.path}/{quoted(told)}", is_property=True)
            )
        case Step.ITEM:
            above.item = above.item or Shape(f"{above.path}[]")
            return above.item
        case Step.HEAD:
            return above.heads.setdefault(int(spot.key), Shape(f"{above.path}[{spot.key}]"))
        case _:
            shape = Shape(f"{above.path}{{{quoted(str(spot.key))}}}")
            above.entries.append((spot, shape))
            return shape


def _plain_members(here: Shape, found: dict[str, Any]) -> list[tuple[Shape, Any]]:
    members = here.members
    return [(members[name], part) for name, part in found.items() if name in members]


def _members(here: Shape, found: dict[str, Any]) -> list[tuple[Shape, Any]]:
    entries = [
        (shape, part)
        for name, part in found.items()
        for spot, shape in here.entries
        if spot.covers(name)
    ]
    return [*_plain_members(here, found), *entries]


def _items(here: Shape, found: list[Any]) -> list[tuple[Shape, Any]]:
    if here.heads:
        shapes = (here.heads.get(index, here.item) for index in range(len(found)))
        return [
            (shape, part) for shape, part in zip(shapes, found, strict=True) if shape is not None
        ]
    return [(here.item, part) for part in found] if here.item is not None else []
