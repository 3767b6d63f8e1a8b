"""Read YAML 1.2 (and so JSON) safely, in one pass over the parser's events.

PyYAML's own constructors follow YAML 1.1 (`NO` is false, `1:30` is 90, the last duplicate wins) and its C composer
overflows the stack on deep nesting. Here the events are turned into values directly: iteratively, with bounds, and with
a mark for every node.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from understudy.errors import InputError, Place, Problem, nearest_name

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 100
MAX_NODES = 200_000
MAX_EXPANDED = 1_000_000
"""Nodes counted with every alias weighing what it stands for: the bound on 'billion laughs'."""

Mark = tuple[int, int]
"""Line and column, both from 1."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: its data as plain Python, and where each node stands."""

    file: str
    data: Any
    _marks: dict[int, dict[Any, tuple[Mark, Mark]]] = field(repr=False)
    """By identity of a dict or list: key or index to the marks of key and value."""

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Give the place of the node at a JSON pointer, or of its nearest ancestor that stands in the file.

        With `key=True`, the place of the name rather than of the value.
        """
        node, mark = self.data, (1, 1)
        for token in _tokens(pointer):
            index: Any = int(token) if isinstance(node, list) and token.isdigit() else token
            found = self._marks.get(id(node), {}).get(index)
            if found is None:
                break
            mark = found[0] if key else found[1]
            node = node[index]
        return Place(self.file, *mark)


def _tokens(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def read_text(path: Path, *, limit: int = MAX_BYTES) -> str:
    """Read a UTF-8 text. Raises InputError when the file is missing, a folder, too large or not UTF-8.

    A byte order mark at the head is dropped.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        near = nearest_name(path.name, siblings)
        raise InputError(
            Problem("no-such-file", "there is no such file", Place(str(path)), nearest=near)
        ) from error
    except OSError as error:
        what = (
            "this is a folder" if path.is_dir() else f"the file cannot be read ({error.strerror})"
        )
        raise InputError(
            Problem("unreadable-file", what, Place(str(path)), expected="a file")
        ) from error
    if len(raw) > limit:
        what = f"the file has {len(raw)} bytes"
        raise InputError(
            Problem("file-too-large", what, Place(str(path)), expected=f"at most {limit}")
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        place = Place(
            str(path), before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        )
        what = f"the byte 0x{raw[error.start]:02x} is not UTF-8"
        raise InputError(
            Problem("not-utf-8", what, place, hint="Save the file as UTF-8.")
        ) from error


def read_yaml(path: Path, *, text: str | None = None, name: str | None = None) -> Source:
    """Read a YAML or JSON file (or `text`, told as if it stood in `path`). Raises InputError with the place.

    `name` is how the file is called in messages; by default the path as given.
    """
    file = name or str(path)
    content = read_text(path) if text is None else text
    if len(content) > MAX_BYTES:  # in letters, so never fewer bytes
        what = f"the text has {len(content)} letters"
        raise InputError(
            Problem("file-too-large", what, Place(file), expected=f"at most {MAX_BYTES}")
        )
    return _Builder(file).build(content)


# YAML 1.2 Core schema, section 10.3.2.
_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# Not Core to the letter: 012 is 12 there, 10 in YAML 1.1, no number in JSON. It stays a text: nothing changes silently.
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_MAX_DIGITS = 4300
_MAX_HEX_DIGITS = 3500
"""So that the number can be written in decimal: Python converts no more than 4300 digits. A longer one stays a text."""


def resolve_plain(text: str) -> Any:
    """Give what a plain (unquoted) scalar means in the YAML 1.2 Core schema.

    Infinity and NaN stay texts: no JSON value is one.
    """
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.match(text) and len(text) <= _MAX_DIGITS:
        return int(text)
    if len(text) <= _MAX_HEX_DIGITS and _OCTAL.match(text):
        return int(text[2:], 8)
    if len(text) <= _MAX_HEX_DIGITS and _HEX.match(text):
        return int(text[2:], 16)
    if _FLOAT.match(text):
        number = float(text)
        return text if number in (float("inf"), float("-inf")) else number
    return text


@dataclass(slots=True)
class _Frame:
    """A container that is being filled."""

    value: Any
    marks: dict[Any, tuple[Mark, Mark]]
    anchor: str | None
    key: Any = None
    key_mark: Mark | None = None
    weight: int = 1


class _Builder:
    def __init__(self, file: str) -> None:
        self._file = file
        self._marks: dict[int, dict[Any, tuple[Mark, Mark]]] = {}
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._stack: list[_Frame] = []
        self._root: Any = None
        self._nodes = 0
        self._expanded = 0
        self._documents = 0

    def build(self, text: str) -> Source:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            for event in yaml.parse(text, Loader=loader):
                self._take(event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            if "nesting depth" in str(
                error.problem
            ):  # libyaml's scanner has a bound of its own, and reads ahead
                self._refuse(
                    "too-deep", f"the nesting is deeper than {MAX_DEPTH}", at, "a flatter file"
                )
            what = "this is not YAML: " + ", ".join(
                part for part in (error.context, error.problem) if part
            )
            raise InputError(Problem("not-yaml", what, Place(self._file, *at))) from error
        except yaml.YAMLError as error:
            position = getattr(error, "position", 0)
            at = (
                text.count("\n", 0, position) + 1,
                position - (text.rfind("\n", 0, position) + 1) + 1,
            )
            what = f"this is not YAML: {getattr(error, 'reason', error)}"
            raise InputError(Problem("not-yaml", what, Place(self._file, *at))) from error
        return Source(self._file, self._root, self._marks)

    def _take(self, event: Any) -> None:
        mark = (event.start_mark.line + 1, event.start_mark.column + 1)
        match event:
            case yaml.ScalarEvent():
                self._weigh(mark)
                self._tag(event, mark)
                value = resolve_plain(event.value) if event.implicit[0] else event.value
                if event.anchor:
                    self._anchors[event.anchor] = (value, 1)
                self._place(value, mark, 1)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._weigh(mark)
                self._tag(event, mark)
                self._open(
                    {} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor, mark
                )
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close()
            case yaml.AliasEvent():
                self._alias(str(event.anchor), mark)
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._refuse(
                        "several-documents",
                        "a second YAML document starts here",
                        mark,
                        "one document",
                    )
            case _:
                pass

    def _refuse(self, slug: str, what: str, mark: Mark, expected: str = "", hint: str = "") -> None:
        raise InputError(
            Problem(slug, what, Place(self._file, *mark), expected=expected, hint=hint)
        )

    def _weigh(self, mark: Mark, weight: int = 1) -> None:
        self._nodes += 1
        self._expanded += weight
        if self._nodes > MAX_NODES:
            self._refuse(
                "too-many-nodes",
                f"the file has more than {MAX_NODES} nodes",
                mark,
                "a smaller file",
            )
        if self._expanded > MAX_EXPANDED:
            what = f"the aliases stand for more than {MAX_EXPANDED} nodes"
            self._refuse("too-many-aliases", what, mark, "fewer aliases")

    def _tag(self, event: Any, mark: Mark) -> None:
        if event.tag and event.tag not in ("!", "tag:yaml.org,2002:str"):
            self._refuse(
                "yaml-tag", f'the tag "{event.tag}" is not allowed', mark, "plain data without tags"
            )

    def _open(self, value: Any, anchor: str | None, mark: Mark) -> None:
        if (
            self._stack
            and isinstance(self._stack[-1].value, dict)
            and self._stack[-1].key_mark is None
        ):
            self._refuse("complex-key", "a mapping or list is used as a key", mark, "a text")
        if len(self._stack) >= MAX_DEPTH:
            self._refuse(
                "too-deep", f"the nesting is deeper than {MAX_DEPTH}", mark, "a flatter file"
            )
        self._place(value, mark, 0)
        frame = _Frame(value, {}, anchor)
        self._marks[id(value)] = frame.marks
        self._stack.append(frame)

    def _close(self) -> None:
        frame = self._stack.pop()
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.value, frame.weight)
        if self._stack:
            self._stack[-1].weight += frame.weight

    def _alias(self, name: str, mark: Mark) -> None:
        if name not in self._anchors:
            # Also an alias inside its own anchor: such a value would contain itself.
            self._refuse(
                "unknown-alias",
                f'the alias "*{name}" stands for nothing yet',
                mark,
                "an anchor before it",
            )
        value, weight = self._anchors[name]
        self._weigh(mark, weight)
        self._place(value, mark, weight)

    def _place(self, value: Any, mark: Mark, weight: int) -> None:
        if not self._stack:
            self._root = value
            return
        frame = self._stack[-1]
        frame.weight += weight
        if isinstance(frame.value, list):
            frame.marks[len(frame.value)] = (mark, mark)
            frame.value.append(value)
        elif frame.key_mark is None:
            self._key(frame, value, mark)
        else:
            frame.marks[frame.key] = (frame.key_mark, mark)
            frame.value[frame.key] = value
            frame.key_mark = None

    def _key(self, frame: _Frame, value: Any, mark: Mark) -> None:
        # JSON has text keys only; `200:` under `responses` is what people write, so scalars become their text.
        if isinstance(value, (dict, list)):
            self._refuse("complex-key", "a mapping or list is used as a key", mark, "a text")
        key = (
            value
            if isinstance(value, str)
            else str(value).lower()
            if isinstance(value, bool)
            else str(value)
        )
        if value is None:
            key = "null"
        if key == "<<":
            hint = "Write the keys out: YAML 1.2 has no merge keys."
            self._refuse("merge-key", 'the merge key "<<" is not supported', mark, hint=hint)
        if key in frame.value:
            first = frame.marks[key][0]
            self._refuse(
                "duplicate-key",
                f'the key "{key}" stands twice (first on line {first[0]})',
                mark,
                "each key once",
            )
        frame.key, frame.key_mark = key, mark
