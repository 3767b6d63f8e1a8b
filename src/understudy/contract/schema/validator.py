"""One small way to ask whether a value obeys a JSON Schema (2020-12), with two back ends that answer alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any, Protocol

from understudy.contract.document.pointers import join_pointer
from understudy.contract.schema.anchors import copy_without_named_references
from understudy.contract.schema.bundle import BundledSchema, bundle_schema
from understudy.contract.schema.descriptions import (
    abbreviate_json,
    describe_keyword,
    find_missing_names,
    find_surplus_names,
)
from understudy.errors import InputError, Problem, nearest_name

BACKENDS = ("jsonschema", "jsonschema-rs")


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One keyword that a value breaks at one place. Both back ends give the same."""

    pointer: str
    """Where in the value. For a field that is missing or not allowed: the object."""
    keyword: str
    """The keyword that is broken; `false` for a schema that is false."""
    message: str
    schema_pointer: str
    """Where in the document the keyword stands, every `$ref` followed."""
    expected: str = ""
    names: tuple[str, ...] = ()
    """The fields that are missing, or not allowed."""


class Validator(Protocol):
    """A compiled schema."""

    def is_valid(self, value: Any) -> bool:
        """Whether the value obeys the schema."""
        ...

    def iter_errors(self, value: Any) -> Iterator[SchemaError]:
        """Give everything that is wrong with the value, by place."""
        ...


def compile_validator(
    schema: Any,
    *,
    document: Any = None,
    backend: str | None = None,
    pointer: str = "",
    hidden: str = "",
) -> Validator:
    """Compile a schema. `$ref` is looked up in `document`, by default in the schema itself.

    `backend` is one of BACKENDS; by default the fast one where it is installed and able. `pointer` tells where the
    schema stands in the document, for the errors. `hidden` is `readOnly` or `writeOnly`: a property that says so is not
    required. Raises InputError for an unknown back end, one that is not installed,
    and a `$ref` that is not local or names nothing.
    """
    if document is None:
        document = schema = copy_without_named_references(schema)
    return _Compiled(schema, document, pointer, hidden, choose_backend(backend))


def choose_backend(backend: str | None = None) -> str:
    """Give the name of the back end that will be used. Raises InputError for one that cannot be."""
    if backend is None:
        return BACKENDS[1] if _rust_works() else BACKENDS[0]
    if backend not in BACKENDS:
        what = f'there is no validator back end "{backend}"'
        near = nearest_name(backend, BACKENDS)
        raise InputError(
            Problem("no-such-backend", what, expected=f"one of {', '.join(BACKENDS)}", nearest=near)
        )
    if backend == BACKENDS[1] and not _rust_works():
        hint = "Install it with: pip install 'understudy[fast]'"
        raise InputError(
            Problem("no-such-backend", f'the back end "{backend}" is not there', hint=hint)
        )
    return backend


@cache
def _rust_works() -> bool:
    if find_spec("jsonschema_rs") is None:
        return False
    from understudy.contract.schema.backend_rust import is_usable

    return is_usable()


class _Backend(Protocol):
    def is_valid(self, value: Any) -> bool: ...

    def iter_failures(
        self, value: Any
    ) -> Iterator[tuple[tuple[str | int, ...], str, str, Any]]: ...


class _Compiled:
    """A schema with its back end; what the fast one cannot take goes to the other."""

    def __init__(self, schema: Any, document: Any, pointer: str, hidden: str, backend: str) -> None:
        self._given = (schema, document, pointer, hidden)
        self._spare: _Backend | None = None
        self._backend = self._python() if backend == BACKENDS[0] else self._rust()

    def _prepared(self, *, for_python: bool) -> BundledSchema:
        schema, document, pointer, hidden = self._given
        return bundle_schema(schema, document, pointer, for_python=for_python, hidden=hidden)

    def _python(self) -> _Backend:
        if self._spare is None:
            from understudy.contract.schema.backend_python import PythonBackend

            self._spare = PythonBackend(self._prepared(for_python=True))
        return self._spare

    def _rust(self) -> _Backend:
        from understudy.contract.schema.backend_rust import RustBackend

        prepared = self._prepared(for_python=False)
        try:
            return RustBackend(prepared)
        except (
            ValueError
        ):  # jsonschema_rs.ValidationError too: a pattern, say, that the library cannot compile
            return self._python()

    def is_valid(self, value: Any) -> bool:
        """Whether the value obeys the schema."""
        try:
            return self._backend.is_valid(value)
        except (ValueError, OverflowError):  # a text with a lone surrogate cannot enter Rust
            return self._python().is_valid(value)

    def iter_errors(self, value: Any) -> Iterator[SchemaError]:
        """Give everything that is wrong with the value, by place."""
        try:
            found = list(self._backend.iter_failures(value))
        except (ValueError, OverflowError):
            found = list(self._python().iter_failures(value))
        errors = {(path, pointer): (keyword, schema) for path, keyword, pointer, schema in found}
        for path, pointer in sorted(errors, key=_order):
            yield _error(value, path, pointer, *errors[path, pointer])


def _order(key: tuple[tuple[str | int, ...], str]) -> Any:
    return [(isinstance(token, str), token) for token in key[0]], key[1]


def _error(
    root: Any, path: tuple[str | int, ...], pointer: str, keyword: str, schema: Any
) -> SchemaError:
    value = root
    for token in path:
        value = value[token]
    limit = schema.get(keyword) if isinstance(schema, dict) else schema
    names: tuple[str, ...] = ()
    if keyword in ("required", "dependentRequired"):
        names = tuple(find_missing_names(keyword, limit, value))
    elif keyword == "additionalProperties":
        names = tuple(find_surplus_names(schema, value))
    expected = describe_keyword(keyword, limit, value)
    message = f"{abbreviate_json(value)} where {expected} is expected"
    if names:
        listed = f"the field{'s' if len(names) > 1 else ''} {', '.join(names)} {'are' if len(names) > 1 else 'is'}"
        message = f"{listed} {'not documented' if keyword == 'additionalProperties' else 'missing'}"
    return SchemaError(join_pointer(path), keyword, message, pointer, expected, names)
