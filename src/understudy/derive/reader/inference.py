"""Inference of what only examples show: the body and the response of an operation."""

from __future__ import annotations

from dataclasses import replace

from understudy.derive.facts.facts import (
    Example,
    Kind,
    Operation,
    Role,
    Side,
    Structure,
    TextResponse,
)
from understudy.derive.facts.names import find_path_parameters
from understudy.derive.facts.pseudo_json_parser import Node, NodeKind
from understudy.derive.reader.pseudo_json_fields import SketchFieldReader, merge_types
from understudy.derive.reader.section_facts import ReportDoubt
from understudy.derive.reader.shown_values import shows_values

_METHODS_WITH_BODY = ("POST", "PUT", "PATCH")


def infer_from_examples(operation: Operation, report: ReportDoubt) -> Operation:
    """Return an operation with body and response from its examples, if nothing states them."""
    requests, response = operation.requests, operation.response
    if operation.method in _METHODS_WITH_BODY and not _has_body(operation):
        body = _infer_structure(operation, Side.REQUEST, Role.REQUEST)
        if body:
            requests = (*requests, body)
    if response is None:
        response = _infer_structure(operation, Side.RESPONSE, Role.RESPONSE)
    if response is None:
        response = _infer_text(operation, report)
    return replace(operation, requests=requests, response=response)


def _has_body(operation: Operation) -> bool:
    """Check whether the tables state a body: as a whole, or by fields that are not in the path."""
    if any(structure.root for structure in operation.requests):
        return True
    path_parameters = find_path_parameters(operation.path)
    for structure in operation.requests:
        for field in structure.fields:
            if field.location in ("", "body") and field.name not in path_parameters:
                return True
    return False


def _infer_structure(operation: Operation, side: Side, role: Role) -> Structure | None:
    """Return the structure that the examples of one side show.

    Of several, what all of them have.
    """
    shown = _find_shown(operation, side)
    if not shown:
        return None
    types = []
    for example, node in shown:
        origin = example.origin
        reader = SketchFieldReader(origin.file, origin.line, node, is_example=True)
        types.append(reader.type(node))
    whole = merge_types(types)
    is_object = whole.kind is Kind.OBJECT
    fields = whole.fields if is_object else ()
    if role is Role.REQUEST:
        fields = tuple(replace(field, location="body") for field in fields)
    first_example, _ = shown[0]
    return Structure(
        role=role,
        name="",
        fields=fields,
        origin=first_example.origin,
        section=operation.section,
        is_inferred=True,
        root=None if is_object else whole,
    )


def _find_shown(operation: Operation, side: Side) -> list[tuple[Example, Node]]:
    """Return the examples of one side that show an object or an array."""
    shown = []
    for example in operation.examples:
        node = example.node
        if example.side is not side or node is None:
            continue
        if node.kind in (NodeKind.OBJECT, NodeKind.ARRAY) and shows_values(node):
            shown.append((example, node))
    return shown


def _infer_text(operation: Operation, report: ReportDoubt) -> TextResponse | None:
    """Return a plain text as the response when an example of it is not JSON."""
    for example in operation.examples:
        if example.side is Side.RESPONSE and example.node is None:
            name = f"{operation.method} {operation.path}"
            finding = f"Only an example shows the response of {name}, and it is not JSON."
            report("response-not-told", example.origin.line, finding, "The response is a text.")
            return TextResponse("", example.origin)
    return None
