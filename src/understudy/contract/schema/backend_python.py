"""The validator back end that is always installed: jsonschema."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry

from understudy.contract.document.pointers import JsonObject, child_pointer
from understudy.contract.schema.bundle import BundledSchema, KeywordFailure, original_keyword
from understudy.contract.schema.formats import obeys_format
from understudy.regexgen import compile_search

_Errors = Iterator[ValidationError]
"""What a keyword's check yields. The texts are not shown: errors are described later."""


class PythonBackend:
    """Validates values against one bundled schema with jsonschema."""

    def __init__(self, bundle: BundledSchema) -> None:
        self._bundle = bundle
        # A registry without `retrieve` fetches nothing.
        self._validator = _VALIDATOR(bundle.root, registry=Registry())

    def is_valid(self, value: object) -> bool:
        """Return whether the value is valid."""
        return bool(self._validator.is_valid(value))

    def iter_failures(self, value: object) -> Iterator[KeywordFailure]:
        """Yield each keyword that the value breaks, in jsonschema's order."""
        for error in self._validator.iter_errors(value):
            path = tuple(error.absolute_path)
            keyword = str(error.validator)
            pointer, original = self._bundle.origins[id(error.schema)]
            if original is False:
                # `bundle_schema` wrote the false schema as `{"not": {}}`.
                yield path, ("false", pointer, False)
            else:
                keyword = original_keyword(keyword, original)
                where = child_pointer(pointer, keyword)
                yield path, (keyword, where, original)


def _check_format(validator: Any, name: object, value: object, schema: object) -> _Errors:
    # The library checks texts only, and more formats than are asserted here.
    if not obeys_format(value, name):
        yield ValidationError(f"not a {name}")


def _check_multiple_of(validator: Any, step: object, value: object, schema: object) -> _Errors:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    # In decimal, as it was written: 19.99 is a multiple of 0.01, though not in binary.
    exact_value = Fraction(repr(value))
    exact_step = Fraction(repr(step))
    if exact_value % exact_step != 0:
        yield ValidationError(f"not a multiple of {step}")


def _check_additional_properties(
    validator: Any, rule: object, value: object, schema: JsonObject
) -> _Errors:
    # The library joins the patterns to one, in which groups and back references would mix.
    if not isinstance(value, dict):
        return
    properties = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    surplus: list[str] = []
    for name in value:
        if name in properties:
            continue
        if not any(compile_search(pattern)(name) for pattern in patterns):
            surplus.append(name)
    if isinstance(rule, dict):
        for name in surplus:
            yield from validator.descend(value[name], rule, path=name)
    elif rule is False and surplus:
        yield ValidationError("not documented")


def _check_pattern(validator: Any, pattern: str, value: object, schema: object) -> _Errors:
    # The library's search has no bound on its time; nor has that of the names below.
    if isinstance(value, str) and not compile_search(pattern)(value):
        yield ValidationError(f"does not match {pattern}")


def _check_pattern_properties(
    validator: Any, patterns: JsonObject, value: object, schema: object
) -> _Errors:
    if not isinstance(value, dict):
        return
    for pattern, part in patterns.items():
        search = compile_search(pattern)
        for name, member in value.items():
            if search(name):
                yield from validator.descend(member, part, path=name, schema_path=pattern)


def _check_unique_items(validator: Any, rule: object, value: object, schema: object) -> _Errors:
    # The library compares each item with each, which takes quadratic time for a long list.
    if not rule or not isinstance(value, list):
        return
    distinct = {_equality_key(item) for item in value}
    if len(distinct) < len(value):
        yield ValidationError("not unique")


def _equality_key(value: Any) -> Any:
    """Return a key that is the same for equal JSON values: 1 equals 1.0, but not true."""
    match value:
        case dict():
            members = [(name, _equality_key(member)) for name, member in value.items()]
            return frozenset(members)
        case list():
            items = [_equality_key(item) for item in value]
            return (list, *items)
        case bool():
            return (bool, value)
        case _:
            return value


_VALIDATOR = extend(
    Draft202012Validator,
    {
        "format": _check_format,
        "pattern": _check_pattern,
        "patternProperties": _check_pattern_properties,
        "multipleOf": _check_multiple_of,
        "additionalProperties": _check_additional_properties,
        "uniqueItems": _check_unique_items,
    },
)
"""jsonschema's validator with the keywords in which it differs from the fast back end."""
