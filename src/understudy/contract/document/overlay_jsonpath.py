"""The part of JSONPath (RFC 9535) that overlays use.

Root, child by name, index or wildcard, several names or indexes in one pair of brackets, the descendant segment, and
filters that compare a member of the current node with a literal (`==`, `!=`, joined by `&&`) or ask for its existence.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Location = tuple[str | int, ...]
"""The keys and indexes that lead from the root to a node."""


class PathError(ValueError):
    """A text is not a path of the supported kind. Tells the column, from 1."""

    def __init__(self, what: str, column: int) -> None:
        super().__init__(what)
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
    """One condition of a filter: the node at `path` below the current one exists, or compares with `literal`."""

    path: tuple[str | int, ...]
    operator: str = ""
    literal: Any = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Selects the children for which every test holds."""

    tests: tuple[FilterTest, ...]


Selector = Name | Index | Wildcard | Filter


@dataclass(frozen=True, slots=True)
class Segment:
    """One step: what it selects among the children, or (descendant) among those of every node below too."""

    selectors: tuple[Selector, ...]
    descendant: bool = False


Path = tuple[Segment, ...]

_NAME = re.compile(r"[^\W\d][\w]*")
_INT = re.compile(r"0|-?[1-9][0-9]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_STRING = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_WORDS = {"true": True, "false": False, "null": None}


def parse_path(text: str) -> Path:
    """Read a path such as `$.paths['/x'].get.parameters[?@.name=='status']`. Raises PathError."""
    return _Reader(text).path()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, expected: str) -> PathError:
        found = f'"{self.text[self.at : self.at + 12]}"' if self.at < len(self.text) else "the end"
        return PathError(f"{found} stands where {expected} should", self.at + 1)

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t\n\r":
            self.at += 1

    def more(self) -> bool:
        self.skip()
        return self.at < len(self.text)

    def next_is(self, word: str) -> bool:
        self.skip()
        return self.take(word)

    def take(self, word: str) -> bool:
        if self.text.startswith(word, self.at):
            self.at += len(word)
            return True
        return False

    def need(self, word: str) -> None:
        self.skip()
        if not self.take(word):
            raise self.fail(f'"{word}"')

    def match(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        return found.group()

    def path(self) -> Path:
        self.skip()
        if not self.take("$"):
            raise self.fail('"$"')
        segments = []
        while self.more():
            segments.append(self.segment())
        return tuple(segments)

    def segment(self) -> Segment:
        if self.take(".."):
            if self.text.startswith("[", self.at):
                return Segment(self.brackets(), descendant=True)
            return Segment((self.dotted(),), descendant=True)
        if self.take("."):
            return Segment((self.dotted(),))
        if self.text.startswith("[", self.at):
            return Segment(self.brackets())
        raise self.fail('".", "[" or the end')

    def dotted(self) -> Selector:
        if self.take("*"):
            return Wildcard()
        name = self.match(_NAME)
        if name is None:
            raise self.fail("a name")
        return Name(name)

    def brackets(self) -> tuple[Selector, ...]:
        self.need("[")
        selectors = [self.selector()]
        while self.next_is(","):
            selectors.append(self.selector())
        self.need("]")
        return tuple(selectors)

    def selector(self) -> Selector:
        self.skip()
        if self.take("*"):
            return Wildcard()
        if self.take("?"):
            return self.filter()
        quoted = self.match(_STRING)
        if quoted is not None:
            return Name(self.unquote(quoted))
        number = self.match(_INT)
        if number is None:
            raise self.fail("a quoted name, an index, * or ?")
        return Index(int(number))

    def filter(self) -> Filter:
        self.skip()
        wrapped = self.take("(")
        tests = [self.test()]
        while self.next_is("&&"):
            tests.append(self.test())
        if wrapped:
            self.need(")")
        return Filter(tuple(tests))

    def test(self) -> FilterTest:
        self.need("@")
        path: list[str | int] = []
        while self.text[self.at : self.at + 1] in (".", "["):
            for selector in self.segment().selectors:
                if isinstance(selector, Name):
                    path.append(selector.name)
                elif isinstance(selector, Index):
                    path.append(selector.index)
                else:
                    raise self.fail("a plain name or index")
        self.skip()
        for operator in ("==", "!="):
            if self.take(operator):
                return FilterTest(tuple(path), operator, self.literal())
        return FilterTest(tuple(path))

    def literal(self) -> Any:
        self.skip()
        quoted = self.match(_STRING)
        if quoted is not None:
            return self.unquote(quoted)
        number = self.match(_NUMBER)
        if number is not None:
            return json.loads(number)
        word = self.match(_NAME)
        if word in _WORDS:
            return _WORDS[word]
        raise self.fail("a quoted text, a number, true, false or null")

    def unquote(self, quoted: str) -> str:
        inner = quoted[1:-1]
        if quoted[0] == "'":
            inner = inner.replace("\\'", "'")
            inner = re.sub(r'\\.|"', lambda m: '\\"' if m.group() == '"' else m.group(), inner)
        try:
            return str(json.loads(f'"{inner}"', strict=False))
        except ValueError as error:
            raise PathError(
                f"the escape in {quoted} is not one of JSON's", self.at - len(quoted) + 1
            ) from error


def select_locations(document: Any, path: Path) -> list[Location]:
    """Give where the path leads, in document order, each place once."""
    found: list[Location] = [()]
    for segment in path:
        found = list(
            dict.fromkeys(place for start in found for place in _step(document, start, segment))
        )
    return found


def node_at(document: Any, location: Location) -> Any:
    """Give the node at a location that exists."""
    for key in location:
        document = document[key]
    return document


def iter_children(node: Any) -> Iterator[tuple[str | int, Any]]:
    """Give each child with its key or index."""
    if isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, list):
        yield from enumerate(node)


def _step(document: Any, start: Location, segment: Segment) -> Iterator[Location]:
    starts = (
        _below(node_at(document, start), start)
        if segment.descendant
        else [(start, node_at(document, start))]
    )
    for place, node in starts:
        for selector in segment.selectors:
            for key in _keys(node, selector):
                yield (*place, key)


def _below(node: Any, place: Location) -> Iterator[tuple[Location, Any]]:
    yield place, node
    for key, value in iter_children(node):
        yield from _below(value, (*place, key))


def _keys(node: Any, selector: Selector) -> Iterator[str | int]:
    match selector:
        case Name(name):
            if isinstance(node, dict) and name in node:
                yield name
        case Index(index):
            if isinstance(node, list) and -len(node) <= index < len(node):
                yield index % len(node)
        case Wildcard():
            yield from (key for key, _ in iter_children(node))
        case Filter(tests):
            yield from (
                key
                for key, value in iter_children(node)
                if all(_holds(test, value) for test in tests)
            )


_NOTHING = object()
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "": lambda value, _: value is not _NOTHING,
    "==": lambda value, literal: value is not _NOTHING and _same(value, literal),
    "!=": lambda value, literal: value is _NOTHING or not _same(value, literal),
}


def _same(value: Any, literal: Any) -> bool:
    # In JSON true is not 1, in Python it is.
    return value == literal and isinstance(value, bool) == isinstance(literal, bool)


def _holds(test: FilterTest, node: Any) -> bool:
    return _COMPARE[test.operator](value_below(node, test.path), test.literal)


def value_below(node: Any, path: tuple[str | int, ...]) -> Any:
    """Give the value that a filter's relative path names, or an object that equals nothing."""
    for key in path:
        keys = list(_keys(node, Name(key) if isinstance(key, str) else Index(key)))
        if not keys:
            return _NOTHING
        node = node[keys[0]]
    return node
