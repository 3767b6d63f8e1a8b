"""Texts that match a pattern and have a length, made without guessing: each part of the pattern knows its lengths.

A set of lengths is an integer whose bit `n` says that the length `n` can be.
"""

import re._constants as words  # type: ignore[import-not-found]  # typeshed leaves them out
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from hypothesis import strategies as st

from understudy.contract.patterns import translate
from understudy.strategies.drawing import pick
from understudy.strategies.letters import POOL, UnsolvedError, character, letters_of

_MORE = 24
"""How much longer than it has to be a text becomes, where nothing limits it."""
_LONGEST = 5000
_BEGINS = (words.AT_BEGINNING, words.AT_BEGINNING_STRING)


class Part(Protocol):
    """A part of a pattern."""

    @property
    def lengths(self) -> int:
        """The set of its lengths."""
        ...

    def text(self, draw: st.DrawFn, length: int) -> str:
        """Draw a text of one of these lengths."""
        ...


def matching(pattern: str, least: int = 0, most: int | None = None) -> st.SearchStrategy[str] | None:
    """Give texts in which a pattern of ECMA-262 is found, of a length within bounds.

    None when the pattern has parts that cannot be solved; nothing() when no such text is so long or so short.
    """
    part = _solved(pattern, least, most)
    if part is None:
        return None
    lengths = [length for length in _bits(part.lengths) if length >= least]
    return _texts(part, lengths) if lengths else st.nothing()


@st.composite
def _texts(draw: st.DrawFn, part: Part, lengths: list[int]) -> str:
    return part.text(draw, pick(draw, lengths))


@lru_cache(maxsize=256)
def _solved(pattern: str, least: int, most: int | None) -> Part | None:
    told = translate(pattern)
    if told is None:
        return None
    try:
        parsed = list(parser.parse(told))
        shortest = parser.parse(told).getwidth()[0]
        longest = max(least, shortest) + _MORE if most is None else most
        if longest > _LONGEST:
            return None
        return _Maker(longest).found(parsed)
    except (UnsolvedError, RecursionError):
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
    """Turns what Python's parser gives into parts, none longer than `longest`."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
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
        around = _Characters(POOL, self._mask)
        return self._sequence([*[around] * start, *map(self._part, parts), *[around] * end])

    def _part(self, parsed: Any) -> Part:
        match parsed:
            case (words.LITERAL, code):
                return self._characters(character(code))
            case (words.NOT_LITERAL, code):
                return self._characters("".join(c for c in POOL if c != chr(code)))
            case (words.IN, members):
                return self._characters(letters_of(members))
            case (words.BRANCH, (_, branches)):
                return self._choice([self._sequence(list(map(self._part, branch))) for branch in branches])
            case (words.SUBPATTERN, (_, 0, 0, inner)):
                return self._sequence(list(map(self._part, inner)))
            case (words.MAX_REPEAT | words.MIN_REPEAT, (least, most, inner)):
                return self._repeat(self._sequence(list(map(self._part, inner))), int(least), int(most))
            case _:
                raise UnsolvedError

    def _characters(self, alphabet: str) -> Part:
        return _Characters(alphabet, 2 & self._mask if alphabet else 0)

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
            raise UnsolvedError
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
