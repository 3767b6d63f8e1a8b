"""Which members a sampled object gets that its schema does not name."""

from typing import Any

import pytest

from understudy.contract.map_members import MAX_SIZE, is_map, list_additional_names


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        ({}, []),
        ({"required": ["a", "b"]}, ["b"]),
        ({"minProperties": 2}, ["field0"]),
        ({"required": ["b"], "minProperties": 3.0}, ["b", "field0"]),
        ({"minProperties": MAX_SIZE + 2}, []),
    ],
)
def test_missing_names_are_listed(schema: Any, names: list[str]) -> None:
    """Required names come first, then as many as the least number needs."""
    assert list_additional_names(schema, {"a": 1}) == names


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"additionalProperties": {"type": "integer"}}, True),
        ({"additionalProperties": {"type": "integer"}, "properties": {}}, True),
        ({"additionalProperties": {"type": "integer"}, "properties": {"a": {}}}, False),
        ({"additionalProperties": {"type": "integer"}, "propertyNames": {"maxLength": 1}}, False),
        ({"additionalProperties": {"type": "integer"}, "maxProperties": 0}, False),
        ({"additionalProperties": True}, False),
        ({"additionalProperties": {}}, False),
        ({"type": "object"}, False),
    ],
)
def test_map_has_values_with_any_name(schema: Any, expected: bool) -> None:
    """An object with named properties is not a map."""
    assert is_map(schema) is expected
