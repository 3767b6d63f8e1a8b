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
def test_what_ships_obeys_the_contract(path: Path, dialect: str) -> None:
    """In both dialects."""
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
def test_the_place_in_the_file(tmp_path: Path, text: str, expected: str) -> None:
    """Where the scenario says it, also where the wire has another name or another order for it."""
    against = contract() if "type" in text else strict(tmp_path)
    assert problem(HEAD + text, against).startswith(expected)


def test_the_place_when_another_subtask_is_broken(tmp_path: Path) -> None:
    """A subtask that cannot be read does not move the others."""
    found = problems(
        f"{HEAD}tasks: [{{name: A, subtasks: [5, {{name: A}}, {{name: b}}]}}]", strict(tmp_path)
    )
    assert [line.partition(": ")[0] for line in found] == [
        "2:30 bad-value",
        "2:51 contradicts-contract",
    ]


def test_a_field_that_the_contract_wants_and_no_task_has(tmp_path: Path) -> None:
    """Told at the task."""
    found = problem(f"{HEAD}tasks: [{{name: A}}]", strict(tmp_path, "owner"))
    assert found.startswith(
        '2:9 contradicts-contract: task 1 contradicts the contract: "" is a mapping. Expected'
    )
    assert "owner" in found


def test_the_same_mistake_in_many_tasks() -> None:
    """Twenty of them are enough."""
    assert len(problems(f"{HEAD}tasks:\n" + "  - {type: MANUEL}\n" * 50, contract())) == 20


def test_a_task_of_the_future_is_judged_as_well() -> None:
    """It has not begun when the clock starts, and will."""
    assert "contradicts-contract" in problem(f"{HEAD}tasks: [{{at: 1h, type: MANUEL}}]", contract())


def test_a_contract_without_tasks_judges_none(tmp_path: Path) -> None:
    """Another API's contract knows no task."""
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
def test_columns_say_what_the_whole_says(schema: Any, values: list[Any]) -> None:
    """Judged column by column, values are valid exactly when each of them is."""
    whole = compile_validator(schema, document=TREE)
    assert are_all_valid(schema, values, TREE) == all(whole.is_valid(value) for value in values)
