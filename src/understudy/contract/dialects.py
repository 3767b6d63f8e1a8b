"""OpenAPI 3.0's dialect of JSON Schema, told in the words of 2020-12. Every node keeps its pointer."""

from typing import Any

from understudy.contract.schemas import rewritten

_DATA = frozenset(["example", "examples", "default", "enum", "const", "value"])


def to_2020_12(document: dict[str, Any]) -> dict[str, Any]:
    """Give the document with its schemas in 2020-12; one of OpenAPI 3.1 as it is."""
    if not str(document.get("openapi", "")).startswith("3.0"):
        return document
    made: dict[str, Any] = _walk(document)
    schemas = made.get("components", {}).get("schemas")
    if schemas:
        made["components"]["schemas"] = {name: rewritten(schema, _told) for name, schema in schemas.items()}
    return made


def _walk(node: Any) -> Any:
    if isinstance(node, list):
        return [_walk(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _member(key, value) for key, value in node.items()}


def _member(key: str, value: Any) -> Any:
    if key == "schema":
        return rewritten(value, _told)
    return value if key in _DATA or key.startswith("x-") or key == "schemas" else _walk(value)


def _told(schema: Any) -> Any:
    """Source: OpenAPI 3.0.3, Schema Object; JSON Schema 2020-12, validation."""
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}  # in 3.0, what stands beside a $ref counts for nothing
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
