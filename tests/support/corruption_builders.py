"""Contracts whose responses are corrupted, and the places of violations."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from contract_builders import load_data, make_document
from understudy.contract import Contract, Corruption, Operation, Violation, load_contract

_INT: dict[str, Any] = {"type": "integer"}
_NODE: dict[str, Any] = {"$ref": "#/components/schemas/Node"}
SCHEMAS: dict[str, Any] = {
    "Node": {
        "type": "object",
        "required": ["id"],
        "properties": {"id": _INT, "left": _NODE, "more": {"type": "array", "items": _NODE}},
    },
    "Cat": {
        "type": "object",
        "required": ["kind", "lives"],
        "properties": {
            "kind": {"const": "cat"},
            "lives": {"type": "integer", "minimum": 1, "maximum": 9},
        },
    },
    "Dog": {
        "type": "object",
        "required": ["kind", "name"],
        "properties": {"kind": {"const": "dog"}, "name": {"type": "string", "minLength": 1}},
    },
    "Pet": {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]},
    "Closed": {
        "type": "object",
        "required": ["old_name", "secret"],
        "additionalProperties": False,
        "properties": {
            "old_name": {"type": "string", "x-documented-as": "oldName"},
            "secret": {"type": "string", "writeOnly": True},
        },
    },
    "Named": {"allOf": [{"required": ["name"], "properties": {"name": {"type": "string"}}}, _NODE]},
    "Bounds": {
        "type": "object",
        "required": ["a", "b", "c", "d", "list", "map"],
        "properties": {
            "a": {"type": "integer", "minimum": 1, "maximum": 2000, "format": "int32"},
            "b": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "c": {"type": "number", "minimum": 0.5, "multipleOf": 0.25},
            "d": {"type": "string", "minLength": 2, "maxLength": 5},
            "list": {
                "type": "array",
                "items": _INT,
                "minItems": 1,
                "maxItems": 3,
                "uniqueItems": True,
            },
            "map": {
                "type": "object",
                "additionalProperties": _INT,
                "minProperties": 1,
                "maxProperties": 2,
            },
        },
    },
    "Texts": {
        "type": "object",
        "required": ["day", "id", "mail", "code", "level"],
        "properties": {
            "day": {"type": "string", "format": "date"},
            "id": {"type": "string", "format": "uuid"},
            "mail": {"type": "string", "format": "email"},
            "code": {"type": "string", "pattern": "^[A-Z]+$"},
            "level": {"type": "integer", "enum": [1, 2, 3]},
        },
    },
    "Odd": {
        "type": "object",
        "properties": {
            "a/b:c [d]": {"type": ["string", "null"]},
            "任务": {
                "anyOf": [{"type": "null"}, {"title": "Big", "type": "integer", "minimum": 10}]
            },
            "pair": {
                "type": "array",
                "prefixItems": [_INT, {"type": "string"}],
                "items": False,
                "minItems": 2,
            },
            "by": {"type": "object", "patternProperties": {"^x-": {"type": "boolean"}}},
            "never": False,
        },
        "patternProperties": {"^zz": True},
    },
    "Strict": {
        "allOf": [{"required": ["n"], "properties": {"n": {"type": "number", "minimum": 0}}}],
        "properties": {"m": {"enum": ["A", None]}},
        "unevaluatedProperties": False,
    },
    "Anything": {},
}
"""Schemas of many kinds."""


def document_response(
    schema: Any, media_type: str = "application/json", **more: Any
) -> dict[str, Any]:
    """Return a documented response."""
    return {"description": "", "content": {media_type: {"schema": schema}}, **more}


def load_foreign(
    folder: Path, *, backend: str | None = None, schemas: dict[str, Any] = SCHEMAS
) -> Contract:
    """Load a contract with an operation for each schema, and some that answer without JSON."""
    paths = {
        f"/{name.lower()}": {
            "get": {
                "operationId": f"get{name}",
                "responses": {"200": document_response(_refer_to(name))},
            }
        }
        for name in schemas
    }
    more = {
        "200": document_response(
            {"type": "array", "items": _refer_to("Node")},
            headers={"X-N": {"required": True, "schema": _INT}},
        ),
        "201": {"description": "no body"},
        "202": document_response({"type": "string"}, "text/plain"),
        "203": document_response(True, "*/*"),
        "4XX": document_response(
            {"type": "object", "properties": {"status": _INT}}, "application/problem+json"
        ),
        "default": document_response(_INT),
    }
    paths["/many"] = {
        "get": {"responses": {key: value for key, value in more.items() if "Node" in schemas}}
    }
    return load_data(
        {**make_document(components={"schemas": schemas}), "paths": paths}, folder, backend=backend
    )


def _refer_to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def load_nullable(folder: Path) -> Contract:
    """Load a contract of OpenAPI 3.0, which has its own dialect of JSON Schema."""
    schema = {
        "type": "object",
        "required": ["n", "s"],
        "properties": {
            "n": {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "nullable": True},
            "s": {"type": "string", "enum": ["on", "off"], "nullable": True},
            "list": {"type": "array", "items": {"type": "string", "maxLength": 3}, "maxItems": 2},
        },
    }
    return load_data(
        {**make_document({"responses": {"200": document_response(schema)}}), "openapi": "3.0.3"},
        folder,
    )


def iter_contracts(root: Path, folder: Path) -> Iterator[Contract]:
    """Yield the contract that ships in both dialects, and the foreign ones."""
    yield load_contract()
    yield load_contract(overlays=[root / "docs/api/overlays/observed.yaml"])
    yield load_foreign(folder)
    yield load_nullable(folder)


def list_operations(root: Path, folder: Path) -> list[Operation]:
    """Return every operation of those contracts."""
    return [
        operation
        for contract in iter_contracts(root, folder)
        for operation in contract.operations.values()
    ]


def is_at_place(corruption: Corruption, violation: Violation) -> bool:
    """Return whether a violation is at the place of a corruption."""
    parts = re.split(r"(/[^/[\]{}()]*|\[\d*\]|\{[^}]*\}|\([^)]*\))", corruption.place)
    pattern = ""
    for part in parts:
        if part.startswith("["):
            pattern += rf"/{part[1:-1]}" if part != "[]" else r"/\d+"
        elif part.startswith("{"):
            pattern += r"/[^/]+"
        elif part.startswith("/"):
            pattern += "/" + re.escape(unquote(part[1:]).replace("~", "~0").replace("/", "~1"))
        elif not part.startswith("("):
            pattern += re.escape(part)
    return re.fullmatch(pattern or "body", violation.place) is not None
