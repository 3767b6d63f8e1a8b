"""The back end that is always there: jsonschema."""

from collections.abc import Iterator
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry

from understudy.contract.formats import obeys_format
from understudy.contract.pointers import child
from understudy.contract.prepare import Prepared

Found = tuple[tuple[str | int, ...], str, str, Any]
"""Path in the value, keyword, the keyword's pointer, the keyword's value."""


class PythonBackend:
    """Validates one prepared schema with jsonschema."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        # A registry without `retrieve` fetches nothing.
        self._validator = _VALIDATOR(prepared.root, registry=Registry())

    def is_valid(self, value: Any) -> bool:
        """Whether the value obeys the schema."""
        return bool(self._validator.is_valid(value))

    def iter_found(self, value: Any) -> Iterator[Found]:
        """Give what is wrong, in jsonschema's order."""
        for error in self._validator.iter_errors(value):
            keyword = str(error.validator)
            pointer, original = self._prepared.origins[id(error.schema)]
            path = tuple(error.absolute_path)
            if original is False:
                yield path, "false", pointer, False
            else:
                yield path, keyword, child(pointer, keyword), original.get(keyword)


def _format(validator: Any, name: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if not obeys_format(value, name):
        yield ValidationError(f"not a {name}")


def _multiple_of(validator: Any, step: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if isinstance(value, int) and isinstance(step, int):
        exact = value % step == 0
    else:
        # In decimal, as it was written: 19.99 is a multiple of 0.01, though not in binary.
        try:
            quotient = Decimal(repr(value)) / Decimal(repr(step))
            exact = quotient == quotient.to_integral_value()
        except (InvalidOperation, DivisionByZero):
            exact = False
    if not exact:
        yield ValidationError(f"not a multiple of {step}")


_VALIDATOR = extend(Draft202012Validator, {"format": _format, "multipleOf": _multiple_of})
