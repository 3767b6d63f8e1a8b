"""The keywords of JSON Schema (2020-12): which contain schemas, and what each value looks like."""

from collections.abc import Callable, Iterator
from typing import TypeGuard

from understudy.contract.document.pointers import JsonObject, child_pointer
from understudy.messages import Json

Schema = bool | JsonObject
"""A JSON Schema. Source: JSON Schema 2020-12, core, section 4.3."""

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
# JSON Schema 2020-12, core, section 10.2: the in-place applicators.
_IN_PLACE = ("not", "if", "then", "else", "allOf", "anyOf", "oneOf", "dependentSchemas")
# Members whose values are data: a `$ref` in them is not a reference.
_DATA = frozenset(["example", "default", "enum", "const", "value"])
_NAME_MAPS = SCHEMA_MAP_KEYWORDS | frozenset(
    [
        *("paths", "webhooks", "schemas", "responses", "parameters", "examples"),
        *("requestBodies", "headers", "securitySchemes", "links", "callbacks"),
        *("pathItems", "content", "encoding", "variables"),
    ]
)
"""Members of a document whose keys are free names, not keywords."""
TYPES = ("null", "boolean", "object", "array", "number", "string", "integer")
"""The values of `type`."""
IMPLIED_NULL = "x-understudy-implied-null"
"""True beside an `enum` to which the conversion of `nullable` added null."""

_Change = Callable[[object], object]
"""Returns what replaces a schema."""


def generated_values(schema: JsonObject) -> list[Json]:
    """Return the values of `enum` that are generated.

    A null that only `nullable` allows is accepted, not generated: some validators reject it.
    Source: OpenAPI 3.0.3, Schema Object; the proposal "Clarify Semantics of nullable".
    """
    values: list[Json] = schema.get("enum", [])
    if not schema.get(IMPLIED_NULL):
        return values
    return [value for value in values if value is not None] or values


def iter_subschemas(schema: object, pointer: str = "") -> Iterator[tuple[str, object]]:
    """Yield the pointer and the value of each direct subschema.

    A keyword whose value has the wrong type is skipped: the checks report it.
    """
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        if keyword in SCHEMA_KEYWORDS:
            yield child_pointer(pointer, keyword), value
        elif keyword in SCHEMA_LIST_KEYWORDS and isinstance(value, list):
            for index, part in enumerate(value):
                yield child_pointer(pointer, keyword, index), part
        elif keyword in SCHEMA_MAP_KEYWORDS and isinstance(value, dict):
            for name, part in value.items():
                yield child_pointer(pointer, keyword, name), part


def find_in_place_subschemas(schema: object, pointer: str) -> list[str]:
    """Return the pointers of the subschemas that apply to the same value as the schema."""
    start = len(pointer) + 1
    pointers: list[str] = []
    for where, _ in iter_subschemas(schema, pointer):
        keyword = where[start:].partition("/")[0]
        if keyword in _IN_PLACE:
            pointers.append(where)
    return pointers


def member_kind(key: str, value: object) -> str:
    """Return what a member of a document's object contains.

    `data` is a value that is not read (an example); `names` an object whose keys are free names;
    `node` everything else.
    """
    if key in _DATA or key.startswith("x-"):
        return "data"
    if key == "examples" and isinstance(value, list):
        # Of a schema; the examples of a media type or parameter have names.
        return "data"
    return "names" if key in _NAME_MAPS else "node"


def rewrite_schemas(schema: object, change: _Change) -> object:
    """Return a copy in which `change` was applied to each schema, from the leaves up.

    Data (examples, defaults) is shared with the original, not copied.
    """
    if not isinstance(schema, dict):
        return change(schema)
    rewritten: JsonObject = {}
    for keyword, value in schema.items():
        rewritten[keyword] = _rewrite_keyword(keyword, value, change)
    return change(rewritten)


def _rewrite_keyword(keyword: str, value: object, change: _Change) -> object:
    """Return the value of a keyword with each schema in it rewritten."""
    if keyword in SCHEMA_KEYWORDS:
        return rewrite_schemas(value, change)
    if keyword in SCHEMA_LIST_KEYWORDS and isinstance(value, list):
        return [rewrite_schemas(part, change) for part in value]
    if keyword in SCHEMA_MAP_KEYWORDS and isinstance(value, dict):
        return {name: rewrite_schemas(part, change) for name, part in value.items()}
    return value


# The checks below are for documents that people write: each one has a description in
# KEYWORD_VALUE_CHECKS of what it accepts. Source: the 2020-12 meta-schema.


def _is_schema(value: object) -> bool:
    return isinstance(value, dict | bool)


def _is_number(value: object) -> TypeGuard[float]:
    # In Python, true is an integer; in JSON it is not a number.
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float)


def _is_count(value: object) -> bool:
    if not _is_number(value) or value < 0:
        return False
    # `2.0` is an integer too (JSON Schema 2020-12, core, section 4.2.3).
    return value == value // 1


def _is_positive_number(value: object) -> bool:
    return _is_number(value) and value > 0


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_name_list(value: object) -> bool:
    """Return whether a value is a list of different texts (`required`)."""
    if not isinstance(value, list):
        return False
    if not all(_is_text(item) for item in value):
        return False
    return len(set(value)) == len(value)


def _is_name_list_map(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    return all(_is_name_list(names) for names in value.values())


def _is_type(value: object) -> bool:
    """Return whether a value names one type, or several different ones."""
    if isinstance(value, str):
        return value in TYPES
    if not isinstance(value, list) or not value:
        return False
    return _is_name_list(value) and all(name in TYPES for name in value)


def _is_schema_list(value: object) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(_is_schema(item) for item in value)


def _is_schema_map(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    return all(_is_schema(item) for item in value.values())


_Check = Callable[[object], bool]
_ValueCheck = tuple[_Check, str]
"""A check of a keyword's value, and a description of what it accepts."""
_SCHEMA: _ValueCheck = (_is_schema, "a schema (a mapping, true or false)")
_SCHEMA_LIST: _ValueCheck = (_is_schema_list, "a list of at least one schema")
_SCHEMA_MAP: _ValueCheck = (_is_schema_map, "a mapping from names to schemas")
_COUNT: _ValueCheck = (_is_count, "a whole number, 0 or more")
_NUMBER: _ValueCheck = (_is_number, "a number")
_TEXT: _ValueCheck = (_is_text, "a text")
_LIST: _ValueCheck = (_is_list, "a list")
_FLAG: _ValueCheck = (_is_bool, "true or false")

KEYWORD_VALUE_CHECKS: dict[str, _ValueCheck] = {
    **dict.fromkeys(SCHEMA_KEYWORDS, _SCHEMA),
    **dict.fromkeys(SCHEMA_LIST_KEYWORDS, _SCHEMA_LIST),
    **dict.fromkeys(SCHEMA_MAP_KEYWORDS, _SCHEMA_MAP),
    **dict.fromkeys(["maxLength", "minLength", "maxItems", "minItems"], _COUNT),
    **dict.fromkeys(["maxProperties", "minProperties"], _COUNT),
    **dict.fromkeys(["minContains", "maxContains"], _COUNT),
    **dict.fromkeys(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], _NUMBER),
    **dict.fromkeys(["uniqueItems", "deprecated", "readOnly", "writeOnly"], _FLAG),
    **dict.fromkeys(["$ref", "format", "title", "description", "pattern", "$comment"], _TEXT),
    **dict.fromkeys(["$anchor", "$dynamicAnchor", "$dynamicRef", "$id"], _TEXT),
    **dict.fromkeys(["enum", "examples"], _LIST),
    "type": (_is_type, f"one of {', '.join(TYPES)}, or a list of several of them"),
    "multipleOf": (_is_positive_number, "a number above 0"),
    "required": (_is_name_list, "a list of texts, each once"),
    "dependentRequired": (_is_name_list_map, "a mapping from names to lists of texts"),
}
"""By keyword: a check of its value, and a description of what the check accepts.

Source: the 2020-12 meta-schema."""
