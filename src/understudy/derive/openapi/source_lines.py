"""JSON pointers (RFC 6901) into a derived contract, and the lines that its nodes tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from understudy.derive.facts.derivation_model import Document

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a contract, with the pointer that leads to it."""

    pointer: str
    value: Any


def split_pointer(pointer: str) -> list[str]:
    """Split a pointer into its unescaped tokens."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def extend_pointer(pointer: str, *tokens: object) -> str:
    """Give the pointer below `pointer` that the tokens lead to."""
    return pointer + "".join(
        "/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens
    )


def parse_pointer(text: str) -> str | None:
    """Give the pointer that a text is: `/a/b`, or `#/a/b` with its percent-encoding undone. None when it is none."""
    pointer = unquote(text[1:]) if text.startswith("#") else text
    return pointer if pointer == "" or pointer.startswith("/") else None


def list_children(node: Node) -> Iterable[Node]:
    """Give the nodes directly below one, in the contract's order."""
    if isinstance(node.value, dict):
        return [Node(extend_pointer(node.pointer, key), value) for key, value in node.value.items()]
    if isinstance(node.value, list):
        return [
            Node(extend_pointer(node.pointer, index), value)
            for index, value in enumerate(node.value)
        ]
    return []


def get_child(node: Node, token: str) -> Node | None:
    """Give the node that one token leads to, or None."""
    if isinstance(node.value, dict) and token in node.value:
        return Node(extend_pointer(node.pointer, token), node.value[token])
    if isinstance(node.value, list) and _INDEX.fullmatch(token) and int(token) < len(node.value):
        return Node(extend_pointer(node.pointer, token), node.value[int(token)])
    return None


def read_source(node: Node) -> tuple[str, int] | None:
    """Give file and line of a node's `x-source`, or None when it has none."""
    told = node.value.get("x-source") if isinstance(node.value, dict) else None
    file, _, line = told.rpartition(":") if isinstance(told, str) else ("", "", "")
    return (file, int(line)) if file and line.isascii() and line.isdigit() else None


def split_lines(document: Document) -> list[str]:
    """Give the lines of a document as the derivation counts them."""
    return re.split(r"\r\n?|\n", document.text.removeprefix("\ufeff"))
