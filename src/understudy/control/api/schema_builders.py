"""Builders and common values for the JSON Schemas of the control API.

This module knows no message; the messages are in `message_schemas`.
"""

from understudy.control.api.route import Schema

NAME: Schema = {
    "type": "string",
    "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
    "description": "a letter or digit, then up to 99 letters, digits, dots, underscores or hyphens",
}
"""The name of a world, scenario or snapshot."""
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
OBJECT: Schema = {"type": "object"}
TEXTS: Schema = {"type": "array", "items": TEXT}

TASK_STATUSES = ("RUNNING", "FAILED", "SUCCESSFUL")
SUBTASK_STATUSES = ("PENDING", "READY", "RUNNING", "CANCELING", "FAILED", "SUCCESSFUL")


def object_schema(*required: str, **properties: Schema) -> Schema:
    """Return the schema of an object; without names in `required`, all properties are."""
    return {
        "type": "object",
        "required": list(required or properties),
        "properties": properties,
    }


def closed_object_schema(*required: str, **properties: Schema) -> Schema:
    """Return the schema of an object in a request: other members are not allowed."""
    schema: dict[str, object] = {"type": "object"}
    if required:
        schema["required"] = list(required)
    schema["additionalProperties"] = False
    schema["properties"] = properties
    return schema


def nullable(schema: Schema) -> Schema:
    """Return a schema that also accepts null.

    The type or enumeration is extended where there is one: its errors name what is expected,
    which those of `anyOf` do not.
    """
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    values = schema.get("enum")
    if isinstance(values, list):
        return {**schema, "enum": [*values, None]}
    return {"anyOf": [schema, {"type": "null"}]}


def with_description(schema: Schema, description: str) -> Schema:
    """Return a schema with a description."""
    return {**schema, "description": description}


def list_of(schema: Schema) -> Schema:
    """Return the schema of an array."""
    return {"type": "array", "items": schema}
