"""Requests, responses and exchanges as frozen values; JSON. No web framework, no socket."""

from understudy.messages.content_coding import (
    DecodedTooLargeError,
    MalformedCodingError,
    UnknownCodingError,
    decode_content,
    known_codings,
)
from understudy.messages.exchange import (
    MAX_RECORDED_BODY,
    Exchange,
    RecordedViolation,
    RecordError,
)
from understudy.messages.exchange_redaction import redact_exchange
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
    redact,
    redact_body,
    redact_fields,
    redact_headers,
    redact_path_values,
    redact_target,
)
from understudy.messages.secret_names import is_secret
from understudy.messages.secret_texts import Secrets, redact_text

__all__ = [
    "MAX_DEPTH",
    "MAX_RECORDED_BODY",
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
    "Secrets",
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
    "redact_body",
    "redact_exchange",
    "redact_fields",
    "redact_headers",
    "redact_path_values",
    "redact_target",
    "redact_text",
]
