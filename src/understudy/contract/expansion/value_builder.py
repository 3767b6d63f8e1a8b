"""Builds one value for a schema of any keywords, by its alternatives: without Hypothesis.

The samples of the contract use it where their own, more readable way finds no valid value.
"""

import random
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import TypeVar

from understudy.contract.expansion.array_layouts import (
    MAX_ITEMS,
    ArrayLayout,
    is_uniform,
    iter_layouts,
)
from understudy.contract.expansion.constraints import (
    ArrayConstraint,
    Branch,
    ObjectConstraint,
    Requirement,
    Requirements,
    combine_requirements,
)
from understudy.contract.expansion.json_kinds import json_key
from understudy.contract.expansion.object_plans import (
    SHORT_NAME,
    NameSource,
    ObjectPlan,
    plan_object,
)
from understudy.contract.expansion.scalars import iter_scalars
from understudy.contract.expansion.schema_solver import SchemaSolver
from understudy.messages import Json

_Part = TypeVar("_Part")
_ANY_TEXT = Requirement({"type": "string"})
_MAX_NODES = 20_000
"""How many values are built for one value before it is given up."""
_MANY_NODES = 2000
"""After so many values, optional members are left out."""
_EXTRA_DEPTH = 3
"""How much deeper than necessary a value is nested."""
_LAYOUTS = 6
"""Among how many layouts an array is drawn."""
_SIZES = 3
"""How many sizes of objects and arrays are tried, from the smallest on."""
_TRIES = 12
"""How often a value or a name is drawn again that is not valid or not distinct."""


class NoValueError(Exception):
    """No value was found: none satisfies the requirements, or it takes too many values."""


class ValueBuilder(SchemaSolver):
    """Builds values of the schemas of one document. The same draws give the same value."""

    def build(self, requirement: Requirement, draws: random.Random) -> Json:
        """Return a value that satisfies a requirement.

        Optional members are included. Raises NoValueError when there seems to be no value.
        """
        requirements = (requirement,)
        min_depth = self.find_min_depth(requirements)
        if min_depth is None:
            raise NoValueError
        return _Build(self, draws).value(requirements, min_depth + _EXTRA_DEPTH)

    def build_array(
        self, constraint: ArrayConstraint, depth: int, draws: random.Random
    ) -> list[Json]:
        """Return an array that satisfies a constraint; raises NoValueError when none is found."""
        return _Build(self, draws).array(constraint, depth)

    def build_object(
        self, constraint: ObjectConstraint, depth: int, draws: random.Random
    ) -> dict[str, Json]:
        """Return an object that satisfies a constraint; raises NoValueError when none is found."""
        return _Build(self, draws).object(constraint, depth)


class _Build:
    """Builds the parts of one value."""

    def __init__(self, solver: SchemaSolver, draws: random.Random) -> None:
        self._solver = solver
        self._draws = draws
        self._nodes = 0

    def value(
        self, requirements: Requirements, depth: int, known: Collection[Hashable] = ()
    ) -> Json:
        """Return a value of at most `depth` levels, whose key is not among those that are known.

        Raises NoValueError when none is found.
        """
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            raise NoValueError
        if not requirements:
            requirements = (_ANY_TEXT,)
        listed: list[Json] = []
        for branch in self._rotate(self._solver.branches_of(requirements)):
            if branch.allowed is not None:
                listed += self._solver.filter_allowed(requirements, branch)
        for value in self._rotate(listed):
            if json_key(value) not in known:
                return value
        for branch in self._rotate(self._solver.branches_of(requirements)):
            if branch.allowed is not None:
                continue
            for value in self._candidates(branch, depth, len(known)):
                is_valid = branch.exact or self._solver.satisfies(requirements, value)
                if is_valid and json_key(value) not in known:
                    return value
        raise NoValueError

    def _rotate(self, parts: Sequence[_Part]) -> Sequence[_Part]:
        """Return some parts in their order, beginning with a drawn one."""
        if len(parts) < 2:
            return parts
        start = self._draws.randrange(len(parts))
        return [*parts[start:], *parts[:start]]

    def _candidates(self, branch: Branch, depth: int, known: int) -> Iterator[Json]:
        """Yield values of a branch: objects and arrays first, as they show more."""
        excluded = {json_key(value) for value in branch.excluded}
        for attempt in range(_TRIES):
            if self._nodes > _MAX_NODES:
                raise NoValueError
            containers = list(self._containers(branch, depth, attempt % _SIZES))
            yield from (value for value in containers if json_key(value) not in excluded)
            if not containers:
                break
        yield from islice(iter_scalars(branch, self._draws, known), MAX_ITEMS)

    def _containers(self, branch: Branch, depth: int, extra: int) -> Iterator[Json]:
        """Yield an object and an array of a branch, with some more parts than necessary."""
        if "object" in branch.kinds:
            with suppress(NoValueError):
                yield self.object(branch.object, depth, extra)
        if "array" in branch.kinds:
            with suppress(NoValueError):
                yield self.array(branch.array, depth, extra)

    # Arrays

    def array(self, constraint: ArrayConstraint, depth: int, extra: int = 0) -> list[Json]:
        """Return an array that satisfies a constraint."""
        layout = self._layout(constraint, depth, extra)
        items: list[Json] = []
        known: set[Hashable] = set()
        for index, requirements in enumerate(layout.items):
            if layout.duplicate is not None and index == layout.duplicate[1]:
                items.append(items[layout.duplicate[0]])
                continue
            item = self.value(requirements, depth - 1, known if constraint.unique else ())
            known.add(json_key(item))
            items.append(item)
        return items

    def _layout(self, constraint: ArrayConstraint, depth: int, extra: int) -> ArrayLayout:
        """Return one of the shortest layouts: one with items where that is possible."""
        if constraint.min_items > MAX_ITEMS:
            raise NoValueError
        if is_uniform(constraint):
            requirements = constraint.requirements_at(0)
            length = (constraint.min_items or 1) + extra
            if constraint.max_items is not None:
                length = min(length, constraint.max_items)
            if not depth or not self._solver.is_satisfiable(requirements, depth - 1):
                length = 0
            if length < constraint.min_items:
                raise NoValueError
            return ArrayLayout((requirements,) * length)
        layouts = list(islice(iter_layouts(self._solver, constraint, depth), _LAYOUTS))
        with_items = [layout for layout in layouts if layout.items] or layouts
        if not with_items:
            raise NoValueError
        return with_items[self._draws.randrange(len(with_items))]

    # Objects

    def object(self, constraint: ObjectConstraint, depth: int, extra: int = 0) -> dict[str, Json]:
        """Return an object that satisfies a constraint, with its optional members."""
        plan = plan_object(self._solver, constraint, depth)
        if plan is None or constraint.min_members > MAX_ITEMS:
            raise NoValueError
        members: dict[str, Json] = {}
        for names in plan.needed_members:
            if not self._add_member(members, names, plan, plan.required, depth):
                raise NoValueError
        for name in plan.names:
            if name in plan.required and name not in members:
                members[name] = self._member(constraint, name, depth)
        self._add_optional(members, plan, depth)
        size = max(constraint.min_members, len(members) + extra)
        if constraint.max_members is not None:
            size = min(size, constraint.max_members)
        for names in plan.free_members:
            while len(members) < size:
                if not self._add_member(members, names, plan, plan.names, depth):
                    break
        if len(members) < constraint.min_members:
            raise NoValueError
        order = [name for name in plan.names if name in members]
        return {name: members[name] for name in dict.fromkeys([*order, *members])}

    def _member(self, constraint: ObjectConstraint, name: str, depth: int) -> Json:
        return self.value(constraint.requirements_for(name), depth - 1)

    def _add_optional(self, members: dict[str, Json], plan: ObjectPlan, depth: int) -> None:
        """Add the optional members that there is room for; a nested one only while it is cheap."""
        constraint = plan.constraint
        for name in plan.names:
            if name in members:
                continue
            is_full = len(members) == constraint.max_members
            is_large = self._nodes > _MANY_NODES and len(members) >= constraint.min_members
            if is_full or is_large:
                return
            try:
                members[name] = self._member(constraint, name, depth)
            except NoValueError:
                if self._nodes > _MAX_NODES:
                    raise

    def _add_member(
        self,
        members: dict[str, Json],
        names: NameSource,
        plan: ObjectPlan,
        taken: Collection[str],
        depth: int,
    ) -> bool:
        """Add a member whose name is not taken; return whether one was found."""
        for name in self._names(names, members):
            is_taken = name in members or name in taken or name in plan.constraint.forbidden
            if is_taken or (names.unknown_to is not None and names.unknown_to.knows(name)):
                continue
            of_name = plan.constraint.requirements_for(name)
            requirements = combine_requirements([*of_name, *names.values])
            if not self._solver.is_satisfiable(requirements, depth - 1):
                continue
            members[name] = self.value(requirements, depth - 1)
            return True
        return False

    def _names(self, names: NameSource, members: Collection[str]) -> Iterable[str]:
        """Yield names that satisfy what is required of the names of members."""
        if names.names == (SHORT_NAME,):
            start = len(members)
            return (f"field{number}" for number in range(start, start + _TRIES))
        return self._drawn_names(names)

    def _drawn_names(self, names: NameSource) -> Iterator[str]:
        for branch in self._solver.branches_of(names.names):
            values: Iterable[Json] = iter_scalars(branch, self._draws)
            if branch.allowed is not None:
                values = self._solver.filter_allowed(names.names, branch)
            for name in islice(values, 20 * _TRIES):
                is_valid = branch.exact or self._solver.satisfies(names.names, name)
                if isinstance(name, str) and is_valid:
                    yield name
