"""Finds out whether requirements can be satisfied, and which values satisfy them."""

from collections.abc import Iterable, Iterator

from understudy.contract.expansion.array_layouts import can_build_array
from understudy.contract.expansion.branches import Expander
from understudy.contract.expansion.constraints import Branch, Requirement, Requirements
from understudy.contract.expansion.object_plans import can_build_object
from understudy.contract.expansion.scalars import has_scalar, list_scalars
from understudy.contract.schema.keywords import Schema
from understudy.contract.schema.validator import Validator, compile_validator
from understudy.messages import Json

RequirementsKey = tuple[tuple[str, bool], ...]
"""Requirements as a key: equal for the same schema objects in any order."""
_MAX_MIN_DEPTH = 64
"""A schema whose values are all nested deeper than this counts as one without values."""


class SchemaSolver:
    """Knows the alternatives of the schemas of one document, each expanded once.

    `hidden` is `readOnly` for what a client sends and `writeOnly` for what a server sends: such a
    property is left out.
    """

    def __init__(self, document: Schema, hidden: str = "") -> None:
        self._document = document
        self._hidden = hidden
        self._expander = Expander(document, hidden)
        self._branches: dict[RequirementsKey, tuple[Branch, ...]] = {}
        self._satisfiable: dict[tuple[RequirementsKey, int], bool] = {}
        self._validators: dict[bool | int, Validator] = {}
        self._referenced: list[Schema | Requirements] = []
        """What keys identify by identity: it must not be garbage collected."""

    @property
    def document(self) -> Schema:
        """The document in which references are looked up."""
        return self._document

    def find_min_depth(self, requirements: Requirements) -> int | None:
        """Return how many levels of arrays and objects a value has at least; None if none has."""
        for depth in range(_MAX_MIN_DEPTH):
            if self.is_satisfiable(requirements, depth):
                return depth
        return None

    def is_satisfiable(self, requirements: Requirements, depth: int) -> bool:
        """Return whether a value satisfies requirements.

        Only values with at most `depth` levels of arrays and objects count.
        """
        if not requirements:
            return True
        key = (requirements_key(requirements), depth)
        if key not in self._satisfiable:
            # Until the answer is known it is no: a value that contains itself has no end.
            self._satisfiable[key] = False
            self._satisfiable[key] = any(
                self._has_value(requirements, branch, depth)
                for branch in self.branches_of(requirements)
            )
        return self._satisfiable[key]

    def list_values(self, requirements: Requirements) -> list[Json] | None:
        """Return the values that satisfy requirements, where they are listed or few; else None."""
        if not requirements:
            return None
        values: list[Json] = []
        for branch in self.branches_of(requirements):
            if branch.allowed is not None:
                values += self.filter_allowed(requirements, branch)
                continue
            few = list_scalars(branch)
            if few is None:
                return None
            values += few
        return values

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
        key = requirements_key(requirements)
        if key not in self._branches:
            self._referenced.append(requirements)
            self._branches[key] = self._expander.expand_all(requirements)
        return self._branches[key]

    def filter_allowed(self, requirements: Requirements, branch: Branch) -> list[Json]:
        """Return those of the listed values of a branch that satisfy everything else too."""
        values = branch.allowed or ()
        if len(requirements) == 1 and branch.is_plain:
            return list(values)
        return [value for value in values if self.satisfies(requirements, value)]

    def has_scalar(self, branch: Branch) -> bool:
        """Return whether a branch has a value that is neither an array nor an object."""
        return has_scalar(branch)

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
            return bool(self.filter_allowed(requirements, branch))
        if branch.kinds - {"array", "object"} and self.has_scalar(branch):
            return True
        if "array" in branch.kinds and can_build_array(self, branch.array, depth):
            return True
        return "object" in branch.kinds and can_build_object(self, branch.object, depth)


def requirements_key(requirements: Requirements) -> RequirementsKey:
    """Return requirements as a key, whatever their order."""
    return tuple(sorted((str(part.key[0]), part.holds) for part in requirements))


def inner_requirements(branch: Branch) -> Iterator[Requirements]:
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
