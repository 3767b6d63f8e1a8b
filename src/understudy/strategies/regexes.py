"""Texts that match a pattern and have a length, made without guessing: each part of the pattern knows its lengths.

A set of lengths is an integer whose bit `n` says that the length `n` can be.
"""

import re._constants as words  # type: ignore[import-not-found]  # typeshed leaves them out
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from hypothesis import strategies as st

from understudy.contract.patterns import translate
from understudy.strategies.drawing import pick

_MORE = 24
"""How much longer than it has to be a text becomes, where nothing limits it."""
_LONGEST = 5000
_POOL = "".join(map(chr, range(32, 127))) + "\t\n\r\x00é\u0301ßджλ中文한あ😀אع\u2028\ufeff"
"""What stands for a large class of characters: some of each kind."""
_CATEGORIES = {
    words.CATEGORY_DIGIT: "0123456789",
    words.CATEGORY_SPACE: " \t\n\r\f\v",
    words.CATEGORY_WORD: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
}
_BEGINS = (words.AT_BEGINNING, words.AT_BEGINNING_STRING)
_CONTRARY = {
    words.CATEGORY_NOT_DIGIT: words.CATEGORY_DIGIT,
    words.CATEGORY_NOT_SPACE: words.CATEGORY_SPACE,
    words.CATEGORY_NOT_WORD: words.CATEGORY_WORD,
}


class _UnsolvedError(Exception):
    """The pattern has something whose lengths are not known: a lookahead, a back reference."""


class Part(Protocol):
    """A part of a pattern."""

    @property
    def lengths(self) -> int:
        """The set of its lengths."""
        ...

    def text(self, draw: st.DrawFn, length: int) -> str:
        """Draw a text of one of these lengths."""
        ...


@dataclass(frozen=True, slots=True)
class Letters:
    """What a pattern says that is about single characters only, as `^[a-z]{2,4}$`: which ones, and how many."""

    alphabet: str
    least: int
    most: int | None


def matching(
    pattern: str, least: int = 0, most: int | None = None, alphabet: str | None = None
) -> st.SearchStrategy[str] | None:
    """Give texts in which a pattern of ECMA-262 is found, of a length within bounds, of the characters of an alphabet.

    None when the pattern has parts that cannot be solved; nothing() when no such text is so long or so short.
    """
    part = _solved(pattern, least, most, alphabet)
    if part is None:
        return None
    lengths = [length for length in _bits(part.lengths) if length >= least]
    return _texts(part, lengths) if lengths else st.nothing()


def letters_of(pattern: str) -> Letters | None:
    """Give what a pattern says of the whole text when it is one class of characters, repeated; else None."""
    told = translate(pattern)
    parsed = [] if told is None else list(parser.parse(told))
    match parsed:
        case [(words.AT, begin), (words.MAX_REPEAT, (least, most, inner)), (words.AT, words.AT_END_STRING)] if (
            begin in _BEGINS and len(inner) == 1 and inner[0][0] is words.IN
        ):
            with suppress(_UnsolvedError):
                return Letters(_alphabet(inner[0][1]), int(least), None if most is words.MAXREPEAT else int(most))
    return None


@st.composite
def _texts(draw: st.DrawFn, part: Part, lengths: list[int]) -> str:
    return part.text(draw, pick(draw, lengths))


@lru_cache(maxsize=256)
def _solved(pattern: str, least: int, most: int | None, alphabet: str | None) -> Part | None:
    told = translate(pattern)
    if told is None:
        return None
    try:
        parsed = list(parser.parse(told))
        shortest = parser.parse(told).getwidth()[0]
        longest = max(least, shortest) + _MORE if most is None else most
        if longest > _LONGEST:
            return None
        return _Maker(longest, alphabet).found(parsed)
    except (_UnsolvedError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class _Characters:
    """One or several characters of a class: any number from `least` to `most`."""

    alphabet: str
    lengths: int = 2

    def text(self, draw: st.DrawFn, length: int) -> str:
        if not length:
            return ""
        return draw(_of_class(self.alphabet, length)) if len(self.alphabet) > 1 else self.alphabet * length


@lru_cache(maxsize=4096)
def _of_class(alphabet: str, length: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=length, max_size=length)


@dataclass(frozen=True, slots=True)
class _Choice:
    """One of several parts."""

    parts: tuple[Part, ...]
    lengths: int

    def text(self, draw: st.DrawFn, length: int) -> str:
        fitting = [part for part in self.parts if part.lengths >> length & 1]
        chosen = pick(draw, fitting)
        return chosen.text(draw, length)


@dataclass(frozen=True, slots=True)
class _Sequence:
    """Several parts, one after the other."""

    parts: tuple[Part, ...]
    rests: tuple[int, ...] = field(repr=False)
    """The lengths of the parts from each one on, and of nothing."""

    @property
    def lengths(self) -> int:
        return self.rests[0]

    def text(self, draw: st.DrawFn, length: int) -> str:
        made = []
        for part, rest in zip(self.parts, self.rests[1:], strict=True):
            fitting = [n for n in _bits(part.lengths) if n <= length and rest >> (length - n) & 1]
            taken = pick(draw, fitting)
            made.append(part.text(draw, taken))
            length -= taken
        return "".join(made)


@dataclass(frozen=True, slots=True)
class _Repeat:
    """A part again and again; `powers` are the lengths of so many of it."""

    part: Part
    least: int
    powers: tuple[int, ...] = field(repr=False)
    lengths: int

    def text(self, draw: st.DrawFn, length: int) -> str:
        counts = [n for n in range(self.least, len(self.powers)) if self.powers[n] >> length & 1]
        count = pick(draw, counts)
        rests = tuple(self.powers[count - n] for n in range(count + 1))
        return _Sequence((self.part,) * count, rests).text(draw, length)


class _Maker:
    """Turns what Python's parser gives into parts, none longer than `longest`, all of an alphabet where one is told."""

    def __init__(self, longest: int, alphabet: str | None = None) -> None:
        self._longest = longest
        self._alphabet = alphabet
        self._mask = (1 << longest + 1) - 1

    def found(self, parsed: Sequence[Any]) -> Part:
        """Give texts in which the pattern is found somewhere: with anything around what is not anchored."""
        match parsed:
            case [(words.BRANCH, (_, branches))]:
                return self._choice([self.found(list(branch)) for branch in branches])
            case [(words.SUBPATTERN, (_, 0, 0, inner))] if any(op is words.AT for op, _ in inner):
                return self.found(list(inner))
            case _:
                pass
        parts = list(parsed)
        start = end = True
        if parts and parts[0] in [(words.AT, begin) for begin in _BEGINS]:
            parts, start = parts[1:], False
        if parts and parts[-1] == (words.AT, words.AT_END_STRING):
            parts, end = parts[:-1], False
        around = _Characters(self._alphabet, self._mask) if self._alphabet else _Characters(_POOL, self._mask)
        return self._sequence([*[around] * start, *map(self._part, parts), *[around] * end])

    def _part(self, parsed: Any) -> Part:
        match parsed:
            case (words.LITERAL, code):
                return self._characters(_character(code))
            case (words.NOT_LITERAL, code):
                return self._characters("".join(c for c in _POOL if c != chr(code)))
            case (words.IN, members):
                return self._characters(_alphabet(members))
            case (words.BRANCH, (_, branches)):
                return self._choice([self._sequence(list(map(self._part, branch))) for branch in branches])
            case (words.SUBPATTERN, (_, 0, 0, inner)):
                return self._sequence(list(map(self._part, inner)))
            case (words.MAX_REPEAT | words.MIN_REPEAT, (least, most, inner)):
                return self._repeat(self._sequence(list(map(self._part, inner))), int(least), int(most))
            case _:
                raise _UnsolvedError

    def _characters(self, alphabet: str) -> Part:
        allowed = alphabet if self._alphabet is None else "".join(c for c in alphabet if c in self._alphabet)
        return _Characters(allowed, 2 & self._mask if allowed else 0)

    def _choice(self, parts: list[Part]) -> Part:
        lengths = 0
        for part in parts:
            lengths |= part.lengths
        return parts[0] if len(parts) == 1 else _Choice(tuple(parts), lengths)

    def _sequence(self, parts: list[Part]) -> Part:
        if len(parts) == 1:
            return parts[0]
        rests = [1]
        for part in reversed(parts):
            rests.append(self._sum(part.lengths, rests[-1]))
        return _Sequence(tuple(parts), tuple(reversed(rests)))

    def _repeat(self, part: Part, least: int, most: int) -> Part:
        if least > _LONGEST:
            raise _UnsolvedError
        most = min(most, max(self._longest, least))
        if isinstance(part, _Characters) and part.lengths == 2:
            span = ((1 << most + 1) - 1) >> least << least
            return _Characters(part.alphabet, span & self._mask)
        powers = [1]
        while len(powers) <= most and (powers[-1] or len(powers) <= least):
            powers.append(self._sum(powers[-1], part.lengths))
        lengths = 0
        for power in powers[least:]:
            lengths |= power
        return _Repeat(part, least, tuple(powers), lengths)

    def _sum(self, one: int, other: int) -> int:
        """Give the lengths of one part after another."""
        total = 0
        for length in _bits(one if one.bit_count() < other.bit_count() else other):
            total |= (other if one.bit_count() < other.bit_count() else one) << length
        return total & self._mask


def _bits(lengths: int) -> Iterator[int]:
    while lengths:
        low = lengths & -lengths
        yield low.bit_length() - 1
        lengths ^= low


def _character(code: int) -> str:
    if 0xD800 <= code <= 0xDFFF:
        raise _UnsolvedError
    return chr(code)


def _alphabet(members: Sequence[Any]) -> str:
    """Give characters of a class: all of a small one, some of each kind of a large one."""
    negated = members[0] == (words.NEGATE, None)
    listed = [member for member in members if member[0] is not words.NEGATE]
    pool = dict.fromkeys(_POOL)
    if not negated:
        pool |= dict.fromkeys(c for op, told in listed for c in _listed(op, told))
    fitting = [c for c in pool if any(_is_in(c, op, told) for op, told in listed) is not negated]
    if not fitting:
        raise _UnsolvedError
    return "".join(fitting)


_MOST_OF_RANGE = 256


def _listed(op: Any, told: Any) -> Iterator[str]:
    if op is words.LITERAL:
        yield from (chr(told) for _ in range(1) if not 0xD800 <= told <= 0xDFFF)
    elif op is words.RANGE:
        first, last = told
        codes = range(first, min(last, first + _MOST_OF_RANGE) + 1)
        yield from (chr(code) for code in codes if not 0xD800 <= code <= 0xDFFF)


def _is_in(character: str, op: Any, told: Any) -> bool:
    if op is words.LITERAL:
        return bool(ord(character) == told)
    if op is words.RANGE:
        return bool(told[0] <= ord(character) <= told[1])
    if told in _CONTRARY:
        return character not in _CATEGORIES[_CONTRARY[told]]
    return character in _CATEGORIES[told]
