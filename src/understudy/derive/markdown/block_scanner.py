"""Markdown to blocks with line numbers.

The scanner reads lines that can mean only one thing: headings, tables, fences and plain text at the
margin. It passes groups of other lines to markdown-it, which would read all lines the same, but
takes several times as long; a test compares both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.derive.markdown.blocks import Block, Code, Heading, Paragraph, UnwrappedFence
from understudy.derive.markdown.inline import Span, SpanKind, TextLine, read_inline
from understudy.derive.markdown.markdown_it_blocks import read_blocks_with_markdown_it
from understudy.derive.markdown.normalise import (
    Lines,
    find_closing_fence,
    is_delimiter_row,
    match_fence,
    normalise_lines,
)
from understudy.derive.markdown.table_rows import read_plain_table, split_row

# Source: CommonMark 0.31.2, headings 4.2, thematic breaks 4.1, list items 5.2, quotes 5.1.
_HEADING = re.compile(r"(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#*)?$")
_RULE = re.compile(r"(?:-{3,}|\*{3,})[ \t]*$")
_PLAIN = re.compile(r"(?:\*\*[^\s*]|`[^`\s]|(?!\d{1,9}[.)](?:[ \t]|$))[^\s>#+\-*<=~`\[|\\&_])")
"""A line at the margin that begins no list, quote, heading, HTML or link definition."""
_CONTINUES = re.compile(r"[ \t]|[>+*-](?:[ \t]|$)|>|\d{1,9}[.)](?:[ \t]|$)")
"""A line that may continue a list or quote after an empty line."""
_HTML_BLOCKS = (
    *(("<!--", "-->"), ("<pre", "</pre>"), ("<script", "</script>"), ("<style", "</style>")),
    *(("<textarea", "</textarea>"), ("<?", "?>"), ("<!", ">")),
)
"""HTML that an empty line does not end, with its end. Source: CommonMark 0.31.2 section 4.6."""


def read_blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a Markdown text in order, after the fences that were removed.

    Lists and quotes yield what is inside of them.
    """
    lines = normalise_lines(text)
    for line in lines.unwrapped_fences:
        yield UnwrappedFence(line, is_closed=True)
    for line in lines.unclosed_fences:
        yield UnwrappedFence(line, is_closed=False)
    yield from _Scanner(lines).blocks()


def _is_empty(line: str) -> bool:
    """Check for a line of blanks and tabs only. Source: CommonMark 0.31.2 section 2.1."""
    return not line.strip(" \t")


def _is_fence_at_margin(line: str) -> bool:
    """Check for a fence that no list or quote can contain."""
    if line.startswith(" "):
        return False
    return match_fence(line) is not None


class _Scanner:
    """Divides the lines into fences at the margin and groups of lines between empty ones."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._texts = lines.texts

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks in order."""
        at = 0
        while at < len(self._texts):
            line = self._texts[at]
            if _is_empty(line):
                at += 1
                continue
            opener = match_fence(line)
            if opener and line[0] != " ":
                end = find_closing_fence(self._texts, opener, at + 1)
                yield self._read_fence(at, end, opener["info"])
                at = end + 1
                continue
            end = self._find_group_end(at)
            blocks = _PlainGroup(self._lines, at, end).read()
            if blocks is not None:
                yield from blocks
            else:
                end = self._find_region_end(at, end)
                texts = self._texts[at:end]
                numbers = self._lines.numbers[at:end]
                yield from read_blocks_with_markdown_it(Lines(texts, numbers))
            at = end

    def _find_group_end(self, at: int) -> int:
        """Return the end of the lines up to an empty one or a fence."""
        while at < len(self._texts):
            line = self._texts[at]
            if _is_empty(line) or _is_fence_at_margin(line):
                break
            at += 1
        return at

    def _skip_empty(self, at: int) -> int:
        """Return the index of the next line that is not empty, or the end."""
        while at < len(self._texts):
            if not _is_empty(self._texts[at]):
                break
            at += 1
        return at

    def _find_region_end(self, start: int, end: int) -> int:
        """Return the end of the lines that a list, quote or HTML may reach to.

        `end` is the end of the first group. Further groups belong to the region while a fence or
        HTML is open, or the next line may continue a list or quote.
        """
        texts = self._texts
        at = start
        is_fence_open = False
        is_html_open = False
        while end < len(texts):
            added = texts[at:end]
            if _count_fences(added) % 2:
                is_fence_open = not is_fence_open
            is_html_open = _is_html_open("\n".join(added), is_html_open)
            at = end
            end = self._skip_empty(end)
            following = texts[end] if end < len(texts) else ""
            is_open = is_fence_open or is_html_open
            may_continue = _CONTINUES.match(following) or match_fence(texts[at])
            if not is_open and not may_continue:
                return at
            group_end = self._find_group_end(end)
            end = max(group_end, end + 1)
        return min(end, len(texts))

    def _read_fence(self, at: int, end: int, info: str) -> Code:
        """Read a code block from its fence to the index of the closing one, or to the end."""
        first = at + 1
        text = "\n".join(self._texts[first:end])
        is_closed = end < len(self._texts)
        # Like markdown-it: each line of a closed block has its line end.
        if is_closed and first < end:
            text += "\n"
        numbers = self._lines.numbers
        return Code(
            line=numbers[min(first, self._lines.last_index)],
            opening_line=numbers[at],
            info=info,
            text=text,
            is_closed=is_closed,
        )


def _count_fences(lines: list[str]) -> int:
    """Count the fences of some lines, those inside of quotes included."""
    count = 0
    for line in lines:
        if match_fence(line.lstrip("> ")):
            count += 1
    return count


def _is_html_open(text: str, was_open: bool) -> bool:
    """Check whether HTML that an empty line does not end is open after a text."""
    is_closed = False
    for start, end in _HTML_BLOCKS:
        last_start = text.rfind(start)
        last_end = text.rfind(end)
        if last_start > last_end:
            return True
        if last_end >= 0:
            is_closed = True
    return was_open and not is_closed


class _PlainGroup:
    """A reader of lines between empty ones, for lines that can mean only one thing."""

    def __init__(self, lines: Lines, start: int, end: int) -> None:
        self._texts = lines.texts
        self._numbers = lines.numbers
        self._start = start
        self._end = end
        self._blocks: list[Block] = []
        self._paragraph: list[TextLine] = []
        """The lines of the paragraph that is open."""

    def read(self) -> list[Block] | None:
        """Return the blocks of the group, or None when a line may mean something else."""
        at = self._start
        while at < self._end:
            after = self._read_line(at)
            if after is None:
                return None
            at = after
        self._close_paragraph()
        return self._blocks

    def _read_line(self, at: int) -> int | None:
        """Read the block that a line begins, and return the index after it.

        Return None when the line may mean something else.
        """
        line = self._texts[at]
        number = self._numbers[at]
        heading = _HEADING.match(line)
        if heading:
            self._close_paragraph()
            marks, text = heading.groups()
            stripped = (text or "").strip()
            content = read_inline(stripped, number)
            self._blocks.append(Heading(len(marks), content))
            return at + 1
        if line.startswith("|"):
            return self._read_table(at)
        if not self._paragraph and _RULE.match(line):
            return at + 1
        if _PLAIN.match(line) and line.strip():
            text_line = read_inline(self._trim(at), number)
            self._paragraph.append(text_line)
            return at + 1
        return None

    def _trim(self, at: int) -> str:
        """Return a line of a paragraph, without the white space at the paragraph's two ends."""
        line = self._texts[at]
        if at + 1 == self._end:
            return line.strip()
        if not self._paragraph:
            return line.lstrip()
        return line

    def _read_table(self, at: int) -> int | None:
        """Read a table, and return the index after it; None when it may not be a plain one."""
        end = self._find_table_end(at)
        if end is None:
            return None
        self._close_paragraph()
        texts = self._texts[at:end]
        numbers = self._numbers[at:end]
        self._blocks.append(read_plain_table(texts, numbers))
        return end

    def _find_table_end(self, at: int) -> int | None:
        """Return the end of a table that begins here.

        Return None without a table, or when the table may go on in another form.
        """
        lines = self._texts[at : self._end]
        if len(lines) < 2:
            return None
        header, dashes = lines[:2]
        if not dashes.startswith("|") or not is_delimiter_row(dashes):
            return None
        # GFM 0.29 section 4.10: the header must match the dashes in the number of cells.
        header_cells = split_row(header)
        if len(header_cells) != len(split_row(dashes)):
            return None
        for offset, line in enumerate(lines):
            if not line.startswith("|"):
                # Only a heading surely ends the table.
                return at + offset if line.startswith("#") else None
        return self._end

    def _close_paragraph(self) -> None:
        """Add the paragraph that is open to the blocks."""
        if not self._paragraph:
            return
        # CommonMark 0.31.2 section 4.8: a paragraph does not end in white space.
        *before, last = self._paragraph
        paragraph = Paragraph((*before, _strip_end(last)))
        self._blocks.append(paragraph)
        self._paragraph.clear()


def _strip_end(line: TextLine) -> TextLine:
    """Return a line without white space at its end; code keeps it."""
    if not line.spans:
        return line
    *before, last = line.spans
    text = last.text.rstrip()
    if last.kind is SpanKind.CODE or text == last.text:
        return line
    if text:
        before.append(Span(last.kind, text))
    return TextLine(line.line, tuple(before))
