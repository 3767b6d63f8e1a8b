"""Tables written in HTML → rows with their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class HtmlRow:
    """A row: its line, counted from 0 at the table's first, and its cells."""

    line: int
    cells: list[str] = field(default_factory=list)


def read_html_table(text: str) -> tuple[list[HtmlRow], list[int]]:
    """Give the rows of a table, and the lines where another table stands inside it, whose texts are run together."""
    reader = _TableReader()
    reader.feed(text)
    reader.close()
    return [row for row in reader.rows if row.cells], reader.nested


class _TableReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[HtmlRow] = []
        self.nested: list[int] = []
        self._depth = 0
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0] - 1
        if tag == "table":
            self._depth += 1
            if self._depth > 1:
                self.nested.append(line)
        elif self._depth > 1:
            return
        elif tag == "tr":
            self.rows.append(HtmlRow(line))
            self._inside = False
        elif tag in ("td", "th"):
            self._open_cell(line, dict(attrs).get("colspan") or "")
        elif tag == "br" and self._inside:
            self._say(" ")

    def _open_cell(self, line: int, span: str) -> None:
        if not self.rows:
            self.rows.append(HtmlRow(line))
        if not self.rows[-1].cells:
            self.rows[-1].line = line
        further = int(span) - 1 if re.fullmatch(r"\d{1,2}", span) else 0
        self.rows[-1].cells += ["", *[""] * max(further, 0)]
        self._at = len(self.rows[-1].cells) - 1 - max(further, 0)
        self._inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._depth -= 1
        elif self._depth <= 1 and tag in ("td", "th", "tr"):
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self._say(re.sub(r"\s+", " ", data))

    def _say(self, text: str) -> None:
        cells = self.rows[-1].cells
        cells[self._at] = (
            f"{cells[self._at]}{text}".lstrip() if text.strip() else f"{cells[self._at]} "
        )
