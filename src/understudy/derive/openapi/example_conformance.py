"""Whether an example is what the documents say: where it differs from the told fields, with the line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from understudy.derive.facts.facts import (
    Example,
    Field,
    Kind,
    Operation,
    Origin,
    Side,
    Structure,
    TypeExpr,
)
from understudy.derive.facts.pseudo_json_parser import Node, NodeKind
from understudy.derive.openapi.parameter_placement import locate_parameters
from understudy.derive.openapi.structure_lookup import StructureLookup
from understudy.derive.reader.example_values import (
    ValueMismatch,
    check_value,
    find_values_outside_enum,
    is_out_of_bounds,
)
from understudy.derive.reader.shown_values import find_json_error, node_to_value
from understudy.messages import JsonError

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")


class DifferenceKind(Enum):
    """How an example and what is told differ."""

    TYPE = "type"
    ENUM = "enum"
    BOUNDS = "bounds"
    UNDOCUMENTED = "untold"
    """The example has a member that no table has."""
    MISSING = "missing"
    """A told field is not in the example."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where an example differs."""

    kind: DifferenceKind
    name: str
    origin: Origin
    field: Field | None = None
    reason: str = ""

    @property
    def excludes_example(self) -> bool:
        """Whether the example cannot stand in the contract."""
        missing = (
            self.kind is DifferenceKind.MISSING
            and self.field is not None
            and self.field.required is True
        )
        return missing or self.kind in (
            DifferenceKind.TYPE,
            DifferenceKind.ENUM,
            DifferenceKind.BOUNDS,
        )


class ConformanceChecker:
    """Holds examples against what the documents tell."""

    def __init__(self, resolver: StructureLookup) -> None:
        self._resolver = resolver
        self._errors: dict[Origin, JsonError | None] = {}
        self._known: dict[tuple[Origin, Side, str, str, Origin], list[Difference]] = {}

    def find_json_error(self, example: Example) -> JsonError | None:
        """Tell why an example is no JSON; None when it is."""
        if example.origin not in self._errors:
            self._errors[example.origin] = find_json_error(example.text)
        return self._errors[example.origin]

    def find_differences(self, example: Example, operation: Operation) -> list[Difference]:
        """Give every place where an example differs from its message; none when nothing tells the message."""
        key = (example.origin, example.side, operation.method, operation.path, operation.origin)
        if key not in self._known:
            self._known[key] = self._differences(example, operation)
        return self._known[key]

    def _differences(self, example: Example, operation: Operation) -> list[Difference]:
        if example.node is None:
            return []
        if example.side is Side.RESPONSE:
            structure = self._resolver.find_response(operation)
            if structure is None:
                return []
            return list(self._whole(example.node, structure, example))
        fields = tuple(field for field, place in locate_parameters(operation) if place == "body")
        root = next((structure.root for structure in operation.requests if structure.root), None)
        if root:
            return list(
                self._value(
                    example.node,
                    Field("the body", root, example.origin),
                    operation.section,
                    example,
                )
            )
        return (
            list(self._object(example.node, fields, operation.section, example)) if fields else []
        )

    def conforms(self, example: Example, operation: Operation) -> bool:
        """Tell whether an example can stand in the contract: JSON, and nothing grave against it."""
        if example.node is None or self.find_json_error(example):
            return False
        return not any(
            difference.excludes_example for difference in self.find_differences(example, operation)
        )

    def _whole(self, node: Node, structure: Structure, example: Example) -> Iterator[Difference]:
        if structure.root:
            field = Field("the response", structure.root, structure.origin)
            yield from self._value(node, field, structure.section, example)
        else:
            yield from self._object(node, structure.fields, structure.section, example)

    def _object(
        self, node: Node, fields: tuple[Field, ...], section: int, example: Example
    ) -> Iterator[Difference]:
        if node.kind is not NodeKind.OBJECT:
            yield Difference(
                DifferenceKind.TYPE,
                "",
                example.at(node),
                None,
                f"it is {_kind(node)} where fields are told",
            )
            return
        known = {field.name: field for field in fields}
        for name, member in node.members:
            if name in known:
                yield from self._value(member, known[name], section, example)
            elif fields:
                yield Difference(DifferenceKind.UNDOCUMENTED, name, example.at(member))
        shown = {name for name, _ in node.members}
        for field in fields:
            if field.name not in shown and not node.has_ellipsis:
                yield Difference(DifferenceKind.MISSING, field.name, example.at(node), field)

    def _value(
        self, node: Node, field: Field, section: int, example: Example
    ) -> Iterator[Difference]:
        found = self._resolver.find_for_field(field, section)
        structure = found.structure
        inner = field.type.item if field.type.kind is Kind.ARRAY else field.type
        if found.template_field:
            inner = found.template_field.type.item or found.template_field.type
        if field.type.kind is Kind.ARRAY:
            if node.kind is not NodeKind.ARRAY:
                yield self._misfit(
                    node, field, example, f"it is {_kind(node)}, and an array is told"
                )
                return
            for item in node.items:
                yield from self._one(item, field, inner, structure, section, example)
        else:
            yield from self._one(node, field, inner, structure, section, example)

    def _one(
        self,
        node: Node,
        field: Field,
        kind: TypeExpr | None,
        structure: Structure | None,
        section: int,
        example: Example,
    ) -> Iterator[Difference]:
        if structure:
            yield from self._whole(node, structure, example)
        elif kind and kind.fields:
            yield from self._object(node, kind.fields, section, example)
        elif kind and kind.kind is Kind.ARRAY:
            yield from self._value(node, Field(field.name, kind, field.origin), section, example)
        elif kind:
            yield from self._plain(node, field, kind, example)

    def _plain(
        self, node: Node, field: Field, kind: TypeExpr, example: Example
    ) -> Iterator[Difference]:
        value: Any = node_to_value(node)
        try:
            check_value(value, kind)
        except ValueMismatch as misfit:
            yield self._misfit(node, field, example, f"{misfit}, and {kind.kind.value} is told")
            return
        if kind.format == "date-time" and not _TIME.fullmatch(value):
            yield self._misfit(node, field, example, f'"{value[:40]}" is no date-time of RFC 3339')
        elif find_values_outside_enum(field, value):
            why = f"{value!r} is none of {', '.join(field.prose.enum)}"
            yield Difference(DifferenceKind.ENUM, field.name, example.at(node), field, why)
        elif is_out_of_bounds(field, value):
            yield Difference(
                DifferenceKind.BOUNDS,
                field.name,
                example.at(node),
                field,
                f"{value} is beyond the told bounds",
            )

    def _misfit(self, node: Node, field: Field, example: Example, why: str) -> Difference:
        return Difference(DifferenceKind.TYPE, field.name, example.at(node), field, why)


def _kind(node: Node) -> str:
    kinds = {NodeKind.OBJECT: "an object", NodeKind.ARRAY: "an array", NodeKind.TEXT: "a text"}
    return kinds.get(node.kind, f"{node.text[:40]}")


def find_missing_fields(
    fitter: ConformanceChecker, operations: tuple[Operation, ...]
) -> frozenset[tuple[Origin, str]]:
    """Give the fields that an example of a response does without, where nothing tells whether they are always there."""
    found = set()
    for operation in operations:
        for example in operation.examples:
            if example.side is Side.RESPONSE:
                for each in fitter.find_differences(example, operation):
                    if (
                        each.kind is DifferenceKind.MISSING
                        and each.field
                        and each.field.required is None
                    ):
                        found.add((each.field.origin, each.field.name))
    return frozenset(found)
