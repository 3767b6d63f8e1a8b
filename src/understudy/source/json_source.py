"""A reader of JSON (RFC 8259) whose places are computed late.

The standard library's reader is fast and knows no places. When one is needed, the text is read
again along the pointer: the members of each container on the way are located once, their values
are skipped by the same fast reader.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from understudy.errors import InputError, Place, Problem
from understudy.source.source_file import Limits, Source, split_pointer, too_deep, too_large

_WHITESPACE = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_HIGH_SURROGATES = range(0xD800, 0xDC00)
_LOW_SURROGATES = range(0xDC00, 0xE000)
_REPLACEMENT = "\\ufffd"
"""As long as the escape that it replaces, so that every offset stays."""
_INFINITE = (float("inf"), float("-inf"))
_MAX_DUPLICATES = 100

_Offsets = dict[str, tuple[int, int]]
"""By key or index of a container's child: the offsets of its name and of its value."""


@dataclass(frozen=True, slots=True)
class JsonSource(Source):
    """A file of JSON; the place of a node is looked up in its text."""

    index: "JsonIndex | None" = field(default=None, repr=False)

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Return the place of the node at a JSON pointer, or of its nearest ancestor in the file.

        With `key`, the place of the node's name rather than of its value.
        """
        if self.index is None:
            return Place(self.file, 1, 1)
        line, column = self.index.find_mark(pointer, key=key)
        return Place(self.file, line, column)


class JsonIndex:
    """Finds lines and columns in a valid text of JSON; every container is located once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._decoder = json.JSONDecoder()
        self._children: dict[int, _Offsets] = {}
        """By offset of a container."""
        self._line_starts: list[int] = []

    def find_mark(self, pointer: str, *, key: bool = False) -> tuple[int, int]:
        """Return line and column of a node, or of its nearest ancestor, both from 1."""
        offset = value = self._skip(0)
        for token in split_pointer(pointer):
            children = self.list_children(value)
            if token not in children:
                break
            name, value = children[token]
            offset = name if key else value
        return self.mark(offset)

    def mark(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset."""
        if not self._line_starts:
            starts = [match.end() for match in re.finditer("\n", self._text)]
            self._line_starts = [0, *starts]
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def list_children(self, offset: int) -> _Offsets:
        """Return the offsets of the children of the container at an offset; none of a scalar."""
        if offset not in self._children:
            self._children[offset] = self._find_children(offset)
        return self._children[offset]

    def find_duplicate(self, pointer: str, key: str) -> tuple[int, int]:
        """Return the offsets of the first and of the last of equal names in an object."""
        offset = self._skip(0)
        for token in split_pointer(pointer):
            _, offset = self.list_children(offset)[token]
        names = [name for name, token, _ in self._iter_children(offset) if token == key]
        return names[0], names[-1]

    def _find_children(self, offset: int) -> _Offsets:
        return {token: (name, value) for name, token, value in self._iter_children(offset)}

    def _iter_children(self, offset: int) -> Iterator[tuple[int, str, int]]:
        """Yield name offset, key or index, and value offset of each child."""
        opening = self._text[offset : offset + 1]
        if opening not in ("{", "["):
            return
        closing = "}" if opening == "{" else "]"
        position = self._skip(offset + 1)
        index = 0
        while self._text[position] != closing:
            name, token = position, str(index)
            if opening == "{":
                token, end = self._decoder.raw_decode(self._text, position)
                # Past the colon.
                position = self._skip(self._skip(end) + 1)
            yield name, token, position
            _, end = self._decoder.raw_decode(self._text, position)
            position = self._skip(end)
            if self._text[position] == ",":
                position = self._skip(position + 1)
            index += 1

    def _skip(self, offset: int) -> int:
        match = _WHITESPACE.match(self._text, offset)
        return match.end() if match else offset


class _Reader:
    """Reads one text; what the standard library does not check is checked here."""

    def __init__(self, text: str, file: str, limits: Limits) -> None:
        self.file = file
        self.limits = limits
        self.problems: list[Problem] = []
        self.text = self.replace_lone_surrogates(text)
        self.index = JsonIndex(self.text)
        self.duplicates: list[tuple[object, str]] = []
        """An object, and a key that stands in it several times."""

    def read(self) -> JsonSource:
        """Return the data. Raises InputError."""
        try:
            data = json.loads(
                self.text,
                object_pairs_hook=self.make_object,
                parse_float=_parse_float,
                parse_int=_parse_int,
                parse_constant=_reject_constant,
            )
        except json.JSONDecodeError as error:
            message = f"this is not JSON: {error.msg}"
            place = Place(self.file, error.lineno, error.colno)
            raise InputError(Problem("not-json", message, place)) from error
        except RecursionError as error:
            raise InputError(too_deep(Place(self.file), self.limits.max_depth)) from error
        except ValueError as error:
            message = f"this is not JSON: {error}"
            raise InputError(Problem("not-json", message, Place(self.file))) from error
        self.check_bounds(data)
        self.report_duplicates(data)
        return JsonSource(self.file, data, {}, tuple(self.problems), self.index)

    def make_object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Return an object of its members; of equal names the last one counts."""
        members = dict(pairs)
        if len(members) != len(pairs) and len(self.duplicates) < _MAX_DUPLICATES:
            seen: set[str] = set()
            for name, _ in pairs:
                if name in seen:
                    self.duplicates.append((members, name))
                seen.add(name)
        return members

    def check_bounds(self, data: object) -> None:
        """Check depth and number of nodes, one level after the other."""
        level: list[Any] = [data]
        depth = nodes = 0
        while level:
            depth += 1
            below: list[Any] = []
            for node in level:
                values = node.values() if isinstance(node, dict) else node
                if isinstance(node, dict | list):
                    nodes += len(node)
                    below += [value for value in values if isinstance(value, dict | list)]
            level = below
            if level and depth >= self.limits.max_depth:
                raise InputError(too_deep(Place(self.file), self.limits.max_depth))
        if nodes > self.limits.max_nodes:
            message = f"the file has more than {self.limits.max_nodes} nodes"
            problem = Problem(
                "too-many-nodes", message, Place(self.file), expected="a smaller file"
            )
            raise InputError(problem)

    def report_duplicates(self, data: object) -> None:
        """Report each key that stands in its object several times."""
        if not self.duplicates:
            return
        pointers = _find_pointers(data, {id(members) for members, _ in self.duplicates})
        for members, key in dict.fromkeys((id(members), key) for members, key in self.duplicates):
            pointer = pointers.get(members)
            # An object inside of a value that a later duplicate replaced is nowhere in the data.
            if pointer is None:
                continue
            first, last = self.index.find_duplicate(pointer, key)
            first_line, _ = self.index.mark(first)
            place = Place(self.file, *self.index.mark(last))
            message = f'the key "{key}" stands twice (first on line {first_line})'
            problem = Problem("duplicate-key", message, place, expected="each key once")
            self.problems.append(problem)

    def replace_lone_surrogates(self, text: str) -> str:
        """Return a text whose escapes all mean characters (RFC 8259, section 8.2)."""
        if not _SURROGATE.search(text):
            return text
        lone = _find_lone_surrogates(text)
        parts: list[str] = []
        start = 0
        index = JsonIndex(text)
        for offset in lone:
            parts += [text[start:offset], _REPLACEMENT]
            start = offset + len(_REPLACEMENT)
            message = f"the escape {text[offset:start]} is half a character"
            place = Place(self.file, *index.mark(offset))
            self.problems.append(Problem("lone-surrogate", message, place, expected="a pair"))
        return "".join([*parts, text[start:]])


def parse_json(text: str, file: str, *, limits: Limits | None = None) -> JsonSource:
    """Parse a text of JSON. Raise InputError for a text that is not JSON or over a bound.

    Equal keys in an object are reported in the source's `problems`; the last one counts. Half a
    surrogate pair is reported likewise, and read as U+FFFD. A number beyond a double's range stays
    a text, as in YAML.
    """
    bounds = limits or Limits()
    # Counted in letters: a text never has fewer bytes than that.
    if len(text) > bounds.max_bytes:
        message = f"the text has {len(text)} letters"
        raise InputError(too_large(file, message, bounds.max_bytes))
    return _Reader(text, file, bounds).read()


def _find_lone_surrogates(text: str) -> list[int]:
    """Return the offsets of the escapes that are one half of a surrogate pair."""
    lone: list[int] = []
    high: int | None = None
    """The offset of a first half that waits for the second one."""
    for match in _ESCAPE.finditer(text):
        code = int(match[1], 16) if match[1] else 0
        if high is not None and code in _LOW_SURROGATES and match.start() == high + 6:
            high = None
            continue
        if high is not None:
            lone.append(high)
            high = None
        if code in _HIGH_SURROGATES:
            high = match.start()
        elif code in _LOW_SURROGATES:
            lone.append(match.start())
    return lone if high is None else [*lone, high]


def _find_pointers(data: object, identities: set[int]) -> dict[int, str]:
    """Return the pointers of the containers with these identities."""
    pointers: dict[int, str] = {}
    waiting: list[tuple[object, str]] = [(data, "")]
    while waiting:
        node, pointer = waiting.pop()
        if id(node) in identities:
            pointers[id(node)] = pointer
        members: Any = ()
        if isinstance(node, dict):
            members = node.items()
        elif isinstance(node, list):
            members = enumerate(node)
        for key, value in members:
            if isinstance(value, dict | list):
                escaped = str(key).replace("~", "~0").replace("/", "~1")
                waiting.append((value, f"{pointer}/{escaped}"))
    return pointers


def _parse_float(text: str) -> float | str:
    number = float(text)
    return text if number in _INFINITE else number


def _parse_int(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        # Python converts no more than 4300 digits.
        return text


def _reject_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number of JSON")
