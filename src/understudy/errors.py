"""Errors in the tool's own input, as data: what is wrong, where, what was expected, how to fix it.

The sentence is made last, by `str`. A peer's broken message is not one of these: it is a
`Violation`, a value that is returned.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

_MAX_NAME = 200
"""Characters of a name that is compared: the work grows with their square."""
_MAX_COMPARISONS = 20_000
"""Pairs of names that are compared for one report."""
MAX_PROBLEMS = 1000
"""Problems that a report lists; the others are counted."""
_MIN_SIMILARITY = 0.6
"""Ratio of `difflib` from which two names count as alike; its own default."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file. Lines and columns count from 1; 0 means unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        text = self.file
        for number in (self.line, self.column):
            if number:
                text += f":{number}"
        return text


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of an input: what is wrong, where, what was expected, how to fix it."""

    slug: str
    """Stable id of the kind, for tests and tools: `unknown-key`."""
    message: str
    """What is wrong, as a sentence without its full stop."""
    place: Place | None = None
    """Where it is wrong; None when the input is not a file."""
    expected: str = ""
    """What would be right: `a number`."""
    hint: str = ""
    """How to fix it, as a whole sentence."""
    nearest: str = ""
    """The known name that is most like the unknown one."""

    def __str__(self) -> str:
        text = f"{self.message}."
        if self.place:
            text = f"{self.place}: {text}"
        if self.expected:
            text += f" Expected {self.expected}."
        if self.nearest:
            text += f' Did you mean "{self.nearest}"?'
        if self.hint:
            text += f" {self.hint}"
        return text


class InputError(Exception):
    """An input of the tool cannot be used.

    `problems` holds all of its problems, not only the first.
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        if isinstance(problems, Problem):
            problems = (problems,)
        self.problems: tuple[Problem, ...] = tuple(problems)
        lines = [str(problem) for problem in self.problems]
        super().__init__("\n".join(lines))


class PlaceLookup(Protocol):
    """A source that knows the place of its nodes: a file, or a document of several layers."""

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Return the place of the node at a JSON pointer; with `key`, the place of its name."""
        ...


class ProblemReport:
    """A collector of problems, each with its place, so that the user sees all of them at once."""

    def __init__(self, source: PlaceLookup, max_problems: int = MAX_PROBLEMS) -> None:
        self._source = source
        self._max_problems = max_problems
        # A dict, not a list: two aliases of one YAML node lead to the same problem at the same
        # place.
        self._problems: dict[Problem, None] = {}
        self._omitted = 0
        self._comparisons = 0

    def find_nearest(self, word: str, candidates: Collection[str]) -> str:
        """Return what the function `nearest_name` does, as long as there are few names to compare.

        A file may have thousands of wrong names and as many known ones. The first wrong name is
        compared in any case.
        """
        is_first = self._comparisons == 0
        self._comparisons += len(candidates)
        if self._comparisons > _MAX_COMPARISONS and not is_first:
            return ""
        return nearest_name(word, candidates)

    def add(
        self,
        slug: str,
        message: str,
        pointer: str,
        *,
        key: bool = False,
        expected: str = "",
        hint: str = "",
        nearest: str = "",
    ) -> None:
        """Add a problem at a JSON pointer; with `key`, at the name rather than at the value."""
        place = self._source.place(pointer, key=key)
        problem = Problem(slug, message, place, expected=expected, hint=hint, nearest=nearest)
        self.extend([problem])

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add problems that were described elsewhere."""
        for problem in problems:
            if len(self._problems) < self._max_problems or problem in self._problems:
                self._problems[problem] = None
            else:
                self._omitted += 1

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The first problems, in the order of their places; the last one counts the others."""
        ordered = sorted(self._problems, key=_sort_key)
        if self._omitted:
            message = f"{self._omitted} more problems are not listed"
            ordered.append(Problem("more-problems", message, ordered[-1].place))
        return tuple(ordered)

    def line(self, pointer: str) -> int:
        """Return the line of the node at a JSON pointer."""
        return self._source.place(pointer).line

    @property
    def has_problems(self) -> bool:
        """Whether a problem was added."""
        return bool(self._problems)

    def raise_if_any(self) -> None:
        """Raise InputError with all problems in the order of their places, if there are any."""
        if self._problems:
            raise InputError(self.problems)


def _sort_key(problem: Problem) -> tuple[str, int, int]:
    place = problem.place
    if place is None:
        return ("", 0, 0)
    return (place.file, place.line, place.column)


class MissingExtraError(Exception):
    """A feature needs a library that is not installed.

    The text names the extra that installs it.
    """

    def __init__(self, feature: str, extra: str) -> None:
        command = f"pip install 'understudy[{extra}]'"
        super().__init__(f"{feature} needs an optional library. Install it with: {command}")


def nearest_name(word: str, candidates: Iterable[str]) -> str:
    """Return the candidate that is most like `word`, or an empty string when none is near.

    The comparison ignores case, so that `RetryTask` finds `retryTask`. Very long names are left
    out. For the names of a file, use `ProblemReport.find_nearest`.
    """
    if len(word) > _MAX_NAME:
        return ""
    folded = {name.casefold(): name for name in candidates if len(name) <= _MAX_NAME}
    close = get_close_matches(word.casefold(), folded, n=1, cutoff=_MIN_SIMILARITY)
    if not close:
        return ""
    return folded[close[0]]
