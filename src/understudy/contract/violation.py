"""One way in which a message breaks the contract: a value, never an exception."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from understudy.contract.expected import shown
from understudy.contract.pointers import tokens_of
from understudy.contract.validator import SchemaError


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
        found = "missing" if self.value is None else shown(self.value)
        where = f"{self.pointer}, {self.source}" if self.source else self.pointer
        return f"{self.place}: {found}; expected {self.expected} [{self.rule}] ({where})"


def source_of(document: Any, pointer: str, default: str = "") -> str:
    """Give the `x-source` of the node at a pointer, or of its nearest ancestor that has one."""
    node, found = document, default
    for token in ["", *tokens_of(pointer)]:
        if token or node is not document:
            try:
                node = node[int(token)] if isinstance(node, list) else node[token]
            except (LookupError, TypeError, ValueError):
                break
        if isinstance(node, dict) and isinstance(node.get("x-source"), str):
            found = node["x-source"]
    return found


def from_schema_error(error: SchemaError, root: Any, document: Any, *, prefix: str = "", source: str = "") -> Violation:
    """Tell a schema's error about `root` as a violation. `prefix` stands before the pointer in the place."""
    value = root
    for token in tokens_of(error.pointer):
        value = value[int(token)] if isinstance(value, list) else value[token]
    place = prefix + error.pointer
    line = source_of(document, error.schema_pointer, source)
    # A field that is missing has a line of its own: that of its property.
    if error.keyword == "required" and len(error.names) == 1:
        parent = error.schema_pointer.rpartition("/")[0]
        line = source_of(document, f"{parent}/properties/{_escaped(error.names[0])}", line)
    missing = error.keyword in ("required", "dependentRequired")
    return Violation(
        place or "body", error.keyword, None if missing else value, error.expected, error.schema_pointer, line
    )


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def from_schema_errors(
    errors: Iterator[SchemaError], root: Any, document: Any, *, prefix: str = "", source: str = ""
) -> tuple[Violation, ...]:
    """Tell each of a schema's errors as a violation."""
    return tuple(from_schema_error(error, root, document, prefix=prefix, source=source) for error in errors)
