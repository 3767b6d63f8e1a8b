"""Values of plain (unquoted) scalars. Source: YAML 1.2.2 section 10.3.2, the Core schema."""

import re

Scalar = None | bool | int | float | str

_NULL = ("", "~", "null", "Null", "NULL")
_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")
# Stricter than Core: `012` is 12 there, 10 in YAML 1.1, and not a number in JSON. It stays a text,
# so that no value changes silently.
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_MAX_DIGITS = 4300
"""Python converts no more digits between text and integer; a longer number stays a text."""
_MAX_HEX_DIGITS = 3500
"""So that the number has at most 4300 decimal digits and can be written again."""
_INFINITE = (float("inf"), float("-inf"))
"""What a number beyond a double's range becomes; no JSON value means the same."""


def resolve_plain(text: str) -> Scalar:
    """Return the value of a plain scalar: None, a boolean, a number, or the text itself.

    Infinity and NaN stay texts, because JSON has no such values.
    """
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if _INT.match(text) and len(text) <= _MAX_DIGITS:
        return int(text)
    if len(text) <= _MAX_HEX_DIGITS:
        if _OCTAL.match(text):
            return int(text[2:], 8)
        if _HEX.match(text):
            return int(text[2:], 16)
    if _FLOAT.match(text):
        number = float(text)
        if number not in _INFINITE:
            return number
    return text
