"""One section → facts: the last label says what a line, table or code block is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import (
    Field,
    Operation,
    Origin,
    Reference,
    Role,
    Sample,
    Sketch,
    Structure,
    TextResponse,
)
from understudy.derive.lexicon.cell_parser import read_header
from understudy.derive.lexicon.labels import (
    Label,
    announces_common_response,
    find_location,
    find_referenced_title,
    fold,
    is_reference_text,
    read_label,
    strip_number,
)
from understudy.derive.lexicon.vocabulary import PLAIN_TEXT, Column
from understudy.derive.markdown.blocks import Code, Heading, Table, UnreadConstruct, UnwrappedFence
from understudy.derive.markdown.endpoints import is_path_template
from understudy.derive.markdown.inline import SpanKind
from understudy.derive.markdown.sections import LabelledLine, Section
from understudy.derive.reader.example_reader import ExampleReader
from understudy.derive.reader.field_lines import read_field_line
from understudy.derive.reader.inference import infer_from_examples
from understudy.derive.reader.structure_tables import (
    StructureContext,
    read_sketch_block,
    read_table,
)

_NOTHING = re.compile(r"无[。.]?|(?i:none\.?)")


@dataclass(slots=True)
class SectionReader:
    """Reads one section from top to bottom."""

    file: str
    section: Section
    anomalies: list[Doubt]
    is_introduction: bool = False
    structures: list[Structure] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    sketches: list[Sketch] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    common_response: Structure | None = None
    common_fields: list[Field] = field(default_factory=list)
    unread_lines: list[LabelledLine] = field(default_factory=list)
    """Lines that say nothing of an operation, in a section that tells none."""
    _requests: list[Structure] = field(default_factory=list)
    _response: Structure | Reference | TextResponse | None = None
    _description: list[str] = field(default_factory=list)
    _permission: str = ""
    _examples: ExampleReader = field(init=False)
    _label: Label | None = None
    _words: str = ""
    _line: int = 0
    _taken: int = 0
    """The line of the label or table that last told a structure: it tells one only."""
    _in_response: bool = False
    _listed: list[Field] = field(default_factory=list)
    """Fields that lines below the last label tell."""

    def __post_init__(self) -> None:
        self._examples = ExampleReader(self.file, self._tell)

    def read(self) -> None:
        """Read every block."""
        for item in self.section.content:
            match item:
                case LabelledLine():
                    self._read_line(item)
                case Table():
                    self._close_list()
                    self._read_table(item)
                case Code():
                    self._close_list()
                    self._read_code(item)
                case UnreadConstruct():
                    self._tell(
                        "unread-construct", item.line, f"There is {item.construct}.", item.decision
                    )
                case UnwrappedFence():
                    self._read_unwrapped(item)
        self._close_list()
        self._tell_lone()

    def operations(self) -> Iterable[Operation]:
        """Give an operation for each endpoint that the section holds."""
        endpoints = [
            item
            for item in self.section.endpoints
            if item.endpoint and is_path_template(item.endpoint.path)
        ]
        made = [self._operation(item, several=len(endpoints) > 1) for item in endpoints]
        yield from (
            infer_from_examples(self._examples.add_examples_to(operation, made), self._tell)
            for operation in made
        )

    def _operation(self, item: LabelledLine, *, several: bool) -> Operation:
        assert item.endpoint is not None  # noqa: S101 - operations() has looked
        section, method, path = self.section, item.endpoint.method, item.endpoint.path
        tag = _nearest_group(section.parent_headings)
        own = item.title or (item.head if several and item.label is None else "")
        told = (
            own
            if own and item.is_listed
            else " ".join(word for word in (section.title, own) if word)
        )
        origin = Origin(self.file, item.number)
        pairs = (piece.partition("=") for piece in item.endpoint.query.split("&") if piece)
        return Operation(
            method,
            path,
            origin,
            told or f"{method} {path}",
            Origin(self.file, section.line if section.title else item.number),
            section.number,
            strip_number(tag.content.text) if tag else "",
            Origin(self.file, tag.content.line) if tag else None,
            "\n".join(self._description),
            self._permission,
            tuple(self._requests),
            self._response,
            samples=tuple(Sample(name, value, origin, is_in_path=True) for name, _, value in pairs),
            is_listed=item.is_listed,
        )

    def _read_line(self, item: LabelledLine) -> None:
        if item.endpoint:
            self._close_list()
            self._label, self._in_response = None, False
            if not is_path_template(item.endpoint.path):
                what = f'The path "{item.endpoint.path}" is no URL template.'
                self._tell("broken-path", item.number, what, "The operation is left out.")
        elif announces_common_response(item.line.text) and (
            item.label is None or item.label.role is Role.RESPONSE
        ):
            self._close_list()
            self._label, self._words, self._line = (
                Label(Role.RESPONSE, is_common=True),
                item.line.text,
                item.number,
            )
        elif item.head:
            self._read_label(item)
        elif item.rest:
            self._read_text(item)

    def _read_label(self, item: LabelledLine) -> None:
        fields = (
            read_field_line(item.line, self.file, self._location()) if item.label is None else ()
        )
        if fields and self._takes_fields():
            self._listed += fields
            return
        self._close_list()
        self._label, self._words, self._line = item.label, item.head, item.number
        if item.label is None:
            self.prose.append(item.line.text)
            self._text_unread(item)
            return
        self._in_response = item.label.role in (Role.RESPONSE, Role.MEDIA)
        if item.rest:
            self._read_text(LabelledLine(item.line, item.label, "", item.rest))

    def _read_text(self, item: LabelledLine) -> None:
        role = self._label.role if self._label else None
        if item.rest.startswith("|"):
            self._text_unread(item)
        elif self._takes_fields() and (
            fields := read_field_line(item.line, self.file, self._location())
        ):
            self._listed += fields
        elif role is Role.DESCRIPTION:
            self._description.append(item.rest)
        elif role is Role.CONSTRAINT:
            self._read_constraint(item)
        elif role in (Role.RESPONSE, Role.STRUCTURE, Role.FIELD) and is_reference_text(item.rest):
            self._refer(item)
        elif self._in_response and self._says_text(item):
            self._add_words(item)
        elif not _NOTHING.fullmatch(item.rest) and not (
            role is Role.MEDIA and "json" in fold(item.rest)
        ):
            self.prose.append(item.line.text)
            self._text_unread(item)

    def _takes_fields(self) -> bool:
        role = self._label.role if self._label else None
        return (
            role in (Role.REQUEST, Role.RESPONSE, Role.STRUCTURE, Role.FIELD)
            or not self.section.has_endpoint
        )

    def _location(self) -> str:
        told = self._label.location if self._label else ""
        titled = re.search(r"参数|(?i:parameters?|params)", self.section.title)
        return told or (
            find_location(fold(self.section.title))
            if titled and not self.section.has_endpoint
            else ""
        )

    def _close_list(self) -> None:
        """Make a structure of the fields that lines below a label told."""
        if not self._listed:
            return
        fields = tuple(self._listed)
        self._listed.clear()
        label = self._label
        if not self.section.has_endpoint and (
            label is None or label.role not in (Role.STRUCTURE, Role.FIELD)
        ):
            self.common_fields += fields
            return
        label = label or Label(Role.REQUEST)
        told = any(each.required is not None for each in fields)
        origin = Origin(self.file, self._line or fields[0].origin.line)
        self._keep(
            Structure(
                label.role, label.name, fields, origin, self.section.number, self._words, told
            )
        )

    def _says_text(self, item: LabelledLine) -> bool:
        words = item.rest.lower()
        return isinstance(self._response, TextResponse) or (
            self._response is None
            and self.section.has_endpoint
            and any(word in words for word in PLAIN_TEXT)
        )

    def _add_words(self, item: LabelledLine) -> None:
        told = self._response
        if isinstance(told, TextResponse):
            self._response = replace(told, text=f"{told.text}\n{item.line.text}")
        else:
            self._response = TextResponse(item.rest, Origin(self.file, item.number))

    def _read_constraint(self, item: LabelledLine) -> None:
        """Read the permission: a constant, set as code or with an underscore."""
        codes = (span.text for span in item.line.spans if span.kind is SpanKind.CODE)
        constants = [code for code in codes if re.fullmatch(r"[A-Z][A-Z0-9_]*", code)]
        constants += re.findall(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+", item.rest)
        if constants:
            self._permission = self._permission or constants[0]
        elif not _NOTHING.fullmatch(item.rest):
            self._text_unread(item)

    def _refer(self, item: LabelledLine) -> None:
        strong = [
            span.text
            for span in item.line.spans
            if span.kind is SpanKind.STRONG and span.text in item.rest
        ]
        title = strong[-1] if strong else find_referenced_title(item.rest)
        name = self._label.name if self._label else ""
        reference = Reference(
            title, name, item.rest, Origin(self.file, item.number), self.section.number
        )
        if name:
            self.references.append(reference)
        elif self._response is None:
            self._response = reference

    def _text_unread(self, item: LabelledLine) -> None:
        if re.match(r"\s*\|", item.line.text) or item.line.text.count("|") > 2:
            what = "This looks like a table, but its header and the line of dashes below it do not make one."
            self._tell("broken-table", item.number, what, "The line is left out.")
        elif self._in_response and isinstance(self._response, TextResponse):
            self._add_words(item)
        elif self.section.has_endpoint:
            self._tell(
                "unread-text",
                item.number,
                f'"{item.line.text[:60]}" is not read.',
                "It is left out.",
            )
        elif not self.is_introduction:
            self.unread_lines.append(item)

    def _read_table(self, table: Table) -> None:
        label, words, line = self._label, self._words, self._line
        if label is None or label.role not in (
            Role.REQUEST,
            Role.RESPONSE,
            Role.STRUCTURE,
            Role.FIELD,
        ):
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
        if Column.NAME not in columns:
            return None
        if self.section.has_endpoint and Column.REQUIRED in columns:
            return Label(Role.REQUEST)
        titled = read_label(self.section.title)
        return (
            titled
            if titled and titled.role is Role.STRUCTURE and not self.section.has_endpoint
            else None
        )

    def _read_code(self, code: Code) -> None:
        if not code.is_closed:
            self._tell(
                "unclosed-fence",
                code.opening_line,
                "The code block is not closed.",
                "It ends where the text ends.",
            )
        label = self._label
        if self._examples.take(code, label, self._response, is_told=self.section.has_endpoint):
            return
        if label is None or label.role not in (
            Role.REQUEST,
            Role.RESPONSE,
            Role.STRUCTURE,
            Role.FIELD,
        ):
            self._unread(code.line, "a code block that is no sketch of a structure")
            return
        line = code.line if self._line == self._taken else self._line
        structure, sketch = read_sketch_block(code, self._place(label, self._words, line))
        self.sketches.append(sketch)
        if structure:
            self._taken = line
            self._keep(structure)

    def _place(self, label: Label, words: str, line: int) -> StructureContext:
        return StructureContext(
            self.file, self.section.number, label, words, line, self.anomalies.append
        )

    def _keep(self, structure: Structure) -> None:
        is_told = self.section.has_endpoint
        shared = bool(self._label and self._label.is_common) or _is_common(self.section)
        if structure.role is Role.REQUEST and is_told:
            self._requests.append(structure)
        elif structure.role is Role.REQUEST:
            self.common_fields += structure.fields
            if any(each.location != "path" for each in structure.fields):
                self._unread(
                    structure.origin.line, "a table of parameters that belongs to no operation"
                )
        elif structure.role is not Role.RESPONSE:
            self.structures.append(structure)
        elif shared and self.common_response is None:
            self.common_response = structure
        elif is_told and (self._response is None or isinstance(self._response, TextResponse)):
            self._response = structure
        else:
            self._unread(
                structure.origin.line,
                "a second structure of the response" if is_told else "a response of no operation",
            )

    def _read_unwrapped(self, item: UnwrappedFence) -> None:
        what = "A fence makes code of Markdown here."
        self._tell(
            "markdown-in-fence",
            item.line,
            what,
            "What is inside is read as if the fence were not there.",
        )
        if not item.is_closed:
            self._tell(
                "unclosed-fence",
                item.line,
                "The code block is not closed.",
                "It ends where the text ends.",
            )

    def _tell_lone(self) -> None:
        for line, text, role in self.section.unpaired:
            if role is Role.METHOD:
                what = f'The method "{text}" has no path.'
                self._tell("path-not-told", line, what, "The operation is left out.")
            else:
                what = f'The path "{text[:80]}" has no method.'
                self._tell("method-not-told", line, what, "The operation is left out.")

    def _unread(self, line: int, what: str) -> None:
        self._tell("unread-construct", line, f"There is {what}.", "It is left out.")

    def _tell(self, rule: str, line: int, what: str, decision: str) -> None:
        self.anomalies.append(make_doubt(rule, Origin(self.file, line), what, decision))


def _is_common(section: Section) -> bool:
    label = read_label(section.title)
    return not section.has_endpoint and label is not None and label.is_common


def _nearest_group(above: tuple[Heading, ...]) -> Heading | None:
    """Give the heading that groups operations: the nearest above, but not the page's own title."""
    return above[-1] if above and (above[-1].level > 1 or len(above) > 1) else None
