"""Sections of a document: what stands under one heading. Values only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from understudy.derive.facts.facts import Role
from understudy.derive.lexicon.labels import Label
from understudy.derive.markdown.blocks import Block, Code, Heading, Table
from understudy.derive.markdown.endpoints import Endpoint
from understudy.derive.markdown.inline import TextLine


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """One line of text: the label at its head, the endpoint in it, the rest."""

    line: TextLine
    label: Label | None = None
    head: str = ""
    """The text of the label, known or not."""
    rest: str = ""
    """The text behind the label."""
    endpoint: Endpoint | None = None
    title: str = ""
    """What the line says of its endpoint."""
    is_listed: bool = False
    """Whether the endpoint stands in a list of endpoints, so that another section may describe
    it."""

    @property
    def number(self) -> int:
        """The line's number in the file."""
        return self.line.line


Content = LabelledLine | Table | Code | Block
"""An item of a section."""


@dataclass(slots=True)
class Section:
    """One heading with what stands under it, up to the next heading that opens a section."""

    number: int
    """Counted from 0 in the document."""
    title: str
    line: int
    level: int
    """The level of the heading; 0 before the first heading."""
    parent_headings: tuple[Heading, ...] = ()
    """The headings above it, the highest first."""
    content: list[Content] = field(default_factory=list)
    unpaired: list[tuple[int, str, Role]] = field(default_factory=list)
    """Methods without a path (Role.METHOD) and paths without a method (Role.ENDPOINT): line,
    text."""
    has_endpoint: bool = False

    def add(self, item: Content, at: int | None = None) -> None:
        """Add an item at the end, or insert it at an index."""
        if at is None:
            self.content.append(item)
        else:
            self.content.insert(at, item)
        if isinstance(item, LabelledLine) and item.endpoint is not None:
            self.has_endpoint = True

    @property
    def endpoints(self) -> list[tuple[LabelledLine, Endpoint]]:
        """The lines that hold an endpoint, each with it."""
        pairs = []
        for item in self.content:
            if isinstance(item, LabelledLine) and item.endpoint:
                pairs.append((item, item.endpoint))
        return pairs


def iter_text_lines(section: Section) -> Iterator[LabelledLine]:
    """Yield the lines of text of a section."""
    for item in section.content:
        if isinstance(item, LabelledLine):
            yield item
