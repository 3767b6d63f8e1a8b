"""What is drawn is valid, and obeys the domain."""

from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from understudy.contract import compile_validator, load_contract
from understudy.messages import Response
from understudy.strategies import payloads_from_schema, responses_from_operation, tasks

CONTRACT = load_contract()
TASK = {"$ref": "#/components/schemas/WrappedTaskInstance"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@given(task=tasks())
def test_tasks_validate(task: dict[str, Any]) -> None:
    """Against the contract's own schema."""
    assert list(compile_validator(TASK, document=CONTRACT.document).iter_errors(task)) == []


@given(task=tasks())
def test_graphs_are_acyclic_and_both_ways_agree(task: dict[str, Any]) -> None:
    """`downstream` is the inverse of `upstreams`."""
    upstreams = {s["id"]: set(s["upstreams"]) for s in task["subtasks"]}
    assert len(list(TopologicalSorter(upstreams).static_order())) == len(upstreams)
    inverse = {i: {j for j, ups in upstreams.items() if i in ups} for i in upstreams}
    assert {s["id"]: set(s["downstream"]) for s in task["subtasks"]} == inverse


@given(task=tasks())
def test_states_agree(task: dict[str, Any]) -> None:
    """A subtask starts after its upstreams succeeded; the task's state follows from its subtasks'."""
    by_id = {s["id"]: s for s in task["subtasks"]}
    states = {s["status"] for s in task["subtasks"]}
    for subtask in task["subtasks"]:
        if subtask["status"] != "PENDING":
            assert {by_id[i]["status"] for i in subtask["upstreams"]} <= {"SUCCESSFUL"}
    expected = {
        "SUCCESSFUL": states == {"SUCCESSFUL"},
        "FAILED": "FAILED" in states and not states & {"READY", "RUNNING", "CANCELING"},
        "RUNNING": bool(states & {"READY", "RUNNING", "CANCELING"}),
    }
    assert expected[task["status"]]


@given(task=tasks())
def test_times_are_in_order(task: dict[str, Any]) -> None:
    """Made, started, finished; a subtask after its upstreams; the task after all."""
    by_id = {s["id"]: s for s in task["subtasks"]}
    for subtask in task["subtasks"]:
        times = [moment(subtask[name]) for name in ("createTime", "startTime", "finishTime") if name in subtask]
        assert times == sorted(times)
        assert ("finishTime" in subtask) == (subtask["status"] in ("SUCCESSFUL", "FAILED"))
        if "startTime" in subtask:
            assert "executor" in subtask
            assert all(moment(by_id[i]["finishTime"]) <= times[1] for i in subtask["upstreams"])
    assert ("finishTime" in task) == (task["status"] != "RUNNING")
    ends = [moment(s["finishTime"]) for s in task["subtasks"] if "finishTime" in s]
    assert "finishTime" not in task or all(end <= moment(task["finishTime"]) for end in ends)


@pytest.mark.parametrize("operation", sorted(CONTRACT.operations))
def test_responses_validate(operation: str) -> None:
    """Every operation's, with the status and the type that are documented."""

    @given(response=responses_from_operation(operation))
    @settings(max_examples=40)
    def check(response: Response) -> None:
        assert CONTRACT.operations[operation].validate_response(response) == ()

    check()


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_error_responses_validate(status: int) -> None:
    """From the schema alone."""

    @given(response=responses_from_operation("getTaskInstance", status=status))
    @settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
    def check(response: Response) -> None:
        assert CONTRACT.operations["getTaskInstance"].validate_response(response) == ()

    check()


@pytest.mark.slow
def test_a_failure_shrinks_to_one_task_with_one_subtask() -> None:
    """A client that breaks on a failed subtask gets the smallest such task."""
    task = find(tasks(), lambda task: any(s["status"] == "FAILED" for s in task["subtasks"]))
    assert len(task["subtasks"]) == 1
    assert "cluster" not in task


def test_the_observed_dialect_is_drawn_with_its_names(root: Any) -> None:
    """The contract decides about names."""
    observed = load_contract(overlays=[root / "docs/api/overlays/observed.yaml"])
    task = find(tasks(contract=observed), lambda task: True, settings=settings(phases=[Phase.generate]))
    assert {"parallelIdx", "downstreams"} <= set(task["subtasks"][0])


def test_wrong_names_are_told() -> None:
    """With the nearest, or with what there is."""
    with pytest.raises(ValueError, match='did you mean "getTaskInstance"'):
        responses_from_operation("getTaskInstanec")
    with pytest.raises(ValueError, match="documents no body for the status 302"):
        responses_from_operation("getTaskInstance", status=302)
    with pytest.raises(ValueError, match="min_subtasks"):
        tasks(min_subtasks=0)


SCHEMAS: list[Any] = [
    True, {}, {"type": "integer", "format": "int32", "minimum": 3}, {"type": ["string", "null"], "maxLength": 2},
    {"type": "array", "items": {"enum": [1, "a"]}, "minItems": 1, "maxItems": 2}, {"const": {"a": 1}},
    {"type": "object", "required": ["a"], "properties": {"a": {"type": "boolean"}, "b": {"type": "number"}}},
    {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "uuid"}]},
    {"oneOf": [{"type": "integer"}, {"type": "string"}]}, {"type": "string", "pattern": "^[a-z]{2}[0-9]$"},
    {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, {"properties": {"a": {"type": "null"}}},
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1}, {"type": "integer", "minimum": 0.5, "maximum": 1.5},
]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_payloads_validate(schema: Any) -> None:
    """For each keyword that is built, and for some that are filtered."""
    validator = compile_validator(schema, document={})

    @given(payload=payloads_from_schema(schema))
    @settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    def check(payload: Any) -> None:
        assert list(validator.iter_errors(payload)) == []

    check()


@given(data=st.data())
def test_a_schema_that_contains_itself_ends(data: st.DataObject) -> None:
    """Recursion is bounded."""
    tree = {"type": "object", "required": ["kids"], "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}}}
    assert "kids" in data.draw(payloads_from_schema(tree))


@given(response=responses_from_operation("retryTask", status=404))
def test_the_envelope_tells_the_status_of_http(response: Response) -> None:
    """Some clients see only that one."""
    assert (response.status, response.json()["status"]) == (404, 404)
