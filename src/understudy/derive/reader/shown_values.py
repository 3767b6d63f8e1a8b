"""Texts that show values: which are JSON, what their parts are worth, where they are not what they seem."""

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
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}


def looks_like_json(text: str) -> bool:
    """Tell whether a text begins as an object or array does, comments left aside."""
    return bool(re.match(r"(?:\s|//[^\n]*\n|#[^\n]*\n|/\*.*?\*/)*[{\[]", text, re.DOTALL))


def is_value(node: Node) -> bool:
    """Tell whether a word of a sketch is a value: a number, true, false, null."""
    return node.text in _LITERALS or _NUMBER.fullmatch(node.text) is not None


def iter_leaves(node: Node) -> Iterator[Node]:
    """Give the texts and words of a sketch."""
    if node.kind in (NodeKind.TEXT, NodeKind.WORD):
        yield node
    for child in (*(member for _, member in node.members), *node.items):
        yield from iter_leaves(child)


def shows_values(node: Node) -> bool:
    """Tell whether a sketch shows values, no words or texts that tell types."""
    found = list(iter_leaves(node))
    words = [leaf for leaf in found if leaf.kind is NodeKind.WORD]
    return all(is_value(word) for word in words) and not has_type_names(node)


def has_type_names(node: Node) -> bool:
    """Tell whether the quoted texts of a sketch are types, most of them: `"id": "Long"`."""
    texts = [leaf for leaf in iter_leaves(node) if leaf.kind is NodeKind.TEXT]
    types = sum(is_type_name(leaf.text) for leaf in texts)
    return types > 0 and types * 3 >= len(texts) * 2


def is_type_name(text: str) -> bool:
    """Tell whether a text is the word of a type."""
    return (
        fold(text.removesuffix("[]")) in TYPES
        or re.fullmatch(r"(?i)(?:array|list|map)<.*>", text) is not None
    )


def node_to_value(node: Node) -> Any:
    """Give the value that a node shows; a word that is none is its text."""
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
        return node.text


def contains_ellipsis(node: Node) -> bool:
    """Tell whether parts of a value are left out with `...`."""
    return node.has_ellipsis or any(
        contains_ellipsis(part) for part in (*(member for _, member in node.members), *node.items)
    )


_EASED = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|\#[^\n]*|/\*.*?\*/|(?:,\s{0,99})?(?:\.{3,}|…+)(?:\s{0,99},(?=\s{0,99}["{\[\w]))?',
    re.DOTALL,
)


def find_json_error(text: str) -> JsonError | None:
    """Tell why a text is no JSON, comments and `...` forgiven; None when it is."""

    def ease(match: re.Match[str]) -> str:
        piece = match.group()
        return piece if piece.startswith('"') else "\n" * piece.count("\n")

    try:
        parse_json(_EASED.sub(ease, text).rstrip())
    except JsonError as error:
        return error
    return None


@dataclass(frozen=True, slots=True)
class ExamplePart:
    """One of the examples that a code block holds: its title, its text, the line that it begins at, from 0."""

    title: str
    text: str
    line: int


def split_examples(text: str) -> list[ExamplePart]:
    """Split a code block at comments that stand alone at the margin, outside of braces."""
    parts: list[ExamplePart] = []
    title, lines, start, depth = "", list[str](), 0, 0
    for at, line in enumerate(text.split("\n")):
        comment = re.match(r"(?:#|//)\s*(.*)", line)
        if comment and depth <= 0:
            _close(parts, title, lines, start)
            title, lines, start = comment[1].strip(), [], at + 1
            continue
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
        depth += bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")
        lines.append(line)
    _close(parts, title, lines, start)
    return parts


def _close(parts: list[ExamplePart], title: str, lines: list[str], start: int) -> None:
    while lines and not lines[0].strip():
        lines, start = lines[1:], start + 1
    text = "\n".join(lines).rstrip()
    if text:
        parts.append(ExamplePart(title, text, start))


def read_example_json(text: str) -> Node | None:
    """Give the JSON that a text shows, read as far as it goes; None when it is none."""
    return read_sketch(text)[0] if looks_like_json(text) else None
