"""Texts of a language, found letter by letter: each letter is one after which the text can still end where it has to.

A set of lengths is an integer whose bit `n` says that the length `n` can be.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

from hypothesis import strategies as st

from understudy.strategies.drawing import Unshown
from understudy.strategies.languages import NOTHING, Languages
from understudy.strategies.letters import UnsolvedError

_MORE = 24
"""How much longer than it has to be a text becomes, where nothing limits it."""
_LONGEST = 5000
_MOST_STATES = 2000
_MOST_STEPS = 200_000
_EVEN = 256
_FIRST = "0"
_CODES = st.characters(min_codepoint=ord(_FIRST), max_codepoint=ord(_FIRST) + 4095)
"""What is drawn for a letter, the simplest first: each of the first 256, which Hypothesis draws most, as often."""


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """States of a language, the first one its beginning: where each kind of letters leads, and which may be the end."""

    ways: tuple[tuple[tuple[str, int], ...], ...]
    ends: tuple[bool, ...]
    lengths: tuple[int, ...] = ()
    """For each state the set of the lengths of what can follow."""
    steps: dict[tuple[int, int], tuple[str, dict[str, int]]] = field(default_factory=dict)
    """What was found out: the letters that can be taken so many letters before the end, and where each leads."""

    def text(self, codes: str, length: int) -> str:
        """Give a text of one of the lengths of the first state. A code says which letter is taken; none, the first."""
        state, made = 0, []
        for left, code in zip(range(length, 0, -1), codes.ljust(length, _FIRST), strict=False):
            letters, targets = self.steps.get((state, left)) or self._step(state, left)
            letter = letters[(ord(code) - ord(_FIRST)) % len(letters)]
            state = targets[letter]
            made.append(letter)
        return "".join(made)

    def _step(self, state: int, left: int) -> tuple[str, dict[str, int]]:
        ways = [(letters, target) for letters, target in self.ways[state] if self.lengths[target] >> (left - 1) & 1]
        # Each way on comes about as often as the others, however many letters lead there.
        most = min(max(len(letters) for letters, _ in ways), _EVEN // len(ways))
        letters = "".join(letters * max(1, most // len(letters)) for letters, _ in ways)
        self.steps[state, left] = letters, {letter: target for letters, target in ways for letter in letters}
        return self.steps[state, left]


def drawn(languages: Languages, language: int, least: int, most: int | None) -> st.SearchStrategy[str]:
    """Give the texts of a language with a length within bounds; nothing() when there are none.

    UnsolvedError: it has too many states.
    """
    machine = _machine(languages, language)
    shortest = _shortest(machine)
    if shortest is None or (most is not None and most < max(least, shortest)):
        return st.nothing()
    # There is a text at most so much longer than `least` as there are states, if there is any.
    bounds = [max(least, shortest) + _MORE, least + len(machine.ends) + _MORE]
    for longest in bounds if most is None or most > _LONGEST else [most]:
        if longest > _LONGEST:
            raise UnsolvedError
        solved = _measured(machine, longest)
        lengths = [length for length in range(least, longest + 1) if solved.lengths[0] >> length & 1]
        if lengths:
            return _texts(solved, lengths)
    return st.nothing()


def _texts(machine: Machine, lengths: list[int]) -> st.SearchStrategy[str]:
    # One text is drawn and told in the letters of the language: it shrinks as a text does.
    told = Unshown((machine, lengths))
    return st.text(_CODES, min_size=lengths[0], max_size=lengths[-1]).map(lambda codes: _spelt(told, codes))


def _spelt(told: Unshown[tuple[Machine, list[int]]], codes: str) -> str:
    machine, lengths = told.value
    return machine.text(codes, lengths[bisect_left(lengths, len(codes))])


def _machine(languages: Languages, language: int) -> Machine:
    order, places = [language], {language: 0}
    ways: list[tuple[tuple[str, int], ...]] = []
    for state in order:  # which grows meanwhile
        found: dict[int, str] = {}
        for kind, letters in enumerate(languages.kinds):
            target = languages.after(state, kind)
            if target != NOTHING:
                found[target] = found.get(target, "") + letters
        for target in found:
            if target not in places:
                places[target] = len(order)
                order.append(target)
        if len(order) > _MOST_STATES:
            raise UnsolvedError
        ways.append(tuple((letters, places[target]) for target, letters in found.items()))
    return Machine(tuple(ways), tuple(map(languages.has_empty, order)))


def _shortest(machine: Machine) -> int | None:
    """Give the length of the shortest text."""
    seen, layer, length = {0}, [0], 0
    while layer:
        if any(machine.ends[state] for state in layer):
            return length
        layer = list(dict.fromkeys(target for state in layer for _, target in machine.ways[state]))
        layer = [state for state in layer if state not in seen]
        seen.update(layer)
        length += 1
    return None


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
