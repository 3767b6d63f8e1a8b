"""JSONPath queries (RFC 9535) with bounds on their length, their results and their patterns.

The library `jsonpath` stands behind this module; it is imported when the first query is compiled.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from understudy.messages import Json
from understudy.rules.values.bounded_regex import BoundedPattern, check_repeats

if TYPE_CHECKING:  # the library is imported with the first query
    from jsonpath import JSONPathEnvironment

MAX_NODES = 1000
"""How many nodes a query selects at most."""
MAX_PATH_LENGTH = 1000
"""How many characters a query may have."""
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\"""")


class _Match(Protocol):
    """The part of the library's match that is used here."""

    @property
    def obj(self) -> Any: ...


class _CompiledQuery(Protocol):
    """The part of the library's compiled query that is used here."""

    def finditer(self, data: Any) -> Iterable[_Match]: ...


class JsonPath:
    """A compiled JSONPath query."""

    __slots__ = ("_compiled", "text")

    def __init__(self, text: str, compiled: _CompiledQuery) -> None:
        self.text = text
        """The query as it was written."""
        self._compiled = compiled

    def select(self, value: Json) -> list[Json]:
        """Return the nodes that the query selects, at most `MAX_NODES`.

        A query that fails on this value, because the value is nested too deep, say, selects
        nothing.
        """
        from jsonpath import JSONPathError

        if isinstance(value, str):  # the library would parse a text as JSON
            if self.text == "$":
                return [value]
            return []
        nodes: list[Json] = []
        try:
            for match in self._compiled.finditer(value):
                nodes.append(match.obj)
                if len(nodes) == MAX_NODES:
                    break
        except (JSONPathError, RecursionError, ValueError):
            return []
        return nodes


def compile_jsonpath(text: str) -> JsonPath:
    """Compile a JSONPath query. Raise ValueError with what is wrong."""
    _check_bounds(text)
    from jsonpath import JSONPathError

    try:
        compiled = _build_environment().compile(text)
    except (JSONPathError, RecursionError, ValueError, OverflowError) as error:
        reason = str(error.args[0]) if error.args else "it cannot be parsed"
        raise ValueError(f'"{text[:60]}" is not a JSONPath: {reason}') from error
    return JsonPath(text, compiled)


def _check_bounds(text: str) -> None:
    if len(text) > MAX_PATH_LENGTH:
        raise ValueError(f"the path is longer than {MAX_PATH_LENGTH} characters")
    if not text.startswith("$"):
        raise ValueError(f'"{text[:60]}" is not a JSONPath: it does not start with $')
    # Each `..` and each further `$` visits the whole value. One inside of another takes a time
    # that grows with the square of the value's size.
    unquoted = _QUOTED.sub("", text)
    visits = unquoted.count("..") + unquoted.count("$", 1)
    if visits > 1:
        raise ValueError(
            f'"{text[:60]}" visits the whole value more than once (with .. or a second $)'
        )


@cache
def _build_environment() -> "JSONPathEnvironment":
    """Build the library's environment, with bounded versions of its functions that search."""
    from jsonpath import JSONPathEnvironment
    from jsonpath.function_extensions import Match, Search

    # The library's own `search` and `match` have no bound; its abstract class asks for inheritance.
    class BoundedSearch(Search):
        def check_cache(self, pattern: str) -> Any:
            check_repeats(pattern)
            compiled = super().check_cache(pattern)
            return None if compiled is None else _bound_pattern(compiled)

    class BoundedMatch(Match):
        def check_cache(self, pattern: str) -> Any:
            check_repeats(pattern)
            compiled = super().check_cache(pattern)
            return None if compiled is None else _bound_pattern(compiled)

    environment = JSONPathEnvironment(strict=True)
    environment.function_extensions["search"] = BoundedSearch(thread_safe=True)
    environment.function_extensions["match"] = BoundedMatch(thread_safe=True)
    return environment


@lru_cache(maxsize=500)
def _bound_pattern(pattern: Any) -> "_QueryPattern":
    """Return the one bounded form of a pattern.

    It is cached, because each search that was given up leaves less time for the next one.
    """
    return _QueryPattern(pattern)


class _QueryPattern:
    """A pattern inside of a query; a search that takes too long is not a match."""

    def __init__(self, pattern: Any) -> None:
        self._pattern = BoundedPattern(pattern)

    def search(self, text: str) -> object:
        try:
            return self._pattern.search(text)
        except TimeoutError:
            return None

    def fullmatch(self, text: str) -> object:
        try:
            return self._pattern.fullmatch(text)
        except TimeoutError:
            return None
