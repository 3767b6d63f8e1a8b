"""Escapes for characters that an encoding does not have: output never fails because of a text."""

import codecs

ESCAPES = "understudy.escapes"
"""The name of the error handler for `str.encode` and for text streams."""


def register_escapes() -> str:
    r"""Register the error handler, and return its name.

    It writes the escapes of JSON: `\u4efb`, and two of them for a character beyond the Basic
    Multilingual Plane. So JSON stays JSON, whatever the encoding. Source: RFC 8259, section 7.
    """
    codecs.register_error(ESCAPES, _escape)
    return ESCAPES


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_escape_character, error.object[error.start : error.end])), error.end


def _escape_character(character: str) -> str:
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
