"""The envelope of every response, and the language of its error message.

Source: the documents' tables of responses; for errors, OCP's public API reference.
"""

import re
from datetime import datetime
from typing import Final

from understudy.clock import iso_time
from understudy.messages import Json, Request
from understudy.ocp.error_catalogue import CHINESE, ENGLISH, OcpError

NO_DATA: Final = None
"""The data of an operation whose response has no `data`."""


def success_envelope(
    data: Json, *, now: datetime, duration_ms: int, status: int, trace_id: str, server: str
) -> dict[str, Json]:
    """Build the envelope of a success.

    `data` comes first; the member is left out when there is no data.
    """
    envelope = _build_envelope(True, now, duration_ms, status, trace_id, server)
    if data is NO_DATA:
        return envelope
    return {"data": data, **envelope}


def error_envelope(
    error: OcpError, *, language: str, now: datetime, duration_ms: int, trace_id: str, server: str
) -> dict[str, Json]:
    """Build the envelope of an error: no `data`, but `error` with code and message.

    `status` is the HTTP status.
    """
    envelope = _build_envelope(False, now, duration_ms, error.entry.status, trace_id, server)
    return {**envelope, "error": {"code": error.entry.code, "message": error.message(language)}}


def correct_envelope(body: Json | bytes, status: int) -> Json | bytes:
    """Return a body whose members `successful` and `status`, if it has them, are those of a status.

    Clients recognise errors by these members.
    """
    if not isinstance(body, dict):
        return body
    right: dict[str, Json] = {"successful": status < 400, "status": status}
    return {name: right.get(name, value) for name, value in body.items()}


def _build_envelope(
    successful: bool, now: datetime, duration_ms: int, status: int, trace_id: str, server: str
) -> dict[str, Json]:
    return {
        "successful": successful,
        "timestamp": iso_time(now),
        "duration": duration_ms,
        "status": status,
        "traceId": trace_id,
        "server": server,
    }


_QUALITY = re.compile(
    r"\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*\Z", re.IGNORECASE | re.ASCII
)
"""A quality value. Source: RFC 9110, section 12.4.2."""


def language_of(request: Request) -> str:
    """Return the client's preferred language: `zh-CN` or `en-US` (the default).

    The highest quality value wins; at equal quality, the first one (RFC 9110, section 12.5.4).
    Every variant of Chinese counts as zh-CN.
    """
    best, best_quality = ENGLISH, 0.0
    for part in request.headers.get_list("Accept-Language").split(","):
        tag, _, parameter = part.partition(";")
        language = _supported_language(tag.strip().casefold())
        quality = _parse_quality(parameter)
        if language and quality > best_quality:
            best, best_quality = language, quality
    return best


def _parse_quality(parameter: str) -> float:
    """Return a quality value: 1 without the parameter, 0 (not acceptable) for a broken one."""
    if not parameter:
        return 1.0
    match = _QUALITY.match(parameter)
    return float(match.group(1)) if match else 0.0


def _supported_language(tag: str) -> str:
    match tag.partition("-")[0]:
        case "zh":
            return CHINESE
        case "en" | "*":
            return ENGLISH
        case _:
            return ""
