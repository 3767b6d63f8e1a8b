"""Requests, responses and exchanges as frozen values; JSON. No web framework, no socket."""

from understudy.messages.content_coding import (
    DecodedTooLargeError,
    MalformedCodingError,
    UnknownCodingError,
    decode_content,
    known_codings,
)
from understudy.messages.exchange import Exchange, RecordedViolation, RecordError
from understudy.messages.form_parts import (
    FormError,
    FormPart,
    parse_multipart,
    parse_urlencoded,
)
from understudy.messages.json_text import MAX_DEPTH, Json, JsonError, dump_json, parse_json
from understudy.messages.media_type import (
    AcceptedRange,
    ContentKind,
    MediaType,
    content_kind,
    is_json,
    parse_accept,
    parse_media_type,
)
from understudy.messages.message import Delivery, Ending, Headers, Request, Response
from understudy.messages.redaction import (
    is_secret,
    redact,
    redact_fields,
    redact_headers,
    redact_target,
)

__all__ = [
    "MAX_DEPTH",
    "AcceptedRange",
    "ContentKind",
    "DecodedTooLargeError",
    "Delivery",
    "Ending",
    "Exchange",
    "FormError",
    "FormPart",
    "Headers",
    "Json",
    "JsonError",
    "MalformedCodingError",
    "MediaType",
    "RecordError",
    "RecordedViolation",
    "Request",
    "Response",
    "UnknownCodingError",
    "content_kind",
    "decode_content",
    "dump_json",
    "is_json",
    "is_secret",
    "known_codings",
    "parse_accept",
    "parse_json",
    "parse_media_type",
    "parse_multipart",
    "parse_urlencoded",
    "redact",
    "redact_fields",
    "redact_headers",
    "redact_target",
]
