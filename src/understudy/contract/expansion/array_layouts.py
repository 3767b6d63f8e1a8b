"""Layouts of arrays: for each length that is tried, what every item has to satisfy.

The items that have to be contained are already placed: so items are built, not searched for.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import inf
from typing import Protocol

from understudy.contract.expansion.constraints import (
    ArrayConstraint,
    Contains,
    Requirement,
    Requirements,
    combine_requirements,
)
from understudy.contract.expansion.json_kinds import json_key
from understudy.messages import Json

MAX_ITEMS = 10_000
"""A schema whose arrays all have more items than this counts as one without arrays."""


class Satisfiability(Protocol):
    """Finds out whether requirements can be satisfied; `SchemaSolver` is the implementation."""

    def is_satisfiable(self, requirements: Requirements, depth: int) -> bool:
        """Return whether a value of at most `depth` levels satisfies requirements."""
        ...

    def list_values(self, requirements: Requirements) -> list[Json] | None:
        """Return the values that satisfy requirements, where the schemas list them; else None."""
        ...

    def satisfies(self, requirements: Iterable[Requirement], value: Json) -> bool:
        """Return whether a value satisfies requirements."""
        ...


@dataclass(frozen=True, slots=True)
class ArrayLayout:
    """What each item of an array has to satisfy."""

    items: tuple[Requirements, ...]
    duplicate: tuple[int, int] | None = None
    """An index, and a greater index of an item that is a copy of the first."""


def can_build_array(source: Satisfiability, constraint: ArrayConstraint, depth: int) -> bool:
    """Return whether there is an array that satisfies a constraint, of at most MAX_ITEMS items."""
    if constraint.min_items > MAX_ITEMS:
        return False
    if is_uniform(constraint):
        if not constraint.min_items:
            return True
        requirements = constraint.requirements_at(0)
        if not depth or not source.is_satisfiable(requirements, depth - 1):
            return False
        return not constraint.unique or count_distinct(source, requirements) >= constraint.min_items
    return next(iter_layouts(source, constraint, depth), None) is not None


def count_distinct(source: Satisfiability, requirements: Requirements) -> float:
    """Return how many different values satisfy requirements, infinity where they are not listed."""
    listed = source.list_values(requirements)
    if listed is None:
        return inf
    return len({json_key(value) for value in listed})


def is_uniform(constraint: ArrayConstraint) -> bool:
    """Return whether the same is required of every item."""
    return not (constraint.prefix_length or constraint.contains or constraint.has_duplicate)


def find_min_items(constraint: ArrayConstraint) -> int:
    """Return how many items an array has at least, with those that it has to contain."""
    needed = [part.start + part.min_count for part in constraint.contains if part.min_count]
    return max(constraint.min_items, *needed, 0)


def iter_layouts(
    source: Satisfiability, constraint: ArrayConstraint, depth: int
) -> Iterator[ArrayLayout]:
    """Yield layouts for each length, and for some places of the items that have to be contained."""
    shortest = find_min_items(constraint)
    longest = max(shortest, constraint.prefix_length) + 2
    if constraint.max_items is not None:
        longest = min(longest, constraint.max_items)
    if shortest > MAX_ITEMS:
        return
    for length in range(shortest, longest + 1):
        items = [constraint.requirements_at(index) for index in range(length)]
        if length and not (depth and source.is_satisfiable(items[-1], depth - 1)):
            return  # a longer array would have this item too
        # First, middle and last place; each once, where an array is short.
        for offset in dict.fromkeys((0, length // 2, max(length - 1, 0))):
            placed = _place_contained(source, items, constraint.contains, offset, depth - 1)
            if placed is None:
                continue
            if constraint.has_duplicate:
                yield from _duplicate_item(source, placed, depth - 1)
            else:
                yield ArrayLayout(tuple(placed))


def _place_contained(
    source: Satisfiability,
    items: Sequence[Requirements],
    contains: Sequence[Contains],
    offset: int,
    depth: int,
) -> list[Requirements] | None:
    """Return the items, some of them with what the array has to contain.

    `offset` says where to begin to look for places. None when there are not enough.
    """
    placed = list(items)
    for part in contains:
        if not _place_one(source, placed, part, offset, depth):
            return None
    return placed


def _place_one(
    source: Satisfiability, items: list[Requirements], contains: Contains, offset: int, depth: int
) -> bool:
    """Require what has to be contained of as many items as necessary, in place.

    Where the number is limited, require the opposite of all others. Returns False when that is
    impossible.
    """
    wanted = contains.requirement
    opposite = replace(wanted, holds=not wanted.holds)

    def is_possible(index: int, requirement: Requirement) -> bool:
        return source.is_satisfiable(combine_requirements([*items[index], requirement]), depth)

    indexes = list(range(contains.start, len(items)))
    forced: set[int] = set()
    if contains.max_count is not None or contains.min_count:
        # These items satisfy it whatever they are.
        forced = {index for index in indexes if not is_possible(index, opposite)}
    rotated = [*indexes[offset:], *indexes[:offset]]
    free = [index for index in rotated if index not in forced]
    fitting = (index for index in free if is_possible(index, wanted))
    chosen = list(islice(fitting, max(contains.min_count - len(forced), 0)))
    count = len(chosen) + len(forced)
    if count < contains.min_count:
        return False
    for index in (*chosen, *forced):
        items[index] = combine_requirements([*items[index], wanted])
    if contains.max_count is not None:
        if count > contains.max_count:
            return False
        for index in set(free) - set(chosen):
            items[index] = combine_requirements([*items[index], opposite])
    return True


def _duplicate_item(
    source: Satisfiability, items: Sequence[Requirements], depth: int
) -> Iterator[ArrayLayout]:
    """Yield layouts with an item that occurs twice.

    The first and the last item are equal, or the last two, or the first two.
    """
    last = len(items) - 1
    for original, copy in dict.fromkeys([(0, last), (last - 1, last), (0, 1)]):
        if not 0 <= original < copy:
            continue
        both = combine_requirements([*items[original], *items[copy]])
        if source.is_satisfiable(both, depth):
            placed = [*items[:original], both, *items[original + 1 :]]
            yield ArrayLayout(tuple(placed), (original, copy))
