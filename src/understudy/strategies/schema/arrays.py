"""Arrays that obey a rule."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from hypothesis import reject
from hypothesis import strategies as st

from understudy.strategies.schema.constraints import (
    ArrayConstraint,
    Contains,
    Requirement,
    Requirements,
    combine_requirements,
    json_key,
)
from understudy.strategies.schema.small_draws import Opaque, pick

_MORE = 5
_TRIES = 8
"""How many items more than it has to have an array has at most, where nothing limits it."""


class ValueSource(Protocol):
    """What makes the values inside of others."""

    def strategy_for(self, goal: Requirements, depth: int) -> st.SearchStrategy[Any]:
        """Give values that obey a goal and are nested at most so deep."""
        ...

    def is_satisfiable(self, goal: Requirements, depth: int) -> bool:
        """Whether there is such a value."""
        ...

    def list_values(self, goal: Requirements) -> list[Any] | None:
        """Give the values that obey a goal, where they are few; else None."""
        ...

    def satisfies(self, goal: Iterable[Requirement], value: Any) -> bool:
        """Whether a value obeys a goal."""
        ...


@dataclass(frozen=True, slots=True)
class _Layout:
    """What each item of an array has to obey. `copied`: the last index is to be a copy of the other."""

    goals: tuple[Requirements, ...]
    copied: tuple[int, int] | None = None


def arrays(values: ValueSource, rule: ArrayConstraint, depth: int) -> st.SearchStrategy[list[Any]]:
    """Give arrays that obey a rule, whose items are nested at most `depth - 1` deep; nothing when there are none."""
    if not rule.prefix_length and not rule.contains and not rule.has_duplicate:
        return _alike(values, rule, depth)
    layouts = list(_layouts(values, rule, depth))
    return _laid_out(values, Opaque(layouts), rule.unique, depth) if layouts else st.nothing()


def can_build_array(values: ValueSource, rule: ArrayConstraint, depth: int) -> bool:
    """Whether there is an array that obeys the rule."""
    if not rule.prefix_length and not rule.contains and not rule.has_duplicate:
        return not rule.min_items or (
            depth > 0 and values.is_satisfiable(rule.requirements_at(0), depth - 1)
        )
    return next(_layouts(values, rule, depth), None) is not None


def _alike(values: ValueSource, rule: ArrayConstraint, depth: int) -> st.SearchStrategy[list[Any]]:
    goal = rule.requirements_at(0)
    if not depth or not values.is_satisfiable(goal, depth - 1):
        return st.nothing() if rule.min_items else st.builds(list)
    most = rule.min_items + _MORE
    most = most if rule.max_items is None else min(most, rule.max_items)
    inner = values.strategy_for(goal, depth - 1)
    return st.lists(
        inner, min_size=rule.min_items, max_size=most, unique_by=json_key if rule.unique else None
    )


def _layouts(values: ValueSource, rule: ArrayConstraint, depth: int) -> Iterator[_Layout]:
    """Give what the items can be, for each length and for some ways to place those that are to be contained."""
    wanted = (
        max([rule.min_items, rule.prefix_length, *(c.start + c.min_count for c in rule.contains)])
        + 2
    )
    most = wanted if rule.max_items is None else min(wanted, rule.max_items)
    for length in range(rule.min_items, most + 1):
        goals = [rule.requirements_at(index) for index in range(length)]
        if length and not (depth and values.is_satisfiable(goals[-1], depth - 1)):
            return
        for offset in dict.fromkeys((0, length // 2, max(length - 1, 0))):
            found = _placed(values, goals, rule.contains, offset, depth - 1)
            if found is not None:
                yield from (
                    _copied(values, found, depth - 1)
                    if rule.has_duplicate
                    else [_Layout(tuple(found))]
                )


def _placed(
    values: ValueSource,
    goals: list[Requirements],
    contains: tuple[Contains, ...],
    offset: int,
    depth: int,
) -> list[Requirements] | None:
    """Give the goals with those added that have to be found among them, starting at an offset; None: no way."""
    made = list(goals)
    for rule in contains:
        places = list(range(rule.start, len(made)))
        contrary = Requirement(rule.requirement.schema, not rule.requirement.holds)
        limited = rule.max_count is not None or rule.min_count
        forced = [
            i
            for i in places
            if limited
            and not values.is_satisfiable(combine_requirements([*made[i], contrary]), depth)
        ]
        places = [place for place in (*places[offset:], *places[:offset]) if place not in forced]
        fitting = (
            place
            for place in places
            if values.is_satisfiable(combine_requirements([*made[place], rule.requirement]), depth)
        )
        chosen = [
            place for _, place in zip(range(rule.min_count - len(forced)), fitting, strict=False)
        ]
        if len(chosen) + len(forced) < rule.min_count:
            return None
        for place in (*chosen, *forced):
            made[place] = combine_requirements([*made[place], rule.requirement])
        if rule.max_count is not None:
            if len(chosen) + len(forced) > rule.max_count:
                return None
            for place in set(places) - set(chosen):
                made[place] = combine_requirements([*made[place], contrary])
    return made


def _copied(values: ValueSource, goals: list[Requirements], depth: int) -> Iterator[_Layout]:
    last = len(goals) - 1
    for one, other in dict.fromkeys([(0, last), (last - 1, last), (0, 1)]):
        both = combine_requirements([*goals[one], *goals[other]]) if 0 <= one < other else None
        if both is not None and values.is_satisfiable(both, depth):
            yield _Layout(
                tuple(both if index == one else goal for index, goal in enumerate(goals)),
                (one, other),
            )


@st.composite
def _laid_out(
    draw: st.DrawFn, values: ValueSource, layouts: Opaque[list[_Layout]], unique: bool, depth: int
) -> list[Any]:
    layout = pick(draw, layouts.value)
    made: list[Any] = []
    known: set[Any] = set()
    for index, goal in enumerate(layout.goals):
        if layout.copied is not None and index == layout.copied[1]:
            made.append(made[layout.copied[0]])
            continue
        value = draw(values.strategy_for(goal, depth - 1))
        if unique:
            value = (
                value
                if json_key(value) not in known
                else draw_distinct(draw, values, goal, depth - 1, known)
            )
            known.add(json_key(value))
        made.append(value)
    return made


def draw_distinct(
    draw: st.DrawFn, values: ValueSource, goal: Requirements, depth: int, known: Collection[Any]
) -> Any:
    """Draw a value whose key is none of those that are known. Rejects when none is found."""
    listed = values.list_values(goal)
    if listed is not None:
        left = [value for value in listed if json_key(value) not in known]
        return pick(draw, left) if left else reject()
    for _ in range(_TRIES):
        value = draw(values.strategy_for(goal, depth))
        if json_key(value) not in known:
            return value
    return reject()
