"""Bodies of requests for each media type of an operation: each decodes without a violation."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from understudy.contract import Operation, encode_body
from understudy.contract.document.pointers import JsonObject, child_pointer
from understudy.contract.expansion.constraints import Requirement
from understudy.contract.operation.body_decoding import BinaryDecoder
from understudy.contract.operation.body_validation import BodyValidator
from understudy.contract.operation.negotiation import concrete_media_type
from understudy.contract.operation.xml_encoding import encode_xml
from understudy.contract.schema.keywords import Schema
from understudy.contract.schema.merge import merge_schemas
from understudy.messages import ContentKind, Json, content_kind, dump_json
from understudy.strategies.schema.impossible import name_impossible
from understudy.strategies.schema.schema_values import SchemaValues

Body = tuple[str, bytes]
"""Content type and bytes."""
_BOUNDARY = "understudy-boundary"
_MAX_BYTES = 64
"""How many bytes are drawn, where the schema does not require more."""
_LENGTHS = frozenset(
    ["minLength", "maxLength", "type", "format", "contentMediaType", "description"]
)
"""The keywords of a schema whose bytes are drawn as bytes, not as a text."""


def request_bodies(
    values: SchemaValues, operation: Operation, content: Mapping[str, JsonObject]
) -> st.SearchStrategy[Body | None]:
    """Return bodies for each media type of `content`; None for a request without a body."""
    if operation.body is None or not content:
        return st.none()
    parts: list[st.SearchStrategy[Body | None]] = []
    if not operation.body.required:
        parts.append(st.none())
    for media_type, media in content.items():
        validator = operation.body.media[media_type.lower()]
        parts.append(_bodies_of_type(values, operation, media_type, media, validator))
    return st.one_of(parts)


def _bodies_of_type(
    values: SchemaValues,
    operation: Operation,
    media_type: str,
    media: JsonObject,
    validator: BodyValidator,
) -> st.SearchStrategy[Body]:
    """Return bodies of one media type: by its schema, any bytes where the content is not read."""
    content_type = concrete_media_type(media_type)
    kind = content_kind(content_type)
    schema: Any = media.get("schema", True)
    where = child_pointer(validator.pointer, "schema")
    if kind is ContentKind.JSON:
        drawn = values.values(Requirement(schema))
        drawn = name_impossible(drawn, values, schema, where)
        return drawn.map(lambda value: (content_type, dump_json(value)))
    if validator.decoder is None:
        data = st.binary(min_size=1, max_size=_MAX_BYTES)
        return data.map(lambda content: (content_type, content))
    if kind is ContentKind.LINES and validator.validates_items:
        item: Any = media.get("itemSchema", schema)
        drawn = st.lists(values.values(Requirement(item)), min_size=1, max_size=3)
    elif isinstance(validator.decoder, BinaryDecoder):
        drawn = _binary_texts(values, schema, operation.document)
    else:
        drawn = values.values(Requirement(schema))
        drawn = name_impossible(drawn, values, schema, where)
    if kind is ContentKind.MULTIPART:
        content_type = f"{content_type}; boundary={_BOUNDARY}"

    def encode(value: Json) -> Body:
        if kind is ContentKind.MULTIPART:
            return content_type, _encode_multipart(value)
        if isinstance(validator.decoder, BinaryDecoder):
            return content_type, str(value).encode("latin-1", "replace")
        if kind is ContentKind.XML:
            return content_type, encode_xml(operation.document, schema, value)
        return content_type, encode_body(operation.document, None, value, content_type)

    def is_valid(body: Body) -> bool:
        # Not every value has a form as text: an empty list of a form is no field, for example.
        _, violations = validator.validate(body[1], operation.document, content_type=body[0])
        return bool(body[1]) and not violations

    return drawn.map(encode).filter(is_valid)


def _binary_texts(values: SchemaValues, schema: Schema, document: object) -> st.SearchStrategy[Any]:
    """Return bytes as texts with one character for each, with the lengths of their schema."""
    merged = merge_schemas([schema], document)
    if not _LENGTHS.issuperset(merged):
        return values.values(Requirement(schema))
    shortest = max(int(merged.get("minLength", 1)), 1)
    longest = int(merged.get("maxLength", max(_MAX_BYTES, shortest)))
    if shortest > longest:
        return st.nothing()
    data = st.binary(min_size=shortest, max_size=longest)
    return data.map(lambda content: content.decode("latin-1"))


def _encode_multipart(value: Json) -> bytes:
    """Return the members of an object as the parts of a form."""
    members: dict[str, Any] = value if isinstance(value, dict) else {}
    lines: list[bytes] = []
    for name, content in members.items():
        for item in content if isinstance(content, list) else [content]:
            # Names are quoted by the rules of browsers (RFC 7578, section 2).
            escaped = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
            text = item if isinstance(item, str) else dump_json(item).decode()
            lines += [
                f"--{_BOUNDARY}".encode(),
                f'Content-Disposition: form-data; name="{escaped}"'.encode(),
                b"",
                text.encode(),
            ]
    return b"\r\n".join([*lines, f"--{_BOUNDARY}--".encode(), b""])
