"""Answers at the edge of what a contract allows."""

from pathlib import Path
from typing import Any

import pytest

from contract_builders import loaded
from corruption_contracts import FOREIGN, answering, fields
from understudy.contract import edge_cases, load_contract

DOCUMENTED = load_contract()


def cases(schema: Any, folder: Path, seed: int = 0) -> dict[str, Any]:
    operation = loaded(answering(schema), folder).operations["getX"]
    return {case.name: case.response.json() for case in edge_cases(operation, "200", seed=seed)}


@pytest.mark.parametrize("name", DOCUMENTED.operations)
def test_each_is_valid(name: str) -> None:
    """For every documented response, and there are some for each that has a body."""
    operation = DOCUMENTED.operations[name]
    for key, spec in operation.responses.items():
        found = list(edge_cases(operation, key))
        assert bool(found) is (spec.body is not None)
        assert [case.name for case in found if operation.validate_response(case.response)] == []


@pytest.mark.parametrize("name", FOREIGN)
def test_each_of_other_contracts_is_valid(name: str, tmp_path: Path) -> None:
    """Also of bodies that are no JSON, which have none."""
    operation = loaded(FOREIGN[name], tmp_path).operations["getX"]
    [key] = operation.responses
    found = list(edge_cases(operation, key))
    assert len({case.name for case in found}) == len(found)
    assert [case.name for case in found if operation.validate_response(case.response)] == []


def test_numbers_go_to_the_limits_that_the_schema_allows(tmp_path: Path) -> None:
    """Each class is at every place that has room for it, and only there."""
    made = cases(
        fields(big={"type": "integer"}, small={"type": "integer", "maximum": 9, "const": 7}),
        tmp_path,
    )
    assert made["integer-int64-max"] == {"big": 2**63 - 1, "small": 7}
    assert made["integer-2^53-plus-one"] == {"big": 2**53 + 1, "small": 7}


def test_optional_fields_are_absent(tmp_path: Path) -> None:
    """The required ones stay."""
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"const": 1}, "b": {"type": "string"}},
    }
    assert cases(schema, tmp_path)["optional-absent"] == {"a": 1}


def test_texts_and_lists_are_odd(tmp_path: Path) -> None:
    """Empty, long, of other scripts; times only where a time stands."""
    made = cases(
        fields(t={"type": "string"}, d={"type": "string", "format": "date", "const": "2021-08-25"}),
        tmp_path,
    )
    assert made["text-cjk"] == {"t": "重启集群一区", "d": "2021-08-25"}
    assert made["text-empty"]["t"] == ""
    times = cases(fields(t={"type": "string"}, d={"type": "string", "format": "date"}), tmp_path)
    assert times["date-leap-day"]["d"] == "2020-02-29" != times["date-leap-day"]["t"]
    lists = cases(fields(n={"type": "array", "items": {"type": "integer"}}), tmp_path)
    assert lists["list-empty"] == {"n": []}


def test_the_same_seed_gives_the_same(tmp_path: Path) -> None:
    """Another one another sample."""
    schema = fields(n={"type": "integer"}, t={"type": "string"})
    assert (
        cases(schema, tmp_path, seed=4)
        == cases(schema, tmp_path, seed=4)
        != cases(schema, tmp_path, seed=5)
    )
