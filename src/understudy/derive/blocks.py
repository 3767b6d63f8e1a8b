"""Markdown → blocks with line numbers. The only module that knows markdown-it.

Inline marks are read line by line, so that each piece of text keeps the line that it stands on; marks that span lines
stay in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from markdown_it import MarkdownIt
from markdown_it.token import Token

_BLOCKS = MarkdownIt("commonmark").enable("table").disable("inline")
_INLINE = MarkdownIt("commonmark")
_MARKS = re.compile(r"[*_`\\&<\[!]")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


class SpanKind(Enum):
    """How a piece of text is set."""

    TEXT = "text"
    STRONG = "strong"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one style."""

    kind: SpanKind
    text: str


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of running text."""

    line: int
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The line without its marks."""
        return "".join(span.text for span in self.spans).strip()


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
    found: int


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
    opened: int
    """The line where it begins: of its fence, if it has one."""
    info: str
    text: str
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Unread:
    """A construct that is not read: raw HTML."""

    line: int
    what: str


Block = Heading | Paragraph | Table | Code | Unread


def read_blocks(text: str) -> Iterator[Block]:
    """Give the blocks of a Markdown text in order; containers (lists, quotes) are looked through."""
    source = re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff"))
    lines = source.split("\n")
    tokens = _BLOCKS.parse(source)
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.type == "table_open":
            end = _closing(tokens, index)
            yield _table(tokens[index:end], lines)
            index = end
        elif token.type == "inline":
            yield from _text(token, tokens[index - 1], lines)
        elif token.type in ("fence", "code_block"):
            yield _code(token, lines)
        elif token.type == "html_block" and not token.content.strip().startswith("<!--"):
            yield Unread(_line(token), "raw HTML")
        index += 1


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def _closing(tokens: list[Token], start: int) -> int:
    level = tokens[start].level
    return next(
        i for i in range(start + 1, len(tokens)) if tokens[i].type == "table_close" and tokens[i].level == level
    )


def _text(token: Token, opener: Token, source: list[str]) -> Iterator[Block]:
    first = _line(token)
    while _looks_empty(source[first - 1]) and token.map and first < token.map[1]:
        first += 1  # such a line begins a paragraph, and is stripped from its content
    lines = tuple(read_inline(text, first + at) for at, text in enumerate(token.content.split("\n")))
    if opener.type == "heading_open":
        spans = tuple(span for line in lines for span in line.spans)
        yield Heading(int(opener.tag[1:]), TextLine(first, spans))
    else:
        yield Paragraph(lines)


def _looks_empty(line: str) -> bool:
    """Tell whether a line holds only white space, that of East Asian texts (U+3000) included."""
    return not line.strip().lstrip("> ").strip()


def _code(token: Token, lines: list[str]) -> Code:
    start, end = token.map or (0, 0)
    if token.type == "code_block":
        return Code(start + 1, start + 1, "", token.content)
    last = lines[end - 1].strip().lstrip("> ") if end - 1 > start else ""
    closed = len(last) >= len(token.markup) and not last.strip(token.markup[0])
    return Code(min(start + 2, _last(lines)), start + 1, token.info.strip(), token.content, closed)


def _last(lines: list[str]) -> int:
    """Give the number of the last line; the end of line at the end of a text begins no line."""
    return len(lines) - (1 if len(lines) > 1 and not lines[-1] else 0)


def _table(tokens: list[Token], lines: list[str]) -> Table:
    rows: list[tuple[int, list[str]]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append((_line(token), []))
        elif token.type == "inline":
            rows[-1][1].append(read_inline(token.content, _line(token)).text)
    header = tuple(rows[0][1])
    body = tuple(_row(line, tuple(cells), len(header), lines[line - 1]) for line, cells in rows[1:])
    return Table(rows[0][0], header, body)


def _row(line: int, cells: tuple[str, ...], width: int, raw: str) -> Row:
    plain = split_row(raw)
    if len(plain) > width:
        # A `|` inside back-ticks splits a cell for GFM (its section 4.10); the writer meant one cell.
        mended = split_row(raw, keep_code=True)
        if len(mended) == width:
            cells = tuple(read_inline(cell, line).text for cell in mended)
    return Row(line, cells, len(plain))


def split_row(raw: str, *, keep_code: bool = False) -> list[str]:
    """Split a table's row at each `|` that is not escaped; with `keep_code`, not inside back-ticks either."""
    text = raw.strip().lstrip("> ").removeprefix("|")
    if text.endswith("|") and not text.endswith("\\|"):
        text = text[:-1]
    cells = [""]
    for piece in re.findall(r"`+[^`]*`+|\\.|." if keep_code else r"\\.|.", text, re.DOTALL):
        if piece == "|":
            cells.append("")
        else:
            cells[-1] += piece
    return [cell.strip() for cell in cells]


def read_inline(text: str, line: int) -> TextLine:
    """Read the marks of one line: strong text, code, escapes. Links and images leave their text."""
    if not _MARKS.search(text):
        return TextLine(line, (Span(SpanKind.TEXT, text),) if text else ())
    spans: list[Span] = []
    strong = 0
    for token in _INLINE.parseInline(text)[0].children or []:
        if token.type in ("strong_open", "strong_close"):
            strong += 1 if token.type == "strong_open" else -1
            continue
        content = _content(token)
        if content:
            kind = SpanKind.CODE if token.type == "code_inline" else SpanKind.STRONG if strong else SpanKind.TEXT
            spans.append(Span(kind, content))
    return TextLine(line, tuple(_joined(spans)))


def _content(token: Token) -> str:
    if token.type == "html_inline" and _BREAK.fullmatch(token.content):
        return " "
    return token.content


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].kind is span.kind and span.kind is not SpanKind.CODE:
            joined[-1] = Span(span.kind, joined[-1].text + span.text)
        else:
            joined.append(span)
    return joined
