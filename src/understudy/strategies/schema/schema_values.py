"""Values for schemas, built for every keyword of JSON Schema 2020-12 rather than filtered."""

from collections.abc import Hashable, Iterable, Iterator

from hypothesis import strategies as st

from understudy.contract import Validator, compile_validator
from understudy.contract.schema.keywords import Schema
from understudy.messages import Json
from understudy.strategies.schema.arrays import arrays, can_build_array
from understudy.strategies.schema.branches import Expander
from understudy.strategies.schema.constraints import Branch, Requirement, Requirements
from understudy.strategies.schema.json_kinds import json_key
from understudy.strategies.schema.numbers import fractions, integers
from understudy.strategies.schema.objects import can_build_object, objects
from understudy.strategies.schema.strings import JSON_CHARACTERS, strings

_MAX_DEPTH = 12
"""A schema that nests deeper counts as one that contains itself."""
_EXTRA_DEPTH = 5
"""How much deeper than necessary a value of such a schema is nested."""
_MAX_MIN_DEPTH = 40
"""A schema whose values are all nested deeper than this counts as one without values."""
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

_Key = tuple[tuple[str, bool], ...]
"""Requirements as a key: equal for the same schema objects in any order."""


class SchemaValues:
    """Builds strategies for the schemas of one document, each once.

    `hidden` is `readOnly` for what a client sends and `writeOnly` for what a server sends: such a
    property is left out.
    """

    def __init__(self, document: Schema, hidden: str = "") -> None:
        self._document = document
        self._hidden = hidden
        self._expander = Expander(document, hidden)
        self._branches: dict[_Key, tuple[Branch, ...]] = {}
        self._satisfiable: dict[tuple[_Key, int], bool] = {}
        self._strategies: dict[tuple[_Key, int], st.SearchStrategy[Json]] = {}
        self._depths: dict[tuple[_Key, int], int] = {}
        self._validators: dict[bool | int, Validator] = {}
        self._referenced: list[Schema | Requirements] = []
        """What keys identify by identity: it must not be garbage collected."""

    def values(self, *requirements: Requirement) -> st.SearchStrategy[Json]:
        """Return values that satisfy all requirements; an empty strategy when there are none.

        The depth is the least that is possible, and more where the schema is finite or contains
        itself: recursive values stay small.
        """
        for min_depth in range(_MAX_MIN_DEPTH):
            if self.is_satisfiable(requirements, min_depth):
                max_depth = self._max_depth(requirements, _MAX_DEPTH)
                if max_depth >= _MAX_DEPTH:
                    max_depth = min_depth + _EXTRA_DEPTH
                return self.strategy_for(requirements, max_depth)
        return st.nothing()

    def strategy_for(self, requirements: Requirements, depth: int) -> st.SearchStrategy[Json]:
        """Return values that satisfy requirements.

        They have at most `depth` levels of arrays and objects.
        """
        if not requirements:
            if depth > 1:
                return _ANY
            return _SCALARS
        key = (_key(requirements), depth)
        if key not in self._strategies:
            parts = [part for part in self._parts(requirements, depth) if not part.is_empty]
            self._strategies[key] = parts[0] if len(parts) == 1 else st.one_of(parts)
        return self._strategies[key]

    def is_satisfiable(self, requirements: Requirements, depth: int) -> bool:
        """Return whether a value satisfies requirements.

        Only values with at most `depth` levels of arrays and objects count.
        """
        if not requirements:
            return True
        key = (_key(requirements), depth)
        if key not in self._satisfiable:
            # Until the answer is known it is no: a value that contains itself has no end.
            self._satisfiable[key] = False
            self._satisfiable[key] = any(
                self._has_value(requirements, branch, depth)
                for branch in self.branches_of(requirements)
            )
        return self._satisfiable[key]

    def list_values(self, requirements: Requirements) -> list[Json] | None:
        """Return the values that satisfy requirements, where the schemas list them; else None."""
        branches = self.branches_of(requirements)
        if not requirements or any(branch.allowed is None for branch in branches):
            return None
        return [
            value for branch in branches for value in self._filter_allowed(requirements, branch)
        ]

    def satisfies(self, requirements: Iterable[Requirement], value: Json) -> bool:
        """Return whether a value satisfies requirements, as the contract's validators have it."""
        return all(
            self._validator(requirement).is_valid(value) is requirement.holds
            for requirement in requirements
        )

    def branches_of(self, requirements: Requirements) -> tuple[Branch, ...]:
        """Return the ways to satisfy requirements.

        They are kept by the identity of the schemas.
        """
        key = _key(requirements)
        if key not in self._branches:
            self._referenced.append(requirements)
            self._branches[key] = self._expander.expand_all(requirements)
        return self._branches[key]

    def _validator(self, requirement: Requirement) -> Validator:
        """Return the validator of a schema, which is compiled once."""
        identity = requirement.key[0]
        if identity not in self._validators:
            self._referenced.append(requirement.schema)
            self._validators[identity] = compile_validator(
                requirement.schema, document=self._document, hidden=self._hidden
            )
        return self._validators[identity]

    def _has_value(self, requirements: Requirements, branch: Branch, depth: int) -> bool:
        """Return whether a branch has a value of at most `depth` levels."""
        if branch.allowed is not None:
            return bool(self._filter_allowed(requirements, branch))
        if branch.kinds - {"array", "object"}:
            return any(not part.is_empty for part in _scalars(branch))
        if "array" in branch.kinds and can_build_array(self, branch.array, depth):
            return True
        return "object" in branch.kinds and can_build_object(self, branch.object, depth)

    def _filter_allowed(self, requirements: Requirements, branch: Branch) -> list[Json]:
        """Return those of the listed values of a branch that satisfy everything else too."""
        values = branch.allowed or ()
        if len(requirements) == 1 and branch.is_plain:
            return list(values)
        return [value for value in values if self.satisfies(requirements, value)]

    def _parts(self, requirements: Requirements, depth: int) -> Iterator[st.SearchStrategy[Json]]:
        """Yield the strategies of all branches; one for all listed values together."""
        branches = self.branches_of(requirements)
        listed: dict[Hashable, Json] = {}
        for branch in branches:
            if branch.allowed is not None:
                for value in self._filter_allowed(requirements, branch):
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
        key = (_key(requirements), limit)
        if key not in self._depths:
            # Cached, since the alternatives of a schema that contains itself meet again and again.
            inner = [
                part
                for branch in self.branches_of(requirements)
                for part in _inner_requirements(branch)
            ]
            depths = [1 + self._max_depth(part, limit - 1) for part in inner]
            self._depths[key] = max(depths, default=0)
        return self._depths[key]


def _key(requirements: Requirements) -> _Key:
    """Return requirements as a key, whatever their order."""
    return tuple(sorted((str(part.key[0]), part.holds) for part in requirements))


def _inner_requirements(branch: Branch) -> Iterator[Requirements]:
    """Yield what is required of each value inside of the arrays and objects of a branch."""
    if branch.allowed is not None:
        return
    if "array" in branch.kinds:
        array = branch.array
        yield from (array.requirements_at(index) for index in range(array.prefix_length + 1))
        yield from ((contains.requirement,) for contains in array.contains)
    if "object" in branch.kinds:
        for group in branch.object.groups:
            yield from ((part,) for part in group.named.values())
            yield from ((part,) for _, part in group.patterns)
            if group.rest is not None:
                yield (group.rest,)
        for member in branch.object.needed_members:
            if member.value is not None:
                yield (member.value,)
        if not branch.object.groups:
            yield ()


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
