"""JSONPath queries (RFC 9535): overlays locate nodes with them, rules select values.

The library `jsonpath` stands behind this module, in its strict mode; it is imported when the first
query is compiled. Rules have bounds on what a query visits and selects, because each call brings
another value. The patterns of all queries have a bound.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

from understudy.patterns.bounded_regex import BoundedPattern, check_repeats

if TYPE_CHECKING:  # the library is imported with the first query
    from jsonpath import JSONPath as CompiledQuery
    from jsonpath import JSONPathEnvironment, JSONPathMatch

Location = tuple[str | int, ...]
"""The keys and indexes that lead from the root to a node."""

MAX_NODES = 1000
"""How many nodes the query of a rule selects at most."""
MAX_PATH_LENGTH = 1000
"""How many characters the query of a rule may have."""
# A file is nested at most 100 deep, and overlays add to that.
_MAX_DEPTH = 300
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\"""")


class JsonPathError(ValueError):
    """A text that is not a JSONPath, or a query that cannot be evaluated on a document."""

    def __init__(self, reason: str, column: int = 1) -> None:
        super().__init__(reason)
        self.column = column
        """The position in the text that the reason is about, counted from 1."""


class JsonPath:
    """A compiled JSONPath query."""

    __slots__ = ("_compiled", "text")

    def __init__(self, text: str, compiled: "CompiledQuery") -> None:
        self.text = text
        """The query as it was written."""
        self._compiled = compiled

    def select(self, value: Any) -> list[Any]:
        """Return the nodes that the query selects, at most `MAX_NODES`.

        A query that fails on this value, because the value is nested too deep, say, selects
        nothing.
        """
        from jsonpath import JSONPathError

        nodes: list[Any] = []
        try:
            for match in self._iter_matches(value):
                nodes.append(match.obj)
                if len(nodes) == MAX_NODES:
                    break
        except (JSONPathError, RecursionError, ValueError):
            return []
        return nodes

    def locate(self, document: Any) -> list[Location]:
        """Return the locations of the nodes that the query selects, in its order, each once.

        Raises JsonPathError when the query cannot be evaluated on this document.
        """
        from jsonpath import JSONPathError

        try:
            locations = [match.parts for match in self._iter_matches(document)]
        except (JSONPathError, RecursionError, ValueError) as error:
            raise _convert_error(error, self.text) from error
        return list(dict.fromkeys(locations))

    def find_missing_names(self, document: Any) -> tuple[list[str], list[str]]:
        """Return the missing names of a query that selects nothing, and the names that are there.

        The first list has the names of the first segment that selects nothing; the second the keys
        of the objects in which that segment looks, each once.
        """
        from jsonpath.selectors import NameSelector

        matches = [_root_match(document)]
        for segment in self._compiled.segments:
            selected = list(segment.resolve(matches))
            if not selected:
                selectors = segment.selectors
                names = [item.name for item in selectors if isinstance(item, NameSelector)]
                return names, _list_keys(matches)
            matches = selected
        return [], []

    def _iter_matches(self, value: Any) -> Iterable["JSONPathMatch"]:
        matches: Iterable[JSONPathMatch] = [_root_match(value)]
        for segment in self._compiled.segments:
            matches = segment.resolve(matches)
        return matches


def _root_match(value: Any) -> "JSONPathMatch":
    """Return the match of the root: the library's own entrance would parse a text as JSON."""
    from jsonpath import JSONPathMatch

    return JSONPathMatch(filter_context={}, obj=value, parent=None, path="$", parts=(), root=value)


def _list_keys(matches: Iterable["JSONPathMatch"]) -> list[str]:
    keys: dict[str, None] = {}
    for match in matches:
        if isinstance(match.obj, dict):
            keys.update(dict.fromkeys(match.obj))
    return list(keys)


def compile_jsonpath(text: str) -> JsonPath:
    """Compile a JSONPath query of an overlay. Raise JsonPathError with what is wrong."""
    from jsonpath import JSONPathError

    if not text.startswith("$"):
        raise JsonPathError("it does not start with $")
    try:
        compiled = _build_environment().compile(text)
    except (JSONPathError, RecursionError, ValueError, OverflowError) as error:
        raise _convert_error(error, text) from error
    # The strict mode has no compound queries (`|` and `&`).
    return JsonPath(text, cast("CompiledQuery", compiled))


def compile_rule_jsonpath(text: str) -> JsonPath:
    """Compile a JSONPath query of a rule. Raise ValueError with what is wrong."""
    _check_bounds(text)
    try:
        return compile_jsonpath(text)
    except JsonPathError as error:
        raise ValueError(f'"{text[:60]}" is not a JSONPath: {error}') from error


def _check_bounds(text: str) -> None:
    if len(text) > MAX_PATH_LENGTH:
        raise ValueError(f"the path is longer than {MAX_PATH_LENGTH} characters")
    # Each `..` and each further `$` visits the whole value. One inside of another takes a time
    # that grows with the square of the value's size.
    unquoted = _QUOTED.sub("", text)
    visits = unquoted.count("..") + unquoted.count("$", 1)
    if visits > 1:
        raise ValueError(
            f'"{text[:60]}" visits the whole value more than once (with .. or a second $)'
        )


def _convert_error(error: Exception, text: str) -> JsonPathError:
    """Return the library's error as ours, with the column of the token that it is about."""
    token = getattr(error, "token", None)
    reason = str(error.args[0]) if error.args else "it cannot be parsed"
    if token is None:
        return JsonPathError(reason)
    if "TOKEN_" in reason:  # the library's own name for a kind of token
        reason = f'unexpected "{token.value}"'
    # The token at the end of a text has the index -1.
    offset = token.index if token.index >= 0 else len(text)
    return JsonPathError(reason, offset + 1)


@cache
def _build_environment() -> "JSONPathEnvironment":
    """Build the library's environment: its searches are bounded, its integers are exact."""
    from jsonpath import JSONPathEnvironment
    from jsonpath.filter import BaseExpression, IntegerLiteral
    from jsonpath.function_extensions import Match, Search
    from jsonpath.parse import Parser
    from jsonpath.stream import TokenStream

    # The library reads an integer as a double, which has 53 bits: ids of 64 bits are common.
    class ExactParser(Parser):
        def parse_integer_literal(self, stream: TokenStream) -> BaseExpression:
            text = stream.current().value
            literal = super().parse_integer_literal(stream)
            has_exponent = "e" in text.lower()
            return literal if has_exponent else IntegerLiteral(value=int(text))

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

    class ExactEnvironment(JSONPathEnvironment):
        parser_class = ExactParser

    environment = ExactEnvironment(strict=True)
    environment.max_recursion_depth = _MAX_DEPTH
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
