"""Written values to values of a type: `"Prepare host"`, `["RUNNING", "FAILED"]`, `1000`, `true`."""

import builtins
import re
from typing import Any

from understudy.derive.facts.facts import Field, Kind, TypeExpr
from understudy.messages import JsonError, parse_json

_WHOLE_NUMBER = re.compile(r"-?\d{1,9}")
_TIME_HEAD = re.compile(r'"?\d{4}-?\d\d-?\d\dT')
"""The head of a date-time. Source: ISO 8601, with or without hyphens."""
_BOUNDS = {"int32": 2**31, "int64": 2**63}
"""Each format's integers are from minus its bound to below it. Source: OpenAPI 3.1, Data Types."""

_CLASSES: dict[Kind, builtins.type | tuple[builtins.type, ...]] = {
    Kind.STRING: str,
    Kind.INTEGER: int,
    Kind.NUMBER: (int, float),
    Kind.BOOLEAN: bool,
    Kind.OBJECT: dict,
    Kind.ARRAY: list,
}
"""The Python types of a kind's values; a kind that is missing takes any value."""
_CLASS_NAMES = {
    str: "a text",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
    dict: "an object",
}


class ValueMismatch(ValueError):  # noqa: N818 - caught by its only caller
    """A written value does not have the documented type. The text says why."""


def read_value(text: str, type: TypeExpr) -> Any:
    """Parse a written value as a type. Raise ValueMismatch when it does not have the type.

    Back-ticks around the value do not count. A text may stand without its quotes: `Beijing`.
    """
    stripped = text.strip().strip("`").strip()
    try:
        value = parse_json(stripped)
    except JsonError as error:
        if type.kind is Kind.STRING:
            return stripped
        if type.kind in (Kind.NAMED, Kind.ANY):
            raise ValueMismatch("it is not JSON and the type is not known") from error
        raise ValueMismatch(f"it is not JSON ({error.reason})") from error
    # `100` in a column of texts is a text without its quotes.
    if type.kind is Kind.STRING and not isinstance(value, str):
        return stripped
    return check_value(value, type)


def check_value(value: Any, type: TypeExpr) -> Any:
    """Return a value that has a type, its items included. Raise ValueMismatch when it does not.

    An integer must also lie within the bounds of its format.
    """
    if not _has_class(value, type.kind):
        raise ValueMismatch(f"it is {_name_class(value)}")
    if type.kind is Kind.INTEGER:
        bound = _BOUNDS[type.format or "int64"]
        if not -bound <= value < bound:
            raise ValueMismatch(f"it is beyond {type.format}")
    if type.kind is Kind.ARRAY and type.item is not None:
        for item in value:
            check_value(item, type.item)
    return value


def _has_class(value: object, kind: Kind) -> bool:
    """Check whether a JSON value has a kind; kinds without Python types take any value."""
    expected = _CLASSES.get(kind)
    if expected is None:
        return True
    # Python's booleans are integers; JSON's are not.
    if isinstance(value, bool) and expected is not bool:
        return False
    return isinstance(value, expected)


def _name_class(value: object) -> str:
    """Return how an error names the type of a JSON value: `a text`, `null`."""
    return _CLASS_NAMES.get(builtins.type(value), "null")


def read_value_or_none(text: str | None, type: TypeExpr) -> Any:
    """Parse a written value, or return None when there is none or it does not have the type."""
    if text is None:
        return None
    try:
        return read_value(text, type)
    except ValueMismatch:
        return None


def _written_example(field: Field) -> str | None:
    """Return the example of the table's column, else that of the description."""
    if field.example is not None:
        return field.example
    return field.prose.example


def find_example(field: Field) -> Any:
    """Return the field's example when it fits type, enum and bounds; else None."""
    value = read_value_or_none(_written_example(field), field.type)
    if value is None:
        return None
    if find_values_outside_enum(field, value) or is_out_of_bounds(field, value):
        return None
    return value


def find_values_outside_enum(field: Field, value: Any) -> list[Any]:
    """Return the value, or the items of an array, that the description does not list."""
    if not has_enum(field):
        return []
    allowed = list_enum_values(field)
    items = value if isinstance(value, list) else [value]
    return [item for item in items if item not in allowed]


def is_out_of_bounds(field: Field, value: object) -> bool:
    """Check whether a number lies outside of the documented bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    low = field.prose.minimum
    high = field.prose.maximum
    if low is not None and value < low:
        return True
    return high is not None and value > high


def _item_kind(field: Field) -> Kind:
    """Return the kind of an array's items, else the field's own."""
    return (field.type.item or field.type).kind


def has_enum(field: Field) -> bool:
    """Check whether the listed values have the field's type.

    A text takes any value; an integer takes whole numbers only. For an array, the items' type
    counts.
    """
    values = field.prose.enum
    if not values:
        return False
    kind = _item_kind(field)
    if kind is Kind.INTEGER:
        return all(_WHOLE_NUMBER.fullmatch(value) for value in values)
    return kind is Kind.STRING


def list_enum_values(field: Field) -> list[Any]:
    """Return the listed values in the field's type."""
    if _item_kind(field) is Kind.INTEGER:
        return [int(value) for value in field.prose.enum]
    return list(field.prose.enum)


def is_described_as_time(field: Field) -> bool:
    """Check for a text that is described as a time, unless an example or enum contradicts it."""
    if field.type.kind is not Kind.STRING or field.type.format:
        return False
    if field.prose.enum or not field.prose.is_time:
        return False
    example = _written_example(field)
    return example is None or _TIME_HEAD.match(example) is not None
