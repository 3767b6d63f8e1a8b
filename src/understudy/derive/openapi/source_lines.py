"""JSON pointers (RFC 6901) into a derived contract, and the document line of each node.

The derivation writes the line as `x-source: FILE:LINE`. This module reads it back, so that the
ledger can refer to nodes, and nodes can be explained by lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from understudy.derive.facts.derivation_model import Document
from understudy.messages import Json

# RFC 6901, section 4: an array index has no leading zeros. Nine digits are enough for any contract.
_ARRAY_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")

# The line ends that the Markdown reader counts; other separators, such as U+2028, end no line.
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a contract with the JSON pointer that leads to it."""

    pointer: str
    value: Json


def split_pointer(pointer: str) -> list[str]:
    """Return the unescaped tokens of a JSON pointer.

    Source: RFC 6901, section 4: `~1` is replaced before `~0`.
    """
    tokens = []
    for escaped in pointer.split("/")[1:]:
        token = escaped.replace("~1", "/")
        tokens.append(token.replace("~0", "~"))
    return tokens


def extend_pointer(pointer: str, *tokens: object) -> str:
    """Return `pointer` followed by the tokens, escaped. A token is a key or an index.

    Source: RFC 6901, section 3: `~` becomes `~0`, `/` becomes `~1`.
    """
    for token in tokens:
        escaped = str(token).replace("~", "~0")
        escaped = escaped.replace("/", "~1")
        pointer = f"{pointer}/{escaped}"
    return pointer


def parse_pointer(text: str) -> str | None:
    """Return the JSON pointer that a text contains, or None when it is not a pointer.

    Accepts `/a/b`, and the fragment form `#/a/b` with percent-encoding (RFC 6901, section 6).
    """
    pointer = text
    if text.startswith("#"):
        pointer = unquote(text[1:])
    # The empty pointer is the whole contract.
    if pointer == "" or pointer.startswith("/"):
        return pointer
    return None


def list_children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below a node, in the order of the contract."""
    value = node.value
    children: Iterable[tuple[object, Json]] = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    for token, child in children:
        yield Node(extend_pointer(node.pointer, token), child)


def get_child(node: Node, token: str) -> Node | None:
    """Return the child that an unescaped pointer token selects, or None when there is none."""
    value = node.value
    pointer = extend_pointer(node.pointer, token)
    if isinstance(value, dict) and token in value:
        return Node(pointer, value[token])
    if isinstance(value, list) and _ARRAY_INDEX.fullmatch(token) and int(token) < len(value):
        return Node(pointer, value[int(token)])
    return None


def read_source(node: Node) -> tuple[str, int] | None:
    """Return file and line of a node's `x-source` (`FILE:LINE`), or None when it has none."""
    if not isinstance(node.value, dict):
        return None
    source = node.value.get("x-source")
    if not isinstance(source, str):
        return None
    file, _, line = source.rpartition(":")
    # An overlay may write any text here; `isdigit` alone accepts digits that `int` rejects.
    if not file or not line.isascii() or not line.isdigit():
        return None
    return file, int(line)


def split_lines(document: Document) -> list[str]:
    """Return the lines of a document without its byte order mark, as the derivation counts them."""
    return _LINE_END.split(document.text.removeprefix("\ufeff"))
