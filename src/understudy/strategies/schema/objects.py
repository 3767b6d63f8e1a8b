"""Objects that obey a rule."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from understudy.regexgen import matches
from understudy.strategies.schema.arrays import ValueSource
from understudy.strategies.schema.constraints import (
    MemberSchemas,
    ObjectConstraint,
    Requirement,
    Requirements,
    combine_requirements,
)
from understudy.strategies.schema.small_draws import Opaque, indexes, pick

_MORE = 3
"""How many members that no schema names an object has at most, where nothing asks for more."""
_TRIES = 6
_TOGETHER = 4
"""For so many optional members at a time, one draw says which are there."""
_SHORT = Requirement({"type": "string", "maxLength": 8})
_TEXT = Requirement({"type": "string"})


@dataclass(frozen=True, slots=True)
class _Source:
    """Where names of members come from that no schema names: their goal, and what their values obey beside all else."""

    names: Requirements
    values: tuple[Requirement, ...] = ()
    unknown_to: MemberSchemas | None = None


@dataclass(slots=True)
class _Plan:
    """How objects of a rule are made."""

    rule: ObjectConstraint
    names: list[str] = field(default_factory=list)
    """Those that can be there, in the schema's order."""
    needed: set[str] = field(default_factory=set)
    sources: list[_Source] = field(default_factory=list)
    some: list[_Source] = field(default_factory=list)
    wants_more: bool = False


def objects(
    values: ValueSource, rule: ObjectConstraint, depth: int
) -> st.SearchStrategy[dict[str, Any]]:
    """Give objects that obey a rule, whose members are nested at most `depth - 1` deep; nothing when there are none."""
    plan = _plan(values, rule, depth)
    if plan is None:
        return st.nothing()
    if not depth:
        return st.builds(dict)
    members = {name: values.strategy_for(member_goal(rule, name), depth - 1) for name in plan.names}
    if not plan.sources and not plan.some and not rule.min_members and rule.max_members is None:
        optional = [name for name in plan.names if name not in plan.needed]
        return _simple(Opaque(members), frozenset(plan.needed), Opaque(_choices(tuple(optional))))
    return _object(values, Opaque(plan), Opaque(members), depth)


def can_build_object(values: ValueSource, rule: ObjectConstraint, depth: int) -> bool:
    """Whether there is an object that obeys the rule."""
    return _plan(values, rule, depth) is not None


def member_goal(rule: ObjectConstraint, name: str) -> Requirements:
    """Give what the member of a name has to obey."""
    return combine_requirements(atom for group in rule.groups for atom in _said(group, name))


def _said(group: MemberSchemas, name: str) -> Iterator[Requirement]:
    found = [group.named[name]] if name in group.named else []
    found += [atom for pattern, atom in group.patterns if matches(pattern, name)]
    if found:
        yield from found
    elif group.rest is not None:
        yield group.rest


def _knows(group: MemberSchemas, name: str) -> bool:
    return name in group.named or any(matches(pattern, name) for pattern, _ in group.patterns)


def _plan(values: ValueSource, rule: ObjectConstraint, depth: int) -> _Plan | None:
    def can_be(name: str) -> bool:
        allowed = name not in rule.forbidden and (
            not rule.names or values.satisfies(rule.names, name)
        )
        return allowed and depth > 0 and values.is_satisfiable(member_goal(rule, name), depth - 1)

    told = dict.fromkeys(name for group in rule.groups for name in group.named)
    plan = _Plan(
        rule,
        [name for name in (told | dict.fromkeys(rule.required)) if can_be(name)],
        set(rule.required),
    )
    if not plan.needed.issubset(plan.names):
        return None
    if depth:
        plan.sources = list(_sources(values, rule, depth))
    plan.some = [
        _Source(
            _names([*rule.names, *some.names]),
            () if some.value is None else (some.value,),
            some.group,
        )
        for some in rule.needed_members
    ]
    if plan.some and not (
        depth and all(_fits(values, plan, source, depth) for source in plan.some)
    ):
        return None
    room = None if rule.max_members is None else rule.max_members - len(plan.needed)
    if room is not None and room < 0:
        return None
    if len(plan.names) < rule.min_members and not plan.sources:
        return None
    # What is told about members beyond the named ones is meant to be used; else they are there when they have to be.
    plan.wants_more = not told or any(
        group.rest is not None or group.patterns for group in rule.groups
    )
    if not plan.wants_more and len(plan.names) >= rule.min_members:
        plan.sources = []
    return plan


def _fits(values: ValueSource, plan: _Plan, source: _Source, depth: int) -> bool:
    """Whether a source of names may give a member: a guess, since the name is not known yet."""
    free = [
        group.rest
        for group in plan.rule.groups
        if group.rest is not None and source.unknown_to is not None
    ]
    return values.is_satisfiable(
        combine_requirements([*source.values, *free]), depth - 1
    ) and values.is_satisfiable(source.names, 0)


def _names(told: Sequence[Requirement]) -> Requirements:
    """Give the goal of a name: a text; a short one, where nothing is told of it."""
    return combine_requirements([*told, _TEXT] if told else [_SHORT])


def _sources(values: ValueSource, rule: ObjectConstraint, depth: int) -> Iterator[_Source]:
    patterns = dict.fromkeys(pattern for group in rule.groups for pattern, _ in group.patterns)
    for pattern in patterns:
        source = _Source(_names([*rule.names, Requirement(_patterned(pattern))]))
        if values.is_satisfiable(source.names, 0):
            yield source
    free = combine_requirements(group.rest for group in rule.groups if group.rest is not None)
    names = _names(rule.names)
    if values.is_satisfiable(free, depth - 1) and values.is_satisfiable(names, 0):
        yield _Source(names)


@lru_cache(maxsize=1024)
def _patterned(pattern: str) -> dict[str, str]:
    return {"type": "string", "pattern": pattern}


@lru_cache(maxsize=4096)
def _choices(names: tuple[str, ...]) -> tuple[st.SearchStrategy[tuple[str, ...]], ...]:
    """Give strategies that say which of the names are there; the fewest come first."""
    parts = [names[start : start + _TOGETHER] for start in range(0, len(names), _TOGETHER)]
    return tuple(
        st.sampled_from(
            [chosen for count in range(len(part) + 1) for chosen in combinations(part, count)]
        )
        for part in parts
    )


Members = dict[str, st.SearchStrategy[Any]]


@st.composite
def _simple(
    draw: st.DrawFn,
    members: Opaque[Members],
    needed: frozenset[str],
    choices: Opaque[tuple[st.SearchStrategy[tuple[str, ...]], ...]],
) -> dict[str, Any]:
    chosen = needed.union(*[draw(choice) for choice in choices.value])
    return {name: draw(inner) for name, inner in members.value.items() if name in chosen}


@st.composite
def _object(
    draw: st.DrawFn,
    values: ValueSource,
    planned: Opaque[_Plan],
    members: Opaque[Members],
    depth: int,
) -> dict[str, Any]:
    plan, made = planned.value, dict[str, Any]()
    for (
        source
    ) in plan.some:  # first of all, since a name is not free to be chosen once the others stand
        _add(draw, values, plan, source, made, depth, taken=plan.needed)
    if len(made) < len(plan.some):
        reject()
    _add_named(draw, plan, members.value, made)
    room = _MORE if plan.rule.max_members is None else min(_MORE, plan.rule.max_members - len(made))
    lack = plan.rule.min_members - len(made)
    wanted = lack
    if plan.sources and room > 0 and plan.wants_more:
        wanted = max(lack, draw(indexes(room + 1)))
    for _ in range(wanted if plan.sources else 0):
        source = pick(draw, plan.sources)
        _add(draw, values, plan, source, made, depth, taken=set(plan.names))
    if len(made) < plan.rule.min_members:
        reject()
    return made


def _add_named(draw: st.DrawFn, plan: _Plan, members: Members, made: dict[str, Any]) -> None:
    optional = [name for name in plan.names if name not in plan.needed and name not in made]
    chosen = [name for choice in _choices(tuple(optional)) for name in draw(choice)]
    here = sum(name not in made for name in plan.needed) + len(made)
    if plan.rule.max_members is not None and len(chosen) > (
        room := max(plan.rule.max_members - here, 0)
    ):
        start = draw(indexes(len(chosen))) if room else 0
        chosen = (chosen[start:] + chosen[:start])[:room]
    lack = plan.rule.min_members - here - len(chosen)
    chosen += [name for name in optional if name not in chosen][: max(lack, 0)]
    for name in plan.names:
        if name not in made and (name in plan.needed or name in chosen):
            made[name] = draw(members[name])


def _add(
    draw: st.DrawFn,
    values: ValueSource,
    plan: _Plan,
    source: _Source,
    made: dict[str, Any],
    depth: int,
    taken: Iterable[str],
) -> None:
    """Add a member whose name is drawn. After some tries, none is added."""
    rule, listed = plan.rule, values.list_values(source.names)
    names = values.strategy_for(source.names, 0)
    if listed is not None:
        left = [
            name
            for name in listed
            if name not in made and name not in taken and name not in rule.forbidden
        ]
        names = st.sampled_from(left) if left else st.nothing()
    for _ in range(_TRIES if not names.is_empty else 0):
        name = draw(names)
        if name in made and source.names == (_SHORT,):
            name += str(len(made))
        if name in made or name in taken or name in rule.forbidden:
            continue
        if source.unknown_to is not None and _knows(source.unknown_to, name):
            continue
        goal = combine_requirements([*member_goal(rule, name), *source.values])
        if values.is_satisfiable(goal, depth - 1):
            made[name] = draw(values.strategy_for(goal, depth - 1))
            return
