"""Plans for the objects of a constraint: which members are possible, required, or to be added.

A plan is made once for a constraint; `objects` draws objects by it. Members that a schema names are
planned by name. For others, the plan has what a name and its value have to satisfy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from understudy.contract.expansion.array_layouts import MAX_ITEMS, Satisfiability
from understudy.contract.expansion.constraints import (
    MemberSchemas,
    NeededMember,
    ObjectConstraint,
    Requirement,
    Requirements,
    combine_requirements,
)

SHORT_NAME = Requirement({"type": "string", "maxLength": 8})
"""What a name has to satisfy when nothing else is required of it."""
_ANY_NAME = Requirement({"type": "string"})


@dataclass(frozen=True, slots=True)
class NameSource:
    """Where the names of members come from that no schema names."""

    names: Requirements
    """What the name has to satisfy; one of the requirements is that it is a string."""
    values: tuple[Requirement, ...] = ()
    """What the value has to satisfy beside what the schemas require of the name."""
    unknown_to: MemberSchemas | None = None
    """The name must not be one that this schema knows."""


@dataclass(frozen=True, slots=True)
class ObjectPlan:
    """How the objects of a constraint are built."""

    constraint: ObjectConstraint
    names: list[str]
    """The named members that are possible, in the schema's order."""
    required: set[str]
    free_members: list[NameSource] = field(default_factory=list)
    """Members that may be added; empty when none ever has to be."""
    needed_members: list[NameSource] = field(default_factory=list)
    """Members that have to be added first."""
    adds_members: bool = False
    """Whether `free_members` are added without need."""


def plan_object(
    source: Satisfiability, constraint: ObjectConstraint, depth: int
) -> ObjectPlan | None:
    """Return how to build objects with at most `depth` levels; None when there are none."""
    return _Planner(source, constraint, depth).plan()


def can_build_object(source: Satisfiability, constraint: ObjectConstraint, depth: int) -> bool:
    """Return whether there is an object that satisfies a constraint, as far as a plan shows it."""
    return plan_object(source, constraint, depth) is not None


@dataclass(frozen=True, slots=True)
class _Planner:
    """Plans the objects of one constraint."""

    source: Satisfiability
    constraint: ObjectConstraint
    depth: int
    """How many levels an object may have, itself included; 0 leaves only the empty object."""

    def plan(self) -> ObjectPlan | None:
        """Return the plan, or None when a requirement cannot be satisfied."""
        constraint = self.constraint
        named = dict.fromkeys(name for group in constraint.groups for name in group.named)
        candidates = named | dict.fromkeys(constraint.required)
        names = [name for name in candidates if self._is_possible(name)]
        if not set(constraint.required).issubset(names):
            return None
        max_members = constraint.max_members
        if constraint.min_members > MAX_ITEMS:
            return None
        if max_members is not None and len(constraint.required) > max_members:
            return None
        needed_members = [self._needed_member(member) for member in constraint.needed_members]
        if not all(map(self._can_add, needed_members)):
            return None
        free_members = list(self._free_members())
        has_enough = len(names) >= constraint.min_members
        if not has_enough and not free_members:
            return None
        # Schemas for members beyond the named ones are meant to be used; without any, members are
        # added only if needed.
        adds_members = not named or any(
            group.rest is not None or group.patterns for group in constraint.groups
        )
        if not adds_members and has_enough:
            free_members = []
        return ObjectPlan(
            constraint, names, set(constraint.required), free_members, needed_members, adds_members
        )

    def _is_possible(self, name: str) -> bool:
        """Return whether a member of a name can be present."""
        constraint = self.constraint
        if name in constraint.forbidden or not self.depth:
            return False
        if constraint.names and not self.source.satisfies(constraint.names, name):
            return False
        return self._has_value(constraint.requirements_for(name))

    def _has_value(self, requirements: Requirements) -> bool:
        """Return whether a member can have a value that satisfies requirements."""
        return self.source.is_satisfiable(requirements, self.depth - 1)

    def _has_name(self, requirements: Requirements) -> bool:
        """Return whether a name satisfies requirements."""
        return self.source.is_satisfiable(requirements, 0)

    def _needed_member(self, member: NeededMember) -> NameSource:
        """Return where the name of a needed member comes from, and what its value satisfies."""
        names = _name_requirements([*self.constraint.names, *member.names])
        values = () if member.value is None else (member.value,)
        return NameSource(names, values, member.group)

    def _can_add(self, names: NameSource) -> bool:
        """Return whether a needed member seems possible.

        A guess, since its name is not known yet: drawing a member may still fail.
        """
        if not self.depth:
            return False
        rest: list[Requirement] = []
        if names.unknown_to is not None:
            rest = self._rest()
        values = combine_requirements([*names.values, *rest])
        return self._has_value(values) and self._has_name(names.names)

    def _rest(self) -> list[Requirement]:
        """Return what the schemas require of members that they do not name."""
        return [group.rest for group in self.constraint.groups if group.rest is not None]

    def _free_members(self) -> Iterator[NameSource]:
        """Yield a source of names for each pattern of names, and one for any other name."""
        if not self.depth:
            return
        patterns = dict.fromkeys(
            pattern for group in self.constraint.groups for pattern, _ in group.patterns
        )
        for pattern in patterns:
            matching = Requirement(_matching_names(pattern))
            names = _name_requirements([*self.constraint.names, matching])
            if self._has_name(names):
                yield NameSource(names)
        names = _name_requirements(self.constraint.names)
        if self._has_value(combine_requirements(self._rest())) and self._has_name(names):
            yield NameSource(names)


def _name_requirements(requirements: Sequence[Requirement]) -> Requirements:
    """Return what a name has to satisfy: a string; a short one, where nothing else is required."""
    if not requirements:
        return combine_requirements([SHORT_NAME])
    return combine_requirements([*requirements, _ANY_NAME])


@lru_cache(maxsize=1024)
def _matching_names(pattern: str) -> dict[str, str]:
    """Return the schema of names that match a pattern.

    It is the same object each time, since schemas are known by identity.
    """
    return {"type": "string", "pattern": pattern}
