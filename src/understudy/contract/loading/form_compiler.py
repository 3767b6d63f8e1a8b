"""Compilation of forms: how each field is read, from its schema and its encoding.

Source: OpenAPI 3.1, Encoding Object.
"""

from collections.abc import Callable, Iterator
from typing import Any

from understudy.contract.document.pointers import (
    JsonObject,
    child_pointer,
    follow_refs,
)
from understudy.contract.operation.form_decoding import FormDecoder, FormField
from understudy.contract.operation.parameter_model import COLLECTION_FORMATS, STYLES, Parameter
from understudy.contract.schema.keywords import Schema
from understudy.contract.schema.validator import Validator
from understudy.contract.schema.value_shapes import ValueShape
from understudy.contract.schema.value_types import infer_types, iter_schema_parts

_STYLE_KEYS = ("style", "explode", "allowReserved", "x-collection-format")
"""The keys of an encoding that make its `contentType` ineffective."""
_MAX_WAYS = 16
"""In how many ways a form is read whose schema has alternatives."""
_TEXT_TYPES = ("text/", "application/json", "application/xml")

CompileSchema = Callable[[Any, str], Validator]
"""Compiles the schema at a pointer."""


class FormCompiler:
    """Compiles the forms of one document."""

    def __init__(self, document: JsonObject, compile_schema: CompileSchema) -> None:
        self._document = document
        self._compile_schema = compile_schema

    def forms(self, media: JsonObject, pointer: str) -> list[FormDecoder]:
        """Compile the ways to read the fields of one media type. Values are validated elsewhere.

        One, and where the alternatives of a schema describe a field in several ways, one for each.
        """
        schemas: dict[str, list[Schema]] = {}
        additional: Any = True
        for part in iter_schema_parts(media.get("schema"), self._document):
            properties = part.get("properties", {})
            for name, schema in properties.items():
                schemas.setdefault(name, []).append(schema)
            additional = part.get("additionalProperties", additional)
        more = self._parameter("", additional, {}, child_pointer(pointer, "additionalProperties"))
        joined = {name: self._join(parts) for name, parts in schemas.items()}
        ways = [joined]
        most = max((len(parts) for parts in schemas.values()), default=1)
        for index in range(min(most, _MAX_WAYS) if most > 1 else 0):
            ways.append(
                {name: parts[min(index, len(parts) - 1)] for name, parts in schemas.items()}
            )
        return [
            FormDecoder(self._fields(way, media.get("encoding"), pointer, number), more)
            for number, way in enumerate(ways)
        ]

    def _fields(
        self, schemas: dict[str, Schema], encodings: object, pointer: str, number: int
    ) -> dict[str, FormField]:
        """Compile fields by their names. The number makes their pointers those of one way."""
        fields: dict[str, FormField] = {}
        for name, schema in schemas.items():
            encoding = encodings.get(name) if isinstance(encodings, dict) else None
            if not isinstance(encoding, dict):
                encoding = {}
            where = child_pointer(pointer, "encoding", name)
            fields[name] = self._field(name, schema, encoding, where, number)
        return fields

    def _join(self, alternatives: list[Schema]) -> Schema:
        """Return the schema by which a field is read that several schemas describe.

        An object is read by the first one: its form depends on the names of its members.
        """
        types = [name for part in alternatives for name in infer_types(part, self._document)]
        if len(alternatives) == 1 or "object" in types:
            return alternatives[0]
        return {"anyOf": alternatives}

    def _field(
        self, name: str, schema: Any, encoding: JsonObject, pointer: str, number: int
    ) -> FormField:
        content_type = encoding.get("contentType")
        content_types: tuple[str, ...] = ()
        if isinstance(content_type, str):
            content_types = tuple(part.strip() for part in content_type.split(",") if part.strip())
        return FormField(
            parameter=self._parameter(name, schema, encoding, child_pointer(pointer, number)),
            has_style=any(key in encoding for key in _STYLE_KEYS),
            content_types=content_types,
            is_binary=self._is_binary(schema, content_types),
            headers=tuple(self._headers(encoding, pointer)),
            forbids_reserved=encoding.get("allowReserved") is False,
        )

    def _parameter(self, name: str, schema: Any, encoding: JsonObject, pointer: str) -> Parameter:
        """Return a field as a parameter of a query; its schema chooses between its readings.

        `pointer` names the field only.
        """
        style = encoding.get("style", "form")
        if encoding.get("x-collection-format") in COLLECTION_FORMATS:
            style = encoding["x-collection-format"]
        elif style not in STYLES["query"]:
            style = "form"
        return Parameter(
            name=name,
            location="query",
            schema=True,
            validator=self._compile_schema(schema, pointer),
            pointer=pointer,
            schema_pointer=pointer,
            style=style,
            explode=encoding.get("explode", style in ("form", "deepObject")) is True,
            shape=ValueShape((schema,), self._document),
        )

    def _is_binary(self, schema: Any, content_types: tuple[str, ...]) -> bool:
        """Return whether a field holds bytes: by its schema, or the types of its content."""
        if content_types and not any(name.startswith(_TEXT_TYPES) for name in content_types):
            return True
        for part in iter_schema_parts(schema, self._document):
            items, _ = follow_refs(self._document, part.get("items"), "")
            for own in (part, items):
                if isinstance(own, dict) and own.get("format") == "binary":
                    return True
        return False

    def _headers(self, encoding: JsonObject, pointer: str) -> Iterator[Parameter]:
        """Yield the header fields of a part; Content-Type is described elsewhere."""
        headers = encoding.get("headers")
        for name, node in headers.items() if isinstance(headers, dict) else ():
            where = child_pointer(pointer, "headers", name)
            header, where = follow_refs(self._document, node, where)
            if not isinstance(header, dict) or name.lower() == "content-type":
                continue
            schema = header.get("schema", True)
            schema_pointer = child_pointer(where, "schema")
            yield Parameter(
                name=name,
                location="header",
                schema=schema,
                validator=self._compile_schema(schema, schema_pointer),
                pointer=where,
                schema_pointer=schema_pointer,
                required=header.get("required") is True,
                style="simple",
                explode=header.get("explode") is True,
                shape=ValueShape((schema,), self._document),
            )
