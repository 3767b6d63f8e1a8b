"""One section to facts: the last label decides what a line, table or code block is."""

from __future__ import annotations

import re
from dataclasses import replace

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.facts import Field, Reference, Role, Structure, TextResponse
from understudy.derive.lexicon.cell_parser import read_header
from understudy.derive.lexicon.labels import (
    Label,
    announces_common_response,
    find_location,
    find_referenced_title,
    fold,
    is_reference_text,
    read_label,
)
from understudy.derive.lexicon.vocabulary import PLAIN_TEXT, Column
from understudy.derive.markdown.blocks import Code, Table, UnreadConstruct, UnwrappedFence
from understudy.derive.markdown.endpoints import Endpoint, is_path_template
from understudy.derive.markdown.inline import SpanKind
from understudy.derive.markdown.sections import LabelledLine, Section
from understudy.derive.reader.example_reader import ExampleReader
from understudy.derive.reader.field_lines import read_field_line
from understudy.derive.reader.section_facts import SectionFacts
from understudy.derive.reader.structure_tables import (
    StructureContext,
    read_sketch_block,
    read_table,
)

_NONE = re.compile(r"无[。.]?|(?i:none\.?)")
"""The word none, in Chinese or English: behind a label, it means the same as no text."""
_PARAMETERS_TITLE = re.compile(r"参数|(?i:parameters?|params)")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*")
_CONSTANT_WITH_UNDERSCORE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_STRUCTURE_ROLES = (Role.REQUEST, Role.RESPONSE, Role.STRUCTURE, Role.FIELD)
"""Roles of labels that announce fields."""
_SHOWN_LETTERS = 60
"""How many letters of an unread line a doubt shows."""


class SectionReader:
    """Reads one section from top to bottom into `facts`."""

    def __init__(
        self, file: str, section: Section, doubts: list[Doubt], *, is_introduction: bool
    ) -> None:
        self.facts = SectionFacts(file, section, doubts)
        self.examples = ExampleReader(file, self.facts.report)
        self._section = section
        self._is_introduction = is_introduction
        self._label: Label | None = None
        """The last label; None after an unknown label, or after an endpoint."""
        self._label_text = ""
        self._label_line = 0
        self._structure_line = 0
        """The line that the last structure was given.

        If it equals `_label_line`, the label is already used, and the next structure gets its own
        line.
        """
        self._in_response = False
        """Whether the last label is about the response."""
        self._listed_fields: list[Field] = []
        """Fields in lines below the last label."""

    def read(self) -> None:
        """Read every item of the section."""
        for item in self._section.content:
            match item:
                case LabelledLine():
                    self._read_line(item)
                case Table():
                    self._flush_listed_fields()
                    self._read_table(item)
                case Code():
                    self._flush_listed_fields()
                    self._read_code(item)
                case UnreadConstruct(line, construct, decision):
                    finding = f"There is {construct}."
                    self.facts.report("unread-construct", line, finding, decision)
                case UnwrappedFence():
                    self.facts.report_fence(item)
        self._flush_listed_fields()
        self.facts.report_unpaired()

    # --- Lines

    def _read_line(self, item: LabelledLine) -> None:
        """Read a line of text by what stands at its head.

        The head is the text of the label, known or not; the rest is the text behind it.
        An endpoint ends the last label. A sentence about all operations is a label of its own.
        """
        if item.endpoint:
            self._read_endpoint(item, item.endpoint)
        elif _announces_common_response(item):
            self._flush_listed_fields()
            label = Label(Role.RESPONSE, is_common=True)
            self._set_label(label, item.line.text, item.number)
        elif item.head:
            self._read_label(item)
        elif item.rest:
            self._read_text(item)

    def _set_label(self, label: Label | None, text: str, line: int) -> None:
        """Set the label that decides what the following items are."""
        self._label = label
        self._label_text = text
        self._label_line = line

    def _read_endpoint(self, item: LabelledLine, endpoint: Endpoint) -> None:
        """Read a line with an endpoint, and report a path that is broken."""
        self._flush_listed_fields()
        self._label = None
        self._in_response = False
        if not is_path_template(endpoint.path):
            finding = f'The path "{endpoint.path}" is not a URL template.'
            self.facts.report("broken-path", item.number, finding, "The operation is left out.")

    def _read_label(self, item: LabelledLine) -> None:
        """Read a line with a head: a known label, the name of a field, or a text in bold.

        A head that is neither a label nor a field ends the last label, and its line is prose.
        """
        if item.label is None:
            has_fields = self._add_listed_fields(item)
            if has_fields:
                return
        self._flush_listed_fields()
        self._set_label(item.label, item.head, item.number)
        if item.label is None:
            self.facts.prose.append(item.line.text)
            self._handle_unread_line(item)
            return
        self._in_response = item.label.role in (Role.RESPONSE, Role.MEDIA)
        if item.rest:
            line_without_head = LabelledLine(item.line, item.label, "", item.rest)
            self._read_text(line_without_head)

    def _read_text(self, item: LabelledLine) -> None:
        """Read a text behind or below a label.

        The label's role decides what it is. A text that fits no role is prose, and is reported as
        not read in a section with an operation.
        """
        if item.rest.startswith("|"):
            self._handle_unread_line(item)
            return
        has_fields = self._add_listed_fields(item)
        if has_fields:
            return
        role = self._role
        if role is Role.DESCRIPTION:
            self.facts.description.append(item.rest)
        elif role is Role.CONSTRAINT:
            self._read_permission(item)
        elif _may_reuse_structure(role) and is_reference_text(item.rest):
            self._read_reference(item)
        elif self._in_response and self._describes_text(item):
            self._add_response_text(item)
        elif not _has_no_fact(role, item.rest):
            self.facts.prose.append(item.line.text)
            self._handle_unread_line(item)

    @property
    def _role(self) -> Role | None:
        """The role of the last label; None without one."""
        return self._label.role if self._label else None

    def _handle_unread_line(self, item: LabelledLine) -> None:
        """Handle a line that describes nothing known.

        It continues a plain-text response, is reported, or is collected for the reader of the
        document. In the introduction, nothing is done.
        """
        text = item.line.text
        if text.lstrip().startswith("|") or text.count("|") > 2:
            finding = (
                "This looks like a table, but its header and the dashes below it do not form one."
            )
            self.facts.report("broken-table", item.number, finding, "The line is left out.")
        elif self._in_response and isinstance(self.facts.response, TextResponse):
            self._add_response_text(item)
        elif self._section.has_endpoint:
            shown = text[:_SHOWN_LETTERS]
            finding = f'"{shown}" is not read.'
            self.facts.report("unread-text", item.number, finding, "It is left out.")
        elif not self._is_introduction:
            self.facts.unread_lines.append(item)

    # --- Fields in lines

    def _add_listed_fields(self, item: LabelledLine) -> bool:
        """Add the fields that a line describes; return whether it describes any."""
        if self._role not in _STRUCTURE_ROLES and self._section.has_endpoint:
            return False
        location = self._find_location()
        fields = read_field_line(item.line, self.facts.file, location)
        self._listed_fields += fields
        return bool(fields)

    def _find_location(self) -> str:
        """Return the location of parameters by the last label, else by the title of the section."""
        if self._label and self._label.location:
            return self._label.location
        title = self._section.title
        if self._section.has_endpoint or not _PARAMETERS_TITLE.search(title):
            return ""
        return find_location(fold(title))

    def _flush_listed_fields(self) -> None:
        """Build a structure from the fields in the lines below a label.

        In a section without an operation and without a name for the structure, they are parameters
        of all operations.
        """
        if not self._listed_fields:
            return
        fields = tuple(self._listed_fields)
        self._listed_fields.clear()
        has_name = self._role in (Role.STRUCTURE, Role.FIELD)
        if not self._section.has_endpoint and not has_name:
            self.facts.common_fields += fields
            return
        # Such fields always have a label; the default is for the type checker.
        label = self._label or Label(Role.REQUEST)
        line = self._label_line or fields[0].origin.line
        structure = Structure(
            role=label.role,
            name=label.name,
            fields=fields,
            origin=self.facts.origin(line),
            section=self._section.number,
            label=self._label_text,
            has_required_column=any(each.required is not None for each in fields),
        )
        self._add_structure(structure)

    # --- Responses, permissions, references

    def _describes_text(self, item: LabelledLine) -> bool:
        """Check whether a line says that the response is a plain text."""
        if isinstance(self.facts.response, TextResponse):
            return True
        if self.facts.response is not None or not self._section.has_endpoint:
            return False
        lowered = item.rest.lower()
        return any(term in lowered for term in PLAIN_TEXT)

    def _add_response_text(self, item: LabelledLine) -> None:
        """Add a line to the description of a plain-text response, or begin one."""
        response = self.facts.response
        if isinstance(response, TextResponse):
            text = f"{response.text}\n{item.line.text}"
            self.facts.response = replace(response, text=text)
        else:
            origin = self.facts.origin(item.number)
            self.facts.response = TextResponse(item.rest, origin)

    def _read_permission(self, item: LabelledLine) -> None:
        """Read the permission from a constant: one in code, or one with an underscore."""
        constants: list[str] = []
        for span in item.line.spans:
            if span.kind is SpanKind.CODE and _CONSTANT.fullmatch(span.text):
                constants.append(span.text)
        constants += _CONSTANT_WITH_UNDERSCORE.findall(item.rest)
        if constants:
            # The first line that states a permission counts.
            self.facts.permission = self.facts.permission or constants[0]
        elif not _NONE.fullmatch(item.rest):
            self._handle_unread_line(item)

    def _read_reference(self, item: LabelledLine) -> None:
        """Read a sentence that reuses another section's structure.

        Its title is in bold, or in quotes.
        """
        title = find_referenced_title(item.rest)
        for span in item.line.spans:
            if span.kind is SpanKind.STRONG and span.text in item.rest:
                title = span.text
        name = self._label.name if self._label else ""
        reference = Reference(
            title=title,
            structure=name,
            text=item.rest,
            origin=self.facts.origin(item.number),
            section=self._section.number,
        )
        if name:
            self.facts.references.append(reference)
        elif self.facts.response is None:
            self.facts.response = reference

    # --- Tables and code

    def _read_table(self, table: Table) -> None:
        """Read a table below a label, or one whose columns say what it is.

        A table that nothing announces is reported as left out.
        """
        label = self._label
        text = self._label_text
        line = self._label_line
        if label is None or label.role not in _STRUCTURE_ROLES:
            label = self._guess_label(table)
            text = ""
            line = table.line
        elif line == self._structure_line:
            # A second table below one label has its own line.
            line = table.line
        if label is None:
            self.facts.report_unread(table.line, "a table that no label announces")
            return
        context = self._make_context(label, text, line)
        structure = read_table(table, context)
        if structure:
            self._structure_line = line
            self._add_structure(structure)

    def _guess_label(self, table: Table) -> Label | None:
        """Return a label for a table without one.

        In a section with an endpoint, a table with a "required" column lists parameters. In other
        sections, the title may name a structure.
        """
        columns = read_header(table.header)
        if Column.NAME not in columns:
            return None
        if self._section.has_endpoint:
            return Label(Role.REQUEST) if Column.REQUIRED in columns else None
        label = read_label(self._section.title)
        if label is None or label.role is not Role.STRUCTURE:
            return None
        return label

    def _read_code(self, code: Code) -> None:
        """Read a code block: an example, or a sketch below a label.

        Any other code block is reported as left out.
        """
        if not code.is_closed:
            self.facts.report_unclosed(code.opening_line)
        label = self._label
        has_endpoint = self._section.has_endpoint
        if self.examples.read(code, label, self.facts.response, has_endpoint=has_endpoint):
            return
        if label is None or label.role not in _STRUCTURE_ROLES:
            self.facts.report_unread(code.line, "a code block that is not a sketch of a structure")
            return
        is_second = self._label_line == self._structure_line
        line = code.line if is_second else self._label_line
        context = self._make_context(label, self._label_text, line)
        structure, sketch = read_sketch_block(code, context)
        self.facts.sketches.append(sketch)
        if structure:
            self._structure_line = line
            self._add_structure(structure)

    def _make_context(self, label: Label, text: str, line: int) -> StructureContext:
        """Return where a structure stands: below a label, or at a line of its own."""
        return StructureContext(
            file=self.facts.file,
            section=self._section.number,
            label=label,
            label_text=text,
            line=line,
            report=self.facts.anomalies.append,
        )

    def _add_structure(self, structure: Structure) -> None:
        """Add a structure to the facts; the last label says whether it is for all operations."""
        is_common = self._label is not None and self._label.is_common
        self.facts.add_structure(structure, is_common=is_common)


def _announces_common_response(item: LabelledLine) -> bool:
    """Check for a sentence about the response of all operations, behind no other label."""
    if item.label is not None and item.label.role is not Role.RESPONSE:
        return False
    return announces_common_response(item.line.text)


def _may_reuse_structure(role: Role | None) -> bool:
    """Check whether a sentence below the label may refer to another section."""
    return role in (Role.RESPONSE, Role.STRUCTURE, Role.FIELD)


def _has_no_fact(role: Role | None, text: str) -> bool:
    """Check for a text without a fact: none, or the media type JSON, which is the default."""
    if _NONE.fullmatch(text):
        return True
    return role is Role.MEDIA and "json" in fold(text)
