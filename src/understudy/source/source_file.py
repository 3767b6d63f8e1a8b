"""A file as plain data with the place of each node, and reading of its text within bounds."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from understudy.errors import InputError, Place, Problem, nearest_name

Mark = tuple[int, int]
"""Line and column, both from 1."""
Key = str | int
"""A key of a mapping, or an index of a list."""
ChildMarks = dict[Key, tuple[Mark, Mark]]
"""The marks of the children of one container: that of the key, and that of the value."""


MAX_BYTES = 5 * 1024 * 1024
"""Bytes of a file that people write by hand."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds on one file. The defaults are those of files that people write by hand."""

    max_bytes: int = MAX_BYTES
    """Bytes of the file."""
    max_depth: int = 100
    """Mappings and lists inside of each other."""
    max_nodes: int = 200_000
    """Nodes as written in the file."""
    max_expanded: int = 1_000_000
    """Nodes that aliases add to those of the file: the bound on the 'billion laughs' attack."""
    hint: str = ""
    """How a file that is too large becomes smaller."""


MAX_DOCUMENT_BYTES = 50 * 1024 * 1024
"""Bytes of an OpenAPI document."""
DOCUMENT_LIMITS = Limits(max_bytes=MAX_DOCUMENT_BYTES, max_nodes=10_000_000)
"""The bounds on an OpenAPI document, which is often generated."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as plain data, with the place of each node."""

    file: str
    """The name of the file in messages."""
    data: Any
    """JSON-like data: dicts with text keys, lists, texts, numbers, booleans, None."""
    _marks: dict[int, ChildMarks] = field(repr=False)
    """The marks of each container's children, by the `id` of the dict or list."""
    problems: tuple[Problem, ...] = ()
    """Flaws of the text that a lenient reader passed over, such as duplicate keys."""

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Return the place of the node at a JSON pointer, or of its nearest ancestor in the file.

        With `key`, the place of the node's name rather than of its value.
        """
        node, mark = self.data, (1, 1)
        for token in split_pointer(pointer):
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


def split_pointer(pointer: str) -> list[str]:
    """Split a JSON pointer into its tokens. Source: RFC 6901 section 4 (`~1` first, then `~0`)."""
    tokens = []
    for escaped in pointer.split("/")[1:]:
        slashed = escaped.replace("~1", "/")
        tokens.append(slashed.replace("~0", "~"))
    return tokens


def read_text(path: Path, *, limit: int = MAX_BYTES, hint: str = "") -> str:
    """Read a UTF-8 text without its byte order mark.

    Raise InputError when the file is missing, a folder, larger than `limit` bytes, or not UTF-8.
    `hint` says how a file that is too large becomes smaller.
    """
    file = str(path)
    try:
        with path.open("rb") as stream:
            # One byte more than the limit shows that a file is too large, whatever its length.
            raw = stream.read(limit + 1)
    except FileNotFoundError as error:
        raise InputError(_missing_file(path)) from error
    except (OSError, ValueError) as error:
        # ValueError: a path with a null character.
        message = f"the file cannot be read ({getattr(error, 'strerror', None) or error})"
        if isinstance(error, IsADirectoryError) or path.is_dir():
            message = "this is a folder"
        problem = Problem("unreadable-file", message, Place(file), expected="a file")
        raise InputError(problem) from error
    if len(raw) > limit:
        message = f"the file has {max(len(raw), path.stat().st_size)} bytes"
        raise InputError(too_large(file, message, limit, hint))
    return decode_text(raw, file)


def decode_text(raw: bytes, file: str) -> str:
    """Return bytes as a text, without its byte order mark. Raise InputError for no UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(_not_utf8(file, raw, error.start)) from error


def _missing_file(path: Path) -> Problem:
    """Describe a missing file, with the name in its folder that is most like it."""
    siblings: list[str] = []
    if path.parent.is_dir():
        siblings = [entry.name for entry in path.parent.iterdir()]
    nearest = nearest_name(path.name, siblings)
    return Problem("no-such-file", "there is no such file", Place(str(path)), nearest=nearest)


def too_large(file: str, message: str, limit: int, hint: str = "") -> Problem:
    """Describe a file or text over a limit of bytes."""
    return Problem("file-too-large", message, Place(file), expected=f"at most {limit}", hint=hint)


def too_deep(place: Place, limit: int) -> Problem:
    """Describe nesting beyond the bound."""
    message = f"the nesting is deeper than {limit}"
    return Problem("too-deep", message, place, expected="a flatter file")


def _not_utf8(file: str, raw: bytes, start: int) -> Problem:
    """Describe the first byte that is not UTF-8; the column counts bytes."""
    before = raw[:start]
    line = before.count(b"\n") + 1
    column = start - before.rfind(b"\n")
    return Problem(
        slug="not-utf-8",
        message=f"the byte 0x{raw[start]:02x} is not UTF-8",
        place=Place(file, line, column),
        hint="Save the file as UTF-8.",
    )
