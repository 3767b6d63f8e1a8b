"""Regular expressions that come to an end: a search that takes too long is given up."""

import re
from collections.abc import Callable
from math import prod
from typing import Any

TIMEOUT_S = 0.2
MAX_PATTERN_LENGTH = 1000
MAX_REPEATS = 10_000
"""All counted repetitions of a pattern multiplied: those inside of one another are written out when it is compiled."""
_COUNTED = re.compile(r"\{([0-9]{1,9})(?:,([0-9]{0,9}))?\}|\{([0-9]{10})")
TOO_SLOW = "the pattern takes too long and was given up"
"""What is told beside a text for which a pattern took too long."""


def check_repeats(text: str) -> None:
    """Raise ValueError for a pattern that repeats so often that compiling it alone would take time and memory."""
    times = prod(
        max(1, *(int(number) for number in counted.groups() if number))
        for counted in _COUNTED.finditer(text)
    )
    if times > MAX_REPEATS:
        raise ValueError(f"the pattern repeats a part {times} times; {MAX_REPEATS} are the most")


class BoundedPattern:
    """A compiled pattern whose searches come to an end.

    A call can bring hundreds of values, so each search that was given up leaves the pattern less time for the next.
    """

    __slots__ = ("_compiled", "_given_up")

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self._given_up = 0

    def search(self, text: str) -> Any:
        """Give the first match, or None. Raises TimeoutError when that could not be told in time."""
        return self._bounded(self._compiled.search, text)

    def fullmatch(self, text: str) -> Any:
        """Give the match of the whole text, or None. Raises TimeoutError when that could not be told in time."""
        return self._bounded(self._compiled.fullmatch, text)

    def _bounded(self, look: Callable[..., Any], text: str) -> Any:
        try:
            return look(text, timeout=TIMEOUT_S / (1 + self._given_up))
        except TimeoutError:
            self._given_up = min(self._given_up * 2 + 1, 200)
            raise


class Pattern:
    """A compiled regular expression."""

    __slots__ = ("_bounded", "text")

    def __init__(self, text: str, compiled: Any) -> None:
        self.text = text
        self._bounded = BoundedPattern(compiled)

    def is_found_in(self, text: str) -> bool | None:
        """Whether the text contains a match; None when that could not be told in time."""
        try:
            return self._bounded.search(text) is not None
        except TimeoutError:
            return None

    def matches_whole(self, text: str) -> bool | None:
        """Whether the whole text is a match; None when that could not be told in time."""
        try:
            return self._bounded.fullmatch(text) is not None
        except TimeoutError:
            return None


def compile_pattern(text: str) -> Pattern:
    """Compile a regular expression in Python's syntax. Raises ValueError with what is wrong."""
    import regex  # late: most scripts have none, and it takes its time

    if len(text) > MAX_PATTERN_LENGTH:
        raise ValueError(f"the pattern is longer than {MAX_PATTERN_LENGTH} characters")
    check_repeats(text)
    try:
        return Pattern(text, regex.compile(text))
    except (regex.error, RecursionError, OverflowError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ValueError(f'"{text[:60]}" is no regular expression: {why}') from error
