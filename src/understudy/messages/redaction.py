"""Redaction: secrets are replaced before an exchange is saved."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import replace
from urllib.parse import unquote_plus

from understudy.messages.message import Headers, Request

_SECRET_NAMES = re.compile(
    r"authorization|cookie|token|secret|password|passwd|api[-_]?key|signature", re.IGNORECASE
)
"""Parts of the names of header fields and parameters whose values are secrets."""


def is_secret(name: str) -> bool:
    """Return whether the value of a header field or query parameter of this name is a secret."""
    return _SECRET_NAMES.search(name) is not None


def redact(value: str) -> str:
    """Return a short digest in place of a secret: `<redacted:1a2b3c4d>`.

    Equal secrets have equal digests, so that a reader can still compare them.
    """
    # A header field may hold bytes that are not UTF-8; they arrive as surrogates.
    digest = hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()
    return f"<redacted:{digest[:8]}>"


def redact_headers(headers: Headers) -> Headers:
    """Return header fields with the values of secret ones redacted."""
    fields = tuple((name, redact(value) if is_secret(name) else value) for name, value in headers)
    return Headers(fields)


def redact_fields(
    request: Request, headers: Collection[str], parameters: Collection[str]
) -> Request:
    """Return a request with the values of further header fields and query parameters redacted.

    `headers` are in lower case. Values that `redact_headers` and `redact_target` redact stay, so
    that each is redacted once.
    """
    if not headers and not parameters:
        return request
    fields = tuple(
        (name, redact(value) if name.lower() in headers and not is_secret(name) else value)
        for name, value in request.headers
    )

    def redact_query(query: str) -> str:
        return "&".join(_redact_named(part, parameters) for part in query.split("&"))

    path, mark, query = request.target.partition("?")
    return replace(
        request,
        headers=Headers(fields),
        target=f"{path}{mark}{redact_query(query)}",
        query=redact_query(request.query),
    )


def _redact_named(part: str, names: Collection[str]) -> str:
    name, equals, value = part.partition("=")
    decoded = unquote_plus(name)
    if not equals or is_secret(decoded) or decoded not in names:
        return part
    return f"{name}={redact(value)}"


def redact_target(target: str) -> str:
    """Return a request target with the secret parameters of its query redacted.

    The rest of the target stays byte for byte, percent-encoding included.
    """
    path, mark, query = target.partition("?")
    if not mark:
        return target
    parts = [_redact_parameter(part) for part in query.split("&")]
    return f"{path}?{'&'.join(parts)}"


def _redact_parameter(part: str) -> str:
    name, equals, value = part.partition("=")
    # The name may be percent-encoded: `to%6Ben` is `token`.
    if not equals or not is_secret(unquote_plus(name)):
        return part
    return f"{name}={redact(value)}"
