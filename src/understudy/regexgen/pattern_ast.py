"""Patterns as values: what Python's parser gives, in the few kinds of pieces that a language can be made of."""

import re._constants as words  # type: ignore[import-not-found]  # typeshed leaves them out
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from understudy.regexgen.char_classes import UnsolvedError, decode_character, list_letters
from understudy.regexgen.ecma_patterns import translate

_MOST_WORDS = 64
"""Of how many words a group may be that is referred back to."""
_WIDE = (None, words.CATEGORY_NOT_DIGIT, words.CATEGORY_NOT_SPACE, words.CATEGORY_NOT_WORD)
WORD_CLASS = ((words.CATEGORY, words.CATEGORY_WORD),)
ANY_CHARACTER = ((words.NEGATE, None),)
"""The class of all characters: none is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class CharacterClass:
    """One character of a class."""

    members: tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Concatenation:
    """Pieces one after the other."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Alternation:
    """One of several pieces; of none, nothing matches."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Repetition:
    """A piece that takes characters, again and again; `most` is None where nothing limits it."""

    node: "Node"
    min_count: int
    max_count: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Lookaround:
    """What has to follow, or to stand before (`behind`), or must not (`negated`)."""

    node: "Node"
    negated: bool
    behind: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """The beginning of the text, or its end."""

    at_start: bool


Node = CharacterClass | Concatenation | Alternation | Repetition | Lookaround | Anchor


def parse_pattern(pattern: str) -> Node | None:
    """Give a pattern of ECMA-262 as pieces; None when it cannot be told. UnsolvedError: nothing is built for it."""
    told = translate(pattern)
    return None if told is None else _Reader().sequel(list(parser.parse(told)), {})


def child_nodes(piece: Node) -> tuple[Node, ...]:
    """Give the pieces that a piece is made of."""
    match piece:
        case Concatenation(pieces) | Alternation(pieces):
            return pieces
        case Repetition(part) | Lookaround(part):
            return (part,)
    return ()


def iterate_classes(piece: Node) -> Iterator[tuple[Any, ...]]:
    """Give the classes of characters that are in a piece."""
    if isinstance(piece, CharacterClass):
        yield piece.members
    for part in child_nodes(piece):
        yield from iterate_classes(part)


def width_range(piece: Node) -> tuple[int, int | None]:
    """Give how many characters a piece takes, at least and at most."""
    match piece:
        case CharacterClass():
            return 1, 1
        case Lookaround() | Anchor():
            return 0, 0
        case Repetition(part, least, most):
            low, high = width_range(part)
            return low * least, None if high is None or most is None else high * most
        case Concatenation(pieces):
            told = [width_range(part) for part in pieces]
            highs = [high for _, high in told if high is not None]
            return sum(low for low, _ in told), sum(highs) if len(highs) == len(told) else None
        case Alternation(pieces):
            told = [width_range(part) for part in pieces]
            highs = [high for _, high in told if high is not None]
            return min((low for low, _ in told), default=0), max(highs, default=0) if len(
                highs
            ) == len(told) else None


def has_lookaround(piece: Node) -> bool:
    """Whether a piece asks for what is around it."""
    return isinstance(piece, Lookaround | Anchor) or any(map(has_lookaround, child_nodes(piece)))


class _Reader:
    """Reads what Python's parser gives. `bound` are the words that groups stand for, by number."""

    def sequel(self, parsed: Sequence[Any], bound: dict[int, Node]) -> Node:
        pieces: list[Node] = []
        for index, part in enumerate(parsed):
            match part:
                case (words.SUBPATTERN, (int(number), 0, 0, group)) if _refers(
                    parsed[index + 1 :], number
                ):
                    several = [(_word(word), parsed[index + 1 :]) for word in _words(list(group))]
                    choice = [
                        Concatenation((word, self.sequel(rest, bound | {number: word})))
                        for word, rest in several
                    ]
                    return Concatenation((*pieces, Alternation(tuple(choice))))
                case _:
                    pieces.append(self._piece(part, bound))
        return pieces[0] if len(pieces) == 1 else Concatenation(tuple(pieces))

    def _piece(self, parsed: Any, bound: dict[int, Node]) -> Node:
        match parsed:
            case (words.BRANCH, (_, branches)):
                return Alternation(tuple(self.sequel(list(branch), bound) for branch in branches))
            case (words.SUBPATTERN, (_, 0, 0, group)):
                return self.sequel(list(group), bound)
            case (words.MAX_REPEAT | words.MIN_REPEAT, (least, most, group)):
                return _repeat(
                    self.sequel(list(group), bound),
                    int(least),
                    None if most is words.MAXREPEAT else int(most),
                )
            case (words.ASSERT | words.ASSERT_NOT as op, (direction, group)):
                return Lookaround(
                    self.sequel(list(group), bound), op is words.ASSERT_NOT, direction < 0
                )
            case (words.GROUPREF, number) if number in bound:
                return bound[number]
            case (words.FAILURE, _):
                return Alternation(())
            case (words.AT, place):
                return _place(place)
        return CharacterClass(_members(parsed))


def _members(parsed: Any) -> tuple[Any, ...]:
    match parsed:
        case (words.LITERAL, code):
            return ((words.LITERAL, ord(decode_character(code))),)
        case (words.NOT_LITERAL, code):
            return ((words.NEGATE, None), (words.LITERAL, code))
        case (words.IN, members):
            return tuple(members)
    raise UnsolvedError


def _place(place: Any) -> Node:
    if place in (words.AT_BEGINNING, words.AT_BEGINNING_STRING):
        return Anchor(True)
    if place is words.AT_END_STRING:
        return Anchor(False)
    if place is not words.AT_BOUNDARY:
        raise UnsolvedError
    word = CharacterClass(WORD_CLASS)
    return Alternation(
        tuple(
            Concatenation((Lookaround(word, negated, True), Lookaround(word, not negated)))
            for negated in (False, True)
        )
    )


def _repeat(piece: Node, least: int, most: int | None) -> Node:
    """Give a piece again and again, such that each time takes characters: what may be empty is left out there."""
    if width_range(piece)[0] or (least, most) == (1, 1):
        return Repetition(piece, least, most)
    if has_lookaround(piece):
        if (least, most) == (0, 1):
            return Alternation((Concatenation(()), piece))
        raise UnsolvedError
    return Repetition(_filled(piece), 0, most)


def _filled(piece: Node) -> Node:
    """Give what a piece matches but the empty text. It asks for nothing around it."""
    if width_range(piece)[0]:
        return piece
    match piece:
        case Alternation(pieces):
            return Alternation(tuple(map(_filled, pieces)))
        case Repetition(part, least, most):
            again = Repetition(part, max(least - 1, 0), None if most is None else most - 1)
            return Concatenation((part, again)) if most is None or most > 0 else Alternation(())
        case Concatenation(pieces) if pieces:
            rest = Concatenation(pieces[1:])
            return Alternation((Concatenation((_filled(pieces[0]), rest)), _filled(rest)))
    return Alternation(())


def _refers(parsed: Any, number: int) -> bool:
    """Whether a part of a pattern refers back to a group."""
    if isinstance(parsed, tuple) and parsed == (words.GROUPREF, number):
        return True
    several = parsed if isinstance(parsed, list | tuple | parser.SubPattern) else ()
    return any(_refers(part, number) for part in several)


def _word(word: str) -> Node:
    return Concatenation(tuple(CharacterClass(((words.LITERAL, ord(letter)),)) for letter in word))


def _words(parsed: list[Any]) -> list[str]:
    """Give all words of a part of a pattern; UnsolvedError when they are many."""
    several = [_words_of(part) for part in parsed]
    count = 1
    for found in several:
        count *= len(found)
    if count > _MOST_WORDS:
        raise UnsolvedError
    return ["".join(parts) for parts in product(*several)]


def _words_of(parsed: Any) -> list[str]:
    match parsed:
        case (words.LITERAL, code):
            return [decode_character(code)]
        case (words.IN, members) if not any(told in _WIDE for _, told in members):
            return list(list_letters(members))
        case (words.BRANCH, (_, branches)):
            return list(dict.fromkeys(word for branch in branches for word in _words(list(branch))))
        case (words.SUBPATTERN, (_, 0, 0, group)):
            return _words(list(group))
        case (words.MAX_REPEAT | words.MIN_REPEAT, (least, most, group)) if (
            int(most) <= _MOST_WORDS
        ):
            once = list(group)
            return list(
                dict.fromkeys(
                    word for n in range(int(least), int(most) + 1) for word in _words(once * n)
                )
            )
    raise UnsolvedError
