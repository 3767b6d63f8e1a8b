"""A safe reader of YAML 1.2, and so of JSON, in one pass over the parser's events.

PyYAML's own constructors follow YAML 1.1 (`NO` is false, `1:30` is 90, the last duplicate wins),
and its C composer overflows the stack on deep nesting. This module turns the events into values
directly: iteratively, within bounds, and with line and column of every node. A slower library with
places (ruamel.yaml) has no bounds on depth, nodes and aliases.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from understudy.errors import InputError, Place, Problem, nearest_name

MAX_BYTES = 5 * 1024 * 1024
"""Bytes of a file."""
MAX_DEPTH = 100
"""Mappings and lists inside of each other."""
MAX_NODES = 200_000
"""Nodes as written in the file."""
MAX_EXPANDED = 1_000_000
"""Nodes when each alias counts as all that it stands for: the bound on the 'billion laughs'
attack."""

Mark = tuple[int, int]
"""Line and column, both from 1."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as plain data, with the place of each node."""

    file: str
    """The name of the file in messages."""
    data: Any
    """JSON-like data: dicts with text keys, lists, texts, numbers, booleans, None."""
    _marks: dict[int, dict[Any, tuple[Mark, Mark]]] = field(repr=False)
    """By `id` of a dict or list: from key or index to the marks of the key and of the value."""

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Return the place of the node at a JSON pointer, or of its nearest ancestor in the file.

        With `key`, the place of the node's name rather than of its value.
        """
        node, mark = self.data, (1, 1)
        for token in _split_pointer(pointer):
            is_index = isinstance(node, list) and token.isdigit()
            index: Any = int(token) if is_index else token
            marks = self._marks.get(id(node), {}).get(index)
            if marks is None:
                break
            key_mark, value_mark = marks
            mark = key_mark if key else value_mark
            node = node[index]
        line, column = mark
        return Place(self.file, line, column)


def _split_pointer(pointer: str) -> list[str]:
    """Split a JSON pointer into its tokens. Source: RFC 6901 section 4 (`~1` first, then `~0`)."""
    tokens = pointer.split("/")[1:]
    return [token.replace("~1", "/").replace("~0", "~") for token in tokens]


def read_text(path: Path, *, limit: int = MAX_BYTES) -> str:
    """Read a UTF-8 text without its byte order mark.

    Raise InputError when the file is missing, a folder, larger than `limit` bytes, or not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(_missing_file(path)) from error
    except OSError as error:
        message = f"the file cannot be read ({error.strerror})"
        if path.is_dir():
            message = "this is a folder"
        problem = Problem("unreadable-file", message, Place(str(path)), expected="a file")
        raise InputError(problem) from error
    if len(raw) > limit:
        raise InputError(_too_large(str(path), f"the file has {len(raw)} bytes", limit))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(_not_utf8(path, raw, error.start)) from error


def _missing_file(path: Path) -> Problem:
    siblings: list[str] = []
    if path.parent.is_dir():
        siblings = [entry.name for entry in path.parent.iterdir()]
    nearest = nearest_name(path.name, siblings)
    return Problem("no-such-file", "there is no such file", Place(str(path)), nearest=nearest)


def _too_large(file: str, message: str, limit: int) -> Problem:
    return Problem("file-too-large", message, Place(file), expected=f"at most {limit}")


def _not_utf8(path: Path, raw: bytes, start: int) -> Problem:
    """Describe the first byte that is not UTF-8; the column counts bytes."""
    before = raw[:start]
    line = before.count(b"\n") + 1
    column = start - before.rfind(b"\n")
    message = f"the byte 0x{raw[start]:02x} is not UTF-8"
    hint = "Save the file as UTF-8."
    return Problem("not-utf-8", message, Place(str(path), line, column), hint=hint)


def read_yaml(path: Path, *, text: str | None = None, name: str | None = None) -> Source:
    """Read a YAML or JSON file, or `text` in its place.

    Raise InputError with the place of the problem. `name` is the file's name in messages; by
    default, the path as given.
    """
    file = name or str(path)
    content = read_text(path) if text is None else text
    # Counted in letters: a text never has fewer bytes than that.
    if len(content) > MAX_BYTES:
        raise InputError(_too_large(file, f"the text has {len(content)} letters", MAX_BYTES))
    return _Builder(file).build(content)


# Source: YAML 1.2.2 section 10.3.2, the Core schema's tag resolution.
_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# Stricter than Core: `012` is 12 there, 10 in YAML 1.1, and not a number in JSON. It stays a text,
# so that no value changes silently.
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_MAX_DIGITS = 4300
"""Python converts no more digits between text and integer; a longer number stays a text."""
_MAX_HEX_DIGITS = 3500
"""So that the number has at most 4300 decimal digits and can be written again."""
_INFINITE = (float("inf"), float("-inf"))


def resolve_plain(text: str) -> Any:
    """Return the value of a plain (unquoted) scalar: None, a boolean, a number, or the text itself.

    Infinity and NaN stay texts, because JSON has no such values. Source: YAML 1.2.2 section 10.3.2.
    """
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.match(text) and len(text) <= _MAX_DIGITS:
        return int(text)
    if len(text) <= _MAX_HEX_DIGITS:
        if _OCTAL.match(text):
            return int(text[2:], 8)
        if _HEX.match(text):
            return int(text[2:], 16)
    if _FLOAT.match(text):
        number = float(text)
        return text if number in _INFINITE else number
    return text


@dataclass(slots=True)
class _Container:
    """A mapping or list while the events of its nodes come in."""

    value: Any
    marks: dict[Any, tuple[Mark, Mark]]
    anchor: str | None
    key: str = ""
    """The key that waits for its value, when `key_mark` is set."""
    key_mark: Mark | None = None
    weight: int = 1
    """Nodes inside of it and itself, each alias counted as what it stands for."""


class _Builder:
    """Builds the data of one file from the events of PyYAML's parser."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._marks: dict[int, dict[Any, tuple[Mark, Mark]]] = {}
        self._anchors: dict[str, tuple[Any, int]] = {}
        """Values with an anchor, and their weights."""
        self._stack: list[_Container] = []
        self._root: Any = None
        self._nodes = 0
        self._expanded = 0
        self._documents = 0

    def build(self, text: str) -> Source:
        """Return the file's data. Raise InputError for the first problem."""
        # libyaml's loader is faster; a PyYAML built without it has only its own.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            for event in yaml.parse(text, Loader=loader):
                self._handle(event)
        except yaml.MarkedYAMLError as error:
            raise InputError(self._syntax_problem(error)) from error
        except yaml.YAMLError as error:
            raise InputError(self._character_problem(error, text)) from error
        return Source(self._file, self._root, self._marks)

    def _syntax_problem(self, error: yaml.MarkedYAMLError) -> Problem:
        mark = error.problem_mark or error.context_mark
        place = Place(self._file)
        if mark:
            place = Place(self._file, mark.line + 1, mark.column + 1)
        # libyaml's scanner has a bound of its own and reads ahead, so it may report depth first.
        if "nesting depth" in str(error.problem):
            return _too_deep(place)
        reasons = [part for part in (error.context, error.problem) if part]
        return Problem("not-yaml", "this is not YAML: " + ", ".join(reasons), place)

    def _character_problem(self, error: yaml.YAMLError, text: str) -> Problem:
        """Describe a character that YAML does not allow; PyYAML reports its offset only."""
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        column = position - text.rfind("\n", 0, position)
        message = f"this is not YAML: {getattr(error, 'reason', error)}"
        return Problem("not-yaml", message, Place(self._file, line, column))

    def _handle(self, event: Any) -> None:
        mark = (event.start_mark.line + 1, event.start_mark.column + 1)
        match event:
            case yaml.ScalarEvent():
                self._add_scalar(event, mark)
            case yaml.MappingStartEvent():
                self._open(event, {}, mark)
            case yaml.SequenceStartEvent():
                self._open(event, [], mark)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close()
            case yaml.AliasEvent():
                self._add_alias(str(event.anchor), mark)
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    message = "a second YAML document starts here"
                    self._fail("several-documents", message, mark, "one document")
            case _:
                pass

    def _fail(
        self, slug: str, message: str, mark: Mark, expected: str = "", hint: str = ""
    ) -> NoReturn:
        line, column = mark
        place = Place(self._file, line, column)
        raise InputError(Problem(slug, message, place, expected=expected, hint=hint))

    def _count(self, mark: Mark, weight: int = 1) -> None:
        """Count a node, and check the bounds before anything is built from it."""
        self._nodes += 1
        self._expanded += weight
        if self._nodes > MAX_NODES:
            message = f"the file has more than {MAX_NODES} nodes"
            self._fail("too-many-nodes", message, mark, "a smaller file")
        if self._expanded > MAX_EXPANDED:
            message = f"the aliases stand for more than {MAX_EXPANDED} nodes"
            self._fail("too-many-aliases", message, mark, "fewer aliases")

    def _check_tag(self, tag: str | None, mark: Mark) -> None:
        if tag and tag not in ("!", "tag:yaml.org,2002:str"):
            message = f'the tag "{tag}" is not allowed'
            self._fail("yaml-tag", message, mark, "plain data without tags")

    def _add_scalar(self, event: Any, mark: Mark) -> None:
        self._count(mark)
        self._check_tag(event.tag, mark)
        # implicit[0]: the scalar is plain, so that the schema decides its type (YAML 1.2.2, 6.9.1).
        value = resolve_plain(event.value) if event.implicit[0] else event.value
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._add(value, mark, 1)

    def _open(self, event: Any, value: dict[str, Any] | list[Any], mark: Mark) -> None:
        self._count(mark)
        self._check_tag(event.tag, mark)
        if self._stack:
            parent = self._stack[-1]
            if isinstance(parent.value, dict) and parent.key_mark is None:
                self._fail_complex_key(mark)
        if len(self._stack) >= MAX_DEPTH:
            line, column = mark
            raise InputError(_too_deep(Place(self._file, line, column)))
        # Weight 0: the container's own weight is added to its parent when it closes.
        self._add(value, mark, 0)
        container = _Container(value, {}, event.anchor)
        self._marks[id(value)] = container.marks
        self._stack.append(container)

    def _close(self) -> None:
        container = self._stack.pop()
        if container.anchor:
            self._anchors[container.anchor] = (container.value, container.weight)
        if self._stack:
            self._stack[-1].weight += container.weight

    def _add_alias(self, name: str, mark: Mark) -> None:
        # An anchor counts from its node's end: an alias inside its own anchor would contain itself.
        if name not in self._anchors:
            message = f'the alias "*{name}" stands for nothing yet'
            self._fail("unknown-alias", message, mark, "an anchor before it")
        value, weight = self._anchors[name]
        self._count(mark, weight)
        self._add(value, mark, weight)

    def _add(self, value: Any, mark: Mark, weight: int) -> None:
        """Add a value to the innermost container: as item, key, or value of the last key."""
        if not self._stack:
            self._root = value
            return
        container = self._stack[-1]
        container.weight += weight
        if isinstance(container.value, list):
            container.marks[len(container.value)] = (mark, mark)
            container.value.append(value)
        elif container.key_mark is None:
            self._add_key(container, value, mark)
        else:
            container.marks[container.key] = (container.key_mark, mark)
            container.value[container.key] = value
            container.key_mark = None

    def _add_key(self, container: _Container, value: Any, mark: Mark) -> None:
        if isinstance(value, (dict, list)):
            self._fail_complex_key(mark)
        key = _key_text(value)
        if key == "<<":
            message = 'the merge key "<<" is not supported'
            hint = "Write the keys out: YAML 1.2 has no merge keys."
            self._fail("merge-key", message, mark, hint=hint)
        if key in container.value:
            first_line = container.marks[key][0][0]
            message = f'the key "{key}" stands twice (first on line {first_line})'
            self._fail("duplicate-key", message, mark, "each key once")
        container.key, container.key_mark = key, mark

    def _fail_complex_key(self, mark: Mark) -> NoReturn:
        message = "a mapping or list is used as a key"
        self._fail("complex-key", message, mark, "a text")


def _too_deep(place: Place) -> Problem:
    message = f"the nesting is deeper than {MAX_DEPTH}"
    return Problem("too-deep", message, place, expected="a flatter file")


def _key_text(value: Any) -> str:
    """Return a scalar key as a text: JSON has no other keys, but `200:` is common in YAML."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
