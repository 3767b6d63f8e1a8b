"""Fast validation of many values against one schema.

jsonschema is slow, and the values of many tasks repeat. So objects and arrays are taken apart, and
each schema of a field validates each different value of that field once.
"""

from collections.abc import Iterator, Sequence

from understudy.contract import compile_validator
from understudy.contract.document.pointers import follow_refs
from understudy.messages import dump_json

_ANNOTATIONS = frozenset(["title", "description", "examples", "example", "deprecated"])
"""Keywords without an effect on validity."""
_PER_FIELD = frozenset(["type", "properties", "required", "items"])
"""Keywords that can be checked for each field on its own. Others may relate several fields."""

ObjectSchema = dict[str, object]
"""A schema that is not true or false."""
Column = tuple[object, list[object]]
"""A schema, and the different values that it has to validate."""


def are_all_valid(schema: object, values: Sequence[object], document: object) -> bool:
    """Return whether every value is valid. `document` is the target of local `$ref`s.

    The result is that of validating each value against the whole schema.
    """
    # One validator for all columns: the n-th property of its value is the list of the n-th column.
    properties: ObjectSchema = {}
    data: dict[str, object] = {}
    columns = _list_columns(schema, values, document)
    for number, (column_schema, column_values) in enumerate(columns):
        name = str(number)
        properties[name] = {"items": column_schema}
        data[name] = column_values
    validator = compile_validator({"properties": properties}, document=document)
    return validator.is_valid(data)


def _list_columns(schema: object, values: Sequence[object], document: object) -> Iterator[Column]:
    """Yield the columns of a schema. A schema that cannot be taken apart is one column."""
    if not values:
        return  # ends the recursion of a schema that contains itself
    if isinstance(schema, dict) and _list_assertions(schema) == {"$ref"}:
        schema, _ = follow_refs(document, schema, "")
    if isinstance(schema, dict) and _list_assertions(schema) <= _PER_FIELD:
        objects = [value for value in values if isinstance(value, dict)]
        lists = [value for value in values if isinstance(value, list)]
        if "properties" in schema and len(objects) == len(values):
            yield from _list_object_columns(schema, objects, document)
            return
        if "items" in schema and len(lists) == len(values):
            yield _select(schema, "type"), [[]]
            items = [item for value in lists for item in value]
            yield from _list_columns(schema["items"], items, document)
            return
    distinct = {_identity(value): value for value in values}
    yield schema, list(distinct.values())


def _list_object_columns(
    schema: ObjectSchema,
    objects: Sequence[dict[str, object]],
    document: object,
) -> Iterator[Column]:
    """Yield the columns of objects: one for the keys, and those of each property."""
    # `required` needs only the keys: one object without values for each different set of keys.
    shells = {frozenset(value): dict.fromkeys(value) for value in objects}
    yield _select(schema, "type", "required"), list(shells.values())
    properties = schema["properties"]
    if isinstance(properties, dict):
        for name, field_schema in properties.items():
            field_values = [value[name] for value in objects if name in value]
            yield from _list_columns(field_schema, field_values, document)


def _select(schema: ObjectSchema, *keywords: str) -> ObjectSchema:
    """Return a schema with some keywords of another."""
    return {keyword: schema[keyword] for keyword in keywords if keyword in schema}


def _identity(value: object) -> object:
    """Return a hashable key of a value.

    1, 1.0 and true have different keys, although Python calls them equal.
    """
    if isinstance(value, dict | list):
        return dump_json(value)
    return type(value), value


def _list_assertions(schema: ObjectSchema) -> set[str]:
    """Return the keywords of a schema that can make a value invalid."""
    keywords = {keyword for keyword in schema if not keyword.startswith("x-")}
    return keywords - _ANNOTATIONS
