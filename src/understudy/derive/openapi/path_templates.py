"""Path templates: paths that differ only in the names of their parameters become one path.

OpenAPI forbids `/a/{id}` beside `/a/{aId}`. Source: OpenAPI 3.1, Paths Object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from understudy.derive.facts.facts import DocumentFacts, Facts, Field, Operation, Structure
from understudy.derive.facts.names import (
    erase_parameter_names,
    find_path_parameters,
    make_distinct,
)

_PARAMETER = re.compile(r"\{([^{}]*)\}")


def build_template(path: str) -> str:
    """Return a path whose parameter names are distinct: the second `{id}` becomes `{id2}`.

    Source: OpenAPI 3.1, Paths Object: a name appears at most once in a path template.
    """
    names = find_path_parameters(path)
    distinct_names = iter(make_distinct(names))
    return _PARAMETER.sub(lambda _: f"{{{next(distinct_names)}}}", path)


def unify_paths(facts: Facts) -> Facts:
    """Return the facts with one path for all paths of one shape: that of the first operation.

    Path parameters of later operations, and their table rows, take the names of the first.
    """
    first_paths: dict[str, str] = {}
    documents = [_unify_document(document, first_paths) for document in facts.documents]
    return Facts(tuple(documents))


def _unify_document(document: DocumentFacts, first_paths: dict[str, str]) -> DocumentFacts:
    """Move the operations of a document; `first_paths` has the first path of each shape."""
    operations = []
    for operation in document.operations:
        shape = erase_parameter_names(operation.path)
        first_path = first_paths.setdefault(shape, operation.path)
        if first_path != operation.path:
            operation = _move_operation(operation, first_path)
        operations.append(operation)
    return replace(document, operations=tuple(operations))


def _move_operation(operation: Operation, path: str) -> Operation:
    """Return an operation with another path of the same shape, its parameters renamed."""
    own_names = find_path_parameters(operation.path)
    new_names = find_path_parameters(path)
    renamed = {}
    for own, new in zip(own_names, new_names, strict=True):
        if own != new:
            renamed[own] = new
    requests = [_rename_fields(structure, renamed) for structure in operation.requests]
    return replace(
        operation,
        path=path,
        requests=tuple(requests),
        # The ledger reports them.
        renamed_parameters=tuple(renamed.items()),
    )


def _rename_fields(structure: Structure, renamed: dict[str, str]) -> Structure:
    fields = [_rename_field(field, renamed) for field in structure.fields]
    return replace(structure, fields=tuple(fields))


def _rename_field(field: Field, renamed: dict[str, str]) -> Field:
    # A query or body field may have the name of a path parameter; it keeps its own name.
    if field.name in renamed and field.location in ("", "path"):
        return replace(field, name=renamed[field.name])
    return field


def list_prefixes(path: str) -> Iterator[tuple[str, str]]:
    """Yield each parameter name of a path with the shape of the path up to and including it.

    Two paths with the same prefix select the same resource: its parameter means the same.
    """
    for match in _PARAMETER.finditer(path):
        prefix = path[: match.end()]
        yield match[1], erase_parameter_names(prefix)
