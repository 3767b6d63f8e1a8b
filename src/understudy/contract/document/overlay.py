"""OpenAPI Overlay 1.0: actions that update or remove what a JSONPath (RFC 9535) selects.

Stricter than the specification in one point: an action that selects nothing is an error, unless it
has `x-optional: true`. So a document that changes under an overlay is noticed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from understudy.contract.document.pointers import JsonObject, child_pointer
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.document.source_tree import Tree
from understudy.errors import Place, nearest_name
from understudy.patterns.jsonpath_query import (
    JsonPath,
    JsonPathError,
    Location,
    compile_jsonpath,
)
from understudy.source import Source

_ROOT_KEYS = ("overlay", "info", "extends", "actions")
_TARGET = "a JSONPath (RFC 9535) such as $.paths['/x'].get"
_ACTION_KEYS = ("target", "description", "update", "remove")
# A name in a target can be long; looking for a near one takes time in proportion to that.
_NEAREST_LIMIT = 100


@dataclass(frozen=True, slots=True)
class OverlayAction:
    """One action of an overlay, parsed and checked."""

    target: str
    """The JSONPath as it is written."""
    path: JsonPath
    description: str
    pointer: str
    """Where the action is in the overlay."""
    place: Place
    removes: bool
    """Whether the action removes its targets; otherwise it updates them."""
    update: Any
    optional: bool
    """`x-optional`: the target may select nothing."""
    decides: tuple[str, ...]
    """`x-decides`: the ids of the ledger's rules whose doubts this action settles."""


def parse_overlay_actions(source: Source) -> tuple[OverlayAction, ...]:
    """Return the actions of an overlay. Raises InputError with every problem of the file."""
    problems = ShapeProblems(source)
    actions = tuple(_parse_actions(source, problems))
    problems.raise_if_any()
    return actions


def apply_overlay(document: Any, source: Source) -> Any:
    """Return a copy of plain data with an overlay applied. Raises InputError.

    The data itself is not changed, and no container of it is shared.
    """
    document_source = Source("", document, {})
    tree = Tree(document, (document_source, ""))
    return overlay_tree(tree, source).data


def overlay_tree(tree: Tree, source: Source) -> Tree:
    """Return a copy of a tree with an overlay applied, the origin of every node kept.

    The actions are applied in order, each to the result of the one before. Raises InputError with
    every action that could not be applied.
    """
    copy = tree.copy()
    problems = ShapeProblems(source)
    for action in parse_overlay_actions(source):
        try:
            locations = action.path.locate(copy.data)
        except JsonPathError as error:
            message = f"the target {action.target} cannot be evaluated: {error}"
            problems.add("bad-target", message, f"{action.pointer}/target", expected=_TARGET)
            continue
        if not locations and not action.optional:
            _report_no_target(copy.data, action, problems)
        elif action.removes:
            _remove(copy, action, locations, problems)
        else:
            _update(copy, action, locations, source, problems)
    problems.raise_if_any()
    return copy


def _parse_actions(source: Source, problems: ShapeProblems) -> Iterator[OverlayAction]:
    """Yield the actions that can be parsed. Source: Overlay 1.0, Overlay Object."""
    root = source.data
    if not isinstance(root, dict) or "overlay" not in root:
        expected = 'a mapping with "overlay: 1.0.0" and "actions"'
        problems.add("not-an-overlay", "not an overlay", "", expected=expected)
        return
    problems.check_keys(root, _ROOT_KEYS, "")
    version = str(root["overlay"])
    if not re.match(r"1\.", version):
        message = f'unsupported overlay version "{version}"'
        problems.add("overlay-version", message, "/overlay", expected='"1.0.0"')
    actions = root.get("actions")
    if not isinstance(actions, list) or not actions:
        expected = "a list of at least one action"
        problems.add("no-actions", "missing actions", "/actions", expected=expected)
        return
    for index, node in enumerate(actions):
        action = _parse_action(node, f"/actions/{index}", source, problems)
        if action is not None:
            yield action


def _parse_action(
    node: object, pointer: str, source: Source, problems: ShapeProblems
) -> OverlayAction | None:
    """Return an action, or None when it has no target that can be parsed.

    The other problems do not stop the parsing: `parse_overlay_actions` raises them in the end.
    """
    if not isinstance(node, dict):
        expected = "a mapping with target and update or remove"
        problems.add("bad-action", "not an action", pointer, expected=expected)
        return None
    _check_action(node, pointer, problems)
    target = node.get("target")
    if not isinstance(target, str):
        expected = '"target: $…" (a JSONPath)'
        problems.add("bad-action", "missing target of the action", pointer, expected=expected)
        return None
    try:
        path = compile_jsonpath(target)
    except JsonPathError as error:
        message = f"invalid JSONPath at column {error.column} of the target: {error}"
        problems.add("bad-target", message, f"{pointer}/target", expected=_TARGET)
        return None
    decides = node.get("x-decides", [])
    return OverlayAction(
        target=target,
        path=path,
        description=str(node.get("description", "")).strip(),
        pointer=pointer,
        place=source.place(pointer),
        removes=node.get("remove") is True,
        update=node.get("update"),
        optional=node.get("x-optional") is True,
        decides=tuple(decides) if isinstance(decides, list) else (),
    )


def _check_action(node: JsonObject, pointer: str, problems: ShapeProblems) -> None:
    """Check the keys of an action, and that it either updates or removes.

    Source: Overlay 1.0, Action Object; `x-optional` and `x-decides` are extensions of this tool.
    """
    problems.check_keys(node, _ACTION_KEYS, pointer)
    problems.check_type(node, "x-optional", bool, "true or false", pointer)
    problems.check_type(node, "remove", bool, "true or false", pointer)
    problems.check_texts(node, "x-decides", pointer)
    removes = node.get("remove") is True
    updates = "update" in node
    if removes == updates:
        message = 'the action has both or neither of "update" and "remove: true"'
        problems.add("bad-action", message, pointer, expected="exactly one of them")


def _report_no_target(document: object, action: OverlayAction, problems: ShapeProblems) -> None:
    """Report a target that selects nothing, with the name that is nearest to the missing one."""
    problems.add(
        "target-selects-nothing",
        f"the target {action.target} selects nothing",
        f"{action.pointer}/target",
        hint='Set "x-optional: true" if the target may be missing.',
        nearest=_nearest_name_on_path(document, action.path),
    )


def _nearest_name_on_path(document: object, path: JsonPath) -> str:
    """Return the document's name nearest to the one that a path misses; empty when none is near."""
    missing, known = path.find_missing_names(document)
    for name in missing:
        nearest = nearest_name(name[:_NEAREST_LIMIT], known)
        if nearest:
            return nearest
    return ""


def _node_at(document: Any, location: Location) -> Any:
    """Return the node at a location that exists."""
    for key in location:
        document = document[key]
    return document


def _remove(
    tree: Tree, action: OverlayAction, locations: list[Location], problems: ShapeProblems
) -> None:
    """Remove every selected node, or add a problem when the root is one of them."""
    root: Location = ()
    if root in locations:
        message = "the action must not remove the whole document"
        problems.add("bad-action", message, action.pointer)
        return
    # From the end, so that the items still to be removed keep their indexes, and a node is removed
    # before the node that contains it.
    for location in sorted(locations, key=_location_order, reverse=True):
        *parent_location, key = location
        parent = _node_at(tree.data, tuple(parent_location))
        tree.remove(parent, key)


def _location_order(location: Location) -> list[tuple[bool, str | int]]:
    return [(isinstance(key, str), key) for key in location]


def _update(
    tree: Tree,
    action: OverlayAction,
    locations: list[Location],
    source: Source,
    problems: ShapeProblems,
) -> None:
    """Merge the update into every selected node; a node that cannot be merged is a problem."""
    pointer = f"{action.pointer}/update"
    # All nodes first: the update of one may replace those below it.
    nodes = [_node_at(tree.data, location) for location in locations]
    for node in nodes:
        if isinstance(node, list):
            # Source: Overlay 1.0, Action Object: the update of an array is an entry to append.
            tree.append(node, action.update, (source, pointer))
        elif not isinstance(node, dict):
            problems.add(
                "bad-action",
                f"the target {action.target} selects a single value, which cannot be merged with",
                f"{action.pointer}/target",
                expected="a mapping or a list as the target",
            )
        elif not isinstance(action.update, dict):
            message = (
                f"the target {action.target} selects a mapping, but the update is not a mapping"
            )
            problems.add("bad-action", message, pointer, expected="a mapping")
        else:
            _merge(tree, node, action.update, source, pointer)


def _merge(tree: Tree, node: JsonObject, update: JsonObject, source: Source, pointer: str) -> None:
    """Merge an update into a node recursively.

    Mappings are merged by key, lists are concatenated, every other value is replaced.
    Source: Overlay 1.0, Action Object, `update`.
    """
    for key, value in update.items():
        where = child_pointer(pointer, key)
        present = node.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            _merge(tree, present, value, source, where)
        elif isinstance(present, list) and isinstance(value, list):
            for index, item in enumerate(value):
                item_pointer = child_pointer(where, index)
                tree.append(present, item, (source, item_pointer))
        else:
            tree.put(node, key, value, (source, where))
