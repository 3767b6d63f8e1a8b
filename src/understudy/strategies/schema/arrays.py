"""Arrays that satisfy a constraint.

For each length that is tried, a layout says what every item has to satisfy, with the items that
have to be contained already placed: so items are built, not searched for.
"""

import random
from collections.abc import Callable, Collection, Hashable
from typing import Protocol, TypeVar

from hypothesis import reject
from hypothesis import strategies as st

from understudy.contract.expansion.array_layouts import (
    ArrayLayout,
    Satisfiability,
    count_distinct,
    find_min_items,
    is_uniform,
    iter_layouts,
)
from understudy.contract.expansion.constraints import (
    ArrayConstraint,
    ObjectConstraint,
    Requirements,
)
from understudy.contract.expansion.json_kinds import json_key
from understudy.contract.expansion.value_builder import NoValueError
from understudy.messages import Json
from understudy.strategies.schema.small_draws import Opaque, pick

T = TypeVar("T")
_MANY_ITEMS = 64
"""An array of more items is built from a drawn seed: Hypothesis cannot draw so many."""
_SEEDS = st.integers(0, 2**32 - 1)
_EXTRA_ITEMS = 5
"""How many items more than necessary an array has at most, where nothing limits it."""
_TRIES = 8
"""How often a value is drawn again that has to be distinct from others."""


class ValueSource(Satisfiability, Protocol):
    """Builds the values inside of arrays and objects; `SchemaValues` is the implementation."""

    def strategy_for(self, requirements: Requirements, depth: int) -> st.SearchStrategy[Json]:
        """Return values that satisfy requirements.

        They have at most `depth` levels of arrays and objects.
        """
        ...

    def build_array(
        self, constraint: ArrayConstraint, depth: int, draws: random.Random
    ) -> list[Json]:
        """Return an array that satisfies a constraint; raises NoValueError when none is found."""
        ...

    def build_object(
        self, constraint: ObjectConstraint, depth: int, draws: random.Random
    ) -> dict[str, Json]:
        """Return an object that satisfies a constraint; raises NoValueError when none is found."""
        ...


def arrays(
    source: ValueSource, constraint: ArrayConstraint, depth: int
) -> st.SearchStrategy[list[Json]]:
    """Return arrays that satisfy a constraint; an empty strategy when there are none.

    `depth` counts the array itself: its items have at most `depth - 1` levels.
    """
    if find_min_items(constraint) > _MANY_ITEMS:
        return from_seeds(lambda draws: source.build_array(constraint, depth, draws))
    if is_uniform(constraint):
        return _uniform_arrays(source, constraint, depth)
    layouts = list(iter_layouts(source, constraint, depth))
    if not layouts:
        return st.nothing()
    return _arrays_by_layout(source, Opaque(layouts), constraint.unique, depth)


def from_seeds(build: Callable[[random.Random], T]) -> st.SearchStrategy[T]:
    """Return what a function builds by random draws, for values of more parts than are drawn.

    The strategy is empty when the function builds nothing.
    """

    @st.composite
    def built(draw: st.DrawFn) -> T:
        try:
            return build(random.Random(draw(_SEEDS)))  # noqa: S311 - data, not secrets
        except NoValueError:
            return reject()

    try:
        build(random.Random(0))  # noqa: S311
    except NoValueError:
        return st.nothing()
    return built()


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
    if constraint.unique:
        count = count_distinct(source, requirements)
        if count < constraint.min_items:
            return st.nothing()
        if count < max_size:
            max_size = int(count)
    return st.lists(
        source.strategy_for(requirements, depth - 1),
        min_size=constraint.min_items,
        max_size=max_size,
        unique_by=json_key if constraint.unique else None,
    )


@st.composite
def _arrays_by_layout(
    draw: st.DrawFn,
    source: ValueSource,
    layouts: Opaque[list[ArrayLayout]],
    unique: bool,
    depth: int,
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
