"""Languages: sets of strings, so that what several patterns require and forbid together is one set.

A language is a number. Its `derivative` by a character is the language of what may follow that
character (Brzozowski 1964), so that a language is an automaton whose states are its derivatives.
Equal terms have equal numbers: that is what makes the number of states finite in practice.
"""

from collections.abc import Hashable, Iterable, Sequence

from understudy.regexgen.char_classes import (
    ANY_CHARACTER,
    CharacterClass,
    UnsolvedError,
    divide_characters,
)
from understudy.regexgen.pattern_ast import (
    ANYTHING,
    Alternation,
    Anchor,
    Concatenation,
    Lookaround,
    Node,
    Repetition,
    has_lookbehind,
    is_anchored,
    iterate_classes,
    list_paths,
    sees_only,
    starts_of,
)
from understudy.regexgen.terms import (
    ALL_TEXTS,
    EMPTY_TEXT,
    NO_TEXTS,
    Chain,
    Complement,
    Constant,
    FirstLetter,
    Intersection,
    Loop,
    Term,
    Union,
)

_MAX_TERMS = 60_000
"""A language of more terms takes too long to build."""
_Joined = type[Intersection] | type[Union]


class Languages:
    """Languages over the characters that some patterns distinguish; the others are of one kind."""

    def __init__(self, patterns: Iterable[Node]) -> None:
        constants = [Constant(number) for number in (NO_TEXTS, EMPTY_TEXT, ALL_TEXTS)]
        self._terms: list[Term] = list(constants)
        self._numbers: dict[Hashable, int] = {term: term.number for term in constants}
        self._derivatives: dict[tuple[int, int], int] = {}
        self._unfolded_loops: dict[int, int] = {}
        classes = [ANY_CHARACTER]
        for pattern in patterns:
            classes += iterate_classes(pattern)
        self.kinds, self._kinds_of_class = divide_characters(list(dict.fromkeys(classes)))
        """`kinds`: the characters of each kind, the simplest first."""

    # The algebra of languages

    def search_language(self, pattern: Node) -> int:
        """Return the language of the strings in which a pattern is found, anywhere in them."""
        return self._search(pattern, ALL_TEXTS)

    def intersection(self, *languages: int) -> int:
        """Return the language of the strings that belong to each of several languages.

        The result is simplified, so that equal languages mostly have equal numbers: a part that
        every string belongs to is left out, and a language together with its complement is empty.
        """
        parts = [part for part in self._flatten(Intersection, languages) if part != ALL_TEXTS]
        if NO_TEXTS in parts or self._has_complements(parts):
            return NO_TEXTS
        if EMPTY_TEXT in parts:
            all_accept = all(map(self.accepts_empty, parts))
            return EMPTY_TEXT if all_accept else NO_TEXTS
        if not parts:
            return ALL_TEXTS
        return self._join(Intersection, parts)

    def union(self, *languages: int) -> int:
        """Return the language of the strings that belong to at least one of several languages.

        Simplified as `intersection` is.
        """
        parts = [part for part in self._flatten(Union, languages) if part != NO_TEXTS]
        if ALL_TEXTS in parts or self._has_complements(parts):
            return ALL_TEXTS
        if not parts:
            return NO_TEXTS
        return self._join(Union, parts)

    def complement(self, language: int) -> int:
        """Return the language of all strings that do not belong to a language."""
        if language == NO_TEXTS:
            return ALL_TEXTS
        if language == ALL_TEXTS:
            return NO_TEXTS
        term = self._terms[language]
        if isinstance(term, Complement):
            return term.part
        return self._number(Complement(language))

    def accepts_empty(self, language: int) -> bool:
        """Return whether the empty string belongs to a language.

        Then a string may end here: this is what makes a state of the automaton accepting.
        """
        match self._terms[language]:
            case Constant(number):
                return number != NO_TEXTS
            case Intersection(parts):
                return all(map(self.accepts_empty, parts))
            case Union(parts):
                return any(map(self.accepts_empty, parts))
            case Complement(part):
                return not self.accepts_empty(part)
            case Chain(first, rest):
                return self.accepts_empty(first) and self.accepts_empty(rest)
            case Loop():
                return self.accepts_empty(self._unfold(language))
        return False

    def derivative(self, language: int, kind: int) -> int:
        """Return what may follow a first character of some kind, in the strings of a language."""
        key = (language, kind)
        if key not in self._derivatives:
            self._derivatives[key] = self._derive(language, kind)
        return self._derivatives[key]

    def alternatives(self, language: int) -> tuple[int, ...]:
        """Return simpler languages whose union is a language. None of them is NO_TEXTS.

        Each of them becomes an edge of its own, which keeps the number of states small: a union of
        languages that do not affect one another needs no state of its own.
        """
        term = self._terms[language]
        if isinstance(term, Union):
            return term.parts
        if language == NO_TEXTS:
            return ()
        return (language,)

    def _derive(self, language: int, kind: int) -> int:
        """Return the derivative of a language, by the rule for its term.

        Source: J. A. Brzozowski, Derivatives of Regular Expressions, 1964.
        """
        match self._terms[language]:
            case FirstLetter(kinds, rest):
                return rest if kind in kinds else NO_TEXTS
            case Intersection(parts):
                return self.intersection(*(self.derivative(part, kind) for part in parts))
            case Union(parts):
                return self.union(*(self.derivative(part, kind) for part in parts))
            case Complement(part):
                return self.complement(self.derivative(part, kind))
            case Chain(first, rest):
                continued = self._chain(self.derivative(first, kind), rest)
                if not self.accepts_empty(first):
                    return continued
                return self.union(continued, self.derivative(rest, kind))
            case Loop():
                return self.derivative(self._unfold(language), kind)
        return ALL_TEXTS if language == ALL_TEXTS else NO_TEXTS

    # From nodes to languages

    def _search(self, pattern: Node, rest: int) -> int:
        """Return the strings in which a pattern is found, followed by a string of `rest`.

        A lookbehind sees what comes before the pattern, so the paths with one are built from the
        start of the string. Without any, the pattern begins at the start or after any character.
        """
        if has_lookbehind(pattern):
            paths = [
                self._from_start(_allow_anything_before(path), rest) for path in list_paths(pattern)
            ]
            return self.union(*paths)
        later = self._build(pattern, rest, at_start=False)
        anywhere = NO_TEXTS
        if later != NO_TEXTS:
            anywhere = self._build(ANYTHING, later, at_start=False)
        at_beginning = self._build(pattern, rest, at_start=True)
        return self.union(at_beginning, self._letter(ANY_CHARACTER, anywhere))

    def _from_start(self, nodes: list[Node], rest: int) -> int:
        """Return what nodes match from the start of the string, then `rest`.

        Some of the nodes may be lookbehinds. Raises UnsolvedError when a lookahead before a
        lookbehind may see beyond it.
        """
        lookbehinds = [
            (index, node)
            for index, node in enumerate(nodes)
            if isinstance(node, Lookaround) and node.behind
        ]
        if not lookbehinds:
            return self._build(Concatenation(tuple(nodes)), rest, True)
        index, lookbehind = lookbehinds[-1]
        left, right = nodes[:index], nodes[index + 1 :]
        # A lookahead sees to the end of what is built: that has to be the end of the string, or
        # this place.
        if not (_ends_string(right, rest) or sees_only(left)):
            raise UnsolvedError
        condition = self._search(lookbehind.node, EMPTY_TEXT)
        if lookbehind.negated:
            condition = self.complement(condition)
        before = self.intersection(self._from_start(left, EMPTY_TEXT), condition)
        # Behind other nodes it is not known whether this place is the start of the string.
        at_start = None if left else True
        after = self._build(Concatenation(tuple(right)), rest, at_start)
        return self._chain(before, after)

    def _build(self, node: Node, rest: int, at_start: bool | None) -> int:
        """Return the language of a node, then `rest`.

        `at_start`: whether the node is at the start of the string; None when that is not known.

        Built from right to left: `rest` is what is still to come. Raises UnsolvedError for a
        lookbehind that `_from_start` does not handle, and for an anchor at an unknown place.
        """
        match node:
            case CharacterClass():
                return self._letter(node, rest)
            case Alternation(nodes):
                return self.union(*(self._build(part, rest, at_start) for part in nodes))
            case Concatenation(nodes):
                starts = starts_of(nodes, at_start)
                for index in reversed(range(len(nodes))):
                    rest = self._build(nodes[index], rest, starts[index])
                return rest
            case Repetition():
                return self._build_repetition(node, rest, at_start)
            case Anchor(at_start=True) if at_start is not None:
                return rest if at_start else NO_TEXTS
            case Anchor(at_start=False):
                return self.intersection(EMPTY_TEXT, rest)
            case Lookaround(inner, negated, behind=False):
                condition = self._build(inner, ALL_TEXTS, at_start)
                if negated:
                    condition = self.complement(condition)
                return self.intersection(condition, rest)
        raise UnsolvedError

    def _build_repetition(self, node: Repetition, rest: int, at_start: bool | None) -> int:
        """Return the language of a repetition, then `rest`."""
        loop = Loop(node.node, node.min_count, node.max_count, rest)
        if at_start is False or loop.max_count == 0 or rest == NO_TEXTS:
            return self._loop(loop)
        # Only the first time may be at the start of the string: each time consumes characters.
        return self._begin_loop(loop, at_start)

    def _loop(self, loop: Loop) -> int:
        """Return the number of a loop; of what follows it, when it matches nothing itself."""
        if loop.max_count == 0 or loop.rest == NO_TEXTS:
            return loop.rest
        return self._number(loop)

    def _begin_loop(self, loop: Loop, at_start: bool | None) -> int:
        """Return a loop with its first time written out."""
        again = self._loop(loop.after_first_time())
        once = self._build(loop.node, again, at_start)
        if loop.min_count:
            return once
        return self.union(loop.rest, once)

    def _unfold(self, language: int) -> int:
        """Return a loop with its first time written out: the same language, as another term."""
        loop = self._terms[language]
        if not isinstance(loop, Loop):
            return language
        if language not in self._unfolded_loops:
            self._unfolded_loops[language] = self._begin_loop(loop, at_start=False)
        return self._unfolded_loops[language]

    def _letter(self, character_class: CharacterClass, rest: int) -> int:
        """Return the language of one character of a class, then `rest`."""
        kinds = self._kinds_of_class[character_class]
        if not kinds or rest == NO_TEXTS:
            return NO_TEXTS
        return self._number(FirstLetter(kinds, rest))

    def _chain(self, first: int, rest: int) -> int:
        """Return the language of a string of one language followed by one of another."""
        if NO_TEXTS in (first, rest):
            return NO_TEXTS
        if first == EMPTY_TEXT:
            return rest
        if rest == EMPTY_TEXT:
            return first
        return self._number(Chain(first, rest))

    # Terms and their numbers

    def _has_complements(self, parts: Sequence[int]) -> bool:
        """Return whether a language is among others together with its complement."""
        terms = [self._terms[part] for part in parts]
        return any(isinstance(term, Complement) and term.part in parts for term in terms)

    def _flatten(self, kind: _Joined, languages: Iterable[int]) -> dict[int, None]:
        """Return the parts of a union or an intersection, each once: (a | b) | c is a | b | c."""
        parts: dict[int, None] = {}
        for language in languages:
            term = self._terms[language]
            members = term.parts if isinstance(term, kind) else (language,)
            parts.update(dict.fromkeys(members))
        return parts

    def _join(self, kind: _Joined, parts: Sequence[int]) -> int:
        """Return the union or intersection of at least one part.

        The order of the parts does not matter: the same parts have the same number.
        """
        if len(parts) == 1:
            return parts[0]
        return self._intern((kind, frozenset(parts)), kind(tuple(parts)))

    def _number(self, term: Term) -> int:
        """Return the number of a term that is known by its fields."""
        return self._intern(term, term)

    def _intern(self, key: Hashable, term: Term) -> int:
        """Return the number of a term; a new one when its key is new.

        Raises UnsolvedError for too many terms.
        """
        number = self._numbers.get(key)
        if number is None:
            if len(self._terms) > _MAX_TERMS:
                raise UnsolvedError
            number = len(self._terms)
            self._numbers[key] = number
            self._terms.append(term)
        return number


def _allow_anything_before(path: list[Node]) -> list[Node]:
    """Return a path with what may come before it: anything, unless it is anchored at the start."""
    if is_anchored(path):
        return path
    return [ANYTHING, *path]


def _ends_string(nodes: Sequence[Node], rest: int) -> bool:
    """Return whether nothing but the end of the string can follow the place before some nodes."""
    if not nodes:
        return rest == EMPTY_TEXT
    return all(isinstance(node, Anchor) and not node.at_start for node in nodes)
