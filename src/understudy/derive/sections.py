"""Blocks → sections: what stands under one heading, with the headings above it and the endpoints in it.

A heading that only labels what follows (`#### 请求参数`) opens no section. Where several endpoints share a heading and
each has tables of its own, each opens a section.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from understudy.derive.blocks import Block, Code, Heading, Paragraph, Span, SpanKind, Table, TextLine
from understudy.derive.facts import Role
from understudy.derive.reading import Endpoint, Label, find_endpoint, read_label, strip_number


@dataclass(frozen=True, slots=True)
class Labelled:
    """One line of text, read: the label at its head, the endpoint in it, the rest."""

    line: TextLine
    label: Label | None = None
    head: str = ""
    """The words of the label, known or not."""
    rest: str = ""
    endpoint: Endpoint | None = None

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
    above: tuple[Heading, ...] = ()
    content: list[Labelled | Table | Code | Block] = field(default_factory=list)

    @property
    def endpoints(self) -> list[Labelled]:
        """The lines that hold an endpoint."""
        return [item for item in self.content if isinstance(item, Labelled) and item.endpoint]


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


def read_line(line: TextLine) -> Labelled:
    """Read a line's label and endpoint. An endpoint stands alone, or behind a label."""
    head, rest = split_head(line)
    label = read_label(head) if head else None
    endpoint = None
    if label is None or label.role is not Role.EXAMPLE:
        endpoint = find_endpoint(rest) or _code_endpoint(line.spans, rest)
    if not head and endpoint is None and not rest.endswith(("。", ".")):
        label = read_label(rest)
        head, rest = (rest, "") if label else (head, rest)
    return Labelled(line, label, head, rest, endpoint)


def _code_endpoint(spans: tuple[Span, ...], rest: str) -> Endpoint | None:
    """Give the endpoint that is the line's first code, when no words stand before it but the label."""
    for span in spans:
        if span.kind is SpanKind.CODE:
            return find_endpoint(span.text) if rest.startswith(span.text.strip()) else None
    return None


def split_sections(blocks: Iterable[Block]) -> list[Section]:
    """Split a document's blocks into sections, in order; the first holds what stands before any heading."""
    splitter = _Splitter()
    for block in blocks:
        splitter.take(block)
    return splitter.sections


class _Splitter:
    def __init__(self) -> None:
        self.sections = [Section(0, "", 1, 0)]
        self._above: list[Heading] = []
        self._told = False
        """Whether the current section has an endpoint and then a table or code: the next endpoint is another's."""

    def take(self, block: Block) -> None:
        if isinstance(block, Heading):
            self._heading(block)
        elif isinstance(block, Paragraph):
            for line in block.lines:
                self._line(line)
        else:
            self._told = self._told or (isinstance(block, Table | Code) and bool(self.sections[-1].endpoints))
            self.sections[-1].content.append(block)

    def _heading(self, heading: Heading) -> None:
        title = strip_number(heading.content.text)
        label = read_label(title)
        if label and self.sections[-1].level:
            self.sections[-1].content.append(Labelled(heading.content, label, title))
            return
        while self._above and self._above[-1].level >= heading.level:
            self._above.pop()
        self._open(title, heading.content.line, heading.level, tuple(self._above))
        self._above.append(heading)
        endpoint = find_endpoint(heading.content.text, anywhere=True)
        if endpoint:
            self.sections[-1].content.append(Labelled(heading.content, endpoint=endpoint))

    def _open(self, title: str, line: int, level: int, above: tuple[Heading, ...]) -> None:
        self.sections.append(Section(len(self.sections), title, line, level, above))
        self._told = False

    def _line(self, line: TextLine) -> None:
        item = read_line(line)
        if item.endpoint and self._told:
            last = self.sections[-1]
            self._open(item.head if item.label is None else "", line.line, last.level, last.above)
        self.sections[-1].content.append(item)


def lines_of(section: Section) -> Iterator[Labelled]:
    """Give the lines of text of a section."""
    return (item for item in section.content if isinstance(item, Labelled))
