"""Markdown to blocks by markdown-it.

Inline marks are read line by line, so that each piece of text keeps its line; marks that span lines
stay in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from understudy.derive.markdown.blocks import (
    Block,
    Code,
    Heading,
    Paragraph,
    Row,
    Table,
    UnreadConstruct,
)
from understudy.derive.markdown.html_tables import HtmlRow, read_html_table
from understudy.derive.markdown.inline import TextLine, read_inline
from understudy.derive.markdown.normalise import Lines
from understudy.derive.markdown.table_rows import make_row

_COMMONMARK = MarkdownIt("commonmark")
_BLOCKS = _COMMONMARK.enable("table").disable("inline")
"""The parser of blocks; `read_inline` reads the lines in them."""
_HTML_TABLE = re.compile(r"\s*<table\b", re.IGNORECASE)


@dataclass(slots=True)
class _TokenRow:
    """A row of a table while its tokens are read."""

    index: int
    """The index of its line."""
    cells: list[str] = field(default_factory=list)


def read_blocks_with_markdown_it(lines: Lines) -> Iterator[Block]:
    """Yield the blocks of some lines in order; lists and quotes yield what is inside of them."""
    tokens = _BLOCKS.parse("\n".join(lines.texts))
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.type == "table_open":
            end = _find_table_end(tokens, index)
            yield _read_table(tokens[index:end], lines)
            index = end
        elif token.type == "inline":
            yield _read_text(token, tokens[index - 1], lines)
        elif token.type in ("fence", "code_block"):
            yield _read_code(token, lines)
        elif token.type == "html_block":
            yield from _read_html(token, lines)
        index += 1


def _find_table_end(tokens: list[Token], start: int) -> int:
    """Return the index of the token that closes a table; markdown-it closes each that it opens."""
    index = start
    while tokens[index].type != "table_close":
        index += 1
    return index


def _find_lines(token: Token) -> tuple[int, int]:
    """Return the indexes of a token's first line and of the line after its last."""
    if not token.map:
        return 0, 0
    first, end = token.map
    return first, end


def _read_text(token: Token, opener: Token, source: Lines) -> Block:
    """Read a paragraph or a heading."""
    first, end = _find_lines(token)
    # Such a line begins a paragraph for markdown-it, which strips it from the content.
    while first < end - 1:
        if not _looks_empty(source.texts[first]):
            break
        first += 1
    numbers = source.numbers
    last = len(numbers) - 1
    lines: list[TextLine] = []
    for at, text in enumerate(token.content.split("\n"), first):
        number = numbers[min(at, last)]
        lines.append(read_inline(text, number))
    if opener.type != "heading_open":
        return Paragraph(tuple(lines))
    spans = [span for line in lines for span in line.spans]
    content = TextLine(numbers[first], tuple(spans))
    level = int(opener.tag.removeprefix("h"))
    return Heading(level, content)


def _looks_empty(line: str) -> bool:
    """Check for a line of white space only, that of East Asian texts (U+3000) included."""
    unquoted = line.strip().lstrip("> ")
    return not unquoted.strip()


def _read_code(token: Token, lines: Lines) -> Code:
    """Read a code block: one between fences, or one that is indented by four blanks."""
    start, end = _find_lines(token)
    opening_line = lines.numbers[start]
    if token.type == "code_block":
        return Code(opening_line, opening_line, "", token.content)
    last = end - 1
    last_text = lines.texts[last] if last > start else ""
    first = min(start + 1, lines.last_index)
    return Code(
        line=lines.numbers[first],
        opening_line=opening_line,
        info=token.info.strip(),
        text=token.content,
        is_closed=_is_closing_fence(last_text, token.markup),
    )


def _is_closing_fence(line: str, marks: str) -> bool:
    """Check for at least as many of the opening marks, alone. Source: CommonMark 0.31.2, 4.5."""
    text = line.strip().lstrip("> ")
    if len(text) < len(marks):
        return False
    return not text.strip(marks[0])


def _read_html(token: Token, lines: Lines) -> Iterator[Block]:
    """Read a table in HTML; of all other HTML but comments, report that it is not read."""
    if token.content.strip().startswith("<!--"):
        return
    start, _ = _find_lines(token)
    numbers = lines.numbers[start:]
    if not _HTML_TABLE.match(token.content):
        yield UnreadConstruct(numbers[0], "raw HTML")
        return
    rows, nested = read_html_table(token.content)
    for offset in nested:
        decision = "Its texts are read as those of the cell around it."
        yield UnreadConstruct(numbers[offset], "a table inside a table", decision)
    if len(rows) < 2:
        yield UnreadConstruct(numbers[0], "a table in HTML without rows")
        return
    header, *body = rows
    width = len(header.cells)
    yield Table(
        line=numbers[header.line],
        header=_fit_cells(header, width),
        rows=tuple(_convert_html_row(row, numbers, width) for row in body),
    )


def _convert_html_row(row: HtmlRow, numbers: list[int], width: int) -> Row:
    """Return a row; `numbers` are the line numbers from the table's first line on."""
    cells = _fit_cells(row, width)
    return Row(numbers[row.line], cells, len(row.cells))


def _fit_cells(row: HtmlRow, width: int) -> tuple[str, ...]:
    """Return as many cells as the header has: further cells are dropped, missing ones are empty."""
    cells = [cell.strip() for cell in row.cells[:width]]
    missing = width - len(cells)
    return (*cells, *[""] * missing)


def _read_table(tokens: list[Token], lines: Lines) -> Table:
    """Read the tokens of a table: rows of cells, the header first."""
    rows: list[_TokenRow] = []
    for token in tokens:
        if token.type == "tr_open":
            index, _ = _find_lines(token)
            rows.append(_TokenRow(index))
        elif token.type == "inline":
            cell = read_inline(token.content, 0)
            rows[-1].cells.append(cell.text)
    header, *body = rows
    width = len(header.cells)
    return Table(
        line=lines.numbers[header.index],
        header=tuple(header.cells),
        rows=tuple(_convert_token_row(row, lines, width) for row in body),
    )


def _convert_token_row(row: _TokenRow, lines: Lines, width: int) -> Row:
    """Return a row with the cells that its line has in the file."""
    raw = lines.texts[row.index]
    line = lines.numbers[row.index]
    return make_row(raw, line, tuple(row.cells), width)
