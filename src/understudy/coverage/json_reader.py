"""Members of a record, each taken as what it has to be."""

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
ABSENT = object()
"""Stands for a member that is missing."""


class RecordFormatError(Exception):
    """A record is not what it should be: where, what is there, what was expected."""

    def __init__(self, where: str, found: Any, expected: str) -> None:
        text = "missing" if found is ABSENT else repr(found)
        self.what = f"{where or 'the whole'} is {text if len(text) <= 60 else text[:57] + '...'}"
        self.expected = expected
        super().__init__(self.what)


def read_object(value: Any, where: str) -> dict[str, Any]:
    """Give a value that has to be an object. Raises WrongRecordError."""
    if not isinstance(value, dict):
        raise RecordFormatError(where, value, "an object")
    return value


def read_list(
    told: dict[str, Any], key: str, where: str, read: Callable[[Any, str], T]
) -> tuple[T, ...]:
    """Give a list of what `read` makes of its parts. Raises WrongRecordError."""
    value = told.get(key, ABSENT)
    if not isinstance(value, list):
        raise RecordFormatError(f"{where}/{key}", value, "a list")
    return tuple(read(part, f"{where}/{key}/{index}") for index, part in enumerate(value))


def read_text(told: dict[str, Any], key: str, where: str) -> str:
    """Give a member that has to be a text. Raises WrongRecordError."""
    value = told.get(key, ABSENT)
    if not isinstance(value, str):
        raise RecordFormatError(f"{where}/{key}", value, "a text")
    return value


def read_count(told: dict[str, Any], key: str, where: str) -> int:
    """Give a member that has to be a count. Raises WrongRecordError."""
    value = told.get(key, ABSENT)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RecordFormatError(f"{where}/{key}", value, "a whole number, 0 or more")
    return value


def read_counts(told: dict[str, Any], key: str, where: str) -> dict[str, int]:
    """Give a member that maps names to counts. Raises WrongRecordError."""
    value = read_object(told.get(key, ABSENT), f"{where}/{key}")
    return {name: read_count(value, name, f"{where}/{key}") for name in value}
