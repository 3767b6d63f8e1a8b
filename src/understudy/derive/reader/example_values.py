"""Written values → values of the told type: `"Prepare host"`, `["RUNNING", "FAILED"]`, `1000`, `true`."""

import builtins
import re
from typing import Any

from understudy.derive.facts.facts import Field, Kind, TypeExpr
from understudy.messages import JsonError, parse_json

_WHOLE = re.compile(r"-?\d{1,9}")
_BOUNDS = {"int32": 2**31, "int64": 2**63}


_CLASSES: dict[Kind, builtins.type | tuple[builtins.type, ...]] = {
    Kind.STRING: str,
    Kind.INTEGER: int,
    Kind.NUMBER: (int, float),
    Kind.BOOLEAN: bool,
    Kind.OBJECT: dict,
    Kind.ARRAY: list,
}


class ValueMismatch(ValueError):  # noqa: N818 - it is caught at the next call, and its text ends in the ledger
    """A written value is not of the told type. The text says why."""


def read_value(text: str, type: TypeExpr) -> Any:
    """Read a value as the type wants it. Raises Misfit."""
    stripped = text.strip().strip("`").strip()
    try:
        value = parse_json(stripped)
    except JsonError as error:
        if type.kind is Kind.STRING:
            return stripped
        if type.kind in (Kind.NAMED, Kind.ANY):
            raise ValueMismatch("it is not JSON and the type is not known") from error
        raise ValueMismatch(f"it is not JSON ({error.reason})") from error
    if type.kind is Kind.STRING and not isinstance(value, str):
        return stripped  # `100` in a column of texts is the text without its quotes
    return check_value(value, type)


def check_value(value: Any, type: TypeExpr) -> Any:
    """Give a value back when it is of a type. Raises Misfit."""
    wanted = _CLASSES.get(type.kind)
    fits = wanted is None or (
        isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
    )
    if not fits:
        raise ValueMismatch(f"it is {_kind(value)}")
    if (
        type.kind is Kind.INTEGER
        and not -_BOUNDS[type.format or "int64"] <= value < _BOUNDS[type.format or "int64"]
    ):
        raise ValueMismatch(f"it is beyond {type.format}")
    if type.kind is Kind.ARRAY and type.item is not None:
        for item in value:
            check_value(item, type.item)
    return value


def _kind(value: Any) -> str:
    names = {
        str: "a text",
        bool: "a boolean",
        int: "an integer",
        float: "a number",
        list: "an array",
        dict: "an object",
    }
    return names.get(type(value), "null")


def read_value_or_none(text: str | None, type: TypeExpr) -> Any:
    """Read a value, or give None when there is none or it does not fit."""
    try:
        return None if text is None else read_value(text, type)
    except ValueMismatch:
        return None


def find_example(field: Field) -> Any:
    """Give the field's example when it fits type, enum and bounds; else None."""
    value = read_value_or_none(
        field.example if field.example is not None else field.prose.example, field.type
    )
    return (
        None
        if value is None or find_values_outside_enum(field, value) or is_out_of_bounds(field, value)
        else value
    )


def find_values_outside_enum(field: Field, value: Any) -> list[Any]:
    """Give what is not among the values that the description lists."""
    if not has_enum(field):
        return []
    allowed = list_enum_values(field)
    return [item for item in (value if isinstance(value, list) else [value]) if item not in allowed]


def is_out_of_bounds(field: Field, value: Any) -> bool:
    """Tell whether a number lies outside the told bounds."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    low, high = field.prose.minimum, field.prose.maximum
    return (low is not None and value < low) or (high is not None and value > high)


def has_enum(field: Field) -> bool:
    """Tell whether the listed values are the field's own: texts of a text, whole numbers of a number."""
    kind = (field.type.item or field.type).kind
    if kind is Kind.INTEGER:
        return bool(field.prose.enum) and all(_WHOLE.fullmatch(value) for value in field.prose.enum)
    return kind is Kind.STRING and bool(field.prose.enum)


def list_enum_values(field: Field) -> list[Any]:
    """Give the listed values as the field's type has them."""
    if (field.type.item or field.type).kind is Kind.INTEGER:
        return [int(value) for value in field.prose.enum]
    return list(field.prose.enum)


def is_described_as_time(field: Field) -> bool:
    """Tell whether a text is described as a time, and no example or list of values denies it."""
    example = field.example if field.example is not None else field.prose.example
    shown = example is None or re.match(r'"?\d{4}-?\d\d-?\d\dT', example) is not None
    plain = field.type.kind is Kind.STRING and not field.type.format and not field.prose.enum
    return plain and field.prose.is_time and shown
