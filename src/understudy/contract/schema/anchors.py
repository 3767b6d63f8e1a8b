"""References by name (`$anchor`, `$dynamicAnchor`, `$id`), told as pointers: everything else knows pointers alone.

Source: JSON Schema 2020-12, core, sections 8.2 and 9.2.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin

from understudy.contract.document.pointers import PointerError, child_pointer, resolve_pointer
from understudy.contract.schema.keywords import member_kind

_POINTER_SAFE = "/~!$&'()*+,;=:@"
_REFERRING = ("$ref", "$dynamicRef")
_NAMING = frozenset(["$anchor", "$dynamicAnchor", "$dynamicRef", "$id"])


def replace_named_references(document: Any) -> tuple[str, ...]:
    """Change each reference by name that leads into the document to one by pointer, in place.

    Gives the pointers of those that stay: a `$dynamicRef` whose meaning depends on the way that led to it, because
    several `$id` have its anchor. What leads nowhere stays as well, and is told by whoever follows it.
    """
    names = _Names(document)
    return tuple(
        pointer for pointer, node, base in names.references if not _named(names, node, base)
    )


def copy_without_named_references(schema: Any) -> Any:
    """Give a schema that stands by itself with its references told as pointers: a copy, where there is one to change.

    Where a `$dynamicRef` has several meanings, it is taken as met.
    """
    if not any(node.keys() & _NAMING for _, node, _ in _nodes(schema)):
        return schema
    made = deepcopy(schema)
    replace_named_references(made)
    return made


def list_anchors(document: Any) -> tuple[str, ...]:
    """Give the names of a document's anchors, in the order of the alphabet."""
    found = (
        node.get(key) for _, node, _ in _nodes(document) for key in ("$anchor", "$dynamicAnchor")
    )
    return tuple(sorted({name for name in found if isinstance(name, str)}))


@dataclass(slots=True)
class _Names:
    """What has a name in a document."""

    document: Any
    resources: dict[str, str] = field(default_factory=lambda: {"": ""})
    """By URI, without a fragment: the pointer of the schema with this `$id`. The document itself has none."""
    anchors: dict[tuple[str, str], str] = field(default_factory=dict)
    """By URI and name."""
    dynamic: dict[str, set[str]] = field(default_factory=dict)
    """By name: the URIs of the resources that have such a dynamic anchor."""
    references: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    """Pointer, node and base URI of what refers to something."""

    def __post_init__(self) -> None:
        for pointer, node, base in _nodes(self.document):
            if "$id" in node and base:
                self.resources.setdefault(base, pointer)
            for key in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.get(key), str):
                    self.anchors.setdefault((base, node[key]), pointer)
            if isinstance(node.get("$dynamicAnchor"), str):
                self.dynamic.setdefault(node["$dynamicAnchor"], set()).add(base)
            if any(isinstance(node.get(key), str) for key in _REFERRING):
                self.references.append((pointer, node, base))

    def pointer(self, ref: str, base: str) -> str | None:
        """Give the pointer that a reference means; None when it leads nowhere, or is one already."""
        uri, fragment = _joined(base, ref)
        fragment = unquote(fragment)
        if (
            ref.startswith("#")
            and (not fragment or fragment.startswith("/"))
            and _leads(self.document, fragment)
        ):
            return None
        if uri not in self.resources:
            return None
        if fragment and not fragment.startswith("/"):
            return self.anchors.get((uri, fragment))
        found = self.resources[uri] + fragment
        return found if _leads(self.document, found) else None


def _named(names: _Names, node: dict[str, Any], base: str) -> bool:
    """Tell the references of a node as pointers; False when a dynamic one stays."""
    if isinstance(node.get("$ref"), str):
        found = names.pointer(node["$ref"], base)
        if found is not None:
            node["$ref"] = _ref(found)
    dynamic = node.get("$dynamicRef")
    if not isinstance(dynamic, str):
        return True
    name = dynamic.partition("#")[2]
    if len(names.dynamic.get(name, ())) > 1:
        return False
    found = names.pointer(dynamic, base)
    if found is None:
        found = unquote(dynamic[1:]) if dynamic.startswith("#/") else None
    # What does not lead anywhere is told as a $ref that does not.
    told = dynamic if found is None else _ref(found)
    del node["$dynamicRef"]
    if "$ref" in node:
        beside = node.get(
            "allOf", []
        )  # what is no list is told as that, by whoever checks the document
        node["allOf"] = [*beside, {"$ref": told}] if isinstance(beside, list) else beside
    else:
        node["$ref"] = told
    return True


def _joined(base: str, reference: str) -> tuple[str, str]:
    """Give URI and fragment of a reference; one that is no URI leads nowhere, by its own name."""
    if reference.startswith("#"):  # `urljoin` knows no base such as `urn:a:b`
        return base, reference[1:]
    try:
        return urldefrag(urljoin(base, reference))
    except ValueError:
        return reference, ""


def _ref(pointer: str) -> str:
    return "#" + quote(pointer, safe=_POINTER_SAFE)


def _leads(document: Any, pointer: str) -> bool:
    try:
        resolve_pointer(document, pointer)
    except PointerError:
        return False
    return True


def _nodes(document: Any) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Give each object of a document that is no data and no mapping of free names: its pointer, itself, its base."""
    waiting: list[tuple[str, Any, str, bool]] = [("", document, "", False)]
    while waiting:
        pointer, node, base, names = waiting.pop()
        if isinstance(node, list):
            waiting += (
                (child_pointer(pointer, index), item, base, False)
                for index, item in enumerate(node)
            )
        if not isinstance(node, dict):
            continue
        if not names:
            told = node.get("$id")
            base = _joined(base, told)[0] if isinstance(told, str) else base
            yield pointer, node, base
        for key, value in node.items():
            kind = "node" if names else member_kind(key, value)
            if kind != "data" and isinstance(value, dict | list):
                waiting.append((child_pointer(pointer, key), value, base, kind == "names"))
