"""Foreign contracts whose responses are corrupted."""

from typing import Any

from contract_builders import make_document

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


def build_document(
    schema: Any, *, status: str = "200", version: str = "3.1.0", media: str = "application/json"
) -> Any:
    """Return a document whose one operation answers by a schema."""
    responses = {status: {"description": "", "content": {media: {"schema": schema}}}}
    data = make_document({"responses": responses}, components={"schemas": _COMPONENTS})
    return {**data, "openapi": version}


def object_of(**properties: Any) -> dict[str, Any]:
    """Return a schema of an object whose fields are all required."""
    return {"type": "object", "required": list(properties), "properties": properties}


FOREIGN: dict[str, Any] = {
    "numbers": build_document(
        object_of(
            small={"type": "integer", "format": "int32"},
            step={"type": "integer", "minimum": 10, "maximum": 50, "multipleOf": 5},
            open={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 2},
        )
    ),
    "texts": build_document(
        object_of(
            day={"type": "string", "format": "date"},
            moment={"type": "string", "format": "date-time"},
            code={"type": "string", "pattern": "^[a-z]+$"},
            state={"type": "string", "enum": ["on", "off"]},
        )
    ),
    "lists": build_document(
        object_of(
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
    "maps": build_document(
        {
            "type": "object",
            "additionalProperties": {"type": "integer", "minimum": 0},
            "patternProperties": {"^x-": {"type": "string"}},
        }
    ),
    "closed": build_document(
        {**object_of(a={"type": "boolean"}), "additionalProperties": False, "maxProperties": 1}
    ),
    "recursive": build_document({"$ref": "#/components/schemas/Node"}),
    "alternatives": build_document(object_of(pet={"$ref": "#/components/schemas/Pet"})),
    "parts": build_document(
        {"allOf": [object_of(a={"type": "integer"}), object_of(b={"type": ["string", "null"]})]}
    ),
    "nullable": build_document(
        object_of(a={"type": "string", "nullable": True, "minLength": 1}), version="3.0.3"
    ),
    "problems": build_document(
        object_of(status={"type": "integer", "enum": [404]}), status="4XX", media="application/json"
    ),
    "anything": build_document(True, status="default"),
    "plain": build_document({"type": "string"}, media="text/plain"),
}
"""By what they show."""
