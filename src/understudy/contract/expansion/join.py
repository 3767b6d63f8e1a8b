"""Joins two branches to the one that satisfies both."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from math import lcm
from typing import TypeVar

from understudy.contract.expansion.constraints import (
    ANY_VALUE,
    ArrayConstraint,
    Branch,
    NumberConstraint,
    ObjectConstraint,
    StringConstraint,
)
from understudy.contract.expansion.json_kinds import json_key, kind_of
from understudy.messages import Json

_OBJECT = frozenset(["object"])
_Bound = TypeVar("_Bound", int, Fraction)


def join_branches(first: Branch, second: Branch) -> Branch | None:
    """Return the branch of the values that satisfy both, or None when no value can."""
    if first is ANY_VALUE:
        return second
    if second is ANY_VALUE:
        return first
    return drop_impossible_kinds(
        Branch(
            kinds=first.kinds & second.kinds,
            allowed=_join_allowed(first.allowed, second.allowed),
            excluded=first.excluded + second.excluded,
            number=_join_numbers(first.number, second.number),
            string=_join_strings(first.string, second.string),
            array=_join_arrays(first.array, second.array),
            object=_join_objects(first.object, second.object),
            exact=first.exact and second.exact,
        )
    )


def drop_annotations(branch: Branch) -> Branch:
    """Return the branch without what it adds to the evaluated members and items."""
    members = tuple(replace(group, annotates=False) for group in branch.object.groups)
    items = tuple(replace(group, annotates=False) for group in branch.array.groups)
    contains = tuple(replace(part, annotates=False) for part in branch.array.contains)
    return replace(
        branch,
        object=replace(branch.object, groups=members),
        array=replace(branch.array, groups=items, contains=contains),
    )


def drop_impossible_kinds(branch: Branch) -> Branch | None:
    """Return the branch without the kinds that its constraints make impossible.

    None when no kind is left.
    """
    kinds = branch.kinds - _impossible_kinds(branch)
    allowed = branch.allowed
    if allowed is not None:
        excluded = {json_key(value) for value in branch.excluded}
        allowed = tuple(
            value
            for value in allowed
            if kind_of(value) in kinds and json_key(value) not in excluded
        )
        kinds &= {kind_of(value) for value in allowed}
    return replace(branch, kinds=kinds, allowed=allowed) if kinds else None


def common_multiple(*steps: Fraction) -> Fraction:
    """Return the least number that is a multiple of each of some positive numbers.

    Exact: 0.1 and 0.15 have the least common multiple 0.3.
    """
    denominator = lcm(*(step.denominator for step in steps))
    numerator = lcm(*(int(step * denominator) for step in steps))
    return Fraction(numerator, denominator)


def _impossible_kinds(branch: Branch) -> set[str]:
    """Return the kinds of which no value can satisfy the constraints, as far as bounds show it."""
    kinds = set(branch.number.impossible_kinds)
    string, array, members = branch.string, branch.array, branch.object
    if string.max_length is not None and string.min_length > string.max_length:
        kinds.add("string")
    if array.max_items is not None and array.min_items > array.max_items:
        kinds.add("array")
    if members.forbidden.intersection(members.required):
        kinds.add("object")
    min_members = max(members.min_members, len(members.required))
    if members.max_members is not None and min_members > members.max_members:
        kinds.add("object")
    return kinds


def _join_allowed(
    first: tuple[Json, ...] | None, second: tuple[Json, ...] | None
) -> tuple[Json, ...] | None:
    """Return the values that are allowed by both lists; None where neither lists any."""
    if first is None:
        return second
    if second is None:
        return first
    keys = {json_key(value) for value in second}
    return tuple(value for value in first if json_key(value) in keys)


def _stricter_maximum(*bounds: _Bound | None) -> _Bound | None:
    """Return the smallest of some upper bounds; None where there is none."""
    return min((bound for bound in bounds if bound is not None), default=None)


def _stricter_minimum(*bounds: _Bound | None) -> _Bound | None:
    """Return the greatest of some lower bounds; None where there is none."""
    return max((bound for bound in bounds if bound is not None), default=None)


def _join_numbers(first: NumberConstraint, second: NumberConstraint) -> NumberConstraint:
    """Return the constraint of the numbers that satisfy both."""
    both = (first, second)
    low = _stricter_minimum(first.low, second.low)
    high = _stricter_maximum(first.high, second.high)
    # Of two equal bounds, one that excludes the bound itself wins.
    return NumberConstraint(
        low=low,
        high=high,
        low_excluded=any(part.low_excluded and part.low == low for part in both),
        high_excluded=any(part.high_excluded and part.high == high for part in both),
        integer_min=_stricter_minimum(first.integer_min, second.integer_min),
        integer_max=_stricter_maximum(first.integer_max, second.integer_max),
        multiple_of=_join_multiples(first.multiple_of, second.multiple_of),
        not_multiples_of=first.not_multiples_of + second.not_multiples_of,
    )


def _join_multiples(first: Fraction | None, second: Fraction | None) -> Fraction | None:
    """Return the step whose multiples are the multiples of both."""
    if first is None:
        return second
    if second is None:
        return first
    return common_multiple(first, second)


def _join_strings(first: StringConstraint, second: StringConstraint) -> StringConstraint:
    """Return the constraint of the strings that satisfy both.

    Patterns and formats are collected: the strings are built for all of them at once.
    """
    return StringConstraint(
        min_length=max(first.min_length, second.min_length),
        max_length=_stricter_maximum(first.max_length, second.max_length),
        patterns=_each_once(first.patterns + second.patterns),
        not_patterns=_each_once(first.not_patterns + second.not_patterns),
        formats=_each_once(first.formats + second.formats),
        not_formats=_each_once(first.not_formats + second.not_formats),
    )


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    """Return names without duplicates, in their order."""
    return tuple(dict.fromkeys(names))


def _join_arrays(first: ArrayConstraint, second: ArrayConstraint) -> ArrayConstraint:
    """Return the constraint of the arrays that satisfy both.

    What each schema requires of items stays apart: `unevaluatedItems` needs to know it.
    """
    return ArrayConstraint(
        min_items=max(first.min_items, second.min_items),
        max_items=_stricter_maximum(first.max_items, second.max_items),
        unique=first.unique or second.unique,
        has_duplicate=first.has_duplicate or second.has_duplicate,
        groups=first.groups + second.groups,
        contains=first.contains + second.contains,
    )


def _join_objects(first: ObjectConstraint, second: ObjectConstraint) -> ObjectConstraint:
    """Return the constraint of the objects that satisfy both.

    What each schema requires of members stays apart: `additionalProperties` refers to the names
    that its own schema knows.
    """
    return ObjectConstraint(
        required=_each_once(first.required + second.required),
        forbidden=first.forbidden | second.forbidden,
        min_members=max(first.min_members, second.min_members),
        max_members=_stricter_maximum(first.max_members, second.max_members),
        names=first.names + second.names,
        groups=first.groups + second.groups,
        needed_members=first.needed_members + second.needed_members,
    )


def list_present(branches: Iterable[Branch | None]) -> tuple[Branch, ...]:
    """Return the branches that are possible."""
    return tuple(branch for branch in branches if branch is not None)


def without_member(name: str) -> Branch:
    """Return the branch of values without a member: also those that are not objects."""
    return Branch(object=ObjectConstraint(forbidden=frozenset([name])))


def with_member(name: str) -> Branch:
    """Return the branch of objects that have a member."""
    return Branch(kinds=_OBJECT, object=ObjectConstraint(required=(name,)))
