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

from understudy.errors import InputError, Place, Problem
from understudy.source.plain_scalars import resolve_plain
from understudy.source.source_file import (
    ChildMarks,
    Limits,
    Mark,
    Source,
    read_text,
    too_deep,
    too_large,
)

Container = dict[str, object] | list[object]
_MERGE_KEY = "<<"


def read_yaml(
    path: Path, *, text: str | None = None, name: str | None = None, limits: Limits | None = None
) -> Source:
    """Read a YAML or JSON file, or `text` in its place.

    Raise InputError with the place of the problem. `name` is the file's name in messages; by
    default, the path as given.
    """
    bounds = limits or Limits()
    content = text
    if content is None:
        content = read_text(path, limit=bounds.max_bytes, hint=bounds.hint)
    return parse_yaml(content, name or str(path), limits=bounds)


def parse_yaml(
    text: str, file: str, *, limits: Limits | None = None, lenient: bool = False
) -> Source:
    """Parse a text of YAML. Raise InputError for the first problem.

    A lenient reader lets the last of several equal keys count, and obeys merge keys (`<<`), which
    are no part of YAML 1.2; it reports the former in the source's `problems`.
    """
    bounds = limits or Limits()
    # Counted in letters: a text never has fewer bytes than that.
    if len(text) > bounds.max_bytes:
        message = f"the text has {len(text)} letters"
        raise InputError(too_large(file, message, bounds.max_bytes, bounds.hint))
    return _Builder(file, bounds, lenient=lenient).build(text)


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
    merged: list[object] = field(default_factory=list)
    """The values of its merge keys."""


class _Builder:
    """Builds the data of one file from the events of PyYAML's parser."""

    def __init__(self, file: str, limits: Limits, *, lenient: bool) -> None:
        self._file = file
        self._limits = limits
        self._lenient = lenient
        self._problems: list[Problem] = []
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
            raise InputError(self._syntax_problem(error, text)) from error
        except yaml.YAMLError as error:
            raise InputError(self._character_problem(error, text)) from error
        return Source(self._file, self._root, self._marks, tuple(self._problems))

    def _syntax_problem(self, error: yaml.MarkedYAMLError, text: str) -> Problem:
        """Describe a text that is not YAML, at the place that the parser reports."""
        mark = error.problem_mark or error.context_mark
        place = Place(self._file)
        if mark:
            line, column = mark.line + 1, mark.column + 1
            place = Place(self._file, line, column)
            tab = _find_tab(text, line)
            if tab:
                message = "this is not YAML: the line is indented with a tab"
                return Problem("not-yaml", message, Place(self._file, line, tab), "spaces")
        # libyaml's scanner has a bound of its own and reads ahead, so it may report depth first.
        if "nesting depth" in str(error.problem):
            return too_deep(place, self._limits.max_depth)
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
        limits = self._limits
        if self._nodes > limits.max_nodes:
            message = f"the file has more than {limits.max_nodes} nodes"
            self._fail("too-many-nodes", message, mark, "a smaller file", limits.hint)
        if self._expanded - self._nodes > limits.max_expanded:
            message = f"the aliases stand for more than {limits.max_expanded} nodes"
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
        if len(self._stack) >= self._limits.max_depth:
            line, column = mark
            place = Place(self._file, line, column)
            raise InputError(too_deep(place, self._limits.max_depth))
        # Weight 0: the container's own weight is added to its parent when it closes.
        self._add(value, mark, 0)
        container = _OpenContainer(value, {}, event.anchor)
        self._marks[id(value)] = container.marks
        self._stack.append(container)

    def _close(self) -> None:
        """Close the innermost container, and add its weight to the one around it."""
        container = self._stack.pop()
        for merged in container.merged:
            self._merge(container, merged)
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
            if container.key == _MERGE_KEY and self._lenient:
                container.merged.append(value)
            else:
                container.marks[container.key] = (container.key_mark, mark)
                container.value[container.key] = value
            container.key_mark = None

    def _merge(self, container: _OpenContainer, merged: object) -> None:
        """Add the members of a merge key's value; a member that is there already stays.

        Source: yaml.org/type/merge.html: a mapping, or a list of them of which the first counts.
        """
        parts = merged if isinstance(merged, list) else [merged]
        for part in parts:
            if not isinstance(part, dict) or not isinstance(container.value, dict):
                continue
            for key, value in part.items():
                if key not in container.value:
                    container.value[key] = value
                    container.marks[key] = self._marks[id(part)][key]

    def _add_key(self, container: _OpenContainer, value: object, mark: Mark) -> None:
        """Store a key until its value comes."""
        if isinstance(value, (dict, list)):
            self._fail_complex_key(mark)
        key = _key_text(value)
        if key == _MERGE_KEY and not self._lenient:
            message = 'the merge key "<<" is not supported'
            hint = "Write the keys out: YAML 1.2 has no merge keys."
            self._fail("merge-key", message, mark, hint=hint)
        if key in container.value:
            self._report_duplicate(container, key, mark)
        container.key = key
        container.key_mark = mark

    def _report_duplicate(self, container: _OpenContainer, key: str, mark: Mark) -> None:
        """Report a key that stands twice: raise InputError, or let the last one count."""
        key_mark, _ = container.marks[key]
        message = f'the key "{key}" stands twice (first on line {key_mark[0]})'
        if not self._lenient:
            self._fail("duplicate-key", message, mark, "each key once")
        line, column = mark
        place = Place(self._file, line, column)
        problem = Problem("duplicate-key", message, place, expected="each key once")
        self._problems.append(problem)

    def _fail_complex_key(self, mark: Mark) -> NoReturn:
        """Raise InputError for a key that JSON cannot have."""
        message = "a mapping or list is used as a key"
        self._fail("complex-key", message, mark, "a text")


def _find_tab(text: str, line: int) -> int:
    """Return the column of a tab in the indentation of a line; 0: there is none.

    Source: YAML 1.2.2, section 6.1: tabs must not be used for indentation.
    """
    lines = text.split("\n", line)
    if len(lines) < line:
        return 0
    content = lines[line - 1]
    indentation = content[: len(content) - len(content.lstrip(" \t"))]
    return indentation.find("\t") + 1


def _key_text(value: object) -> str:
    """Return a scalar key as a text: JSON has no other keys, but `200:` is common in YAML."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
