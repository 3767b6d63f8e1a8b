"""Readers for the members of a JSON record; each checks the type of its member.

`where` is the JSON pointer of the record, for the error.
"""

from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
ABSENT: Final = object()
"""The value of a missing member."""
_MAX_QUOTED = 60
"""Characters of a wrong value that an error quotes."""


class RecordFormatError(Exception):
    """A record has a wrong member. `message` says where and what it is, `expected` the type."""

    def __init__(
        self,
        where: str,
        value: object,
        expected: str,
    ) -> None:
        place = where or "the whole"
        self.message = f"{place} is {_quote(value)}"
        self.expected = expected
        super().__init__(self.message)


def _quote(value: object) -> str:
    if value is ABSENT:
        return "missing"
    text = repr(value)
    if len(text) > _MAX_QUOTED:
        text = text[: _MAX_QUOTED - 3] + "..."
    return text


def read_object(value: object, where: str) -> dict[str, object]:
    """Return a value that must be an object. Raises RecordFormatError."""
    if not isinstance(value, dict):
        raise RecordFormatError(where, value, "an object")
    return value


def read_list(
    record: dict[str, object],
    key: str,
    where: str,
    read: Callable[[object, str], T],
) -> tuple[T, ...]:
    """Return a list, each item read by `read`, which gets its place too.

    Raises RecordFormatError.
    """
    value = record.get(key, ABSENT)
    place = f"{where}/{key}"
    if not isinstance(value, list):
        raise RecordFormatError(place, value, "a list")
    items = []
    for index, item in enumerate(value):
        items.append(read(item, f"{place}/{index}"))
    return tuple(items)


def read_text(
    record: dict[str, object],
    key: str,
    where: str,
) -> str:
    """Return a string. Raises RecordFormatError."""
    value = record.get(key, ABSENT)
    if not isinstance(value, str):
        raise RecordFormatError(f"{where}/{key}", value, "a text")
    return value


def read_count(
    record: dict[str, object],
    key: str,
    where: str,
) -> int:
    """Return a whole number from 0 up. Raises RecordFormatError."""
    value = record.get(key, ABSENT)
    # `bool` is a subclass of `int`; true is not a count.
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RecordFormatError(f"{where}/{key}", value, "a whole number, 0 or more")
    return value


def read_counts(
    record: dict[str, object],
    key: str,
    where: str,
) -> dict[str, int]:
    """Return an object that maps names to counts. Raises RecordFormatError."""
    place = f"{where}/{key}"
    counts = read_object(record.get(key, ABSENT), place)
    return {name: read_count(counts, name, place) for name in counts}
