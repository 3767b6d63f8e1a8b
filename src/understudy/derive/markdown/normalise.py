"""A text's lines made ready for Markdown: what CommonMark and GFM would hide becomes readable.

A fence around a whole document or table is removed; a text directly below a table is separated from
it, because GFM makes it a row (GFM 0.29 section 4.10); a table in HTML stays in one piece. Every
line keeps the number that it has in the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^`]*?)[ \t]*$")
"""A code fence. Source: CommonMark 0.31.2 section 4.5."""
_DELIMITER_ROW = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
"""The row of dashes. Source: GFM 0.29 section 4.10."""
_MARKDOWN_INFO = ("markdown", "md", "gfm", "mdown")
_PLAIN_INFO = ("", "text", "txt", "plain", "table")
_LINE_END = re.compile(r"\r\n?|\n")
"""A line end. Source: CommonMark 0.31.2 section 2.1."""
_HEADING = re.compile(r"#{1,6}[ \t]")
_HTML_TABLE = re.compile(r"[ \t]{0,3}<table\b", re.IGNORECASE)
_HTML_TABLE_START = re.compile(r"<table\b", re.IGNORECASE)
_HTML_TABLE_END = re.compile(r"</table\b", re.IGNORECASE)
_TABLE_SEARCH = 20
"""Lines inside of a fence in which the head of a table is looked for."""


@dataclass(slots=True)
class Lines:
    """Lines with their numbers in the file, and the fences that were removed."""

    texts: list[str]
    numbers: list[int]
    unwrapped_fences: list[int] = field(default_factory=list)
    """Lines of the removed fences that are closed."""
    unclosed_fences: list[int] = field(default_factory=list)
    """Lines of the removed fences that nothing closes."""

    def add(self, text: str, index: int) -> None:
        """Add a line; `index` is that of its line in the file, from 0."""
        self.texts.append(text)
        self.numbers.append(index + 1)

    @property
    def last_index(self) -> int:
        """The index of the last line. A line end at the end of a text begins no line."""
        last = len(self.texts) - 1
        if last > 0 and not self.texts[last]:
            return last - 1
        return last


def normalise_lines(text: str) -> Lines:
    """Split a text into lines and make hidden Markdown readable. Line ends may be of any kind."""
    unmarked = text.removeprefix("\ufeff")
    # CommonMark 0.31.2 section 2.3: U+0000 becomes the replacement character.
    printable = unmarked.replace("\x00", "\ufffd")
    source = _LINE_END.split(printable)
    lines = Lines([], [])
    _remove_fences(source, lines)
    _separate_tables(source, lines)
    return lines


def find_closing_fence(lines: list[str], opener: re.Match[str], start: int) -> int:
    """Return the index of the line that closes a fence, or the number of lines without one."""
    marks = opener["marks"]
    for at in range(start, len(lines)):
        line = lines[at]
        # A quick test, before the pattern.
        if marks in line and _closes_fence(line, opener):
            return at
    return len(lines)


def match_fence(line: str) -> re.Match[str] | None:
    """Match a line that opens a code block, with the groups `marks` and `info`.

    None for other lines.
    """
    # A quick test, before the pattern.
    if not line.lstrip(" ").startswith(("```", "~~~")):
        return None
    return _FENCE.match(line)


def is_delimiter_row(line: str) -> bool:
    """Check whether a line separates a table's header from its rows: `|---|:--|`."""
    # A quick test, before the pattern.
    if "-" not in line:
        return False
    return _DELIMITER_ROW.match(line) is not None


def _closes_fence(line: str, opener: re.Match[str]) -> bool:
    """Check for at least as many of the opener's marks, alone.

    Source: CommonMark 0.31.2 section 4.5.
    """
    fence = match_fence(line)
    return fence is not None and _closes(fence, opener)


def _closes(fence: re.Match[str], opener: re.Match[str]) -> bool:
    """Check whether a fence closes another: as many marks or more, and nothing behind them."""
    if fence["info"]:
        return False
    closing_marks: str = fence["marks"]
    return closing_marks.startswith(opener["marks"])


def _remove_fences(source: list[str], lines: Lines) -> None:
    """Empty the lines of fences that hold Markdown, and record them in `lines`."""
    first, last = _find_filled(source)
    at = 0
    while at < len(source):
        opener = match_fence(source[at])
        if opener is None:
            at += 1
            continue
        inner_end = find_closing_fence(source, opener, at + 1)
        document_end = None
        if at == first and _closes_fence(source[last], opener):
            document_end = last
        end = _find_markdown_end(source, opener, at, inner_end, document_end)
        if end is None:
            at = inner_end + 1
            continue
        source[at] = ""
        if end == len(source):
            # Everything that follows is inside of the fence.
            lines.unclosed_fences.append(at + 1)
            return
        lines.unwrapped_fences.append(at + 1)
        source[end] = ""
        # A plain fence around a table holds no fences; those inside of Markdown are read as well.
        is_table = not _is_markdown(opener) and end == inner_end
        at = inner_end + 1 if is_table else at + 1


def _find_filled(source: list[str]) -> tuple[int, int]:
    """Return the indexes of the first and the last line that is not empty; 0 when all are."""
    filled = []
    for at, line in enumerate(source):
        if line.strip():
            filled.append(at)
    if not filled:
        return 0, 0
    return filled[0], filled[-1]


def _is_markdown(opener: re.Match[str]) -> bool:
    """Check for a fence that is marked as Markdown."""
    return opener["info"].lower() in _MARKDOWN_INFO


def _find_markdown_end(
    source: list[str],
    opener: re.Match[str],
    at: int,
    inner_end: int,
    document_end: int | None,
) -> int | None:
    """Return the line that ends the Markdown in a fence, or None when the fence holds none.

    `inner_end` is the first line that may close the fence; `document_end` the last line of the
    document when the fence may be around all of it.
    """
    after = at + 1
    if _is_markdown(opener):
        if document_end is not None and document_end > at:
            return document_end
        return _find_outer_end(source, opener, after)
    if opener["info"].lower() not in _PLAIN_INFO:
        return None
    search_end = min(inner_end, at + _TABLE_SEARCH)
    if _begins_with_table(source[after:search_end]):
        return inner_end
    if document_end is None:
        return None
    # A plain fence holds a document only when headings are inside.
    for line in source[after:document_end]:
        if _HEADING.match(line):
            return document_end
    return None


def _begins_with_table(lines: list[str]) -> bool:
    """Check whether the first two filled lines are the header and the dashes of a table."""
    filled = [line for line in lines if line.strip()]
    if len(filled) < 2:
        return False
    header, dashes = filled[:2]
    if "|" not in header or "|" not in dashes:
        return False
    return is_delimiter_row(dashes)


def _find_outer_end(source: list[str], opener: re.Match[str], start: int) -> int:
    """Return the line that closes a fence whose content has fences of its own."""
    inner: re.Match[str] | None = None
    for at in range(start, len(source)):
        fence = match_fence(source[at])
        if fence is None:
            continue
        if inner is not None:
            if _closes(fence, inner):
                inner = None
        elif fence["info"]:
            inner = fence
        elif _closes(fence, opener):
            return at
    return len(source)


def _separate_tables(source: list[str], lines: Lines) -> None:
    """Copy the lines, with an empty one between a table and the text below it."""
    in_table = False
    at = 0
    while at < len(source):
        line = source[at]
        if opener := match_fence(line):
            closing = find_closing_fence(source, opener, at + 1)
            end = min(closing + 1, len(source))
            _copy_lines(source, range(at, end), lines)
            at = end
            in_table = False
            continue
        if "<" in line and _HTML_TABLE.match(line):
            _copy_html_table(source, at, lines)
            at = lines.numbers[-1]
            continue
        has_bar = "|" in line
        is_filled = bool(line.strip())
        if in_table and is_filled and not has_bar:
            lines.add("", at)
        begins_rows = in_table or _ends_header(source, at)
        in_table = is_filled and has_bar and begins_rows
        lines.add(line, at)
        at += 1


def _ends_header(source: list[str], at: int) -> bool:
    """Check for the dashes below a header, with which a table begins."""
    if at == 0 or "|" not in source[at - 1]:
        return False
    return is_delimiter_row(source[at])


def _copy_lines(source: list[str], indexes: range, lines: Lines) -> None:
    """Copy lines as they are."""
    for at in indexes:
        lines.add(source[at], at)


def _copy_html_table(source: list[str], start: int, lines: Lines) -> None:
    """Copy a table; its empty lines become comments, because an empty line would end it."""
    depth = 0
    for at in range(start, len(source)):
        line = source[at]
        lines.add(line if line.strip() else "<!-- -->", at)
        # A table may hold others.
        depth += len(_HTML_TABLE_START.findall(line))
        depth -= len(_HTML_TABLE_END.findall(line))
        if depth <= 0:
            return
