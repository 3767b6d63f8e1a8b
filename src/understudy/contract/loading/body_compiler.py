"""Compilation of the bodies of requests and responses, and of schemas; shared ones, once."""

from functools import partial
from typing import Any

from understudy.contract.document.pointers import JsonObject, child_pointer, follow_bare_refs
from understudy.contract.operation.body_decoding import (
    ContentDecoder,
    LinesDecoder,
    TextDecoder,
)
from understudy.contract.operation.body_validation import Body, BodyValidator
from understudy.contract.operation.violation import find_source
from understudy.contract.schema.keywords import Schema
from understudy.contract.schema.validator import BACKENDS, Validator, compile_validator
from understudy.contract.schema.value_types import infer_types
from understudy.messages import ContentKind, content_kind, parse_media_type

# Keywords that do not relate one member of an object to another.
_INDEPENDENT_KEYWORDS = frozenset(
    ["type", "properties", "required", "title", "description", "examples", "example", "deprecated"]
)
_READ_KINDS = (ContentKind.JSON, ContentKind.TEXT, ContentKind.FORM, ContentKind.MULTIPART)
"""The kinds of content whose schema is that of the data read from one body."""
REQUEST, RESPONSE = "readOnly", "writeOnly"
"""What a client sends has no read-only fields, and what a server sends no write-only ones."""

_Key = tuple[str, str]
"""A pointer, and `readOnly` or `writeOnly`: what is compiled once for both."""


class BodyCompiler:
    """Compiles the bodies and schemas of one document."""

    def __init__(self, document: JsonObject, backend: str) -> None:
        self.document = document
        self.backend = backend
        self.validators: dict[_Key, Validator] = {}
        self.bodies: dict[_Key, Body] = {}

    def body(self, node: JsonObject, pointer: str, hidden: str, source: str) -> Body:
        """Compile the body of a request or response.

        `hidden` is the keyword of the properties that belong to the other direction. `source` is
        used where the body has no `x-source` of its own.
        """
        key = (pointer, hidden)
        if key not in self.bodies:
            self.bodies[key] = Body(
                media=self.media_types(node, pointer, hidden, source),
                pointer=pointer,
                required=node.get("required") is True,
                source=find_source(self.document, pointer, source),
            )
        return self.bodies[key]

    def media_types(
        self, body: JsonObject, pointer: str, hidden: str, source: str
    ) -> dict[str, BodyValidator]:
        """Return the validators of a body by media type in lower case."""
        validators: dict[str, BodyValidator] = {}
        content = body.get("content", {})
        for name, media in content.items():
            where = child_pointer(pointer, "content", name)
            validator = self.body_validator(name, media, where, hidden, source)
            validators[name.lower()] = validator
        return validators

    def body_validator(
        self, media_type: str, media: JsonObject, pointer: str, hidden: str, source: str
    ) -> BodyValidator:
        """Compile the validator of one media type; XML and binary content are not validated."""
        kind = content_kind(media_type)
        if kind is ContentKind.LINES:
            return self.sequence_validator(media_type, media, pointer, hidden, source)
        is_read = kind in _READ_KINDS or parse_media_type(media_type).is_range
        if not is_read or "schema" not in media:
            return BodyValidator(media_type.lower(), pointer, None, source=source)
        where = child_pointer(pointer, "schema")
        schema, where = follow_bare_refs(self.document, media["schema"], where)
        shallow_validator, members = self.shallow_validator(schema, where, hidden)
        return BodyValidator(
            media_type=media_type.lower(),
            pointer=pointer,
            validator=self.validator(schema, where, hidden),
            shallow_validator=shallow_validator,
            members=members,
            source=source,
            decoder=self.decoder(kind, media, pointer),
        )

    def decoder(self, kind: ContentKind, media: JsonObject, pointer: str) -> ContentDecoder | None:
        """Return what reads the content of a media type; None for JSON."""
        if kind is ContentKind.TEXT:
            return TextDecoder(infer_types(media["schema"], self.document))
        if kind not in (ContentKind.FORM, ContentKind.MULTIPART):
            return None
        # Imported late: few contracts have forms.
        from understudy.contract.loading.form_compiler import FormCompiler
        from understudy.contract.operation.form_decoding import MultipartDecoder

        compiler = FormCompiler(self.document, partial(self.validator, hidden=REQUEST))
        form = compiler.form(media, pointer)
        return form if kind is ContentKind.FORM else MultipartDecoder(form)

    def sequence_validator(
        self, media_type: str, media: JsonObject, pointer: str, hidden: str, source: str
    ) -> BodyValidator:
        """Compile the validator of a sequence of JSON texts.

        `itemSchema` describes each item, and so does a `schema` that allows no array. Source:
        OpenAPI 3.2, Media Type Object, "Sequential Media Types"; before, many documents describe
        an item by `schema`.
        """
        key = "itemSchema" if "itemSchema" in media else "schema"
        if key not in media:
            return BodyValidator(media_type.lower(), pointer, None, source=source)
        where = child_pointer(pointer, key)
        schema, where = follow_bare_refs(self.document, media[key], where)
        is_whole = key == "schema" and "array" in infer_types(schema, self.document)
        return BodyValidator(
            media_type=media_type.lower(),
            pointer=pointer,
            validator=self.validator(schema, where, hidden),
            source=source,
            decoder=LinesDecoder(),
            validates_items=not is_whole,
        )

    def shallow_validator(
        self, schema: Any, pointer: str, hidden: str
    ) -> tuple[Validator | None, tuple[str, ...]]:
        """Return a validator that accepts every object and array member, and their names.

        None where it would not be faster, or not safe: jsonschema takes some 30 ms for 50 KB, more
        than a digest does, but the fast back end takes less; and a schema that relates its members
        to each other cannot be validated in parts.
        """
        is_slow = self.backend == BACKENDS[0]
        if not is_slow or not _has_independent_members(schema):
            return None, ()
        properties = schema.get("properties", {})
        members = [name for name in properties if self._is_container(properties[name])]
        if not members:
            return None, ()
        open_members = dict.fromkeys(members, True)
        shallow_schema = {**schema, "properties": {**properties, **open_members}}
        return self._compile(shallow_schema, pointer, hidden), tuple(members)

    def _is_container(self, schema: object) -> bool:
        """Return whether a schema allows objects or arrays: the values worth a digest."""
        types = infer_types(schema, self.document)
        return "object" in types or "array" in types

    def validator(self, schema: Schema, pointer: str, hidden: str) -> Validator:
        """Compile a schema. One that several operations share is compiled once."""
        key = (pointer, hidden)
        if key not in self.validators:
            self.validators[key] = self._compile(schema, pointer, hidden)
        return self.validators[key]

    def _compile(self, schema: Schema, pointer: str, hidden: str) -> Validator:
        return compile_validator(
            schema,
            document=self.document,
            backend=self.backend,
            pointer=pointer,
            hidden=hidden,
            lazy=True,
        )


def _has_independent_members(schema: object) -> bool:
    """Return whether the members of an object are valid or not each by itself."""
    if not isinstance(schema, dict):
        return False
    for keyword in schema:
        if keyword not in _INDEPENDENT_KEYWORDS and not keyword.startswith("x-"):
            return False
    return True
