"""Markdown to blocks by markdown-it.

Inline marks are read line by line, so that each piece of text keeps its line; marks that span lines
stay in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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

_BLOCKS = MarkdownIt("commonmark").enable("table").disable("inline")


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
        elif token.type == "html_block" and not token.content.strip().startswith("<!--"):
            yield from _read_html(token, lines)
        index += 1


def _find_table_end(tokens: list[Token], start: int) -> int:
    level = tokens[start].level
    return next(
        index
        for index in range(start + 1, len(tokens))
        if tokens[index].type == "table_close" and tokens[index].level == level
    )


def _first_index(token: Token) -> int:
    return token.map[0] if token.map else 0


def _read_text(token: Token, opener: Token, source: Lines) -> Block:
    """Read a paragraph or a heading."""
    first, end = token.map or (0, 0)
    # Such a line begins a paragraph for markdown-it, which strips it from the content.
    while first + 1 < end and _looks_empty(source.texts[first]):
        first += 1
    last = len(source.numbers) - 1
    lines: list[TextLine] = []
    for offset, text in enumerate(token.content.split("\n")):
        lines.append(read_inline(text, source.numbers[min(first + offset, last)]))
    if opener.type != "heading_open":
        return Paragraph(tuple(lines))
    spans = [span for line in lines for span in line.spans]
    level = int(opener.tag.removeprefix("h"))
    return Heading(level, TextLine(source.numbers[first], tuple(spans)))


def _looks_empty(line: str) -> bool:
    """Check for a line of white space only, that of East Asian texts (U+3000) included."""
    return not line.strip().lstrip("> ").strip()


def _read_code(token: Token, lines: Lines) -> Code:
    start, end = token.map or (0, 0)
    if token.type == "code_block":
        return Code(lines.numbers[start], lines.numbers[start], "", token.content)
    last_text = ""
    if end - 1 > start:
        last_text = lines.texts[end - 1].strip().lstrip("> ")
    # The closing fence is at least as long as the opening one, and has nothing behind it.
    is_closed = len(last_text) >= len(token.markup) and not last_text.strip(token.markup[0])
    first = min(start + 1, lines.last_index)
    return Code(
        lines.numbers[first],
        lines.numbers[start],
        token.info.strip(),
        token.content,
        is_closed,
    )


def _read_html(token: Token, lines: Lines) -> Iterator[Block]:
    start = _first_index(token)
    if not re.match(r"\s*<table\b", token.content, re.IGNORECASE):
        yield UnreadConstruct(lines.numbers[start], "raw HTML")
        return
    rows, nested = read_html_table(token.content)
    numbers = lines.numbers[start:]
    for offset in nested:
        decision = "Its texts are read as those of the cell around it."
        yield UnreadConstruct(numbers[offset], "a table inside a table", decision)
    if len(rows) < 2:
        yield UnreadConstruct(lines.numbers[start], "a table in HTML without rows")
        return
    header = tuple(cell.strip() for cell in rows[0].cells)
    body = tuple(_convert_html_row(row, numbers[row.line], len(header)) for row in rows[1:])
    yield Table(numbers[rows[0].line], header, body)


def _convert_html_row(row: HtmlRow, line: int, width: int) -> Row:
    cells = [cell.strip() for cell in row.cells[:width]]
    missing = [""] * (width - len(cells))
    return Row(line, (*cells, *missing), len(row.cells))


def _read_table(tokens: list[Token], lines: Lines) -> Table:
    rows: list[tuple[int, list[str]]] = []
    """Index of the line, and the cells."""
    for token in tokens:
        if token.type == "tr_open":
            rows.append((_first_index(token), []))
        elif token.type == "inline":
            rows[-1][1].append(read_inline(token.content, 0).text)
    header_index, header = rows[0]
    body = [
        make_row(lines.texts[index], lines.numbers[index], tuple(cells), len(header))
        for index, cells in rows[1:]
    ]
    return Table(lines.numbers[header_index], tuple(header), tuple(body))
