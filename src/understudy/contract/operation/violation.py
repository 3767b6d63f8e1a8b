"""One way in which a message breaks the contract: a value, never an exception."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from understudy.contract.document.pointers import child_pointer, parse_pointer
from understudy.contract.schema.descriptions import abbreviate_json
from understudy.contract.schema.validator import SchemaError


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong, where, and which line of contract and document says so."""

    place: str
    """Where in the message: `query.size`, `header.RateLimit-Limit`, `status`; in a response's body a JSON pointer
    (`/data/subtasks/3/status`, or `body` for the whole of it), in a request's body the same after `body`."""
    rule: str
    """The keyword of JSON Schema that is broken, or `required`, `repeated`, `unknown`, `requires`, `status`,
    `content-type`, `json`."""
    value: Any
    """What was found; None when something is missing."""
    expected: str
    pointer: str
    """The contract's node that is broken, as a JSON pointer."""
    source: str = ""
    """The documents' line that the contract's node came from: `task-management.md:29`. Empty when none is known."""

    def __str__(self) -> str:
        found = "missing" if self.value is None else abbreviate_json(self.value)
        where = f"{self.pointer}, {self.source}" if self.source else self.pointer
        return f"{self.place}: {found}; expected {self.expected} [{self.rule}] ({where})"


def find_source(document: Any, pointer: str, default: str = "") -> str:
    """Give the `x-source` of the node at a pointer, or of its nearest ancestor that has one."""
    found = default
    for node in _nodes(document, pointer):
        if isinstance(node, dict) and isinstance(node.get("x-source"), str):
            found = node["x-source"]
    return found


def _nodes(document: Any, pointer: str) -> Iterator[Any]:
    """Give the nodes on the way to a pointer, as far as there are any."""
    yield document
    for token in parse_pointer(pointer):
        try:
            document = document[int(token)] if isinstance(document, list) else document[token]
        except (LookupError, TypeError, ValueError):
            return
        yield document


def convert_schema_errors(
    errors: Iterable[SchemaError], root: Any, document: Any, *, prefix: str = "", source: str = ""
) -> tuple[Violation, ...]:
    """Tell each of a schema's errors about `root` as a violation; each missing field as one of its own.

    `prefix` stands before the pointer in the place.
    """
    found: list[Violation] = []
    for error in errors:
        if error.keyword == "required":
            found += (_missing(error, name, document, prefix, source) for name in error.names)
        else:
            found.append(_broken(error, root, document, prefix, source))
    return tuple(found)


def _missing(error: SchemaError, name: str, document: Any, prefix: str, source: str) -> Violation:
    # The field has a line of its own: that of its property.
    line = find_source(document, error.schema_pointer, source)
    line = find_source(
        document, child_pointer(error.schema_pointer.rpartition("/")[0], "properties", name), line
    )
    return Violation(
        prefix + error.pointer or "body",
        "required",
        None,
        f"the field {name}",
        error.schema_pointer,
        line,
    )


def _broken(error: SchemaError, root: Any, document: Any, prefix: str, source: str) -> Violation:
    value = None if error.keyword == "dependentRequired" else _value_at(root, error.pointer)
    expected = error.expected
    if error.keyword == "additionalProperties" and error.names:
        more = ", …" if len(error.names) > _MOST_NAMES else ""
        expected = f"{expected}, not {', '.join(abbreviate_json(name) for name in error.names[:_MOST_NAMES])}{more}"
    line = find_source(document, error.schema_pointer, source)
    return Violation(
        prefix + error.pointer or "body", error.keyword, value, expected, error.schema_pointer, line
    )


_MOST_NAMES = 5


def _value_at(root: Any, pointer: str) -> Any:
    for token in parse_pointer(pointer):
        root = root[int(token)] if isinstance(root, list) else root[token]
    return root
