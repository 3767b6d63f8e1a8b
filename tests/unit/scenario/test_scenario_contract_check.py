"""A scenario against the contract: what would be served must be what the contract allows."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_builders import HEAD, SHIPPED, contract, problem, problems, scenario
from understudy.config import Settings, resolve_overlays
from understudy.contract import compile_validator, load_contract
from understudy.scenario import load_scenario
from understudy.scenario.batch_validation import are_all_valid

BASE = """\
openapi: 3.1.0
info: {title: t, version: "1"}
paths: {}
components:
  schemas:
    WrappedTaskInstance:
      type: object
      required: [%s]
      properties:
        id: {type: integer, maximum: 100}
        name: {type: string, maxLength: 5}
        status: {enum: [RUNNING, SUCCESSFUL]}
        subtasks: {type: array, items: {$ref: "#/components/schemas/Step"}}
    Step:
      type: object
      properties:
        name: {type: string, pattern: "^[A-Z]"}
        status: {enum: [READY, FAILED, SUCCESSFUL]}
"""


def strict(tmp_path: Path, required: str = "id") -> Any:
    path = tmp_path / "strict.yaml"
    path.write_text(BASE % required)
    return load_contract(path)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@pytest.mark.parametrize("dialect", ["documented", "observed"])
def test_shipped_scenarios_obey_the_contract(path: Path, dialect: str) -> None:
    """This holds in both dialects."""
    against = load_contract(overlays=resolve_overlays(Settings(dialect=dialect)))
    scenario = load_scenario(path, contract=against)
    assert scenario.plans or scenario.crowd or path.stem == "empty"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "tasks:\n  - type: MANUEL",
            '3:11 contradicts-contract: task 1 contradicts the contract: "type" is "MANUEL".',
        ),
        (
            "tasks:\n  - id: 101\n    name: A",
            '3:9 contradicts-contract: task 101 contradicts the contract: "id" is the number 101.',
        ),
        (
            "tasks:\n  - name: Toolong",
            '3:11 contradicts-contract: task 1 contradicts the contract: "name" is "Toolong"',
        ),
        (
            "tasks:\n  - name: A\n    state: FAILED",
            '4:12 contradicts-contract: task 1 contradicts the contract: "status',
        ),
        (
            "tasks:\n  - name: A\n    subtasks:\n      - {name: A, id: 9}\n      - {id: 3, name: b}",
            '6:23 contradicts-contract: task 1 contradicts the contract: "subtasks/0/name" is "b".',
        ),
    ],
)
def test_contract_problem_has_its_place_in_the_file(
    tmp_path: Path, text: str, expected: str
) -> None:
    """Names and order of the response may differ from those of the file."""
    against = contract() if "type" in text else strict(tmp_path)
    assert problem(HEAD + text, against).startswith(expected)


def test_broken_subtask_does_not_shift_the_places(tmp_path: Path) -> None:
    """The other subtasks keep their positions."""
    reported = problems(
        f"{HEAD}tasks: [{{name: A, subtasks: [5, {{name: A}}, {{name: b}}]}}]", strict(tmp_path)
    )
    assert [line.partition(": ")[0] for line in reported] == [
        "2:30 bad-value",
        "2:51 contradicts-contract",
    ]


def test_missing_required_field_is_reported_at_the_task(tmp_path: Path) -> None:
    """The problem names the field."""
    reported = problem(f"{HEAD}tasks: [{{name: A}}]", strict(tmp_path, "owner"))
    assert reported.startswith(
        '2:9 contradicts-contract: task 1 contradicts the contract: "" is a mapping. Expected'
    )
    assert "owner" in reported


def test_contract_problems_are_limited_to_twenty() -> None:
    """More of the same would not help."""
    assert len(problems(f"{HEAD}tasks:\n" + "  - {type: MANUEL}\n" * 50, contract())) == 20


def test_future_task_is_validated() -> None:
    """It will be served later."""
    assert "contradicts-contract" in problem(f"{HEAD}tasks: [{{at: 1h, type: MANUEL}}]", contract())


def test_contract_without_tasks_reports_nothing(tmp_path: Path) -> None:
    """Another API has no schema of tasks."""
    path = tmp_path / "other.yaml"
    path.write_text('openapi: 3.1.0\ninfo: {title: t, version: "1"}\npaths: {}\n')
    assert scenario({"type": "MANUEL"}, against=load_contract(path)).plans


SCHEMAS = st.recursive(
    st.sampled_from(
        [
            {},
            True,
            {"type": "string"},
            {"type": "integer", "maximum": 1},
            {"enum": ["a", 1]},
            {"$ref": "#/$defs/t"},
        ]
    ),
    lambda inner: (
        st.builds(
            lambda properties, required, more: {
                "type": "object",
                "properties": properties,
                "required": required,
                **more,
            },
            st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            st.lists(st.sampled_from("ab"), unique=True),
            st.sampled_from(
                [{}, {"additionalProperties": False}, {"minProperties": 1}, {"x-source": 1}]
            ),
        )
        | st.builds(lambda items: {"type": "array", "items": items}, inner)
        | st.builds(
            lambda items: {"$ref": "#/$defs/t", "description": "d", "properties": {"a": items}},
            inner,
        )
    ),
    max_leaves=4,
)
VALUES = st.recursive(
    st.sampled_from(["a", "b", 1, 2, True, None, 1.0]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2)
    ),
    max_leaves=4,
)
TREE = {
    "$defs": {
        "t": {
            "type": "object",
            "properties": {"a": {"items": {"$ref": "#/$defs/t"}}, "b": {"type": "integer"}},
        }
    }
}


@settings(max_examples=100)
@given(SCHEMAS, st.lists(VALUES, max_size=3))
def test_batch_validation_agrees_with_the_validator(schema: Any, values: list[Any]) -> None:
    """The values are valid together if and only if each of them is valid."""
    whole = compile_validator(schema, document=TREE)
    assert are_all_valid(schema, values, TREE) == all(whole.is_valid(value) for value in values)
