"""Sections → facts: what each section says of its operations and structures."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from understudy.derive.blocks import Code, Heading, SpanKind, Table, Unread, read_blocks
from understudy.derive.catalogue import doubt
from understudy.derive.facts import (
    DocumentFacts,
    Operation,
    Origin,
    Reference,
    Role,
    Sketch,
    Statement,
    Structure,
)
from understudy.derive.reading import Label, fold, read_header, same_title, says_same, strip_number
from understudy.derive.sections import Labelled, Section, lines_of, split_sections
from understudy.derive.tables import Place, read_drawing, read_table
from understudy.derive.values import Document, Doubt
from understudy.derive.words import GENERIC_TITLE, Column

_NOTHING = re.compile(r"无[。.]?|(?i:none\.?)")


def read_document(document: Document) -> DocumentFacts:
    """Read all that one document says. Any text can be read; what cannot be understood is an anomaly with its line."""
    sections = split_sections(read_blocks(document.text))
    anomalies: list[Doubt] = []
    readers = [_SectionReader(document.name, section, anomalies) for section in sections]
    for reader in readers:
        reader.read()
    title, line = _title(sections, document.name)
    return DocumentFacts(
        document.name,
        title,
        Origin(document.name, line),
        "\n".join(readers[1].prose) if len(readers) > 1 and not sections[1].endpoints else "",
        tuple(operation for reader in readers for operation in reader.operations()),
        tuple(structure for reader in readers for structure in reader.structures),
        tuple(reference for reader in readers for reference in reader.references),
        tuple(sketch for reader in readers for sketch in reader.sketches),
        tuple(Statement(item.line.text, Origin(document.name, item.number)) for s in sections for item in lines_of(s)),
        tuple(anomalies),
    )


def _title(sections: list[Section], file: str) -> tuple[str, int]:
    """Take the first heading that says more than that this is a page about an API."""
    headed = [section for section in sections if section.title and not section.endpoints]
    for section in headed:
        if not _is_generic(section.title):
            return section.title, section.line
    return (headed[0].title, headed[0].line) if headed else (file.rpartition(".")[0] or file or "API", 1)


def _is_generic(title: str) -> bool:
    rest = fold(title)
    for word in GENERIC_TITLE:
        rest = rest.replace(word, "")
    return not re.search(r"\w", rest)


@dataclass(slots=True)
class _SectionReader:
    """Reads one section from top to bottom; the last label says what a table or code block is."""

    file: str
    section: Section
    anomalies: list[Doubt]
    structures: list[Structure] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    sketches: list[Sketch] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    _requests: list[Structure] = field(default_factory=list)
    _response: Structure | Reference | None = None
    _description: list[str] = field(default_factory=list)
    _permission: str = ""
    _label: Label | None = None
    _words: str = ""
    _line: int = 0
    _taken: int = 0
    """The line of the label or table that last told a structure: it tells one only."""

    def read(self) -> None:
        """Read every block."""
        for item in self.section.content:
            match item:
                case Labelled():
                    self._read_line(item)
                case Table():
                    self._read_table(item)
                case Code():
                    self._read_code(item)
                case Unread():
                    self._unread(item.line, item.what)

    def operations(self) -> Iterable[Operation]:
        """Give an operation for each endpoint that the section holds."""
        endpoints = [item for item in self.section.endpoints if self._whole(item)]
        for item in endpoints:
            assert item.endpoint is not None  # noqa: S101 - _whole has looked
            yield self._operation(item, item.endpoint.method, item.endpoint.path, several=len(endpoints) > 1)

    def _operation(self, item: Labelled, method: str, path: str, *, several: bool) -> Operation:
        section = self.section
        tag = _nearest_group(section.above)
        own = item.head if several and item.label is None else ""
        title = " ".join(word for word in (section.title, own) if word) or f"{method} {path}"
        return Operation(
            method,
            path.partition("?")[0],
            Origin(self.file, item.number),
            title,
            Origin(self.file, section.line if section.title else item.number),
            section.number,
            strip_number(tag.content.text) if tag else "",
            Origin(self.file, tag.content.line) if tag else None,
            "\n".join(self._description),
            self._permission,
            tuple(self._requests),
            self._response,
        )

    def _whole(self, item: Labelled) -> bool:
        path = item.endpoint.path.partition("?")[0] if item.endpoint else ""
        bare = re.sub(r"\{[A-Za-z_][\w.\-]*\}", "", path)
        return not re.search(r"[{}<>\s\\\"^`|]|[^\x21-\x7e]", bare)

    def _read_line(self, item: Labelled) -> None:
        if item.endpoint:
            self._label = None
            if not self._whole(item):
                what = f'The path "{item.endpoint.path}" is no URL template.'
                self._tell("broken-path", item.number, what, "The operation is left out.")
        elif item.head:
            self._read_label(item)
        elif item.rest:
            self._read_text(item)

    def _read_label(self, item: Labelled) -> None:
        self._label, self._words, self._line = item.label, item.head, item.number
        if item.label is None:
            self.prose.append(item.line.text)
            self._text_unread(item)
        elif item.rest:
            self._read_text(Labelled(item.line, item.label, "", item.rest))

    def _read_text(self, item: Labelled) -> None:
        role = self._label.role if self._label else None
        if item.rest.startswith("|"):
            self._text_unread(item)
        elif role is Role.DESCRIPTION:
            self._description.append(item.rest)
        elif role is Role.CONSTRAINT:
            self._read_constraint(item)
        elif role in (Role.RESPONSE, Role.STRUCTURE, Role.FIELD) and says_same(item.rest):
            self._refer(item)
        elif not _NOTHING.fullmatch(item.rest):
            self.prose.append(item.line.text)
            self._text_unread(item)

    def _read_constraint(self, item: Labelled) -> None:
        """Read the permission: a constant, set as code or with an underscore."""
        codes = (span.text for span in item.line.spans if span.kind is SpanKind.CODE)
        constants = [code for code in codes if re.fullmatch(r"[A-Z][A-Z0-9_]*", code)]
        constants += re.findall(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+", item.rest)
        if constants:
            self._permission = self._permission or constants[0]
        elif not _NOTHING.fullmatch(item.rest):
            self._text_unread(item)

    def _refer(self, item: Labelled) -> None:
        strong = [span.text for span in item.line.spans if span.kind is SpanKind.STRONG and span.text in item.rest]
        title = strong[-1] if strong else same_title(item.rest)
        name = self._label.name if self._label else ""
        reference = Reference(title, name, item.rest, Origin(self.file, item.number), self.section.number)
        if name:
            self.references.append(reference)
        elif self._response is None:
            self._response = reference

    def _text_unread(self, item: Labelled) -> None:
        if re.match(r"\s*\|", item.line.text) or item.line.text.count("|") > 2:
            what = "This looks like a table, but its header and the line of dashes below it do not make one."
            self._tell("broken-table", item.number, what, "The line is left out.")
        elif self.section.endpoints:
            self._tell("unread-text", item.number, f'"{item.line.text[:60]}" is not read.', "It is left out.")

    def _read_table(self, table: Table) -> None:
        label, words, line = self._label, self._words, self._line
        if label is None or label.role not in (Role.REQUEST, Role.RESPONSE, Role.STRUCTURE, Role.FIELD):
            label, words, line = self._guess(table), "", table.line
        elif line == self._taken:  # a second table under one label
            line = table.line
        if label is None:
            self._unread(table.line, "a table that no label announces")
            return
        structure = read_table(table, self._place(label, words, line))
        if structure:
            self._taken = line
            self._keep(structure)

    def _guess(self, table: Table) -> Label | None:
        """Take a table without a label, with a column for required and below an endpoint, as one of parameters."""
        columns = read_header(table.header)
        if self.section.endpoints and Column.NAME in columns and Column.REQUIRED in columns:
            return Label(Role.REQUEST)
        return None

    def _read_code(self, code: Code) -> None:
        if not code.closed:
            self._tell("unclosed-fence", code.opened, "The code block is not closed.", "It ends where the text ends.")
        label = self._label
        if label is None or label.role not in (Role.RESPONSE, Role.STRUCTURE, Role.FIELD):
            self._unread(code.line, "a code block that is no sketch of a structure")
            return
        line = code.line if self._line == self._taken else self._line
        structure, sketch = read_drawing(code, self._place(label, self._words, line))
        self.sketches.append(sketch)
        if structure:
            self._taken = line
            self._keep(structure)

    def _place(self, label: Label, words: str, line: int) -> Place:
        return Place(self.file, self.section.number, label, words, line, self.anomalies.append)

    def _keep(self, structure: Structure) -> None:
        if structure.role is Role.REQUEST:
            self._requests.append(structure)
        elif structure.role is not Role.RESPONSE:
            self.structures.append(structure)
        elif self._response is None:
            self._response = structure
        else:
            self._unread(structure.origin.line, "a second structure of the response")

    def _unread(self, line: int, what: str) -> None:
        self._tell("unread-construct", line, f"There is {what}.", "It is left out.")

    def _tell(self, rule: str, line: int, what: str, decision: str) -> None:
        self.anomalies.append(doubt(rule, Origin(self.file, line), what, decision))


def _nearest_group(above: tuple[Heading, ...]) -> Heading | None:
    """Give the heading that groups operations: the nearest above, but not the page's own title."""
    return above[-1] if above and (above[-1].level > 1 or len(above) > 1) else None
