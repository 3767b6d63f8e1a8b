"""A tolerant parser of the JSON-like sketches in documents: `{"contents": [Task], "total": Long}`.

It reads any text, keeps the line of each node, and returns what it skips. It does not decide what a
word means. An ellipsis is `...` or `…`, where the writer left something out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

MAX_DEPTH = 40
"""How deep a sketch is read; deeper parts are left out."""


class NodeKind(Enum):
    """The kind of a node."""

    OBJECT = "object"
    ARRAY = "array"
    TEXT = "text"
    """A text in quotes."""
    WORD = "word"
    """A bare word: a type, a structure, a number, `true`."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a sketch."""

    kind: NodeKind
    line: int
    """Counted from 0 at the sketch's first line; of a member, the line of its name."""
    text: str = ""
    """Of a TEXT, without its quotes; of a WORD, the word."""
    members: tuple[tuple[str, Node], ...] = ()
    """Of an OBJECT: names and values, in order; a name may stand twice."""
    items: tuple[Node, ...] = ()
    """Of an ARRAY."""
    comment: str = ""
    """The comment beside a member, or alone above it."""
    has_ellipsis: bool = False
    """Whether an ellipsis stands directly in it."""


@dataclass(frozen=True, slots=True)
class SkippedPart:
    """A part that cannot be read."""

    line: int
    """Counted from 0 at the sketch's first line."""
    reason: str
    """`"}" where a value was expected`."""


_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<comment>//[^\n]*|\#[^\n]*|/\*.*?\*/)"
    r"""|(?P<text>"(?:[^"\\\n]|\\.)*+"|“[^”\n]*”|'[^'\n]*')"""
    r"|(?P<mark>[{}\[\]:,，：])"
    # A word may have an argument, and that a nested one: `Map<String, List<Long>>`.
    r"""|(?P<word>[^\s{}\[\]:,，："<]+(?:\s?<(?:[^<>\n]|<[^<>\n]*>)*>)?)"""
    r"|(?P<unknown>.)",
    re.DOTALL,
)
_FULL_WIDTH_MARKS = {"，": ",", "：": ":"}
"""Chinese punctuation, with the mark that it stands for."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """The name of its group in `_TOKEN`."""
    text: str
    line: int


def _split_tokens(text: str, comments: dict[int, str]) -> Iterator[_Token]:
    """Yield the tokens, and put each comment into `comments` under the line that it describes.

    That is the comment's own line, or the next one when the comment stands alone.
    """
    line = 0
    last_token_line = -1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "unknown"
        value = match.group()
        if kind == "comment":
            described = line if last_token_line == line else line + 1
            before = comments.get(described)
            comment = value.strip("/#*- \t\n")
            comments[described] = " ".join(filter(None, (before, comment)))
        elif kind != "space":
            last_token_line = line
            yield _Token(kind, _FULL_WIDTH_MARKS.get(value, value), line)
        line += value.count("\n")


def read_sketch(text: str) -> tuple[Node | None, tuple[SkippedPart, ...]]:
    """Read the first value of a sketch, or None when there is none, and return what was skipped."""
    comments: dict[int, str] = {}
    tokens = list(_split_tokens(text, comments))
    parser = _Parser(tokens, comments)
    node = parser.read_value(0)
    if node is not None and parser.peek() is not None:
        parser.skip("text after the end of the sketch")
    return node, tuple(parser.skipped)


class _Parser:
    """A recursive-descent parser that goes on after each error."""

    def __init__(self, tokens: list[_Token], comments: dict[int, str]) -> None:
        self._tokens = tokens
        self._comments = comments
        self._at = 0
        self._has_ellipsis = False
        """Whether the container that was read last holds an ellipsis."""
        self.skipped: list[SkippedPart] = []

    def peek(self) -> _Token | None:
        """Return the next token without taking it; None at the end."""
        if self._at < len(self._tokens):
            return self._tokens[self._at]
        return None

    def skip(self, reason: str) -> None:
        """Record a skipped part at the next token, or at the last one when none is left."""
        line = 0
        if token := self.peek():
            line = token.line
        elif self._tokens:
            line = self._tokens[-1].line
        self.skipped.append(SkippedPart(line, reason))

    def _next(self) -> _Token | None:
        token = self.peek()
        self._at += 1
        return token

    def read_value(self, depth: int) -> Node | None:
        """Read a value; None when the next token does not begin one."""
        token = self.peek()
        if token is None:
            return None
        # It closes the container in which the value is missing: leave it to that container.
        if token.text in ("}", "]"):
            self.skip(f'"{token.text}" where a value was expected')
            return None
        self._at += 1
        if token.text in ("{", "["):
            return self._read_container(token, depth)
        if token.kind == "text":
            return Node(NodeKind.TEXT, token.line, _unquote(token.text))
        if token.kind == "word":
            return Node(NodeKind.WORD, token.line, token.text)
        reason = f'"{token.text}" where a value was expected'
        self.skipped.append(SkippedPart(token.line, reason))
        return None

    def _read_container(self, opener: _Token, depth: int) -> Node | None:
        if depth >= MAX_DEPTH:
            self.skip(f"a sketch nested deeper than {MAX_DEPTH}")
            self._at = len(self._tokens)
            return None
        if opener.text == "{":
            members = tuple(self._read_members(depth))
            node = Node(NodeKind.OBJECT, opener.line, members=members)
        else:
            items = tuple(self._read_items(depth))
            node = Node(NodeKind.ARRAY, opener.line, items=items)
        if self._has_ellipsis:
            self._has_ellipsis = False
            return replace(node, has_ellipsis=True)
        return node

    def _read_members(self, depth: int) -> Iterator[tuple[str, Node]]:
        has_ellipsis = False
        while token := self._next():
            if token.text == "}":
                break
            if _is_ellipsis(token):
                has_ellipsis = True
                continue
            if token.text == ",":
                continue
            if token.kind not in ("text", "word") or not self._is_next(":"):
                reason = f'"{token.text}" where "name": was expected'
                self.skipped.append(SkippedPart(token.line, reason))
                continue
            self._at += 1
            node = self.read_value(depth + 1)
            if node is not None:
                name = _unquote(token.text)
                comment = self._comments.pop(token.line, "")
                yield name, replace(node, line=token.line, comment=comment)
        if token is None:
            self.skip("an object without its closing brace")
        self._has_ellipsis = has_ellipsis

    def _is_next(self, mark: str) -> bool:
        token = self.peek()
        return token is not None and token.text == mark

    def _read_items(self, depth: int) -> Iterator[Node]:
        has_ellipsis = False
        while token := self.peek():
            if token.text == "]":
                break
            if _is_ellipsis(token):
                has_ellipsis = True
                self._at += 1
                continue
            if token.text in (",", "}", ":"):
                self._at += 1
                continue
            node = self.read_value(depth + 1)
            if node is not None:
                yield node
        if self._next() is None:
            self.skip("an array without its closing bracket")
        self._has_ellipsis = has_ellipsis


def _is_ellipsis(token: _Token) -> bool:
    if token.kind == "text":
        return False
    return token.text.startswith(("...", "…"))


def _unquote(text: str) -> str:
    """Return a text without its quotes, escapes resolved in double quotes when they are JSON's."""
    quote = text[:1]
    if len(text) < 2 or quote not in "\"'“":
        return text
    inner = text[1:-1]
    if quote != '"':
        return inner
    try:
        return str(json.loads(text))
    except ValueError:
        return inner
