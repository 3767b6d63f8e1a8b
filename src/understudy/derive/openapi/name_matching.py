"""Structures told under another name than the one that fields call them by: 区域数据结构 for `Region`."""

from __future__ import annotations

from dataclasses import dataclass

from understudy.derive.facts.facts import Facts, Field, Kind, Role, Structure
from understudy.derive.facts.names import to_pascal_case, to_singular
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.word_lists import ENTITY_NOUNS
from understudy.derive.reader.pseudo_json_fields import has_chinese


@dataclass(frozen=True, slots=True)
class NameMatch:
    """What a name may mean, and why, as the end of a sentence."""

    structure: Structure | None
    reason: str
    template_field: Field | None = None


class NameMatcher:
    """Guesses structures by the lexicon, by the paths of their sections, by their place, by their fields."""

    def __init__(self, facts: Facts) -> None:
        self._by_section: dict[tuple[str, int], list[Structure]] = {}
        self._by_word: dict[tuple[str, str], tuple[Structure, str]] = {}
        self._written: dict[tuple[str, str], Field] = {}
        for document in facts.documents:
            paths = {
                operation.section: operation.path for operation in reversed(document.operations)
            }
            for structure in document.structures:
                if structure.role is Role.STRUCTURE:
                    self._index(structure, paths.get(structure.section, ""))
            for whole in (
                *(operation.response for operation in document.operations),
                *document.structures,
            ):
                if isinstance(whole, Structure):
                    self._index_fields(whole.fields)

    def _index(self, structure: Structure, path: str) -> None:
        file = structure.origin.file
        self._by_word.setdefault(
            (file, fold(structure.name)), (structure, "only capitals or spaces differ")
        )
        if not has_chinese(structure.name):
            return
        self._by_section.setdefault((file, structure.section), []).append(structure)
        resource = name_resource(path)
        if resource:
            reason = f"the path of its section ends in that name: {path}"
            self._by_word.setdefault((file, fold(resource)), (structure, reason))
        for word in _english(structure.name):
            self._by_word.setdefault(
                (file, word), (structure, f"{structure.name} is {word} in English")
            )

    def _index_fields(self, fields: tuple[Field, ...]) -> None:
        for field in fields:
            inner = (field.type.item or field.type).fields
            if inner:
                self._written.setdefault((field.origin.file, field.name), field)
                self._index_fields(inner)

    def find_twin(self, fields: tuple[Field, ...], file: str, section: int) -> Structure | None:
        """Give the structure with a Chinese name, of the same section, that has just these fields."""
        names = {field.name for field in fields}
        for structure in self._by_section.get((file, section), ()):
            if {field.name for field in structure.fields} == names:
                return structure
        return None

    def match_name(self, field: Field, name: str, section: int) -> NameMatch | None:
        """Give what a name that no structure has may mean for a field."""
        file = field.origin.file
        found = self._by_word.get((file, fold(name)))
        if found:
            return NameMatch(*found)
        own = self._by_section.get((file, section), [])
        if len(own) == 1 and not has_chinese(name):
            return NameMatch(own[0], "it is the only structure of its section")
        if has_chinese(name):
            return self._guess_chinese(field, name)
        return None

    def _guess_chinese(self, field: Field, name: str) -> NameMatch | None:
        """Give what a type in Chinese means: a structure that the word begins with, or a field told elsewhere."""
        file = field.origin.file
        for (other, word), (structure, _) in self._by_word.items():
            if other == file and has_chinese(word) and fold(name).startswith(word):
                return NameMatch(structure, f"{name} begins with {structure.name}")
        like = self._written.get((file, field.name))
        if like is None or (like.type.kind is Kind.ARRAY) != (field.type.kind is Kind.ARRAY):
            return None
        return NameMatch(
            None, f'the fields of "{field.name}" are written out on line {like.origin.line}', like
        )


def name_resource(path: str) -> str:
    """Give the name of what the last plain segment of a path holds: `/compute/hostTypes` holds HostType."""
    plain = [segment for segment in path.split("/") if segment and "{" not in segment]
    return to_pascal_case(to_singular(plain[-1])) if plain else ""


def _english(name: str) -> tuple[str, ...]:
    return next((words for noun, words in ENTITY_NOUNS if noun == name), ())


def build_english_name(structure: Structure, path: str) -> str:
    """Give a name in English to a structure that has one in Chinese; empty when nothing tells one."""
    return name_resource(path) or to_pascal_case(*_english(structure.name)[:1])
