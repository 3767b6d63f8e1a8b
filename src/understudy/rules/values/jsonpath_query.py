"""JSONPath (RFC 9535), by a library that is imported when a script has one."""

import re
from functools import cache, lru_cache
from typing import Any

from understudy.rules.values.bounded_regex import BoundedPattern, check_repeats

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\"""")
MAX_NODES = 1000
MAX_PATH_LENGTH = 1000


class JsonPath:
    """A compiled path."""

    __slots__ = ("_compiled", "text")

    def __init__(self, text: str, compiled: Any) -> None:
        self.text = text
        self._compiled = compiled

    def select(self, value: Any) -> list[Any]:
        """Give what the path selects, the first thousand at most; nothing where it cannot be followed."""
        from jsonpath import JSONPathError

        if isinstance(value, str):  # the library would read it as JSON
            return [value] if self.text == "$" else []
        found: list[Any] = []
        try:
            for match in self._compiled.finditer(value):
                found.append(match.obj)
                if len(found) == MAX_NODES:
                    break
        except (JSONPathError, RecursionError, ValueError):
            return []
        return found


def compile_jsonpath(text: str) -> JsonPath:
    """Compile a path. Raises ValueError with what is wrong."""
    if len(text) > MAX_PATH_LENGTH:
        raise ValueError(f"the path is longer than {MAX_PATH_LENGTH} characters")
    if not text.startswith("$"):
        raise ValueError(f'"{text[:60]}" is no JSONPath: it does not start with $')
    # Each of these goes through the whole value: one inside of another takes for ever with a large one.
    bare = _QUOTED.sub("", text)
    if bare.count("..") + bare.count("$", 1) > 1:
        raise ValueError(
            f'"{text[:60]}" looks through the whole value more than once (with .. or a second $)'
        )
    from jsonpath import JSONPathError

    try:
        return JsonPath(text, _environment().compile(text))
    except (JSONPathError, RecursionError, ValueError, OverflowError) as error:
        why = str(error.args[0]) if error.args else "it cannot be read"
        raise ValueError(f'"{text[:60]}" is no JSONPath: {why}') from error


@cache
def _environment() -> Any:
    from jsonpath import JSONPathEnvironment
    from jsonpath.function_extensions import Match, Search

    # The library's own functions search without a bound; an abstract class of theirs asks for inheritance.
    class BoundedSearch(Search):
        def check_cache(self, pattern: str) -> Any:
            check_repeats(pattern)
            found = super().check_cache(pattern)
            return None if found is None else _bounded(found)

    class BoundedMatch(Match):
        def check_cache(self, pattern: str) -> Any:
            check_repeats(pattern)
            found = super().check_cache(pattern)
            return None if found is None else _bounded(found)

    environment = JSONPathEnvironment(strict=True)
    environment.function_extensions["search"] = BoundedSearch(thread_safe=True)
    environment.function_extensions["match"] = BoundedMatch(thread_safe=True)
    return environment


@lru_cache(maxsize=500)
def _bounded(pattern: Any) -> "_Bounded":
    """Give the one bound of a pattern: each search that was given up leaves less time for the next."""
    return _Bounded(pattern)


class _Bounded:
    """A pattern in a path; what takes too long is no match."""

    def __init__(self, pattern: Any) -> None:
        self._pattern = BoundedPattern(pattern)

    def search(self, text: str) -> Any:
        try:
            return self._pattern.search(text)
        except TimeoutError:
            return None

    def fullmatch(self, text: str) -> Any:
        try:
            return self._pattern.fullmatch(text)
        except TimeoutError:
            return None
