"""Inline marks of one line: strong text, code, escapes.

Only this module and `blocks` use markdown-it. Lines with simple marks are read here, because
markdown-it takes much longer; it would read all of them the same, and a test compares both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

_INLINE = MarkdownIt("commonmark")
_MARKS = re.compile(r"[*_`\\&<\[!]")
"""A letter that may begin a mark."""
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_MAX_SIMPLE = 1000
"""Letters of a line that is tried as a simple one, so that the pattern stays quick."""


class SpanKind(Enum):
    """The style of a span."""

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
    """The line in the file, from 1."""
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The line without its marks and outer white space."""
        texts = [span.text for span in self.spans]
        return "".join(texts).strip()


# Plain text, underscores inside of words, strong text between letters, and code between single
# back-ticks. Source: CommonMark 0.31.2 sections 6.1 and 6.2; every other case is left to
# markdown-it.
_SIMPLE = re.compile(
    r"(?:[^*_`\\&<\[!]"
    r"|(?<=\w)_+(?=[^\W_])"
    r"|\*\*[^\W_](?:[^*_`\\&<\[!]*[^\W_])?\*\*(?!\*)"
    r"|`[^`\n]+`(?!`))*"
)
_PIECE = re.compile(r"\*\*(?P<strong>[^*]+)\*\*|`(?P<code>[^`]+)`|(?P<text>[^*`]+)")


def read_inline(text: str, line: int) -> TextLine:
    """Read the marks of one line. Links and images leave their text."""
    return TextLine(line, _read_spans(text))


@lru_cache(maxsize=8192)
def strip_marks(text: str) -> str:
    """Return a line without its marks and outer white space."""
    if not _MARKS.search(text):
        return text.strip()
    texts = [span.text for span in _read_spans(text)]
    return "".join(texts).strip()


@lru_cache(maxsize=8192)
def _read_spans(text: str) -> tuple[Span, ...]:
    """Return the spans of a line; equal lines are common, so the result is cached."""
    if not text:
        return ()
    if not _MARKS.search(text):
        return (Span(SpanKind.TEXT, text),)
    if len(text) < _MAX_SIMPLE and _SIMPLE.fullmatch(text):
        return _merge_spans(_read_simple_spans(text))
    return read_spans_with_markdown_it(text)


def _read_simple_spans(text: str) -> Iterator[Span]:
    """Yield the spans of a line that `_SIMPLE` matches."""
    for piece in _PIECE.finditer(text):
        if piece["code"]:
            yield Span(SpanKind.CODE, _trim_code(piece["code"]))
        elif piece["strong"]:
            yield Span(SpanKind.STRONG, piece["strong"])
        else:
            yield Span(SpanKind.TEXT, piece["text"])


def _trim_code(code: str) -> str:
    """Remove one space at each end of a code span. Source: CommonMark 0.31.2 section 6.1."""
    # Code of spaces alone keeps them.
    if not code.strip():
        return code
    if code.startswith(" ") and code.endswith(" "):
        return code[1:-1]
    return code


def read_spans_with_markdown_it(text: str) -> tuple[Span, ...]:
    """Read the marks of one line by markdown-it."""
    inline = _INLINE.parseInline(text)[0]
    spans = _convert_tokens(inline.children or [])
    return _merge_spans(spans)


def _convert_tokens(tokens: list[Token]) -> Iterator[Span]:
    """Yield the spans of markdown-it's tokens, without marks other than strong text and code."""
    strong_depth = 0
    for token in tokens:
        if token.type == "strong_open":
            strong_depth += 1
        elif token.type == "strong_close":
            strong_depth -= 1
        elif content := _read_content(token):
            yield Span(_choose_kind(token, strong_depth), content)


def _choose_kind(token: Token, strong_depth: int) -> SpanKind:
    """Return the style of a token's text."""
    if token.type == "code_inline":
        return SpanKind.CODE
    if strong_depth:
        return SpanKind.STRONG
    return SpanKind.TEXT


def _read_content(token: Token) -> str:
    """Return a token's text; a forced break in HTML is a space."""
    if token.type == "html_inline" and _BREAK.fullmatch(token.content):
        return " "
    return token.content


def _may_merge(left: Span, right: Span) -> bool:
    """Check for one style; two code spans stay apart, because each may be a name of its own."""
    if left.kind is SpanKind.CODE:
        return False
    return left.kind is right.kind


def _merge_spans(spans: Iterator[Span]) -> tuple[Span, ...]:
    """Merge neighbours of one style."""
    merged: list[Span] = []
    for span in spans:
        if merged and _may_merge(merged[-1], span):
            before = merged.pop()
            span = Span(span.kind, before.text + span.text)
        merged.append(span)
    return tuple(merged)
