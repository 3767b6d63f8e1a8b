"""The lines of documents and overlays that a node of a derived contract comes from.

Nodes of documents have `x-source`. Nodes of overlays do not: the tree of the contract remembers
which action made them.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from understudy import derive as derivation
from understudy.cli.derivation_run import DerivationRun
from understudy.contract.document.overlay import parse_overlay_actions
from understudy.contract.document.source_tree import Tree
from understudy.errors import Place

_ACTION = re.compile(r"/actions/([0-9]+)/")
"""The start of a pointer into an overlay (OpenAPI Overlay 1.0, 4.4.1)."""


def explain_node(run: DerivationRun, pointer: str) -> str:
    """Return the lines that a node comes from, then the doubts about these lines.

    `pointer` is a JSON pointer or an operationId. Raises InputError for an unknown node.
    """
    find_overlay_line = _overlay_lookup(run)
    traces = derivation.explain(run.tree.data, pointer, run.documents, find_overlay_line)
    lines = [derivation.printable(line) for line in _format_lines(run, pointer, traces)]
    text = "".join(f"{line}\n" for line in lines)
    # Doubts and traces both have the file's name; paths come last, for the reader.
    places = {(trace.file, trace.line) for trace in traces}
    entries = [
        entry for entry in run.ledger_entries() if (entry.doubt.file, entry.doubt.line) in places
    ]
    if entries:
        text += "\n" + derivation.as_text(run.with_paths(entries))
    return text


def _format_lines(
    run: DerivationRun, pointer: str, traces: Sequence[derivation.Trace]
) -> list[str]:
    """Return one line for each trace, with the path of the command line."""
    if not traces:
        return [f"{pointer}: no line of the documents; the derivation added this node"]
    lines = []
    for trace in traces:
        path = run.paths.get(trace.file, trace.file)
        lines.append(f"{path}:{trace.line}: {trace.text}")
    return lines


def _overlay_lookup(run: DerivationRun) -> Callable[[str], derivation.Trace | None]:
    """Return a function that finds the line of the overlay that made the node at a pointer."""
    actions = {source.file: (path, parse_overlay_actions(source)) for path, source in run.overlays}

    def find_overlay_line(pointer: str) -> derivation.Trace | None:
        """Return the trace of the action; None for a node of the derivation."""
        file, index = _find_action(run.tree, pointer)
        if index is None or file not in actions:
            return None
        path, file_actions = actions[file]
        action = file_actions[index]
        return _trace(path, action.place, action.description or f"updates {action.target}")

    return find_overlay_line


def _trace(path: Path, place: Place, reason: str) -> derivation.Trace:
    return derivation.Trace(str(path), place.line, reason)


def _find_action(tree: Tree, pointer: str) -> tuple[str, int | None]:
    """Return the file that a node was read from, and the index of the overlay action, if any."""
    node = tree.data
    source, origin = tree.origin
    for token in pointer.split("/")[1:]:
        key: int | str = token.replace("~1", "/").replace("~0", "~")  # RFC 6901, 4
        if isinstance(node, list):
            key = int(token)
        children = tree.child_origins.get(id(node))
        # A container without entries is part of one file, at the same place as in the file.
        if children is None:
            origin = f"{origin}/{token}"
        else:
            source, origin = children[key]
        node = node[key]
    match = _ACTION.match(origin)
    return source.file, int(match[1]) if match else None
