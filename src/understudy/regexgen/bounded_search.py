"""Searches that come to an end: a pattern such as `^(a+)+$` takes exponential time in `re`.

Most patterns cannot explode, and are searched by `re`. The others are searched by the library
`regex`, whose searches can be given up.
"""

import logging
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

log = logging.getLogger("understudy")

_VARIABLE = re.compile(r"[*+?]|\{\d+,")
_FIXED = re.compile(r"\{\d+\}|\|")
_MAX_SEARCH_S = 0.25
"""Seconds that one search may take."""
_MAX_TOTAL_S = 2.0
"""Seconds that all searches of one pattern may take before they were given up."""


class _TimedPattern(Protocol):
    def search(self, string: str, *, timeout: float) -> object: ...


@lru_cache(maxsize=512)
def compile_search(pattern: str) -> Callable[[str], bool]:
    """Return a function that returns whether a text contains a match of a Python pattern.

    A text for which the search takes too long counts as one without a match. After several of them
    the pattern is not searched any more, and no text matches it; the log says so.
    """
    if not _may_explode(pattern):
        compiled = re.compile(pattern)
        return lambda text: compiled.search(text) is not None
    import regex  # late: most patterns do not need it, and the import takes its time

    return _BoundedSearch(pattern, regex.compile(pattern))


def _may_explode(pattern: str) -> bool:
    """Return whether a search may try many ways to match the same text.

    That takes two repetitions, or one beside a choice. The estimate errs on the safe side.
    """
    variable = len(_VARIABLE.findall(pattern.removeprefix("(?a)")))
    return variable > 1 or (variable == 1 and _FIXED.search(pattern) is not None)


class _BoundedSearch:
    def __init__(self, pattern: str, compiled: _TimedPattern) -> None:
        self._pattern = pattern
        self._compiled = compiled
        self._left_s = _MAX_TOTAL_S

    def __call__(self, text: str) -> bool:
        if self._left_s <= 0:
            return False
        try:
            return self._compiled.search(text, timeout=_MAX_SEARCH_S) is not None
        except TimeoutError:
            self._left_s -= _MAX_SEARCH_S
            if self._left_s <= 0:
                log.warning("the pattern %s takes too long and was given up", self._pattern)
            return False
