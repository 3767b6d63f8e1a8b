"""What a JSON Schema (2020-12) is made of: which keywords hold schemas, and what each keyword's value looks like."""

from collections.abc import Callable, Iterator
from typing import Any

from understudy.contract.document.pointers import child_pointer

SCHEMA_KEYWORDS = frozenset(
    [
        "additionalProperties",
        "items",
        "contains",
        "propertyNames",
        "not",
        "if",
        "then",
        "else",
        "unevaluatedItems",
        "unevaluatedProperties",
        "contentSchema",
    ]
)
"""Keywords whose value is a schema."""
SCHEMA_LIST_KEYWORDS = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
"""Keywords whose value is a list of schemas."""
SCHEMA_MAP_KEYWORDS = frozenset(
    ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"]
)
"""Keywords whose value maps names to schemas."""
_IN_PLACE = ("not", "if", "then", "else", "allOf", "anyOf", "oneOf", "dependentSchemas")
_DATA = frozenset(["example", "default", "enum", "const", "value"])
_NAMES = SCHEMA_MAP_KEYWORDS | frozenset(
    [
        *(
            "paths",
            "webhooks",
            "schemas",
            "responses",
            "parameters",
            "examples",
            "requestBodies",
            "headers",
        ),
        *("securitySchemes", "links", "callbacks", "pathItems", "content", "encoding", "variables"),
    ]
)
TYPES = ("null", "boolean", "object", "array", "number", "string", "integer")


def iter_subschemas(schema: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Give each direct subschema with its pointer. What has the wrong shape is left out."""
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        if keyword in SCHEMA_KEYWORDS:
            yield child_pointer(pointer, keyword), value
        elif keyword in SCHEMA_LIST_KEYWORDS and isinstance(value, list):
            yield from (
                (child_pointer(pointer, keyword, index), part) for index, part in enumerate(value)
            )
        elif keyword in SCHEMA_MAP_KEYWORDS and isinstance(value, dict):
            yield from (
                (child_pointer(pointer, keyword, name), part) for name, part in value.items()
            )


def find_in_place_subschemas(schema: Any, pointer: str) -> list[str]:
    """Give the pointers of the subschemas that are held against the very value that the schema is held against."""
    return [
        below
        for below, _ in iter_subschemas(schema, pointer)
        if below[len(pointer) + 1 :].split("/")[0] in _IN_PLACE
    ]


def member_kind(key: str, value: Any) -> str:
    """Tell what a member of a document's object holds: `data` (an example), `names` (keys are free), else `node`."""
    if key in _DATA or key.startswith("x-") or (key == "examples" and isinstance(value, list)):
        return "data"
    return "names" if key in _NAMES else "node"


def rewrite_schemas(schema: Any, change: Callable[[Any], Any]) -> Any:
    """Give a copy in which `change` was applied to each schema, from the leaves up. Data (examples) is not copied."""
    if not isinstance(schema, dict):
        return change(schema)
    made: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in SCHEMA_KEYWORDS:
            made[keyword] = rewrite_schemas(value, change)
        elif keyword in SCHEMA_LIST_KEYWORDS and isinstance(value, list):
            made[keyword] = [rewrite_schemas(part, change) for part in value]
        elif keyword in SCHEMA_MAP_KEYWORDS and isinstance(value, dict):
            made[keyword] = {name: rewrite_schemas(part, change) for name, part in value.items()}
        else:
            made[keyword] = value
    return change(made)


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _is_count(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and value >= 0
        and value == value // 1
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value)) and len(set(value)) == len(value)


def _is_type(value: Any) -> bool:
    names = [value] if isinstance(value, str) else value
    return _is_names(names) and bool(names) and all(name in TYPES for name in names)


_Shape = tuple[Callable[[Any], bool], str]
_COUNT: _Shape = (_is_count, "a whole number, 0 or more")
_NUMBER: _Shape = (_is_number, "a number")
_SCHEMA: _Shape = (_is_schema, "a schema (a mapping, true or false)")
_SCHEMAS: _Shape = (
    lambda value: isinstance(value, list) and bool(value) and all(map(_is_schema, value)),
    "a list of at least one schema",
)
_NAMED: _Shape = (
    lambda value: isinstance(value, dict) and all(map(_is_schema, value.values())),
    "a mapping from names to schemas",
)

KEYWORD_VALUE_CHECKS: dict[str, _Shape] = {
    **dict.fromkeys(SCHEMA_KEYWORDS, _SCHEMA),
    **dict.fromkeys(SCHEMA_LIST_KEYWORDS, _SCHEMAS),
    **dict.fromkeys(SCHEMA_MAP_KEYWORDS, _NAMED),
    **dict.fromkeys(
        ["maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"], _COUNT
    ),
    **dict.fromkeys(["minContains", "maxContains"], _COUNT),
    **dict.fromkeys(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], _NUMBER),
    **dict.fromkeys(
        ["uniqueItems", "deprecated", "readOnly", "writeOnly"], (_is_bool, "true or false")
    ),
    **dict.fromkeys(
        ["$ref", "format", "title", "description", "pattern", "$comment"], (_is_text, "a text")
    ),
    **dict.fromkeys(["$anchor", "$dynamicAnchor", "$dynamicRef", "$id"], (_is_text, "a text")),
    **dict.fromkeys(["enum", "examples"], (_is_list, "a list")),
    "type": (_is_type, f"one of {', '.join(TYPES)}, or a list of several of them"),
    "multipleOf": (lambda value: _is_number(value) and value > 0, "a number above 0"),
    "required": (_is_names, "a list of texts, each once"),
    "dependentRequired": (
        lambda value: isinstance(value, dict) and all(map(_is_names, value.values())),
        "a mapping from names to lists of texts",
    ),
}
"""What each keyword's value must look like: a check, and how it is told. Source: the 2020-12 meta-schema."""
