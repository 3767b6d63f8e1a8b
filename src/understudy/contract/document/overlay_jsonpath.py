"""The part of JSONPath (RFC 9535) that overlays use: parsing and selection.

Supported: the root, children by name, index or wildcard, several of them in one pair of brackets,
the descendant segment, and filters that compare a member of the current node with a literal (`==`,
`!=`, joined by `&&`) or test its existence. Not supported: slices, `||`, functions, comparisons
with another path.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Location = tuple[str | int, ...]
"""The keys and indexes that lead from the root to a node."""


class PathError(ValueError):
    """A text that is not a supported path. `column` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Name:
    """Selects the member of an object that has this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """Selects the item at an index; a negative one counts from the end."""

    index: int


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Selects every child."""


@dataclass(frozen=True, slots=True)
class FilterTest:
    """One condition of a filter, on the node at `path` below the current one.

    Without an operator the node must exist; with one, it is compared with the literal.
    """

    path: Location
    operator: str = ""
    """`==`, `!=` or empty."""
    literal: str | int | float | bool | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Selects the children for which every test holds."""

    tests: tuple[FilterTest, ...]


Selector = Name | Index | Wildcard | Filter
"""One way to select children. Source: RFC 9535, section 2.3."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One step of a path. Source: RFC 9535, section 2.5."""

    selectors: tuple[Selector, ...]
    descendant: bool = False
    """Whether it selects among the children of every node below too (`..`)."""


Path = tuple[Segment, ...]
"""A parsed JSONPath."""

# RFC 9535, section 2.5.1.1: a name in dotted notation begins with a letter or `_`.
_NAME = re.compile(r"[^\W\d][\w]*")
_INT = re.compile(r"0|-?[1-9][0-9]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_STRING = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_CONSTANTS = {"true": True, "false": False, "null": None}
_BLANKS = (" ", "\t", "\n", "\r")
_EXCERPT = 12
"""How many characters of an unexpected text an error shows."""


def parse_path(text: str) -> Path:
    """Parse a path such as `$.paths['/x'].get.parameters[?@.name=='status']`.

    Raises PathError, with the column, for a text that is not a supported path.
    """
    return _Parser(text).path()


class _Parser:
    """A recursive descent parser; each method parses one production from the current offset."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = 0

    def error(self, expected: str) -> PathError:
        """Return the error for the current offset."""
        rest = self.text[self.offset :]
        next_text = f'"{rest[:_EXCERPT]}"' if rest else "the end"
        message = f"expected {expected}, found {next_text}"
        return PathError(message, self.offset + 1)

    def skip_blanks(self) -> None:
        while self.text.startswith(_BLANKS, self.offset):
            self.offset += 1

    def has_more(self) -> bool:
        self.skip_blanks()
        return self.offset < len(self.text)

    def take(self, token: str) -> bool:
        """Consume a token that is next, and return whether it was."""
        if self.text.startswith(token, self.offset):
            self.offset += len(token)
            return True
        return False

    def take_after_blanks(self, token: str) -> bool:
        self.skip_blanks()
        return self.take(token)

    def require(self, token: str) -> None:
        """Consume a token after blanks. Raises PathError when it is not there."""
        if not self.take_after_blanks(token):
            raise self.error(f'"{token}"')

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Consume and return what a pattern matches at the offset, or None."""
        match = pattern.match(self.text, self.offset)
        if match is None:
            return None
        self.offset = match.end()
        return match.group()

    def path(self) -> Path:
        """Parse the whole text. Source: RFC 9535, section 2.1.1."""
        self.require("$")
        segments = []
        while self.has_more():
            segments.append(self.segment())
        return tuple(segments)

    def segment(self) -> Segment:
        """Parse `.name`, `..name` or a pair of brackets. Source: RFC 9535, section 2.5."""
        if self.take(".."):
            return Segment(self.descendant_selectors(), descendant=True)
        if self.take("."):
            return Segment((self.dotted_selector(),))
        if self.text.startswith("[", self.offset):
            return Segment(self.bracketed_selectors())
        raise self.error('".", "[" or the end')

    def descendant_selectors(self) -> tuple[Selector, ...]:
        if self.text.startswith("[", self.offset):
            return self.bracketed_selectors()
        return (self.dotted_selector(),)

    def dotted_selector(self) -> Selector:
        if self.take("*"):
            return Wildcard()
        name = self.match(_NAME)
        if name is None:
            raise self.error("a name")
        return Name(name)

    def bracketed_selectors(self) -> tuple[Selector, ...]:
        self.require("[")
        selectors = [self.selector()]
        while self.take_after_blanks(","):
            selectors.append(self.selector())
        self.require("]")
        return tuple(selectors)

    def selector(self) -> Selector:
        """Parse what is between brackets and commas. Source: RFC 9535, section 2.3."""
        self.skip_blanks()
        if self.take("*"):
            return Wildcard()
        if self.take("?"):
            return self.filter()
        quoted = self.match(_STRING)
        if quoted is not None:
            return Name(self.unquote(quoted))
        number = self.match(_INT)
        if number is None:
            raise self.error("a quoted name, an index, * or ?")
        return Index(int(number))

    def filter(self) -> Filter:
        """Parse tests joined by `&&`, with or without parentheses around all of them.

        Source: RFC 9535, section 2.3.5.
        """
        is_wrapped = self.take_after_blanks("(")
        tests = [self.filter_test()]
        while self.take_after_blanks("&&"):
            tests.append(self.filter_test())
        if is_wrapped:
            self.require(")")
        return Filter(tuple(tests))

    def filter_test(self) -> FilterTest:
        """Parse one test: `@.path`, `@.path == literal` or `@.path != literal`."""
        self.require("@")
        path = self.relative_path()
        self.skip_blanks()
        for operator in ("==", "!="):
            if self.take(operator):
                return FilterTest(path, operator, self.literal())
        return FilterTest(path)

    def relative_path(self) -> Location:
        """Parse names and indexes: a test compares one node, so nothing else is allowed."""
        path: list[str | int] = []
        while self.text.startswith((".", "["), self.offset):
            for selector in self.segment().selectors:
                if isinstance(selector, Name):
                    path.append(selector.name)
                elif isinstance(selector, Index):
                    path.append(selector.index)
                else:
                    raise self.error("a plain name or index")
        return tuple(path)

    def literal(self) -> str | int | float | bool | None:
        self.skip_blanks()
        quoted = self.match(_STRING)
        if quoted is not None:
            return self.unquote(quoted)
        number = self.match(_NUMBER)
        if number is not None:
            parsed: int | float = json.loads(number)
            return parsed
        constant = self.match(_NAME)
        if constant in _CONSTANTS:
            return _CONSTANTS[constant]
        raise self.error("a quoted text, a number, true, false or null")

    def unquote(self, quoted: str) -> str:
        """Return the text of a literal in single or double quotes.

        A literal in single quotes is rewritten to one in double quotes, which JSON can decode.
        """
        inner = quoted[1:-1]
        if quoted[0] == "'":
            inner = inner.replace("\\'", "'")
            inner = re.sub(r'\\.|"', _escape_double_quote, inner)
        try:
            text: str = json.loads(f'"{inner}"', strict=False)
        except ValueError as error:
            column = self.offset - len(quoted) + 1
            raise PathError(f"invalid JSON escape in {quoted}", column) from error
        return text


def _escape_double_quote(match: re.Match[str]) -> str:
    return '\\"' if match.group() == '"' else match.group()


def select_locations(document: Any, path: Path) -> list[Location]:
    """Return where a path leads, in document order, each location once."""
    locations: list[Location] = [()]
    for segment in path:
        selected: dict[Location, None] = {}
        for start in locations:
            matches = _apply_segment(document, start, segment)
            selected.update(dict.fromkeys(matches))
        locations = list(selected)
    return locations


def node_at(document: Any, location: Location) -> Any:
    """Return the node at a location that exists."""
    for key in location:
        document = document[key]
    return document


def iter_children(node: object) -> Iterator[tuple[str | int, Any]]:
    """Yield each child of a container with its key or index."""
    if isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, list):
        yield from enumerate(node)


def _apply_segment(document: Any, start: Location, segment: Segment) -> Iterator[Location]:
    """Yield what one segment selects from a start, also repeatedly."""
    for location, parent in _iter_parents(document, start, segment):
        for selector in segment.selectors:
            for key in _select_keys(parent, selector):
                yield (*location, key)


def _iter_parents(
    document: Any, start: Location, segment: Segment
) -> Iterator[tuple[Location, object]]:
    """Yield the nodes among whose children a segment selects."""
    node = node_at(document, start)
    if segment.descendant:
        yield from _walk(node, start)
    else:
        yield start, node


def _walk(node: object, location: Location) -> Iterator[tuple[Location, object]]:
    """Yield a node and every node below it, in document order."""
    yield location, node
    for key, value in iter_children(node):
        yield from _walk(value, (*location, key))


def _select_keys(node: object, selector: Selector) -> Iterator[str | int]:
    """Yield the keys or indexes of the children that a selector selects.

    A selector that does not fit the node selects nothing: an index in an object, for example.
    """
    match selector:
        case Name(name):
            if isinstance(node, dict) and name in node:
                yield name
        case Index(index):
            if isinstance(node, list):
                length = len(node)
                if -length <= index < length:
                    yield index % length
        case Wildcard():
            for key, _ in iter_children(node):
                yield key
        case Filter(tests):
            for key, value in iter_children(node):
                if all(_holds(test, value) for test in tests):
                    yield key


_MISSING = object()
"""Stands for a node that does not exist. It equals no literal (RFC 9535, section 2.3.5.2.2)."""


def _equals(value: object, literal: object) -> bool:
    if value is _MISSING:
        return False
    # In JSON true is not 1; in Python it is.
    same_kind = isinstance(value, bool) == isinstance(literal, bool)
    return same_kind and value == literal


def _holds(test: FilterTest, node: object) -> bool:
    value = _value_below(node, test.path)
    match test.operator:
        case "==":
            return _equals(value, test.literal)
        case "!=":
            return not _equals(value, test.literal)
        case _:
            return value is not _MISSING


def _value_below(node: Any, path: Location) -> object:
    """Return the value that a filter's relative path names, or `_MISSING`."""
    for key in path:
        selector = Name(key) if isinstance(key, str) else Index(key)
        selected = next(_select_keys(node, selector), None)
        if selected is None:
            return _MISSING
        node = node[selected]
    return node
