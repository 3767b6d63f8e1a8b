"""References by name (`$anchor`, `$dynamicAnchor`, `$id`), replaced by references by pointer.

Everything else in this package knows pointers alone.
Source: JSON Schema 2020-12, core, sections 8.2 and 9.2.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin

from understudy.contract.document.pointers import (
    JsonObject,
    PointerError,
    child_pointer,
    resolve_pointer,
)
from understudy.contract.schema.keywords import member_kind

_POINTER_SAFE = "/~!$&'()*+,;=:@"
"""Characters of a pointer that need no encoding in a fragment. Source: RFC 3986, section 3.5."""
_REFERENCE_KEYWORDS = ("$ref", "$dynamicRef")
_ANCHOR_KEYWORDS = ("$anchor", "$dynamicAnchor")
_NAME_KEYWORDS = frozenset(["$anchor", "$dynamicAnchor", "$dynamicRef", "$id"])

_LocatedNode = tuple[str, JsonObject, str]
"""Pointer, object and base URI of a node."""
_AnchorName = tuple[str, str]
"""The URI of a resource, and the name of an anchor in it."""
_WaitingNode = tuple[str, object, str, bool]
"""The same of a node to visit, and whether its keys are free names."""


def replace_named_references(document: object) -> tuple[str, ...]:
    """Replace each reference by name with one by pointer, in place.

    Returns the pointers of the nodes whose `$dynamicRef` stays: several `$id` have its anchor, so
    its target depends on the schema that led to it. A reference without a target stays as well;
    the checks report it.
    """
    index = _NameIndex(document)
    unchanged: list[str] = []
    for pointer, node, base in index.references:
        if not _replace_references(index, node, base):
            unchanged.append(pointer)
    return tuple(unchanged)


def copy_without_named_references(schema: Any) -> Any:
    """Return a self-contained schema with pointers for its references by name.

    The schema itself is returned when it has no names. A `$dynamicRef` with several targets is
    kept.
    """
    for _, node, _ in _iter_nodes(schema):
        if node.keys() & _NAME_KEYWORDS:
            copied = deepcopy(schema)
            replace_named_references(copied)
            return copied
    return schema


def list_anchors(document: object) -> tuple[str, ...]:
    """Return the names of a document's anchors, sorted."""
    names: set[str] = set()
    for _, node, _ in _iter_nodes(document):
        for keyword in _ANCHOR_KEYWORDS:
            name = node.get(keyword)
            if isinstance(name, str):
                names.add(name)
    return tuple(sorted(names))


def find_anchor(document: object, name: str) -> str | None:
    """Return the pointer of the first schema with an anchor, or None."""
    for pointer, node, _ in _iter_nodes(document):
        if name in (node.get(keyword) for keyword in _ANCHOR_KEYWORDS):
            return pointer
    return None


@dataclass(slots=True)
class _NameIndex:
    """The names that a document gives to its schemas, and the references in it."""

    document: object
    resources: dict[str, str] = field(default_factory=dict)
    """By URI without a fragment: the pointer of the schema with this `$id`. The document itself
    has the empty URI."""
    anchors: dict[_AnchorName, str] = field(default_factory=dict)
    """The pointer of the schema with this anchor."""
    dynamic_anchors: dict[str, set[str]] = field(default_factory=dict)
    """By name: the URIs of the resources that have such a dynamic anchor."""
    references: list[_LocatedNode] = field(default_factory=list)
    """Each node with a reference."""

    def __post_init__(self) -> None:
        self.resources[""] = ""
        for pointer, node, base in _iter_nodes(self.document):
            self._add_names(pointer, node, base)
            references = [node.get(keyword) for keyword in _REFERENCE_KEYWORDS]
            if any(isinstance(ref, str) for ref in references):
                self.references.append((pointer, node, base))

    def _add_names(self, pointer: str, node: JsonObject, base: str) -> None:
        # The first schema with a name keeps it: a second one is an error of the document.
        if "$id" in node and base:
            self.resources.setdefault(base, pointer)
        for keyword in _ANCHOR_KEYWORDS:
            name = node.get(keyword)
            if isinstance(name, str):
                self.anchors.setdefault((base, name), pointer)
        dynamic = node.get("$dynamicAnchor")
        if isinstance(dynamic, str):
            self.dynamic_anchors.setdefault(dynamic, set()).add(base)

    def find_pointer(self, ref: str, base: str) -> str | None:
        """Return the pointer that a reference names.

        None when it has no target, or is already a pointer into the document.
        """
        uri, fragment = _resolve_uri(base, ref)
        fragment = unquote(fragment)
        is_pointer = not fragment or fragment.startswith("/")
        is_local = ref.startswith("#") and is_pointer
        if is_local and _exists(self.document, fragment):
            return None
        if uri not in self.resources:
            return None
        if not is_pointer:
            return self.anchors.get((uri, fragment))
        pointer = self.resources[uri] + fragment
        return pointer if _exists(self.document, pointer) else None


def _replace_references(index: _NameIndex, node: JsonObject, base: str) -> bool:
    """Replace the references of a node by pointers. Returns False when a dynamic one stays."""
    ref = node.get("$ref")
    if isinstance(ref, str):
        pointer = index.find_pointer(ref, base)
        if pointer is not None:
            node["$ref"] = _reference_to(pointer)
    dynamic = node.get("$dynamicRef")
    if not isinstance(dynamic, str):
        return True
    name = dynamic.partition("#")[2]
    if len(index.dynamic_anchors.get(name, ())) > 1:
        return False
    _replace_dynamic_reference(node, _static_reference(index, dynamic, base))
    return True


def _static_reference(index: _NameIndex, dynamic: str, base: str) -> str:
    """Return the `$ref` that means the same as a `$dynamicRef` with one target."""
    pointer = index.find_pointer(dynamic, base)
    if pointer is not None:
        return _reference_to(pointer)
    if dynamic.startswith("#/"):
        return _reference_to(unquote(dynamic[1:]))
    # Without a target it becomes a `$ref` without one, which the checks report.
    return dynamic


def _replace_dynamic_reference(node: JsonObject, ref: str) -> None:
    del node["$dynamicRef"]
    if "$ref" not in node:
        node["$ref"] = ref
        return
    # A node can have both, and both apply: the second one goes into `allOf`.
    beside = node.setdefault("allOf", [])
    # An `allOf` that is not a list stays, so that the checks can report it.
    if isinstance(beside, list):
        node["allOf"] = [*beside, {"$ref": ref}]


def _resolve_uri(base: str, reference: str) -> tuple[str, str]:
    """Return URI and fragment of a reference. A text that is not a URI names itself."""
    if reference.startswith("#"):
        # `urljoin` does not know bases such as `urn:a:b`.
        return base, reference[1:]
    try:
        return urldefrag(urljoin(base, reference))
    except ValueError:
        return reference, ""


def _reference_to(pointer: str) -> str:
    return "#" + quote(pointer, safe=_POINTER_SAFE)


def _exists(document: object, pointer: str) -> bool:
    try:
        resolve_pointer(document, pointer)
    except PointerError:
        return False
    return True


def _iter_nodes(document: object) -> Iterator[_LocatedNode]:
    """Yield each object of a document that can have keywords.

    Data (examples) and mappings of free names are not yielded.
    """
    waiting: list[_WaitingNode] = [("", document, "", False)]
    while waiting:
        pointer, node, base, has_free_names = waiting.pop()
        if isinstance(node, list):
            for index, item in enumerate(node):
                where = child_pointer(pointer, index)
                waiting.append((where, item, base, False))
        if not isinstance(node, dict):
            continue
        if not has_free_names:
            own_id = node.get("$id")
            if isinstance(own_id, str):
                base, _ = _resolve_uri(base, own_id)
            yield pointer, node, base
        for key, value in node.items():
            kind = "node" if has_free_names else member_kind(key, value)
            if kind != "data" and isinstance(value, dict | list):
                where = child_pointer(pointer, key)
                waiting.append((where, value, base, kind == "names"))
