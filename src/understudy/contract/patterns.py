"""Regular expressions of JSON Schema (ECMA-262 with the `u` flag), told to Python's `re`."""

import re
from functools import lru_cache

_DIGIT, _WORD = "0-9", "A-Za-z0-9_"
# What ECMA-262 calls white space and line ends; Python's \s has U+001C to U+001F beside it and lacks U+FEFF.
_SPACE = r"\t\n\x0b\x0c\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_PIECE = re.compile(r"\\u\{[0-9a-fA-F]+\}|\\k<\w+>|\\.|\(\?<(?![=!])|\[\^?|\]|\$|\.|[^\\]", re.DOTALL)


@lru_cache(maxsize=512)
def translate(pattern: str) -> str | None:
    """Give the Python pattern that matches the same texts; None when Python's `re` has no such thing (`\\p{L}`)."""
    parts: list[str] = []
    in_class = False
    for piece in _PIECE.findall(pattern):
        parts.append(_translated(piece, in_class))
        if piece.startswith("[") and not in_class:
            in_class = True
        elif piece == "]":
            in_class = False
    text = "".join(parts)
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return None
    return text


def _translated(piece: str, in_class: bool) -> str:
    if piece == "$" and not in_class:
        return r"\Z"  # `$` of Python also matches before a newline at the end
    if piece == "." and not in_class:
        return r"[^\n\r\u2028\u2029]"
    if piece == "(?<" and not in_class:
        return "(?P<"
    if piece.startswith("[") and in_class:
        return "".join(f"\\{letter}" for letter in piece)  # `[` and `[^` in a class are plain letters
    if piece.startswith("\\"):
        return _escape(piece, in_class)
    return piece


def _escape(piece: str, in_class: bool) -> str:
    letter = piece[1]
    if piece.startswith(r"\u{"):
        return re.escape(chr(min(int(piece[3:-1], 16), 0x10FFFF)))
    if piece.startswith(r"\k<"):
        return f"(?P={piece[3:-1]})"
    if letter in _CLASSES:
        return _CLASSES[letter] if in_class else f"[{_CLASSES[letter]}]"
    if letter in "DWS" and not in_class:
        return f"[^{_CLASSES[letter.lower()]}]"
    if letter == "/":
        return "/"
    if letter == "b" and not in_class:
        return r"(?:(?<=[A-Za-z0-9_])(?![A-Za-z0-9_])|(?<![A-Za-z0-9_])(?=[A-Za-z0-9_]))"
    if letter in "pPAZc":
        return r"\p"  # not in Python: it fails to compile
    return piece


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """Give the compiled pattern, or None when it cannot be told to Python."""
    text = translate(pattern)
    return None if text is None else re.compile(text)


def matches(pattern: str, text: str) -> bool:
    """Whether a text contains a match. One that cannot be told to Python matches everything."""
    found = compiled(pattern)
    return found is None or found.search(text) is not None
