"""What is drawn is valid, obeys the domain, and does as it is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from domain import check_error, check_log, check_page, check_subtask, check_task, downstreams
from understudy import ocp
from understudy.contract import Validator, compile_validator, load_contract
from understudy.messages import Request, Response
from understudy.strategies import (
    envelopes,
    errors,
    logs,
    payloads_from_schema,
    requests_from_operation,
    responses_from_operation,
    subtasks,
    task_pages,
    tasks,
)
from understudy.strategies.ocp.played_tasks import TaskOptions, task_models

CONTRACT = load_contract()
TOGETHER = 20
QUICK = settings(
    phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None, deadline=None
)
SMALLEST = settings(
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    database=None,
    deadline=None,
)


def small_pages() -> st.SearchStrategy[Any]:
    """Pages of few tasks: what a task is like is promised of tasks."""
    return task_pages(max_tasks=2, max_subtasks=2)


KINDS: dict[str, tuple[Callable[..., st.SearchStrategy[Any]], Any]] = {
    "tasks": (tasks, {"$ref": "#/components/schemas/WrappedTaskInstance"}),
    "subtasks": (subtasks, {"$ref": "#/components/schemas/SubtaskInstance"}),
    "task_pages": (small_pages, {"$ref": "#/components/schemas/ListTaskInstancesData"}),
    "logs": (logs, {"$ref": "#/components/schemas/GetSubtaskLogData"}),
    "errors": (errors, {"$ref": "#/components/schemas/ErrorResponse"}),
}


@cache
def validator_of(kind: str) -> Validator:
    return compile_validator(KINDS[kind][1], document=CONTRACT.document)


CHECKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "tasks": check_task,
    "subtasks": check_subtask,
    "task_pages": check_page,
    "logs": check_log,
    "errors": check_error,
}


def promise(kind: str, count: int) -> None:
    """Draw values of one kind: all validate and obey the domain."""

    checked = 0

    # Several at a time, which costs less than one after the other.
    @given(st.lists(KINDS[kind][0](), min_size=TOGETHER, max_size=TOGETHER))
    @settings(QUICK, max_examples=count // TOGETHER)
    def check(values: list[dict[str, Any]]) -> None:
        nonlocal checked
        for value in values:
            assert validator_of(kind).is_valid(value), list(validator_of(kind).iter_errors(value))
            CHECKS[kind](value)
        checked += len(values)

    check()
    assert checked >= count


@pytest.mark.parametrize("kind", KINDS)
def test_values_validate_and_obey_the_domain(kind: str) -> None:
    """Five hundred of each kind."""
    promise(kind, 500)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_very_many_values_validate_and_obey_the_domain(kind: str) -> None:
    """Ten thousand of each kind."""
    promise(kind, 10_000)


@given(task=task_models())
@settings(QUICK, max_examples=100)
def test_tasks_are_such_as_the_engine_reaches(task: ocp.Task) -> None:
    """Nothing contradicts; `runTime` counts the runs of the engine and of retryTask; ends come with executions."""
    assert list(ocp.find_contradictions(task)) == []
    for subtask in task.subtasks:
        again = sum(execution.operation is ocp.Operation.RETRY for execution in subtask.executions)
        waits = (
            subtask.status is ocp.SubtaskStatus.READY and subtask.operation is ocp.Operation.RETRY
        )
        assert 1 <= subtask.run_time <= 1 + again + waits
        assert (subtask.start_time is None) == (not subtask.executions)


@pytest.mark.parametrize("operation", sorted(CONTRACT.operations))
def test_responses_validate(operation: str) -> None:
    """Of every operation: the whole message, its envelope too."""

    @given(response=responses_from_operation(operation))
    @settings(QUICK, max_examples=12)
    def check(response: Response) -> None:
        assert CONTRACT.operations[operation].validate_response(response) == ()

    check()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_errors_are_responses_too(status: int) -> None:
    """The envelope tells the status of HTTP, and a code that comes with it."""

    @given(response=responses_from_operation("retryTask", status=status))
    @settings(QUICK, max_examples=8)
    def check(response: Response) -> None:
        assert CONTRACT.operations["retryTask"].validate_response(response) == ()
        assert (response.status, response.json()["status"]) == (status, status)
        check_error(response.json())

    check()


@pytest.mark.parametrize("operation", sorted(CONTRACT.operations))
def test_requests_decode(operation: str) -> None:
    """They lead to the operation, and break nothing; what one parameter needs is there."""

    @given(request=requests_from_operation(operation))
    @settings(QUICK, max_examples=20)
    def check(request: Request) -> None:
        match = CONTRACT.route(request.method, request.path)
        assert match.operation.id == operation  # type: ignore[union-attr]
        decoded = match.operation.decode(match.path_values, request)  # type: ignore[union-attr]
        assert (decoded.violations, decoded.notes) == ((), ())

    check()


def test_whatever_the_schema_allows_can_be_drawn() -> None:
    """A subtask that waits for one that is not there is one of it."""
    itself = tasks(schema_only=True)
    task = find(
        itself,
        lambda task: any(s["upstreams"] and s["id"] > 0 for s in task["subtasks"]),
        settings=SMALLEST,
    )
    assert not {up for s in task["subtasks"] for up in s["upstreams"]} <= {
        s["id"] for s in task["subtasks"]
    }
    assert list(validator_of("tasks").iter_errors(task)) == []


@pytest.mark.parametrize("status", ["RUNNING", "FAILED", "SUCCESSFUL"])
def test_the_status_of_a_task_can_be_told(status: str) -> None:
    """No other is drawn."""

    @given(task=tasks(status=status), page=task_pages(status=[status], min_tasks=1, max_tasks=2))
    @settings(QUICK, max_examples=15)
    def check(task: Any, page: Any) -> None:
        assert {task["status"], *(one["status"] for one in page["contents"])} == {status}

    check()


@pytest.mark.parametrize("status", [status.value for status in ocp.SubtaskStatus])
def test_the_status_of_a_subtask_can_be_told(status: str) -> None:
    """No other is drawn."""

    @given(subtask=subtasks(status=status))
    @settings(QUICK, max_examples=12)
    def check(subtask: Any) -> None:
        assert subtask["status"] == status

    check()


@given(
    one=tasks(cluster=True, tenant=False, min_subtasks=3, max_subtasks=3),
    other=tasks(cluster=False, tenant=True, max_subtasks=1),
)
@settings(QUICK, max_examples=30)
def test_options_are_obeyed(one: Any, other: Any) -> None:
    """Numbers of subtasks, with and without cluster and tenant."""
    assert ("cluster" in one, "tenant" in one, len(one["subtasks"])) == (True, False, 3)
    assert ("cluster" in other, "tenant" in other, len(other["subtasks"])) == (False, True, 1)


@given(chinese=errors(language="zh-CN", status=404), english=errors(language="en-US", status=404))
@settings(QUICK, max_examples=30)
def test_the_language_of_an_error_can_be_told(chinese: Any, english: Any) -> None:
    """And its status."""
    assert "不存在" in chinese["error"]["message"]
    assert "does not exist" in english["error"]["message"]


@given(body=envelopes(operation="getTaskInstance", dialect="observed"))
@settings(QUICK, max_examples=30)
def test_the_observed_dialect_is_drawn_with_its_names(body: Any) -> None:
    """The contract decides about names."""
    assert {"parallelIdx", "downstreams"} <= set(body["data"]["subtasks"][0])
    check_task(body["data"])


@given(body=envelopes())
@settings(QUICK, max_examples=60)
def test_envelopes_tell_of_success(body: Any) -> None:
    """Whatever the operation."""
    assert (body["successful"], body["status"]) == (True, 200)


def test_a_failure_shrinks_to_one_task_with_one_subtask() -> None:
    """A client that breaks on a failed subtask gets the smallest such task."""
    task = find(
        tasks(),
        lambda task: any(s["status"] == "FAILED" for s in task["subtasks"]),
        settings=SMALLEST,
    )
    assert (len(task["subtasks"]), task["name"], task["status"]) == (1, "0", "FAILED")
    assert not {"cluster", "tenant"} & set(task)


def test_a_page_with_a_failure_shrinks_to_one_task_with_one_subtask() -> None:
    """The same for the list."""
    failed = "FAILED"
    page = find(
        task_pages(),
        lambda page: any(
            s["status"] == failed for task in page["contents"] for s in task["subtasks"]
        ),
        settings=SMALLEST,
    )
    [task] = page["contents"]
    assert len(task["subtasks"]) == 1


def test_a_graph_shrinks_to_the_smallest_that_fails() -> None:
    """A client that breaks on a second upstream gets three subtasks."""
    task = find(
        tasks(),
        lambda task: any(len(s["upstreams"]) > 1 for s in task["subtasks"]),
        settings=SMALLEST,
    )
    assert len(task["subtasks"]) == 3
    assert sorted(len(downstreams(subtask)) for subtask in task["subtasks"]) == [0, 1, 1]


def test_wrong_words_are_told() -> None:
    """With the nearest, or with what there is."""
    told: list[tuple[Callable[[], Any], str]] = [
        (lambda: responses_from_operation("getTaskInstanec"), 'did you mean "getTaskInstance"'),
        (lambda: requests_from_operation("getTaskInstanec"), 'did you mean "getTaskInstance"'),
        (
            lambda: responses_from_operation("getTaskInstance", status=302),
            "documents no body for the status 302",
        ),
        (lambda: envelopes(operation="getTasks"), "there is no operation"),
        (lambda: tasks(min_subtasks=0), "min_subtasks"),
        (lambda: task_pages(min_tasks=3, max_tasks=2), "min_tasks"),
        (lambda: tasks(mode="vaild"), 'did you mean "valid"'),  # type: ignore[arg-type]
        (lambda: tasks(status="FAILURE"), 'no status "FAILURE"; did you mean "FAILED"'),
        (lambda: tasks(status=[]), "no status is allowed"),
        (lambda: errors(status=418), "no error of OCP has the status 418"),
        (lambda: errors(language="de-DE"), "it is one of en-US, zh-CN"),
    ]
    for call, text in told:
        with pytest.raises(ValueError, match=text):
            call()


def test_a_contract_without_a_member_is_told() -> None:
    """The strategies of the OCP need the OCP's contract."""
    with pytest.raises(ValueError, match="has no data"):
        envelopes_of_cancel()


def envelopes_of_cancel() -> Any:
    from understudy.strategies.ocp.wire_schemas import find_wire_schema

    return find_wire_schema(CONTRACT, "cancelSubtask", 200, "data")


def test_plain_schemas_are_drawn_as_before() -> None:
    """The name that was there stays."""
    assert find(payloads_from_schema({"type": "integer", "minimum": 3}), lambda value: True) == 3


def test_one_draw_of_task_models_has_any_shape() -> None:
    """Graphs are wide, deep, diamonds or apart when told so."""
    for shape, widest in (("wide", 6), ("deep", 1), ("diamond", 1), ("disconnected", 2)):
        drawn = task_models(TaskOptions(least=6, most=6, shape=shape))
        task = find(drawn, lambda task: True, settings=QUICK)
        assert sum(not subtask.upstreams for subtask in task.subtasks) == widest
