"""What the classes of characters of a pattern stand for: all of a small one, some of each kind of a large one."""

import re._constants as words  # type: ignore[import-not-found]  # typeshed leaves them out
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

POOL = "".join(map(chr, range(32, 127))) + "\t\n\r\x00é\u0301ßджλ中文한あ😀אع\u2028\ufeff"
"""What stands for a large class of characters: some of each kind."""
_CATEGORIES = {
    words.CATEGORY_DIGIT: "0123456789",
    words.CATEGORY_SPACE: " \t\n\r\f\v",
    words.CATEGORY_WORD: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
}
_CONTRARY = {
    words.CATEGORY_NOT_DIGIT: words.CATEGORY_DIGIT,
    words.CATEGORY_NOT_SPACE: words.CATEGORY_SPACE,
    words.CATEGORY_NOT_WORD: words.CATEGORY_WORD,
}
_MOST_LISTED = 256
_DOT = ((words.NEGATE, None), *((words.LITERAL, code) for code in (0x0A, 0x0D, 0x2028, 0x2029)))
_DISPUTED = frozenset((0x0D, 0x2028, 0x2029))
_SURROGATES = range(0xD800, 0xE000)


class UnsolvedError(Exception):
    """The pattern has something that these texts cannot be built for."""


def decode_character(code: int) -> str:
    """Give the character of a code point; UnsolvedError for half of a pair, which no text of JSON holds."""
    if code in _SURROGATES:
        raise UnsolvedError
    return chr(code)


def list_letters(members: Sequence[Any]) -> str:
    """Give characters of a class, as Python's parser tells it."""
    return "".join(filter_letters(members, pick_representatives([members])))


def pick_representatives(classes: Sequence[Sequence[Any]]) -> list[str]:
    """Give characters, the simplest first, of which some are in each part that the classes cut all characters into."""
    # To ECMA-262, `.` is no end of a line; some validators let it be one of these.
    dotted = any(tuple(members) == _DOT for members in classes)
    codes = set(map(ord, POOL)) - (_DISPUTED if dotted else frozenset())
    for members in classes:
        if tuple(members) == _DOT:
            continue
        # Of hundreds of ranges (`\p{L}`), a few of each are enough.
        most = max(1, _MOST_LISTED // (len(members) or 1)) if len(members) > 16 else _MOST_LISTED
        for op, told in members:
            codes.update(_listed(op, told, most))
    return sorted(
        (chr(code) for code in codes if code < 0x110000 and code not in _SURROGATES),
        key=_simplicity,
    )


def filter_letters(members: Sequence[Any], letters: Sequence[str]) -> list[str]:
    """Give those of some characters that are in a class, in their order."""
    codes = sorted(map(ord, letters))
    found: set[int] = set()
    for op, told in members:
        if op is words.LITERAL:
            found.add(told)
        elif op is words.RANGE:
            found.update(codes[bisect_left(codes, told[0]) : bisect_right(codes, told[1])])
        elif told in _CONTRARY:
            found.update(code for code in codes if chr(code) not in _CATEGORIES[_CONTRARY[told]])
        elif told is not None:
            found.update(map(ord, _CATEGORIES[told]))
    negated = (words.NEGATE, None) in members
    return [letter for letter in letters if (ord(letter) in found) is not negated]


def _listed(op: Any, told: Any, most: int) -> Iterator[int]:
    """Give characters of a member of a class, and the one after: there another part of all characters begins."""
    if op is words.LITERAL:
        yield from (told, told + 1)
    elif op is words.RANGE:
        yield from range(told[0], min(told[1], told[0] + most) + 1)
        yield told[1] + 1
    elif told in _CATEGORIES:
        yield from map(ord, _CATEGORIES[told])


def _simplicity(letter: str) -> tuple[bool, bool, str]:
    return (not (letter.isascii() and letter.isalnum()), not letter.isprintable(), letter)
