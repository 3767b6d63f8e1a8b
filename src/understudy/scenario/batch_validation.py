"""Whether many values obey a schema, asked once for each field that differs: jsonschema is slow, and values repeat."""

from collections.abc import Iterator, Sequence
from typing import Any

from understudy.contract import compile_validator
from understudy.contract.document.pointers import follow_refs
from understudy.messages import dump_json

_SAYS_NOTHING = frozenset(["title", "description", "examples", "example", "deprecated"])
_TAKEN_APART = frozenset(["type", "properties", "required", "items"])

Column = tuple[Any, list[Any]]
"""A schema, and the different values that have to obey it."""


def are_all_valid(schema: Any, values: Sequence[Any], document: Any) -> bool:
    """Whether every value obeys the schema. `$ref` is looked up in the document.

    Objects and arrays are taken apart where their schemas say nothing of several fields at once.
    """
    columns = list(_columns(schema, values, document))
    names = [str(number) for number in range(len(columns))]
    properties = {name: {"items": part} for name, (part, _) in zip(names, columns, strict=True)}
    validator = compile_validator({"properties": properties}, document=document)
    return validator.is_valid(
        {name: found for name, (_, found) in zip(names, columns, strict=True)}
    )


def _columns(schema: Any, values: Sequence[Any], document: Any) -> Iterator[Column]:
    if not values:
        return  # and so a schema that holds itself comes to an end
    if isinstance(schema, dict) and _asserting(schema) == {"$ref"}:
        schema, _ = follow_refs(document, schema, "")
    simple = isinstance(schema, dict) and _asserting(schema) <= _TAKEN_APART
    if simple and "properties" in schema and all(isinstance(value, dict) for value in values):
        shells = {frozenset(value): dict.fromkeys(value) for value in values}
        yield (
            {key: schema[key] for key in ("type", "required") if key in schema},
            list(shells.values()),
        )
        for name, part in schema["properties"].items():
            yield from _columns(part, [value[name] for value in values if name in value], document)
    elif simple and "items" in schema and all(isinstance(value, list) for value in values):
        yield {key: schema[key] for key in ("type",) if key in schema}, [[]]
        yield from _columns(schema["items"], [item for value in values for item in value], document)
    else:
        yield schema, list({_identity(value): value for value in values}.values())


def _identity(value: Any) -> Any:
    """Give what tells a value from others: 1, 1.0 and true are three."""
    return dump_json(value) if isinstance(value, dict | list) else (type(value), value)


def _asserting(schema: dict[str, Any]) -> set[str]:
    return {key for key in schema if key not in _SAYS_NOTHING and not key.startswith("x-")}
