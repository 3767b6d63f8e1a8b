"""The terms that languages are written in. `derivatives` numbers them, and computes with them.

A language is the number of its term; the terms inside of a term are numbers too.
"""

from dataclasses import dataclass

from understudy.regexgen.pattern_ast import Node

NO_TEXTS, EMPTY_TEXT, ALL_TEXTS = range(3)
"""The languages of no string, of the empty string alone, and of all strings."""


@dataclass(frozen=True, slots=True)
class Constant:
    """One of the three languages above."""

    number: int


@dataclass(frozen=True, slots=True)
class FirstLetter:
    """The strings of one character of some kinds, then a string of `rest`."""

    kinds: frozenset[int]
    rest: int


@dataclass(frozen=True, slots=True)
class Intersection:
    """The strings that belong to each of several languages."""

    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Union:
    """The strings that belong to at least one of several languages."""

    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Complement:
    """The strings that do not belong to a language."""

    part: int


@dataclass(frozen=True, slots=True)
class Chain:
    """The strings of `first`, each followed by a string of `rest`."""

    first: int
    rest: int


@dataclass(frozen=True, slots=True)
class Loop:
    """What a node matches, `min_count` to `max_count` times, then a string of `rest`.

    A term of its own, so that a repetition of thousands of times is written out only as far as
    strings are generated.
    """

    node: Node
    min_count: int
    max_count: int | None
    """None: without limit."""
    rest: int

    def after_first_time(self) -> "Loop":
        """Return what is left of the loop when its node has matched once."""
        remaining = None
        if self.max_count is not None:
            remaining = self.max_count - 1
        return Loop(self.node, max(self.min_count - 1, 0), remaining, self.rest)


Term = Constant | FirstLetter | Intersection | Union | Complement | Chain | Loop
