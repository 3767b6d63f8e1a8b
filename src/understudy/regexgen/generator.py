"""Generates the strings of a language, letter by letter.

Each letter is one after which the string can still end where it has to. A set of lengths is an
integer whose bit `n` says that the length `n` is possible.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from understudy.regexgen.char_classes import UnsolvedError
from understudy.regexgen.derivatives import Languages

_EXTRA_LENGTH = 24
"""How much longer than necessary a string becomes, where nothing limits its length."""
_LENGTH_SPAN = 256
"""The same, where there is a limit."""
_MAX_LENGTH = 20_480
_MAX_STATES = 5000
_MAX_STEPS = 200_000
"""How often a state's lengths are computed before the automaton counts as too large."""
_MIN_EDGE_CODES = 4
"""A code selects among this many edges, or among more where a state has more."""
FIRST_CODE = "0"
"""The code of the first letter; the characters after it are the codes of the others, again and
again.
"""

Edge = tuple[str, int]
"""Letters, and the number of the state that each of them leads to."""


@dataclass(frozen=True, slots=True, eq=False)
class Automaton:
    """The states of a language by number, its initial state first."""

    edges: tuple[tuple[Edge, ...], ...]
    """By state. The same letter may lead to several states."""
    accepting: tuple[bool, ...]
    """By state: whether a string may end there."""
    lengths: tuple[int, ...] = ()
    """By state: the set of the lengths of what can follow."""
    usable_edges: dict[tuple[int, int], tuple[Edge, ...]] = field(default_factory=dict)
    """A cache: by state and number of letters before the end, the edges from which the end can
    be reached.
    """

    def generate(self, codes: str, length: int) -> str:
        """Return a string of one of the lengths of the initial state.

        Each code selects the edge and the letter; without a code, the simplest is taken. A code
        mostly keeps its meaning when codes before it are removed: when Hypothesis shrinks a string,
        the letters that matter stay.
        """
        state = 0
        letters: list[str] = []
        padded = codes.ljust(length, FIRST_CODE)
        for remaining, code in zip(range(length, 0, -1), padded, strict=False):
            edges = self.usable_edges.get((state, remaining)) or self._find_edges(state, remaining)
            letter_index, edge_index = divmod(
                ord(code) - ord(FIRST_CODE), max(_MIN_EDGE_CODES, len(edges))
            )
            choices, state = edges[edge_index % len(edges)]
            letters.append(choices[letter_index % len(choices)])
        return "".join(letters)

    def _find_edges(self, state: int, remaining: int) -> tuple[Edge, ...]:
        """Return the edges after which the string can still have its length, and cache them."""
        usable = tuple(
            (letters, target)
            for letters, target in self.edges[state]
            if self.lengths[target] >> (remaining - 1) & 1
        )
        self.usable_edges[state, remaining] = usable
        return usable


@dataclass(frozen=True, slots=True, eq=False)
class TextGenerator:
    """Generates strings of a language, not much longer than necessary."""

    automaton: Automaton
    lengths: tuple[int, ...]
    """The possible lengths, the shortest first."""

    def generate(self, codes: str) -> str:
        """Return the string that codes select.

        It has the shortest possible length that has room for all codes.
        """
        index = min(bisect_left(self.lengths, len(codes)), len(self.lengths) - 1)
        return self.automaton.generate(codes, self.lengths[index])


def build_text_generator(
    languages: Languages, language: int, min_length: int, max_length: int | None
) -> TextGenerator | None:
    """Return the generator of a language's strings with a length within bounds.

    None when there is no such string. Raises UnsolvedError when the language has too many states.
    """
    states = _States(languages, language)
    shortest = states.find_shortest(max_length)
    if shortest is None:
        return None
    shortest = max(min_length, shortest)
    if max_length is not None and max_length < shortest:
        return None
    if max_length is None:
        longest = shortest + _EXTRA_LENGTH
    else:
        longest = min(max_length, shortest + _LENGTH_SPAN)
    while longest <= _MAX_LENGTH:
        automaton = states.build_automaton(longest)
        possible = automaton.lengths[0]
        lengths = tuple(n for n in range(min_length, longest + 1) if possible >> n & 1)
        if lengths:
            return TextGenerator(automaton, lengths)
        # If there is a longer string at all, one is longer than `min_length` by at most the number
        # of states.
        is_exhausted = states.complete and longest >= min_length + len(automaton.accepting)
        if longest == max_length or is_exhausted:
            return None
        longest *= 2
        if max_length is not None:
            longest = min(longest, max_length)
    raise UnsolvedError


class _States:
    """The states of a language, found breadth first.

    States that are too far away to be needed are never computed.
    """

    def __init__(self, languages: Languages, language: int) -> None:
        self._languages = languages
        self._order = [language]
        self._numbers = {language: 0}
        self._edges: list[tuple[Edge, ...]] = []
        self._depth = 0
        self._shortest: int | None = None
        """The length of the shortest string; None as long as it is not known."""
        if languages.accepts_empty(language):
            self._shortest = 0

    @property
    def complete(self) -> bool:
        """Whether all states are known."""
        return len(self._edges) == len(self._order)

    def find_shortest(self, max_length: int | None) -> int | None:
        """Return the length of the shortest string.

        None when there is none, or none up to `max_length`.
        """
        while self._shortest is None and self._grow():
            if max_length is not None and self._depth > max_length:
                break
        return self._shortest

    def build_automaton(self, longest: int) -> Automaton:
        """Return the automaton for strings up to a length."""
        while self._depth < longest and self._grow():
            pass
        unexplored = [()] * (len(self._order) - len(self._edges))
        accepting = tuple(map(self._languages.accepts_empty, self._order))
        return _with_lengths(Automaton((*self._edges, *unexplored), accepting), longest)

    def _grow(self) -> bool:
        """Find the states that are one letter further away. Return False when there are none.

        Raises UnsolvedError when there are too many states.
        """
        known = len(self._order)
        for state in self._order[len(self._edges) : known]:
            self._edges.append(tuple(self._list_edges(state)))
        if len(self._order) > _MAX_STATES:
            raise UnsolvedError
        self._depth += 1
        new_states = self._order[known:]
        if self._shortest is None and any(map(self._languages.accepts_empty, new_states)):
            self._shortest = self._depth
        return bool(new_states)

    def _list_edges(self, state: int) -> Iterator[Edge]:
        """Yield the edges of a state, and number the states that they lead to."""
        letters_by_target: dict[int, str] = {}
        for kind, letters in enumerate(self._languages.kinds):
            following = self._languages.derivative(state, kind)
            for target in self._languages.alternatives(following):
                letters_by_target[target] = letters_by_target.get(target, "") + letters
        for target, letters in letters_by_target.items():
            if target not in self._numbers:
                self._numbers[target] = len(self._order)
                self._order.append(target)
            yield letters, self._numbers[target]


def _with_lengths(automaton: Automaton, longest: int) -> Automaton:
    """Return the automaton with the lengths of what can follow each state, up to `longest`.

    The lengths are the least fixed point: computed again and again until nothing changes. Raises
    UnsolvedError when that takes too many steps.
    """
    mask = (1 << longest + 1) - 1
    lengths = [int(accepts) for accepts in automaton.accepting]
    order = _last_first(automaton)
    steps = 0
    changed = True
    while changed:
        changed = False
        for state in order:
            following = _lengths_of(automaton, state, lengths, longest) & mask
            changed = changed or following != lengths[state]
            lengths[state] = following
        steps += len(order)
        if steps > _MAX_STEPS:
            raise UnsolvedError
    return Automaton(automaton.edges, automaton.accepting, tuple(lengths))


def _lengths_of(automaton: Automaton, state: int, lengths: list[int], longest: int) -> int:
    """Return the lengths of what can follow one state, from those of its target states.

    A string that takes an edge is longer by one than what follows its target.
    """
    following = lengths[state]
    targets = {target for _, target in automaton.edges[state]}
    for target in targets - {state}:
        following |= lengths[target] << 1
    if state in targets:
        following = _with_greater(following, longest)
    return following


def _with_greater(lengths: int, longest: int) -> int:
    """Return lengths and all greater ones up to a bound.

    This is what can follow a state that leads to itself.
    """
    step = 1
    while step <= longest:
        lengths |= lengths << step
        step *= 2
    return lengths


def _last_first(automaton: Automaton) -> list[int]:
    """Return the states in postorder.

    Each comes after those that it leads to, except where these lead back to it.
    """
    order: list[int] = []
    seen = {0}
    stack = [(0, iter(automaton.edges[0]))]
    while stack:
        state, edges = stack[-1]
        for _, target in edges:
            if target not in seen:
                seen.add(target)
                stack.append((target, iter(automaton.edges[target])))
                break
        else:
            order.append(state)
            stack.pop()
    return order
