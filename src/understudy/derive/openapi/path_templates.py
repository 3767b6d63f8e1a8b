"""Paths of one shape under one template: OpenAPI forbids `/a/{id}` beside `/a/{aId}` (3.1, Paths Object)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from understudy.derive.facts.facts import DocumentFacts, Facts, Operation, Structure
from understudy.derive.facts.names import erase_parameter_names, find_path_parameters, make_distinct


def build_template(path: str) -> str:
    """Give a path whose parameters differ: the second `{id}` is `{id2}`."""
    names = iter(make_distinct(find_path_parameters(path)))
    return re.sub(r"\{[^{}]*\}", lambda _: f"{{{next(names)}}}", path)


def unify_paths(facts: Facts) -> Facts:
    """Give the facts with every path of one shape told as the first of them is, its parameters renamed."""
    first: dict[str, str] = {}
    return Facts(tuple(_unified(document, first) for document in facts.documents))


def _unified(document: DocumentFacts, first: dict[str, str]) -> DocumentFacts:
    operations = []
    for operation in document.operations:
        told = first.setdefault(erase_parameter_names(operation.path), operation.path)
        operations.append(operation if told == operation.path else _renamed(operation, told))
    return replace(document, operations=tuple(operations))


def _renamed(operation: Operation, path: str) -> Operation:
    pairs = zip(find_path_parameters(operation.path), find_path_parameters(path), strict=True)
    changed = {own: other for own, other in pairs if own != other}
    requests = tuple(_renamed_fields(structure, changed) for structure in operation.requests)
    return replace(
        operation, path=path, requests=requests, renamed_parameters=tuple(changed.items())
    )


def _renamed_fields(structure: Structure, changed: dict[str, str]) -> Structure:
    fields = (
        replace(field, name=changed[field.name])
        if field.name in changed and field.location in ("", "path")
        else field
        for field in structure.fields
    )
    return replace(structure, fields=tuple(fields))


def list_prefixes(path: str) -> Iterable[tuple[str, str]]:
    """Give each parameter of a path with the shape of the path up to it: what it names is the same everywhere."""
    for found in re.finditer(r"\{([^{}]*)\}", path):
        yield found[1], erase_parameter_names(path[: found.end()])
