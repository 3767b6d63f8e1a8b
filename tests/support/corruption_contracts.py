"""Contracts of others, whose answers are corrupted."""

from typing import Any

from contract_builders import document

_NODE = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 2, "maxLength": 5},
        "parent": {"$ref": "#/components/schemas/Node"},
        "children": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/Node"},
            "maxItems": 3,
        },
    },
}
_PET = {
    "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
    "type": "object",
}
_COMPONENTS: dict[str, Any] = {
    "Node": _NODE,
    "Cat": {
        "type": "object",
        "required": ["lives"],
        "additionalProperties": False,
        "properties": {"lives": {"type": "integer", "minimum": 0, "maximum": 9}},
    },
    "Dog": {
        "type": "object",
        "required": ["name"],
        "additionalProperties": False,
        "properties": {"name": {"type": "string", "pattern": "^[A-Z]+$"}},
    },
    "Pet": _PET,
}


def answering(
    schema: Any, *, status: str = "200", version: str = "3.1.0", media: str = "application/json"
) -> Any:
    """Give a document whose one operation answers by a schema."""
    responses = {status: {"description": "", "content": {media: {"schema": schema}}}}
    data = document({"responses": responses}, components={"schemas": _COMPONENTS})
    return {**data, "openapi": version}


def fields(**properties: Any) -> dict[str, Any]:
    """Give a schema of an object whose fields are all required."""
    return {"type": "object", "required": list(properties), "properties": properties}


FOREIGN: dict[str, Any] = {
    "numbers": answering(
        fields(
            small={"type": "integer", "format": "int32"},
            step={"type": "integer", "minimum": 10, "maximum": 50, "multipleOf": 5},
            open={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 2},
        )
    ),
    "texts": answering(
        fields(
            day={"type": "string", "format": "date"},
            moment={"type": "string", "format": "date-time"},
            code={"type": "string", "pattern": "^[a-z]+$"},
            state={"type": "string", "enum": ["on", "off"]},
        )
    ),
    "lists": answering(
        fields(
            tags={
                "type": "array",
                "items": {"type": "string"},
                "uniqueItems": True,
                "minItems": 1,
                "maxItems": 4,
            },
            pair={"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
        )
    ),
    "maps": answering(
        {
            "type": "object",
            "additionalProperties": {"type": "integer", "minimum": 0},
            "patternProperties": {"^x-": {"type": "string"}},
        }
    ),
    "closed": answering(
        {**fields(a={"type": "boolean"}), "additionalProperties": False, "maxProperties": 1}
    ),
    "recursive": answering({"$ref": "#/components/schemas/Node"}),
    "alternatives": answering(fields(pet={"$ref": "#/components/schemas/Pet"})),
    "parts": answering(
        {"allOf": [fields(a={"type": "integer"}), fields(b={"type": ["string", "null"]})]}
    ),
    "nullable": answering(
        fields(a={"type": "string", "nullable": True, "minLength": 1}), version="3.0.3"
    ),
    "problems": answering(
        fields(status={"type": "integer", "enum": [404]}), status="4XX", media="application/json"
    ),
    "anything": answering(True, status="default"),
    "plain": answering({"type": "string"}, media="text/plain"),
}
"""By what they show."""
