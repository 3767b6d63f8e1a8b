"""What a schema's keyword expects, and what a value is, in words: the same in every back end."""

import json
from collections.abc import Mapping
from typing import Any

from understudy.contract.schema.formats import INT_BOUNDS
from understudy.regexgen import matches

_KINDS = {
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
_COUNTS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} fields",
    "maxProperties": "at most {} fields",
    "minContains": "at least {} items of the kind that `contains` tells",
    "maxContains": "at most {} items of the kind that `contains` tells",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "pattern": "a text that matches {}",
}
_PLAIN = {
    "false": "no value here",
    "uniqueItems": "items that differ from one another",
    "not": "a value that the schema under `not` refuses",
    "contains": "an item of the kind that `contains` tells",
    "anyOf": "a value that obeys at least one of the alternatives",
    "oneOf": "a value that obeys exactly one of the alternatives",
    "additionalProperties": "only the documented fields",
    "unevaluatedProperties": "only the documented fields",
    "unevaluatedItems": "only the documented items",
}


def abbreviate_json(value: Any, limit: int = 80) -> str:
    """Write a value as JSON, cut when it is long."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = str(value)
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= limit else f"{text[:limit]}…"


def describe_keyword(keyword: str, limit: Any, value: Any = None) -> str:
    """Say what a keyword with the value `limit` expects. `value` is what was found: it tells which names miss."""
    if keyword == "type":
        names = [limit] if isinstance(limit, str) else limit
        return " or ".join(_KINDS.get(name, str(name)) for name in names)
    if keyword == "enum":
        return (
            f"one of {', '.join(abbreviate_json(item) for item in limit)}"
            if limit
            else "no value at all"
        )
    if keyword == "const":
        return abbreviate_json(limit)
    if keyword == "format":
        bounds = INT_BOUNDS.get(limit)
        return (
            f"an integer from {bounds[0]} to {bounds[1]} ({limit})"
            if bounds
            else _FORMATS.get(limit, str(limit))
        )
    if keyword in ("required", "dependentRequired"):
        names = find_missing_names(keyword, limit, value)
        return f"the field{'s' if len(names) > 1 else ''} {', '.join(names)}"
    if keyword in _COUNTS:
        return _COUNTS[keyword].format(limit if isinstance(limit, str) else abbreviate_json(limit))
    return _PLAIN.get(keyword, f"what {keyword} says: {abbreviate_json(limit)}")


def find_missing_names(keyword: str, limit: Any, value: Any) -> list[str]:
    """Give the names that `required` or `dependentRequired` misses in an object, in the schema's order."""
    if not isinstance(value, Mapping):
        return []
    if keyword == "required":
        return [name for name in limit if name not in value]
    wanted = [name for present, names in limit.items() if present in value for name in names]
    return [name for name in dict.fromkeys(wanted) if name not in value]


def find_surplus_names(schema: Mapping[str, Any], value: Any) -> list[str]:
    """Give the names of an object that neither `properties` nor `patternProperties` of its schema knows."""
    if not isinstance(value, Mapping):
        return []
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return [
        name
        for name in value
        if name not in known and not any(matches(pattern, name) for pattern in patterns)
    ]
