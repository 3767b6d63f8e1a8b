"""OpenAPI Overlay 1.0: actions that update or remove what a JSONPath selects. Strict: an action that selects nothing is
an error, unless it says `x-optional: true`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from understudy.contract.document.overlay_jsonpath import (
    Location,
    Name,
    Path,
    PathError,
    node_at,
    parse_path,
    select_locations,
)
from understudy.contract.document.pointers import child_pointer
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.document.source_tree import Tree
from understudy.errors import Place, nearest_name
from understudy.source import Source

_ROOT_KEYS = ("overlay", "info", "extends", "actions")
_ACTION_KEYS = ("target", "description", "update", "remove")


@dataclass(frozen=True, slots=True)
class OverlayAction:
    """One action, read and checked."""

    target: str
    path: Path
    description: str
    pointer: str
    """Where it stands in the overlay."""
    place: Place
    removes: bool
    update: Any
    optional: bool
    decides: tuple[str, ...]
    """`x-decides`: the ids of the ledger's rules whose doubts this action settles."""


def parse_overlay_actions(source: Source) -> tuple[OverlayAction, ...]:
    """Read an overlay's actions. Raises InputError with everything that is wrong with it."""
    findings = ShapeProblems(source)
    actions = tuple(_actions(source, findings))
    findings.close()
    return actions


def apply_overlay(document: Any, source: Source) -> Any:
    """Give plain data with an overlay applied; the data given stays as it is. Raises InputError."""
    return overlay_tree(Tree(document, (Source("", document, {}), "")), source).data


def overlay_tree(tree: Tree, source: Source) -> Tree:
    """Give a tree with an overlay applied, in which each node still knows where it was written. Raises InputError."""
    copy = tree.copy()
    findings = ShapeProblems(source)
    for action in parse_overlay_actions(source):
        found = select_locations(copy.data, action.path)
        if not found and not action.optional:
            _note_missed(copy.data, action, findings)
        elif action.removes:
            _remove(copy, action, found, findings)
        else:
            _update(copy, action, found, source, findings)
    findings.close()
    return copy


def _actions(source: Source, findings: ShapeProblems) -> Iterator[OverlayAction]:
    root = source.data
    if not isinstance(root, dict) or "overlay" not in root:
        expected = 'a mapping with "overlay: 1.0.0" and "actions"'
        findings.add("not-an-overlay", "this is no overlay", "", expected=expected)
        return
    findings.check_keys(root, _ROOT_KEYS, "")
    if not re.match(r"1\.", str(root["overlay"])):
        what = f'the overlay\'s version is "{root["overlay"]}"'
        findings.add("overlay-version", what, "/overlay", expected='"1.0.0"')
    actions = root.get("actions")
    if not isinstance(actions, list) or not actions:
        what = "the overlay has no actions"
        findings.add("no-actions", what, "/actions", expected="a list of at least one action")
        return
    for index, action in enumerate(actions):
        made = _action(action, f"/actions/{index}", source, findings)
        if made is not None:
            yield made


def _action(
    action: Any, pointer: str, source: Source, findings: ShapeProblems
) -> OverlayAction | None:
    if not isinstance(action, dict):
        findings.add(
            "bad-action",
            "this is no action",
            pointer,
            expected="a mapping with target and update or remove",
        )
        return None
    findings.check_keys(action, _ACTION_KEYS, pointer)
    findings.check_type(action, "x-optional", bool, "true or false", pointer)
    findings.check_type(action, "remove", bool, "true or false", pointer)
    findings.check_texts(action, "x-decides", pointer)
    removes = action.get("remove") is True
    if removes == ("update" in action):
        what = "this action says both or neither of what it does"
        findings.add("bad-action", what, pointer, expected='"update" or "remove: true"')
    target, decides = action.get("target"), action.get("x-decides", [])
    if not isinstance(target, str):
        findings.add(
            "bad-action", "this action has no target", pointer, expected='"target: $…" (a JSONPath)'
        )
        return None
    try:
        path = parse_path(target)
    except PathError as error:
        what = f"the target is no path that is understood: {error} (column {error.column} of the target)"
        findings.add(
            "bad-target", what, f"{pointer}/target", expected="a JSONPath such as $.paths['/x'].get"
        )
        return None
    return OverlayAction(
        target, path, str(action.get("description", "")).strip(), pointer, source.place(pointer), removes,
        action.get("update"), action.get("x-optional") is True, tuple(decides) if isinstance(decides, list) else (),
    )  # fmt: skip


def _note_missed(document: Any, action: OverlayAction, findings: ShapeProblems) -> None:
    """Note how far the target leads, and the nearest name there."""
    near = ""
    for length in range(len(action.path) - 1, -1, -1):
        found = select_locations(document, action.path[:length])
        if found:
            names = [
                selector.name
                for selector in action.path[length].selectors
                if isinstance(selector, Name)
            ]
            nodes = [node_at(document, location) for location in found]
            known = {key: None for node in nodes if isinstance(node, dict) for key in node}
            near = next(filter(None, (nearest_name(name[:100], known) for name in names)), "")
            break
    what, hint = (
        f"the target {action.target} selects nothing",
        "Say x-optional: true when it may be missing.",
    )
    findings.add(
        "target-selects-nothing", what, f"{action.pointer}/target", hint=hint, nearest=near
    )


def _remove(
    tree: Tree, action: OverlayAction, found: list[Location], findings: ShapeProblems
) -> None:
    if () in found:
        findings.add("bad-action", "this action removes the whole document", action.pointer)
        return
    # From the back, so that what is still to be removed keeps its index, and what lies in it goes before it.
    for location in sorted(
        found, key=lambda place: [(isinstance(k, str), k) for k in place], reverse=True
    ):
        tree.remove(node_at(tree.data, location[:-1]), location[-1])


def _update(
    tree: Tree,
    action: OverlayAction,
    found: list[Location],
    source: Source,
    findings: ShapeProblems,
) -> None:
    pointer = f"{action.pointer}/update"
    # All nodes first: the update of one may replace what lies below it.
    for node in [node_at(tree.data, location) for location in found]:
        if isinstance(node, list):
            # Source: Overlay 1.0, Action Object: what an array is updated with is an entry to append.
            tree.append(node, action.update, (source, pointer))
        elif not isinstance(node, dict):
            what = f"the target {action.target} selects a single value, which cannot be merged with"
            expected = "a mapping or a list as the target"
            findings.add("bad-action", what, f"{action.pointer}/target", expected=expected)
        elif not isinstance(action.update, dict):
            what = f"the target {action.target} selects a mapping, and the update is none"
            findings.add("bad-action", what, pointer, expected="a mapping")
        else:
            _merge(tree, node, action.update, source, pointer)


def _merge(
    tree: Tree, node: dict[str, Any], update: dict[str, Any], source: Source, pointer: str
) -> None:
    """Merge recursively: mappings by key, lists joined, all else replaced."""
    for key, value in update.items():
        where, present = child_pointer(pointer, key), node.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            _merge(tree, present, value, source, where)
        elif isinstance(present, list) and isinstance(value, list):
            for index, item in enumerate(value):
                tree.append(present, item, (source, child_pointer(where, index)))
        else:
            tree.put(node, key, value, (source, where))
