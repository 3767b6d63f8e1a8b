"""Compilation of the bodies of requests and responses, and of schemas; shared ones, once."""

from functools import partial
from typing import Any

from understudy.contract.document.pointers import JsonObject, child_pointer, follow_bare_refs
from understudy.contract.operation.body_decoding import (
    AlternativesDecoder,
    BinaryDecoder,
    ContentDecoder,
    LinesDecoder,
    TextDecoder,
)
from understudy.contract.operation.body_validation import Body, BodyValidator
from understudy.contract.operation.violation import find_source
from understudy.contract.schema.keywords import Schema
from understudy.contract.schema.validator import BACKENDS, Validator, compile_validator
from understudy.contract.schema.value_shapes import ValueShape
from understudy.contract.schema.value_types import infer_types, iter_schema_parts
from understudy.messages import ContentKind, content_kind, parse_media_type

# Keywords that do not relate one member of an object to another.
_INDEPENDENT_KEYWORDS = frozenset(
    ["type", "properties", "required", "title", "description", "examples", "example", "deprecated"]
)
_UNREAD_KINDS = (ContentKind.EVENTS, ContentKind.LINES)
"""The kinds of content whose schema is not that of the data read from one body."""
_UNREAD_RESPONSES = (ContentKind.XML, ContentKind.BINARY)
"""The kinds of content that are read in requests only: those of responses are as they are."""
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
        """Compile the validator of one media type; without a schema, only JSON is read."""
        kind = content_kind(media_type)
        if kind is ContentKind.LINES:
            return self.sequence_validator(media_type, media, pointer, hidden, source)
        if kind in _UNREAD_KINDS or "schema" not in media:
            return BodyValidator(media_type.lower(), pointer, None, source=source)
        where = child_pointer(pointer, "schema")
        schema, where = follow_bare_refs(self.document, media["schema"], where)
        shallow_validator, members = self.shallow_validator(schema, where, hidden)
        validator = self.validator(schema, where, hidden)
        decoder: ContentDecoder | None = None
        if hidden == REQUEST or kind not in _UNREAD_RESPONSES:
            decoder = self.decoder(media_type, media, pointer, validator)
        return BodyValidator(
            media_type=media_type.lower(),
            pointer=pointer,
            validator=validator,
            shallow_validator=shallow_validator,
            members=members,
            source=source,
            decoder=decoder,
        )

    def decoder(
        self, media_type: str, media: JsonObject, pointer: str, validator: Validator
    ) -> ContentDecoder | None:
        """Return what reads the content of a media type; None for JSON, and for most ranges."""
        kind = content_kind(media_type)
        match kind:
            case ContentKind.TEXT | ContentKind.XML | ContentKind.BINARY:
                return self.document_decoder(media_type, media["schema"], validator)
            case ContentKind.FORM | ContentKind.MULTIPART:
                return self.form_decoder(kind, media, pointer, validator)
            case _:
                return None

    def document_decoder(
        self, media_type: str, schema: Any, validator: Validator
    ) -> ContentDecoder | None:
        """Return what reads texts, XML or bytes."""
        kind = content_kind(media_type)
        types = infer_types(schema, self.document)
        if _is_binary(schema, self.document):
            return BinaryDecoder(types)
        if kind is ContentKind.TEXT:
            return TextDecoder(types)
        parsed = parse_media_type(media_type)
        if parsed.is_range and parsed.main in ("*", "application"):
            # It may be JSON.
            return None
        if kind is ContentKind.BINARY:
            return BinaryDecoder(types, _content_encoding(schema, self.document))
        # Imported late: few contracts have XML.
        from understudy.contract.operation.xml_decoding import XmlDecoder
        from understudy.contract.operation.xml_schemas import XmlSchema, find_root_names

        shape = ValueShape((schema,), self.document)
        root_names = find_root_names(schema, self.document)
        return XmlDecoder(XmlSchema(shape), root_names, validator)

    def form_decoder(
        self, kind: ContentKind, media: JsonObject, pointer: str, validator: Validator
    ) -> ContentDecoder:
        """Return what reads forms."""
        # Imported late: few contracts have forms.
        from understudy.contract.loading.form_compiler import FormCompiler
        from understudy.contract.operation.form_decoding import MultipartDecoder

        compiler = FormCompiler(self.document, partial(self.validator, hidden=REQUEST))
        decoders: list[ContentDecoder] = []
        for form in compiler.forms(media, pointer):
            decoders.append(form if kind is ContentKind.FORM else MultipartDecoder(form))
        if len(decoders) == 1:
            return decoders[0]
        return AlternativesDecoder(tuple(decoders), validator)

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


def _is_binary(schema: object, document: object) -> bool:
    """Return whether content is bytes, whatever its media type."""
    parts = list(iter_schema_parts(schema, document))
    return any(part.get("format") == "binary" for part in parts)


def _content_encoding(schema: object, document: object) -> str:
    """Return how bytes are encoded in a text, by `contentEncoding`; empty for plain bytes.

    The format `byte` is base64 too. Source: OpenAPI 3.0, "Data Types".
    """
    for part in iter_schema_parts(schema, document):
        if "contentEncoding" in part:
            return str(part["contentEncoding"]).lower()
        if part.get("format") == "byte":
            return "base64"
    return ""


def _has_independent_members(schema: object) -> bool:
    """Return whether the members of an object are valid or not each by itself."""
    if not isinstance(schema, dict):
        return False
    for keyword in schema:
        if keyword not in _INDEPENDENT_KEYWORDS and not keyword.startswith("x-"):
            return False
    return True
