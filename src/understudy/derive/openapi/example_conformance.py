"""Conformance of examples: where an example body differs from its documented fields.

The comparison is with the documented fields and not with a JSON Schema: so a difference has the
line of the example and the line of the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

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
from understudy.derive.openapi.structure_lookup import LookupResult, StructureLookup
from understudy.derive.reader.example_values import (
    ValueMismatch,
    check_value,
    find_values_outside_enum,
    is_out_of_bounds,
)
from understudy.derive.reader.shown_values import find_json_error, node_to_value
from understudy.messages import JsonError

# RFC 3339, section 5.6: `T` may be lower case, or a space.
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")
_MAX_QUOTED = 40
"""Characters of a value that the ledger quotes."""


class DifferenceKind(Enum):
    """The ways in which an example can differ from its documentation."""

    TYPE = "type"
    ENUM = "enum"
    BOUNDS = "bounds"
    UNDOCUMENTED = "undocumented"
    """The example has a member that no table documents."""
    MISSING = "missing"
    """The example lacks a documented field."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where an example differs from its documentation."""

    kind: DifferenceKind
    name: str
    """The name of the field; empty for the whole value."""
    origin: Origin
    """The line of the example."""
    field: Field | None = None
    reason: str = ""
    """How the value differs; it ends a sentence of the ledger."""

    @property
    def excludes_example(self) -> bool:
        """Whether the contract must leave the example out because it breaks the schema."""
        if self.kind is DifferenceKind.MISSING:
            return self.field is not None and self.field.required is True
        return self.kind is not DifferenceKind.UNDOCUMENTED


_ExampleKey = tuple[Origin, Side, str, str, Origin]
"""The example (line and side) and the operation (method, path and line)."""


class ConformanceChecker:
    """Checks examples against the documented fields.

    The results are cached: the contract and several rules need them.
    """

    def __init__(self, lookup: StructureLookup) -> None:
        self._lookup = lookup
        self._errors: dict[Origin, JsonError | None] = {}
        self._differences: dict[_ExampleKey, list[Difference]] = {}

    def find_json_error(self, example: Example) -> JsonError | None:
        """Return why an example is not JSON, or None when it is."""
        if example.origin not in self._errors:
            self._errors[example.origin] = find_json_error(example.text)
        return self._errors[example.origin]

    def find_differences(self, example: Example, operation: Operation) -> list[Difference]:
        """Return every place where an example differs from the documented body.

        The list is empty when the documents define no such body.
        """
        key = (example.origin, example.side, operation.method, operation.path, operation.origin)
        if key not in self._differences:
            comparison = _Comparison(self._lookup, example)
            self._differences[key] = list(comparison.compare(operation))
        return self._differences[key]

    def conforms(self, example: Example, operation: Operation) -> bool:
        """Return whether the contract can show an example: it is JSON and fits the schema."""
        if example.node is None or self.find_json_error(example):
            return False
        differences = self.find_differences(example, operation)
        return not any(difference.excludes_example for difference in differences)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The comparison of one example with its documented fields."""

    lookup: StructureLookup
    example: Example

    def compare(self, operation: Operation) -> Iterator[Difference]:
        """Yield the differences: those of the members in their order, then the missing fields.

        The fields are those of the response, or those of the operation's body parameters.
        """
        node = self.example.node
        if node is None:
            return
        if self.example.side is Side.RESPONSE:
            # A response may refer to that of another operation.
            structure = self.lookup.find_response(operation)
            if structure is not None:
                yield from self._compare_structure(node, structure)
            return
        root = next((each.root for each in operation.requests if each.root), None)
        if root:
            body = Field("the body", root, self.example.origin)
            yield from self._compare_value(node, body, operation.section)
            return
        located = locate_parameters(operation)
        fields = tuple(field for field, location in located if location == "body")
        if fields:
            yield from self._compare_object(node, fields, operation.section)

    def _compare_structure(self, node: Node, structure: Structure) -> Iterator[Difference]:
        """Compare a value with a structure, which may be an array as a whole."""
        if structure.root:
            response = Field("the response", structure.root, structure.origin)
            yield from self._compare_value(node, response, structure.section)
        else:
            yield from self._compare_object(node, structure.fields, structure.section)

    def _compare_object(
        self,
        node: Node,
        fields: tuple[Field, ...],
        section: int,
    ) -> Iterator[Difference]:
        """Compare an object with its fields, and the values of its members with theirs."""
        origin = self.example.at(node)
        if node.kind is not NodeKind.OBJECT:
            reason = f"it is {_describe_kind(node)}, expected an object"
            yield Difference(DifferenceKind.TYPE, "", origin, None, reason)
            return
        known = {field.name: field for field in fields}
        for name, member in node.members:
            if name in known:
                yield from self._compare_value(member, known[name], section)
            elif fields:
                member_origin = self.example.at(member)
                yield Difference(DifferenceKind.UNDOCUMENTED, name, member_origin)
        if node.has_ellipsis:  # `...` may stand for any of the fields
            return
        present = {name for name, _ in node.members}
        for field in fields:
            if field.name not in present:
                yield Difference(DifferenceKind.MISSING, field.name, origin, field)

    def _compare_value(
        self,
        node: Node,
        field: Field,
        section: int,
    ) -> Iterator[Difference]:
        """Compare a value of any type with its field."""
        result = self.lookup.find_for_field(field, section)
        if field.type.kind is not Kind.ARRAY:
            yield from self._compare_single(node, field, result, section)
        elif node.kind is not NodeKind.ARRAY:
            reason = f"it is {_describe_kind(node)}, expected an array"
            yield self._type_difference(node, field, reason)
        else:
            for item in node.items:
                yield from self._compare_single(item, field, result, section)

    def _compare_single(
        self,
        node: Node,
        field: Field,
        result: LookupResult,
        section: int,
    ) -> Iterator[Difference]:
        """Compare a value that is not an array, or one item of an array."""
        if result.structure:
            yield from self._compare_structure(node, result.structure)
            return
        value_type = field.type.item if field.type.kind is Kind.ARRAY else field.type
        if result.template_field:
            template = result.template_field.type
            value_type = template.item or template
        if value_type is None:
            return
        if value_type.fields:
            yield from self._compare_object(node, value_type.fields, section)
        elif value_type.kind is Kind.ARRAY:
            inner = Field(field.name, value_type, field.origin)
            yield from self._compare_value(node, inner, section)
        else:
            yield from self._compare_scalar(node, field, value_type)

    def _compare_scalar(
        self,
        node: Node,
        field: Field,
        value_type: TypeExpr,
    ) -> Iterator[Difference]:
        """Compare a scalar with its type, format, enum and bounds; one difference is enough."""
        value = node_to_value(node)
        origin = self.example.at(node)
        try:
            check_value(value, value_type)
        except ValueMismatch as mismatch:
            yield self._type_difference(
                node, field, f"{mismatch}, expected {value_type.kind.value}"
            )
            return
        if value_type.format == "date-time" and not _DATE_TIME.fullmatch(value):
            quoted = value[:_MAX_QUOTED]
            yield self._type_difference(node, field, f'"{quoted}" is not an RFC 3339 date-time')
        elif find_values_outside_enum(field, value):
            reason = f"{value!r} is not one of {', '.join(field.prose.enum)}"
            yield Difference(DifferenceKind.ENUM, field.name, origin, field, reason)
        elif is_out_of_bounds(field, value):
            reason = f"{value} is outside the documented bounds"
            yield Difference(DifferenceKind.BOUNDS, field.name, origin, field, reason)

    def _type_difference(
        self,
        node: Node,
        field: Field,
        reason: str,
    ) -> Difference:
        origin = self.example.at(node)
        return Difference(DifferenceKind.TYPE, field.name, origin, field, reason)


def _describe_kind(node: Node) -> str:
    """Return a value as a noun: `an array`, or the word itself (`17`, `true`)."""
    match node.kind:
        case NodeKind.OBJECT:
            return "an object"
        case NodeKind.ARRAY:
            return "an array"
        case NodeKind.TEXT:
            return "a text"
        case _:
            return node.text[:_MAX_QUOTED]


def find_missing_fields(
    checker: ConformanceChecker, operations: tuple[Operation, ...]
) -> frozenset[tuple[Origin, str]]:
    """Return the response fields (origin and name) that an example lacks.

    Only fields whose presence the documents leave open; their schema must not require them.
    """
    missing = set()
    for operation in operations:
        for example in operation.examples:
            if example.side is not Side.RESPONSE:
                continue
            for difference in checker.find_differences(example, operation):
                field = difference.field
                if difference.kind is not DifferenceKind.MISSING or field is None:
                    continue
                if field.required is None:
                    missing.add((field.origin, field.name))
    return frozenset(missing)
