"""The input of a rule: the facts, the assigned names, and the lookups that were built from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.facts import (
    DocumentFacts,
    Facts,
    Field,
    Operation,
    Origin,
    Structure,
)
from understudy.derive.openapi.example_conformance import ConformanceChecker
from understudy.derive.openapi.naming import Names
from understudy.derive.openapi.structure_lookup import StructureLookup, iter_fields

FieldGroup = tuple[tuple[Field, ...], int]
"""Fields of one table or object, with the number of their section."""


@dataclass(frozen=True, slots=True)
class RuleContext:
    """The facts, with everything that the derivation built before the rules run."""

    facts: Facts
    names: Names
    lookup: StructureLookup
    conformance: ConformanceChecker
    _field_groups: list[FieldGroup] = field(default_factory=list, repr=False)
    """A cache: most rules iterate over all fields."""

    def iter_requests(self) -> Iterator[tuple[Operation, Structure]]:
        """Yield each request table once, with the first operation that has it."""
        seen: set[Origin] = set()
        for operation in self.facts.operations:
            for structure in operation.requests:
                if structure.origin not in seen:
                    seen.add(structure.origin)
                    yield operation, structure

    def iter_responses(self) -> Iterator[tuple[Structure, int]]:
        """Yield each response structure once, with its section."""
        seen: set[tuple[Origin, str]] = set()
        for structure, section in self.lookup.iter_structures():
            key = (structure.origin, structure.name)
            if key not in seen:
                seen.add(key)
                yield structure, section

    def iter_field_groups(self) -> Iterator[FieldGroup]:
        """Yield the fields of each table and of each nested object, with their section."""
        if not self._field_groups:
            self._field_groups.extend(self._collect_field_groups())
        yield from self._field_groups

    def _collect_field_groups(self) -> Iterator[FieldGroup]:
        for operation, structure in self.iter_requests():
            yield structure.fields, operation.section
        for structure, section in self.iter_responses():
            yield structure.fields, section
            fields = structure.fields
            if structure.root:
                fields = (Field("", structure.root, structure.origin),)
            for each in iter_fields(fields):
                members = (each.type.item or each.type).fields
                if members:
                    yield members, section

    def iter_fields(self) -> Iterator[tuple[Field, int]]:
        """Yield every field with its section."""
        for fields, section in self.iter_field_groups():
            for each in fields:
                yield each, section


Rule = Callable[[RuleContext], Iterable[Doubt]]
"""A rule returns the doubts that it finds in a context; it changes nothing."""


def iter_documents_with_operations(
    context: RuleContext,
) -> Iterator[tuple[DocumentFacts, Operation]]:
    """Yield each document that has operations with the first of them.

    A doubt about a whole document is reported at that operation.
    """
    for document in context.facts.documents:
        if document.operations:
            yield document, document.operations[0]


def locate_response(operation: Operation) -> Origin:
    """Return the line of an operation's response, or the line of the operation without one."""
    return operation.response.origin if operation.response else operation.origin
