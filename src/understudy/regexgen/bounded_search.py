"""Searches that come to an end: a pattern such as `^(a+)+$` takes exponential time in `re`.

Patterns that cannot explode are searched by `re`, as long as the text is short: a search for `a*b`
begins at each letter anew, which takes the square of the length. The others are searched by the
library `regex`, whose searches can be given up.
"""

import logging
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

log = logging.getLogger("understudy")

_VARIABLE = re.compile(r"[*+?]|\{\d+,")
_FIXED = re.compile(r"\{\d+\}|\|")
_COUNT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_MAX_SHORT = 1000
"""The characters of a text that `re` searches even for a repetition of varying length."""
_MAX_SEARCH_S = 0.25
"""Seconds that the first search of a pattern may take."""
_MIN_SEARCH_S = 0.001
"""Seconds that each search may take, however many were given up before."""
MAX_REPEATED = 500_000
"""How often counted repetitions, one inside of another, may repeat a part: memory of the search."""


class _TimedPattern(Protocol):
    def search(self, string: str, *, timeout: float) -> object: ...


@lru_cache(maxsize=512)
def compile_search(pattern: str) -> Callable[[str], bool]:
    """Return a function that returns whether a text contains a match of a Python pattern.

    A text for which the search takes too long counts as one without a match; the log says so for
    the first one. Each of them leaves the pattern less time for the next one.
    """
    variable = count_variable(pattern)
    compiled = re.compile(pattern)
    if not variable:
        return lambda text: compiled.search(text) is not None
    bounded = _BoundedSearch(pattern)
    if variable > 1 or _FIXED.search(pattern) is not None:
        return bounded

    def search(text: str) -> bool:
        if len(text) > _MAX_SHORT:
            return bounded(text)
        return compiled.search(text) is not None

    return search


def count_variable(pattern: str) -> int:
    """Return the number of repetitions of varying length; the estimate errs on the safe side.

    With two of them, or one beside a choice, a search may try many ways to match the same text.
    """
    return len(_VARIABLE.findall(pattern.removeprefix("(?a)")))


def repeats_too_often(pattern: str) -> bool:
    """Return whether counted repetitions inside of one another repeat a part too often.

    Libraries write such a pattern out before they search: `((a{99}){99}){99}` has a million parts.
    """
    counts = [max(1, int(last or first)) for first, last in _COUNT.findall(pattern)]
    return len(counts) > 1 and _multiply_nested(pattern) > MAX_REPEATED


def _multiply_nested(pattern: str) -> int:
    """Return the largest product of counts of repetitions that contain one another."""
    # Of each open group, innermost last, the largest product inside.
    inside = [1]
    closed = 1
    for symbol in re.finditer(
        r"\\.|\[(?:\\.|[^\]\\])*+\]|\(|\)|\{(\d{1,9})(?:,(\d{0,9}))?\}|.", pattern, re.DOTALL
    ):
        match symbol[0]:
            case "(":
                inside.append(1)
                closed = 1
            case ")":
                closed = inside.pop() if len(inside) > 1 else 1
                inside[-1] = max(inside[-1], closed)
            case _ if symbol[1] is not None:
                times = max(1, int(symbol[1]), int(symbol[2] or 0))
                inside[-1] = max(inside[-1], closed * times)
                closed *= times
            case _:
                closed = 1
    return max(inside)


class _BoundedSearch:
    """A search with a bound on its time; the library is imported for the first one."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._compiled: _TimedPattern | None = None
        self._given_up = 0

    def __call__(self, text: str) -> bool:
        if self._compiled is None:
            import regex  # late: most patterns do not need it, and the import takes its time

            self._compiled = regex.compile(self._pattern)
        timeout = max(_MIN_SEARCH_S, _MAX_SEARCH_S / (1 + self._given_up))
        try:
            return self._compiled.search(text, timeout=timeout) is not None
        except TimeoutError:
            if not self._given_up:
                log.warning(
                    "the pattern %s takes too long on a text of %d characters: the text counts as "
                    "one that does not match",
                    self._pattern.removeprefix("(?a)").replace(r"\Z", "$")[:200],
                    len(text),
                )
            self._given_up = self._given_up * 2 + 1
            return False
