"""Which lines a node of the contract came from: its own, those around it and those of what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
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

_METHODS = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace"))


@dataclass(frozen=True, slots=True)
class Trace:
    """One line that a node came from."""

    file: str
    line: int
    text: str
    """The line of a document, without the white space around it; the reason of an overlay's action."""


Written = Callable[[str], Trace | None]
"""Gives what an overlay says of the node at a pointer, or None of a node that no overlay made."""


def explain(
    contract: dict[str, Any],
    pointer: str,
    documents: Sequence[Document],
    written: Written = lambda pointer: None,
) -> tuple[Trace, ...]:
    """Give the lines that a node came from, each once: its own, its ancestors' (the nearest first), then those of all
    that is in it, in the contract's order; of a reference, also those of its target.

    `pointer` is a JSON pointer (`/a/b` or `#/a/b`; one that leads through a `$ref` is followed), or an operationId.
    Raises InputError when it names nothing.
    """
    trail = find_node(contract, pointer)
    texts = {document.name: split_lines(document) for document in documents}
    nodes = [*reversed(trail), *_inside(trail[-1])]
    target = _target(contract, trail[-1])
    if target is not None:
        nodes += [target, *_inside(target)]
    traces: dict[tuple[str, int], Trace] = {}
    for node in nodes:
        trace, source = written(node.pointer), read_source(node)
        if trace is None and source is not None:
            trace = _trace(source, texts)
        if trace is not None:
            traces.setdefault((trace.file, trace.line), trace)
    return tuple(traces.values())


def _trace(source: tuple[str, int], texts: dict[str, list[str]]) -> Trace:
    file, line = source
    told = texts.get(file, [])
    return Trace(
        file,
        line,
        told[line - 1].strip() if 0 < line <= len(told) else "(not a line of these documents)",
    )


def _inside(node: Node) -> Iterator[Node]:
    for inner in list_children(node):
        yield inner
        yield from _inside(inner)


def find_node(contract: dict[str, Any], text: str) -> list[Node]:
    """Give the way from the root to the node that a pointer or an operationId names. Raises InputError."""
    pointer = parse_pointer(text)
    if pointer is None:
        pointer = _operation(contract, text)
    trail = [Node("", contract)]
    tokens = split_pointer(pointer)
    for at, token in enumerate(tokens):
        step = get_child(trail[-1], token)
        seen: set[str] = set()
        while (
            step is None
            and (target := _target(contract, trail[-1])) is not None
            and target.pointer not in seen
        ):
            seen.add(target.pointer)
            trail.append(target)
            step = get_child(target, token)
        if step is None:
            raise InputError(_missing(trail[-1], tokens[at:]))
        trail.append(step)
    return trail


def _operation(contract: dict[str, Any], name: str) -> str:
    found = {}
    for path, item in contract.get("paths", {}).items():
        for method, operation in item.items() if isinstance(item, dict) else ():
            if method in _METHODS and isinstance(operation, dict) and "operationId" in operation:
                found[str(operation["operationId"])] = extend_pointer("/paths", path, method)
    if name not in found:
        what = f'there is no operation "{name}" in the contract'
        near = nearest_name(name[:200], found)
        hint = "" if near else "Give an operationId or a JSON pointer such as /info."
        raise InputError(Problem("no-such-operation", what, nearest=near, hint=hint))
    return found[name]


def _target(contract: dict[str, Any], node: Node) -> Node | None:
    """Give the node that a `$ref` in this document names."""
    ref = node.value.get("$ref") if isinstance(node.value, dict) else None
    if not isinstance(ref, str) or not ref.startswith("#/"):
        return None
    found: Node | None = Node("", contract)
    for token in split_pointer(unquote(ref[1:])):
        found = get_child(found, token) if found else None
    return found


def _missing(node: Node, rest: Sequence[str]) -> Problem:
    """Say how far a pointer leads, and which key there is nearest."""
    keys = list(node.value) if isinstance(node.value, dict) else []
    near = _unescaped(node, keys, rest)
    if not near:
        key = nearest_name(rest[0][:200], keys)
        near = extend_pointer(node.pointer, key, *rest[1:]) if key else ""
    what = f'the pointer leads as far as "{node.pointer or "/"}", which has no "{rest[0]}"'
    expected = "" if near else _choice(node, keys)
    return Problem("no-such-node", what, expected=expected, nearest=near)


def _unescaped(node: Node, keys: Sequence[str], rest: Sequence[str]) -> str:
    """Mend the usual slip, a path whose `/` are not written `~1`."""
    for length in range(len(rest), 0, -1):
        joined = "/".join(rest[:length])
        for key in keys:
            if "/" in key and joined.strip("/") == key.strip("/"):
                return extend_pointer(node.pointer, key, *rest[length:])
    return ""


def _choice(node: Node, keys: Sequence[str]) -> str:
    if isinstance(node.value, list):
        return f"an index below {len(node.value)}" if node.value else "nothing: the list is empty"
    if not keys:
        return "the pointer to end here"
    more = f" and {len(keys) - 8} more" if len(keys) > 8 else ""
    return f"one of {', '.join(keys[:8])}{more}"
