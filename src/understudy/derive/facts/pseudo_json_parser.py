"""A tolerant reader for the JSON-like sketches that documents draw: `{"contents": [Task], "page": {"size": Integer}}`.

It reads any text, keeps the line of each node and reports what it had to skip. Nothing here decides what a word means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

MAX_DEPTH = 40
"""How deep a sketch is read; what lies deeper is left out."""


class NodeKind(Enum):
    """What a node of a sketch is."""

    OBJECT = "object"
    ARRAY = "array"
    TEXT = "text"
    """A quoted text."""
    WORD = "word"
    """A bare word: a type, a structure, a number, true."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node with its line, counted from 0 at the sketch's first line."""

    kind: NodeKind
    line: int
    text: str = ""
    members: tuple[tuple[str, Node], ...] = ()
    items: tuple[Node, ...] = ()
    comment: str = ""
    """What a comment beside a member, or alone above it, says."""
    has_ellipsis: bool = False
    """Whether `...` stands in it for what was left out."""


@dataclass(frozen=True, slots=True)
class SkippedPart:
    """What could not be read, and its line counted from 0."""

    line: int
    reason: str


_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<comment>//[^\n]*|\#[^\n]*|/\*.*?\*/)|(?P<text>"(?:[^"\\\n]|\\.)*+"|“[^”\n]*”|'[^'\n]*')"""
    r"""|(?P<mark>[{}\[\]:,，：])|(?P<word>[^\s{}\[\]:,，："<]+(?:\s?<(?:[^<>\n]|<[^<>\n]*>)*>)?)|(?P<other>.)""",
    re.DOTALL,
)
_MARKS = {"，": ",", "：": ":"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def _tokens(text: str, comments: dict[int, str]) -> Iterator[_Token]:
    """Give the tokens; put each comment to the line that it speaks of: its own, or the next when it stands alone."""
    line, busy = 0, -1
    for match in _TOKEN.finditer(text):
        kind, value = match.lastgroup or "other", match.group()
        if kind == "comment":
            about = line if busy == line else line + 1
            comments[about] = " ".join(
                filter(None, (comments.get(about), value.strip("/#*- \t\n")))
            )
        elif kind != "space":
            busy = line
            yield _Token(kind, _MARKS.get(value, value), line)
        line += value.count("\n")


def read_sketch(text: str) -> tuple[Node | None, tuple[SkippedPart, ...]]:
    """Read the first value of a sketch. Gives None when there is none."""
    comments: dict[int, str] = {}
    reader = _Reader(list(_tokens(text, comments)), comments)
    node = reader.value(0)
    if node is not None and reader.peek() is not None:
        reader.skip("text after the end of the sketch")
    return node, tuple(reader.skipped)


class _Reader:
    def __init__(self, tokens: list[_Token], comments: dict[int, str]) -> None:
        self._tokens = tokens
        self._comments = comments
        self._elided = False
        self._at = 0
        self.skipped: list[SkippedPart] = []

    def peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def skip(self, what: str) -> None:
        token = self.peek() or (self._tokens[-1] if self._tokens else _Token("", "", 0))
        self.skipped.append(SkippedPart(token.line, what))

    def _next(self) -> _Token | None:
        token = self.peek()
        self._at += 1
        return token

    def value(self, depth: int) -> Node | None:
        token = self.peek()
        if token is None:
            return None
        if token.text in ("}", "]"):  # it ends what this value would have been in
            self.skip(f'"{token.text}" where a value was expected')
            return None
        self._at += 1
        if token.text in ("{", "[") and depth >= MAX_DEPTH:
            self.skip(f"a sketch nested deeper than {MAX_DEPTH}")
            self._at = len(self._tokens)
            return None
        if token.text == "{":
            members = tuple(self._members(depth))
            return Node(
                NodeKind.OBJECT, token.line, members=members, has_ellipsis=self._take_elided()
            )
        if token.text == "[":
            items = tuple(self._items(depth))
            return Node(NodeKind.ARRAY, token.line, items=items, has_ellipsis=self._take_elided())
        if token.kind == "text":
            return Node(NodeKind.TEXT, token.line, _unquote(token.text))
        if token.kind == "word":
            return Node(NodeKind.WORD, token.line, token.text)
        self.skipped.append(SkippedPart(token.line, f'"{token.text}" where a value was expected'))
        return None

    def _take_elided(self) -> bool:
        elided, self._elided = self._elided, False
        return elided

    def _members(self, depth: int) -> Iterator[tuple[str, Node]]:
        elided = False
        while (token := self._next()) is not None and token.text != "}":
            if token.text == "," or _is_elision(token):
                elided = elided or _is_elision(token)
                continue
            after = self.peek()
            if token.kind not in ("text", "word") or after is None or after.text != ":":
                self.skipped.append(
                    SkippedPart(token.line, f'"{token.text}" where "name": was expected')
                )
                continue
            self._at += 1
            node = self.value(depth + 1)
            if node is not None:
                comment = self._comments.pop(token.line, "")
                yield (
                    _unquote(token.text),
                    Node(
                        node.kind,
                        token.line,
                        node.text,
                        node.members,
                        node.items,
                        comment,
                        node.has_ellipsis,
                    ),
                )
        if token is None:
            self.skip("an object without its closing brace")
        self._elided = elided

    def _items(self, depth: int) -> Iterator[Node]:
        elided = False
        while (token := self.peek()) is not None and token.text != "]":
            if token.text in (",", "}", ":") or _is_elision(token):
                elided = elided or _is_elision(token)
                self._at += 1
                continue
            node = self.value(depth + 1)
            if node is not None:
                yield node
        if self._next() is None:
            self.skip("an array without its closing bracket")
        self._elided = elided


def _is_elision(token: _Token) -> bool:
    return token.kind != "text" and token.text.startswith(("...", "…"))


def _unquote(text: str) -> str:
    if len(text) < 2 or text[0] not in "\"'“":
        return text
    try:
        return str(json.loads(text)) if text[0] == '"' else text[1:-1]
    except ValueError:
        return text[1:-1]
