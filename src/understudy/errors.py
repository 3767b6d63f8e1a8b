"""What is wrong with an input of ours, as data; the sentence is made last.

A peer's broken message is never one of these: that is a Violation, a value that is returned.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file. Lines and columns count from 1; 0 means that it is not known."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input: what, where, what was expected, how to fix it, the nearest name."""

    slug: str
    """Stable kind, for tests and tools: `unknown-key`."""
    message: str
    """What was found, as a sentence without its full stop."""
    place: Place | None = None
    expected: str = ""
    hint: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}." if self.place else f"{self.message}."
        if self.expected:
            text += f" Expected {self.expected}."
        if self.nearest:
            text += f' Did you mean "{self.nearest}"?'
        if self.hint:
            text += f" {self.hint}"
        return text


class InputError(Exception):
    """An input of ours cannot be used. Carries every problem that was found in it, not only the first."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PlaceLookup(Protocol):
    """Something that knows where its nodes were written: a file, or a document of several layers."""

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Give the place of the node at a JSON pointer; with `key`, of its name."""
        ...


class ProblemReport:
    """Collects what is wrong with an input, each problem with its place, so that all of it is told at once."""

    def __init__(self, source: PlaceLookup) -> None:
        self._source = source
        self._problems: dict[Problem, None] = {}
        """Each once: an alias, say, leads to the same place twice."""

    def add(
        self,
        slug: str,
        what: str,
        pointer: str,
        *,
        key: bool = False,
        expected: str = "",
        hint: str = "",
        nearest: str = "",
    ) -> None:
        """Note a problem at a JSON pointer; with `key`, at the name rather than at the value."""
        place = self._source.place(pointer, key=key)
        self._problems[
            Problem(slug, what, place, expected=expected, hint=hint, nearest=nearest)
        ] = None

    def line(self, pointer: str) -> int:
        """Give the line of a node."""
        return self._source.place(pointer).line

    def raise_if_any(self) -> None:
        """Raise InputError with every problem, in the order of the lines, if there is any."""
        if self._problems:
            raise InputError(sorted(self._problems, key=_position))


def _position(problem: Problem) -> tuple[str, int, int]:
    place = problem.place
    return (place.file, place.line, place.column) if place else ("", 0, 0)


class MissingExtraError(Exception):
    """A feature needs a library that is not installed. Names the extra that brings it."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs an optional library. Install it with: pip install 'understudy[{extra}]'"
        )


def nearest_name(word: str, candidates: Iterable[str]) -> str:
    """Give the candidate that is most like `word`, or an empty string when none is near.

    Case is ignored first, so that `RetryTask` finds `retryTask`.
    """
    names: Sequence[str] = list(candidates)
    folded = {name.casefold(): name for name in names}
    close = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else ""
