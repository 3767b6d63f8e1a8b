"""JSON Pointer (RFC 6901) as far as a contract needs it, and local `$ref`.

A pointer is written as in RFC 6901 (`/paths/~1pets/get`); the empty pointer names the whole
document. Nothing here fetches: a `$ref` to another file or URL has no target. The library
jsonpointer reports a missing member as a text only; the parent and its keys are needed for the
nearest name.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

# RFC 6901, section 4: an array index has no leading zeros. The length bound keeps `int` cheap.
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")

# Members beside a `$ref` that change nothing about which values are valid.
_ANNOTATIONS = frozenset(["$ref", "summary", "description", "title", "x-source"])

JsonObject = dict[str, Any]
"""An object of a document. The checks of a contract guarantee the types of its members, so these
are not narrowed again where they are used."""
Token = str | int
"""A key of an object, or an index of a list."""


class PointerError(LookupError):
    """A pointer that leads to no node.

    `parent` is the deepest pointer that exists, `key` the key that is missing there, and `keys`
    the keys that the parent has (empty when the parent is not an object).
    """

    def __init__(self, parent: str, key: str, keys: tuple[str, ...]) -> None:
        shown_parent = parent or "/"
        super().__init__(f'"{shown_parent}" has no "{key}"')
        self.parent = parent
        self.key = key
        self.keys = keys


def parse_pointer(pointer: str) -> list[str]:
    """Return the unescaped tokens of a pointer."""
    if not pointer:
        return []
    # A pointer begins with a slash, so the text before the first one is empty.
    _, *parts = pointer.split("/")
    return [_unescape(part) for part in parts]


def _unescape(part: str) -> str:
    # RFC 6901, section 4: `~1` is decoded before `~0`, so that `~01` becomes `~1`.
    return part.replace("~1", "/").replace("~0", "~")


def _escape(token: Token) -> str:
    text = str(token)
    # Most names need no escape, and large documents have a million of them.
    if "~" in text or "/" in text:
        return text.replace("~", "~0").replace("/", "~1")
    return text


def join_pointer(tokens: Iterable[Token]) -> str:
    """Return the pointer that consists of the tokens (names or indexes)."""
    return "".join(f"/{_escape(token)}" for token in tokens)


def child_pointer(pointer: str, *tokens: Token) -> str:
    """Return the pointer that leads from `pointer` through the tokens."""
    for token in tokens:
        pointer = f"{pointer}/{_escape(token)}"
    return pointer


def resolve_pointer(document: Any, pointer: str) -> Any:
    """Return the node at a pointer. Raises PointerError when there is none."""
    node = document
    parent = ""
    for token in parse_pointer(pointer):
        if isinstance(node, dict) and token in node:
            node = node[token]
        elif isinstance(node, list) and _is_index(token, node):
            node = node[int(token)]
        else:
            keys = tuple(node) if isinstance(node, dict) else ()
            raise PointerError(parent, token, keys)
        parent = child_pointer(parent, token)
    return node


def _is_index(token: str, items: list[Any]) -> bool:
    return _INDEX.fullmatch(token) is not None and int(token) < len(items)


def ref_target(node: object) -> str | None:
    """Return the pointer that a node's local `$ref` names, or None when it has none.

    Source: RFC 6901, section 6: percent-encoding in the fragment is decoded.
    """
    if not isinstance(node, dict):
        return None
    ref = node.get("$ref")
    if not isinstance(ref, str):
        return None
    if ref == "#" or ref.startswith("#/"):
        return unquote(ref[1:])
    return None


def follow_refs(document: Any, node: Any, pointer: str) -> tuple[Any, str]:
    """Follow a chain of local `$ref` to its end and return the last node with its pointer.

    `pointer` is returned as it is when the node has no `$ref`. A circular chain ends at the first
    target that would repeat. Raises PointerError when a target does not exist.
    """
    return _follow(document, node, pointer, stops_at_siblings=False)


def follow_bare_refs(document: Any, schema: Any, pointer: str) -> tuple[Any, str]:
    """Follow a chain of local `$ref` like `follow_refs`, but stop at one with keywords beside it.

    Source: JSON Schema 2020-12, core, section 8.2.3.1: the keywords beside a `$ref` apply too.
    """
    return _follow(document, schema, pointer, stops_at_siblings=True)


def _follow(document: Any, node: Any, pointer: str, *, stops_at_siblings: bool) -> tuple[Any, str]:
    seen: set[str] = set()
    while True:
        target = ref_target(node)
        if target is None or target in seen:
            return node, pointer
        if stops_at_siblings and any(key not in _ANNOTATIONS for key in node):
            return node, pointer
        seen.add(target)
        node = resolve_pointer(document, target)
        pointer = target
