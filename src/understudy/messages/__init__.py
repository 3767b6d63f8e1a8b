"""Requests, responses and exchanges as frozen values; JSON. No web framework, no socket."""

from understudy.messages.exchange import Exchange, RecordedViolation, RecordError
from understudy.messages.json_text import MAX_DEPTH, Json, JsonError, dump_json, parse_json
from understudy.messages.message import Delivery, Ending, Headers, Request, Response
from understudy.messages.redaction import is_secret, redact, redact_headers, redact_target

__all__ = [
    "MAX_DEPTH",
    "Delivery",
    "Ending",
    "Exchange",
    "Headers",
    "Json",
    "JsonError",
    "RecordError",
    "RecordedViolation",
    "Request",
    "Response",
    "dump_json",
    "is_secret",
    "parse_json",
    "redact",
    "redact_headers",
    "redact_target",
]
