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
from understudy.derive.openapi.parameter_placement import located
from understudy.derive.openapi.structure_lookup import Resolver
from understudy.derive.reader.example_values import Misfit, fitting, out_of_bounds, stray_values
from understudy.derive.reader.shown_values import value_of, why_not_json
from understudy.messages import JsonError

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")


class Gap(Enum):
    """How an example and what is told differ."""

    TYPE = "type"
    ENUM = "enum"
    BOUNDS = "bounds"
    UNTOLD = "untold"
    """The example has a member that no table has."""
    MISSING = "missing"
    """A told field is not in the example."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where an example differs."""

    gap: Gap
    name: str
    origin: Origin
    field: Field | None = None
    why: str = ""

    @property
    def is_grave(self) -> bool:
        """Whether the example cannot stand in the contract."""
        missing = self.gap is Gap.MISSING and self.field is not None and self.field.required is True
        return missing or self.gap in (Gap.TYPE, Gap.ENUM, Gap.BOUNDS)


class Fitter:
    """Holds examples against what the documents tell."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._errors: dict[Origin, JsonError | None] = {}
        self._known: dict[tuple[Origin, Side, str, str, Origin], list[Difference]] = {}

    def error(self, example: Example) -> JsonError | None:
        """Tell why an example is no JSON; None when it is."""
        if example.origin not in self._errors:
            self._errors[example.origin] = why_not_json(example.text)
        return self._errors[example.origin]

    def differences(self, example: Example, operation: Operation) -> list[Difference]:
        """Give every place where an example differs from its message; none when nothing tells the message."""
        key = (example.origin, example.side, operation.method, operation.path, operation.origin)
        if key not in self._known:
            self._known[key] = self._differences(example, operation)
        return self._known[key]

    def _differences(self, example: Example, operation: Operation) -> list[Difference]:
        if example.node is None:
            return []
        if example.side is Side.RESPONSE:
            structure = self._resolver.response(operation)
            if structure is None:
                return []
            return list(self._whole(example.node, structure, example))
        fields = tuple(field for field, place in located(operation) if place == "body")
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

    def is_fit(self, example: Example, operation: Operation) -> bool:
        """Tell whether an example can stand in the contract: JSON, and nothing grave against it."""
        if example.node is None or self.error(example):
            return False
        return not any(difference.is_grave for difference in self.differences(example, operation))

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
                Gap.TYPE, "", example.at(node), None, f"it is {_kind(node)} where fields are told"
            )
            return
        known = {field.name: field for field in fields}
        for name, member in node.members:
            if name in known:
                yield from self._value(member, known[name], section, example)
            elif fields:
                yield Difference(Gap.UNTOLD, name, example.at(member))
        shown = {name for name, _ in node.members}
        for field in fields:
            if field.name not in shown and not node.elided:
                yield Difference(Gap.MISSING, field.name, example.at(node), field)

    def _value(
        self, node: Node, field: Field, section: int, example: Example
    ) -> Iterator[Difference]:
        found = self._resolver.field(field, section)
        structure = found.structure
        inner = field.type.item if field.type.kind is Kind.ARRAY else field.type
        if found.like:
            inner = found.like.type.item or found.like.type
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
        value: Any = value_of(node)
        try:
            fitting(value, kind)
        except Misfit as misfit:
            yield self._misfit(node, field, example, f"{misfit}, and {kind.kind.value} is told")
            return
        if kind.format == "date-time" and not _TIME.fullmatch(value):
            yield self._misfit(node, field, example, f'"{value[:40]}" is no date-time of RFC 3339')
        elif stray_values(field, value):
            why = f"{value!r} is none of {', '.join(field.prose.enum)}"
            yield Difference(Gap.ENUM, field.name, example.at(node), field, why)
        elif out_of_bounds(field, value):
            yield Difference(
                Gap.BOUNDS,
                field.name,
                example.at(node),
                field,
                f"{value} is beyond the told bounds",
            )

    def _misfit(self, node: Node, field: Field, example: Example, why: str) -> Difference:
        return Difference(Gap.TYPE, field.name, example.at(node), field, why)


def _kind(node: Node) -> str:
    kinds = {NodeKind.OBJECT: "an object", NodeKind.ARRAY: "an array", NodeKind.TEXT: "a text"}
    return kinds.get(node.kind, f"{node.text[:40]}")


def missing_fields(
    fitter: Fitter, operations: tuple[Operation, ...]
) -> frozenset[tuple[Origin, str]]:
    """Give the fields that an example of a response does without, where nothing tells whether they are always there."""
    found = set()
    for operation in operations:
        for example in operation.examples:
            if example.side is Side.RESPONSE:
                for each in fitter.differences(example, operation):
                    if each.gap is Gap.MISSING and each.field and each.field.required is None:
                        found.add((each.field.origin, each.field.name))
    return frozenset(found)
