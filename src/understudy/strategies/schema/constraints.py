"""What a schema asks of a value, told apart by the kind of value; and how two such askings are joined to one."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Any

KINDS = frozenset(["null", "boolean", "integer", "fraction", "string", "array", "object"])
"""The kinds of JSON values. An integer and a number with a fraction are two."""
NUMBER_KINDS = frozenset(["integer", "fraction"])


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """A schema that a value has to obey, or (`holds` False) has to break. Two are the same when they say the same."""

    schema: Any
    holds: bool = True

    @property
    def key(self) -> tuple[Any, bool]:
        """What tells it from others: a schema by its identity, true and false by themselves."""
        return (self.schema if isinstance(self.schema, bool) else id(self.schema), self.holds)


Requirements = tuple[Requirement, ...]
"""Everything that one value has to obey."""


def combine_requirements(atoms: Iterable[Requirement]) -> Requirements:
    """Give the atoms, each once; those that say nothing are left out."""
    told = {atom.key: atom for atom in atoms if atom.key not in ((True, True), (False, False))}
    return tuple(told.values())


@dataclass(frozen=True, slots=True)
class NumberConstraint:
    """What is asked of a number."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_excluded: bool = False
    """Whether `low` itself is left out."""
    high_excluded: bool = False
    """Whether `high` itself is left out."""
    integer_min: int | None = None
    """A bound for numbers without a fraction only, as the formats int32 and int64 set."""
    integer_max: int | None = None
    multiple_of: Fraction | None = None
    not_multiples_of: tuple[Fraction, ...] = ()

    def integer_bounds(self) -> tuple[int | None, int | None]:
        """Give the least and the greatest integer."""
        lows = (
            []
            if self.low is None
            else [floor(self.low) + 1 if self.low_excluded else ceil(self.low)]
        )
        highs = (
            []
            if self.high is None
            else [ceil(self.high) - 1 if self.high_excluded else floor(self.high)]
        )
        lows += [] if self.integer_min is None else [self.integer_min]
        highs += [] if self.integer_max is None else [self.integer_max]
        return max(lows, default=None), min(highs, default=None)

    @property
    def impossible_kinds(self) -> frozenset[str]:
        """The kinds of number that cannot be."""
        low, high = self.integer_bounds()
        gone = {"integer"} if low is not None and high is not None and low > high else set()
        if self.low is not None and self.high is not None and self.low >= self.high:
            gone.add("fraction")
            gone |= (
                {"integer"}
                if self.low > self.high or self.low_excluded or self.high_excluded
                else set()
            )
        whole = self.multiple_of is not None and self.multiple_of.denominator == 1
        if (
            whole
            or (self.low is not None and self.low >= 2**52)
            or (self.high is not None and self.high <= -(2**52))
        ):
            gone.add("fraction")  # a double so large has none
        return frozenset(gone)


@dataclass(frozen=True, slots=True)
class StringConstraint:
    """What is asked of a text. `formats` and `patterns` hold, `not_formats` and `not_patterns` do not."""

    min_length: int = 0
    max_length: int | None = None
    patterns: tuple[str, ...] = ()
    not_patterns: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    not_formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemSchemas:
    """One schema's word about items: the first ones, and the rest (None: nothing is said)."""

    prefix: tuple[Requirement, ...] = ()
    rest: Requirement | None = None
    annotates: bool = True

    def requirements_at(self, index: int) -> tuple[Requirement, ...]:
        """Give what is asked of the item at an index."""
        if index < len(self.prefix):
            return (self.prefix[index],)
        return () if self.rest is None else (self.rest,)


@dataclass(frozen=True, slots=True)
class Contains:
    """How many items have to obey an atom."""

    requirement: Requirement
    min_count: int = 1
    max_count: int | None = None
    start: int = 0
    """Only items from this index on are counted."""
    annotates: bool = True


@dataclass(frozen=True, slots=True)
class ArrayConstraint:
    """What is asked of an array."""

    min_items: int = 0
    max_items: int | None = None
    unique: bool = False
    has_duplicate: bool = False
    """Whether two items have to be equal."""
    groups: tuple[ItemSchemas, ...] = ()
    contains: tuple[Contains, ...] = ()

    def requirements_at(self, index: int) -> Requirements:
        """Give what is asked of the item at an index."""
        return combine_requirements(
            atom for group in self.groups for atom in group.requirements_at(index)
        )

    @property
    def prefix_length(self) -> int:
        """From this index on, the same is asked of every item."""
        return max((len(group.prefix) for group in self.groups), default=0)


@dataclass(frozen=True, slots=True)
class MemberSchemas:
    """One schema's word about members: by name, by pattern, and the rest (None: nothing is said)."""

    named: dict[str, Requirement] = field(default_factory=dict)
    patterns: tuple[tuple[str, Requirement], ...] = ()
    rest: Requirement | None = None
    annotates: bool = True


@dataclass(frozen=True, slots=True)
class NeededMember:
    """A member that an object needs: its name obeys `names` and is not known to `group`, its value obeys `value`."""

    names: tuple[Requirement, ...] = ()
    value: Requirement | None = None
    group: MemberSchemas | None = None


@dataclass(frozen=True, slots=True)
class ObjectConstraint:
    """What is asked of an object."""

    required: tuple[str, ...] = ()
    forbidden: frozenset[str] = frozenset()
    min_members: int = 0
    max_members: int | None = None
    names: tuple[Requirement, ...] = ()
    groups: tuple[MemberSchemas, ...] = ()
    needed_members: tuple[NeededMember, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """One way to obey a schema, with no alternatives left in it (but for the kind of value)."""

    kinds: frozenset[str] = KINDS
    allowed: tuple[Any, ...] | None = None
    """The values that are allowed; None for any."""
    excluded: tuple[Any, ...] = ()
    number: NumberConstraint = NumberConstraint()
    string: StringConstraint = StringConstraint()
    array: ArrayConstraint = ArrayConstraint()
    object: ObjectConstraint = ObjectConstraint()
    exact: bool = True
    """False: a value that is made for it has to be checked."""

    @property
    def is_plain(self) -> bool:
        """Whether nothing but kinds and values are told."""
        told = (self.number, self.string, self.array, self.object)
        return told == (
            NumberConstraint(),
            StringConstraint(),
            ArrayConstraint(),
            ObjectConstraint(),
        )


ANY_VALUE = Branch()


def join_branches(one: Branch, other: Branch) -> Branch | None:
    """Give what obeys both, or None when nothing can."""
    if one is ANY_VALUE or other is ANY_VALUE:
        return other if one is ANY_VALUE else one
    branch = Branch(
        one.kinds & other.kinds,
        _only(one.allowed, other.allowed),
        one.excluded + other.excluded,
        _numbers(one.number, other.number),
        _texts(one.string, other.string),
        _arrays(one.array, other.array),
        _objects(one.object, other.object),
        one.exact and other.exact,
    )
    return drop_impossible_kinds(branch)


def drop_impossible_kinds(branch: Branch) -> Branch | None:
    """Give the branch without the kinds that its rules make impossible, or None when none is left."""
    gone = set(branch.number.impossible_kinds)
    if branch.string.max_length is not None and branch.string.min_length > branch.string.max_length:
        gone.add("string")
    if branch.array.max_items is not None and branch.array.min_items > branch.array.max_items:
        gone.add("array")
    rule = branch.object
    if rule.forbidden.intersection(rule.required) or (
        rule.max_members is not None
        and max(rule.min_members, len(rule.required)) > rule.max_members
    ):
        gone.add("object")
    kinds = branch.kinds - gone
    only = branch.allowed
    if only is not None:
        keys = {json_key(value) for value in branch.excluded}
        only = tuple(
            value for value in only if kind_of(value) in kinds and json_key(value) not in keys
        )
        kinds &= {kind_of(value) for value in only}
    return replace(branch, kinds=kinds, allowed=only) if kinds else None


def kind_of(value: Any) -> str:
    """Give the kind of a JSON value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value == value // 1 else "fraction"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def json_key(value: Any) -> Any:
    """Give a key that is equal for equal JSON values: 1 is 1.0, and neither is true."""
    match value:
        case dict():
            return frozenset((name, json_key(part)) for name, part in value.items())
        case list():
            return (list, *(json_key(item) for item in value))
        case bool():
            return (bool, value)
        case _:
            return value


def _only(one: tuple[Any, ...] | None, other: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    if one is None or other is None:
        return other if one is None else one
    keys = {json_key(value) for value in other}
    return tuple(value for value in one if json_key(value) in keys)


def _most(one: Any, other: Any) -> Any:
    return min((bound for bound in (one, other) if bound is not None), default=None)


def _least(one: Any, other: Any) -> Any:
    return max((bound for bound in (one, other) if bound is not None), default=None)


def _numbers(one: NumberConstraint, other: NumberConstraint) -> NumberConstraint:
    low, high = _least(one.low, other.low), _most(one.high, other.high)
    steps = [rule.multiple_of for rule in (one, other) if rule.multiple_of is not None]
    step = steps[0] if len(steps) == 1 else common_multiple(*steps) if steps else None
    return NumberConstraint(
        low,
        high,
        any(rule.low_excluded and rule.low == low for rule in (one, other)),
        any(rule.high_excluded and rule.high == high for rule in (one, other)),
        _least(one.integer_min, other.integer_min),
        _most(one.integer_max, other.integer_max),
        step,
        one.not_multiples_of + other.not_multiples_of,
    )


def common_multiple(*steps: Fraction) -> Fraction:
    """Give the least number that is a multiple of each."""
    bottom = lcm(*(step.denominator for step in steps))
    return Fraction(lcm(*(int(step * bottom) for step in steps)), bottom)


def _texts(one: StringConstraint, other: StringConstraint) -> StringConstraint:
    def both(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(first + second))

    return StringConstraint(
        max(one.min_length, other.min_length),
        _most(one.max_length, other.max_length),
        both(one.patterns, other.patterns),
        both(one.not_patterns, other.not_patterns),
        both(one.formats, other.formats),
        both(one.not_formats, other.not_formats),
    )


def _arrays(one: ArrayConstraint, other: ArrayConstraint) -> ArrayConstraint:
    return ArrayConstraint(
        max(one.min_items, other.min_items),
        _most(one.max_items, other.max_items),
        one.unique or other.unique,
        one.has_duplicate or other.has_duplicate,
        one.groups + other.groups,
        one.contains + other.contains,
    )


def _objects(one: ObjectConstraint, other: ObjectConstraint) -> ObjectConstraint:
    return ObjectConstraint(
        tuple(dict.fromkeys(one.required + other.required)),
        one.forbidden | other.forbidden,
        max(one.min_members, other.min_members),
        _most(one.max_members, other.max_members),
        one.names + other.names,
        one.groups + other.groups,
        one.needed_members + other.needed_members,
    )
