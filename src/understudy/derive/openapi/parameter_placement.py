"""The parameters of each operation, and where each is sent: path, query, header or body."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from understudy.derive.facts.facts import Facts, Field, Kind, Operation, Sample, TypeExpr
from understudy.derive.facts.names import find_path_parameters
from understudy.derive.lexicon.cell_parser import extract_main_clause
from understudy.derive.openapi.path_templates import build_template, list_prefixes

_METHODS_WITH_BODY = ("POST", "PUT", "PATCH")

# Fifteen digits: a longer number is an identifier rather than a count.
_WHOLE_NUMBER = re.compile(r"-?\d{1,15}")

# `{id}`, `<id>`, `$ID` and `xxx` stand for a value and are not examples of one.
_PLACEHOLDER = re.compile(r"[{}<>$]|xxx")


def locate_parameters(operation: Operation) -> list[tuple[Field, str]]:
    """Return each documented parameter with its location (`path`, `query`, `header`, `body`).

    A parameter without a documented location is in the path when the path names it, else in the
    body of POST, PUT and PATCH, else in the query. Of two with the same name and location, the
    first is used.
    """
    in_path: list[str] = []
    if "{" in operation.path:
        in_path = find_path_parameters(build_template(operation.path))
    default = "query"
    if operation.method in _METHODS_WITH_BODY:
        default = "body"
    located: dict[tuple[str, str], Field] = {}
    for structure in operation.requests:
        for field in structure.fields:
            location = _locate_field(field, in_path) or default
            located.setdefault((field.name, location), field)
    for sample in operation.samples:
        # An example request adds parameters only where no table documents any.
        if sample.is_in_path or not operation.requests:
            located.setdefault((sample.name, "query"), _build_sample_field(sample))
    return [(field, location) for (_, location), field in located.items()]


def _locate_field(field: Field, in_path: list[str]) -> str:
    """Return the location of a field, or "" when neither its table nor the path gives one."""
    if field.name in in_path and field.location in ("", "path"):
        return "path"
    # A table that puts a field into the path is wrong when the path does not contain it.
    if field.location == "path":
        return ""
    return field.location


def _build_sample_field(sample: Sample) -> Field:
    """Build an optional query parameter from a value in an example request or in the path."""
    kind = Kind.STRING
    if _WHOLE_NUMBER.fullmatch(sample.value):
        kind = Kind.INTEGER
    elif sample.value in ("true", "false"):
        kind = Kind.BOOLEAN
    example = None
    if sample.value and not _PLACEHOLDER.search(sample.value):
        example = sample.value
    return Field(
        sample.name,
        TypeExpr(kind),
        sample.origin,
        example=example,
        location="query",
        is_inferred=True,
    )


def add_sample_value(field: Field, operation: Operation) -> Field:
    """Return a query parameter with the value of an example request, if it has no example yet.

    The example of the table comes first, then that of its description.
    """
    if field.example is not None or field.prose.example is not None:
        return field
    for sample in operation.samples:
        # A value in the documented path is the example of its own field already.
        if sample.is_in_path or sample.name != field.name:
            continue
        if sample.value:
            return replace(field, example=sample.value)
    return field


def find_required_parameter(field: Field, siblings: list[Field]) -> str:
    """Return the name of the parameter that the description of a field requires, or "".

    The description names it by its name or by the main clause of its description (集群ID).
    """
    required = field.prose.requires.strip('`" ')
    if not required:
        return ""
    for sibling in siblings:
        if sibling is field:
            continue
        if required in (sibling.name, extract_main_clause(sibling.description)):
            return sibling.name
    return ""


@dataclass(frozen=True, slots=True)
class UndocumentedParameter:
    """A path parameter without a row in its operation's tables."""

    name: str
    field: Field | None
    """The definition from another place, or None when there is none."""
    common: bool = False
    """Whether `field` is documented for all operations instead of for another operation."""


class PathParameters:
    """Definitions of path parameters in all documents, found by path prefix or by name.

    `GET /shelves/{shelfId}` may define the `shelfId` of `GET /shelves/{shelfId}/books`.
    """

    def __init__(self, facts: Facts) -> None:
        self._by_prefix: dict[str, Field] = {}
        self._common: dict[tuple[str, str], Field] = {}
        for document in facts.documents:
            for field in document.common_fields:
                if field.location in ("", "path"):
                    self._common.setdefault((document.file, field.name), field)
            for operation in document.operations:
                self._add_operation(operation)

    def _add_operation(self, operation: Operation) -> None:
        """Add the definitions of an operation; those of earlier operations stay."""
        documented = _find_path_fields(operation)
        for name, prefix in list_prefixes(build_template(operation.path)):
            if name in documented:
                self._by_prefix.setdefault(prefix, documented[name])

    def find_undocumented(self, operation: Operation) -> list[UndocumentedParameter]:
        """Return the path parameters that no table of an operation documents."""
        documented = _find_path_fields(operation)
        undocumented = []
        for name, prefix in list_prefixes(build_template(operation.path)):
            if name in documented:
                continue
            field = self._by_prefix.get(prefix)
            common = self._common.get((operation.origin.file, name))
            # Another operation with the same prefix is closer than a definition for all.
            is_common = field is None and common is not None
            undocumented.append(UndocumentedParameter(name, field or common, common=is_common))
        return undocumented


def _find_path_fields(operation: Operation) -> dict[str, Field]:
    """Return the documented path parameters of an operation by name."""
    fields = {}
    for field, location in locate_parameters(operation):
        if location == "path":
            fields[field.name] = field
    return fields
