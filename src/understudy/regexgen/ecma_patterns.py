"""Regular expressions of JSON Schema, translated for Python's `re`.

Source: JSON Schema Core, section 6.4: patterns are those of ECMA-262 with the `u` flag, and match
anywhere in the string.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from understudy.regexgen.bounded_search import compile_search, repeats_too_often
from understudy.regexgen.unicode_properties import (
    CodeRanges,
    UnknownPropertyError,
    list_property_ranges,
)

# White space and line ends of ECMA-262, and all other characters: Python's `\s` differs, with and
# without ASCII.
_SPACE = r"\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_NO_SPACE = (
    r"\x00-\x08\x0e-\x1f!-\x9f\xa1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e"
    r"\u2060-\u2fff\u3001-\ufefe\uff00-\U0010ffff"
)
_CLASSES = {"s": _SPACE, "S": _NO_SPACE}
_WORD = "0-9A-Z_a-z"
_SPELT_CLASSES = {
    "d": "0-9",
    "D": r"\u{0}-\u{2f}\u{3a}-\u{10ffff}",
    "w": _WORD,
    "W": r"\u{0}-\u{2f}\u{3a}-\u{40}\u{5b}-\u{5e}\u{60}\u{7b}-\u{10ffff}",
    "s": r"\u{9}-\u{d} \u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}"
    r"\u{3000}\u{feff}",
    "S": r"\u{0}-\u{8}\u{e}-\u{1f}\u{21}-\u{9f}\u{a1}-\u{167f}\u{1681}-\u{1fff}"
    r"\u{200b}-\u{2027}\u{202a}-\u{202e}\u{2030}-\u{205e}\u{2060}-\u{2fff}"
    r"\u{3001}-\u{fefe}\u{ff00}-\u{10ffff}",
}
"""By the letter of an escape, the inside of its class in the syntax of ECMA-262."""
_SPELT = {
    ".": r"[^\n\r\u{2028}\u{2029}]",
    r"\b": f"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))",
    r"\B": f"(?:(?<=[{_WORD}])(?=[{_WORD}])|(?<![{_WORD}])(?![{_WORD}]))",
}
"""By symbol, what it stands for outside of a class."""
_SYMBOL = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a surrogate pair
    r"|\\u\{[0-9a-fA-F]+\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}"  # one character by its code
    r"|\\[pP]\{[\w=]+\}|\\k<\w+>|\\c[a-zA-Z]|\\.|\(\?<(?![=!])|\[\^?|[^\\]",
    re.DOTALL,
)
_SYNTAX = frozenset("^$\\.*+?()[]{}|/")
"""Characters that a backslash makes literal."""
_SET_OPERATORS = frozenset("[&|~-^")
_SAME_IN_PYTHON = frozenset("dDwWbBfnrtv0123456789")
"""Characters that mean the same after a backslash in Python, with the flag ASCII."""
_NARROW_CLASSES = {"s": r"\s", "S": r"\S"}
_NARROW_RANGE = 512
"""How many characters of a range a sketch has."""
_NOT_LINE_END = r"[^\n\r\u2028\u2029]"


class _UnsupportedPatternError(Exception):
    """The pattern has something that Python's `re` has no equivalent for."""


@lru_cache(maxsize=512)
def translate(pattern: str) -> str | None:
    """Return the Python pattern that matches the same strings.

    None when it is not a pattern of ECMA-262, one that Python's `re` cannot express (a lookbehind
    of varying length), or one that repeats a part too often.
    """
    return _translate(pattern, _Translation(_CLASSES))


@lru_cache(maxsize=512)
def sketch_pattern(pattern: str) -> re.Pattern[str] | None:
    """Return a Python pattern whose large classes have some of their characters only.

    For generators that list every character of a class. What they generate has to be checked:
    classes of white space differ.
    """
    python_pattern = _translate(pattern, _Translation(_NARROW_CLASSES, is_narrow=True))
    return None if python_pattern is None else re.compile(python_pattern)


@lru_cache(maxsize=512)
def spell_out(pattern: str) -> str | None:
    r"""Return the ECMA-262 pattern with `.`, `\d`, `\b`, `\p{…}` and their like written as classes.

    Libraries differ in what they mean by them. None for a pattern that `translate` has none for:
    so it is ignored everywhere, not in one validator back end alone.
    """
    if translate(pattern) is None:
        return None
    spelt: list[str] = []
    is_in_class = False
    for symbol in _SYMBOL.findall(pattern):
        spelt.append(_spell_symbol(symbol, is_in_class=is_in_class))
        if symbol in ("[", "[^"):
            is_in_class = True
        elif symbol == "]":
            is_in_class = False
    return "".join(spelt)


def _spell_symbol(symbol: str, *, is_in_class: bool) -> str:
    """Return a symbol, or what it stands for."""
    letter = symbol[1:2] if symbol.startswith("\\") else ""
    ranges = ""
    if letter and letter in "pP":
        ranges = "".join(_spell_range(*part) for part in _property_ranges(symbol))
    elif letter:
        ranges = _SPELT_CLASSES.get(letter, "")
    if ranges:
        return ranges if is_in_class else f"[{ranges}]"
    if is_in_class:
        return symbol
    return _SPELT.get(symbol, symbol)


def _spell_range(first: int, last: int) -> str:
    """Return a range of a class in the syntax of ECMA-262."""
    return f"\\u{{{first:x}}}-\\u{{{last:x}}}"


@dataclass(frozen=True, slots=True)
class _Translation:
    """How classes of characters are translated."""

    classes: dict[str, str]
    """By the letter of an escape, the inside of its class."""
    is_narrow: bool = False
    """Whether some characters stand for a large class."""


def _translate(pattern: str, translation: _Translation) -> str | None:
    """Return the Python pattern for one of ECMA-262, or None when there is none."""
    symbols = _SYMBOL.findall(pattern)
    if "".join(symbols) != pattern or repeats_too_often(pattern):
        return None
    try:
        python_pattern = "(?a)" + "".join(_translate_symbols(iter(symbols), translation))
        re.compile(python_pattern)
    except (_UnsupportedPatternError, re.error, RecursionError, OverflowError):
        return None
    return python_pattern


@lru_cache(maxsize=512)
def compile_ecma_pattern(pattern: str) -> re.Pattern[str] | None:
    """Return the compiled pattern, or None when Python's `re` cannot express it."""
    python_pattern = translate(pattern)
    if python_pattern is None:
        return None
    return re.compile(python_pattern)


def matches(pattern: str, text: str) -> bool:
    """Return whether a string contains a match.

    A pattern that cannot be translated matches every string.
    """
    python_pattern = translate(pattern)
    return python_pattern is None or compile_search(python_pattern)(text)


def _translate_symbols(symbols: Iterator[str], translation: _Translation) -> Iterator[str]:
    """Yield the translation of each symbol outside of a class."""
    for symbol in symbols:
        match symbol:
            case "$":
                yield r"\Z"  # `$` of Python also matches before a newline at the end
            case ".":
                yield _NOT_LINE_END
            case "(?<":
                yield "(?P<"
            case r"\B":
                # `\B` of Python never matches in an empty string
                yield r"(?:(?<=\w)(?=\w)|(?<!\w)(?!\w))"
            case "[" | "[^":
                yield _translate_class(symbols, symbol, translation)
            case _ if symbol.startswith("\\") and _is_class(symbol):
                yield f"[{_translate_escape(symbol, translation)}]"
            case _ if symbol.startswith("\\"):
                yield _translate_escape(symbol, translation)
            case _:
                yield symbol


def _translate_class(symbols: Iterator[str], opening: str, translation: _Translation) -> str:
    """Translate a class, up to its closing bracket."""
    parts: list[str] = []
    may_begin_range = False
    for symbol in symbols:
        if symbol == "]":
            if translation.is_narrow and opening == "[":
                parts = _narrow_ranges(parts)
            return _close_class(opening, parts)
        if symbol == "-" and may_begin_range:
            parts.append("-")  # of a range, or the last character before the bracket
            may_begin_range = False
            continue
        may_begin_range = parts[-1:] != ["-"]  # what ends a range does not begin one
        parts.append(_translate_class_atom(symbol, translation))
    raise _UnsupportedPatternError


def _close_class(opening: str, parts: list[str]) -> str:
    """Return a class that has been translated up to its closing bracket."""
    if parts:
        return f"{opening}{''.join(parts)}]"
    # `[]` matches nothing and `[^]` anything; Python would take the bracket for a character.
    if opening == "[":
        return "(?!)"
    return r"[\s\S]"


def _narrow_ranges(parts: list[str]) -> list[str]:
    """Return the parts of a class with the first characters only of each large range."""
    narrowed = list(parts)
    for index in range(1, len(parts) - 1):
        first, last = parts[index - 1][-1], parts[index + 1][-1]
        if parts[index] == "-" and ord(last) - ord(first) > _NARROW_RANGE:
            narrowed[index + 1] = re.escape(chr(ord(first) + _NARROW_RANGE))
    return narrowed


def _translate_class_atom(symbol: str, translation: _Translation) -> str:
    """Translate one character of a class, or one escape."""
    if symbol == r"\b":
        return r"\x08"  # within a class, a backspace
    if symbol == r"\-":
        return symbol
    if symbol.startswith("\\"):
        return _translate_escape(symbol, translation)
    # What Python may one day read as a set operator is escaped: `[`, `&&`, `||`, `~~`, `--`.
    return "".join(_escape_operator(char) for char in symbol)


def _escape_operator(char: str) -> str:
    """Return a character of a class, with a backslash if it may be part of a set operator."""
    return f"\\{char}" if char in _SET_OPERATORS else char


def _is_class(symbol: str) -> bool:
    """Return whether an escape is translated to the inside of a class."""
    return symbol[1] in "sSpP"


def _translate_escape(symbol: str, translation: _Translation) -> str:
    """Translate a backslash and what follows it. What is a class becomes the inside of one."""
    letter, argument = symbol[1], symbol[2:]
    if letter in translation.classes:
        return translation.classes[letter]
    if letter in "pP":
        ranges = _property_ranges(symbol)
        if translation.is_narrow:
            ranges = tuple((first, min(last, first + 32)) for first, last in ranges[:16])
        return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
    if letter == "k" and argument:
        return f"(?P={argument[1:-1]})"
    if letter in "ux" and argument:
        return re.escape(_decode_escape(symbol))
    if letter == "c" and argument:
        return f"\\x{ord(argument) % 32:02x}"
    if letter in _SAME_IN_PYTHON:
        return symbol
    if letter in _SYNTAX:
        return re.escape(letter)
    raise _UnsupportedPatternError


def _decode_escape(symbol: str) -> str:
    """Return the character of `\\u{1F600}`, `\\u0041`, `\\x41` or a surrogate pair."""
    if symbol.startswith(r"\u{"):
        code = int(symbol[3:-1], 16)
        if code > sys.maxunicode:
            raise _UnsupportedPatternError
        return chr(code)
    codes = [int(part, 16) for part in re.split(r"\\[ux]", symbol)[1:]]
    if len(codes) == 1:
        return chr(codes[0])
    high, low = codes
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)


def _property_ranges(symbol: str) -> CodeRanges:
    r"""Return the ranges of `\p{…}` or `\P{…}`."""
    name = symbol[3:-1]
    try:
        return list_property_ranges(name, negated=symbol[1] == "P")
    except UnknownPropertyError as error:
        raise _UnsupportedPatternError from error
