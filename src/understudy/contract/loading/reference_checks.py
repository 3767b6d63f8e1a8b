"""Checks of the references of a document; all of them lead into the document itself by now."""

from urllib.parse import unquote

from understudy.contract.document.pointers import (
    JsonObject,
    PointerError,
    ref_target,
    resolve_pointer,
)
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.loading.external_references import UNRESOLVED
from understudy.contract.loading.object_model import Kind, walk
from understudy.contract.schema.anchors import list_anchors

_LOCAL_REFERENCE = 'one such as "#/components/schemas/Name"'
_EMPTY = {Kind.RESPONSE: {"description": ""}, Kind.MEDIA_TYPE: {}}
"""By kind: what stands in for a target that does not exist."""


def check_references(data: JsonObject, problems: ShapeProblems) -> None:
    """Report each `$ref` without a target.

    A schema loses it, and so accepts any value; a response stays without content. The other
    objects stay: the checks that follow remove what cannot be followed.
    """
    ending: set[str] = set()
    for located in walk(data):
        node = located.node
        ref = node.get("$ref")
        if not isinstance(ref, str):
            continue
        if _is_followed(data, node, f"{located.pointer}/$ref", ending, problems):
            continue
        if located.kind is Kind.SCHEMA:
            del node["$ref"]
        elif located.kind in _EMPTY:
            node.clear()
            node.update(_EMPTY[located.kind])


def _is_followed(
    data: JsonObject, node: JsonObject, pointer: str, ending: set[str], problems: ShapeProblems
) -> bool:
    """Return whether a reference has a target, and does not lead back to itself.

    `ending` are the references that are known to lead to an end.
    """
    ref = node["$ref"]
    if ref == UNRESOLVED:
        return False
    if ref_target(node) is None:
        _report_unknown_anchor(data, ref, pointer, problems)
        return False
    try:
        resolve_pointer(data, unquote(ref[1:]))
    except PointerError as error:
        message = f'unresolved $ref "{ref}": {error}'
        nearest = problems.find_nearest(error.key, error.keys)
        problems.add("unresolved-ref", message, pointer, nearest=nearest)
        return False
    if _is_circular(data, node, ending):
        message = f'circular $ref "{ref}"'
        expected = "a chain of $ref that ends"
        problems.add("circular-ref", message, pointer, expected=expected)
        return False
    return True


def _is_circular(data: JsonObject, node: JsonObject, ending: set[str]) -> bool:
    """Return whether a chain of references leads back into itself."""
    chain: dict[str, None] = {}
    target = ref_target(node)
    while target is not None and target not in ending:
        if target in chain:
            return True
        chain[target] = None
        try:
            target = ref_target(resolve_pointer(data, target))
        except PointerError:
            # A later reference of the chain has no target: it is reported at its own place.
            break
    ending.update(chain)
    return False


def _report_unknown_anchor(
    data: JsonObject, ref: str, pointer: str, problems: ShapeProblems
) -> None:
    """Report a `$ref` by a name that no schema has."""
    message = f'unknown $anchor in the $ref "{ref}"'
    anchors = list_anchors(data)
    expected = _LOCAL_REFERENCE
    if anchors:
        names = [f"#{name}" for name in anchors]
        expected = f"one of {', '.join(names)}"
    nearest = problems.find_nearest(ref[1:], anchors)
    if nearest:
        nearest = f"#{nearest}"
    problems.add("unresolved-ref", message, pointer, expected=expected, nearest=nearest)
