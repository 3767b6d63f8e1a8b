"""Values for schemas, built for every keyword of JSON Schema 2020-12 rather than filtered."""

from collections.abc import Hashable, Iterator

from hypothesis import strategies as st

from understudy.contract.expansion.constraints import Branch, Requirement, Requirements
from understudy.contract.expansion.json_kinds import json_key
from understudy.contract.expansion.schema_solver import (
    RequirementsKey,
    inner_requirements,
    requirements_key,
)
from understudy.contract.expansion.value_builder import ValueBuilder
from understudy.contract.schema.keywords import Schema
from understudy.messages import Json
from understudy.strategies.schema.arrays import arrays
from understudy.strategies.schema.numbers import fractions, integers
from understudy.strategies.schema.objects import objects
from understudy.strategies.schema.strings import JSON_CHARACTERS, strings

_MAX_DEPTH = 12
"""A schema that nests deeper counts as one that contains itself."""
_EXTRA_DEPTH = 5
"""How much deeper than necessary a value of such a schema is nested."""
_SIMPLEST_FIRST = ("null", "boolean", "integer", "fraction", "string")
"""The order of kinds, in which Hypothesis shrinks values. Arrays and objects come after these."""

_SCALARS: st.SearchStrategy[Json] = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(JSON_CHARACTERS, max_size=12)
)
_ANY: st.SearchStrategy[Json] = (
    _SCALARS
    | st.lists(_SCALARS, max_size=3)
    | st.dictionaries(
        st.text(JSON_CHARACTERS, max_size=8), _SCALARS | st.lists(_SCALARS, max_size=2), max_size=3
    )
)


class SchemaValues(ValueBuilder):
    """Builds strategies for the schemas of one document, each once.

    `hidden` is `readOnly` for what a client sends and `writeOnly` for what a server sends: such a
    property is left out.
    """

    def __init__(self, document: Schema, hidden: str = "") -> None:
        super().__init__(document, hidden)
        self._strategies: dict[tuple[RequirementsKey, int], st.SearchStrategy[Json]] = {}
        self._depths: dict[tuple[RequirementsKey, int], int] = {}

    def values(self, *requirements: Requirement) -> st.SearchStrategy[Json]:
        """Return values that satisfy all requirements; an empty strategy when there are none.

        The depth is the least that is possible, and more where the schema is finite or contains
        itself: recursive values stay small.
        """
        min_depth = self.find_min_depth(requirements)
        if min_depth is None:
            return st.nothing()
        max_depth = self._max_depth(requirements, _MAX_DEPTH)
        if max_depth >= _MAX_DEPTH:
            max_depth = min_depth + _EXTRA_DEPTH
        drawn = self.strategy_for(requirements, max_depth)
        if not requirements or drawn.is_empty:
            return drawn
        # Hardly ever rejects a value: the last word belongs to the validator all the same.
        return drawn.filter(lambda value: self.satisfies(requirements, value))

    def strategy_for(self, requirements: Requirements, depth: int) -> st.SearchStrategy[Json]:
        """Return values that satisfy requirements.

        They have at most `depth` levels of arrays and objects.
        """
        if not requirements:
            if depth > 1:
                return _ANY
            return _SCALARS
        key = (requirements_key(requirements), depth)
        if key not in self._strategies:
            parts = [part for part in self._parts(requirements, depth) if not part.is_empty]
            self._strategies[key] = parts[0] if len(parts) == 1 else st.one_of(parts)
        return self._strategies[key]

    def has_scalar(self, branch: Branch) -> bool:
        """Return whether a branch has a value that is neither an array nor an object."""
        return any(not part.is_empty for part in _scalars(branch))

    def _parts(self, requirements: Requirements, depth: int) -> Iterator[st.SearchStrategy[Json]]:
        """Yield the strategies of all branches; one for all listed values together."""
        branches = self.branches_of(requirements)
        listed: dict[Hashable, Json] = {}
        for branch in branches:
            if branch.allowed is not None:
                for value in self.filter_allowed(requirements, branch):
                    listed[json_key(value)] = value
        if listed:
            yield st.sampled_from(list(listed.values()))
        for branch in branches:
            if branch.allowed is None:
                for part in self._build(branch, depth):
                    if branch.exact:
                        yield part
                    else:
                        yield part.filter(lambda value: self.satisfies(requirements, value))

    def _build(self, branch: Branch, depth: int) -> Iterator[st.SearchStrategy[Json]]:
        """Yield a strategy for each kind of value of a branch."""
        yield from _scalars(branch)
        excluded = {json_key(value) for value in branch.excluded}
        containers: list[st.SearchStrategy[Json]] = []
        if "array" in branch.kinds:
            containers.append(arrays(self, branch.array, depth))
        if "object" in branch.kinds:
            containers.append(objects(self, branch.object, depth))
        for container in containers:
            if excluded:
                yield container.filter(lambda value: json_key(value) not in excluded)
            else:
                yield container

    def _max_depth(self, requirements: Requirements, limit: int) -> int:
        """Return how many levels of arrays and objects the values can have, up to a limit."""
        if not requirements:
            return 2  # what `_ANY` has
        if not limit:
            return 0
        key = (requirements_key(requirements), limit)
        if key not in self._depths:
            # Cached, since the alternatives of a schema that contains itself meet again and again.
            inner = [
                part
                for branch in self.branches_of(requirements)
                for part in inner_requirements(branch)
            ]
            depths = [1 + self._max_depth(part, limit - 1) for part in inner]
            self._depths[key] = max(depths, default=0)
        return self._depths[key]


def _scalars(branch: Branch) -> Iterator[st.SearchStrategy[Json]]:
    """Yield a strategy for each kind of value but arrays and objects; some may be empty."""
    for kind in _SIMPLEST_FIRST:
        if kind in branch.kinds:
            yield _scalars_of_kind(kind, branch)


def _scalars_of_kind(kind: str, branch: Branch) -> st.SearchStrategy[Json]:
    """Return the values of one kind, except those that are excluded."""
    excluded = {json_key(value) for value in branch.excluded}
    match kind:
        case "null":
            if None in excluded:
                return st.nothing()
            return st.none()
        case "boolean":
            return _booleans([value for value in (False, True) if json_key(value) not in excluded])
        case "integer":
            return integers(branch.number, branch.excluded)
        case "fraction":
            return fractions(branch.number, branch.excluded)
        case _:
            drawn = strings(branch.string)
            if excluded:
                return drawn.filter(lambda text: text not in excluded)
            return drawn


def _booleans(values: list[bool]) -> st.SearchStrategy[bool]:
    """Return one or both of the booleans."""
    if len(values) == 2:
        return st.booleans()
    if values:
        return st.sampled_from(values)
    return st.nothing()
