"""References by name (`$anchor`, `$dynamicAnchor`, `$id`), replaced by references by pointer.

Everything else in this package knows pointers alone.
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
"""Characters of a pointer that need no encoding in a fragment. Source: RFC 3986, section 3.5."""
_REFERENCE_KEYWORDS = ("$ref", "$dynamicRef")
_ANCHOR_KEYWORDS = ("$anchor", "$dynamicAnchor")
_NAME_KEYWORDS = frozenset(["$anchor", "$dynamicAnchor", "$dynamicRef", "$id"])


def replace_named_references(document: Any) -> tuple[str, ...]:
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
    if not any(node.keys() & _NAME_KEYWORDS for _, node, _ in _iter_nodes(schema)):
        return schema
    copied = deepcopy(schema)
    replace_named_references(copied)
    return copied


def list_anchors(document: Any) -> tuple[str, ...]:
    """Return the names of a document's anchors, sorted."""
    names: set[str] = set()
    for _, node, _ in _iter_nodes(document):
        for keyword in _ANCHOR_KEYWORDS:
            name = node.get(keyword)
            if isinstance(name, str):
                names.add(name)
    return tuple(sorted(names))


@dataclass(slots=True)
class _NameIndex:
    """The names that a document gives to its schemas, and the references in it."""

    document: Any
    resources: dict[str, str] = field(default_factory=lambda: {"": ""})
    """By URI without a fragment: the pointer of the schema with this `$id`. The document itself
    has the empty URI."""
    anchors: dict[tuple[str, str], str] = field(default_factory=dict)
    """By URI and name: the pointer of the schema with this anchor."""
    dynamic_anchors: dict[str, set[str]] = field(default_factory=dict)
    """By name: the URIs of the resources that have such a dynamic anchor."""
    references: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    """Pointer, node and base URI of each node with a reference."""

    def __post_init__(self) -> None:
        for pointer, node, base in _iter_nodes(self.document):
            self._add_names(pointer, node, base)
            if any(isinstance(node.get(keyword), str) for keyword in _REFERENCE_KEYWORDS):
                self.references.append((pointer, node, base))

    def _add_names(self, pointer: str, node: dict[str, Any], base: str) -> None:
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
        if ref.startswith("#") and is_pointer and _exists(self.document, fragment):
            return None
        if uri not in self.resources:
            return None
        if not is_pointer:
            return self.anchors.get((uri, fragment))
        pointer = self.resources[uri] + fragment
        return pointer if _exists(self.document, pointer) else None


def _replace_references(index: _NameIndex, node: dict[str, Any], base: str) -> bool:
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


def _replace_dynamic_reference(node: dict[str, Any], ref: str) -> None:
    del node["$dynamicRef"]
    if "$ref" not in node:
        node["$ref"] = ref
        return
    # A node can have both, and both apply: the second one goes into `allOf`.
    beside = node.get("allOf", [])
    # An `allOf` that is not a list stays, so that the checks can report it.
    node["allOf"] = [*beside, {"$ref": ref}] if isinstance(beside, list) else beside


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


def _exists(document: Any, pointer: str) -> bool:
    try:
        resolve_pointer(document, pointer)
    except PointerError:
        return False
    return True


def _iter_nodes(document: Any) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield pointer, object and base URI of each object that can have keywords.

    Data (examples) and mappings of free names are not yielded.
    """
    waiting: list[tuple[str, Any, str, bool]] = [("", document, "", False)]
    while waiting:
        pointer, node, base, has_free_names = waiting.pop()
        if isinstance(node, list):
            for index, item in enumerate(node):
                waiting.append((child_pointer(pointer, index), item, base, False))
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
                waiting.append((child_pointer(pointer, key), value, base, kind == "names"))
