"""Texts of a language, found letter by letter: each letter is one after which the text can still end where it has to.

A set of lengths is an integer whose bit `n` says that the length `n` can be.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from understudy.regexgen.char_classes import UnsolvedError
from understudy.regexgen.derivatives import Languages

_MORE = 24
"""How much longer than it has to be a text becomes, where nothing limits it."""
_SPAN = 256
"""The same, where there is a limit."""
_LONGEST = 5000
_MOST_STATES = 5000
_MOST_STEPS = 200_000
_WAYS = 4
"""Of so many ways a code can tell, or of more where there are more."""
FIRST_CODE = "0"
"""The code of the first letter; the following ones stand for the others, again and again."""


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """States of a language, its beginning first: where letters lead (maybe to several), and which may be ends."""

    ways: tuple[tuple[tuple[str, int], ...], ...]
    ends: tuple[bool, ...]
    lengths: tuple[int, ...] = ()
    """For each state the set of the lengths of what can follow."""
    steps: dict[tuple[int, int], tuple[tuple[str, int], ...]] = field(default_factory=dict)
    """What was found out: the ways that can be taken so many letters before the end."""

    def text(self, codes: str, length: int) -> str:
        """Give a text of one of the lengths of the first state. A code says what is taken; none, what is simplest.

        It tells the way and the letter apart, so that it mostly means the same when what stands before it goes: when
        a text shrinks, the letters that matter stay.
        """
        state, made = 0, []
        for left, code in zip(range(length, 0, -1), codes.ljust(length, FIRST_CODE), strict=False):
            ways = self.steps.get((state, left)) or self._step(state, left)
            place, way = divmod(
                ord(code) - ord(FIRST_CODE), _WAYS if len(ways) <= _WAYS else len(ways)
            )
            letters, state = ways[way % len(ways)]
            made.append(letters[place % len(letters)])
        return "".join(made)

    def _step(self, state: int, left: int) -> tuple[tuple[str, int], ...]:
        ways = tuple(way for way in self.ways[state] if self.lengths[way[1]] >> (left - 1) & 1)
        self.steps[state, left] = ways
        return ways


@dataclass(frozen=True, slots=True, eq=False)
class TextGenerator:
    """The texts of a language with a length within bounds, not much longer than they have to be."""

    machine: Machine
    lengths: tuple[int, ...]
    """The lengths that there are, the shortest first."""

    def generate(self, codes: str) -> str:
        """Give the text that codes stand for: of the first length for which there are no more codes than letters."""
        place = min(bisect_left(self.lengths, len(codes)), len(self.lengths) - 1)
        return self.machine.text(codes, self.lengths[place])


def build_text_generator(
    languages: Languages, language: int, least: int, most: int | None
) -> TextGenerator | None:
    """Give the texts of a language with a length within bounds; None when there are none.

    UnsolvedError: it has too many states.
    """
    states = _States(languages, language)
    while states.shortest is None and states.grow() and (most is None or states.depth <= most):
        pass
    if states.shortest is None or (most is not None and most < max(least, states.shortest)):
        return None
    shortest = max(least, states.shortest)
    longest = shortest + _MORE if most is None else min(most, shortest + _SPAN)
    while longest <= _LONGEST:
        machine = states.machine(longest)
        lengths = tuple(
            length for length in range(least, longest + 1) if machine.lengths[0] >> length & 1
        )
        if lengths:
            return TextGenerator(machine, lengths)
        # There is a text at most so much longer than `least` as there are states, if there is any.
        if longest == most or (states.whole and longest >= least + len(machine.ends)):
            return None
        longest = 2 * longest if most is None else min(most, 2 * longest)
    raise UnsolvedError


class _States:
    """The states of a language, found one letter after the other: of those further away, nothing has to be known."""

    def __init__(self, languages: Languages, language: int) -> None:
        self._languages = languages
        self._order, self._places = [language], {language: 0}
        self._ways: list[tuple[tuple[str, int], ...]] = []
        self.depth = 0
        self.shortest = 0 if languages.accepts_empty(language) else None
        """The length of the shortest text; None as long as it is not known."""

    @property
    def whole(self) -> bool:
        """Whether all states are known."""
        return len(self._ways) == len(self._order)

    def grow(self) -> bool:
        """Find the states that are one letter further away. False when there are none."""
        known = len(self._order)
        for state in self._order[len(self._ways) : known]:
            self._ways.append(tuple(self._leads(state)))
        if len(self._order) > _MOST_STATES:
            raise UnsolvedError
        self.depth += 1
        if self.shortest is None and any(map(self._languages.accepts_empty, self._order[known:])):
            self.shortest = self.depth
        return len(self._order) > known

    def machine(self, longest: int) -> Machine:
        """Give the machine for texts of at most a length."""
        while self.depth < longest and self.grow():
            pass
        rest = [()] * (len(self._order) - len(self._ways))
        return _measured(
            Machine((*self._ways, *rest), tuple(map(self._languages.accepts_empty, self._order))),
            longest,
        )

    def _leads(self, state: int) -> Iterator[tuple[str, int]]:
        found: dict[int, str] = {}
        for kind, letters in enumerate(self._languages.kinds):
            for target in self._languages.alternatives(self._languages.derivative(state, kind)):
                found[target] = found.get(target, "") + letters
        for target, letters in found.items():
            if target not in self._places:
                self._places[target] = len(self._order)
                self._order.append(target)
            yield letters, self._places[target]


def _measured(machine: Machine, longest: int) -> Machine:
    """Give a machine with the lengths of what can follow each state, none greater than `longest`."""
    mask = (1 << longest + 1) - 1
    lengths = [int(end) for end in machine.ends]
    order, steps, changed = _last_first(machine), 0, True
    while changed:
        changed = False
        for state in order:
            targets = {target for _, target in machine.ways[state]}
            found = lengths[state]
            for target in targets - {state}:
                found |= lengths[target] << 1
            if state in targets:
                found = _closed(found, longest)
            changed, lengths[state] = changed or found & mask != lengths[state], found & mask
        steps += len(order)
        if steps > _MOST_STEPS:
            raise UnsolvedError
    return Machine(machine.ways, machine.ends, tuple(lengths))


def _closed(lengths: int, longest: int) -> int:
    """Give lengths and all greater ones, up to a bound: what a state that leads to itself can be followed by."""
    step = 1
    while step <= longest:
        lengths |= lengths << step
        step *= 2
    return lengths


def _last_first(machine: Machine) -> list[int]:
    """Give the states so that one comes after those that it leads to, as far as they do not lead back."""
    found: list[int] = []
    seen = {0}
    stack = [(0, iter(machine.ways[0]))]
    while stack:
        state, rest = stack[-1]
        for _, target in rest:
            if target not in seen:
                seen.add(target)
                stack.append((target, iter(machine.ways[target])))
                break
        else:
            found.append(state)
            stack.pop()
    return found
