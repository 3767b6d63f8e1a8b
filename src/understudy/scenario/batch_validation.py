"""Fast validation of many values against one schema.

jsonschema is slow, and the values of many tasks repeat. So objects and arrays are taken apart, and
each schema of a field validates each different value of that field once.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from understudy.contract import compile_validator
from understudy.contract.document.pointers import follow_refs
from understudy.messages import dump_json

_ANNOTATIONS = frozenset(["title", "description", "examples", "example", "deprecated"])
"""Keywords without an effect on validity."""
_PER_FIELD = frozenset(["type", "properties", "required", "items"])
"""Keywords that can be checked for each field on its own. Others may relate several fields."""

Column = tuple[Any, list[Any]]
"""A schema, and the different values that it has to validate."""


def are_all_valid(schema: Any, values: Sequence[Any], document: Any) -> bool:
    """Return whether every value is valid. `document` is the target of local `$ref`s.

    The result is that of validating each value against the whole schema.
    """
    properties: dict[str, Any] = {}
    data: dict[str, Any] = {}
    for number, (column_schema, column_values) in enumerate(_columns(schema, values, document)):
        properties[str(number)] = {"items": column_schema}
        data[str(number)] = column_values
    validator = compile_validator({"properties": properties}, document=document)
    return validator.is_valid(data)


def _columns(schema: Any, values: Sequence[Any], document: Any) -> Iterator[Column]:
    if not values:
        return  # ends the recursion of a schema that contains itself
    if isinstance(schema, dict) and _assertions(schema) == {"$ref"}:
        schema, _ = follow_refs(document, schema, "")
    if not isinstance(schema, dict) or not _assertions(schema) <= _PER_FIELD:
        yield schema, _distinct(values)
    elif "properties" in schema and all(isinstance(value, dict) for value in values):
        yield from _object_columns(schema, values, document)
    elif "items" in schema and all(isinstance(value, list) for value in values):
        yield _select(schema, "type"), [[]]
        items = [item for value in values for item in value]
        yield from _columns(schema["items"], items, document)
    else:
        yield schema, _distinct(values)


def _object_columns(
    schema: dict[str, Any], values: Sequence[dict[str, Any]], document: Any
) -> Iterator[Column]:
    # `required` sees only which keys there are: one object without values for each set of keys.
    shells = {frozenset(value): dict.fromkeys(value) for value in values}
    yield _select(schema, "type", "required"), list(shells.values())
    for name, field_schema in schema["properties"].items():
        field_values = [value[name] for value in values if name in value]
        yield from _columns(field_schema, field_values, document)


def _select(schema: dict[str, Any], *keywords: str) -> dict[str, Any]:
    return {keyword: schema[keyword] for keyword in keywords if keyword in schema}


def _distinct(values: Sequence[Any]) -> list[Any]:
    return list({_identity(value): value for value in values}.values())


def _identity(value: object) -> object:
    """Return a hashable key of a value.

    1, 1.0 and true have different keys, although Python calls them equal.
    """
    if isinstance(value, dict | list):
        return dump_json(value)
    return type(value), value


def _assertions(schema: dict[str, Any]) -> set[str]:
    """Return the keywords of a schema that can make a value invalid."""
    keywords = {keyword for keyword in schema if not keyword.startswith("x-")}
    return keywords - _ANNOTATIONS
