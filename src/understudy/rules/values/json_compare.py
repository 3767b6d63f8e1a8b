"""JSON values beside one another: equal, part of one another, written as a text."""

import json
from typing import Any


def json_equal(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal. 1 and 1.0 are, 1 and true are not. Source: RFC 6902, section 4.6."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            json_equal(value, right[name]) for name, value in left.items()
        )
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(json_equal, left, right))
    return bool(left == right)


def is_json_subset(part: Any, whole: Any) -> bool:
    """Whether a value has at least what another one has.

    Objects: the members that `part` names, recursively. Lists: of the same length, item by item. Else equal.
    """
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(
            name in whole and is_json_subset(value, whole[name]) for name, value in part.items()
        )
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(is_json_subset, part, whole))
    return json_equal(part, whole)


def as_text(value: Any) -> str:
    """Give a text as it is, and any other JSON value as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def format_value(value: Any, limit: int = 200) -> str:
    """Write a value for people: a text as it is, else JSON, cut when it is long."""
    text = as_text(value)
    return text if len(text) <= limit else f"{text[:limit]}…"
