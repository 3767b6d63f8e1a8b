"""The charsets of media types: Python's codecs that decode a text of any length quickly."""

import codecs

_NOT_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape")
"""Codecs for parts of texts, not for bodies; the time of some grows with the square of the length.
"""


def find_charset(name: str) -> str:
    """Return the name of the codec of a charset. Raises LookupError for an unknown charset."""
    try:
        codec = codecs.lookup(name).name
    except ValueError as error:
        # A null character.
        raise LookupError(f"{name!r} is not a charset") from error
    if codec.replace("_", "-") in _NOT_CHARSETS:
        raise LookupError(f'"{name}" is not a charset')
    return codec
