"""Blocks → sections: what stands under one heading, with the headings above it and the endpoints in it.

A heading that only labels what follows (`#### 请求参数`) opens no section. Where several endpoints share a heading and
each has tables of its own, each opens a section.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from understudy.derive.facts.facts import Role
from understudy.derive.lexicon.labels import Label, read_label, strip_number
from understudy.derive.markdown.blocks import Block, Code, Heading, Paragraph, Table
from understudy.derive.markdown.endpoint_tables import read_endpoint_table, read_label_pairs
from understudy.derive.markdown.endpoints import (
    Endpoint,
    find_endpoint,
    make_endpoint,
    read_method,
    read_path,
)
from understudy.derive.markdown.inline import Span, SpanKind, TextLine


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """One line of text, read: the label at its head, the endpoint in it, the rest."""

    line: TextLine
    label: Label | None = None
    head: str = ""
    """The words of the label, known or not."""
    rest: str = ""
    endpoint: Endpoint | None = None
    title: str = ""
    """What the line says of its endpoint."""
    is_listed: bool = False
    """Whether the endpoint stands in a list or table of endpoints, and may be told elsewhere in full."""

    @property
    def number(self) -> int:
        """The line's number."""
        return self.line.line


@dataclass(slots=True)
class Section:
    """One heading with what stands under it, up to the next."""

    number: int
    title: str
    line: int
    level: int
    parent_headings: tuple[Heading, ...] = ()
    content: list[LabelledLine | Table | Code | Block] = field(default_factory=list)
    unpaired: list[tuple[int, str, Role]] = field(default_factory=list)
    """Methods without a path and paths without a method, with their lines."""

    has_endpoint: bool = False

    def add(self, item: LabelledLine | Table | Code | Block, at: int | None = None) -> None:
        """Put an item at the end, or at a place."""
        self.content.insert(len(self.content) if at is None else at, item)
        self.has_endpoint = self.has_endpoint or (
            isinstance(item, LabelledLine) and item.endpoint is not None
        )

    @property
    def endpoints(self) -> list[LabelledLine]:
        """The lines that hold an endpoint."""
        return [item for item in self.content if isinstance(item, LabelledLine) and item.endpoint]


def split_head(line: TextLine) -> tuple[str, str]:
    """Part a line into the words before its colon, when they label it, and the rest."""
    spans = line.spans
    if spans and not spans[0].text.strip():
        spans = spans[1:]
    if spans and spans[0].kind is SpanKind.STRONG:
        head, rest = spans[0].text.strip(), "".join(span.text for span in spans[1:]).strip()
        if not rest or head.endswith((":", "：")) or rest.startswith((":", "：")):
            return head.strip(":： "), rest.lstrip(":： ").strip()
    found = re.match(r"([^:：]{1,40})[:：]\s*(.*)", line.text, re.DOTALL)
    if found and read_label(found.group(1)):
        return found.group(1).strip(), found.group(2).strip()
    return "", line.text


def read_line(line: TextLine) -> LabelledLine:
    """Read a line's label and endpoint. An endpoint stands alone, or behind a label."""
    head, rest = split_head(line)
    label = read_label(head) if head else None
    if label is not None and label.role is Role.EXAMPLE:
        return LabelledLine(line, label, head, rest)
    if head and not rest and (endpoint := find_endpoint(head, anywhere=True)):
        return LabelledLine(line, endpoint=endpoint, title=_words_before(head))
    endpoint = find_endpoint(rest) or _code_endpoint(line.spans, rest)
    if endpoint:
        return LabelledLine(line, label, head, rest, endpoint, title=_words_behind(rest))
    if not head and (item := _listed(line)):
        return item
    if not head and not rest.endswith(("。", ".")):
        label = read_label(rest)
        head, rest = (rest, "") if label else (head, rest)
    return LabelledLine(line, label, head, rest)


def _code_endpoint(spans: tuple[Span, ...], rest: str) -> Endpoint | None:
    """Give the endpoint that is the line's first code, when no words stand before it but the label."""
    for span in spans:
        if span.kind is SpanKind.CODE:
            return find_endpoint(span.text) if rest.startswith(span.text.strip()) else None
    return None


def _words_behind(rest: str) -> str:
    """Give what stands behind an endpoint and says what it is for: `GET /a` - lists."""
    found = re.fullmatch(r"`?[A-Za-z]+[\s:：]+/\S*`?\s*(?:[-–—:：|]+|\s)\s*(\S.{0,59})", rest)
    return found[1].strip() if found else ""


def _words_before(head: str) -> str:
    return re.split(r"\b[A-Za-z]{3,7}[\s:：]+`?\S*/", strip_number(head))[0].strip(" -–—:：`（(")


def _listed(line: TextLine) -> LabelledLine | None:
    """Read a line such as `List of books: GET /books`, set as code, where a colon parts both."""
    if len(line.spans) < 2 or line.spans[-1].kind is not SpanKind.CODE:
        return None
    before = "".join(span.text for span in line.spans[:-1]).strip()
    endpoint = (
        find_endpoint(line.spans[-1].text)
        if before.endswith((":", "：")) and len(before) < 40
        else None
    )
    if endpoint is None:
        return None
    return LabelledLine(line, endpoint=endpoint, title=before.strip(":： "), is_listed=True)


def split_sections(blocks: Iterable[Block]) -> list[Section]:
    """Split a document's blocks into sections, in order; the first holds what stands before any heading."""
    splitter = _Splitter()
    for block in blocks:
        splitter.take(block)
    splitter.close()
    return splitter.sections


class _Splitter:
    def __init__(self) -> None:
        self.sections = [Section(0, "", 1, 0)]
        self._above: list[Heading] = []
        self._told = False
        """Whether the current section has an endpoint and then a table or code: the next endpoint is another's."""
        self._bold: TextLine | None = None
        """A line in bold that labels nothing: the title of what follows, when an endpoint does."""
        self._apart: dict[Role, tuple[int, str, LabelledLine]] = {}
        """A method or path that stands alone, with its place in the section."""
        self._role: Role | None = None

    def take(self, block: Block) -> None:
        if isinstance(block, Heading):
            self._heading(block)
        elif isinstance(block, Paragraph):
            for line in block.lines:
                self._line(read_line(line))
        elif isinstance(block, Table) and (items := self._lines_of_table(block)):
            for item in items:
                self._line(item)
        else:
            self._told = self._told or (
                isinstance(block, Table | Code) and self.sections[-1].has_endpoint
            )
            self._bold = None
            self.sections[-1].add(block)

    def _lines_of_table(self, table: Table) -> list[LabelledLine]:
        """Give a table of endpoints as lines, and one of labels and what they announce."""
        listed = read_endpoint_table(table)
        if listed:
            several = len(listed) > 1
            return [
                LabelledLine(
                    TextLine(row.line, (Span(SpanKind.TEXT, row.text),)),
                    None,
                    "",
                    "",
                    row.endpoint,
                    row.title,
                    several,
                )
                for row in listed
            ]
        return [
            read_line(
                TextLine(line, (Span(SpanKind.STRONG, key), Span(SpanKind.TEXT, f"：{value}")))
            )
            for line, key, value in read_label_pairs(table)
        ]

    def _heading(self, heading: Heading) -> None:
        title = strip_number(heading.content.text)
        label = read_label(title)
        last = self.sections[-1]
        endpoint = find_endpoint(heading.content.text, anywhere=True)
        endpoint = endpoint or _code_endpoint(heading.content.spans, heading.content.text)
        title = (_words_before(title) or title) if endpoint else title
        if label and last.level and (heading.level >= last.level or not last.has_endpoint):
            self._role, self._bold = label.role, None
            last.add(LabelledLine(heading.content, label, title))
            return
        while self._above and self._above[-1].level >= heading.level:
            self._above.pop()
        self._open(title, heading.content.line, heading.level, tuple(self._above))
        self._above.append(heading)
        if label and len(self.sections) > 2:
            self._role = label.role
            self.sections[-1].add(LabelledLine(heading.content, label, title))
        if endpoint:
            self.sections[-1].add(LabelledLine(heading.content, endpoint=endpoint))

    def _open(self, title: str, line: int, level: int, above: tuple[Heading, ...]) -> None:
        self.close()
        self.sections.append(Section(len(self.sections), title, line, level, above))
        self._told, self._bold, self._role = False, None, None

    def close(self) -> None:
        """Keep what of a method and path stands without the other."""
        for role, (_, text, item) in self._apart.items():
            self.sections[-1].unpaired.append((item.number, text, role))
        self._apart.clear()

    def _line(self, item: LabelledLine) -> None:
        if item.endpoint is None and (part := self._part(item)):
            self._pair(*part, item)
            return
        if item.endpoint and (
            self._told or (self._bold and not item.is_listed and item.label is None)
        ):
            self._open_for(item)
        if item.label is not None:
            self._role = item.label.role
        is_bold = item.head and item.label is None and not item.rest and not item.endpoint
        if is_bold:
            self._bold = item.line
        elif (
            item.endpoint is None
            and item.label is not None
            and item.label.role in (Role.REQUEST, Role.RESPONSE)
        ):
            self._bold = None
        self.sections[-1].add(item)

    def _open_for(self, item: LabelledLine) -> None:
        """Open a section for an endpoint below another's tables, or below a title in bold."""
        last, bold = self.sections[-1], self._bold
        named = item.head if item.label is None else ""
        title, line = (strip_number(bold.text), bold.line) if bold else (named, item.number)
        moved = next(
            (
                at
                for at, other in enumerate(last.content)
                if bold and isinstance(other, LabelledLine) and other.line is bold
            ),
            None,
        )
        carried = last.content[moved + 1 :] if moved is not None else []
        if moved is not None:
            del last.content[moved:]
        self._open(title, line, last.level, last.parent_headings)
        self.sections[-1].content += carried

    def _part(self, item: LabelledLine) -> tuple[Role, str] | None:
        """Read a method or path that stands without the other, behind its label or on the line below it."""
        role = item.label.role if item.label else self._role if not item.head else None
        if role is Role.METHOD and (method := read_method(item.rest)):
            return Role.METHOD, method
        if role in (Role.ENDPOINT, Role.METHOD) and (path := read_path(item.rest)):
            return Role.ENDPOINT, path
        if role is Role.ENDPOINT and (method := read_method(item.rest)):
            return Role.METHOD, method
        return None

    def _pair(self, role: Role, text: str, item: LabelledLine) -> None:
        """Join a method with its path, on the path's line."""
        other = Role.METHOD if role is Role.ENDPOINT else Role.ENDPOINT
        if role in self._apart:
            _, old, first = self._apart.pop(role)
            self.sections[-1].unpaired.append((first.number, old, role))
        if other not in self._apart:
            self._apart[role] = (len(self.sections[-1].content), text, item)
            self._role = item.label.role if item.label else self._role
            return
        at, first_text, first = self._apart.pop(other)
        method, path = (first_text, text) if other is Role.METHOD else (text, first_text)
        told = first if other is Role.ENDPOINT else item
        self._role = None
        joined = replace(told, endpoint=make_endpoint(method, path), head="", rest="")
        if self._told:
            self._line(joined)
        else:
            self.sections[-1].add(joined, min(at, len(self.sections[-1].content)))


def iter_text_lines(section: Section) -> Iterator[LabelledLine]:
    """Give the lines of text of a section."""
    return (item for item in section.content if isinstance(item, LabelledLine))
