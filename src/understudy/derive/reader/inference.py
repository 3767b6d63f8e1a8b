"""What examples tell of an operation when no table does: its body, its response."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from understudy.derive.facts.facts import (
    Example,
    Kind,
    Operation,
    Role,
    Side,
    Structure,
    TextResponse,
    TypeExpr,
)
from understudy.derive.facts.names import find_path_parameters
from understudy.derive.facts.pseudo_json_parser import NodeKind
from understudy.derive.reader.pseudo_json_fields import SketchFieldReader, merge_types
from understudy.derive.reader.shown_values import shows_values

ReportDoubt = Callable[[str, int, str, str], None]


def infer_from_examples(operation: Operation, tell: ReportDoubt) -> Operation:
    """Give an operation whose body and response are told by its examples when nothing else tells them."""
    requests, response = operation.requests, operation.response
    if operation.method in ("POST", "PUT", "PATCH") and not _has_body(operation):
        body = _infer(operation, Side.REQUEST, Role.REQUEST)
        requests = (*requests, body) if body else requests
    if response is None:
        response = _infer(operation, Side.RESPONSE, Role.RESPONSE) or _infer_text(operation, tell)
    return replace(operation, requests=requests, response=response)


def _has_body(operation: Operation) -> bool:
    named = find_path_parameters(operation.path)
    fields = (field for structure in operation.requests for field in structure.fields)
    return any(
        field.location in ("", "body") and field.name not in named for field in fields
    ) or any(structure.root for structure in operation.requests)


def _infer(operation: Operation, side: Side, role: Role) -> Structure | None:
    """Give the structure that the examples of one side show: of several, what all of them are."""
    found = [
        (e, e.node)
        for e in operation.examples
        if e.side is side and e.node and shows_values(e.node)
    ]
    found = [(e, node) for e, node in found if node.kind in (NodeKind.OBJECT, NodeKind.ARRAY)]
    if not found:
        return None
    types = [
        SketchFieldReader(e.origin.file, e.origin.line, node, shown=True).type(node)
        for e, node in found
    ]
    whole: TypeExpr = merge_types(types)
    first: Example = found[0][0]
    is_object = whole.kind is Kind.OBJECT
    fields = whole.fields if is_object else ()
    if role is Role.REQUEST:
        fields = tuple(replace(field, location="body") for field in fields)
    root = None if is_object else whole
    return Structure(role, "", fields, first.origin, operation.section, is_inferred=True, root=root)


def _infer_text(operation: Operation, tell: ReportDoubt) -> TextResponse | None:
    """Take a response whose examples are no JSON as a text."""
    found = [e for e in operation.examples if e.side is Side.RESPONSE and e.node is None]
    if not found:
        return None
    what = f"Only an example tells the response of {operation.method} {operation.path}, and it is no JSON."
    tell("response-not-told", found[0].origin.line, what, "It is a text.")
    return TextResponse("", found[0].origin)
