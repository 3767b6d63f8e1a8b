"""The members of a sampled object that its schema does not name."""

from collections.abc import Mapping

from understudy.contract.document.pointers import JsonObject

MAX_SIZE = 10_000
"""A sample has no more items or members. Where its schema requires more, it has a few."""
_OTHER_KEYWORDS = ("properties", "patternProperties", "propertyNames", "dependentSchemas")


def list_additional_names(schema: JsonObject, value: Mapping[str, object]) -> list[str]:
    """Return the names that an object needs beside those of its sampled properties."""
    required = schema.get("required", [])
    missing_names = [name for name in required if name not in value]
    missing = schema.get("minProperties", 0) - len(value) - len(missing_names)
    for number in range(int(missing) if missing <= MAX_SIZE else 0):
        missing_names.append(f"field{number}")
    return missing_names


def is_map(schema: JsonObject) -> bool:
    """Return whether a schema says only what the values of members with any name are."""
    values = schema.get("additionalProperties")
    if not isinstance(values, dict) or not values:
        return False
    return schema.get("maxProperties", 1) >= 1 and not any(map(schema.get, _OTHER_KEYWORDS))
