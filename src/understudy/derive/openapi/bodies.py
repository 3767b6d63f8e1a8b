"""Bodies of requests and responses, with their schemas and examples.

The documents describe one response per operation: that of success.
"""

from __future__ import annotations

from understudy.derive.facts.facts import (
    Example,
    Field,
    Operation,
    Origin,
    Reference,
    Side,
    Structure,
    TextResponse,
)
from understudy.derive.openapi.example_conformance import ConformanceChecker
from understudy.derive.openapi.field_schemas import JsonObject, SchemaBuilder
from understudy.derive.openapi.naming import Names
from understudy.derive.openapi.structure_lookup import StructureLookup
from understudy.derive.reader.shown_values import node_to_value
from understudy.messages import Json

_JSON = "application/json"
_TEXT = "text/plain"


class BodyBuilder:
    """Builds the Request Body Objects and Response Objects of operations.

    A body is JSON, unless the document says that a response is plain text.
    """

    def __init__(
        self,
        schemas: SchemaBuilder,
        lookup: StructureLookup,
        names: Names,
        conformance: ConformanceChecker,
    ) -> None:
        self._schemas = schemas
        self._lookup = lookup
        self._names = names
        self._conformance = conformance

    def build_request(self, operation: Operation, fields: tuple[Field, ...]) -> JsonObject | None:
        """Build a Request Body Object from the body's fields, or None when there is no body.

        Source: OpenAPI 3.1, Request Body Object.
        """
        whole = _find_whole_body(operation)
        if not fields and whole is None:
            return None
        is_inferred = _is_inferred(operation, fields, whole)
        schema = self._build_request_schema(operation, fields, whole, is_inferred=is_inferred)
        examples = self._build_examples(operation, Side.REQUEST)
        # A body that an example shows is sent; one that only has optional fields may be absent.
        has_required = any(field.required for field in fields)
        return {
            "required": whole is not None or is_inferred or has_required,
            "content": {_JSON: _build_media_type(schema, examples)},
            "x-source": str(_find_body_origin(operation, fields, whole)),
        }

    def _build_request_schema(
        self,
        operation: Operation,
        fields: tuple[Field, ...],
        whole: Structure | None,
        *,
        is_inferred: bool,
    ) -> JsonObject:
        """Build the schema of a body: that of its fields, else that of the whole."""
        if whole and whole.root and not fields:
            schema = self._schemas.build_root(whole.root, whole)
        else:
            schema = self._schemas.build_body(fields, operation.section)
        if is_inferred:
            schema["x-inferred"] = True
        return schema

    def build_response(self, operation: Operation) -> JsonObject:
        """Build the Response Object of status 200.

        Source: OpenAPI 3.1, Response Object: `description` is required.
        """
        structure = self._lookup.find_response(operation)
        text = self._lookup.find_text_response(operation)
        response: JsonObject = {"description": _describe_response(operation, text)}
        if structure:
            schema: JsonObject = {
                "$ref": f"#/components/schemas/{self._names.component_name(structure)}"
            }
            examples = self._build_examples(operation, Side.RESPONSE)
            response["content"] = {_JSON: _build_media_type(schema, examples)}
        elif text:
            examples = _build_text_examples(operation)
            response["content"] = {_TEXT: _build_media_type({"type": "string"}, examples)}
        if operation.response:
            response["x-source"] = str(operation.response.origin)
        elif structure:
            # The operation documents no response: that of all operations is used.
            response["description"] = structure.label or "Response of all operations."
            response["x-inferred"] = True
            response["x-source"] = str(structure.origin)
        return response

    def _build_examples(self, operation: Operation, side: Side) -> JsonObject:
        """Build the examples of a side that conform; the ledger reports the others."""
        values: list[tuple[Example, Json]] = []
        for example in operation.examples:
            if example.side is not side or not self._conformance.conforms(example, operation):
                continue
            if example.node:
                values.append((example, node_to_value(example.node)))
        return _build_named_examples(values)


def _find_whole_body(operation: Operation) -> Structure | None:
    """Return the structure that is a whole request body and not an object, or None."""
    for structure in operation.requests:
        if structure.root:
            return structure
    return None


def _is_inferred(operation: Operation, fields: tuple[Field, ...], whole: Structure | None) -> bool:
    """Return whether a part of the request body was read from an example."""
    for structure in operation.requests:
        is_used = structure is whole or bool(set(structure.fields) & set(fields))
        if structure.is_inferred and is_used:
            return True
    return False


def _find_body_origin(
    operation: Operation, fields: tuple[Field, ...], whole: Structure | None
) -> Origin:
    """Return the line of the first field, else that of the whole."""
    if fields:
        return fields[0].origin
    if whole:
        return whole.origin
    return operation.origin


def _build_media_type(schema: JsonObject, examples: JsonObject) -> JsonObject:
    """Build a Media Type Object. Source: OpenAPI 3.1, Media Type Object."""
    media_type: JsonObject = {"schema": schema}
    if examples:
        media_type["examples"] = examples
    return media_type


def _build_text_examples(operation: Operation) -> JsonObject:
    """Build the examples of a plain text response: the texts as they are."""
    values: list[tuple[Example, Json]] = [
        (example, example.text) for example in operation.examples if example.side is Side.RESPONSE
    ]
    return _build_named_examples(values)


def _build_named_examples(values: list[tuple[Example, Json]]) -> JsonObject:
    """Build the map of Example Objects: `example`, or `example1`, `example2` for several.

    Source: OpenAPI 3.1, Example Object.
    """
    examples: JsonObject = {}
    for number, (example, value) in enumerate(values, 1):
        name = "example"
        if len(values) > 1:
            name = f"example{number}"
        entry: JsonObject = {}
        if example.title:
            entry["summary"] = example.title
        entry["value"] = value
        entry["x-source"] = str(example.origin)
        examples[name] = entry
    return examples


def _describe_response(operation: Operation, text: TextResponse | None) -> str:
    """Return the required description: the document's words where there are any."""
    response = operation.response
    if isinstance(response, Reference):
        return response.text
    if text is not None:
        return text.text or "Plain text."
    if isinstance(response, Structure):
        return response.label or "Response as shown by the example."
    return "Undocumented response."
