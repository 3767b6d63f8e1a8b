"""Comparison of JSON values, and JSON values as texts."""

import json

from understudy.messages import Json


def json_equal(left: Json, right: Json) -> bool:
    """Return whether two JSON values are equal.

    1 and 1.0 are equal; 1 and true are not. Source: RFC 6902, section 4.6.
    """
    # In Python, True == 1: booleans are compared by identity.
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return False
        return all(json_equal(value, right[name]) for name, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            return False
        return all(map(json_equal, left, right))
    return bool(left == right)


def is_json_subset(part: Json, whole: Json) -> bool:
    """Return whether `whole` has at least what `part` has.

    Objects: each member that `part` names, recursively. Lists: the same length, item by item.
    Other values have to be equal.
    """
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(
            name in whole and is_json_subset(value, whole[name]) for name, value in part.items()
        )
    if isinstance(part, list) and isinstance(whole, list):
        if len(part) != len(whole):
            return False
        return all(map(is_json_subset, part, whole))
    return json_equal(part, whole)


def as_text(value: object) -> str:
    """Return a text as it is, and any other value as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def format_value(value: object, limit: int = 200) -> str:
    """Return a value for people, cut with an ellipsis after `limit` characters.

    A text is not quoted; any other value is written as JSON.
    """
    text = as_text(value)
    if len(text) <= limit:
        return text
    return f"{text[:limit]}…"
