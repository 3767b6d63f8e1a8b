"""Cases in the manner of the official suite: validators agree, generated values are valid."""

import random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from suite_groups import GROUPS
from understudy.contract import compile_validator
from understudy.contract.expansion.constraints import Requirement
from understudy.contract.expansion.value_builder import NoValueError, ValueBuilder
from understudy.strategies import payloads_from_schema

BACKENDS = ("jsonschema", "jsonschema-rs")
QUICK = settings(
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
    deadline=None,
    max_examples=15,
)
_ASSERTED_HERE = ("a format that is asserted", "bounds of int32", "letters of a newer Unicode")
"""What the library itself does not assert, or reads by its own version of Unicode."""


@pytest.mark.parametrize("name", GROUPS)
def test_both_back_ends_agree_with_the_case(name: str) -> None:
    """Each value is valid or not with both back ends."""
    schema, valid, invalid = GROUPS[name]
    for backend in BACKENDS:
        validator = compile_validator(schema, backend=backend)
        assert [validator.is_valid(value) for value in valid] == [True] * len(valid)
        assert [validator.is_valid(value) for value in invalid] == [False] * len(invalid)


def is_valid(name: str, value: Any) -> bool:
    """Return whether a value of a group is valid by the library itself, and by this package."""
    schema, _, _ = GROUPS[name]
    own = compile_validator(schema, backend="jsonschema").is_valid(value)
    if name in _ASSERTED_HERE:
        return own
    return own and jsonschema_rs.Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize("name", GROUPS)
def test_built_values_are_valid(name: str) -> None:
    """For several seeds; the same seed gives the same value."""
    schema, _, _ = GROUPS[name]
    for seed in range(8):
        first, second = (
            ValueBuilder(schema).build(Requirement(schema), random.Random(seed))  # noqa: S311
            for _ in range(2)
        )
        assert is_valid(name, first)
        assert first == second


@pytest.mark.parametrize("name", GROUPS)
def test_payloads_are_valid(name: str) -> None:
    """In the valid mode all are; in the invalid mode none is."""
    schema, _, _ = GROUPS[name]

    @given(payloads_from_schema(schema))
    @QUICK
    def check_valid(value: Any) -> None:
        assert is_valid(name, value)

    @given(payloads_from_schema(schema, mode="invalid"))
    @QUICK
    def check_invalid(invalid: Any) -> None:
        assert not is_valid(name, invalid.value)

    check_valid()
    check_invalid()


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"type": "string", "minLength": 5, "maxLength": 3},
        {"type": "integer", "minimum": 5, "maximum": 3},
        {"type": "array", "minItems": 10**9},
        {"type": "array", "contains": True, "minContains": 10**9},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 3, "uniqueItems": True},
        {"type": "object", "minProperties": 10**9},
        {"type": "string", "minLength": 10**9},
        {"required": ["a"], "properties": {"a": {"$ref": "#"}}, "type": "object"},
        {"type": "object", "not": {"not": {"required": ["a"]}}, "unevaluatedProperties": False},
    ],
)
def test_schema_without_values_has_none(schema: Any) -> None:
    """Nor one whose values are all too large: the builder says so at once."""
    with pytest.raises(NoValueError):
        ValueBuilder(schema).build(Requirement(schema), random.Random(0))  # noqa: S311
    assert payloads_from_schema(schema).is_empty
    assert payloads_from_schema(schema, mode="edge").is_empty


@pytest.mark.parametrize(
    ("schema", "size"),
    [
        ({"type": "string", "minLength": 10_000}, 10_000),
        ({"type": "string", "minLength": 9000, "pattern": "^[a-z]+$"}, 9000),
        ({"type": "array", "minItems": 3000, "items": {"type": "integer"}}, 3000),
        ({"type": "array", "minItems": 400, "uniqueItems": True}, 400),
        ({"type": "object", "minProperties": 300}, 300),
    ],
)
def test_long_values_are_built(schema: Any, size: int) -> None:
    """Longer than what Hypothesis draws piece by piece."""

    @given(payloads_from_schema(schema))
    @settings(QUICK, max_examples=2)
    def check(value: Any) -> None:
        assert len(value) >= size
        assert compile_validator(schema).is_valid(value)

    check()


def test_one_of_objects_that_differ_in_one_member_has_values() -> None:
    """Each alternative has to exclude many others, and most ways to do so contradict each other."""
    names = [f"{member}{number}" for member in "pq" for number in range(6)]

    def alternative(number: int) -> Any:
        parts = {
            member: {"type": "object", "required": [f"{member}{number}", f"{member}x"]}
            for member in "pq"
        }
        ids = {"id": {"type": "integer"}, "body": {"type": "string"}}
        return {"type": "object", "required": ["id", "body"], "properties": {**ids, **parts}}

    schema = {"oneOf": [alternative(number) for number in range(6)]}
    validator = compile_validator(schema)
    for seed in range(3):
        value = ValueBuilder(schema).build(Requirement(schema), random.Random(seed))  # noqa: S311
        assert validator.is_valid(value)
        assert any(name in str(value) for name in names)
