"""The kinds of JSON values, and keys by which equal values are equal."""

from collections.abc import Hashable
from fractions import Fraction

from understudy.messages import Json

KINDS = frozenset(["null", "boolean", "integer", "fraction", "string", "array", "object"])
"""The kinds of JSON values. An integer and a number with a fraction are two kinds: `1.0` is an
integer.
"""
NUMBER_KINDS = frozenset(["integer", "fraction"])


def kind_of(value: Json) -> str:
    """Return the kind of a JSON value, one of KINDS."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            if value == value // 1:
                return "integer"
            return "fraction"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def json_key(value: Json) -> Hashable:
    """Return a key that is equal for equal JSON values: 1 equals 1.0, and neither equals true.

    Source: JSON Schema Core, section 4.2.2 (instance equality).
    """
    match value:
        case dict():
            return frozenset((name, json_key(part)) for name, part in value.items())
        case list():
            return (list, *(json_key(item) for item in value))
        case bool():
            return (bool, value)
        case _:
            return value


def as_written(number: float) -> Fraction:
    """Return a number as JSON writes it: 0.1 is a tenth, not the double next to it.

    A double without a fraction is the integer that it is: 1e23 is a little less than 10^23.
    """
    if number % 1:
        return Fraction(repr(number))
    return Fraction(number)
