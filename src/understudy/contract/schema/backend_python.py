"""The back end that is always there: jsonschema."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry

from understudy.contract.document.pointers import child_pointer
from understudy.contract.schema.bundle import BundledSchema
from understudy.contract.schema.formats import obeys_format

KeywordFailure = tuple[tuple[str | int, ...], str, str, Any]
"""Path in the value, keyword, the keyword's pointer, the schema that holds it."""


class PythonBackend:
    """Validates one prepared schema with jsonschema."""

    def __init__(self, prepared: BundledSchema) -> None:
        self._prepared = prepared
        # A registry without `retrieve` fetches nothing.
        self._validator = _VALIDATOR(prepared.root, registry=Registry())

    def is_valid(self, value: Any) -> bool:
        """Whether the value obeys the schema."""
        return bool(self._validator.is_valid(value))

    def iter_failures(self, value: Any) -> Iterator[KeywordFailure]:
        """Give what is wrong, in jsonschema's order."""
        for error in self._validator.iter_errors(value):
            keyword = str(error.validator)
            pointer, original = self._prepared.origins[id(error.schema)]
            path = tuple(error.absolute_path)
            if original is False:
                yield path, "false", pointer, False
            else:
                yield path, keyword, child_pointer(pointer, keyword), original


def _format(validator: Any, name: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if not obeys_format(value, name):
        yield ValidationError(f"not a {name}")


def _multiple_of(validator: Any, step: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    # In decimal, as it was written: 19.99 is a multiple of 0.01, though not in binary.
    exact = Fraction(repr(value)) % Fraction(repr(step)) == 0
    if not exact:
        yield ValidationError(f"not a multiple of {step}")


def _additional(validator: Any, rule: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    # The library joins the patterns to one, in which groups and back references would mix.
    if not isinstance(value, dict):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    surplus = [
        name
        for name in value
        if name not in known and not any(re.search(p, name) for p in patterns)
    ]
    if isinstance(rule, dict):
        for name in surplus:
            yield from validator.descend(value[name], rule, path=name)
    elif rule is False and surplus:
        yield ValidationError("not documented")


def _unique(validator: Any, rule: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    # The library compares each item with each, which a long list makes slow.
    if rule and isinstance(value, list) and len({_frozen(item) for item in value}) < len(value):
        yield ValidationError("not unique")


def _frozen(value: Any) -> Any:
    """Give a key that is equal for equal JSON values: 1 is 1.0, and neither is true."""
    match value:
        case dict():
            return frozenset((name, _frozen(part)) for name, part in value.items())
        case list():
            return (list, *(_frozen(item) for item in value))
        case bool():
            return (bool, value)
        case _:
            return value


_OWN = {
    "format": _format,
    "multipleOf": _multiple_of,
    "additionalProperties": _additional,
    "uniqueItems": _unique,
}
_VALIDATOR = extend(Draft202012Validator, _OWN)
