"""Edge cases: valid responses at the limits of what a contract allows."""

from pathlib import Path
from typing import Any

import pytest

from contract_builders import load_data
from corruption_contracts import FOREIGN, build_document, object_of
from understudy.contract import edge_cases, load_contract

DOCUMENTED = load_contract()


def build_cases(schema: Any, folder: Path, seed: int = 0) -> dict[str, Any]:
    """Return the bodies of the edge cases of a schema, by class."""
    operation = load_data(build_document(schema), folder).operations["getX"]
    return {case.name: case.response.json() for case in edge_cases(operation, "200", seed=seed)}


@pytest.mark.parametrize("name", DOCUMENTED.operations)
def test_edge_cases_of_the_default_contract_are_valid(name: str) -> None:
    """Each documented response with a body has some."""
    operation = DOCUMENTED.operations[name]
    for key, spec in operation.responses.items():
        cases = list(edge_cases(operation, key))
        assert bool(cases) is (spec.body is not None)
        assert [case.name for case in cases if operation.validate_response(case.response)] == []


@pytest.mark.parametrize("name", FOREIGN)
def test_edge_cases_of_foreign_contracts_are_valid(name: str, tmp_path: Path) -> None:
    """A body that is not JSON has no edge cases."""
    operation = load_data(FOREIGN[name], tmp_path).operations["getX"]
    [key] = operation.responses
    cases = list(edge_cases(operation, key))
    assert len({case.name for case in cases}) == len(cases)
    assert [case.name for case in cases if operation.validate_response(case.response)] == []


def test_numbers_reach_the_limits_that_the_schema_allows(tmp_path: Path) -> None:
    """Each class is at every location that has room for it, and only there."""
    cases = build_cases(
        object_of(big={"type": "integer"}, small={"type": "integer", "maximum": 9, "const": 7}),
        tmp_path,
    )
    assert cases["integer-int64-max"] == {"big": 2**63 - 1, "small": 7}
    assert cases["integer-2^53-plus-one"] == {"big": 2**53 + 1, "small": 7}


def test_optional_fields_are_absent(tmp_path: Path) -> None:
    """The required ones stay."""
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"const": 1}, "b": {"type": "string"}},
    }
    assert build_cases(schema, tmp_path)["optional-absent"] == {"a": 1}


def test_texts_and_lists_have_edge_values(tmp_path: Path) -> None:
    """Empty, long, of other scripts; times only at locations of times."""
    cases = build_cases(
        object_of(
            t={"type": "string"}, d={"type": "string", "format": "date", "const": "2021-08-25"}
        ),
        tmp_path,
    )
    assert cases["text-cjk"] == {"t": "重启集群一区", "d": "2021-08-25"}
    assert cases["text-empty"]["t"] == ""
    times = build_cases(
        object_of(t={"type": "string"}, d={"type": "string", "format": "date"}), tmp_path
    )
    assert times["date-leap-day"]["d"] == "2020-02-29" != times["date-leap-day"]["t"]
    lists = build_cases(object_of(n={"type": "array", "items": {"type": "integer"}}), tmp_path)
    assert lists["list-empty"] == {"n": []}


def test_edge_cases_repeat_for_the_same_seed(tmp_path: Path) -> None:
    """Another seed gives other samples."""
    schema = object_of(n={"type": "integer"}, t={"type": "string"})
    assert (
        build_cases(schema, tmp_path, seed=4)
        == build_cases(schema, tmp_path, seed=4)
        != build_cases(schema, tmp_path, seed=5)
    )
