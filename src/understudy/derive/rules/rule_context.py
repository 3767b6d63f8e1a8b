"""What a rule judges: the facts, the names that were given, and where the fields of the documents stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.facts import DocumentFacts, Facts, Field, Operation, Origin, Structure
from understudy.derive.openapi.example_conformance import ConformanceChecker
from understudy.derive.openapi.naming import Names
from understudy.derive.openapi.structure_lookup import StructureLookup, iter_fields


@dataclass(frozen=True, slots=True)
class RuleContext:
    """The facts with all that was made of them before the rules run."""

    facts: Facts
    names: Names
    lookup: StructureLookup
    conformance: ConformanceChecker
    _gathered: list[tuple[tuple[Field, ...], int]] = field(default_factory=list, repr=False)

    def iter_requests(self) -> Iterator[tuple[Operation, Structure]]:
        """Give each table of parameters with its operation, once per table."""
        seen: set[Origin] = set()
        for operation in self.facts.operations:
            for structure in operation.requests:
                if structure.origin not in seen:
                    seen.add(structure.origin)
                    yield operation, structure

    def iter_responses(self) -> Iterator[tuple[Structure, int]]:
        """Give each structure of responses with its section, once."""
        seen: set[tuple[Origin, str]] = set()
        for structure, section in self.lookup.iter_structures():
            if (structure.origin, structure.name) not in seen:
                seen.add((structure.origin, structure.name))
                yield structure, section

    def iter_field_groups(self) -> Iterator[tuple[tuple[Field, ...], int]]:
        """Give the fields that stand side by side, with their section."""
        if not self._gathered:
            self._gathered.extend(self._gather())
        yield from self._gathered

    def _gather(self) -> Iterator[tuple[tuple[Field, ...], int]]:
        for operation, structure in self.iter_requests():
            yield structure.fields, operation.section
        for structure, section in self.iter_responses():
            yield structure.fields, section
            whole = (
                (Field("", structure.root, structure.origin),)
                if structure.root
                else structure.fields
            )
            for each in iter_fields(whole):
                inner = (each.type.item or each.type).fields
                if inner:
                    yield inner, section

    def iter_fields(self) -> Iterator[tuple[Field, int]]:
        """Give every field with its section."""
        for fields, section in self.iter_field_groups():
            for each in fields:
                yield each, section


Rule = Callable[[RuleContext], Iterable[Doubt]]
"""A rule looks at a case and gives its doubts; it changes nothing."""


def iter_documents_with_operations(case: RuleContext) -> Iterator[tuple[DocumentFacts, Operation]]:
    """Give each document that tells operations, with its first: where general doubts are told."""
    return (
        (document, document.operations[0])
        for document in case.facts.documents
        if document.operations
    )


def locate_response(operation: Operation) -> Origin:
    """Give the line of an operation's response, or of the operation when it tells none."""
    return operation.response.origin if operation.response else operation.origin
