"""A safe reader of YAML 1.2, and so of JSON, in one pass over the parser's events.

PyYAML's own constructors follow YAML 1.1 (`NO` is false, `1:30` is 90, the last duplicate wins),
and its C composer overflows the stack on deep nesting. This module turns the events into values
directly: iteratively, within bounds, and with line and column of every node. A slower library with
places (ruamel.yaml) has no bounds on depth, nodes and aliases.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from understudy.errors import InputError, Place, Problem, nearest_name
from understudy.source.plain_scalars import resolve_plain

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
Key = str | int
"""A key of a mapping, or an index of a list."""
ChildMarks = dict[Key, tuple[Mark, Mark]]
"""The marks of the children of one container: that of the key, and that of the value."""
Container = dict[str, object] | list[object]


@dataclass(frozen=True, slots=True)
class Source:
    """A file as plain data, with the place of each node."""

    file: str
    """The name of the file in messages."""
    data: Any
    """JSON-like data: dicts with text keys, lists, texts, numbers, booleans, None."""
    _marks: dict[int, ChildMarks] = field(repr=False)
    """The marks of each container's children, by the `id` of the dict or list."""

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Return the place of the node at a JSON pointer, or of its nearest ancestor in the file.

        With `key`, the place of the node's name rather than of its value.
        """
        node, mark = self.data, (1, 1)
        for token in _split_pointer(pointer):
            child: Key = token
            if isinstance(node, list) and token.isdigit():
                child = int(token)
            children = self._marks.get(id(node), {})
            if child not in children:
                break
            key_mark, value_mark = children[child]
            mark = key_mark if key else value_mark
            node = node[child]
        line, column = mark
        return Place(self.file, line, column)


def _split_pointer(pointer: str) -> list[str]:
    """Split a JSON pointer into its tokens. Source: RFC 6901 section 4 (`~1` first, then `~0`)."""
    tokens = []
    for escaped in pointer.split("/")[1:]:
        slashed = escaped.replace("~1", "/")
        tokens.append(slashed.replace("~0", "~"))
    return tokens


def read_text(path: Path, *, limit: int = MAX_BYTES) -> str:
    """Read a UTF-8 text without its byte order mark.

    Raise InputError when the file is missing, a folder, larger than `limit` bytes, or not UTF-8.
    """
    file = str(path)
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(_missing_file(path)) from error
    except OSError as error:
        message = f"the file cannot be read ({error.strerror})"
        if path.is_dir():
            message = "this is a folder"
        problem = Problem("unreadable-file", message, Place(file), expected="a file")
        raise InputError(problem) from error
    if len(raw) > limit:
        message = f"the file has {len(raw)} bytes"
        raise InputError(_too_large(file, message, limit))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(_not_utf8(path, raw, error.start)) from error


def _missing_file(path: Path) -> Problem:
    """Describe a missing file, with the name in its folder that is most like it."""
    siblings: list[str] = []
    if path.parent.is_dir():
        siblings = [entry.name for entry in path.parent.iterdir()]
    nearest = nearest_name(path.name, siblings)
    return Problem("no-such-file", "there is no such file", Place(str(path)), nearest=nearest)


def _too_large(file: str, message: str, limit: int) -> Problem:
    """Describe a file or text over a limit of bytes."""
    return Problem("file-too-large", message, Place(file), expected=f"at most {limit}")


def _not_utf8(path: Path, raw: bytes, start: int) -> Problem:
    """Describe the first byte that is not UTF-8; the column counts bytes."""
    before = raw[:start]
    line = before.count(b"\n") + 1
    column = start - before.rfind(b"\n")
    return Problem(
        slug="not-utf-8",
        message=f"the byte 0x{raw[start]:02x} is not UTF-8",
        place=Place(str(path), line, column),
        hint="Save the file as UTF-8.",
    )


def read_yaml(path: Path, *, text: str | None = None, name: str | None = None) -> Source:
    """Read a YAML or JSON file, or `text` in its place.

    Raise InputError with the place of the problem. `name` is the file's name in messages; by
    default, the path as given.
    """
    file = name or str(path)
    content = read_text(path) if text is None else text
    # Counted in letters: a text never has fewer bytes than that.
    if len(content) > MAX_BYTES:
        message = f"the text has {len(content)} letters"
        raise InputError(_too_large(file, message, MAX_BYTES))
    return _Builder(file).build(content)


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A value with an anchor, which aliases stand for."""

    value: object
    weight: int


@dataclass(slots=True)
class _OpenContainer:
    """A mapping or list while the events of its nodes come in."""

    value: Container
    marks: ChildMarks
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
        self._marks: dict[int, ChildMarks] = {}
        self._anchors: dict[str, _Anchored] = {}
        self._stack: list[_OpenContainer] = []
        """The containers around the current node, the innermost last."""
        self._root: object = None
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
        """Describe a text that is not YAML, at the place that the parser reports."""
        mark = error.problem_mark or error.context_mark
        place = Place(self._file)
        if mark:
            line, column = mark.line + 1, mark.column + 1
            place = Place(self._file, line, column)
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
        """Add what one event of the parser stands for."""
        # The parser counts from 0.
        start = event.start_mark
        mark = (start.line + 1, start.column + 1)
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
        """Raise InputError with a problem at a mark."""
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
        """Check that a node has no tag but that of a text: tags can make any Python object."""
        if tag and tag not in ("!", "tag:yaml.org,2002:str"):
            message = f'the tag "{tag}" is not allowed'
            self._fail("yaml-tag", message, mark, "plain data without tags")

    def _add_scalar(self, event: Any, mark: Mark) -> None:
        """Add a scalar; only a plain one is converted to another type than a text."""
        self._count(mark)
        self._check_tag(event.tag, mark)
        # implicit[0]: the scalar is plain, so that the schema decides its type (YAML 1.2.2, 6.9.1).
        is_plain = event.implicit[0]
        value = resolve_plain(event.value) if is_plain else event.value
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(value, 1)
        self._add(value, mark, 1)

    def _open(self, event: Any, value: Container, mark: Mark) -> None:
        """Open a mapping or list, of which `value` is the empty data."""
        self._count(mark)
        self._check_tag(event.tag, mark)
        if self._stack:
            parent = self._stack[-1]
            if isinstance(parent.value, dict) and parent.key_mark is None:
                self._fail_complex_key(mark)
        if len(self._stack) >= MAX_DEPTH:
            line, column = mark
            place = Place(self._file, line, column)
            raise InputError(_too_deep(place))
        # Weight 0: the container's own weight is added to its parent when it closes.
        self._add(value, mark, 0)
        container = _OpenContainer(value, {}, event.anchor)
        self._marks[id(value)] = container.marks
        self._stack.append(container)

    def _close(self) -> None:
        """Close the innermost container, and add its weight to the one around it."""
        container = self._stack.pop()
        if container.anchor:
            anchored = _Anchored(container.value, container.weight)
            self._anchors[container.anchor] = anchored
        if self._stack:
            self._stack[-1].weight += container.weight

    def _add_alias(self, name: str, mark: Mark) -> None:
        """Add the value of an anchor again; it is the same object, not a copy."""
        # An anchor counts from its node's end: an alias inside its own anchor would contain itself.
        if name not in self._anchors:
            message = f'unknown alias "*{name}"'
            self._fail("unknown-alias", message, mark, "an anchor before it")
        anchored = self._anchors[name]
        self._count(mark, anchored.weight)
        self._add(anchored.value, mark, anchored.weight)

    def _add(self, value: object, mark: Mark, weight: int) -> None:
        """Add a value to the innermost container: as item, key, or value of the last key."""
        if not self._stack:
            self._root = value
            return
        container = self._stack[-1]
        container.weight += weight
        if isinstance(container.value, list):
            # An item has no name: its mark serves for both.
            index = len(container.value)
            container.marks[index] = (mark, mark)
            container.value.append(value)
        elif container.key_mark is None:
            self._add_key(container, value, mark)
        else:
            container.marks[container.key] = (container.key_mark, mark)
            container.value[container.key] = value
            container.key_mark = None

    def _add_key(self, container: _OpenContainer, value: object, mark: Mark) -> None:
        """Store a key until its value comes."""
        if isinstance(value, (dict, list)):
            self._fail_complex_key(mark)
        key = _key_text(value)
        if key == "<<":
            message = 'the merge key "<<" is not supported'
            hint = "Write the keys out: YAML 1.2 has no merge keys."
            self._fail("merge-key", message, mark, hint=hint)
        if key in container.value:
            key_mark, _ = container.marks[key]
            first_line = key_mark[0]
            message = f'the key "{key}" stands twice (first on line {first_line})'
            self._fail("duplicate-key", message, mark, "each key once")
        container.key = key
        container.key_mark = mark

    def _fail_complex_key(self, mark: Mark) -> NoReturn:
        """Raise InputError for a key that JSON cannot have."""
        message = "a mapping or list is used as a key"
        self._fail("complex-key", message, mark, "a text")


def _too_deep(place: Place) -> Problem:
    """Describe nesting beyond the bound."""
    message = f"the nesting is deeper than {MAX_DEPTH}"
    return Problem("too-deep", message, place, expected="a flatter file")


def _key_text(value: object) -> str:
    """Return a scalar key as a text: JSON has no other keys, but `200:` is common in YAML."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
