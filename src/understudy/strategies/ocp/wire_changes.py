"""Changes of rendered values: edges that only the wire can show, not the engine's values."""

import re
from collections.abc import Callable

from understudy.messages import Json
from understudy.strategies.ocp.wire_schemas import WireSchema
from understudy.strategies.schema.edge_cases import remove_optional_members
from understudy.strategies.schema.general_edges import EXTRA_FIELD, EXTRA_VALUE
from understudy.strategies.schema.value_paths import ValueWalker

WireChange = Callable[[WireSchema, Json], Json]
"""Changes a rendered value: what only the wire can show."""
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[-+]\d{2}:\d{2})")


def with_fraction_digits(count: int) -> WireChange:
    """Return the change that gives all times so many digits after the point.

    Which of two times is earlier stays the same.
    """

    def rewrite(match: re.Match[str]) -> str:
        """Return a time with the wanted number of digits; digits that are missing count up."""
        whole, fraction, zone = match[1], (match[2] or "")[1:], match[3]
        digits = (fraction + "123456789"[len(fraction) :])[:count]
        if count:
            return f"{whole}.{digits}{zone}"
        return f"{whole}{zone}"

    return lambda wire, value: _change_times(value, lambda text: _TIME.sub(rewrite, text))


def with_z(wire: WireSchema, value: Json) -> Json:
    """Return a value with `Z` for the offset of UTC in all times."""
    return _change_times(value, lambda text: text.replace("+00:00", "Z"))


def _change_times(value: Json, change: Callable[[str], str]) -> Json:
    """Return a value with all times changed: the members whose names end with `Time`."""
    match value:
        case dict():
            return {name: _change_member(name, part, change) for name, part in value.items()}
        case list():
            return [_change_times(item, change) for item in value]
    return value


def _change_member(name: str, value: Json, change: Callable[[str], str]) -> Json:
    """Return a member changed if it is a time, else the times inside of it."""
    if name.endswith("Time") and isinstance(value, str):
        return change(value)
    return _change_times(value, change)


def without_optional(wire: WireSchema, value: Json) -> Json:
    """Return a value without the members that the schema does not require."""
    return remove_optional_members(ValueWalker(wire.contract.document), value, wire.schema)


def with_extra_fields(wire: WireSchema, value: Json) -> Json:
    """Return a value with one more field in every object."""
    match value:
        case dict():
            members = {name: with_extra_fields(wire, part) for name, part in value.items()}
            return {**members, EXTRA_FIELD: dict(EXTRA_VALUE)}
        case list():
            return [with_extra_fields(wire, item) for item in value]
    return value
