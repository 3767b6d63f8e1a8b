"""Conversion of the parts of a Swagger 2.0 document: parameters, forms, security schemes."""

from typing import Any

from understudy.contract.document.pointers import JsonObject
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.operation.parameter_model import COLLECTION_FORMATS

# Swagger 2.0, Parameter Object, Items Object and Header Object: the value is described beside the
# name, and not in a schema.
_VALUE_KEYWORDS = (
    *("type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum"),
    *("exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems"),
    *("uniqueItems", "enum", "multipleOf", "x-nullable"),
)
_STYLES = {
    "csv": {"style": "form", "explode": False},
    "ssv": {"style": "spaceDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False},
    "tsv": {"x-collection-format": "tsv", "explode": False},
    "multi": {"style": "form", "explode": True},
}
"""By `collectionFormat`: the style of an array in a query or form."""
_OTHER_STYLES = {
    "csv": {},
    **{name: {"x-collection-format": name} for name in COLLECTION_FORMATS},
}
"""By `collectionFormat`: the style of an array in a path or header, beside their default."""
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
# Swagger 2.0, Security Scheme Object, `flow`.
_FLOWS = {"application": "clientCredentials", "accessCode": "authorizationCode"}


def move_value_keywords(node: JsonObject) -> None:
    """Move the keywords about a value into the schema of a parameter or header."""
    schema = {key: node.pop(key) for key in _VALUE_KEYWORDS if key in node}
    node.pop("collectionFormat", None)
    if schema:
        node["schema"] = schema


def convert_parameter(node: JsonObject, pointer: str, problems: ShapeProblems) -> None:
    """Convert a parameter in a path, query or header. One that has a schema is left alone."""
    if "schema" in node:
        return
    if node.get("type") == "array":
        collection_format = str(node.get("collectionFormat", "csv"))
        styles = _STYLES if node.get("in") == "query" else _OTHER_STYLES
        if collection_format not in styles:
            message = f'the collectionFormat "{collection_format}" is not supported here'
            expected = f"one of {', '.join(styles)}"
            problems.add("bad-style", message, f"{pointer}/collectionFormat", expected=expected)
            collection_format = "csv"
        node.update(styles[collection_format])
    move_value_keywords(node)


def form_content(parameters: list[JsonObject], consumes: list[str]) -> JsonObject:
    """Return the request body that form parameters are."""
    properties: dict[str, Any] = {}
    encoding: JsonObject = {}
    required: list[str] = []
    for parameter in parameters:
        name = str(parameter.get("name", ""))
        schema = {key: parameter[key] for key in _VALUE_KEYWORDS if key in parameter}
        if "description" in parameter:
            schema["description"] = parameter["description"]
        properties[name] = schema
        if parameter.get("required") is True:
            required.append(name)
        if schema.get("type") == "array":
            collection_format = str(parameter.get("collectionFormat", "csv"))
            encoding[name] = dict(_STYLES.get(collection_format, _STYLES["csv"]))
    form: JsonObject = {"schema": {"type": "object", "properties": properties}}
    if required:
        form["schema"]["required"] = required
    if encoding:
        form["encoding"] = encoding
    media_types = [name for name in consumes if name in (_FORM, _MULTIPART)]
    if not media_types:
        has_file = any(parameter.get("type") == "file" for parameter in parameters)
        media_types = [_MULTIPART if has_file else _FORM]
    return {
        "content": dict.fromkeys(media_types, form),
        "required": bool(required),
    }


def convert_security_scheme(scheme: JsonObject) -> JsonObject:
    """Return a security scheme of OpenAPI 3."""
    kind = scheme.get("type")
    if kind == "basic":
        rest = {key: value for key, value in scheme.items() if key != "type"}
        return {**rest, "type": "http", "scheme": "basic"}
    if kind != "oauth2":
        return scheme
    flow_keys = ("authorizationUrl", "tokenUrl", "scopes")
    name = str(scheme.get("flow", "implicit"))
    flow = {key: scheme[key] for key in flow_keys if key in scheme}
    flow.setdefault("scopes", {})
    rest = {key: value for key, value in scheme.items() if key not in (*flow_keys, "flow")}
    return {**rest, "flows": {_FLOWS.get(name, name): flow}}
