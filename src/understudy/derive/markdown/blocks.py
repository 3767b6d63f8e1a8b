"""Markdown → blocks with line numbers. Only this module and that of inline marks know markdown-it.

Inline marks are read line by line, so that each piece of text keeps the line that it stands on; marks that span lines
stay in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from understudy.derive.markdown.html_tables import read_html_table
from understudy.derive.markdown.inline import Span, SpanKind, TextLine, read_inline, strip_marks
from understudy.derive.markdown.normalise import (
    Lines,
    find_closing_fence,
    is_delimiter_row,
    match_fence,
    normalise_lines,
)

_BLOCKS = MarkdownIt("commonmark").enable("table").disable("inline")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the highest."""

    level: int
    content: TextLine


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of running text."""

    lines: tuple[TextLine, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A table's row. `found` is the number of cells that stand in the file, before any was dropped or added."""

    line: int
    cells: tuple[str, ...]
    cell_count: int
    raw: str = ""
    """The line itself, for what the form of a cell tells; empty for a table in HTML."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its header's cells and its rows, each as long as the header."""

    line: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A code block. `line` is the first line inside it, or the last of the text when there is none."""

    line: int
    opening_line: int
    """The line where it begins: of its fence, if it has one."""
    info: str
    text: str
    is_closed: bool = True


@dataclass(frozen=True, slots=True)
class UnreadConstruct:
    """A construct that is not read as it is meant: raw HTML."""

    line: int
    construct: str
    decision: str = "It is left out."


@dataclass(frozen=True, slots=True)
class UnwrappedFence:
    """A fence that was taken off, because it holds Markdown."""

    line: int
    is_closed: bool


Block = Heading | Paragraph | Table | Code | UnreadConstruct | UnwrappedFence


def read_blocks(text: str) -> Iterator[Block]:
    """Give the blocks of a Markdown text in order; containers (lists, quotes) are looked through.

    Lines that can only mean one thing are read here; markdown-it reads the rest, and would read all of them the same.
    """
    lines = normalise_lines(text)
    yield from (UnwrappedFence(line, is_closed=True) for line in lines.unwrapped_fences)
    yield from (UnwrappedFence(line, is_closed=False) for line in lines.unclosed_fences)
    yield from _Scanner(lines).blocks()


def read_blocks_with_markdown_it(lines: Lines) -> Iterator[Block]:
    """Give the blocks by markdown-it alone."""
    tokens = _BLOCKS.parse("\n".join(lines.texts))
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.type == "table_open":
            end = _closing(tokens, index)
            yield _token_table(tokens[index:end], lines)
            index = end
        elif token.type == "inline":
            yield from _text(token, tokens[index - 1], lines)
        elif token.type in ("fence", "code_block"):
            yield _code(token, lines)
        elif token.type == "html_block" and not token.content.strip().startswith("<!--"):
            yield from _html(token, lines)
        index += 1


_HEADING = re.compile(r"(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#*)?$")
_RULE = re.compile(r"(?:-{3,}|\*{3,})[ \t]*$")
_PLAIN = re.compile(r"(?:\*\*[^\s*]|`[^`\s]|(?!\d{1,9}[.)](?:[ \t]|$))[^\s>#+\-*<=~`\[|\\&_])")
_CONTINUES = re.compile(r"[ \t]|[>+*-](?:[ \t]|$)|>|\d{1,9}[.)](?:[ \t]|$)")
_ENDLESS = (
    *(("<!--", "-->"), ("<pre", "</pre>"), ("<script", "</script>"), ("<style", "</style>")),
    *(("<textarea", "</textarea>"), ("<?", "?>"), ("<!", ">")),
)
"""HTML that an empty line does not end, with what does."""


class _Scanner:
    """Reads lines that are headings, tables, fences and plain text at the margin; hands groups of others on."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._texts = lines.texts

    def blocks(self) -> Iterator[Block]:
        at, texts = 0, self._texts
        while at < len(texts):
            line = texts[at]
            if line == "" or not line.strip(" \t"):
                at += 1
                continue
            opener = match_fence(line)
            if opener and line[0] != " ":
                end = find_closing_fence(texts, opener, at + 1)
                yield self._fenced(at, end, opener["info"])
                at = end + 1
                continue
            end = self._group(at)
            found = self._plain(at, end)
            if found is None:
                end = self._region(at, end)
                found = list(
                    read_blocks_with_markdown_it(Lines(texts[at:end], self._lines.numbers[at:end]))
                )
            yield from found
            at = end

    def _group(self, at: int) -> int:
        """Give the end of the lines up to an empty one or a fence."""
        texts = self._texts
        while (
            at < len(texts)
            and texts[at].strip(" \t")
            and not (match_fence(texts[at]) and texts[at][0] != " ")
        ):
            at += 1
        return at

    def _region(self, start: int, end: int) -> int:
        """Give the end of the lines that containers and HTML may reach to."""
        texts, at, fences = self._texts, start, 0
        endless = False
        while end < len(texts):
            added = texts[at:end]
            fences += sum(match_fence(line.lstrip("> ")) is not None for line in added)
            endless = _is_endless("\n".join(added), endless)
            at = end
            while end < len(texts) and not texts[end].strip(" \t"):
                end += 1
            following = texts[end] if end < len(texts) else ""
            if (
                not fences % 2
                and not endless
                and not _CONTINUES.match(following)
                and not match_fence(texts[at])
            ):
                return at
            end = max(self._group(end), end + 1)
        return min(end, len(texts))

    def _fenced(self, at: int, end: int, info: str) -> Code:
        texts, numbers = self._texts, self._lines.numbers
        text = "\n".join(texts[at + 1 : end]) + ("\n" if at + 1 < end < len(texts) else "")
        first = min(at + 1, _last(texts) - 1)
        return Code(numbers[first], numbers[at], info, text, end < len(texts))

    def _plain(self, start: int, end: int) -> list[Block] | None:
        """Read a group of lines, or give None when one of them may be something else."""
        texts, numbers = self._texts, self._lines.numbers
        blocks: list[Block] = []
        words: list[TextLine] = []
        at = start
        while at < end:
            line = texts[at]
            if line[0] == "#" and (heading := _HEADING.match(line)):
                _flush(words, blocks)
                content = read_inline((heading[2] or "").strip(), numbers[at])
                blocks.append(Heading(len(heading[1]), content))
            elif line[0] == "|":
                stop = self._table_end(at, end)
                if stop is None:
                    return None
                _flush(words, blocks)
                blocks.append(_plain_table(texts[at:stop], numbers[at:stop]))
                at = stop - 1
            elif not words and _RULE.match(line):
                pass
            elif _PLAIN.match(line) and line.strip():
                text = (
                    line
                    if at + 1 < end and words
                    else line.lstrip()
                    if at + 1 < end
                    else line.strip()
                )
                words.append(read_inline(text, numbers[at]))
            else:
                return None
            at += 1
        _flush(words, blocks)
        return blocks

    def _table_end(self, at: int, end: int) -> int | None:
        """Give the end of a table that begins here, or None when there is none or it may go on otherwise."""
        texts = self._texts
        if at + 1 >= end or texts[at + 1][0] != "|" or not is_delimiter_row(texts[at + 1]):
            return None
        if len(split_row(texts[at])) != len(split_row(texts[at + 1])):
            return None
        stop = at
        while stop < end and texts[stop][0] == "|":
            stop += 1
        return stop if stop == end or texts[stop][0] == "#" else None


def _is_endless(text: str, before: bool) -> bool:
    """Tell whether HTML that an empty line does not end is open after a text; `before` it, it was."""
    marked = [
        (text.rfind(mark), text.rfind(stop))
        for mark, stop in _ENDLESS
        if mark in text or stop in text
    ]
    return any(mark > stop for mark, stop in marked) if marked else before


def _flush(words: list[TextLine], blocks: list[Block]) -> None:
    if words:
        last = words[-1]
        if (
            last.spans and last.spans[-1].text != last.spans[-1].text.rstrip()
        ):  # a paragraph has no white end
            words[-1] = _rstripped(last)
        blocks.append(Paragraph(tuple(words)))
        words.clear()


def _rstripped(line: TextLine) -> TextLine:
    *before, last = line.spans
    if last.kind is SpanKind.CODE:
        return line
    text = last.text.rstrip()
    return TextLine(line.line, (*before, Span(last.kind, text)) if text else tuple(before))


def _plain_table(texts: list[str], numbers: list[int]) -> Table:
    header = tuple(_cell(cell) for cell in split_row(texts[0]))
    rows = tuple(
        _plain_row(raw, line, len(header)) for raw, line in zip(texts[2:], numbers[2:], strict=True)
    )
    return Table(numbers[0], header, rows)


def _plain_row(raw: str, line: int, width: int) -> Row:
    plain = split_row(raw)
    cells = tuple([_cell(cell) for cell in plain[:width]])
    if len(plain) == width:
        return Row(line, cells, width, raw)
    return _row(line, (*cells, *[""] * (width - len(cells))), width, raw)


def _cell(text: str) -> str:
    return strip_marks(text.replace("\\|", "|"))


def _line(token: Token, lines: Lines) -> int:
    return lines.numbers[token.map[0]] if token.map else 0


def _closing(tokens: list[Token], start: int) -> int:
    level = tokens[start].level
    return next(
        i
        for i in range(start + 1, len(tokens))
        if tokens[i].type == "table_close" and tokens[i].level == level
    )


def _text(token: Token, opener: Token, source: Lines) -> Iterator[Block]:
    first, end = token.map or (0, 0)
    while first + 1 < end and _looks_empty(source.texts[first]):
        first += 1  # such a line begins a paragraph, and is stripped from its content
    lines = tuple(
        read_inline(text, source.numbers[min(first + at, len(source.numbers) - 1)])
        for at, text in enumerate(token.content.split("\n"))
    )
    if opener.type == "heading_open":
        spans = tuple(span for line in lines for span in line.spans)
        yield Heading(int(opener.tag[1:]), TextLine(source.numbers[first], spans))
    else:
        yield Paragraph(lines)


def _looks_empty(line: str) -> bool:
    """Tell whether a line holds only white space, that of East Asian texts (U+3000) included."""
    return not line.strip().lstrip("> ").strip()


def _code(token: Token, lines: Lines) -> Code:
    start, end = token.map or (0, 0)
    if token.type == "code_block":
        return Code(lines.numbers[start], lines.numbers[start], "", token.content)
    last = lines.texts[end - 1].strip().lstrip("> ") if end - 1 > start else ""
    closed = len(last) >= len(token.markup) and not last.strip(token.markup[0])
    first = min(start + 1, _last(lines.texts) - 1)
    return Code(
        lines.numbers[first], lines.numbers[start], token.info.strip(), token.content, closed
    )


def _last(lines: list[str]) -> int:
    """Give the number of the last line; the end of line at the end of a text begins no line."""
    return len(lines) - (1 if len(lines) > 1 and not lines[-1] else 0)


def _html(token: Token, lines: Lines) -> Iterator[Block]:
    start = token.map[0] if token.map else 0
    if not re.match(r"\s*<table\b", token.content, re.IGNORECASE):
        yield UnreadConstruct(_line(token, lines), "raw HTML")
        return
    rows, nested = read_html_table(token.content)
    numbers = lines.numbers[start:]
    for at in nested:
        yield UnreadConstruct(
            numbers[at],
            "a table inside a table",
            "Its texts are read as those of the cell around it.",
        )
    if len(rows) < 2:
        yield UnreadConstruct(_line(token, lines), "a table in HTML without rows")
        return
    header = tuple(cell.strip() for cell in rows[0].cells)
    body = tuple(
        _html_row([cell.strip() for cell in r.cells], numbers[r.line], len(header))
        for r in rows[1:]
    )
    yield Table(numbers[rows[0].line], header, body)


def _html_row(cells: list[str], line: int, width: int) -> Row:
    return Row(line, (*cells[:width], *[""] * (width - len(cells))), len(cells))


def _token_table(tokens: list[Token], lines: Lines) -> Table:
    rows: list[tuple[int, list[str]]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append((token.map[0] if token.map else 0, []))
        elif token.type == "inline":
            rows[-1][1].append(read_inline(token.content, 0).text)
    header = tuple(rows[0][1])
    body = tuple(
        _row(lines.numbers[at], tuple(cells), len(header), lines.texts[at])
        for at, cells in rows[1:]
    )
    return Table(lines.numbers[rows[0][0]], header, body)


def _row(line: int, cells: tuple[str, ...], width: int, raw: str) -> Row:
    plain = split_row(raw)
    if len(plain) > width:
        # A `|` inside back-ticks splits a cell for GFM (its section 4.10); the writer meant one cell.
        mended = split_row(raw, keep_code=True)
        if len(mended) == width:
            cells = tuple(read_inline(cell, line).text for cell in mended)
    return Row(line, cells, len(plain), raw)


def split_row(raw: str, *, keep_code: bool = False) -> list[str]:
    """Split a table's row at each `|` that is not escaped; with `keep_code`, not inside back-ticks either."""
    text = raw.strip().lstrip("> ").removeprefix("|")
    if text.endswith("|") and not text.endswith("\\|"):
        text = text[:-1]
    if not keep_code and "\\" not in text:
        return [cell.strip() for cell in text.split("|")]
    cells = [""]
    for piece in re.findall(r"`+[^`]*`+|\\.|." if keep_code else r"\\.|.", text, re.DOTALL):
        if piece == "|":
            cells.append("")
        else:
            cells[-1] += piece
    return [cell.strip() for cell in cells]
