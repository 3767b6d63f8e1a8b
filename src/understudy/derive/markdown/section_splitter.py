"""Blocks to sections.

A heading that only labels what follows (`#### 请求参数`) opens no section. Where several endpoints
share a heading and each has tables of its own, each opens a section.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from understudy.derive.facts.facts import Role
from understudy.derive.lexicon.labels import read_label, strip_number
from understudy.derive.markdown.blocks import Block, Code, Heading, Paragraph, Table
from understudy.derive.markdown.endpoint_tables import (
    ListedEndpoint,
    read_endpoint_table,
    read_label_pairs,
)
from understudy.derive.markdown.endpoints import (
    find_endpoint,
    make_endpoint,
    read_method,
    read_path,
)
from understudy.derive.markdown.inline import Span, SpanKind, TextLine
from understudy.derive.markdown.line_parser import (
    find_code_endpoint,
    find_title_before,
    read_line,
)
from understudy.derive.markdown.sections import Content, LabelledLine, Section


def split_sections(blocks: Iterable[Block]) -> list[Section]:
    """Split a document's blocks into sections, in order.

    The first section holds what stands before any heading, and may be empty.
    """
    splitter = _Splitter()
    for block in blocks:
        splitter.add_block(block)
    splitter.close_section()
    return splitter.sections


@dataclass(frozen=True, slots=True)
class _EndpointPart:
    """A method or a path that stands alone, until its counterpart comes."""

    text: str
    item: LabelledLine
    at: int
    """Its index in the content of its section."""


class _Splitter:
    """Divides blocks into sections, from top to bottom."""

    def __init__(self) -> None:
        self.sections = [Section(0, "", 1, 0)]
        self._parents: list[Heading] = []
        """The headings that are open, the highest first."""
        self._is_described = False
        """Whether a table or code follows an endpoint: then the next endpoint opens a section."""
        self._bold: TextLine | None = None
        """A bold line that is not a label: the title of the next endpoint, if one follows."""
        self._parts: dict[Role, _EndpointPart] = {}
        """Unpaired parts by Role.METHOD and Role.ENDPOINT."""
        self._role: Role | None = None
        """The role of the last label."""

    @property
    def _section(self) -> Section:
        """The section that is open."""
        return self.sections[-1]

    def add_block(self, block: Block) -> None:
        """Add a block to the open section, or open a section for it."""
        match block:
            case Heading():
                self._add_heading(block)
            case Paragraph():
                for line in block.lines:
                    self._add_line(read_line(line))
            case Table() if items := _read_table_lines(block):
                for item in items:
                    self._add_line(item)
            case _:
                if isinstance(block, Table | Code) and self._section.has_endpoint:
                    self._is_described = True
                self._bold = None
                self._section.add(block)

    def _add_heading(self, heading: Heading) -> None:
        """Add a heading: as a label of the open section, or as a section of its own.

        A heading that reads like a label and is higher than the open section's heading opens a
        section all the same, when the open one holds an endpoint.
        """
        text = heading.content.text
        title = strip_number(text)
        label = read_label(title)
        endpoint = find_endpoint(text, anywhere=True)
        endpoint = endpoint or find_code_endpoint(heading.content.spans, text)
        if endpoint:
            title = find_title_before(title) or title
        if label and self._is_label_of_section(heading):
            self._role, self._bold = label.role, None
            self._section.add(LabelledLine(heading.content, label, title))
            return
        self._open_heading(heading, title)
        # The page's own title is not a label, though it may read like one.
        if label and len(self.sections) > 2:
            self._role = label.role
            self._section.add(LabelledLine(heading.content, label, title))
        if endpoint:
            self._section.add(LabelledLine(heading.content, endpoint=endpoint))

    def _is_label_of_section(self, heading: Heading) -> bool:
        """Check whether a heading that reads like a label belongs to the current section."""
        section = self._section
        if not section.level:
            return False
        return heading.level >= section.level or not section.has_endpoint

    def _open_heading(self, heading: Heading, title: str) -> None:
        """Open a section for a heading, below the headings of higher levels."""
        parents = self._parents
        while parents and parents[-1].level >= heading.level:
            parents.pop()
        line = heading.content.line
        self._open_section(title, line, heading.level, tuple(parents))
        parents.append(heading)

    def _open_section(
        self, title: str, line: int, level: int, parents: tuple[Heading, ...]
    ) -> None:
        """Close the open section, and open the next."""
        self.close_section()
        number = len(self.sections)
        section = Section(number, title, line, level, parents)
        self.sections.append(section)
        self._is_described = False
        self._bold = None
        self._role = None

    def close_section(self) -> None:
        """Record the methods and paths that are still unpaired."""
        for role, part in self._parts.items():
            self._add_unpaired(role, part)
        self._parts.clear()

    def _add_unpaired(self, role: Role, part: _EndpointPart) -> None:
        """Record a method or path that stays without its counterpart."""
        line = part.item.number
        self._section.unpaired.append((line, part.text, role))

    def _add_line(self, item: LabelledLine) -> None:
        """Add a line to the open section, or open a section for the endpoint in it."""
        part = self._read_part(item)
        if part:
            role, text = part
            self._add_part(role, text, item)
            return
        if self._opens_section(item):
            self._open_endpoint_section(item)
        if item.label is not None:
            self._role = item.label.role
        self._update_bold(item)
        self._section.add(item)

    def _opens_section(self, item: LabelledLine) -> bool:
        """Check for an endpoint below another's tables, or below a title in bold."""
        if item.endpoint is None:
            return False
        if self._is_described:
            return True
        may_have_title = not item.is_listed and item.label is None
        return may_have_title and self._bold is not None

    def _update_bold(self, item: LabelledLine) -> None:
        """Record a bold line, which may be the title of the next endpoint.

        A label of a request or response ends that: what follows belongs to the endpoint before.
        """
        if item.endpoint is not None:
            return
        if item.label is None:
            if item.head and not item.rest:
                self._bold = item.line
        elif item.label.role in (Role.REQUEST, Role.RESPONSE):
            self._bold = None

    def _open_endpoint_section(self, item: LabelledLine) -> None:
        """Open a section for an endpoint; lines below the bold title move into it."""
        last = self._section
        bold = self._bold
        moved: list[Content] = []
        if bold:
            title = strip_number(bold.text)
            line = bold.line
            moved = _cut_below(last, bold)
        else:
            title = "" if item.label else item.head
            line = item.number
        self._open_section(title, line, last.level, last.parent_headings)
        self._section.content += moved

    def _read_part(self, item: LabelledLine) -> tuple[Role, str] | None:
        """Read a method (Role.METHOD) or a path (Role.ENDPOINT) that stands alone.

        It stands behind its label, or on the line below the label.
        """
        if item.endpoint is not None:
            return None
        role = None
        if item.label:
            role = item.label.role
        elif not item.head:
            role = self._role
        if role not in (Role.ENDPOINT, Role.METHOD):
            return None
        method = read_method(item.rest)
        path = read_path(item.rest)
        if role is Role.METHOD and method:
            return Role.METHOD, method
        if path:
            return Role.ENDPOINT, path
        if method:
            return Role.METHOD, method
        return None

    def _add_part(self, role: Role, text: str, item: LabelledLine) -> None:
        """Join a method with its path on the path's line, or store it until the other comes."""
        if role in self._parts:
            self._add_unpaired(role, self._parts.pop(role))
        part = _EndpointPart(text, item, len(self._section.content))
        counterpart = self._parts.pop(_counterpart(role), None)
        if counterpart is None:
            self._parts[role] = part
            if item.label:
                self._role = item.label.role
            return
        self._role = None
        method, path = part, counterpart
        if role is Role.ENDPOINT:
            method, path = counterpart, part
        endpoint = make_endpoint(method.text, path.text)
        joined = replace(path.item, endpoint=endpoint, head="", rest="")
        if self._is_described:
            self._add_line(joined)
        else:
            at = min(counterpart.at, len(self._section.content))
            self._section.add(joined, at)


def _counterpart(role: Role) -> Role:
    """Return the role of the part that an endpoint lacks."""
    return Role.METHOD if role is Role.ENDPOINT else Role.ENDPOINT


def _cut_below(section: Section, bold: TextLine) -> list[Content]:
    """Remove a bold line and what stands below it from a section, and return what stood below."""
    for at, item in enumerate(section.content):
        if isinstance(item, LabelledLine) and item.line is bold:
            below = section.content[at + 1 :]
            del section.content[at:]
            return below
    return []


def _read_table_lines(table: Table) -> list[LabelledLine]:
    """Read a table of endpoints, or of labels and values, as lines; empty for any other table."""
    listed = read_endpoint_table(table)
    are_several = len(listed) > 1
    lines = [_make_endpoint_line(row, is_listed=are_several) for row in listed]
    for number, key, value in read_label_pairs(table):
        head = Span(SpanKind.STRONG, key)
        rest = Span(SpanKind.TEXT, f"：{value}")
        lines.append(read_line(TextLine(number, (head, rest))))
    return lines


def _make_endpoint_line(row: ListedEndpoint, *, is_listed: bool) -> LabelledLine:
    """Return a row of a table of endpoints as a line of text."""
    span = Span(SpanKind.TEXT, row.text)
    line = TextLine(row.line, (span,))
    return LabelledLine(line, endpoint=row.endpoint, title=row.title, is_listed=is_listed)
