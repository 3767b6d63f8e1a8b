"""Sets of texts, by what may follow: what several patterns say together, and what they forbid, is one language.

A language is told by a number. `after` gives the language of what is left when one character is taken (Brzozowski's
derivative), so that a language is a machine with as many states as there are languages of what is left.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from understudy.regexgen.char_classes import UnsolvedError, filter_letters, pick_representatives
from understudy.regexgen.pattern_ast import (
    ANY_CHARACTER,
    Alternation,
    Anchor,
    CharacterClass,
    Concatenation,
    Lookaround,
    Node,
    Repetition,
    child_nodes,
    has_lookaround,
    iterate_classes,
    width_range,
)

NO_TEXTS, EMPTY_TEXT, ALL_TEXTS = range(3)
"""The languages of no text, of the empty text, of all texts."""
_MOST = 60_000
_MOST_WAYS = 64
_ANYTHING = Repetition(CharacterClass(ANY_CHARACTER), 0, None)


class Languages:
    """Languages over the characters that some patterns speak of; those that none of them tells apart are a kind."""

    def __init__(self, patterns: Iterable[Node]) -> None:
        self._terms: list[tuple[Any, ...]] = [("nothing",), ("empty",), ("all",)]
        self._numbers = {term: number for number, term in enumerate(self._terms)}
        self._after: dict[tuple[int, int], int] = {}
        self._once: dict[int, int] = {}
        classes = list(
            dict.fromkeys(
                [
                    ANY_CHARACTER,
                    *(told for pattern in patterns for told in iterate_classes(pattern)),
                ]
            )
        )
        letters = pick_representatives(classes)
        members = [frozenset(filter_letters(told, letters)) for told in classes]
        kinds: dict[tuple[bool, ...], list[str]] = {}
        for letter in letters:
            kinds.setdefault(tuple(letter in some for some in members), []).append(letter)
        self.kinds = tuple(map("".join, kinds.values()))
        """The characters of each kind, the simplest first."""
        self._classes = {
            told: frozenset(kind for kind, signs in enumerate(kinds) if signs[index])
            for index, told in enumerate(classes)
        }

    def search_language(self, pattern: Node) -> int:
        """Give the language of the texts in which a pattern is found."""
        return self._search(pattern, ALL_TEXTS)

    def intersection(self, *parts: int) -> int:
        """Give what is in every one of several languages."""
        found = [part for part in self._flat("both", parts) if part != ALL_TEXTS]
        if NO_TEXTS in found or self._is_whole(found):
            return NO_TEXTS
        if EMPTY_TEXT in found:
            return EMPTY_TEXT if all(map(self.accepts_empty, found)) else NO_TEXTS
        return self._several("both", found, ALL_TEXTS)

    def union(self, *parts: int) -> int:
        """Give what is in one of several languages."""
        found = [part for part in self._flat("either", parts) if part != NO_TEXTS]
        if ALL_TEXTS in found or self._is_whole(found):
            return ALL_TEXTS
        return self._several("either", found, NO_TEXTS)

    def complement(self, part: int) -> int:
        """Give all texts that are not in a language."""
        if part in (NO_TEXTS, ALL_TEXTS):
            return ALL_TEXTS + NO_TEXTS - part
        term = self._terms[part]
        return int(term[1]) if term[0] == "not" else self._number("not", part)

    def accepts_empty(self, part: int) -> bool:
        """Whether the empty text is in a language."""
        match self._terms[part]:
            case ("empty",) | ("all",):
                return True
            case ("both", several):
                return all(map(self.accepts_empty, several))
            case ("either", several):
                return any(map(self.accepts_empty, several))
            case ("not", other):
                return not self.accepts_empty(other)
            case ("chain", first, rest):
                return self.accepts_empty(first) and self.accepts_empty(rest)
            case ("loop", *_):
                return self.accepts_empty(self._unfolded(part))
        return False

    def derivative(self, part: int, kind: int) -> int:
        """Give what can be left of the texts of a language that begin with a character of a kind."""
        key = (part, kind)
        if key not in self._after:
            self._after[key] = self._derived(part, kind)
        return self._after[key]

    def alternatives(self, part: int) -> tuple[int, ...]:
        """Give languages that together are one: each of them is told more simply. None of them is NOTHING."""
        name, *told = self._terms[part]
        return tuple(told[0]) if name == "either" else (part,) if part != NO_TEXTS else ()

    def _derived(self, part: int, kind: int) -> int:
        match self._terms[part]:
            case ("letter", kinds, rest):
                return int(rest) if kind in kinds else NO_TEXTS
            case ("both", several):
                return self.intersection(*(self.derivative(other, kind) for other in several))
            case ("either", several):
                return self.union(*(self.derivative(other, kind) for other in several))
            case ("not", other):
                return self.complement(self.derivative(other, kind))
            case ("chain", first, rest):
                taken = self._chain(self.derivative(first, kind), rest)
                return (
                    self.union(taken, self.derivative(rest, kind))
                    if self.accepts_empty(first)
                    else taken
                )
            case ("loop", *_):
                return self.derivative(self._unfolded(part), kind)
        return ALL_TEXTS if part == ALL_TEXTS else NO_TEXTS

    def _search(self, pattern: Node, rest: int) -> int:
        """Give the texts in which a pattern is found, with something of a language after it."""
        if _looks_behind(pattern):
            return self.union(
                *(self._whole([*_before(items), *items], rest) for items in _through(pattern))
            )
        later = self._made(pattern, rest, False)
        anywhere = self._made(_ANYTHING, later, False) if later != NO_TEXTS else NO_TEXTS
        return self.union(self._made(pattern, rest, True), self._after_any(anywhere))

    def _after_any(self, rest: int) -> int:
        return self._letter(ANY_CHARACTER, rest)

    def _whole(self, items: list[Node], rest: int) -> int:
        """Give what is told by pieces from the beginning of the text on; those that look behind stand among them."""
        places = [
            index
            for index, item in enumerate(items)
            if isinstance(item, Lookaround) and item.behind
        ]
        if not places:
            return self._made(Concatenation(tuple(items)), rest, True)
        index, look = places[-1], items[places[-1]]
        left, right = items[:index], items[index + 1 :]
        # What looks ahead sees as far as the text is told: to its end, or to this place.
        ending = (
            rest == EMPTY_TEXT
            if not right
            else all(isinstance(item, Anchor) and not item.at_start for item in right)
        )
        if not isinstance(look, Lookaround) or not (ending or _sees_within(left)):
            raise UnsolvedError
        seen = self._search(look.node, EMPTY_TEXT)
        before = self.intersection(
            self._whole(left, EMPTY_TEXT), self.complement(seen) if look.negated else seen
        )
        return self._chain(
            before, self._made(Concatenation(tuple(right)), rest, None if left else True)
        )

    def _made(self, piece: Node, rest: int, first: bool | None) -> int:
        """Give a piece and then a language. `first`: nothing stands before it; None when that is not known."""
        match piece:
            case CharacterClass(members):
                return self._letter(members, rest)
            case Alternation(pieces):
                return self.union(*(self._made(part, rest, first) for part in pieces))
            case Concatenation(pieces):
                for part, begins in reversed(
                    list(zip(pieces, _firsts(pieces, first), strict=True))
                ):
                    rest = self._made(part, rest, begins)
                return rest
            case Repetition(part, least, most):
                return self._repeated(part, least, most, rest, first)
            case Anchor(True) if first is not None:
                return rest if first else NO_TEXTS
            case Anchor(False):
                return self.intersection(EMPTY_TEXT, rest)
            case Lookaround(part, negated, False):
                seen = self._made(part, ALL_TEXTS, first)
                return self.intersection(self.complement(seen) if negated else seen, rest)
        raise UnsolvedError

    def _repeated(
        self, part: Node, least: int, most: int | None, rest: int, first: bool | None
    ) -> int:
        if first is False or most == 0 or rest == NO_TEXTS:
            return self._loop(part, least, most, rest)
        # The first time may stand at the beginning of the text, the others do not: each takes characters.
        again = self._loop(part, max(least - 1, 0), None if most is None else most - 1, rest)
        once = self._made(part, again, first)
        return once if least else self.union(rest, once)

    def _loop(self, part: Node, least: int, most: int | None, rest: int) -> int:
        return (
            rest if most == 0 or rest == NO_TEXTS else self._number("loop", part, least, most, rest)
        )

    def _unfolded(self, loop: int) -> int:
        """Give a loop with its first time written out."""
        if loop not in self._once:
            _, part, least, most, rest = self._terms[loop]
            again = self._loop(part, max(least - 1, 0), None if most is None else most - 1, rest)
            taken = self._made(part, again, False)
            self._once[loop] = taken if least else self.union(rest, taken)
        return self._once[loop]

    def _letter(self, members: tuple[Any, ...], rest: int) -> int:
        kinds = self._classes[members]
        return self._number("letter", kinds, rest) if kinds and rest != NO_TEXTS else NO_TEXTS

    def _chain(self, first: int, rest: int) -> int:
        """Give a text of one language and then one of another."""
        if NO_TEXTS in (first, rest):
            return NO_TEXTS
        if EMPTY_TEXT in (first, rest):
            return rest if first == EMPTY_TEXT else first
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


def _firsts(pieces: Sequence[Node], first: bool | None) -> list[bool | None]:
    """Give for each piece whether it stands at the beginning of the text."""
    found: list[bool | None] = []
    for piece in pieces:
        found.append(first)
        low, high = width_range(piece)
        if low:
            first = False
        elif high != 0 and first:
            first = None
    return found


def _through(piece: Node) -> list[list[Node]]:
    """Give each way through a pattern in which something looks behind: the pieces one after the other."""
    if not _looks_behind(piece) or not isinstance(piece, Concatenation | Alternation):
        return [[piece]]
    if isinstance(piece, Alternation):
        return [way for part in piece.nodes for way in _through(part)]
    ways: list[list[Node]] = [[]]
    for part in piece.nodes:
        ways = [[*way, *more] for way in ways for more in _through(part)]
        if len(ways) > _MOST_WAYS:
            raise UnsolvedError
    return ways


def _before(items: Sequence[Node]) -> list[Node]:
    """Give what may stand before a pattern: anything, unless it tells where it begins."""
    begins = bool(items) and isinstance(items[0], Anchor) and items[0].at_start
    return [] if begins else [_ANYTHING]


def _looks_behind(piece: Node) -> bool:
    return (isinstance(piece, Lookaround) and piece.behind) or any(
        map(_looks_behind, child_nodes(piece))
    )


def _sees_within(items: Sequence[Node]) -> bool:
    """Whether pieces look at nothing that stands after them."""
    for index, item in enumerate(items):
        if isinstance(item, Lookaround) and not item.behind:
            most, room = (
                width_range(item.node)[1],
                sum(width_range(other)[0] for other in items[index + 1 :]),
            )
            if most is None or most > room or has_lookaround(item.node):
                return False
        elif (
            not isinstance(item, Lookaround)
            and has_lookaround(item)
            and not (isinstance(item, Anchor) and item.at_start)
        ):
            return False
    return True
