"""A reader of tables in HTML: rows with their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_SPACE = re.compile(r"\s+")
_SPAN = re.compile(r"\d{1,2}")
"""A number of columns, at most 99."""


@dataclass(slots=True)
class HtmlRow:
    """One row of a table."""

    line: int
    """Counted from 0 at the table's first line."""
    cells: list[str] = field(default_factory=list)


def read_html_table(text: str) -> tuple[list[HtmlRow], list[int]]:
    """Return the rows of a table, and the lines where another table stands inside of it.

    The texts of an inner table are read as those of the cell around it.
    """
    reader = _TableReader()
    reader.feed(text)
    reader.close()
    rows = [row for row in reader.rows if row.cells]
    return rows, reader.nested


class _TableReader(HTMLParser):
    """A reader that accepts missing end tags, as browsers do."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[HtmlRow] = []
        self.nested: list[int] = []
        """Lines where an inner table begins."""
        self._depth = 0
        """Tables that are open."""
        self._in_cell = False
        self._cell = 0
        """The index of the cell that texts go to."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, row or cell. Tags inside of an inner table are skipped."""
        line = self.getpos()[0] - 1
        if tag == "table":
            self._depth += 1
            if self._depth > 1:
                self.nested.append(line)
        elif self._depth > 1:
            return
        elif tag == "tr":
            self.rows.append(HtmlRow(line))
            self._in_cell = False
        elif tag in ("td", "th"):
            colspan = dict(attrs).get("colspan")
            self._open_cell(line, colspan or "")
        elif tag == "br" and self._in_cell:
            self._add_text(" ")

    def _open_cell(self, line: int, colspan: str) -> None:
        """Open a cell. One that spans columns is followed by empty cells."""
        if not self.rows:
            self.rows.append(HtmlRow(line))
        row = self.rows[-1]
        # The row's line is that of its first cell, which a writer sees, not that of its tag.
        if not row.cells:
            row.line = line
        self._cell = len(row.cells)
        row.cells += [""] * _read_span(colspan)
        self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        """Close a table or cell."""
        if tag == "table":
            self._depth -= 1
        elif self._depth > 1:
            return
        elif tag in ("td", "th", "tr"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        """Add a text to the open cell, each run of white space as one space."""
        if self._in_cell:
            text = _SPACE.sub(" ", data)
            self._add_text(text)

    def _add_text(self, text: str) -> None:
        """Add a text to the open cell."""
        cells = self.rows[-1].cells
        before = cells[self._cell]
        added = before + text
        # White space separates words; at the head of a cell it counts only while nothing follows.
        if text.strip():
            added = added.lstrip()
        cells[self._cell] = added


def _read_span(colspan: str) -> int:
    """Return how many columns a cell spans; 1 when the attribute is not a number."""
    if not _SPAN.fullmatch(colspan):
        return 1
    return max(int(colspan), 1)
