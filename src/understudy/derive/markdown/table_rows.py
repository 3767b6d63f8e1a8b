"""Rows of a Markdown table: the cells of a line. Source: GFM 0.29 section 4.10."""

from __future__ import annotations

import re

from understudy.derive.markdown.blocks import Row, Table
from understudy.derive.markdown.inline import read_inline, strip_marks

_ESCAPE_OR_LETTER = re.compile(r"\\.|.", re.DOTALL)
_CODE_ESCAPE_OR_LETTER = re.compile(r"`+[^`]*`+|\\.|.", re.DOTALL)


def split_row(raw: str, *, keep_code: bool = False) -> list[str]:
    """Split a row at each `|` that is not escaped; with `keep_code`, nor inside of back-ticks.

    Escapes and marks stay in the cells.
    """
    unquoted = raw.strip().lstrip("> ")
    text = unquoted.removeprefix("|")
    # An escaped bar at the end belongs to the last cell.
    if not text.endswith("\\|"):
        text = text.removesuffix("|")
    if keep_code:
        cells = _split_at_bars(text, _CODE_ESCAPE_OR_LETTER)
    elif "\\" in text:
        cells = _split_at_bars(text, _ESCAPE_OR_LETTER)
    else:
        cells = text.split("|")
    return [cell.strip() for cell in cells]


def _split_at_bars(text: str, piece_pattern: re.Pattern[str]) -> list[str]:
    """Split a text at each `|` that is a piece of its own by a pattern."""
    cells = [""]
    for piece in piece_pattern.findall(text):
        if piece == "|":
            cells.append("")
        else:
            cells[-1] += piece
    return cells


def read_plain_table(texts: list[str], numbers: list[int]) -> Table:
    """Read the lines of a table: the header, the dashes, the rows."""
    header_text, _, *row_texts = texts
    line, _, *row_numbers = numbers
    header = [_read_cell(cell) for cell in split_row(header_text)]
    width = len(header)
    rows = []
    for raw, number in zip(row_texts, row_numbers, strict=True):
        row = _read_plain_row(raw, number, width)
        rows.append(row)
    return Table(line, tuple(header), tuple(rows))


def _read_plain_row(raw: str, line: int, width: int) -> Row:
    """Read a row, with as many cells as the header has."""
    texts = split_row(raw)
    cells = [_read_cell(text) for text in texts[:width]]
    if len(texts) == width:
        return Row(line, tuple(cells), width, raw)
    missing = width - len(cells)
    cells += [""] * missing
    return make_row(raw, line, tuple(cells), width)


def _read_cell(text: str) -> str:
    """Return a cell's text without marks and with escaped bars restored."""
    unescaped = text.replace("\\|", "|")
    return strip_marks(unescaped)


def make_row(raw: str, line: int, cells: tuple[str, ...], width: int) -> Row:
    """Build a row from its cells as GFM splits them, and count the cells in the file.

    A `|` inside of back-ticks splits a cell for GFM; when the row fits the header without that
    split, the writer meant one cell.
    """
    cell_count = len(split_row(raw))
    if cell_count > width:
        restored = split_row(raw, keep_code=True)
        if len(restored) == width:
            cells = _read_cells(restored, line)
    return Row(line, cells, cell_count, raw)


def _read_cells(texts: list[str], line: int) -> tuple[str, ...]:
    """Return the texts of some cells without marks."""
    cells = []
    for text in texts:
        content = read_inline(text, line)
        cells.append(content.text)
    return tuple(cells)
