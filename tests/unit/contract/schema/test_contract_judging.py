"""What was judged valid and has not changed is not judged again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contract_builders import JSON, one_operation
from understudy.contract import BACKENDS, SchemaError, Validator, compile_validator, load_contract
from understudy.contract.operation.body_validation import BodyValidator, RecentDigests
from understudy.messages import dump_json

DATA = {"type": "array", "items": {"type": "integer"}}
WHOLE = {
    "type": "object",
    "required": ["data", "time"],
    "properties": {"data": DATA, "time": {"type": "integer"}},
}
SHELL = {**WHOLE, "properties": {**WHOLE["properties"], "data": True}}  # type: ignore[dict-item]


@dataclass
class Counted:
    """A validator that counts how often it judges."""

    inner: Validator
    values: list[Any] = field(default_factory=list)

    def is_valid(self, value: Any) -> bool:
        return self.inner.is_valid(value)

    def iter_errors(self, value: Any) -> Iterator[SchemaError]:
        self.values.append(value)
        return self.inner.iter_errors(value)


def counted(memory: RecentDigests | None = None) -> tuple[BodyValidator, Counted]:
    validator = Counted(compile_validator(WHOLE, backend="jsonschema"))
    shell = compile_validator(SHELL, backend="jsonschema")
    return BodyValidator(
        JSON, "", validator, shell, ("data",), valid_digests=memory or RecentDigests()
    ), validator


def rules(judge: BodyValidator, value: Any) -> list[str]:
    return [violation.rule for violation in judge.validate(dump_json(value), WHOLE)[1]]


def test_the_same_data_is_judged_once() -> None:
    """An envelope with another time carries the same data."""
    judge, validator = counted()
    assert [rules(judge, {"data": [1], "time": time}) for time in range(3)] == [[], [], []]
    assert len(validator.values) == 1


def test_changed_data_is_judged_again() -> None:
    """Each representation once."""
    judge, validator = counted()
    for number in (1, 2, 1, 2):
        rules(judge, {"data": [number], "time": 0})
    assert [value["data"] for value in validator.values] == [[1], [2]]


@pytest.mark.parametrize("changed", [[True], [1.5], ["1"], {"0": 1}])
def test_what_only_looks_alike_is_judged(changed: Any) -> None:
    """True is not 1."""
    judge, _ = counted()
    assert [rules(judge, {"data": data, "time": 0}) for data in ([1], changed)] == [[], ["type"]]


def test_a_broken_envelope_is_told_though_its_data_is_known() -> None:
    """The rest is judged each time."""
    judge, _ = counted()
    found = [
        rules(judge, value)
        for value in ({"data": [1], "time": 0}, {"data": [1], "time": "x"}, {"data": [1]})
    ]
    assert found == [[], ["type"], ["required"]]


def test_what_is_invalid_is_never_remembered() -> None:
    """It is told each time."""
    judge, validator = counted()
    assert [rules(judge, {"data": ["x"], "time": 0}) for _ in range(3)] == [["type"]] * 3
    assert len(validator.values) == 3


@pytest.mark.parametrize("value", [{"time": 0}, [], None, 5])
def test_a_body_without_such_members_is_judged_each_time(value: Any) -> None:
    """There is nothing to remember."""
    judge, validator = counted()
    rules(judge, value), rules(judge, value)
    assert len(validator.values) == 2


def test_the_memory_is_bounded() -> None:
    """What was used longest ago is judged again."""
    judge, validator = counted(RecentDigests(2))
    for number in (1, 2, 1, 3, 1, 2):
        rules(judge, {"data": [number], "time": 0})
    assert [value["data"] for value in validator.values] == [[1], [2], [3], [2]]


@pytest.mark.parametrize(("backend", "members"), [(BACKENDS[0], ("data",)), (BACKENDS[1], ())])
def test_the_shipped_contract_remembers_where_that_pays(
    backend: str, members: tuple[str, ...]
) -> None:
    """With the slow back end; the fast one takes less than a digest."""
    body = load_contract(backend=backend).operations["listTaskInstances"].responses["200"].body
    assert body is not None
    assert [judge.members for judge in body.media.values()] == [members]


@pytest.mark.parametrize(
    "more",
    [
        {"additionalProperties": False},
        {"oneOf": [{}]},
        {"minProperties": 1},
        {"dependentRequired": {}},
    ],
)
def test_a_schema_that_looks_at_its_members_otherwise_is_not_split(
    tmp_path: Path, more: Any
) -> None:
    """Only an object with plain properties is."""
    response = {"description": "", "content": {JSON: {"schema": {**WHOLE, **more}}}}
    operation = one_operation(tmp_path, backend="jsonschema", responses={"200": response})
    body = operation.responses["200"].body
    assert body is not None
    assert body.media[JSON].members == ()
