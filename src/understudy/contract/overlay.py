"""OpenAPI Overlay 1.0: actions that update or remove what a JSONPath selects. Strict: an action that selects nothing is
an error, unless it says `x-optional: true`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from understudy.contract.jsonpath import Location, Path, PathError, node_at, parse_path, select
from understudy.contract.pointers import child
from understudy.contract.tree import Tree, grafted
from understudy.errors import InputError, Place, Problem, nearest_name
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


def overlay_actions(source: Source) -> tuple[OverlayAction, ...]:
    """Read an overlay's actions. Raises InputError with everything that is wrong with it."""
    reader = _Reader(source)
    actions = tuple(reader.actions())
    if reader.problems:
        raise InputError(reader.problems)
    return actions


def apply_overlay(document: Any, source: Source) -> Any:
    """Give plain data with an overlay applied; the data given stays as it is. Raises InputError."""
    tree = Tree(_unshared(document), {})
    _apply(tree, source)
    return tree.data


def overlaid(tree: Tree, source: Source) -> Tree:
    """Give a tree with an overlay applied, in which each node still knows where it was written. Raises InputError."""
    copy = tree.copy()
    _apply(copy, source)
    return copy


def _unshared(node: Any) -> Any:
    """Copy plain data so that no two places share a container: what is merged into one would change the other."""
    if isinstance(node, dict):
        return {key: _unshared(value) for key, value in node.items()}
    return [_unshared(item) for item in node] if isinstance(node, list) else node


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def add(
        self, slug: str, what: str, pointer: str, *, key: bool = False, expected: str = "", nearest: str = ""
    ) -> None:
        place = self.source.place(pointer, key=key)
        self.problems.append(Problem(slug, what, place, expected=expected, nearest=nearest))

    def keys(self, node: dict[str, Any], known: tuple[str, ...], pointer: str) -> None:
        for name in node:
            if name not in known and not name.startswith("x-"):
                near = nearest_name(name, known)
                expected = "" if near else f"one of {', '.join(known)}"
                where = child(pointer, name)
                self.add(
                    "unknown-key", f'there is no key "{name}" here', where, key=True, expected=expected, nearest=near
                )

    def actions(self) -> Iterator[OverlayAction]:
        root = self.source.data
        if not isinstance(root, dict) or "overlay" not in root:
            self.add(
                "not-an-overlay", "this is no overlay", "", expected='a mapping with "overlay: 1.0.0" and "actions"'
            )
            return
        self.keys(root, _ROOT_KEYS, "")
        if not str(root["overlay"]).startswith("1."):
            self.add(
                "overlay-version", f'the overlay\'s version is "{root["overlay"]}"', "/overlay", expected='"1.0.0"'
            )
        actions = root.get("actions")
        if not isinstance(actions, list) or not actions:
            self.add("no-actions", "the overlay has no actions", "/actions", expected="a list of at least one action")
            return
        for index, action in enumerate(actions):
            made = self.action(action, f"/actions/{index}")
            if made is not None:
                yield made

    def action(self, action: Any, pointer: str) -> OverlayAction | None:
        if not isinstance(action, dict) or not isinstance(action.get("target"), str):
            self.add("bad-action", "this action has no target", pointer, expected='"target: $…" (a JSONPath)')
            return None
        self.keys(action, _ACTION_KEYS, pointer)
        removes = action.get("remove", False)
        if not isinstance(removes, bool):
            self.add("bad-action", '"remove" is neither true nor false', f"{pointer}/remove", expected="true")
        if (removes is True) == ("update" in action):
            self.add(
                "bad-action",
                "this action says both or neither of what it does",
                pointer,
                expected='"update" or "remove: true"',
            )
        decides = action.get("x-decides", [])
        if not isinstance(decides, list) or not all(isinstance(rule, str) for rule in decides):
            self.add("bad-action", '"x-decides" is no list of rules', f"{pointer}/x-decides", expected="[rule-id, …]")
            decides = []
        try:
            path = parse_path(action["target"])
        except PathError as error:
            what = f"the target is no path that is understood: {error} (column {error.column} of the target)"
            self.add("bad-target", what, f"{pointer}/target", expected="a JSONPath such as $.paths['/x'].get")
            return None
        return OverlayAction(
            action["target"], path, str(action.get("description", "")).strip(), pointer, self.source.place(pointer),
            removes is True, action.get("update"), action.get("x-optional") is True, tuple(decides),
        )  # fmt: skip


def _apply(tree: Tree, source: Source) -> None:
    problems: list[Problem] = []
    for action in overlay_actions(source):
        found = select(tree.data, action.path)
        if not found and not action.optional:
            problems.append(_missed(tree.data, action, source))
        elif action.removes:
            problems += _remove(tree, action, found)
        else:
            problems += _update(tree, action, found, source)
    if problems:
        raise InputError(problems)


def _missed(document: Any, action: OverlayAction, source: Source) -> Problem:
    """Tell how far the target leads, and the nearest name there."""
    place = source.place(f"{action.pointer}/target")
    near = ""
    for length in range(len(action.path) - 1, -1, -1):
        found = select(document, action.path[:length])
        if found:
            names = [str(getattr(selector, "name", "")) for selector in action.path[length].selectors]
            known = [key for place_ in found for key in _names(node_at(document, place_))]
            near = next((nearest_name(name, known) for name in names if name), "")
            break
    hint = "Say x-optional: true when it may be missing."
    return Problem(
        "target-selects-nothing", f"the target {action.target} selects nothing", place, hint=hint, nearest=near
    )


def _names(node: Any) -> list[str]:
    return list(node) if isinstance(node, dict) else []


def _remove(tree: Tree, action: OverlayAction, found: list[Location]) -> list[Problem]:
    if () in found:
        return [Problem("bad-action", "this action removes the whole document", action.place)]
    # From the back, so that what is still to be removed keeps its index.
    for location in sorted(found, key=lambda place: [(isinstance(k, str), k) for k in place], reverse=True):
        del node_at(tree.data, location[:-1])[location[-1]]
    return []


def _update(tree: Tree, action: OverlayAction, found: list[Location], source: Source) -> list[Problem]:
    problems = []
    pointer = f"{action.pointer}/update"
    for location in found:
        node = node_at(tree.data, location)
        if isinstance(node, list):
            # Source: Overlay 1.0, Action Object: what an array is updated with is an entry to append.
            node.append(grafted(action.update, source, pointer, tree.origins))
        elif isinstance(node, dict) and isinstance(action.update, dict):
            _merge(tree, node, action.update, source, pointer)
        else:
            what = f"the target {action.target} selects a single value, which cannot be merged with"
            problems.append(Problem("bad-action", what, action.place, expected="a mapping or a list as the target"))
    return problems


def _merge(tree: Tree, node: dict[str, Any], update: dict[str, Any], source: Source, pointer: str) -> None:
    """Merge recursively: mappings by key, lists joined, all else replaced."""
    for key, value in update.items():
        where, present = child(pointer, key), node.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            _merge(tree, present, value, source, where)
        elif isinstance(present, list) and isinstance(value, list):
            present += [grafted(item, source, child(where, i), tree.origins) for i, item in enumerate(value)]
        else:
            node[key] = grafted(value, source, where, tree.origins)
