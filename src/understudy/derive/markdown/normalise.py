"""A text's lines made ready for Markdown: what CommonMark and GFM would hide from a reader of APIs is laid open.

A fence around a whole document or table is taken off, text directly below a table is parted from it (GFM makes it a
row), and a table in HTML is kept in one piece. Every line keeps the number that it has in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^`]*?)[ \t]*$")
_DELIMITER = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_MARKDOWN = ("markdown", "md", "gfm", "mdown")
_PLAIN = ("", "text", "txt", "plain", "table")
_HEADING = re.compile(r"#{1,6}[ \t]")


@dataclass(slots=True)
class Lines:
    """Lines with their numbers in the file, and the lines whose fences were taken off."""

    texts: list[str]
    numbers: list[int]
    unwrapped_fences: list[int] = field(default_factory=list)
    unclosed_fences: list[int] = field(default_factory=list)
    """Fences that were taken off and that nothing closes."""


def normalise_lines(text: str) -> Lines:
    """Split a text into lines, and lay open what is hidden. Ends of lines may be of any kind."""
    source = (
        re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff")).replace("\x00", "\ufffd").split("\n")
    )
    ready = Lines([], [])
    _unwrap(source, ready)
    _lay_open(source, ready)
    return ready


def find_closing_fence(lines: list[str], opener: re.Match[str], start: int) -> int:
    """Give the index of the line that closes a fence, or of the end."""
    for at in range(start, len(lines)):
        line = lines[at]
        if line.lstrip(" ")[:1] == opener["marks"][0]:
            found = _FENCE.match(line)
            if found and not found["info"] and found["marks"].startswith(opener["marks"]):
                return at
    return len(lines)


def match_fence(line: str) -> re.Match[str] | None:
    """Read a line that opens a code block: `marks` and `info`."""
    return _FENCE.match(line) if line.lstrip(" ")[:3] in ("```", "~~~") else None


def is_delimiter_row(line: str) -> bool:
    """Tell whether a line parts a table's header from its rows: `|---|:--|`."""
    return "-" in line and _DELIMITER.match(line) is not None


def _unwrap(source: list[str], ready: Lines) -> None:
    """Empty the lines of fences that hold Markdown."""
    filled = [at for at, line in enumerate(source) if line.strip()]
    first, last = (filled[0], filled[-1]) if filled else (0, 0)
    at = 0
    while at < len(source):
        opener = match_fence(source[at])
        if opener is None:
            at += 1
            continue
        end = find_closing_fence(source, opener, at + 1)
        whole = last if at == first and _closes(opener, source[last]) else None
        outer = _outer_end(source, opener, at, end, whole)
        if outer is None:
            at = end + 1
            continue
        source[at] = ""
        (ready.unwrapped_fences if outer < len(source) else ready.unclosed_fences).append(at + 1)
        if outer == len(source):  # all that follows is inside it
            return
        source[outer] = ""
        at = at + 1 if opener["info"].lower() in _MARKDOWN or outer != end else end + 1


def _closes(opener: re.Match[str], line: str) -> bool:
    closer = match_fence(line)
    return closer is not None and not closer["info"] and closer["marks"].startswith(opener["marks"])


def _outer_end(
    source: list[str], opener: re.Match[str], at: int, end: int, whole: int | None
) -> int | None:
    """Give the line that ends the Markdown in a fence, or None when the fence holds none.

    `whole` is the last line of the document when the fence may be around all of it.
    """
    info = opener["info"].lower()
    if info in _MARKDOWN:
        return whole if whole is not None and whole > at else _nested_end(source, opener, at + 1)
    if info not in _PLAIN:
        return None
    inside = [line for line in source[at + 1 : min(end, at + 20)] if line.strip()][:2]
    if len(inside) > 1 and "|" in inside[0] and "|" in inside[1] and is_delimiter_row(inside[1]):
        return end
    is_document = whole is not None and any(_HEADING.match(line) for line in source[at + 1 : whole])
    return whole if is_document else None


def _nested_end(source: list[str], opener: re.Match[str], start: int) -> int:
    """Give the line that closes a fence whose content has fences of its own."""
    inner: re.Match[str] | None = None
    for at in range(start, len(source)):
        found = match_fence(source[at])
        if found is None:
            continue
        if inner is not None:
            inner = (
                None if not found["info"] and found["marks"].startswith(inner["marks"]) else inner
            )
        elif found["info"]:
            inner = found
        elif found["marks"].startswith(opener["marks"]):
            return at
    return len(source)


def _lay_open(source: list[str], ready: Lines) -> None:
    """Part tables from text below them, and keep HTML tables in one piece."""
    in_table = False
    at = 0
    while at < len(source):
        line = source[at]
        if opener := match_fence(line):
            end = min(find_closing_fence(source, opener, at + 1), len(source) - 1)
            _add(ready, source, range(at, end + 1))
            at, in_table = end + 1, False
            continue
        if "<" in line and re.match(r"[ \t]{0,3}<table\b", line, re.IGNORECASE):
            for text, number in _html_table(source, at):
                ready.texts.append(text)
                ready.numbers.append(number)
            at = ready.numbers[-1]
            continue
        if in_table and "|" not in line and line.strip():
            ready.texts.append("")
            ready.numbers.append(at + 1)
        in_table = bool(line.strip()) and "|" in line and (in_table or _ends_header(source, at))
        ready.texts.append(line)
        ready.numbers.append(at + 1)
        at += 1


def _ends_header(source: list[str], at: int) -> bool:
    return at > 0 and "|" in source[at - 1] and is_delimiter_row(source[at])


def _add(ready: Lines, source: list[str], indices: range) -> None:
    ready.texts += (source[index] for index in indices)
    ready.numbers += (index + 1 for index in indices)


def _html_table(source: list[str], start: int) -> Iterator[tuple[str, int]]:
    """Give the lines of a table, its empty ones filled, so that Markdown does not end it there."""
    depth = 0
    for at in range(start, len(source)):
        line = source[at]
        yield line if line.strip() else "<!-- -->", at + 1
        depth += len(re.findall(r"<table\b", line, re.IGNORECASE)) - len(
            re.findall(r"</table\b", line, re.IGNORECASE)
        )
        if depth <= 0:
            return
