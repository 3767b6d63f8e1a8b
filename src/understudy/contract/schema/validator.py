"""Validation of values against a JSON Schema (2020-12), with two back ends that report the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import islice
from typing import Any, Protocol

from understudy.contract.document.pointers import Token, join_pointer
from understudy.contract.schema.anchors import copy_without_named_references
from understudy.contract.schema.bundle import (
    BundledSchema,
    KeywordFailure,
    KeywordOrigin,
    ValuePath,
    bundle_schema,
)
from understudy.contract.schema.descriptions import (
    abbreviate_json,
    describe_keyword,
    find_missing_names,
    find_surplus_names,
)
from understudy.contract.schema.keywords import Schema
from understudy.errors import InputError, Problem, nearest_name

BACKENDS = ("jsonschema", "jsonschema-rs")
"""The names of the back ends: the one that is always installed, and the fast one."""
_PYTHON, _RUST = BACKENDS

_ErrorPlace = tuple[ValuePath, str]
"""Where in the value, and the pointer of the keyword."""


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One keyword that a value breaks at one place. Both back ends report the same."""

    pointer: str
    """Where in the value. For a field that is missing or not allowed: the object."""
    keyword: str
    """The broken keyword; `false` for a schema that is `false`."""
    message: str
    """One line: what was found and what is expected, or which fields are wrong."""
    schema_pointer: str
    """Where in the document the keyword is, every `$ref` followed."""
    expected: str = ""
    names: tuple[str, ...] = ()
    """The fields that are missing, or not allowed."""


class Validator(Protocol):
    """A compiled schema."""

    def is_valid(self, value: object) -> bool:
        """Return whether the value is valid."""
        ...

    def iter_errors(self, value: object, *, limit: int | None = None) -> Iterator[SchemaError]:
        """Yield the errors of the value, ordered by pointer and then by schema pointer.

        `limit`: find no more of them, since each of a million items may have one.
        """
        ...


def compile_validator(
    schema: Schema,
    *,
    document: object = None,
    backend: str | None = None,
    pointer: str = "",
    hidden: str = "",
    lazy: bool = False,
) -> Validator:
    """Compile a schema.

    `$ref` is looked up in `document`, by default in the schema itself. `backend` is one of
    BACKENDS; by default the fast one where it is installed and usable. `pointer` is where the
    schema is in the document: errors report places below it. `hidden` is `readOnly` or `writeOnly`:
    a property with that keyword is not required. `lazy` compiles at the first use,
    for a schema that was checked: a server needs few of its schemas for its first answer. Raises
    InputError for an unknown back end, one that is not installed, and a `$ref` that is not local
    or has no target.
    """
    if document is None:
        schema = copy_without_named_references(schema)
        document = schema
    compiled = _CompiledSchema(schema, document, pointer, hidden, choose_backend(backend))
    if not lazy:
        compiled.compile()
    return compiled


def choose_backend(backend: str | None = None) -> str:
    """Return the name of the back end to use: the given one, or by default the fastest usable.

    Raises InputError for an unknown back end, and for one that is not installed.
    """
    if backend is None:
        return _RUST if _is_rust_usable() else _PYTHON
    if backend not in BACKENDS:
        message = f'unknown validator back end "{backend}"'
        nearest = nearest_name(backend, BACKENDS)
        expected = f"one of {', '.join(BACKENDS)}"
        raise InputError(Problem("no-such-backend", message, expected=expected, nearest=nearest))
    if backend == _RUST and not _is_rust_usable():
        message = f'the validator back end "{backend}" is not installed'
        hint = "Install it with: pip install 'understudy[fast]'"
        raise InputError(Problem("no-such-backend", message, hint=hint))
    return backend


@cache
def _is_rust_usable() -> bool:
    if find_spec("jsonschema_rs") is None:
        return False
    # Imported late: the library is optional.
    from understudy.contract.schema.backend_rust import is_usable

    return is_usable()


class _Backend(Protocol):
    def is_valid(self, value: object) -> bool: ...

    def iter_failures(self, value: object) -> Iterator[KeywordFailure]: ...


class _CompiledSchema:
    """A schema with its back end.

    What the fast back end cannot compile or take goes to the other one, so that no schema and no
    value is rejected because of one library.
    """

    def __init__(
        self, schema: Schema, document: object, pointer: str, hidden: str, backend: str
    ) -> None:
        self._schema = schema
        self._document = document
        self._pointer = pointer
        self._hidden = hidden
        self._backend_name = backend
        self._backend: _Backend | None = None
        self._python_backend: _Backend | None = None

    def compile(self) -> _Backend:
        """Return the back end, compiled at its first use.

        Two threads may both compile it: the results are the same.
        """
        if self._backend is None:
            use_python = self._backend_name == _PYTHON
            self._backend = self._use_python() if use_python else self._use_rust()
        return self._backend

    def _bundle(self, *, for_python: bool) -> BundledSchema:
        return bundle_schema(
            self._schema,
            self._document,
            self._pointer,
            for_python=for_python,
            hidden=self._hidden,
        )

    def _use_python(self) -> _Backend:
        """Return the back end that is always installed, compiled at its first use."""
        if self._python_backend is None:
            # Imported late: importing jsonschema takes long, and the fast back end can do without.
            from understudy.contract.schema.backend_python import PythonBackend

            self._python_backend = PythonBackend(self._bundle(for_python=True))
        return self._python_backend

    def _use_rust(self) -> _Backend:
        from understudy.contract.schema.backend_rust import RustBackend

        bundle = self._bundle(for_python=False)
        try:
            return RustBackend(bundle)
        except ValueError:
            # jsonschema_rs.ValidationError is one too: for example a pattern it cannot compile.
            return self._use_python()

    def is_valid(self, value: object) -> bool:
        """Return whether the value is valid."""
        try:
            return self.compile().is_valid(value)
        except (ValueError, OverflowError):
            # A text with a lone surrogate cannot be passed to Rust.
            return self._use_python().is_valid(value)

    def iter_errors(self, value: object, *, limit: int | None = None) -> Iterator[SchemaError]:
        """Yield the errors of the value, ordered by pointer and then by schema pointer."""
        try:
            failures = list(islice(self.compile().iter_failures(value), limit))
        except (ValueError, OverflowError):
            failures = list(islice(self._use_python().iter_failures(value), limit))
        by_place: dict[_ErrorPlace, KeywordOrigin] = {}
        for path, origin in failures:
            _, pointer, _ = origin
            # A keyword that is reached in two ways is reported once.
            by_place[path, pointer] = origin
        for place in sorted(by_place, key=_place_order):
            path, _ = place
            yield _make_error(value, path, by_place[place])


def _place_order(place: _ErrorPlace) -> tuple[list[tuple[bool, Token]], str]:
    path, pointer = place
    # Indexes before names: Python cannot compare the two.
    tokens = [(isinstance(token, str), token) for token in path]
    return tokens, pointer


def _make_error(root: Any, path: ValuePath, origin: KeywordOrigin) -> SchemaError:
    keyword, pointer, schema = origin
    value = root
    for token in path:
        value = value[token]
    limit = schema.get(keyword) if isinstance(schema, dict) else schema
    names = tuple(_wrong_names(keyword, schema, value))
    expected = describe_keyword(keyword, limit, value)
    message = f"found {abbreviate_json(value)}; expected {expected}"
    if names:
        message = _describe_wrong_names(keyword, names)
    return SchemaError(join_pointer(path), keyword, message, pointer, expected, names)


def _wrong_names(keyword: str, schema: Schema, value: object) -> list[str]:
    """Return the fields that are missing or not documented, for the keywords about fields."""
    if not isinstance(schema, dict):
        return []
    if keyword in ("required", "dependentRequired"):
        return find_missing_names(keyword, schema[keyword], value)
    if keyword == "additionalProperties":
        return find_surplus_names(schema, value)
    return []


def _describe_wrong_names(keyword: str, names: tuple[str, ...]) -> str:
    defect = "not documented" if keyword == "additionalProperties" else "missing"
    if len(names) == 1:
        return f"the field {names[0]} is {defect}"
    return f"the fields {', '.join(names)} are {defect}"
