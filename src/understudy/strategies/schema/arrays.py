"""Arrays that obey a rule."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from hypothesis import reject
from hypothesis import strategies as st

from understudy.strategies.schema.constraints import (
    ArrayRule,
    Atom,
    Contains,
    Goal,
    goal_of,
    json_key,
)
from understudy.strategies.schema.small_draws import Unshown, pick

_MORE = 5
_TRIES = 8
"""How many items more than it has to have an array has at most, where nothing limits it."""


class Values(Protocol):
    """What makes the values inside of others."""

    def strategy(self, goal: Goal, depth: int) -> st.SearchStrategy[Any]:
        """Give values that obey a goal and are nested at most so deep."""
        ...

    def can_be(self, goal: Goal, depth: int) -> bool:
        """Whether there is such a value."""
        ...

    def listed(self, goal: Goal) -> list[Any] | None:
        """Give the values that obey a goal, where they are few; else None."""
        ...

    def obeys(self, goal: Iterable[Atom], value: Any) -> bool:
        """Whether a value obeys a goal."""
        ...


@dataclass(frozen=True, slots=True)
class _Layout:
    """What each item of an array has to obey. `copied`: the last index is to be a copy of the other."""

    goals: tuple[Goal, ...]
    copied: tuple[int, int] | None = None


def arrays(values: Values, rule: ArrayRule, depth: int) -> st.SearchStrategy[list[Any]]:
    """Give arrays that obey a rule, whose items are nested at most `depth - 1` deep; nothing when there are none."""
    if not rule.heads and not rule.contains and not rule.repeats:
        return _alike(values, rule, depth)
    layouts = list(_layouts(values, rule, depth))
    return _laid_out(values, Unshown(layouts), rule.unique, depth) if layouts else st.nothing()


def has_array(values: Values, rule: ArrayRule, depth: int) -> bool:
    """Whether there is an array that obeys the rule."""
    if not rule.heads and not rule.contains and not rule.repeats:
        return not rule.least or (depth > 0 and values.can_be(rule.at(0), depth - 1))
    return next(_layouts(values, rule, depth), None) is not None


def _alike(values: Values, rule: ArrayRule, depth: int) -> st.SearchStrategy[list[Any]]:
    goal = rule.at(0)
    if not depth or not values.can_be(goal, depth - 1):
        return st.nothing() if rule.least else st.builds(list)
    most = rule.least + _MORE
    most = most if rule.most is None else min(most, rule.most)
    inner = values.strategy(goal, depth - 1)
    return st.lists(
        inner, min_size=rule.least, max_size=most, unique_by=json_key if rule.unique else None
    )


def _layouts(values: Values, rule: ArrayRule, depth: int) -> Iterator[_Layout]:
    """Give what the items can be, for each length and for some ways to place those that are to be contained."""
    wanted = max([rule.least, rule.heads, *(c.start + c.least for c in rule.contains)]) + 2
    most = wanted if rule.most is None else min(wanted, rule.most)
    for length in range(rule.least, most + 1):
        goals = [rule.at(index) for index in range(length)]
        if length and not (depth and values.can_be(goals[-1], depth - 1)):
            return
        for offset in dict.fromkeys((0, length // 2, max(length - 1, 0))):
            found = _placed(values, goals, rule.contains, offset, depth - 1)
            if found is not None:
                yield from (
                    _copied(values, found, depth - 1) if rule.repeats else [_Layout(tuple(found))]
                )


def _placed(
    values: Values, goals: list[Goal], contains: tuple[Contains, ...], offset: int, depth: int
) -> list[Goal] | None:
    """Give the goals with those added that have to be found among them, starting at an offset; None: no way."""
    made = list(goals)
    for rule in contains:
        places = list(range(rule.start, len(made)))
        contrary = Atom(rule.atom.schema, not rule.atom.holds)
        limited = rule.most is not None or rule.least
        forced = [
            i for i in places if limited and not values.can_be(goal_of([*made[i], contrary]), depth)
        ]
        places = [place for place in (*places[offset:], *places[:offset]) if place not in forced]
        fitting = (
            place for place in places if values.can_be(goal_of([*made[place], rule.atom]), depth)
        )
        chosen = [place for _, place in zip(range(rule.least - len(forced)), fitting, strict=False)]
        if len(chosen) + len(forced) < rule.least:
            return None
        for place in (*chosen, *forced):
            made[place] = goal_of([*made[place], rule.atom])
        if rule.most is not None:
            if len(chosen) + len(forced) > rule.most:
                return None
            for place in set(places) - set(chosen):
                made[place] = goal_of([*made[place], contrary])
    return made


def _copied(values: Values, goals: list[Goal], depth: int) -> Iterator[_Layout]:
    last = len(goals) - 1
    for one, other in dict.fromkeys([(0, last), (last - 1, last), (0, 1)]):
        both = goal_of([*goals[one], *goals[other]]) if 0 <= one < other else None
        if both is not None and values.can_be(both, depth):
            yield _Layout(
                tuple(both if index == one else goal for index, goal in enumerate(goals)),
                (one, other),
            )


@st.composite
def _laid_out(
    draw: st.DrawFn, values: Values, layouts: Unshown[list[_Layout]], unique: bool, depth: int
) -> list[Any]:
    layout = pick(draw, layouts.value)
    made: list[Any] = []
    known: set[Any] = set()
    for index, goal in enumerate(layout.goals):
        if layout.copied is not None and index == layout.copied[1]:
            made.append(made[layout.copied[0]])
            continue
        value = draw(values.strategy(goal, depth - 1))
        if unique:
            value = (
                value
                if json_key(value) not in known
                else another(draw, values, goal, depth - 1, known)
            )
            known.add(json_key(value))
        made.append(value)
    return made


def another(draw: st.DrawFn, values: Values, goal: Goal, depth: int, known: Collection[Any]) -> Any:
    """Draw a value whose key is none of those that are known. Rejects when none is found."""
    listed = values.listed(goal)
    if listed is not None:
        left = [value for value in listed if json_key(value) not in known]
        return pick(draw, left) if left else reject()
    for _ in range(_TRIES):
        value = draw(values.strategy(goal, depth))
        if json_key(value) not in known:
            return value
    return reject()
