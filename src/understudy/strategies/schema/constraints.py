"""What a schema asks of a value, told apart by the kind of value; and how two such askings are joined to one."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Any

KINDS = frozenset(["null", "boolean", "integer", "fraction", "string", "array", "object"])
"""The kinds of JSON values. An integer and a number with a fraction are two."""
NUMBERS = frozenset(["integer", "fraction"])


@dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """A schema that a value has to obey, or (`holds` False) has to break. Two are the same when they say the same."""

    schema: Any
    holds: bool = True

    @property
    def key(self) -> tuple[Any, bool]:
        """What tells it from others: a schema by its identity, true and false by themselves."""
        return (self.schema if isinstance(self.schema, bool) else id(self.schema), self.holds)


Goal = tuple[Atom, ...]
"""Everything that one value has to obey."""


def goal_of(atoms: Iterable[Atom]) -> Goal:
    """Give the atoms, each once; those that say nothing are left out."""
    told = {atom.key: atom for atom in atoms if atom.key not in ((True, True), (False, False))}
    return tuple(told.values())


@dataclass(frozen=True, slots=True)
class NumberRule:
    """What is asked of a number."""

    low: Fraction | None = None
    high: Fraction | None = None
    above: bool = False
    """Whether `low` itself is left out."""
    below: bool = False
    """Whether `high` itself is left out."""
    least: int | None = None
    """A bound for numbers without a fraction only, as the formats int32 and int64 set."""
    most: int | None = None
    step: Fraction | None = None
    not_steps: tuple[Fraction, ...] = ()

    def integers(self) -> tuple[int | None, int | None]:
        """Give the least and the greatest integer."""
        lows = [] if self.low is None else [floor(self.low) + 1 if self.above else ceil(self.low)]
        highs = (
            [] if self.high is None else [ceil(self.high) - 1 if self.below else floor(self.high)]
        )
        lows += [] if self.least is None else [self.least]
        highs += [] if self.most is None else [self.most]
        return max(lows, default=None), min(highs, default=None)

    @property
    def dead(self) -> frozenset[str]:
        """The kinds of number that cannot be."""
        low, high = self.integers()
        gone = {"integer"} if low is not None and high is not None and low > high else set()
        if self.low is not None and self.high is not None and self.low >= self.high:
            gone.add("fraction")
            gone |= {"integer"} if self.low > self.high or self.above or self.below else set()
        whole = self.step is not None and self.step.denominator == 1
        if (
            whole
            or (self.low is not None and self.low >= 2**52)
            or (self.high is not None and self.high <= -(2**52))
        ):
            gone.add("fraction")  # a double so large has none
        return frozenset(gone)


@dataclass(frozen=True, slots=True)
class TextRule:
    """What is asked of a text. `formats` and `patterns` hold, `not_formats` and `not_patterns` do not."""

    least: int = 0
    most: int | None = None
    patterns: tuple[str, ...] = ()
    not_patterns: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    not_formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """One schema's word about items: the first ones, and the rest (None: nothing is said)."""

    first: tuple[Atom, ...] = ()
    rest: Atom | None = None
    annotates: bool = True

    def at(self, index: int) -> tuple[Atom, ...]:
        """Give what is asked of the item at an index."""
        if index < len(self.first):
            return (self.first[index],)
        return () if self.rest is None else (self.rest,)


@dataclass(frozen=True, slots=True)
class Contains:
    """How many items have to obey an atom."""

    atom: Atom
    least: int = 1
    most: int | None = None
    start: int = 0
    """Only items from this index on are counted."""
    annotates: bool = True


@dataclass(frozen=True, slots=True)
class ArrayRule:
    """What is asked of an array."""

    least: int = 0
    most: int | None = None
    unique: bool = False
    repeats: bool = False
    """Whether two items have to be equal."""
    groups: tuple[ItemGroup, ...] = ()
    contains: tuple[Contains, ...] = ()

    def at(self, index: int) -> Goal:
        """Give what is asked of the item at an index."""
        return goal_of(atom for group in self.groups for atom in group.at(index))

    @property
    def heads(self) -> int:
        """From this index on, the same is asked of every item."""
        return max((len(group.first) for group in self.groups), default=0)


@dataclass(frozen=True, slots=True)
class MemberGroup:
    """One schema's word about members: by name, by pattern, and the rest (None: nothing is said)."""

    named: dict[str, Atom] = field(default_factory=dict)
    patterns: tuple[tuple[str, Atom], ...] = ()
    rest: Atom | None = None
    annotates: bool = True


@dataclass(frozen=True, slots=True)
class Some:
    """A member that an object needs: its name obeys `names` and is not known to `group`, its value obeys `value`."""

    names: tuple[Atom, ...] = ()
    value: Atom | None = None
    group: MemberGroup | None = None


@dataclass(frozen=True, slots=True)
class ObjectRule:
    """What is asked of an object."""

    needed: tuple[str, ...] = ()
    missing: frozenset[str] = frozenset()
    least: int = 0
    most: int | None = None
    names: tuple[Atom, ...] = ()
    groups: tuple[MemberGroup, ...] = ()
    some: tuple[Some, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """One way to obey a schema, with no alternatives left in it (but for the kind of value)."""

    kinds: frozenset[str] = KINDS
    only: tuple[Any, ...] | None = None
    """The values that are allowed; None for any."""
    never: tuple[Any, ...] = ()
    number: NumberRule = NumberRule()
    text: TextRule = TextRule()
    array: ArrayRule = ArrayRule()
    object: ObjectRule = ObjectRule()
    exact: bool = True
    """False: a value that is made for it has to be checked."""

    @property
    def plain(self) -> bool:
        """Whether nothing but kinds and values are told."""
        told = (self.number, self.text, self.array, self.object)
        return told == (NumberRule(), TextRule(), ArrayRule(), ObjectRule())


ANY = Branch()


def joined(one: Branch, other: Branch) -> Branch | None:
    """Give what obeys both, or None when nothing can."""
    if one is ANY or other is ANY:
        return other if one is ANY else one
    branch = Branch(
        one.kinds & other.kinds,
        _only(one.only, other.only),
        one.never + other.never,
        _numbers(one.number, other.number),
        _texts(one.text, other.text),
        _arrays(one.array, other.array),
        _objects(one.object, other.object),
        one.exact and other.exact,
    )
    return alive(branch)


def alive(branch: Branch) -> Branch | None:
    """Give the branch without the kinds that its rules make impossible, or None when none is left."""
    gone = set(branch.number.dead)
    if branch.text.most is not None and branch.text.least > branch.text.most:
        gone.add("string")
    if branch.array.most is not None and branch.array.least > branch.array.most:
        gone.add("array")
    rule = branch.object
    if rule.missing.intersection(rule.needed) or (
        rule.most is not None and max(rule.least, len(rule.needed)) > rule.most
    ):
        gone.add("object")
    kinds = branch.kinds - gone
    only = branch.only
    if only is not None:
        keys = {json_key(value) for value in branch.never}
        only = tuple(
            value for value in only if kind_of(value) in kinds and json_key(value) not in keys
        )
        kinds &= {kind_of(value) for value in only}
    return replace(branch, kinds=kinds, only=only) if kinds else None


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


def _numbers(one: NumberRule, other: NumberRule) -> NumberRule:
    low, high = _least(one.low, other.low), _most(one.high, other.high)
    steps = [rule.step for rule in (one, other) if rule.step is not None]
    step = steps[0] if len(steps) == 1 else common_multiple(*steps) if steps else None
    return NumberRule(
        low,
        high,
        any(rule.above and rule.low == low for rule in (one, other)),
        any(rule.below and rule.high == high for rule in (one, other)),
        _least(one.least, other.least),
        _most(one.most, other.most),
        step,
        one.not_steps + other.not_steps,
    )


def common_multiple(*steps: Fraction) -> Fraction:
    """Give the least number that is a multiple of each."""
    bottom = lcm(*(step.denominator for step in steps))
    return Fraction(lcm(*(int(step * bottom) for step in steps)), bottom)


def _texts(one: TextRule, other: TextRule) -> TextRule:
    def both(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(first + second))

    return TextRule(
        max(one.least, other.least),
        _most(one.most, other.most),
        both(one.patterns, other.patterns),
        both(one.not_patterns, other.not_patterns),
        both(one.formats, other.formats),
        both(one.not_formats, other.not_formats),
    )


def _arrays(one: ArrayRule, other: ArrayRule) -> ArrayRule:
    return ArrayRule(
        max(one.least, other.least),
        _most(one.most, other.most),
        one.unique or other.unique,
        one.repeats or other.repeats,
        one.groups + other.groups,
        one.contains + other.contains,
    )


def _objects(one: ObjectRule, other: ObjectRule) -> ObjectRule:
    return ObjectRule(
        tuple(dict.fromkeys(one.needed + other.needed)),
        one.missing | other.missing,
        max(one.least, other.least),
        _most(one.most, other.most),
        one.names + other.names,
        one.groups + other.groups,
        one.some + other.some,
    )
