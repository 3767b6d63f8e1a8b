"""Sections → facts: what each document says of its operations and structures."""

from __future__ import annotations

import re

from understudy.derive.facts.derivation_model import Document, Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import DocumentFacts, Operation, Origin, Statement
from understudy.derive.facts.names import erase_parameter_names
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.vocabulary import GENERIC_TITLE_TERMS
from understudy.derive.markdown.blocks import read_blocks
from understudy.derive.markdown.sections import Section, iter_text_lines, split_sections
from understudy.derive.reader.section_reader import SectionReader


def read_document(document: Document) -> DocumentFacts:
    """Read all that one document says. Any text can be read; what cannot be understood is an anomaly with its line."""
    sections = split_sections(read_blocks(document.text))
    anomalies: list[Doubt] = []
    introduction = _introduction(sections)
    readers = [
        SectionReader(document.name, section, anomalies, section is introduction)
        for section in sections
    ]
    for reader in readers:
        reader.read()
    title, line = _title(sections, document.name)
    operations = _told_once([operation for reader in readers for operation in reader.operations()])
    groups = _read_groups(readers, operations, anomalies, document.name)
    commons = [reader.common_response for reader in readers if reader.common_response]
    return DocumentFacts(
        document.name,
        title,
        Origin(document.name, line),
        next(("\n".join(reader.prose) for reader in readers if reader.section is introduction), ""),
        operations,
        tuple(structure for reader in readers for structure in reader.structures),
        tuple(reference for reader in readers for reference in reader.references),
        tuple(sketch for reader in readers for sketch in reader.sketches),
        tuple(
            Statement(item.line.text, Origin(document.name, item.number))
            for s in sections
            for item in iter_text_lines(s)
        ),
        groups,
        commons[0] if commons else None,
        tuple(field for reader in readers for field in reader.common_fields),
        tuple(anomalies),
    )


def _told_once(operations: list[Operation]) -> tuple[Operation, ...]:
    """Leave out what a list of operations tells when another section tells it in full."""
    full = {
        (each.method, erase_parameter_names(each.path)) for each in operations if not each.is_listed
    }
    return tuple(
        o
        for o in operations
        if not o.is_listed or (o.method, erase_parameter_names(o.path)) not in full
    )


def _read_groups(
    readers: list[SectionReader],
    operations: tuple[Operation, ...],
    anomalies: list[Doubt],
    file: str,
) -> tuple[tuple[Origin, str], ...]:
    """Give the texts under headings that group operations; tell of the texts that belong to none."""
    tags = {operation.tag_origin.line for operation in operations if operation.tag_origin}
    groups = []
    for reader in readers:
        if reader.unread_lines and reader.section.line in tags and reader.section.title:
            groups.append(
                (
                    Origin(file, reader.section.line),
                    "\n".join(item.line.text for item in reader.unread_lines),
                )
            )
        elif reader.unread_lines and operations:
            first = reader.unread_lines[0]
            what = (
                f'"{first.line.text[:60]}", and what follows it here, says nothing of an operation.'
            )
            anomalies.append(
                make_doubt("unread-text", Origin(file, first.number), what, "It is left out.")
            )
    return tuple(groups)


def _introduction(sections: list[Section]) -> Section | None:
    """Give the section below the first heading, when it tells no operation."""
    return sections[1] if len(sections) > 1 and not sections[1].has_endpoint else None


def _title(sections: list[Section], file: str) -> tuple[str, int]:
    """Take the first heading that says more than that this is a page about an API."""
    headed = [section for section in sections if section.title and not section.has_endpoint]
    for section in headed:
        if not _is_generic(section.title):
            return section.title, section.line
    return (
        (headed[0].title, headed[0].line)
        if headed
        else (file.rpartition(".")[0] or file or "API", 1)
    )


def _is_generic(title: str) -> bool:
    rest = fold(title)
    for word in GENERIC_TITLE_TERMS:
        rest = rest.replace(word, "")
    return not re.search(r"\w", rest)
