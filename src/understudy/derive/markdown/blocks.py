"""Blocks of a Markdown document, each with its line in the file. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from understudy.derive.markdown.inline import TextLine


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading."""

    level: int
    """1 is the highest."""
    content: TextLine


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of running text."""

    lines: tuple[TextLine, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    line: int
    cells: tuple[str, ...]
    """As many as the header has: further cells are dropped, missing ones are empty."""
    cell_count: int
    """The number of cells in the file."""
    raw: str = ""
    """The line itself, whose spaces may show nesting; empty for a table in HTML."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table."""

    line: int
    """The line of the header."""
    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A code block."""

    line: int
    """The first line inside of it; the last line of the text when nothing is inside."""
    opening_line: int
    """The line of its fence; of a block without one, the first line."""
    info: str
    """The text behind the fence: `json`."""
    text: str
    is_closed: bool = True


@dataclass(frozen=True, slots=True)
class UnreadConstruct:
    """A construct that is not read as its writer means it: raw HTML."""

    line: int
    construct: str
    """`raw HTML`, for the sentence "There is …"."""
    decision: str = "It is left out."


@dataclass(frozen=True, slots=True)
class UnwrappedFence:
    """A fence that is removed because it holds Markdown."""

    line: int
    is_closed: bool


Block = Heading | Paragraph | Table | Code | UnreadConstruct | UnwrappedFence
