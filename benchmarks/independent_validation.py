"""Validate answers against an OpenAPI document with the package `openapi-schema-validator`.

Nothing here uses the project: the document is read as it was published, references are resolved by the package
`referencing`, and schemas are validated by `jsonschema`. `format` is an annotation. Two rules of OpenAPI are applied
first, as the package does not know them: a `discriminator` does not validate, and a required property that is
`writeOnly` is not required of an answer.
"""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft4Validator
from openapi_schema_validator import OAS30Validator, OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4, DRAFT202012

_DOCUMENT = "urn:document"


class DocumentValidator:
    """Finds the schema of an answer in one document, and validates the answer."""

    def __init__(self, document: Any) -> None:
        self._document = document
        version = str(document.get("openapi", document.get("swagger", "")))
        self._validator: Any = Draft4Validator
        specification: Any = DRAFT4
        if version.startswith("3.0"):
            self._validator = OAS30Validator
        elif version.startswith("3."):
            self._validator, specification = OAS31Validator, DRAFT202012
        resource = specification.create_resource(self._for_answers(document))
        self._registry: Any = Registry().with_resource(_DOCUMENT, resource)

    def documented_statuses(self, path: str, method: str) -> list[str]:
        """Return the statuses of an operation, as it has them: `200`, `4XX`, `default`."""
        item, _ = self._follow(self._document["paths"][path], _pointer("", "paths", path))
        return [str(status) for status in item[method.lower()].get("responses", {})]

    def has_schema(self, path: str, method: str, status: int, media_type: str) -> bool:
        """Return whether the document has a schema for an answer."""
        return bool(self._find_schema(path, method, status, media_type))

    def find_error(
        self, path: str, method: str, status: int, media_type: str, body: bytes
    ) -> str | None:
        """Return how a JSON answer breaks its schema; None if it is valid."""
        pointer = self._find_schema(path, method, status, media_type)
        try:
            value = json.loads(body)
        except ValueError as error:
            return f"not JSON: {error}"
        schema = {"$ref": f"{_DOCUMENT}#{_quote(pointer)}"}
        validator = self._validator(schema, registry=self._registry)
        error = next(iter(validator.iter_errors(value)), None)
        if error is None:
            return None
        place = "/".join(str(part) for part in error.absolute_path)
        return f"/{place}: {error.message[:200]} [{error.validator}]"

    def _find_schema(self, path: str, method: str, status: int, media_type: str) -> str:
        """Return the pointer of the schema of an answer; empty if the document has none."""
        item, pointer = self._follow(self._document["paths"][path], _pointer("", "paths", path))
        responses = item[method.lower()].get("responses", {})
        by_text = {str(key).upper(): key for key in responses}
        for name in (str(status), f"{status // 100}XX", "DEFAULT"):
            if name not in by_text:
                continue
            pointer = _pointer(pointer, method.lower(), "responses", str(by_text[name]))
            response, pointer = self._follow(responses[by_text[name]], pointer)
            if "schema" in response:
                return _pointer(pointer, "schema")
            return self._find_media_schema(response.get("content", {}), pointer, media_type)
        return ""

    def _find_media_schema(self, content: Any, pointer: str, media_type: str) -> str:
        family = f"{media_type.partition('/')[0]}/*"
        for key, media in content.items():
            essence = key.partition(";")[0].strip().lower()
            if essence in (media_type, family, "*/*") and "schema" in media:
                return _pointer(pointer, "content", key, "schema")
        return ""

    def _follow(self, node: Any, pointer: str) -> tuple[Any, str]:
        """Follow the local references of a node; return the last node and its pointer."""
        while "$ref" in node:
            pointer = node["$ref"].removeprefix("#")
            node = self._document
            for part in pointer.split("/")[1:]:
                node = node[part.replace("~1", "/").replace("~0", "~")]
        return node, pointer

    def _for_answers(self, node: Any) -> Any:
        """Return a copy without discriminators, and without writeOnly names in `required`."""
        if isinstance(node, list):
            return [self._for_answers(part) for part in node]
        if not isinstance(node, dict):
            return node
        copy = {str(key): self._for_answers(part) for key, part in node.items()}
        if isinstance(copy.get("discriminator"), dict) and "propertyName" in copy["discriminator"]:
            del copy["discriminator"]
        properties, required = node.get("properties"), node.get("required")
        if isinstance(properties, dict) and isinstance(required, list):
            hidden = {name for name, part in properties.items() if self._is_write_only(part)}
            copy["required"] = [name for name in required if name not in hidden]
        return copy

    def _is_write_only(self, schema: Any) -> bool:
        if not isinstance(schema, dict):
            return False
        target = schema
        if str(schema.get("$ref", "")).startswith("#/"):
            target, _ = self._follow(schema, "")
        return isinstance(target, dict) and target.get("writeOnly") is True


def _pointer(base: str, *parts: str) -> str:
    escaped = [part.replace("~", "~0").replace("/", "~1") for part in parts]
    return "/".join([base, *escaped])


def _quote(pointer: str) -> str:
    """Return a pointer as a fragment: `%` is the one letter that decoding would change."""
    return pointer.replace("%", "%25")
