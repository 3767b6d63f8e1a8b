"""Conversion of OpenAPI 3.0's schemas to JSON Schema 2020-12. Every node keeps its pointer."""

from understudy.contract.document.pointers import JsonObject
from understudy.contract.schema.keywords import member_kind, rewrite_schemas

_EXCLUSIVE_BOUNDS = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))


def convert_to_2020_12(document: JsonObject) -> JsonObject:
    """Return a document with its schemas in 2020-12. One of OpenAPI 3.1 is returned as it is."""
    version = str(document.get("openapi", ""))
    if not version.startswith("3.0"):
        return document
    return _convert_members(document)


def _convert_node(node: object, *, has_free_names: bool = False) -> object:
    """Return a converted node. With `has_free_names` the keys of the node are not keywords.

    Example: the schema named `default` in `components/schemas` is not the keyword `default`.
    """
    if isinstance(node, list):
        return [_convert_node(item) for item in node]
    if not isinstance(node, dict):
        return node
    if has_free_names:
        return {name: _convert_node(value) for name, value in node.items()}
    return _convert_members(node)


def _convert_members(node: JsonObject) -> JsonObject:
    return {key: _convert_member(key, value) for key, value in node.items()}


def _convert_member(key: str, value: object) -> object:
    """Return the value of a member of an object, its schemas converted.

    Schemas are found by the two members that contain them: `schema` and `schemas`.
    """
    if key == "schema":
        return rewrite_schemas(value, _convert_schema)
    if key == "schemas" and isinstance(value, dict):
        return {name: rewrite_schemas(schema, _convert_schema) for name, schema in value.items()}
    kind = member_kind(key, value)
    if kind == "data":
        return value
    return _convert_node(value, has_free_names=kind == "names")


def _convert_schema(schema: object) -> object:
    """Return one schema in 2020-12, its subschemas converted already.

    Source: OpenAPI 3.0.3, Schema Object; JSON Schema 2020-12, validation, section 6.2.
    """
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        # OpenAPI 3.0.3, Reference Object: keywords beside `$ref` are ignored. Extensions stay:
        # this tool adds its own beside a `$ref`.
        return {key: schema[key] for key in schema if key == "$ref" or key.startswith("x-")}
    converted = dict(schema)
    for bound, exclusive in _EXCLUSIVE_BOUNDS:
        _convert_exclusive_bound(converted, bound, exclusive)
    if converted.pop("nullable", False) is True:
        _allow_null(converted)
    return converted


def _convert_exclusive_bound(schema: JsonObject, bound: str, exclusive: str) -> None:
    """Turn the flag of 3.0 (`minimum: 1, exclusiveMinimum: true`) into the number of 2020-12."""
    flag = schema.get(exclusive)
    if not isinstance(flag, bool):
        return
    del schema[exclusive]
    if flag and bound in schema:
        schema[exclusive] = schema.pop(bound)


def _allow_null(schema: JsonObject) -> None:
    # OpenAPI 3.0.3, Schema Object: without `type` beside it, `nullable` has no effect.
    name = schema.get("type")
    if not isinstance(name, str):
        return
    schema["type"] = [name, "null"]
    values = schema.get("enum")
    if values is not None and None not in values:
        schema["enum"] = [*values, None]
