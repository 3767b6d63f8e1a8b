"""Requests that are signed with an access key (AK) and a secret key (SK)."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote_plus

from understudy.messages import Request

SCHEME = "OCP-ACCESS-KEY-HMACSHA1"
SKEW = timedelta(minutes=15)
"""How far a request's `Date` may be from the wall clock, either way."""


def string_to_sign(request: Request) -> str:
    """Give what is signed: seven parts, joined by newlines.

    Method; MD5 of the body as 32 upper-case hexadecimal digits (empty without a body); Content-Type; Date; Host; every
    `x-ocp-*` header as `name:value`, sorted, each on a line; the target as received, its parameters sorted by name and
    percent-encoded. The access key itself is not signed.
    """
    body = (
        hashlib.md5(request.body, usedforsecurity=False).hexdigest().upper() if request.body else ""
    )
    headers = request.headers
    named = sorted(
        f"{name.casefold()}:{value.strip()}"
        for name, value in headers
        if name.casefold().startswith("x-ocp-")
    )
    return "\n".join(
        [
            request.method.upper(),
            body,
            headers.get("Content-Type"),
            headers.get("Date"),
            headers.get("Host"),
            "\n".join(named),
            _canonical_target(request.target),
        ]
    )


def signature_of(request: Request, secret_key: str) -> str:
    """Give the signature that a request must carry: base64 of the HMAC-SHA1 of its string-to-sign."""
    text = string_to_sign(request).encode("utf-8", "surrogateescape")
    digest = hmac.new(secret_key.encode("utf-8"), text, hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")


def is_fresh(request: Request, wall: datetime, skew: timedelta = SKEW) -> bool:
    """Say whether the request's Date (RFC 1123, GMT) is near the wall clock."""
    try:
        date = parsedate_to_datetime(request.headers.get("Date"))
    except (ValueError, OverflowError):
        return False
    if date.tzinfo is None:  # "-0000" and no zone at all
        date = date.replace(tzinfo=UTC)
    return abs(date - wall) <= skew


def _canonical_target(target: str) -> str:
    path, mark, query = target.partition("?")
    if not mark or not query:
        return path
    # Decoded and encoded again: clients encode more or less than they must (`,` and `%2C`), and sign the strict form.
    pairs = [part.partition("=") for part in query.split("&") if part]
    pairs.sort(key=lambda pair: unquote_plus(pair[0], errors="surrogateescape"))
    return path + "?" + "&".join(f"{_encoded(name)}={_encoded(value)}" for name, _, value in pairs)


def _encoded(part: str) -> str:
    return quote(unquote_plus(part, errors="surrogateescape"), safe="", errors="surrogateescape")
