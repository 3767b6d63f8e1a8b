"""Sets of texts, by what may follow: what several patterns say together, and what they forbid, is one language.

A language is told by a number. `after` gives the language of what is left when one character is taken (Brzozowski's
derivative), so that a language is a machine with as many states as there are languages of what is left.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from understudy.regexgen.char_classes import UnsolvedError, letters_for, members_of
from understudy.regexgen.pattern_ast import (
    ANY,
    Choice,
    Edge,
    Letter,
    Look,
    Piece,
    Repeat,
    Sequel,
    classes_of,
    has_look,
    inner,
    widths,
)

NOTHING, EMPTY, ALL = range(3)
"""The languages of no text, of the empty text, of all texts."""
_MOST = 60_000
_MOST_WAYS = 64
_ANYTHING = Repeat(Letter(ANY), 0, None)


class Languages:
    """Languages over the characters that some patterns speak of; those that none of them tells apart are a kind."""

    def __init__(self, patterns: Iterable[Piece]) -> None:
        self._terms: list[tuple[Any, ...]] = [("nothing",), ("empty",), ("all",)]
        self._numbers = {term: number for number, term in enumerate(self._terms)}
        self._after: dict[tuple[int, int], int] = {}
        self._once: dict[int, int] = {}
        classes = list(
            dict.fromkeys([ANY, *(told for pattern in patterns for told in classes_of(pattern))])
        )
        letters = letters_for(classes)
        members = [frozenset(members_of(told, letters)) for told in classes]
        kinds: dict[tuple[bool, ...], list[str]] = {}
        for letter in letters:
            kinds.setdefault(tuple(letter in some for some in members), []).append(letter)
        self.kinds = tuple(map("".join, kinds.values()))
        """The characters of each kind, the simplest first."""
        self._classes = {
            told: frozenset(kind for kind, signs in enumerate(kinds) if signs[index])
            for index, told in enumerate(classes)
        }

    def of(self, pattern: Piece) -> int:
        """Give the language of the texts in which a pattern is found."""
        return self._search(pattern, ALL)

    def both(self, *parts: int) -> int:
        """Give what is in every one of several languages."""
        found = [part for part in self._flat("both", parts) if part != ALL]
        if NOTHING in found or self._is_whole(found):
            return NOTHING
        if EMPTY in found:
            return EMPTY if all(map(self.has_empty, found)) else NOTHING
        return self._several("both", found, ALL)

    def either(self, *parts: int) -> int:
        """Give what is in one of several languages."""
        found = [part for part in self._flat("either", parts) if part != NOTHING]
        if ALL in found or self._is_whole(found):
            return ALL
        return self._several("either", found, NOTHING)

    def contrary(self, part: int) -> int:
        """Give all texts that are not in a language."""
        if part in (NOTHING, ALL):
            return ALL + NOTHING - part
        term = self._terms[part]
        return int(term[1]) if term[0] == "not" else self._number("not", part)

    def has_empty(self, part: int) -> bool:
        """Whether the empty text is in a language."""
        match self._terms[part]:
            case ("empty",) | ("all",):
                return True
            case ("both", several):
                return all(map(self.has_empty, several))
            case ("either", several):
                return any(map(self.has_empty, several))
            case ("not", other):
                return not self.has_empty(other)
            case ("chain", first, rest):
                return self.has_empty(first) and self.has_empty(rest)
            case ("loop", *_):
                return self.has_empty(self._unfolded(part))
        return False

    def after(self, part: int, kind: int) -> int:
        """Give what can be left of the texts of a language that begin with a character of a kind."""
        key = (part, kind)
        if key not in self._after:
            self._after[key] = self._derived(part, kind)
        return self._after[key]

    def alternatives(self, part: int) -> tuple[int, ...]:
        """Give languages that together are one: each of them is told more simply. None of them is NOTHING."""
        name, *told = self._terms[part]
        return tuple(told[0]) if name == "either" else (part,) if part != NOTHING else ()

    def _derived(self, part: int, kind: int) -> int:
        match self._terms[part]:
            case ("letter", kinds, rest):
                return int(rest) if kind in kinds else NOTHING
            case ("both", several):
                return self.both(*(self.after(other, kind) for other in several))
            case ("either", several):
                return self.either(*(self.after(other, kind) for other in several))
            case ("not", other):
                return self.contrary(self.after(other, kind))
            case ("chain", first, rest):
                taken = self._chain(self.after(first, kind), rest)
                return (
                    self.either(taken, self.after(rest, kind)) if self.has_empty(first) else taken
                )
            case ("loop", *_):
                return self.after(self._unfolded(part), kind)
        return ALL if part == ALL else NOTHING

    def _search(self, pattern: Piece, rest: int) -> int:
        """Give the texts in which a pattern is found, with something of a language after it."""
        if _looks_behind(pattern):
            return self.either(
                *(self._whole([*_before(items), *items], rest) for items in _through(pattern))
            )
        later = self._made(pattern, rest, False)
        anywhere = self._made(_ANYTHING, later, False) if later != NOTHING else NOTHING
        return self.either(self._made(pattern, rest, True), self._after_any(anywhere))

    def _after_any(self, rest: int) -> int:
        return self._letter(ANY, rest)

    def _whole(self, items: list[Piece], rest: int) -> int:
        """Give what is told by pieces from the beginning of the text on; those that look behind stand among them."""
        places = [
            index for index, item in enumerate(items) if isinstance(item, Look) and item.behind
        ]
        if not places:
            return self._made(Sequel(tuple(items)), rest, True)
        index, look = places[-1], items[places[-1]]
        left, right = items[:index], items[index + 1 :]
        # What looks ahead sees as far as the text is told: to its end, or to this place.
        ending = (
            rest == EMPTY
            if not right
            else all(isinstance(item, Edge) and not item.begins for item in right)
        )
        if not isinstance(look, Look) or not (ending or _sees_within(left)):
            raise UnsolvedError
        seen = self._search(look.piece, EMPTY)
        before = self.both(self._whole(left, EMPTY), self.contrary(seen) if look.negated else seen)
        return self._chain(before, self._made(Sequel(tuple(right)), rest, None if left else True))

    def _made(self, piece: Piece, rest: int, first: bool | None) -> int:
        """Give a piece and then a language. `first`: nothing stands before it; None when that is not known."""
        match piece:
            case Letter(members):
                return self._letter(members, rest)
            case Choice(pieces):
                return self.either(*(self._made(part, rest, first) for part in pieces))
            case Sequel(pieces):
                for part, begins in reversed(
                    list(zip(pieces, _firsts(pieces, first), strict=True))
                ):
                    rest = self._made(part, rest, begins)
                return rest
            case Repeat(part, least, most):
                return self._repeated(part, least, most, rest, first)
            case Edge(True) if first is not None:
                return rest if first else NOTHING
            case Edge(False):
                return self.both(EMPTY, rest)
            case Look(part, negated, False):
                seen = self._made(part, ALL, first)
                return self.both(self.contrary(seen) if negated else seen, rest)
        raise UnsolvedError

    def _repeated(
        self, part: Piece, least: int, most: int | None, rest: int, first: bool | None
    ) -> int:
        if first is False or most == 0 or rest == NOTHING:
            return self._loop(part, least, most, rest)
        # The first time may stand at the beginning of the text, the others do not: each takes characters.
        again = self._loop(part, max(least - 1, 0), None if most is None else most - 1, rest)
        once = self._made(part, again, first)
        return once if least else self.either(rest, once)

    def _loop(self, part: Piece, least: int, most: int | None, rest: int) -> int:
        return (
            rest if most == 0 or rest == NOTHING else self._number("loop", part, least, most, rest)
        )

    def _unfolded(self, loop: int) -> int:
        """Give a loop with its first time written out."""
        if loop not in self._once:
            _, part, least, most, rest = self._terms[loop]
            again = self._loop(part, max(least - 1, 0), None if most is None else most - 1, rest)
            taken = self._made(part, again, False)
            self._once[loop] = taken if least else self.either(rest, taken)
        return self._once[loop]

    def _letter(self, members: tuple[Any, ...], rest: int) -> int:
        kinds = self._classes[members]
        return self._number("letter", kinds, rest) if kinds and rest != NOTHING else NOTHING

    def _chain(self, first: int, rest: int) -> int:
        """Give a text of one language and then one of another."""
        if NOTHING in (first, rest):
            return NOTHING
        if EMPTY in (first, rest):
            return rest if first == EMPTY else first
        return self._number("chain", first, rest)

    def _is_whole(self, found: Sequence[int]) -> bool:
        """Whether a language is among others together with its contrary."""
        terms = [self._terms[part] for part in found]
        return any(term[0] == "not" and term[1] in found for term in terms)

    def _flat(self, name: str, parts: Iterable[int]) -> dict[int, None]:
        found: dict[int, None] = {}
        for part in parts:
            term = self._terms[part]
            found.update(dict.fromkeys(term[1] if term[0] == name else (part,)))
        return found

    def _several(self, name: str, found: Sequence[int], none: int) -> int:
        """Give several languages together; told in another order, they are the same."""
        if len(found) < 2:
            return found[0] if found else none
        return self._kept((name, frozenset(found)), (name, tuple(found)))

    def _number(self, *term: Any) -> int:
        return self._kept(term, term)

    def _kept(self, key: tuple[Any, ...], term: tuple[Any, ...]) -> int:
        if key not in self._numbers:
            if len(self._terms) > _MOST:
                raise UnsolvedError
            self._numbers[key] = len(self._terms)
            self._terms.append(term)
        return self._numbers[key]


def _firsts(pieces: Sequence[Piece], first: bool | None) -> list[bool | None]:
    """Give for each piece whether it stands at the beginning of the text."""
    found: list[bool | None] = []
    for piece in pieces:
        found.append(first)
        low, high = widths(piece)
        if low:
            first = False
        elif high != 0 and first:
            first = None
    return found


def _through(piece: Piece) -> list[list[Piece]]:
    """Give each way through a pattern in which something looks behind: the pieces one after the other."""
    if not _looks_behind(piece) or not isinstance(piece, Sequel | Choice):
        return [[piece]]
    if isinstance(piece, Choice):
        return [way for part in piece.pieces for way in _through(part)]
    ways: list[list[Piece]] = [[]]
    for part in piece.pieces:
        ways = [[*way, *more] for way in ways for more in _through(part)]
        if len(ways) > _MOST_WAYS:
            raise UnsolvedError
    return ways


def _before(items: Sequence[Piece]) -> list[Piece]:
    """Give what may stand before a pattern: anything, unless it tells where it begins."""
    begins = bool(items) and isinstance(items[0], Edge) and items[0].begins
    return [] if begins else [_ANYTHING]


def _looks_behind(piece: Piece) -> bool:
    return (isinstance(piece, Look) and piece.behind) or any(map(_looks_behind, inner(piece)))


def _sees_within(items: Sequence[Piece]) -> bool:
    """Whether pieces look at nothing that stands after them."""
    for index, item in enumerate(items):
        if isinstance(item, Look) and not item.behind:
            most, room = (
                widths(item.piece)[1],
                sum(widths(other)[0] for other in items[index + 1 :]),
            )
            if most is None or most > room or has_look(item.piece):
                return False
        elif (
            not isinstance(item, Look)
            and has_look(item)
            and not (isinstance(item, Edge) and item.begins)
        ):
            return False
    return True
