"""Arrays that satisfy a constraint.

For each length that is tried, a layout says what every item has to satisfy, with the items that
have to be contained already placed: so items are built, not searched for.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

from hypothesis import reject
from hypothesis import strategies as st

from understudy.messages import Json
from understudy.strategies.schema.constraints import (
    ArrayConstraint,
    Contains,
    Requirement,
    Requirements,
    combine_requirements,
)
from understudy.strategies.schema.json_kinds import json_key
from understudy.strategies.schema.small_draws import Opaque, pick

_EXTRA_ITEMS = 5
"""How many items more than necessary an array has at most, where nothing limits it."""
_TRIES = 8
"""How often a value is drawn again that has to be distinct from others."""


class ValueSource(Protocol):
    """Builds the values inside of arrays and objects; `SchemaValues` is the implementation."""

    def strategy_for(self, requirements: Requirements, depth: int) -> st.SearchStrategy[Json]:
        """Return values that satisfy requirements.

        They have at most `depth` levels of arrays and objects.
        """
        ...

    def is_satisfiable(self, requirements: Requirements, depth: int) -> bool:
        """Return whether there is such a value."""
        ...

    def list_values(self, requirements: Requirements) -> list[Json] | None:
        """Return the values that satisfy requirements, where the schemas list them; else None."""
        ...

    def satisfies(self, requirements: Iterable[Requirement], value: Json) -> bool:
        """Return whether a value satisfies requirements."""
        ...


@dataclass(frozen=True, slots=True)
class _Layout:
    """What each item of an array has to satisfy."""

    items: tuple[Requirements, ...]
    duplicate: tuple[int, int] | None = None
    """An index, and a greater index of an item that is a copy of the first."""


def arrays(
    source: ValueSource, constraint: ArrayConstraint, depth: int
) -> st.SearchStrategy[list[Json]]:
    """Return arrays that satisfy a constraint; an empty strategy when there are none.

    `depth` counts the array itself: its items have at most `depth - 1` levels.
    """
    if _is_uniform(constraint):
        return _uniform_arrays(source, constraint, depth)
    layouts = list(_layouts(source, constraint, depth))
    if not layouts:
        return st.nothing()
    return _arrays_by_layout(source, Opaque(layouts), constraint.unique, depth)


def can_build_array(source: ValueSource, constraint: ArrayConstraint, depth: int) -> bool:
    """Return whether there is an array that satisfies a constraint."""
    if _is_uniform(constraint):
        if not constraint.min_items:
            return True
        return depth > 0 and source.is_satisfiable(constraint.requirements_at(0), depth - 1)
    return next(_layouts(source, constraint, depth), None) is not None


def draw_distinct(
    draw: st.DrawFn,
    source: ValueSource,
    requirements: Requirements,
    depth: int,
    known: Collection[Hashable],
) -> Json:
    """Draw a value whose `json_key` is not among those that are known.

    Rejects the draw when none is found.
    """
    listed = source.list_values(requirements)
    if listed is not None:
        remaining = [value for value in listed if json_key(value) not in known]
        if remaining:
            return pick(draw, remaining)
        return reject()
    for _ in range(_TRIES):
        value = draw(source.strategy_for(requirements, depth))
        if json_key(value) not in known:
            return value
    return reject()


def _is_uniform(constraint: ArrayConstraint) -> bool:
    """Return whether the same is required of every item."""
    return not (constraint.prefix_length or constraint.contains or constraint.has_duplicate)


def _uniform_arrays(
    source: ValueSource, constraint: ArrayConstraint, depth: int
) -> st.SearchStrategy[list[Json]]:
    """Return arrays of which every item has to satisfy the same."""
    requirements = constraint.requirements_at(0)
    if not depth or not source.is_satisfiable(requirements, depth - 1):
        if constraint.min_items:
            return st.nothing()
        return st.builds(list)
    max_size = constraint.min_items + _EXTRA_ITEMS
    if constraint.max_items is not None:
        max_size = min(max_size, constraint.max_items)
    return st.lists(
        source.strategy_for(requirements, depth - 1),
        min_size=constraint.min_items,
        max_size=max_size,
        unique_by=json_key if constraint.unique else None,
    )


def _layouts(source: ValueSource, constraint: ArrayConstraint, depth: int) -> Iterator[_Layout]:
    """Yield layouts for each length, and for some places of the items that have to be contained."""
    needed = [contains.start + contains.min_count for contains in constraint.contains]
    longest = max(constraint.min_items, constraint.prefix_length, *needed, 0) + 2
    if constraint.max_items is not None:
        longest = min(longest, constraint.max_items)
    for length in range(constraint.min_items, longest + 1):
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
                yield _Layout(tuple(placed))


def _place_contained(
    source: ValueSource,
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
    source: ValueSource, items: list[Requirements], contains: Contains, offset: int, depth: int
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
    forced: list[int] = []
    if contains.max_count is not None or contains.min_count:
        # These items satisfy it whatever they are.
        forced = [index for index in indexes if not is_possible(index, opposite)]
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
    source: ValueSource, items: Sequence[Requirements], depth: int
) -> Iterator[_Layout]:
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
            yield _Layout(tuple(placed), (original, copy))


@st.composite
def _arrays_by_layout(
    draw: st.DrawFn, source: ValueSource, layouts: Opaque[list[_Layout]], unique: bool, depth: int
) -> list[Json]:
    """Draw one of the layouts, then each item of it; the copied item last."""
    layout = pick(draw, layouts.value)
    array: list[Json] = []
    known: set[Hashable] = set()
    for index, requirements in enumerate(layout.items):
        if layout.duplicate is not None and index == layout.duplicate[1]:
            array.append(array[layout.duplicate[0]])
            continue
        value = draw(source.strategy_for(requirements, depth - 1))
        if unique:
            if json_key(value) in known:
                value = draw_distinct(draw, source, requirements, depth - 1, known)
            known.add(json_key(value))
        array.append(value)
    return array
