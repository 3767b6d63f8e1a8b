"""Regular expressions of JSON Schema (ECMA-262 with the `u` flag), told to Python's `re`."""

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# What ECMA-262 calls white space and line ends, and all else: Python's \s knows others, under ASCII fewer.
_SPACE = r"\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_NO_SPACE = (
    r"\x00-\x08\x0e-\x1f!-\x9f\xa1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff"
    r"\u3001-\ufefe\uff00-\U0010ffff"
)
_CLASSES = {"s": _SPACE, "S": _NO_SPACE}
_PIECE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u\{[0-9a-fA-F]+\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}"
    r"|\\[pP]\{\w+\}|\\k<\w+>|\\c[a-zA-Z]|\\.|\(\?<(?![=!])|\[\^?|[^\\]",
    re.DOTALL,
)
_SYNTAX = frozenset("^$\\.*+?()[]{}|/")
_SAME = frozenset("dDwWbBfnrtv0123456789")
"""Letters that mean after a backslash what they mean to Python, told to keep to ASCII."""


class _UntellableError(Exception):
    """The pattern has something that Python's `re` has no word for."""


@lru_cache(maxsize=512)
def translate(pattern: str) -> str | None:
    """Give the Python pattern that matches the same texts.

    None when it is no pattern of ECMA-262, or one that Python's `re` cannot tell (`\\\\p{Script=Han}`, a lookbehind of
    varying length).
    """
    pieces = _PIECE.findall(pattern)
    if "".join(pieces) != pattern:
        return None
    try:
        text = "(?a)" + "".join(_outside(iter(pieces)))
        re.compile(text)
    except (_UntellableError, re.error, RecursionError, OverflowError):
        return None
    return text


def _outside(pieces: Iterator[str]) -> Iterator[str]:
    for piece in pieces:
        match piece:
            case "$":
                yield r"\Z"  # `$` of Python also matches before a newline at the end
            case ".":
                yield r"[^\n\r\u2028\u2029]"
            case "(?<":
                yield "(?P<"
            case r"\B":
                yield r"(?:(?<=\w)(?=\w)|(?<!\w)(?!\w))"  # `\B` of Python never matches in an empty text
            case "[" | "[^":
                yield _class(pieces, piece)
            case _ if piece.startswith("\\"):
                inner = _escape(piece)
                yield f"[{inner}]" if _is_set(piece) else inner
            case _:
                yield piece


def _class(pieces: Iterator[str], head: str) -> str:
    """Tell a class, up to its closing bracket."""
    parts: list[str] = []
    after_atom = False
    for piece in pieces:
        if piece == "]":
            # `[]` matches nothing and `[^]` anything; Python would take the bracket for a letter.
            return (
                f"{head}{''.join(parts)}]"
                if parts
                else "(?!)"
                if head == "["
                else r"[\x00-\U0010ffff]"
            )
        if piece == "-" and after_atom:
            parts.append("-")  # of a range, or the last letter before the bracket
            after_atom = False
            continue
        after_atom = parts[-1:] != ["-"]  # what ends a range starts none
        parts.append(_atom(piece))
    raise _UntellableError


def _atom(piece: str) -> str:
    if piece in (r"\b", r"\-"):
        return r"\x08" if piece == r"\b" else r"\-"
    # What Python may one day read as a set's operator is escaped: `[`, `&&`, `||`, `~~`, `--`.
    return (
        _escape(piece)
        if piece.startswith("\\")
        else "".join(f"\\{c}" if c in "[&|~-^" else c for c in piece)
    )


def _is_set(piece: str) -> bool:
    return piece[1] in "sSpP"


def _escape(piece: str) -> str:
    letter, rest = piece[1], piece[2:]
    if letter in _CLASSES:
        return _CLASSES[letter]
    if letter in "pP":
        return _category(rest[1:-1], negated=letter == "P")
    if letter == "k" and rest:
        return f"(?P={rest[1:-1]})"
    if letter in "ux" and rest:
        return re.escape(_character(piece))
    if letter == "c" and rest:
        return f"\\x{ord(rest) % 32:02x}"
    if letter in _SAME:
        return piece
    if letter in _SYNTAX:
        return re.escape(letter)
    raise _UntellableError


def _character(piece: str) -> str:
    if piece.startswith(r"\u{"):
        number = int(piece[3:-1], 16)
        if number > sys.maxunicode:
            raise _UntellableError
        return chr(number)
    numbers = [int(part, 16) for part in re.split(r"\\[ux]", piece)[1:]]
    if len(numbers) == 2:  # a surrogate pair is one character
        return chr(0x10000 + ((numbers[0] - 0xD800) << 10) + numbers[1] - 0xDC00)
    return chr(numbers[0])


@lru_cache(maxsize=64)
def _category(name: str, *, negated: bool) -> str:
    """Give the characters of a general category (`L`, `Lu`) as the inside of a class."""
    short = {
        "Letter": "L",
        "Number": "N",
        "Punctuation": "P",
        "Symbol": "S",
        "Separator": "Z",
        "Mark": "M",
    }.get(name, name)
    if not re.fullmatch(r"[LNPSZMC][a-z]?", short):
        raise _UntellableError
    ranges: list[list[int]] = []
    for number in range(sys.maxunicode + 1):
        if unicodedata.category(chr(number)).startswith(short) is not negated:
            if ranges and ranges[-1][1] == number - 1:
                ranges[-1][1] = number
            else:
                ranges.append([number, number])
    if not ranges:
        raise _UntellableError
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


@lru_cache(maxsize=512)
def compile_ecma_pattern(pattern: str) -> re.Pattern[str] | None:
    """Give the compiled pattern, or None when it cannot be told to Python."""
    text = translate(pattern)
    return None if text is None else re.compile(text)


def matches(pattern: str, text: str) -> bool:
    """Whether a text contains a match. One that cannot be told to Python matches everything."""
    found = compile_ecma_pattern(pattern)
    return found is None or found.search(text) is not None
