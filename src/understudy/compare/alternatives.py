"""Pairs the alternatives of two schemas: oneOf and anyOf, whatever their order."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from understudy.contract.document.pointers import JsonObject, ref_target
from understudy.contract.expansion.json_kinds import json_key

_KEYWORDS = ("oneOf", "anyOf")
_ANNOTATIONS = frozenset(
    ["title", "description", "example", "examples", "deprecated", "externalDocs", "discriminator"]
)
"""Keywords that may be beside alternatives and restrict no value."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One alternative of a schema."""

    keyword: str
    index: int
    schema: Any


@dataclass(frozen=True, slots=True)
class Pair:
    """An alternative in both schemas; None where it is not there."""

    label: str
    old: Alternative | None
    new: Alternative | None


def pair_alternatives(old: JsonObject, new: JsonObject) -> Iterator[Pair]:
    """Yield the alternatives of two schemas: equal ones, those of one name, else in their order.

    A list under another keyword (anyOf for oneOf) is the same list.
    """
    for befores, afters in _pair_lists(old, new):
        yield from _pair_list(befores, afters)


def unwrap(schema: object) -> list[Alternative]:
    """Return the alternatives of a schema that has nothing else; empty for another schema."""
    if not isinstance(schema, dict):
        return []
    keywords = [name for name in schema if name not in _ANNOTATIONS and not name.startswith("x-")]
    if len(keywords) != 1 or keywords[0] not in _KEYWORDS:
        return []
    return _list_alternatives(schema, keywords[0])


def _pair_lists(
    old: JsonObject, new: JsonObject
) -> Iterator[tuple[list[Alternative], list[Alternative]]]:
    befores = {name: _list_alternatives(old, name) for name in _KEYWORDS if old.get(name)}
    afters = {name: _list_alternatives(new, name) for name in _KEYWORDS if new.get(name)}
    if len(befores) == 1 and len(afters) == 1:
        yield next(iter(befores.values())), next(iter(afters.values()))
        return
    for name in _KEYWORDS:
        yield befores.get(name, []), afters.get(name, [])


def _list_alternatives(schema: JsonObject, keyword: str) -> list[Alternative]:
    parts = schema.get(keyword)
    if not isinstance(parts, list):
        return []
    return [Alternative(keyword, index, part) for index, part in enumerate(parts)]


def _pair_list(befores: list[Alternative], afters: list[Alternative]) -> Iterator[Pair]:
    """Yield the pairs of two lists."""
    remaining = list(afters)
    unpaired: list[Alternative] = []
    partners: dict[int, Alternative] = {}
    for describe in (_key, _name):
        unpaired = [before for before in befores if before.index not in partners]
        for before in unpaired:
            wanted = describe(before)
            same = [after for after in remaining if wanted and describe(after) == wanted]
            if same:
                partners[before.index] = same[0]
                remaining.remove(same[0])
    unpaired = [before for before in befores if before.index not in partners]
    are_named = all(map(_name, [*unpaired, *remaining]))
    # Without common names, the order is all that is known.
    if len(unpaired) == len(remaining) and not (partners and are_named):
        partners |= {before.index: after for before, after in zip(unpaired, remaining, strict=True)}
        remaining = []
    for before in befores:
        yield Pair(_label(before), before, partners.get(before.index))
    for after in remaining:
        yield Pair(_label(after), None, after)


def _key(alternative: Alternative) -> object:
    return json_key(alternative.schema)


def _name(alternative: Alternative) -> str:
    """Return the name of the reference, or the title; empty for an alternative without a name."""
    target = ref_target(alternative.schema)
    if target:
        return target.rpartition("/")[2]
    schema = alternative.schema
    title = schema.get("title") if isinstance(schema, dict) else None
    return title if isinstance(title, str) else ""


def _label(alternative: Alternative) -> str:
    return _name(alternative) or str(alternative.index)
