"""What a schema requires of a value, separated by the kind of value.

A schema is expanded to branches: ways to satisfy it with no alternatives left. A branch has a
constraint for each kind of value that is not a constant. This module has the values only:
`keywords` reads schemas into branches, `branches` expands alternatives, `join` joins branches.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from understudy.contract.expansion.json_kinds import KINDS, NUMBER_KINDS, as_written
from understudy.contract.schema.keywords import Schema
from understudy.messages import Json
from understudy.regexgen import matches

_NO_FRACTIONS_FROM = 2**52
"""A double of this size or larger has no fraction."""


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """A schema that a value has to satisfy, or (`holds` is False) to violate."""

    schema: Schema
    holds: bool = True

    @property
    def key(self) -> tuple[bool | int, bool]:
        """The same value for requirements of the same schema object.

        True and false are compared by value.
        """
        identity = self.schema if isinstance(self.schema, bool) else id(self.schema)
        return (identity, self.holds)


Requirements = tuple[Requirement, ...]
"""Everything that one value has to satisfy."""
_TRIVIAL = ((True, True), (False, False))
"""The keys of requirements that every value satisfies."""


def combine_requirements(requirements: Iterable[Requirement]) -> Requirements:
    """Return requirements, each once, without those that every value satisfies."""
    by_key = {requirement.key: requirement for requirement in requirements}
    return tuple(requirement for key, requirement in by_key.items() if key not in _TRIVIAL)


def violate_each(schemas: Iterable[Schema]) -> Requirements:
    """Return the requirements to violate each of some schemas."""
    return tuple(Requirement(part, False) for part in schemas)


@dataclass(frozen=True, slots=True)
class NumberConstraint:
    """What is required of a number. Bounds are exact: a double could round one."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_excluded: bool = False
    high_excluded: bool = False
    integer_min: int | None = None
    """A bound for integers only: the formats int32 and int64 set it."""
    integer_max: int | None = None
    multiple_of: Fraction | None = None
    not_multiples_of: tuple[Fraction, ...] = ()

    def integer_bounds(self) -> tuple[int | None, int | None]:
        """Return the least and the greatest integer; None where there is no bound."""
        lows: list[int] = []
        highs: list[int] = []
        if self.low is not None:
            lows.append(floor(self.low) + 1 if self.low_excluded else ceil(self.low))
        if self.high is not None:
            highs.append(ceil(self.high) - 1 if self.high_excluded else floor(self.high))
        if self.integer_min is not None:
            lows.append(self.integer_min)
        if self.integer_max is not None:
            highs.append(self.integer_max)
        return max(lows, default=None), min(highs, default=None)

    def allows(self, value: float) -> bool:
        """Return whether a number with a fraction is within the bounds."""
        written = as_written(value)
        if self.low is not None:
            is_above = written >= self.low and not (self.low_excluded and written == self.low)
            if not is_above:
                return False
        if self.high is None:
            return True
        return written <= self.high and not (self.high_excluded and written == self.high)

    @property
    def impossible_kinds(self) -> frozenset[str]:
        """Those of `integer` and `fraction` that no number within the bounds can be."""
        kinds: set[str] = set()
        least, greatest = self.integer_bounds()
        if least is not None and greatest is not None and least > greatest:
            kinds.add("integer")
        if self.low is not None and self.high is not None and self.low >= self.high:
            if self.low > self.high or self.low_excluded or self.high_excluded:
                kinds |= NUMBER_KINDS
            elif self.low.denominator == 1:
                kinds.add("fraction")
        if self._has_no_fractions():
            kinds.add("fraction")
        return frozenset(kinds)

    def _has_no_fractions(self) -> bool:
        """Return whether no number with a fraction can be within the constraint."""
        if self.multiple_of is not None and self.multiple_of.denominator == 1:
            return True
        if self.low is not None and self.low >= _NO_FRACTIONS_FROM:
            return True
        return self.high is not None and self.high <= -_NO_FRACTIONS_FROM


@dataclass(frozen=True, slots=True)
class StringConstraint:
    """What is required of a string.

    Lengths are in characters. Patterns and formats hold, those named `not_…` must not hold.
    """

    min_length: int = 0
    max_length: int | None = None
    patterns: tuple[str, ...] = ()
    not_patterns: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    not_formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemSchemas:
    """What one schema requires of items, by position, and of the rest (None: nothing)."""

    prefix: tuple[Requirement, ...] = ()
    rest: Requirement | None = None
    annotates: bool = True
    """Whether the items count as evaluated (`unevaluatedItems`)."""

    def requirements_at(self, index: int) -> tuple[Requirement, ...]:
        """Return what is required of the item at an index."""
        if index < len(self.prefix):
            return (self.prefix[index],)
        if self.rest is None:
            return ()
        return (self.rest,)


@dataclass(frozen=True, slots=True)
class Contains:
    """How many items have to satisfy a requirement."""

    requirement: Requirement
    min_count: int = 1
    max_count: int | None = None
    start: int = 0
    """Only items from this index on are counted."""
    annotates: bool = True
    """Whether the items that satisfy it count as evaluated (`unevaluatedItems`)."""


@dataclass(frozen=True, slots=True)
class ArrayConstraint:
    """What is required of an array."""

    min_items: int = 0
    max_items: int | None = None
    unique: bool = False
    has_duplicate: bool = False
    """Whether two items have to be equal."""
    groups: tuple[ItemSchemas, ...] = ()
    contains: tuple[Contains, ...] = ()

    def requirements_at(self, index: int) -> Requirements:
        """Return what is required of the item at an index."""
        required = [part for group in self.groups for part in group.requirements_at(index)]
        return combine_requirements(required)

    @property
    def prefix_length(self) -> int:
        """From this index on, the same is required of every item."""
        return max((len(group.prefix) for group in self.groups), default=0)


@dataclass(frozen=True, slots=True)
class MemberSchemas:
    """What one schema requires of members.

    Members are required by name, by a pattern of the name, and the rest (None: nothing).
    """

    named: dict[str, Requirement] = field(default_factory=dict)
    patterns: tuple[tuple[str, Requirement], ...] = ()
    rest: Requirement | None = None
    annotates: bool = True
    """Whether the members count as evaluated (`unevaluatedProperties`)."""

    def knows(self, name: str) -> bool:
        """Return whether the schema names a member, so that it is not one of the rest."""
        return name in self.named or any(matches(pattern, name) for pattern, _ in self.patterns)

    def requirements_for(self, name: str) -> Iterator[Requirement]:
        """Yield what is required of the member of a name.

        Source: JSON Schema Core 2020-12, section 10.3.2 (`additionalProperties` applies to members
        that neither `properties` nor `patternProperties` of the same schema knows).
        """
        if self.knows(name):
            if name in self.named:
                yield self.named[name]
            for pattern, requirement in self.patterns:
                if matches(pattern, name):
                    yield requirement
        elif self.rest is not None:
            yield self.rest


@dataclass(frozen=True, slots=True)
class NeededMember:
    """A member that an object has to have, whatever its name."""

    names: tuple[Requirement, ...] = ()
    """What the name has to satisfy."""
    value: Requirement | None = None
    group: MemberSchemas | None = None
    """The name must not be one that this group knows, by name or by pattern."""


@dataclass(frozen=True, slots=True)
class ObjectConstraint:
    """What is required of an object. `required` and `forbidden` are names of members."""

    required: tuple[str, ...] = ()
    forbidden: frozenset[str] = frozenset()
    min_members: int = 0
    max_members: int | None = None
    names: tuple[Requirement, ...] = ()
    """What every name has to satisfy."""
    groups: tuple[MemberSchemas, ...] = ()
    needed_members: tuple[NeededMember, ...] = ()

    def requirements_for(self, name: str) -> Requirements:
        """Return what the member of a name has to satisfy: what all schemas require together."""
        required = [part for group in self.groups for part in group.requirements_for(name)]
        return combine_requirements(required)


@dataclass(frozen=True, slots=True)
class Branch:
    """One way to satisfy a schema, with no alternatives left in it except for the kind of value."""

    kinds: frozenset[str] = KINDS
    allowed: tuple[Json, ...] | None = None
    """The only values allowed; None for any."""
    excluded: tuple[Json, ...] = ()
    number: NumberConstraint = NumberConstraint()
    string: StringConstraint = StringConstraint()
    array: ArrayConstraint = ArrayConstraint()
    object: ObjectConstraint = ObjectConstraint()
    exact: bool = True
    """False: a value that is built for the branch may violate the schema, and has to be
    validated.
    """

    @property
    def is_plain(self) -> bool:
        """Whether the branch restricts kinds and values only."""
        constraints = (self.number, self.string, self.array, self.object)
        return constraints == _NO_CONSTRAINTS


_NO_CONSTRAINTS = (NumberConstraint(), StringConstraint(), ArrayConstraint(), ObjectConstraint())
ANY_VALUE = Branch()
"""The branch that every value satisfies."""
