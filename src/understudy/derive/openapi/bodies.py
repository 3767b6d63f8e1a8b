"""Bodies of requests and responses with their schemas and examples."""

from __future__ import annotations

from typing import Any

from understudy.derive.facts.facts import Example, Field, Operation, Reference, Side, TextResponse
from understudy.derive.openapi.example_conformance import ConformanceChecker
from understudy.derive.openapi.field_schemas import SchemaBuilder
from understudy.derive.openapi.naming import Names
from understudy.derive.openapi.structure_lookup import StructureLookup
from understudy.derive.reader.shown_values import node_to_value

_JSON = "application/json"
_TEXT = "text/plain"


class BodyBuilder:
    """Makes the bodies of operations."""

    def __init__(
        self,
        maker: SchemaBuilder,
        resolver: StructureLookup,
        names: Names,
        fitter: ConformanceChecker,
    ) -> None:
        self._maker, self._resolver, self._names = maker, resolver, names
        self._fitter = fitter

    def build_request(
        self, operation: Operation, fields: tuple[Field, ...]
    ) -> dict[str, Any] | None:
        """Make an operation's request body, or None when it has none."""
        whole = next((structure for structure in operation.requests if structure.root), None)
        if not fields and whole is None:
            return None
        origin = fields[0].origin if fields else whole.origin if whole else operation.origin
        inferred = any(
            s.is_inferred and (s is whole or set(s.fields) & set(fields))
            for s in operation.requests
        )
        schema = (
            self._maker.build_root(whole)
            if whole and not fields
            else self._maker.build_body(fields, operation.section)
        )
        if inferred:
            schema = {**schema, "x-inferred": True}
        content: dict[str, Any] = {"schema": schema}
        examples = self._examples(operation, Side.REQUEST)
        if examples:
            content["examples"] = examples
        required = whole is not None or inferred or any(field.required for field in fields)
        return {"required": required, "content": {_JSON: content}, "x-source": str(origin)}

    def build_response(self, operation: Operation) -> dict[str, Any]:
        """Make the response of status 200."""
        told = operation.response
        structure, words = (
            self._resolver.find_response(operation),
            self._resolver.find_text_response(operation),
        )
        response: dict[str, Any] = {"description": _describe(told, words)}
        content: dict[str, Any] = {}
        if structure:
            content["schema"] = {
                "$ref": f"#/components/schemas/{self._names.component_name(structure)}"
            }
            examples = self._examples(operation, Side.RESPONSE)
        elif words:
            content["schema"] = {"type": "string"}
            examples = _texts(operation)
        if content:
            if examples:
                content["examples"] = examples
            response["content"] = {_JSON if structure else _TEXT: content}
        source = told or (structure if structure else None)
        if structure and told is None:
            response["description"] = structure.label or "What all operations return."
            response["x-inferred"] = True
        if source:
            response["x-source"] = str(source.origin)
        return response

    def _examples(self, operation: Operation, side: Side) -> dict[str, Any]:
        fit = [
            e for e in operation.examples if e.side is side and self._fitter.conforms(e, operation)
        ]
        return _named([(example, node_to_value(example.node)) for example in fit if example.node])


def _texts(operation: Operation) -> dict[str, Any]:
    return _named(
        [(example, example.text) for example in operation.examples if example.side is Side.RESPONSE]
    )


def _named(shown: list[tuple[Example, Any]]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for at, (example, value) in enumerate(shown, 1):
        told = {"summary": example.title} if example.title else {}
        name = "example" if len(shown) == 1 else f"example{at}"
        named[name] = {**told, "value": value, "x-source": str(example.origin)}
    return named


def _describe(told: object, words: TextResponse | None) -> str:
    if isinstance(told, Reference):
        return told.text
    if words is not None:
        return words.text or "A text."
    label = getattr(told, "label", "")
    return label or (
        "An answer as its example shows it." if told else "The document tells no response."
    )
