"""Structures that have another name than the one by which fields refer to them.

Example: fields refer to `Region`, the document's table is called 区域数据结构.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from understudy.derive.facts.facts import DocumentFacts, Facts, Field, Kind, Role, Structure
from understudy.derive.facts.names import to_pascal_case, to_singular
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.word_lists import ENTITY_NOUNS
from understudy.derive.reader.pseudo_json_fields import has_chinese

_SectionKey = tuple[str, int]
"""File and number of a section."""
_WordKey = tuple[str, str]
"""File, and a word or the name of a field."""


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A likely meaning of a name."""

    structure: Structure | None
    reason: str
    """Why this meaning is likely; it ends a sentence of the ledger."""
    template_field: Field | None = None
    """The field that has the same members, when there is no structure."""


class NameMatcher:
    """Matches names to structures by spelling, lexicon, path, section and fields."""

    def __init__(self, facts: Facts) -> None:
        self._by_section: dict[_SectionKey, list[Structure]] = {}
        self._by_word: dict[_WordKey, tuple[Structure, str]] = {}
        self._fields_with_members: dict[_WordKey, Field] = {}
        for document in facts.documents:
            self._index_document(document)

    def _index_document(self, document: DocumentFacts) -> None:
        """Index the structures of a document, then its fields with members."""
        paths: dict[int, str] = {}
        for operation in document.operations:
            paths.setdefault(operation.section, operation.path)
        for structure in document.structures:
            if structure.role is Role.STRUCTURE:
                self._index_structure(structure, paths.get(structure.section, ""))
        for structure in _list_response_structures(document):
            self._index_fields(structure.fields)

    def _index_structure(self, structure: Structure, path: str) -> None:
        """Index a structure by every word that may mean it; `path` is that of its section."""
        self._add_word(fold(structure.name), structure, "only case or spaces differ")
        # A structure with an English name is called by that name.
        if not has_chinese(structure.name):
            return
        key = (structure.origin.file, structure.section)
        self._by_section.setdefault(key, []).append(structure)
        resource = name_resource(path)
        if resource:
            reason = f"the path of its section ends in that name: {path}"
            self._add_word(fold(resource), structure, reason)
        for word in _translate(structure.name):
            reason = f"{structure.name} means {word} in English"
            self._add_word(word, structure, reason)

    def _add_word(
        self,
        word: str,
        structure: Structure,
        reason: str,
    ) -> None:
        """Add a meaning of a word within a document; the first one stays."""
        key = (structure.origin.file, word)
        self._by_word.setdefault(key, (structure, reason))

    def _index_fields(self, fields: tuple[Field, ...]) -> None:
        """Index the fields that have members of their own, at any depth."""
        for field in fields:
            members = (field.type.item or field.type).fields
            if not members:
                continue
            key = (field.origin.file, field.name)
            self._fields_with_members.setdefault(key, field)
            self._index_fields(members)

    def find_twin(
        self,
        fields: tuple[Field, ...],
        file: str,
        section: int,
    ) -> Structure | None:
        """Return the structure of a section that has a Chinese name and exactly these fields."""
        names = {field.name for field in fields}
        for structure in self._by_section.get((file, section), ()):
            structure_names = {field.name for field in structure.fields}
            if structure_names == names:
                return structure
        return None

    def match_name(
        self,
        field: Field,
        name: str,
        section: int,
    ) -> NameMatch | None:
        """Return the likely meaning of a name that no structure has, or None."""
        file = field.origin.file
        # From the most to the least certain meaning.
        known = self._by_word.get((file, fold(name)))
        if known:
            structure, reason = known
            return NameMatch(structure, reason)
        if has_chinese(name):
            return self._match_chinese(field, name)
        in_section = self._by_section.get((file, section), [])
        if len(in_section) == 1:
            return NameMatch(in_section[0], "it is the only structure of its section")
        return None

    def _match_chinese(self, field: Field, name: str) -> NameMatch | None:
        """Match a Chinese type name: a structure that begins it, or a field of the same name."""
        file = field.origin.file
        folded = fold(name)
        for (known_file, word), (structure, _) in self._by_word.items():
            if known_file != file or not has_chinese(word):
                continue
            # 区域数据结构列表 means a list of 区域数据结构.
            if folded.startswith(word):
                return NameMatch(structure, f"{name} begins with {structure.name}")
        template = self._fields_with_members.get((file, field.name))
        if template is None:
            return None
        # The members of an array's items say nothing about an object, and vice versa.
        is_array = field.type.kind is Kind.ARRAY
        template_is_array = template.type.kind is Kind.ARRAY
        if is_array != template_is_array:
            return None
        reason = f'the fields of "{field.name}" are documented on line {template.origin.line}'
        return NameMatch(None, reason, template)


def _list_response_structures(document: DocumentFacts) -> Iterator[Structure]:
    """Yield the envelopes of a document, then its other structures."""
    for operation in document.operations:
        if isinstance(operation.response, Structure):
            yield operation.response
    yield from document.structures


def name_resource(path: str) -> str:
    """Return the type name of the last path segment without a parameter, or "".

    `/compute/hostTypes` gives `HostType`.
    """
    for segment in reversed(path.split("/")):
        if segment and "{" not in segment:
            return to_pascal_case(to_singular(segment))
    return ""


def _translate(name: str) -> tuple[str, ...]:
    """Return the English words for a Chinese noun, or () when the lexicon does not have it."""
    for noun, translations in ENTITY_NOUNS:
        if noun == name:
            return translations
    return ()


def build_english_name(structure: Structure, path: str) -> str:
    """Return an English name for a structure with a Chinese one, or "" when nothing gives one.

    The path of its section comes first, then the lexicon.
    """
    resource = name_resource(path)
    if resource:
        return resource
    # The first translation is the usual one.
    return to_pascal_case(*_translate(structure.name)[:1])
