"""English descriptions of what a keyword expects and of a value, the same for every back end."""

import json
from collections.abc import Mapping
from typing import Any

from understudy.contract.schema.formats import INT_BOUNDS
from understudy.regexgen import matches

# Every description follows the word "expected": "expected an integer".
_TYPES = {
    "null": "null",
    "boolean": "true or false",
    "object": "an object",
    "array": "an array",
    "number": "a number",
    "string": "a text",
    "integer": "an integer",
}
_FORMATS = {
    "date-time": "a date-time with offset (RFC 3339), such as 2021-08-25T15:09:31+08:00",
    "date": "a date, such as 2021-08-25",
    "uuid": "a UUID",
}
_WITH_LIMIT = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} fields",
    "maxProperties": "at most {} fields",
    "minContains": "at least {} items that match the schema under `contains`",
    "maxContains": "at most {} items that match the schema under `contains`",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "pattern": "a text that matches {}",
}
_WITHOUT_LIMIT = {
    "false": "no value here",
    "uniqueItems": "items that differ from each other",
    "not": "a value that does not match the schema under `not`",
    "contains": "an item that matches the schema under `contains`",
    "anyOf": "a value that matches at least one of the alternatives",
    "oneOf": "a value that matches exactly one of the alternatives",
    "additionalProperties": "only the documented fields",
    "unevaluatedProperties": "only the documented fields",
    "unevaluatedItems": "only the documented items",
}


def abbreviate_json(value: object, limit: int = 80) -> str:
    """Return a value as JSON, cut after `limit` characters.

    A value that JSON cannot express is written as Python's `str` writes it.
    """
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = str(value)
    # A lone surrogate cannot be printed: it is written as an escape.
    text = text.encode("utf-8", "backslashreplace").decode()
    return abbreviate_text(text, limit)


def abbreviate_text(text: str, limit: int = 80) -> str:
    """Return a text, cut after `limit` characters."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def describe_keyword(keyword: str, limit: Any, value: object = None) -> str:
    """Describe what a keyword with the value `limit` expects, to follow the word "expected".

    `value` is the value that breaks the keyword: it shows which names are missing.
    """
    match keyword:
        case "type":
            return _describe_type(limit)
        case "enum":
            return _describe_enum(limit)
        case "const":
            return abbreviate_json(limit)
        case "format":
            return _describe_format(limit)
        case "required" | "dependentRequired":
            names = find_missing_names(keyword, limit, value)
            noun = "field" if len(names) < 2 else "fields"
            return f"the {noun} {', '.join(names)}"
    limit_text = limit if isinstance(limit, str) else abbreviate_json(limit)
    if keyword in _WITH_LIMIT:
        return _WITH_LIMIT[keyword].format(limit_text)
    return _WITHOUT_LIMIT.get(keyword, f"{keyword}: {abbreviate_json(limit)}")


def _describe_type(limit: str | list[str]) -> str:
    """Describe one type, or the alternatives of a list: "an integer or null"."""
    names = [limit] if isinstance(limit, str) else limit
    descriptions = [_TYPES.get(name, str(name)) for name in names]
    return " or ".join(descriptions)


def _describe_enum(limit: list[Any]) -> str:
    """Describe the allowed values, each as JSON."""
    if not limit:
        # An empty list allows nothing. Source: JSON Schema 2020-12, validation, section 6.1.2.
        return "no value at all"
    values = [abbreviate_json(item) for item in limit]
    return f"one of {', '.join(values)}"


def _describe_format(name: str) -> str:
    """Describe a format by an example or its bounds; one that is not known, by its name."""
    bounds = INT_BOUNDS.get(name)
    if bounds is None:
        return _FORMATS.get(name, str(name))
    lowest, highest = bounds
    return f"an integer from {lowest} to {highest} ({name})"


def find_missing_names(keyword: str, limit: Any, value: object) -> list[str]:
    """Return the names that an object lacks for `required` or `dependentRequired`.

    They come in the schema's order; a value that is not an object lacks none.
    """
    if not isinstance(value, Mapping):
        return []
    if keyword == "required":
        return [name for name in limit if name not in value]
    needed: dict[str, None] = {}
    for present, names in limit.items():
        if present in value:
            needed.update(dict.fromkeys(names))
    return [name for name in needed if name not in value]


def find_surplus_names(schema: Mapping[str, Any], value: object) -> list[str]:
    """Return the names of an object that its schema does not document.

    A name is documented by `properties`, or by a pattern of `patternProperties`.
    """
    if not isinstance(value, Mapping):
        return []
    properties = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    surplus: list[str] = []
    for name in value:
        if name in properties:
            continue
        if not any(matches(pattern, name) for pattern in patterns):
            surplus.append(name)
    return surplus
