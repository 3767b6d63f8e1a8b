"""Which parameters an operation has, and where each goes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from understudy.derive.facts.facts import Facts, Field, Kind, Operation, Sample, TypeExpr
from understudy.derive.facts.names import find_path_parameters
from understudy.derive.lexicon.cell_parser import extract_main_clause
from understudy.derive.openapi.path_templates import build_template, list_prefixes


def locate_parameters(operation: Operation) -> list[tuple[Field, str]]:
    """Give each told parameter with its location; of two with one name and location the first.

    Where nothing tells it, what the path does not name is in the query, or in the body of POST, PUT and PATCH.
    """
    named = find_path_parameters(build_template(operation.path)) if "{" in operation.path else []
    elsewhere = "body" if operation.method in ("POST", "PUT", "PATCH") else "query"
    found: dict[tuple[str, str], Field] = {}
    for structure in operation.requests:
        for field in structure.fields:
            told = (
                "path" if field.name in named and field.location in ("", "path") else field.location
            )
            if told == "path" and field.name not in named:
                told = ""
            found.setdefault((field.name, told or elsewhere), field)
    for sample in operation.samples:
        if sample.is_in_path or not operation.requests:
            found.setdefault((sample.name, "query"), _shown(sample))
    return [(field, place) for (_, place), field in found.items()]


def _shown(sample: Sample) -> Field:
    """Make a parameter of a value in the told path."""
    is_whole = re.fullmatch(r"-?\d{1,15}", sample.value)
    is_value = sample.value and not re.search(r"[{}<>$]|xxx", sample.value)
    kind = (
        Kind.INTEGER
        if is_whole
        else Kind.BOOLEAN
        if sample.value in ("true", "false")
        else Kind.STRING
    )
    return Field(
        sample.name, TypeExpr(kind), sample.origin, example=sample.value if is_value else None, location="query",
        is_inferred=True,
    )  # fmt: skip


def add_sample_value(field: Field, operation: Operation) -> Field:
    """Give a query parameter the value that the example of a call has for it, when its table has none."""
    if field.example is not None or field.prose.example is not None:
        return field
    value = next(
        (
            s.value
            for s in operation.samples
            if s.name == field.name and not s.is_in_path and s.value
        ),
        None,
    )
    return field if value is None else replace(field, example=value)


def find_required_parameter(field: Field, siblings: list[Field]) -> str:
    """Give the name of the parameter that a description says is needed too; empty when none is of that name."""
    words = field.prose.requires.strip('`" ')
    for sibling in siblings if words else ():
        if sibling is not field and words in (
            sibling.name,
            extract_main_clause(sibling.description),
        ):
            return sibling.name
    return ""


@dataclass(frozen=True, slots=True)
class UndocumentedParameter:
    """A path parameter that no table of its operation tells, and the field elsewhere that may."""

    name: str
    field: Field | None
    common: bool = False
    """Whether it is told for all operations, not for another one."""


class PathParameters:
    """Knows what the documents tell of path parameters: by the path up to them, or for all operations."""

    def __init__(self, facts: Facts) -> None:
        self._by_prefix: dict[str, Field] = {}
        self._common: dict[tuple[str, str], Field] = {}
        for document in facts.documents:
            for field in document.common_fields:
                if field.location in ("", "path"):
                    self._common.setdefault((document.file, field.name), field)
            for operation in document.operations:
                told = {
                    field.name: field
                    for field, place in locate_parameters(operation)
                    if place == "path"
                }
                for name, prefix in list_prefixes(build_template(operation.path)):
                    if name in told:
                        self._by_prefix.setdefault(prefix, told[name])

    def find_undocumented(self, operation: Operation) -> list[UndocumentedParameter]:
        """Give the path parameters that no table of an operation tells."""
        told = {field.name for field, place in locate_parameters(operation) if place == "path"}
        found = []
        for name, prefix in list_prefixes(build_template(operation.path)):
            if name not in told:
                common = self._common.get((operation.origin.file, name))
                other = self._by_prefix.get(prefix)
                found.append(
                    UndocumentedParameter(
                        name, other or common, common=other is None and common is not None
                    )
                )
        return found
