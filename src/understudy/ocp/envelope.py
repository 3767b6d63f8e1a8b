"""The envelope around every answer, and the language of its error message."""

import re
from datetime import datetime
from typing import Any, Final

from understudy.clock import iso_time
from understudy.messages import Request
from understudy.ocp.error_catalogue import CHINESE, ENGLISH, OcpError

NO_DATA: Final = None
"""What an operation answers that has no `data`."""


def success_envelope(
    data: Any, *, now: datetime, duration_ms: int, status: int, trace_id: str, server: str
) -> dict[str, Any]:
    """Give the envelope of a success; `data` comes first and is left out when there is none."""
    head = {} if data is NO_DATA else {"data": data}
    return {**head, **_envelope(True, now, duration_ms, status, trace_id, server)}


def error_envelope(
    refusal: OcpError, *, language: str, now: datetime, duration_ms: int, trace_id: str, server: str
) -> dict[str, Any]:
    """Give the envelope of a refusal: without data, with `error` (code and message), `status` as in HTTP."""
    error = {"code": refusal.entry.code, "message": refusal.message(language)}
    return {
        **_envelope(False, now, duration_ms, refusal.entry.status, trace_id, server),
        "error": error,
    }


def _envelope(
    successful: bool, now: datetime, duration_ms: int, status: int, trace_id: str, server: str
) -> dict[str, Any]:
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


def language_of(request: Request) -> str:
    """Give the language that the client likes best: `zh-CN`, or `en-US` when it does not say.

    Quality values count, at equal quality the order (RFC 9110, section 12.5.4); any kind of Chinese is zh-CN.
    """
    best, best_quality = ENGLISH, 0.0
    for part in request.headers.get("Accept-Language").split(","):
        tag, _, parameter = part.partition(";")
        language = _known(tag.strip().casefold())
        quality = _QUALITY.match(parameter) if parameter else None
        weight = 1.0 if not parameter else float(quality.group(1)) if quality else 0.0
        if language and weight > best_quality:
            best, best_quality = language, weight
    return best


def _known(tag: str) -> str:
    match tag.partition("-")[0]:
        case "zh":
            return CHINESE
        case "en" | "*":
            return ENGLISH
        case _:
            return ""
