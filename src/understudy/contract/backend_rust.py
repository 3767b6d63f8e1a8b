"""The fast back end: jsonschema-rs, when it is installed and can do what is asked of it."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from understudy.contract.formats import obeys_format
from understudy.contract.prepare import Prepared


class RustBackend:
    """Validates one prepared schema with jsonschema-rs. Making it raises whatever the library says it cannot do."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._validator = jsonschema_rs.Draft202012Validator(
            prepared.root, validate_formats=False, keywords={"format": _Format}, retriever=_refuse
        )

    def is_valid(self, value: Any) -> bool:
        """Whether the value obeys the schema."""
        return bool(self._validator.is_valid(value))

    def iter_found(self, value: Any) -> Iterator[tuple[tuple[str | int, ...], str, str, Any]]:
        """Give what is wrong, in the library's order."""
        for error in self._validator.iter_errors(value):
            yield (tuple(error.instance_path), *self._prepared.origin(list(error.schema_path)))


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


def works() -> bool:
    """Whether the installed version does what is needed: it changes with each release."""
    try:
        schema = {"properties": {"a": {"$ref": "#/$defs/0"}}, "$defs": {"0": {"format": "int64"}}}
        backend = RustBackend(Prepared(schema, {id(schema): ("", schema)}))
        [error] = backend._validator.iter_errors({"a": 2**63})
        return list(error.schema_path) == ["$defs", "0", "format"] and backend.is_valid({"a": 2**63 - 1})
    except Exception:
        return False
