"""Written values as values of a type."""

from typing import Any

import pytest

from understudy.derive.lexicon.cell_parser import read_type
from understudy.derive.reader.example_values import ValueMismatch, read_value


@pytest.mark.parametrize(
    ("text", "type", "value"),
    [
        ('"Prepare host"', "String", "Prepare host"),
        ("Beijing", "String", "Beijing"),
        ("100", "String", "100"),
        ("1000", "Long", 1000),
        ('["A", "B"]', "StringArray", ["A", "B"]),
        ("true", "Boolean", True),
        ("`5`", "Integer", 5),
        ("1.5", "Double", 1.5),
        ("[1]", "Array<Long>", [1]),
        ('{"a": 1}', "Object", {"a": 1}),
    ],
)
def test_a_written_value_becomes_a_value_of_its_type(text: str, type: str, value: Any) -> None:
    """Quotes and back-ticks around it do not matter."""
    assert read_value(text, read_type(type)) == value


@pytest.mark.parametrize(
    ("text", "type", "reason"),
    [
        ("abc", "Long", "it is not JSON"),
        ("1.5", "Long", "it is a number"),
        ("true", "Integer", "it is a boolean"),
        ("2147483648", "Integer", "it is beyond int32"),
        ('["a"]', "Array<Long>", "it is a text"),
        ("1", "Array", "it is an integer"),
        ("abc", "Task", "the type is not known"),
        ("1e999", "Double", "too large"),
        ("[" * 200, "Array", "nested deeper"),
        ("null", "Long", "it is null"),
        ("{}", "Boolean", "it is an object"),
    ],
)
def test_a_value_of_another_type_is_a_mismatch(text: str, type: str, reason: str) -> None:
    """The text of the error says why."""
    with pytest.raises(ValueMismatch, match=reason):
        read_value(text, read_type(type))
