"""Percent-encoding of the texts of paths, queries and cookies. Source: RFC 3986, section 2.1."""

import re
from urllib.parse import unquote

_MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")


class EncodingError(ValueError):
    """A text that is not percent-encoded UTF-8."""


def decode_percent(text: str) -> str:
    """Return a decoded text. Raises EncodingError."""
    if "%" not in text:
        return text
    if _MALFORMED.search(text):
        raise EncodingError(text)
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise EncodingError(text) from error


def decode_form(text: str) -> str:
    """Return a decoded text of a query, in which a plus is a space. Raises EncodingError.

    Source: the URL standard, application/x-www-form-urlencoded.
    """
    return decode_percent(text.replace("+", " "))


def decode_cookie(text: str) -> str:
    """Return a decoded value of a cookie.

    A cookie may contain any percent sign (RFC 6265, section 4.1.1): a value that is not
    percent-encoded stays as it is.
    """
    try:
        return decode_percent(text)
    except EncodingError:
        return text


def decode_nothing(text: str) -> str:
    """Return a text as it is."""
    return text
