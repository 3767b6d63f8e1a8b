"""Signatures of requests: access key (AK) and secret key (SK).

Source: OCP's public API reference, signed requests; HMAC as in RFC 2104.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote_plus

from understudy.messages import Request

SCHEME = "OCP-ACCESS-KEY-HMACSHA1"
"""The authentication scheme in the header field Authorization."""
SKEW = timedelta(minutes=15)
"""How far a request's `Date` may be from the wall clock, either way."""


def string_to_sign(request: Request) -> str:
    """Build the string that a client signs: seven parts, joined by newlines.

    1. The method.
    2. The MD5 of the body, as 32 upper-case hexadecimal digits; empty without a body.
    3. Content-Type.
    4. Date.
    5. Host.
    6. Every `x-ocp-*` header field as `name:value`, sorted, each on a line.
    7. The target as received, its parameters sorted by name and percent-encoded.

    The access key itself is not part of it.
    """
    headers = request.headers
    return "\n".join(
        [
            request.method.upper(),
            _hash_body(request.body),
            headers.get("Content-Type"),
            headers.get("Date"),
            headers.get("Host"),
            "\n".join(_list_ocp_headers(request)),
            _canonical_target(request.target),
        ]
    )


def signature_of(request: Request, secret_key: str) -> str:
    """Return the signature that a request must have: base64 of the HMAC-SHA1."""
    text = string_to_sign(request).encode("utf-8", "surrogateescape")
    digest = hmac.new(secret_key.encode("utf-8"), text, hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")


def is_fresh(request: Request, wall: datetime, skew: timedelta = SKEW) -> bool:
    """Return whether the request's Date (RFC 1123, GMT) is near the wall clock."""
    try:
        date = parsedate_to_datetime(request.headers.get("Date"))
    except (ValueError, OverflowError):
        return False
    # "-0000", or no zone at all: RFC 5322, section 3.3, means UTC.
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return abs(date - wall) <= skew


def _hash_body(body: bytes) -> str:
    if not body:
        return ""
    return hashlib.md5(body, usedforsecurity=False).hexdigest().upper()


def _list_ocp_headers(request: Request) -> list[str]:
    lowered = ((name.casefold(), value.strip()) for name, value in request.headers)
    return sorted(f"{name}:{value}" for name, value in lowered if name.startswith("x-ocp-"))


def _canonical_target(target: str) -> str:
    """Return a target with its parameters sorted by name and strictly percent-encoded."""
    path, mark, query = target.partition("?")
    if not mark or not query:
        return path
    pairs = [part.partition("=") for part in query.split("&") if part]
    pairs.sort(key=lambda pair: unquote_plus(pair[0], errors="surrogateescape"))
    parts = [f"{_encode_again(name)}={_encode_again(value)}" for name, _, value in pairs]
    return f"{path}?{'&'.join(parts)}"


def _encode_again(part: str) -> str:
    # Clients encode more or less than they must (`,` and `%2C`), and sign the strict form.
    decoded = unquote_plus(part, errors="surrogateescape")
    return quote(decoded, safe="", errors="surrogateescape")
