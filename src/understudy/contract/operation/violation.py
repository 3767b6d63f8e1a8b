"""Violations: ways in which a message breaks the contract. They are values, never exceptions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from understudy.contract.document.pointers import child_pointer, parse_pointer
from understudy.contract.schema.descriptions import abbreviate_json, abbreviate_text
from understudy.contract.schema.validator import SchemaError
from understudy.messages import is_secret, redact, redact_body, redact_text

MAX_VIOLATIONS = 100
"""Violations that are reported of one body: each of its members can break the contract."""
_MAX_PLACE = 300
"""Characters of a place, which may have names of a client's members."""
_MAX_SHOWN = 4096
"""How many characters of a value are searched for secrets, before it is cut."""
_MAX_NAMES = 5
"""How many undocumented fields a violation lists."""
_ARTICLE = "the "
_FIELD = f"{_ARTICLE}field "
"""The start of what is expected in place of a missing field; its name follows."""
_RULES_OF_ABSENCE = frozenset(
    {"required", "dependentRequired", "content-type", "accept", "security"}
)
"""The rules that are broken by what is not there: without a value, it is missing."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a message breaks the contract: what is wrong, where, by which line."""

    place: str
    """Where in the message: `query.size`, `header.RateLimit-Limit`, `status`.

    In a response's body it is a JSON pointer (`/data/subtasks/3/status`, or `body` for the whole
    body); in a request's body the same after `body`."""
    rule: str
    """The keyword of JSON Schema that is broken, or `required`, `repeated`, `unknown`, `requires`,
    `status`, `content-type`, `json`."""
    value: Any
    """The value that was found; None when something is missing, and for null."""
    expected: str
    """What was expected, in English."""
    pointer: str
    """The contract's node that is broken, as a JSON pointer."""
    source: str = ""
    """The documents' line that the contract's node came from, such as `task-management.md:29`.
    Empty when it is not known."""

    @property
    def is_unknown_query(self) -> bool:
        """Whether it is a query parameter that the operation does not have."""
        return self.rule == "unknown" and self.place.startswith("query.")

    def __str__(self) -> str:
        value = _show_value(self.place, self.value)
        # Null is a value, and something else than no value.
        if self.value is None and self.rule in _RULES_OF_ABSENCE:
            value = "missing"
        where = self.pointer
        if self.source:
            where = f"{self.pointer}, {self.source}"
        text = f"{self.place}: {value}; expected {self.expected}"
        if value == "missing" and self.expected.startswith(_FIELD):
            # The place is the object, which is there.
            text = f"{self.place}: missing {self.expected.removeprefix(_ARTICLE)}"
        return f"{text} [{self.rule}] ({where})"


def _show_value(place: str, value: object) -> str:
    """Return the value found at a place as JSON, cut and without secrets."""
    if value is not None and _is_in_secret(place):
        return abbreviate_json(redact(value if isinstance(value, str) else abbreviate_json(value)))
    if isinstance(value, str):
        body = value[:_MAX_SHOWN].encode("utf-8", "surrogatepass")
        return abbreviate_json(redact_body(body, "").decode("utf-8", "surrogatepass"))
    if isinstance(value, dict | list):
        return abbreviate_text(redact_text(abbreviate_json(value, _MAX_SHOWN)))
    return abbreviate_json(value)


def _is_in_secret(place: str) -> bool:
    """Return whether a place leads to or into a secret: `query.token`, `body/keys/0`."""
    return any(map(is_secret, place.replace(".", "/").split("/")))


def find_source(document: object, pointer: str, default: str = "") -> str:
    """Return the `x-source` of the node at a pointer, or of its nearest ancestor that has one."""
    source = default
    for node in _iter_nodes_to(document, pointer):
        if isinstance(node, dict):
            own = node.get("x-source")
            if isinstance(own, str):
                source = own
    return source


def _iter_nodes_to(document: object, pointer: str) -> Iterator[object]:
    """Yield the nodes from the root to a pointer, as far as they exist."""
    node = document
    yield node
    for token in parse_pointer(pointer):
        try:
            node = _child(node, token)
        except (LookupError, TypeError, ValueError):
            return
        yield node


def _child(node: Any, token: str) -> Any:
    return node[int(token)] if isinstance(node, list) else node[token]


Violations = tuple[Violation, ...]


def convert_schema_errors(
    errors: Iterable[SchemaError],
    root: object,
    document: object,
    *,
    prefix: str = "",
    source: str = "",
) -> Violations:
    """Convert a schema's errors about the value `root` to violations, at most `MAX_VIOLATIONS`.

    Each missing field becomes a violation of its own. `prefix` is put before the pointer in the
    place; `source` is used where the contract has no `x-source`.
    """
    violations = _iter_violations(errors, root, document, prefix, source)
    return tuple(islice(violations, MAX_VIOLATIONS))


def _iter_violations(
    errors: Iterable[SchemaError], root: object, document: object, prefix: str, source: str
) -> Iterator[Violation]:
    for error in errors:
        if error.keyword == "required":
            for name in error.names:
                yield _missing_field(error, name, document, prefix, source)
        else:
            yield _broken_keyword(error, root, document, prefix, source)


def _missing_field(
    error: SchemaError, name: str, document: object, prefix: str, source: str
) -> Violation:
    # A field has its own line in the documents, which its property remembers.
    schema_pointer = error.schema_pointer.rpartition("/")[0]
    property_pointer = child_pointer(schema_pointer, "properties", name)
    line = find_source(document, error.schema_pointer, source)
    return Violation(
        place=_cut_place(prefix + error.pointer) or "body",
        rule="required",
        value=None,
        expected=f"{_FIELD}{name}",
        pointer=error.schema_pointer,
        source=find_source(document, property_pointer, line),
    )


def _broken_keyword(
    error: SchemaError, root: object, document: object, prefix: str, source: str
) -> Violation:
    value: object = None
    if error.keyword != "dependentRequired":
        value = _value_at(root, error.pointer)
    expected = error.expected
    if error.keyword == "additionalProperties" and error.names:
        expected = f"{expected}, not {_list_names(error.names)}"
    return Violation(
        place=_cut_place(prefix + error.pointer) or "body",
        rule=error.keyword,
        value=value,
        expected=expected,
        pointer=error.schema_pointer,
        source=find_source(document, error.schema_pointer, source),
    )


def _cut_place(place: str) -> str:
    """Return a place; of a very long one, the middle is left out."""
    if len(place) <= _MAX_PLACE:
        return place
    half = _MAX_PLACE // 2
    return f"{place[:half]}…{place[-half:]}"


def _list_names(names: tuple[str, ...]) -> str:
    listed = [abbreviate_json(name) for name in names[:_MAX_NAMES]]
    if len(names) > _MAX_NAMES:
        listed.append("…")
    return ", ".join(listed)


def _value_at(root: object, pointer: str) -> Any:
    value = root
    for token in parse_pointer(pointer):
        value = _child(value, token)
    return value
