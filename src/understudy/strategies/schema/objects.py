"""Objects that satisfy a constraint, drawn by a plan.

Members that a schema names are drawn by name. For other members, a name is drawn, and then a value
for what the schemas require of that name.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import cast

from hypothesis import reject
from hypothesis import strategies as st

from understudy.contract.expansion.constraints import ObjectConstraint, combine_requirements
from understudy.contract.expansion.object_plans import (
    SHORT_NAME,
    NameSource,
    ObjectPlan,
    plan_object,
)
from understudy.messages import Json
from understudy.strategies.schema.arrays import ValueSource, from_seeds
from understudy.strategies.schema.small_draws import Opaque, indexes, pick

_MANY_MEMBERS = 24
"""An object of more members is built from a drawn seed: Hypothesis cannot draw so many."""
_EXTRA_MEMBERS = 3
"""How many members that no schema names an object has at most, where nothing requires more."""
_TRIES = 6
"""How often a name is drawn again that is taken already."""
_CHOSEN_TOGETHER = 4
"""For so many optional members, one draw decides which of them are present."""

Members = dict[str, st.SearchStrategy[Json]]
"""By name, the values of a member."""
_Choices = tuple[st.SearchStrategy[tuple[str, ...]], ...]


def objects(
    source: ValueSource, constraint: ObjectConstraint, depth: int
) -> st.SearchStrategy[dict[str, Json]]:
    """Return objects that satisfy a constraint; an empty strategy when there are none.

    `depth` counts the object itself: its members have at most `depth - 1` levels.
    """
    plan = plan_object(source, constraint, depth)
    if plan is None:
        return st.nothing()
    if constraint.min_members > _MANY_MEMBERS:
        return from_seeds(lambda draws: source.build_object(constraint, depth, draws))
    if not depth:
        return st.builds(dict)
    members: Members = {}
    for name in plan.names:
        requirements = constraint.requirements_for(name)
        members[name] = source.strategy_for(requirements, depth - 1)
    has_counts = constraint.min_members or constraint.max_members is not None
    if plan.free_members or plan.needed_members or has_counts:
        drawer = _ObjectDrawer(source, plan, members, depth)
        return _planned_objects(Opaque(drawer))
    optional = tuple(name for name in plan.names if name not in plan.required)
    choices = Opaque(_presence_choices(optional))
    return _named_members(Opaque(members), frozenset(plan.required), choices)


@lru_cache(maxsize=4096)
def _presence_choices(names: tuple[str, ...]) -> _Choices:
    """Return strategies that choose which of some names are present; the fewest come first."""
    starts = range(0, len(names), _CHOSEN_TOGETHER)
    parts = [names[start : start + _CHOSEN_TOGETHER] for start in starts]
    return tuple(st.sampled_from(_subsets(part)) for part in parts)


def _subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return all subsets of some names, the smallest first."""
    return [subset for size in range(len(names) + 1) for subset in combinations(names, size)]


@st.composite
def _named_members(
    draw: st.DrawFn, members: Opaque[Members], required: frozenset[str], choices: Opaque[_Choices]
) -> dict[str, Json]:
    """Draw an object of named members only: the usual case, and the fastest."""
    present = required.union(*[draw(choice) for choice in choices.value])
    return {name: draw(strategy) for name, strategy in members.value.items() if name in present}


@dataclass(frozen=True, slots=True)
class _ObjectDrawer:
    """What objects are drawn with."""

    source: ValueSource
    plan: ObjectPlan
    members: Members
    depth: int


@st.composite
def _planned_objects(draw: st.DrawFn, opaque: Opaque[_ObjectDrawer]) -> dict[str, Json]:
    """Draw an object by its plan: needed members, named ones, then free ones."""
    drawer = opaque.value
    plan = drawer.plan
    adder = _MemberAdder(draw, drawer)
    # First of all, since a name is no longer free to be chosen once the others are present.
    for names in plan.needed_members:
        adder.add(names, taken=plan.required)
    if len(adder.members) < len(plan.needed_members):
        reject()
    _add_named(draw, drawer, adder.members)
    for _ in range(_count_free_members(draw, plan, len(adder.members))):
        adder.add(pick(draw, plan.free_members), taken=plan.names)
    if len(adder.members) < plan.constraint.min_members:
        reject()
    return adder.members


def _count_free_members(draw: st.DrawFn, plan: ObjectPlan, present: int) -> int:
    """Draw how many members to add that no schema names."""
    if not plan.free_members:
        return 0
    lack = plan.constraint.min_members - present
    room = _EXTRA_MEMBERS
    if plan.constraint.max_members is not None:
        room = min(room, plan.constraint.max_members - present)
    if room > 0 and plan.adds_members:
        return max(lack, draw(indexes(room + 1)))
    return lack


def _add_named(draw: st.DrawFn, drawer: _ObjectDrawer, result: dict[str, Json]) -> None:
    """Draw which optional members are present, and a value for each member.

    Members that are in the result already stay as they are.
    """
    plan = drawer.plan
    absent = [name for name in plan.names if name not in result]
    optional = [name for name in absent if name not in plan.required]
    chosen = [name for choice in _presence_choices(tuple(optional)) for name in draw(choice)]
    missing = sum(name not in result for name in plan.required)
    present = len(result) + missing
    if plan.constraint.max_members is not None:
        room = max(plan.constraint.max_members - present, 0)
        chosen = _limit(draw, chosen, room)
    lack = plan.constraint.min_members - present - len(chosen)
    if lack > 0:
        not_chosen = [name for name in optional if name not in chosen]
        chosen += not_chosen[:lack]
    for name in absent:
        if name in plan.required or name in chosen:
            result[name] = draw(drawer.members[name])


def _limit(draw: st.DrawFn, names: list[str], room: int) -> list[str]:
    """Return at most `room` names, beginning at a drawn one.

    So the last names are not always the ones that are left out.
    """
    if len(names) <= room:
        return names
    start = draw(indexes(len(names))) if room else 0
    rotated = names[start:] + names[:start]
    return rotated[:room]


@dataclass(frozen=True, slots=True)
class _MemberAdder:
    """Adds members whose names are drawn, to one object."""

    draw: st.DrawFn
    drawer: _ObjectDrawer
    members: dict[str, Json] = field(default_factory=dict)
    """The object."""

    def add(self, names: NameSource, taken: Collection[str]) -> None:
        """Add a member whose name is not taken. After some tries, none is added."""
        strategy = self._names(names, taken)
        if strategy.is_empty:
            return
        for _ in range(_TRIES):
            name = self.draw(strategy)
            if name in self.members and names.names == (SHORT_NAME,):
                name += str(len(self.members))
            is_known = names.unknown_to is not None and names.unknown_to.knows(name)
            if self._is_free(name, taken) and not is_known and self._add_value(name, names):
                return

    def _add_value(self, name: str, names: NameSource) -> bool:
        """Add a member with a name, if there is a value for it. Return whether it was added."""
        source, depth = self.drawer.source, self.drawer.depth - 1
        of_name = self.drawer.plan.constraint.requirements_for(name)
        requirements = combine_requirements([*of_name, *names.values])
        if not source.is_satisfiable(requirements, depth):
            return False
        self.members[name] = self.draw(source.strategy_for(requirements, depth))
        return True

    def _names(self, names: NameSource, taken: Collection[str]) -> st.SearchStrategy[str]:
        """Return names to draw from; where they are listed, only those that are free."""
        source = self.drawer.source
        listed = source.list_values(names.names)
        if listed is None:
            # A requirement of every name is that it is a string.
            return cast(st.SearchStrategy[str], source.strategy_for(names.names, 0))
        strings = [name for name in listed if isinstance(name, str)]
        free = [name for name in strings if self._is_free(name, taken)]
        if free:
            return st.sampled_from(free)
        return st.nothing()

    def _is_free(self, name: str, taken: Collection[str]) -> bool:
        """Return whether a member with a name may be added."""
        forbidden = self.drawer.plan.constraint.forbidden
        return name not in self.members and name not in taken and name not in forbidden
