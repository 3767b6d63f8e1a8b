"""Regular expressions with a bound: a search that takes too long is given up.

The library `regex` stands behind this module; it is imported when the first pattern is compiled.
"""

import re
from collections.abc import Callable
from typing import Protocol

TIMEOUT_S = 0.2
"""How long the first search of a pattern may take."""
MAX_PATTERN_LENGTH = 1000
"""How many characters a pattern may have."""
MAX_REPEATS = 10_000
"""The product of a pattern's counted repetitions: nested ones are multiplied when compiled."""
TOO_SLOW = "the pattern takes too long and was given up"
"""The note beside a text for which a pattern took too long."""
_COUNTED = re.compile(r"\{([0-9]{1,9})(?:,([0-9]{0,9}))?\}|\{([0-9]{10})")
_MAX_GIVEN_UP = 200


class CompiledPattern(Protocol):
    """The part of `regex.Pattern` that is used here: searches that take a timeout in seconds."""

    def search(self, string: str, *, timeout: float) -> object:
        """Return the first match, or None."""
        ...

    def fullmatch(self, string: str, *, timeout: float) -> object:
        """Return the match of the whole text, or None."""
        ...


def check_repeats(text: str) -> None:
    """Raise ValueError for a pattern whose compilation alone would take much time and memory."""
    times = 1
    for counted in _COUNTED.finditer(text):
        bounds = [int(number) for number in counted.groups() if number]
        times *= max([1, *bounds])
    if times > MAX_REPEATS:
        raise ValueError(f"the pattern repeats a part {times} times; {MAX_REPEATS} are the most")


class BoundedPattern:
    """A compiled pattern whose searches come to an end.

    One call can bring hundreds of values. So each search that was given up leaves the pattern less
    time for the next one.
    """

    __slots__ = ("_compiled", "_given_up")

    def __init__(self, compiled: CompiledPattern) -> None:
        self._compiled = compiled
        self._given_up = 0

    def search(self, text: str) -> object:
        """Return the first match, or None. Raise TimeoutError when the search takes too long."""
        return self._run(self._compiled.search, text)

    def fullmatch(self, text: str) -> object:
        """Return the match of the whole text, or None. Raise TimeoutError as `search` does."""
        return self._run(self._compiled.fullmatch, text)

    def _run(self, search: Callable[..., object], text: str) -> object:
        try:
            return search(text, timeout=TIMEOUT_S / (1 + self._given_up))
        except TimeoutError:
            self._given_up = min(self._given_up * 2 + 1, _MAX_GIVEN_UP)
            raise


class Pattern:
    """A regular expression of a rule."""

    __slots__ = ("_bounded", "text")

    def __init__(self, text: str, compiled: CompiledPattern) -> None:
        self.text = text
        """The expression as it was written."""
        self._bounded = BoundedPattern(compiled)

    def is_found_in(self, text: str) -> bool | None:
        """Return whether the text contains a match; None when the search takes too long."""
        try:
            return self._bounded.search(text) is not None
        except TimeoutError:
            return None

    def matches_whole(self, text: str) -> bool | None:
        """Return whether the whole text is a match; None when the search takes too long."""
        try:
            return self._bounded.fullmatch(text) is not None
        except TimeoutError:
            return None


def compile_pattern(text: str) -> Pattern:
    """Compile a regular expression in Python's syntax. Raise ValueError with what is wrong."""
    import regex  # late: most rules have no pattern, and the import takes its time

    if len(text) > MAX_PATTERN_LENGTH:
        raise ValueError(f"the pattern is longer than {MAX_PATTERN_LENGTH} characters")
    check_repeats(text)
    try:
        return Pattern(text, regex.compile(text))
    except RecursionError as error:
        raise ValueError(_describe_invalid(text, "it is nested too deep")) from error
    except (regex.error, OverflowError) as error:
        raise ValueError(_describe_invalid(text, str(error))) from error


def _describe_invalid(text: str, reason: str) -> str:
    return f'"{text[:60]}" is not a regular expression: {reason}'
