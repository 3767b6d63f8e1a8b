"""The fast back end: jsonschema-rs, when it is installed and can do what is asked of it."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema_rs

from understudy.contract.schema.bundle import BundledSchema
from understudy.contract.schema.formats import obeys_format


class RustBackend:
    """Validates one prepared schema with jsonschema-rs. Making it raises whatever the library says it cannot do."""

    def __init__(self, prepared: BundledSchema) -> None:
        self._prepared = prepared
        self._validator = jsonschema_rs.Draft202012Validator(
            prepared.root, validate_formats=False, keywords={"format": _Format}, retriever=_refuse
        )

    def is_valid(self, value: Any) -> bool:
        """Whether the value obeys the schema."""
        return bool(self._validator.is_valid(value))

    def iter_failures(self, value: Any) -> Iterator[tuple[tuple[str | int, ...], str, str, Any]]:
        """Give what is wrong, in the library's order. Raises ValueError where it cannot be told which name is meant."""
        names = _Names()
        try:
            for error in self._validator.iter_errors(value):
                path, node = names.path(value, error.instance_path)
                if node != error.instance:  # the library leaves empty names out
                    raise ValueError(path)
                yield (
                    path,
                    *self._prepared.find_origin(
                        names.path(self._prepared.root, error.schema_path)[0]
                    ),
                )
        except (LookupError, TypeError) as error:
            raise ValueError(str(error)) from error


class _Names:
    """Turns the library's paths into ours: it gives every name that is a number as one, `007` as 7."""

    def __init__(self) -> None:
        self._known: dict[int, dict[int, list[str]]] = {}
        """By identity of an object: its names that are numbers."""

    def path(self, node: Any, tokens: Iterable[str | int]) -> tuple[tuple[str | int, ...], Any]:
        made: list[str | int] = []
        for token in tokens:
            key = (
                self._key(node, token)
                if isinstance(token, int) and isinstance(node, dict)
                else token
            )
            node = node[key]
            made.append(key)
        return tuple(made), node

    def _key(self, node: dict[str, Any], number: int) -> str:
        if id(node) not in self._known:
            known: dict[int, list[str]] = {}
            for name in node:
                if _NUMBER.fullmatch(name):
                    known.setdefault(int(name), []).append(name)
            self._known[id(node)] = known
        [name] = self._known[id(node)].get(number, [])
        return name


_NUMBER = re.compile(r"\+?[0-9]{1,4300}")


class _Format:
    """The keyword `format` for every type of value; the library's own check is for texts only."""

    def __init__(self, schema: Any, value: Any, path: Any) -> None:
        self._name = value

    def validate(self, value: Any) -> None:
        """Raise ValueError when the value is not of the format."""
        if not obeys_format(value, self._name):
            raise ValueError(self._name)


def _refuse(uri: str) -> Any:
    raise LookupError(f"{uri} is not fetched")


def is_usable() -> bool:
    """Whether the installed version does what is needed: it changes with each release."""
    try:
        schema = {"properties": {"a": {"$ref": "#/$defs/0"}}, "$defs": {"0": {"format": "int64"}}}
        backend = RustBackend(BundledSchema(schema, {id(schema): ("", schema)}))
        [found] = backend.iter_failures({"a": 2**63})
        return found[:3] == (("a",), "format", "/$defs/0/format") and backend.is_valid(
            {"a": 2**63 - 1}
        )
    except Exception:
        return False
