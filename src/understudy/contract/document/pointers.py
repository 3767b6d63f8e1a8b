"""JSON Pointer (RFC 6901) as far as a contract needs it, and the following of local `$ref`."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")  # RFC 6901, section 4: no leading zeros


class PointerError(LookupError):
    """A pointer names nothing. Tells the deepest pointer that exists, the key that is missing, and the keys there."""

    def __init__(self, parent: str, key: str, keys: tuple[str, ...]) -> None:
        super().__init__(f'"{parent or "/"}" has no "{key}"')
        self.parent = parent
        self.key = key
        self.keys = keys


def parse_pointer(pointer: str) -> list[str]:
    """Split a pointer into its unescaped tokens."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def join_pointer(tokens: Iterable[Any]) -> str:
    """Join tokens (texts or indexes) to a pointer."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def child_pointer(pointer: str, *tokens: Any) -> str:
    """Give the pointer below `pointer` that the tokens lead to."""
    return pointer + join_pointer(tokens)


def resolve_pointer(document: Any, pointer: str) -> Any:
    """Give the node at a pointer. Raises PointerError."""
    node, parent = document, ""
    for token in parse_pointer(pointer):
        if isinstance(node, dict) and token in node:
            node = node[token]
        elif isinstance(node, list) and _INDEX.fullmatch(token) and int(token) < len(node):
            node = node[int(token)]
        else:
            raise PointerError(parent, token, tuple(node) if isinstance(node, dict) else ())
        parent = child_pointer(parent, token)
    return node


def ref_target(node: Any) -> str | None:
    """Give the pointer that a node's local `$ref` names, or None when it has none.

    Percent-encoding in the fragment is undone, as RFC 6901 section 6 wants.
    """
    ref = node.get("$ref") if isinstance(node, dict) else None
    if not isinstance(ref, str) or not (ref == "#" or ref.startswith("#/")):
        return None
    return unquote(ref[1:])


def follow_refs(document: Any, node: Any, pointer: str) -> tuple[Any, str]:
    """Follow a chain of local `$ref` to its end: the node that has none, with its pointer.

    A chain that bites its own tail ends where it would repeat. Raises PointerError.
    """
    seen: set[str] = set()
    while (target := ref_target(node)) is not None and target not in seen:
        seen.add(target)
        node, pointer = resolve_pointer(document, target), target
    return node, pointer
