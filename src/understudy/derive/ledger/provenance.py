"""The lines that a node of the contract came from: its own, its ancestors' and its children's.

A node has the line in `x-source`; a scalar, such as a type, has that of the object around it. A
node that an overlay added has the line of the overlay's action instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from understudy.derive.facts.derivation_model import Document
from understudy.derive.openapi.source_lines import (
    Node,
    extend_pointer,
    get_child,
    list_children,
    parse_pointer,
    read_source,
    split_lines,
    split_pointer,
)
from understudy.errors import InputError, Problem, nearest_name
from understudy.messages import Json

# The operations of a Path Item Object. Source: OpenAPI 3.1, Path Item Object.
_METHODS = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace"))
_MAX_NAME = 200
"""Characters of an unknown name for which a similar one is suggested."""
_MAX_KEYS = 8
"""How many keys a problem lists."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One line that a node came from."""

    file: str
    line: int
    text: str
    """The line of the document without surrounding space, or the reason of an overlay action."""


FindOverlayTrace = Callable[[str], Trace | None]
"""Returns the overlay action that made the node at a pointer, or None when none did."""


def _find_no_overlay(pointer: str) -> Trace | None:
    """Return None: no overlay was applied."""
    return None


def explain(
    contract: dict[str, Json],
    pointer: str,
    documents: Sequence[Document],
    find_overlay_trace: FindOverlayTrace = _find_no_overlay,
) -> tuple[Trace, ...]:
    """Return the lines that a node came from, each once.

    First its own line, then those of its ancestors (the nearest first), then those of everything
    inside it, in the order of the contract; for a `$ref` also those of its target.

    `pointer` is a JSON pointer (`/a/b` or `#/a/b`; it may lead through a `$ref`) or an
    operationId. Raises InputError when there is no such node.
    """
    trail = find_node(contract, pointer)
    node = trail[-1]
    related = [*reversed(trail), *_iter_inside(node)]
    target = _find_target(contract, node)
    if target is not None:
        related += [target, *_iter_inside(target)]
    texts = {document.name: split_lines(document) for document in documents}
    traces: dict[tuple[str, int], Trace] = {}
    for each in related:
        # An overlay's action replaces the document's line.
        trace = find_overlay_trace(each.pointer)
        if trace is None:
            trace = _find_document_trace(each, texts)
        if trace is not None:
            traces.setdefault((trace.file, trace.line), trace)
    return tuple(traces.values())


def _find_document_trace(node: Node, texts: Mapping[str, list[str]]) -> Trace | None:
    """Return the line of a node's `x-source`, or None; `texts` has the lines by document."""
    source = read_source(node)
    if source is None:
        return None
    file, line = source
    lines = texts.get(file, [])
    # An overlay may have written any `x-source`.
    text = "(not a line of these documents)"
    if 0 < line <= len(lines):
        text = lines[line - 1].strip()
    return Trace(file, line, text)


def _iter_inside(node: Node) -> Iterator[Node]:
    """Yield everything inside a node, outer nodes first. A `$ref` is not followed."""
    for child in list_children(node):
        yield child
        yield from _iter_inside(child)


def find_node(contract: dict[str, Json], text: str) -> list[Node]:
    """Return the nodes from the root to the one that a pointer or an operationId selects.

    Raises InputError when there is no such node.
    """
    pointer = parse_pointer(text)
    if pointer is None:
        pointer = _find_operation(contract, text)
    trail = [Node("", contract)]
    tokens = split_pointer(pointer)
    for at, token in enumerate(tokens):
        child = _follow(contract, trail, token)
        if child is None:
            raise InputError(_build_problem(trail[-1], tokens[at:]))
        trail.append(child)
    return trail


def _follow(contract: dict[str, Json], trail: list[Node], token: str) -> Node | None:
    """Return the child that a token selects; targets of `$ref` on the way join the trail."""
    seen: set[str] = set()
    child = get_child(trail[-1], token)
    while child is None:
        target = _find_target(contract, trail[-1])
        if target is None or target.pointer in seen:
            return None
        seen.add(target.pointer)
        trail.append(target)
        child = get_child(target, token)
    return child


def _find_operation(contract: dict[str, Json], name: str) -> str:
    """Return the pointer of the operation with an operationId. Raises InputError."""
    pointers = _list_operations(contract)
    if name in pointers:
        return pointers[name]
    nearest = nearest_name(name[:_MAX_NAME], pointers)
    hint = ""
    if not nearest:
        hint = "Use an operationId or a JSON pointer such as /info."
    problem = Problem(
        "no-such-operation",
        f'unknown operation "{name}"',
        nearest=nearest,
        hint=hint,
    )
    raise InputError(problem)


def _list_operations(contract: dict[str, Json]) -> dict[str, str]:
    """Return the pointer of each operation by its operationId.

    An overlay may have changed the contract in any way: wrong types are skipped.
    """
    pointers: dict[str, str] = {}
    paths = contract.get("paths")
    if not isinstance(paths, dict):
        return pointers
    for path, item in paths.items():
        if not isinstance(item, dict):
            continue
        for method, operation in item.items():
            # A path item may have other keys: `summary`, `parameters`.
            if method not in _METHODS or not isinstance(operation, dict):
                continue
            if "operationId" in operation:
                operation_id = str(operation["operationId"])
                pointers[operation_id] = extend_pointer("/paths", path, method)
    return pointers


def _find_target(contract: dict[str, Json], node: Node) -> Node | None:
    """Return the node that a `$ref` into the same document names, or None.

    Source: OpenAPI 3.1, Reference Object: the value is a URI with a JSON pointer as fragment.
    """
    if not isinstance(node.value, dict):
        return None
    reference = node.value.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return None
    target: Node | None = Node("", contract)
    for token in split_pointer(unquote(reference[1:])):
        if target is None:
            return None
        target = get_child(target, token)
    return target


def _build_problem(node: Node, rest: Sequence[str]) -> Problem:
    """Describe how far a pointer leads, with the nearest pointer that exists.

    `node` is the last node of the pointer that exists, `rest` are the tokens after it.
    """
    keys: list[str] = []
    if isinstance(node.value, dict):
        keys = list(node.value)
    token = rest[0]
    nearest = _find_unescaped(node, keys, rest)
    if not nearest:
        key = nearest_name(token[:_MAX_NAME], keys)
        if key:
            nearest = extend_pointer(node.pointer, key, *rest[1:])
    expected = ""
    if not nearest:
        expected = _describe_choice(node, keys)
    reached = node.pointer or "/"
    return Problem(
        "no-such-node",
        f'"{reached}" has no member "{token}"',
        expected=expected,
        nearest=nearest,
    )


def _find_unescaped(node: Node, keys: Sequence[str], rest: Sequence[str]) -> str:
    """Return the pointer meant by a path whose `/` were not written as `~1`, or "".

    `/paths/api/books/get` means `/paths/~1api~1books/get`. The longest key is tried first.
    """
    for length in range(len(rest), 0, -1):
        joined = "/".join(rest[:length]).strip("/")
        for key in keys:
            if "/" in key and joined == key.strip("/"):
                return extend_pointer(node.pointer, key, *rest[length:])
    return ""


def _describe_choice(node: Node, keys: Sequence[str]) -> str:
    """Return what a pointer may continue with."""
    if isinstance(node.value, list) and node.value:
        return f"an index below {len(node.value)}"
    if isinstance(node.value, list):
        return "no index: the list is empty"
    if not keys:
        return "the pointer to end here"
    listed = ", ".join(keys[:_MAX_KEYS])
    choice = f"one of {listed}"
    more = len(keys) - _MAX_KEYS
    if more > 0:
        choice += f" and {more} more"
    return choice
