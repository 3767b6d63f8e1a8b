"""Texts that show values: whether they are JSON, their parts, and where they break its rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from understudy.derive.facts.pseudo_json_parser import Node, NodeKind, read_sketch
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.vocabulary import TYPES
from understudy.messages import JsonError, parse_json

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
"""A number. Source: RFC 8259 section 6."""
_LITERALS: dict[str, bool | None] = {
    "true": True,
    "false": False,
    "null": None,
}
_JSON_HEAD = re.compile(r"(?:\s|//[^\n]*\n|#[^\n]*\n|/\*.*?\*/)*[{\[]", re.DOTALL)
"""White space and comments, then a bracket."""
_COMMENT = re.compile(r"(?:#|//)\s*(.*)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_GENERIC_TYPE = re.compile(r"(?i)(?:array|list|map)<.*>")


def looks_like_json(text: str) -> bool:
    """Check whether a text begins as an object or array does, after any comments."""
    return bool(_JSON_HEAD.match(text))


def is_value(node: Node) -> bool:
    """Check whether a word of a sketch is a value: a number, `true`, `false`, `null`."""
    if node.text in _LITERALS:
        return True
    return _NUMBER.fullmatch(node.text) is not None


def _iter_children(node: Node) -> Iterator[Node]:
    """Yield the values of an object's members, or the items of an array."""
    for _, member in node.members:
        yield member
    yield from node.items


def iter_leaves(node: Node) -> Iterator[Node]:
    """Yield the texts and words of a sketch."""
    if node.kind in (NodeKind.TEXT, NodeKind.WORD):
        yield node
    for child in _iter_children(node):
        yield from iter_leaves(child)


def shows_values(node: Node) -> bool:
    """Check whether a sketch shows values: no bare words, and no texts that name types."""
    for leaf in iter_leaves(node):
        if leaf.kind is NodeKind.WORD and not is_value(leaf):
            return False
    return not has_type_names(node)


def has_type_names(node: Node) -> bool:
    """Check whether at least two thirds of a sketch's quoted texts name types: `"id": "Long"`."""
    text_count = 0
    type_count = 0
    for leaf in iter_leaves(node):
        if leaf.kind is NodeKind.TEXT:
            text_count += 1
            type_count += is_type_name(leaf.text)
    return type_count > 0 and type_count * 3 >= text_count * 2


def is_type_name(text: str) -> bool:
    """Check whether a text is the name of a type."""
    if fold(text.removesuffix("[]")) in TYPES:
        return True
    return _GENERIC_TYPE.fullmatch(text) is not None


def node_to_value(node: Node) -> Any:
    """Return the JSON value that a node shows.

    A word that is not a value becomes its text; of two members with one name, the last counts.
    """
    if node.kind is NodeKind.OBJECT:
        return {name: node_to_value(member) for name, member in node.members}
    if node.kind is NodeKind.ARRAY:
        return [node_to_value(item) for item in node.items]
    if node.kind is NodeKind.TEXT or not is_value(node):
        return node.text
    if node.text in _LITERALS:
        return _LITERALS[node.text]
    try:
        return parse_json(node.text)
    except JsonError:
        # A number beyond a double's range.
        return node.text


def contains_ellipsis(node: Node) -> bool:
    """Check whether `...` stands for parts that are left out, anywhere in a value."""
    if node.has_ellipsis:
        return True
    return any(contains_ellipsis(child) for child in _iter_children(node))


# Texts are matched first, so that nothing inside of them is taken for a comment or an ellipsis. An
# ellipsis takes the comma beside it along.
_LENIENT = re.compile(
    r'"(?:[^"\\\n]|\\.)*"'
    r"|//[^\n]*|\#[^\n]*|/\*.*?\*/"
    r'|(?:,\s{0,99})?(?:\.{3,}|…+)(?:\s{0,99},(?=\s{0,99}["{\[\w]))?',
    re.DOTALL,
)


def find_json_error(text: str) -> JsonError | None:
    """Return why a text is not JSON, comments and ellipses apart; None when it is JSON."""
    strict = _LENIENT.sub(_erase, text).rstrip()
    try:
        parse_json(strict)
    except JsonError as error:
        return error
    return None


def _erase(match: re.Match[str]) -> str:
    """Return a text as it is.

    Of a comment or ellipsis, the line ends only, so that lines stay right.
    """
    piece = match.group()
    if piece.startswith('"'):
        return piece
    return "\n" * piece.count("\n")


@dataclass(frozen=True, slots=True)
class ExamplePart:
    """One of the examples in a code block."""

    title: str
    """The comment above it."""
    text: str
    line: int
    """Its first line, from 0 at the block's first."""


def split_examples(text: str) -> list[ExamplePart]:
    """Split a code block at comments that stand alone at the margin, outside of brackets."""
    parts: list[ExamplePart] = []
    title = ""
    start = 0
    depth = 0
    lines: list[str] = []
    for at, line in enumerate(text.split("\n")):
        comment = _COMMENT.match(line)
        if comment and depth <= 0:
            parts += _close_part(title, lines, start)
            title = comment[1].strip()
            lines = []
            start = at + 1
            continue
        depth += _count_brackets(line)
        lines.append(line)
    return parts + _close_part(title, lines, start)


def _count_brackets(line: str) -> int:
    """Return how many more brackets a line opens than it closes, those in quotes aside."""
    bare = _QUOTED.sub("", line)
    opened = bare.count("{") + bare.count("[")
    closed = bare.count("}") + bare.count("]")
    return opened - closed


def _close_part(title: str, lines: list[str], start: int) -> list[ExamplePart]:
    """Return the part of some lines without empty ones around it.

    An empty list when all are empty.
    """
    filled = [at for at, line in enumerate(lines) if line.strip()]
    if not filled:
        return []
    first = filled[0]
    text = "\n".join(lines[first:])
    return [ExamplePart(title, text.rstrip(), start + first)]


def read_example_json(text: str) -> Node | None:
    """Return the JSON that a text shows, read as far as it goes; None when it is not JSON.

    The JSON need not be valid: comments, an ellipsis and missing brackets are accepted.
    """
    if not looks_like_json(text):
        return None
    node, _ = read_sketch(text)
    return node
