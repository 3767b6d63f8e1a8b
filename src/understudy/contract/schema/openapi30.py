"""OpenAPI 3.0's dialect of JSON Schema, told in the words of 2020-12. Every node keeps its pointer."""

from typing import Any

from understudy.contract.schema.keywords import member_kind, rewrite_schemas


def convert_to_2020_12(document: dict[str, Any]) -> dict[str, Any]:
    """Give the document with its schemas in 2020-12; one of OpenAPI 3.1 as it is."""
    if not str(document.get("openapi", "")).startswith("3.0"):
        return document
    made: dict[str, Any] = _walk(document)
    return made


def _walk(node: Any, *, names: bool = False) -> Any:
    if isinstance(node, list):
        return [_walk(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _walk(value) if names else _member(key, value) for key, value in node.items()}


def _member(key: str, value: Any) -> Any:
    if key == "schema":
        return rewrite_schemas(value, _told)
    if key == "schemas" and isinstance(value, dict):
        return {name: rewrite_schemas(schema, _told) for name, schema in value.items()}
    kind = member_kind(key, value)
    return value if kind == "data" else _walk(value, names=kind == "names")


def _told(schema: Any) -> Any:
    """Source: OpenAPI 3.0.3, Schema Object; JSON Schema 2020-12, validation."""
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        # In 3.0, what stands beside a $ref counts for nothing; what this tool added does.
        return {
            key: value for key, value in schema.items() if key == "$ref" or key.startswith("x-")
        }
    made = dict(schema)
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = made.get(exclusive)
        if isinstance(flag, bool):
            del made[exclusive]
            if flag and bound in made:
                made[exclusive] = made.pop(bound)
    if made.pop("nullable", False) is True:
        _let_null(made)
    return made


def _let_null(schema: dict[str, Any]) -> None:
    # Without a type of its own beside it, `nullable` says nothing (OpenAPI 3.0.3).
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
