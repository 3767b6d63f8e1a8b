"""Data that was valid and has not changed is not validated again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contract_builders import JSON, load_operation
from understudy.contract import BACKENDS, SchemaError, Validator, compile_validator, load_contract
from understudy.contract.operation.body_validation import BodyValidator, RecentDigests
from understudy.messages import dump_json

DATA = {"type": "array", "items": {"type": "integer"}}
ENVELOPE: dict[str, Any] = {
    "type": "object",
    "required": ["data", "time"],
    "properties": {"data": DATA, "time": {"type": "integer"}},
}
SHALLOW: dict[str, Any] = {**ENVELOPE, "properties": {**ENVELOPE["properties"], "data": True}}


@dataclass
class CountingValidator:
    """A validator that records the values it validates."""

    inner: Validator
    values: list[Any] = field(default_factory=list)

    def is_valid(self, value: Any) -> bool:
        return self.inner.is_valid(value)

    def iter_errors(self, value: Any, *, limit: int | None = None) -> Iterator[SchemaError]:
        self.values.append(value)
        return self.inner.iter_errors(value, limit=limit)


def make_validators(
    digests: RecentDigests | None = None,
) -> tuple[BodyValidator, CountingValidator]:
    validator = CountingValidator(compile_validator(ENVELOPE, backend="jsonschema"))
    shallow = compile_validator(SHALLOW, backend="jsonschema")
    body_validator = BodyValidator(
        JSON, "", validator, shallow, ("data",), valid_digests=digests or RecentDigests()
    )
    return body_validator, validator


def find_rules(body_validator: BodyValidator, value: Any) -> list[str]:
    return [violation.rule for violation in body_validator.validate(dump_json(value), ENVELOPE)[1]]


def test_unchanged_data_is_validated_once() -> None:
    """An envelope with another time carries the same data."""
    body_validator, validator = make_validators()
    assert [find_rules(body_validator, {"data": [1], "time": time}) for time in range(3)] == [
        [],
        [],
        [],
    ]
    assert len(validator.values) == 1


def test_changed_data_is_validated_again() -> None:
    """Each version is validated once."""
    body_validator, validator = make_validators()
    for number in (1, 2, 1, 2):
        find_rules(body_validator, {"data": [number], "time": 0})
    assert [value["data"] for value in validator.values] == [[1], [2]]


@pytest.mark.parametrize("changed", [[True], [1.5], ["1"], {"0": 1}])
def test_similar_data_is_validated(changed: Any) -> None:
    """True is not 1."""
    body_validator, _ = make_validators()
    assert [find_rules(body_validator, {"data": data, "time": 0}) for data in ([1], changed)] == [
        [],
        ["type"],
    ]


def test_invalid_envelope_with_known_data_is_reported() -> None:
    """The members outside of the data are validated each time."""
    body_validator, _ = make_validators()
    rules = [
        find_rules(body_validator, value)
        for value in ({"data": [1], "time": 0}, {"data": [1], "time": "x"}, {"data": [1]})
    ]
    assert rules == [[], ["type"], ["required"]]


def test_invalid_data_is_reported_each_time() -> None:
    """Only valid data is remembered."""
    body_validator, validator = make_validators()
    assert [find_rules(body_validator, {"data": ["x"], "time": 0}) for _ in range(3)] == [
        ["type"]
    ] * 3
    assert len(validator.values) == 3


@pytest.mark.parametrize("value", [{"time": 0}, [], None, 5])
def test_body_without_containers_is_validated_each_time(value: Any) -> None:
    """There is nothing to remember."""
    body_validator, validator = make_validators()
    find_rules(body_validator, value), find_rules(body_validator, value)
    assert len(validator.values) == 2


def test_number_of_remembered_digests_is_bounded() -> None:
    """The data that was used longest ago is validated again."""
    body_validator, validator = make_validators(RecentDigests(2))
    for number in (1, 2, 1, 3, 1, 2):
        find_rules(body_validator, {"data": [number], "time": 0})
    assert [value["data"] for value in validator.values] == [[1], [2], [3], [2]]


@pytest.mark.parametrize(("backend", "members"), [(BACKENDS[0], ("data",)), (BACKENDS[1], ())])
def test_only_the_slow_back_end_remembers_digests(backend: str, members: tuple[str, ...]) -> None:
    """The fast one takes less time than a digest."""
    body = load_contract(backend=backend).operations["listTaskInstances"].responses["200"].body
    assert body is not None
    assert [body_validator.members for body_validator in body.media.values()] == [members]


@pytest.mark.parametrize(
    "more",
    [
        {"additionalProperties": False},
        {"oneOf": [{}]},
        {"minProperties": 1},
        {"dependentRequired": {}},
    ],
)
def test_schema_that_relates_its_members_is_not_split(tmp_path: Path, more: Any) -> None:
    """Only an object with independent properties is."""
    response = {"description": "", "content": {JSON: {"schema": {**ENVELOPE, **more}}}}
    operation = load_operation(tmp_path, backend="jsonschema", responses={"200": response})
    body = operation.responses["200"].body
    assert body is not None
    assert body.media[JSON].members == ()
