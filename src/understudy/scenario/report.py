"""Collects what is wrong with one file, each problem with its place."""

from understudy.errors import InputError, Problem
from understudy.source import Source


class Report:
    """The problems of one file so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
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
        place = self.source.place(pointer, key=key)
        problem = Problem(slug, what, place, expected=expected, hint=hint, nearest=nearest)
        self._problems[problem] = None

    def line(self, pointer: str) -> int:
        """Give the line of a node."""
        return self.source.place(pointer).line

    def close(self) -> None:
        """Raise InputError with every problem, in the order of the file, if there is any."""
        if self._problems:
            raise InputError(sorted(self._problems, key=_position))


def _position(problem: Problem) -> tuple[int, int]:
    return (problem.place.line, problem.place.column) if problem.place else (0, 0)


def escape(token: str) -> str:
    """Write a key as a token of a JSON pointer (RFC 6901, section 3)."""
    return token.replace("~", "~0").replace("/", "~1")
