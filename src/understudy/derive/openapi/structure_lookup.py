"""Lookup of the structure that a field, a type name or a reference means.

A document defines structures in tables with labels. Several sections may define a structure of the
same name, and mean their own. The order of a lookup is: the section, the sections that it refers
to, its document, then the other documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from understudy.derive.facts.facts import (
    DocumentFacts,
    Facts,
    Field,
    Kind,
    Operation,
    Origin,
    Reference,
    Role,
    Structure,
    TextResponse,
    TypeExpr,
)
from understudy.derive.lexicon.labels import fold
from understudy.derive.openapi.name_matching import NameMatcher


class Outcome(Enum):
    """How a lookup ended."""

    EXACT = "exact"
    """The document defines a structure of that name."""
    ELSEWHERE = "elsewhere"
    """见下表 announces a table that the section does not have; one from elsewhere is used."""
    MISSING = "missing"
    """The document names or announces a structure that does not exist."""
    GUESSED = "guessed"
    """The structure has another name than the one that the field uses, or no name."""
    NOT_NEEDED = "not needed"
    """The type of the field needs no structure."""


@dataclass(frozen=True, slots=True)
class LookupResult:
    """The outcome of a lookup with what it found."""

    outcome: Outcome
    structure: Structure | None = None
    reason: str = ""
    """Why it was guessed; it ends a sentence of the ledger."""
    template_field: Field | None = None
    """The field whose members are used when no structure has the name."""


_SectionKey = tuple[str, int]
"""File and number of a section."""
_Position = tuple[Origin, str, int]
"""Line, name and section of a field."""
_Results = list[tuple[Field, LookupResult]]
_SCALARS = (Kind.STRING, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN)
_NOT_NEEDED = LookupResult(Outcome.NOT_NEEDED)
_MISSING = LookupResult(Outcome.MISSING)


class StructureLookup:
    """Finds structures by name, field and reference.

    The results for fields are cached: schemas, examples and rules need the same ones.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._structures: dict[tuple[Role, str], list[Structure]] = {}
        self._references: dict[tuple[str, int, str], Reference] = {}
        self._titles: dict[str, list[tuple[str, Operation]]] = {}
        self._common = {document.file: document.common for document in facts.documents}
        self._matcher = NameMatcher(facts)
        self._results: dict[_Position, _Results] = {}
        for document in facts.documents:
            self._index(document)

    def _index(self, document: DocumentFacts) -> None:
        """Index structures by role and name, references by section, operations by title."""
        for structure in document.structures:
            name_key = (structure.role, structure.name)
            self._structures.setdefault(name_key, []).append(structure)
        for reference in document.references:
            key = (reference.origin.file, reference.section, reference.structure)
            self._references.setdefault(key, reference)
        for operation in document.operations:
            same_title = self._titles.setdefault(fold(operation.title), [])
            same_title.append((document.file, operation))

    def find_operation(self, reference: Reference) -> Operation | None:
        """Return the operation whose title a reference contains; the same document comes first."""
        first: Operation | None = None
        for file, operation in self._titles.get(fold(reference.title), ()):
            if file == reference.origin.file:
                return operation
            first = first or operation
        return first

    def find_response(self, operation: Operation) -> Structure | None:
        """Return the structure of an operation's response, or None when there is none.

        References are followed. An operation without a response has that of all operations.
        """
        if operation.response is None:
            return self.find_common_response(operation)
        response = self._follow_references(operation)
        if isinstance(response, Structure):
            return response
        return None

    def find_common_response(self, operation: Operation) -> Structure | None:
        """Return the structure that the document defines for the responses of all operations."""
        return self._common.get(operation.origin.file)

    def find_text_response(self, operation: Operation) -> TextResponse | None:
        """Return the plain text response of an operation, or None. References are followed."""
        response = self._follow_references(operation)
        if isinstance(response, TextResponse):
            return response
        return None

    def _follow_references(self, operation: Operation) -> Structure | TextResponse | None:
        """Return the response at the end of a chain of references; None for a loop."""
        response = operation.response
        # Two sections may refer to each other.
        seen: set[Reference] = set()
        while isinstance(response, Reference):
            if response in seen:
                return None
            seen.add(response)
            target = self.find_operation(response)
            if target is None:
                return None
            response = target.response
        return response

    def find_structure(
        self,
        name: str,
        file: str,
        section: int,
    ) -> Structure | None:
        """Return the structure that a name means in a section, or None.

        The section's own structure comes first, then those of the sections that it refers to
        (`Book 结构：与 **查询图书** 中的结构一致`), then any other.
        """
        seen: set[_SectionKey] = set()
        current: _SectionKey | None = (file, section)
        while current is not None and current not in seen:
            seen.add(current)
            own = self._find_in_section(Role.STRUCTURE, name, *current)
            if own:
                return own
            current = self._follow_structure(name, *current)
        return self._find_anywhere(Role.STRUCTURE, name, file)

    def _follow_structure(
        self,
        name: str,
        file: str,
        section: int,
    ) -> _SectionKey | None:
        """Return the section to which a section refers for a structure, or None."""
        reference = self._references.get((file, section, name))
        if reference is None:
            return None
        target = self.find_operation(reference)
        if target is None:
            return None
        return target.origin.file, target.section

    def _find_in_section(
        self,
        role: Role,
        name: str,
        file: str,
        section: int,
    ) -> Structure | None:
        for structure in self._structures.get((role, name), ()):
            if structure.origin.file == file and structure.section == section:
                return structure
        return None

    def _find_anywhere(
        self,
        role: Role,
        name: str,
        file: str,
    ) -> Structure | None:
        """Return the first structure of a name in the document, else in any other."""
        first: Structure | None = None
        for structure in self._structures.get((role, name), ()):
            if structure.origin.file == file:
                return structure
            first = first or structure
        return first

    def find_for_field(self, field: Field, section: int) -> LookupResult:
        """Return the structure of a field's value, or of the items when it is an array."""
        if _is_scalar(field.type):
            return _NOT_NEEDED
        # Compared by identity: fields of one line may be equal and stand in different places.
        key = (field.origin, field.name, section)
        known = self._results.setdefault(key, [])
        for known_field, result in known:
            if known_field is field:
                return result
        result = self._look_up(field, section)
        known.append((field, result))
        return result

    def _look_up(self, field: Field, section: int) -> LookupResult:
        """Look a field up by its members, its type, its description and its own name."""
        value_type = field.type.item or field.type
        if value_type.fields:
            return self._find_twin(field, value_type, section)
        if value_type.kind is Kind.ANY and value_type.name:
            return self._match_name(field, value_type.name, section) or _NOT_NEEDED
        is_open_array = field.type.kind is Kind.ARRAY and field.type.item is None
        if value_type.kind not in (Kind.OBJECT, Kind.NAMED) and not is_open_array:
            return _NOT_NEEDED
        name = field.prose.structure
        if value_type.kind is Kind.NAMED:
            name = value_type.name
        if name:
            return self._find_by_name(field, name, section)
        return self._find_by_field_name(field, value_type, section)

    def _find_twin(
        self,
        field: Field,
        value_type: TypeExpr,
        section: int,
    ) -> LookupResult:
        """Find the structure that repeats the members of a field under a name of its own."""
        twin = self._matcher.find_twin(value_type.fields, field.origin.file, section)
        if twin is None:
            return _NOT_NEEDED
        reason = "it is in the same section and has the same fields"
        return LookupResult(Outcome.GUESSED, twin, reason)

    def _find_by_name(
        self,
        field: Field,
        name: str,
        section: int,
    ) -> LookupResult:
        """Find a structure by its name, else by a likely meaning of the name."""
        structure = self.find_structure(name, field.origin.file, section)
        if structure:
            return LookupResult(Outcome.EXACT, structure)
        return self._match_name(field, name, section) or _MISSING

    def _find_by_field_name(
        self,
        field: Field,
        value_type: TypeExpr,
        section: int,
    ) -> LookupResult:
        """Find the table of a field: `cluster参数` for the field `cluster`.

        Only a field that announces its table (见下表) may have it in another section.
        """
        file = field.origin.file
        own = self._find_in_section(Role.FIELD, field.name, file, section)
        if own:
            return LookupResult(Outcome.EXACT, own)
        if not field.prose.see_below:
            # An object without members is incomplete; an array may contain anything.
            if value_type.kind is Kind.OBJECT:
                return _MISSING
            return _NOT_NEEDED
        distant = self._find_anywhere(Role.FIELD, field.name, file)
        if distant is None:
            return _MISSING
        return LookupResult(Outcome.ELSEWHERE, distant)

    def _match_name(
        self,
        field: Field,
        name: str,
        section: int,
    ) -> LookupResult | None:
        match = self._matcher.match_name(field, name, section)
        if match is None:
            return None
        return LookupResult(
            Outcome.GUESSED,
            match.structure,
            match.reason,
            match.template_field,
        )

    def iter_structures(self) -> Iterator[tuple[Structure, int]]:
        """Yield each structure of responses with its section.

        Per document: the envelopes, the common response, then the other structures. A structure
        that several operations share is yielded for each of them.
        """
        for document in self._facts.documents:
            for operation in document.operations:
                if isinstance(operation.response, Structure):
                    yield operation.response, operation.section
            if document.common:
                yield document.common, document.common.section
            for structure in document.structures:
                yield structure, structure.section


def _is_scalar(value_type: TypeExpr) -> bool:
    """Return whether a type is a scalar, or an array of scalars."""
    if value_type.kind is Kind.ARRAY and value_type.item:
        return value_type.item.kind in _SCALARS
    return value_type.kind in _SCALARS


def iter_fields(fields: Iterable[Field]) -> Iterator[Field]:
    """Yield each field, followed by the fields that are defined inside it."""
    for field in fields:
        yield field
        yield from iter_fields((field.type.item or field.type).fields)
