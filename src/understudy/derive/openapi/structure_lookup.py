"""Which structure a field, a type or a reference means; looked up in its section, its document, then the others."""

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
)
from understudy.derive.lexicon.labels import fold
from understudy.derive.openapi.name_matching import NameMatcher


class Outcome(Enum):
    """How a structure was found."""

    EXACT = "plain"
    ELSEWHERE = "earlier"
    """见下表, but no table of that name follows in the section: the one told elsewhere is used."""
    MISSING = "missing"
    """The document promises a structure that is not there."""
    GUESSED = "guessed"
    """The structure has another name than the one that is asked for, or none."""
    NOT_NEEDED = "none"
    """The field's type needs no structure."""


@dataclass(frozen=True, slots=True)
class LookupResult:
    """The outcome of a look-up."""

    outcome: Outcome
    structure: Structure | None = None
    reason: str = ""
    """Why it was guessed, as the end of a sentence."""
    template_field: Field | None = None
    """The field whose fields are meant, when no structure of a name is."""


_PLAIN = (Kind.STRING, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN)
_NOTHING = LookupResult(Outcome.NOT_NEEDED)
_MISSING = LookupResult(Outcome.MISSING)


class StructureLookup:
    """Looks structures up by name, field and reference. Reading it changes nothing."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._structures: dict[tuple[Role, str], list[Structure]] = {}
        self._references: dict[tuple[str, int, str], Reference] = {}
        self._titles: dict[str, list[tuple[str, Operation]]] = {}
        self._commons = {document.file: document.common for document in facts.documents}
        self._guesser = NameMatcher(facts)
        self._found: dict[tuple[Origin, str, int], list[tuple[Field, LookupResult]]] = {}
        for document in facts.documents:
            self._index(document)

    def _index(self, document: DocumentFacts) -> None:
        for structure in document.structures:
            self._structures.setdefault((structure.role, structure.name), []).append(structure)
        for reference in document.references:
            self._references.setdefault(
                (reference.origin.file, reference.section, reference.structure), reference
            )
        for operation in document.operations:
            self._titles.setdefault(fold(operation.title), []).append((document.file, operation))

    def find_operation(self, reference: Reference) -> Operation | None:
        """Give the operation whose title a reference names: of the same document, if it has one."""
        found = self._titles.get(fold(reference.title), [])
        own = [operation for file, operation in found if file == reference.origin.file]
        return next(iter(own or [operation for _, operation in found]), None)

    def find_response(self, operation: Operation) -> Structure | None:
        """Give the structure of an operation's response, through any references; None when they lead nowhere."""
        current, seen = operation.response, set[Reference]()
        while isinstance(current, Reference):
            if current in seen:
                return None
            seen.add(current)
            target = self.find_operation(current)
            current = target.response if target else None
        if isinstance(current, Structure):
            return current
        return self.find_common_response(operation) if operation.response is None else None

    def find_common_response(self, operation: Operation) -> Structure | None:
        """Give what a document says that all its operations return."""
        return self._commons.get(operation.origin.file)

    def find_text_response(self, operation: Operation) -> TextResponse | None:
        """Give the words that tell an operation's response, through any references."""
        current, seen = operation.response, set[Reference]()
        while isinstance(current, Reference) and current not in seen:
            seen.add(current)
            target = self.find_operation(current)
            current = target.response if target else None
        return current if isinstance(current, TextResponse) else None

    def find_structure(self, name: str, file: str, section: int) -> Structure | None:
        """Give the structure of a name, as the section means it."""
        own = self._own(Role.STRUCTURE, name, file, section)
        if own:
            return own
        reference, seen = self._references.get((file, section, name)), set[Reference]()
        while reference and reference not in seen:
            seen.add(reference)
            target = self.find_operation(reference)
            if target is None:
                break
            own = self._own(Role.STRUCTURE, name, target.origin.file, target.section)
            if own:
                return own
            reference = self._references.get((target.origin.file, target.section, name))
        return self._anywhere(Role.STRUCTURE, name, file)

    def _own(self, role: Role, name: str, file: str, section: int) -> Structure | None:
        """Prefer the section's own structure."""
        for structure in self._structures.get((role, name), ()):
            if structure.origin.file == file and structure.section == section:
                return structure
        return None

    def _anywhere(self, role: Role, name: str, file: str) -> Structure | None:
        found = self._structures.get((role, name), [])
        own = [structure for structure in found if structure.origin.file == file]
        return next(iter(own or found), None)

    def find_for_field(self, field: Field, section: int) -> LookupResult:
        """Give the structure of a field's value, or of its items."""
        kind = field.type.kind
        if kind in _PLAIN or (
            kind is Kind.ARRAY and field.type.item and field.type.item.kind in _PLAIN
        ):
            return _NOTHING
        known = self._found.setdefault((field.origin, field.name, section), [])
        for same, found in known:
            if same is field:
                return found
        known.append((field, self._look_up(field, section)))
        return known[-1][1]

    def _look_up(self, field: Field, section: int) -> LookupResult:
        kind = field.type.item or field.type
        file = field.origin.file
        if kind.fields:
            twin = self._guesser.find_twin(kind.fields, file, section)
            reason = "it stands in the same section and has the same fields"
            return LookupResult(Outcome.GUESSED, twin, reason) if twin else _NOTHING
        if kind.kind is Kind.ANY and kind.name:
            return self._guess(field, kind.name, section) or _NOTHING
        if kind.kind not in (Kind.OBJECT, Kind.NAMED) and not _open_array(field):
            return _NOTHING
        name = kind.name if kind.kind is Kind.NAMED else field.prose.structure
        if name:
            structure = self.find_structure(name, file, section)
            return (
                LookupResult(Outcome.EXACT, structure)
                if structure
                else self._guess(field, name, section) or _MISSING
            )
        own = self._own(Role.FIELD, field.name, file, section)
        if own:
            return LookupResult(Outcome.EXACT, own)
        if not field.prose.see_below:
            return _MISSING if kind.kind is Kind.OBJECT else _NOTHING
        earlier = self._anywhere(Role.FIELD, field.name, file)
        return LookupResult(Outcome.ELSEWHERE, earlier) if earlier else _MISSING

    def _guess(self, field: Field, name: str, section: int) -> LookupResult | None:
        guess = self._guesser.match_name(field, name, section)
        return (
            LookupResult(Outcome.GUESSED, guess.structure, guess.reason, guess.template_field)
            if guess
            else None
        )

    def iter_structures(self) -> Iterator[tuple[Structure, int]]:
        """Give each structure that tells fields of responses, with its section: envelopes and named ones."""
        for document in self._facts.documents:
            for operation in document.operations:
                if isinstance(operation.response, Structure):
                    yield operation.response, operation.section
            if document.common:
                yield document.common, document.common.section
            yield from ((structure, structure.section) for structure in document.structures)


def _open_array(field: Field) -> bool:
    return field.type.kind is Kind.ARRAY and field.type.item is None


def iter_fields(fields: Iterable[Field]) -> Iterator[Field]:
    """Give fields and, after each, those written out inside it."""
    for field in fields:
        yield field
        yield from iter_fields((field.type.item or field.type).fields)
