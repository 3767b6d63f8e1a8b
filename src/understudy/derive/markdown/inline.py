"""Marks inside one line: strong text, code, escapes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

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


_SIMPLE = re.compile(
    r"(?:[^*_`\\&<\[!]|(?<=\w)_+(?=[^\W_])|\*\*[^\W_](?:[^*_`\\&<\[!]*[^\W_])?\*\*(?!\*)|`[^`\n]+`(?!`))*"
)
_PIECE = re.compile(r"\*\*(?P<strong>[^*]+)\*\*|`(?P<code>[^`]+)`|(?P<text>[^*`]+)")


def read_inline(text: str, line: int) -> TextLine:
    """Read the marks of one line: strong text, code, escapes. Links and images leave their text."""
    return TextLine(line, _spans(text))


@lru_cache(maxsize=8192)
def strip_marks(text: str) -> str:
    """Give a line without its marks."""
    return (
        "".join(span.text for span in _spans(text)).strip() if _MARKS.search(text) else text.strip()
    )


@lru_cache(maxsize=8192)
def _spans(text: str) -> tuple[Span, ...]:
    if not _MARKS.search(text):
        return (Span(SpanKind.TEXT, text),) if text else ()
    if len(text) < 1000 and _SIMPLE.fullmatch(text):
        return _simple_spans(text)
    return read_spans_with_markdown_it(text)


def _simple_spans(text: str) -> tuple[Span, ...]:
    spans = []
    for piece in _PIECE.finditer(text):
        if piece["code"]:
            code = piece["code"]
            trimmed = (
                code[1:-1]
                if code.strip() and code[0] == code[-1] == " " and len(code) > 1
                else code
            )
            spans.append(Span(SpanKind.CODE, trimmed))
        else:
            kind = SpanKind.STRONG if piece["strong"] else SpanKind.TEXT
            spans.append(Span(kind, piece["strong"] or piece["text"]))
    return tuple(_joined(spans))


def read_spans_with_markdown_it(text: str) -> tuple[Span, ...]:
    """Read the marks of one line by markdown-it."""
    spans: list[Span] = []
    strong = 0
    for token in _INLINE.parseInline(text)[0].children or []:
        if token.type in ("strong_open", "strong_close"):
            strong += 1 if token.type == "strong_open" else -1
            continue
        content = _content(token)
        if content:
            kind = (
                SpanKind.CODE
                if token.type == "code_inline"
                else SpanKind.STRONG
                if strong
                else SpanKind.TEXT
            )
            spans.append(Span(kind, content))
    return tuple(_joined(spans))


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
