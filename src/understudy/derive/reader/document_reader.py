"""Sections to facts: what each document states of its operations and structures."""

from __future__ import annotations

import re

from understudy.derive.facts.derivation_model import Document, Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import DocumentFacts, Operation, Origin, Statement
from understudy.derive.facts.names import erase_parameter_names
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.vocabulary import GENERIC_TITLE_TERMS
from understudy.derive.markdown.block_scanner import read_blocks
from understudy.derive.markdown.section_splitter import split_sections
from understudy.derive.markdown.sections import LabelledLine, Section, iter_text_lines
from understudy.derive.reader.operation_builder import build_operations
from understudy.derive.reader.section_facts import SectionFacts
from understudy.derive.reader.section_reader import SectionReader

_SHOWN_LETTERS = 60
"""How many letters of an unread text a doubt shows."""


def read_document(document: Document) -> DocumentFacts:
    """Read all facts of one document.

    Any text can be read: what the reader does not understand is an anomaly with its line.
    """
    sections = split_sections(read_blocks(document.text))
    anomalies: list[Doubt] = []
    introduction = _find_introduction(sections)
    readers = []
    for section in sections:
        is_introduction = section is introduction
        reader = SectionReader(document.name, section, anomalies, is_introduction=is_introduction)
        reader.read()
        readers.append(reader)
    operations: list[Operation] = []
    for reader in readers:
        operations += build_operations(reader.facts, reader.examples)
    parts = [reader.facts for reader in readers]
    return _collect(document.name, parts, operations, anomalies)


def _collect(
    file: str, parts: list[SectionFacts], operations: list[Operation], anomalies: list[Doubt]
) -> DocumentFacts:
    """Collect the facts of the sections, each list in the order of the lines.

    Doubts about texts of no operation are found here, because only now every operation is known.
    """
    sections = [part.section for part in parts]
    title, title_line = _find_title(sections, file)
    distinct_operations = _drop_listed_twice(operations)
    groups = _read_groups(parts, distinct_operations, anomalies, file)
    commons = [part.common_response for part in parts if part.common_response]
    return DocumentFacts(
        file=file,
        title=title,
        title_origin=Origin(file, title_line),
        introduction=_read_introduction(parts),
        operations=distinct_operations,
        structures=tuple(structure for part in parts for structure in part.structures),
        references=tuple(reference for part in parts for reference in part.references),
        sketches=tuple(sketch for part in parts for sketch in part.sketches),
        statements=tuple(_read_statements(sections, file)),
        groups=groups,
        common=commons[0] if commons else None,
        common_fields=tuple(field for part in parts for field in part.common_fields),
        anomalies=tuple(anomalies),
    )


def _drop_listed_twice(operations: list[Operation]) -> tuple[Operation, ...]:
    """Drop an operation of a list of operations when another section describes it in full."""
    described = set()
    for operation in operations:
        if not operation.is_listed:
            described.add(_identify(operation))
    remaining = []
    for operation in operations:
        if not operation.is_listed or _identify(operation) not in described:
            remaining.append(operation)
    return tuple(remaining)


def _identify(operation: Operation) -> tuple[str, str]:
    """Return what two operations share when they are the same: method and path without names."""
    return operation.method, erase_parameter_names(operation.path)


def _read_statements(sections: list[Section], file: str) -> list[Statement]:
    """Return every line of text of the document, for the rules about what it states."""
    statements = []
    for section in sections:
        for item in iter_text_lines(section):
            origin = Origin(file, item.number)
            statements.append(Statement(item.line.text, origin))
    return statements


def _read_groups(
    parts: list[SectionFacts],
    operations: tuple[Operation, ...],
    anomalies: list[Doubt],
    file: str,
) -> tuple[tuple[Origin, str], ...]:
    """Return the texts below headings that group operations, and report all other texts."""
    group_lines = {operation.tag_origin.line for operation in operations if operation.tag_origin}
    groups = []
    for part in parts:
        if not part.unread_lines:
            continue
        section = part.section
        if section.title and section.line in group_lines:
            origin = Origin(file, section.line)
            texts = [item.line.text for item in part.unread_lines]
            groups.append((origin, "\n".join(texts)))
        elif operations:
            first = part.unread_lines[0]
            anomalies.append(_doubt_unread(first, file))
    return tuple(groups)


def _doubt_unread(first: LabelledLine, file: str) -> Doubt:
    """Return the doubt about a text of no operation, which begins with a line."""
    shown = first.line.text[:_SHOWN_LETTERS]
    return make_doubt(
        rule="unread-text",
        origin=Origin(file, first.number),
        finding=f'"{shown}", and the text after it, does not describe an operation.',
        decision="It is left out.",
    )


def _find_introduction(sections: list[Section]) -> Section | None:
    """Return the section below the first heading, when it holds no operation.

    The first of all sections, before any heading, is not the introduction: it has no title.
    """
    if len(sections) < 2 or sections[1].has_endpoint:
        return None
    return sections[1]


def _read_introduction(parts: list[SectionFacts]) -> str:
    """Return the lines below the page's title that describe nothing in particular."""
    introduction = _find_introduction([part.section for part in parts])
    for part in parts:
        if part.section is introduction:
            return "\n".join(part.prose)
    return ""


def _find_title(sections: list[Section], file: str) -> tuple[str, int]:
    """Return the first heading that says more than that the page is about an API, and its line.

    Without one, return the first heading; without any heading, the file's name.
    """
    titled = []
    for section in sections:
        if section.title and not section.has_endpoint:
            titled.append(section)
    for section in titled:
        if not _is_generic(section.title):
            return section.title, section.line
    if titled:
        first = titled[0]
        return first.title, first.line
    stem, _, _ = file.rpartition(".")
    return stem or file or "API", 1


def _is_generic(title: str) -> bool:
    """Check for a heading such as `API 文档`, which does not say what the API is about."""
    rest = fold(title)
    for term in GENERIC_TITLE_TERMS:
        rest = rest.replace(term, "")
    return not re.search(r"\w", rest)
