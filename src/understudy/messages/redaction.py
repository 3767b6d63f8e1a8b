"""Secrets, taken out of what is kept."""

from __future__ import annotations

import hashlib
import re

from understudy.messages.message import Headers

_SECRET_NAMES = re.compile(
    r"authorization|cookie|token|secret|password|passwd|api-?key|signature", re.IGNORECASE
)


def is_secret(name: str) -> bool:
    """Whether the name of a header field or query parameter says that its value is a secret."""
    return _SECRET_NAMES.search(name) is not None


def redact(value: str) -> str:
    """Replace a secret by a short digest, so that equal secrets can still be seen to be equal."""
    return f"<redacted:{hashlib.sha256(value.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}>"


def redact_headers(headers: Headers) -> Headers:
    """Take the secrets out of header fields, by their names."""
    return Headers(tuple((k, redact(v) if is_secret(k) else v) for k, v in headers))


def redact_target(target: str) -> str:
    """Take the secrets out of a request target's query, by the parameters' names. The rest stays byte for byte."""
    path, mark, query = target.partition("?")
    if not mark:
        return target
    parts = []
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        parts.append(f"{name}={redact(value)}" if equals and is_secret(name) else part)
    return f"{path}?{'&'.join(parts)}"
