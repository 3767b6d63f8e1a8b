"""Values of the OCP: they are valid, obey the domain and the options, and shrink."""

from __future__ import annotations

import re
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
from understudy.strategies.ocp.played_tasks import task_models
from understudy.strategies.ocp.task_options import TaskOptions
from understudy.strategies.ocp.wire_schemas import find_wire_schema

CONTRACT = load_contract()
DRAWN_TOGETHER = 20
"""Several values at a time cost less than one after the other."""
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
    """Return pages of few tasks: the tests of `tasks` check more of them."""
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


def check_many(kind: str, count: int) -> None:
    """Draw values of one kind, and assert that all are valid and obey the domain."""

    checked = 0

    @given(st.lists(KINDS[kind][0](), min_size=DRAWN_TOGETHER, max_size=DRAWN_TOGETHER))
    @settings(QUICK, max_examples=count // DRAWN_TOGETHER)
    def check(values: list[dict[str, Any]]) -> None:
        nonlocal checked
        for value in values:
            assert validator_of(kind).is_valid(value), list(validator_of(kind).iter_errors(value))
            CHECKS[kind](value)
        checked += len(values)

    check()
    assert checked >= count


@pytest.mark.parametrize("kind", KINDS)
def test_values_are_valid_and_obey_the_domain(kind: str) -> None:
    """Five hundred values of each kind are valid for the contract and obey the rules of the guide."""
    check_many(kind, 500)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_ten_thousand_values_are_valid_and_obey_the_domain(kind: str) -> None:
    """Ten thousand values of each kind do so too."""
    check_many(kind, 10_000)


@given(task=task_models())
@settings(QUICK, max_examples=100)
def test_tasks_are_states_that_the_engine_reaches(task: ocp.Task) -> None:
    """A task has no contradictions; `runTime` counts the runs of the engine and of retryTask."""
    assert list(ocp.find_contradictions(task)) == []
    for subtask in task.subtasks:
        again = sum(execution.operation is ocp.Operation.RETRY for execution in subtask.executions)
        waits = (
            subtask.status is ocp.SubtaskStatus.READY and subtask.operation is ocp.Operation.RETRY
        )
        assert 1 <= subtask.run_time <= 1 + again + waits
        assert (subtask.start_time is None) == (not subtask.executions)


@pytest.mark.parametrize("operation", sorted(CONTRACT.operations))
def test_responses_are_valid(operation: str) -> None:
    """Responses of every operation are valid, with their envelope."""

    @given(response=responses_from_operation(operation))
    @settings(QUICK, max_examples=12)
    def check(response: Response) -> None:
        assert CONTRACT.operations[operation].validate_response(response) == ()

    check()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_error_responses_have_the_status_in_the_envelope(status: int) -> None:
    """The envelope repeats the HTTP status, with a code that belongs to it."""

    @given(response=responses_from_operation("retryTask", status=status))
    @settings(QUICK, max_examples=8)
    def check(response: Response) -> None:
        assert CONTRACT.operations["retryTask"].validate_response(response) == ()
        assert (response.status, response.json()["status"]) == (status, status)
        check_error(response.json())

    check()


@pytest.mark.parametrize("operation", sorted(CONTRACT.operations))
def test_requests_decode_without_violations(operation: str) -> None:
    """Each request leads to its operation, with what one parameter needs beside it."""

    @given(request=requests_from_operation(operation))
    @settings(QUICK, max_examples=20)
    def check(request: Request) -> None:
        match = CONTRACT.route(request.method, request.path)
        assert match.operation.id == operation
        decoded = match.operation.decode(match.path_values, request)
        assert (decoded.violations, decoded.notes) == ((), ())

    check()


def test_schema_only_draws_what_the_domain_forbids() -> None:
    """A subtask may wait for one that does not exist."""
    task = find(
        tasks(schema_only=True),
        lambda task: any(s["upstreams"] and s["id"] > 0 for s in task["subtasks"]),
        settings=SMALLEST,
    )
    ids = {subtask["id"] for subtask in task["subtasks"]}
    upstreams = {upstream for subtask in task["subtasks"] for upstream in subtask["upstreams"]}
    assert not upstreams <= ids
    assert list(validator_of("tasks").iter_errors(task)) == []


@pytest.mark.parametrize("status", ["RUNNING", "FAILED", "SUCCESSFUL"])
def test_task_status_option_is_obeyed(status: str) -> None:
    """Only tasks and pages of the selected status are drawn."""

    @given(task=tasks(status=status), page=task_pages(status=[status], min_tasks=1, max_tasks=2))
    @settings(QUICK, max_examples=15)
    def check(task: Any, page: Any) -> None:
        assert {task["status"], *(listed["status"] for listed in page["contents"])} == {status}

    check()


@pytest.mark.parametrize("status", [status.value for status in ocp.SubtaskStatus])
def test_subtask_status_option_is_obeyed(status: str) -> None:
    """Only subtasks of the selected status are drawn."""

    @given(subtask=subtasks(status=status))
    @settings(QUICK, max_examples=12)
    def check(subtask: Any) -> None:
        assert subtask["status"] == status

    check()


@given(
    large=tasks(cluster=True, tenant=False, min_subtasks=3, max_subtasks=3),
    small=tasks(cluster=False, tenant=True, max_subtasks=1),
)
@settings(QUICK, max_examples=30)
def test_number_cluster_and_tenant_options_are_obeyed(large: Any, small: Any) -> None:
    """There are as many subtasks as wanted, with and without cluster and tenant."""
    assert ("cluster" in large, "tenant" in large, len(large["subtasks"])) == (True, False, 3)
    assert ("cluster" in small, "tenant" in small, len(small["subtasks"])) == (False, True, 1)


@given(chinese=errors(language="zh-CN", status=404), english=errors(language="en-US", status=404))
@settings(QUICK, max_examples=30)
def test_error_language_and_status_options_are_obeyed(chinese: Any, english: Any) -> None:
    """The message is in the selected language, for the selected status."""
    assert "不存在" in chinese["error"]["message"]
    assert "does not exist" in english["error"]["message"]


@given(body=envelopes(operation="getTaskInstance", dialect="observed"))
@settings(QUICK, max_examples=30)
def test_observed_dialect_has_its_own_names(body: Any) -> None:
    """The names are those of the contract with the overlay."""
    assert {"parallelIdx", "downstreams"} <= set(body["data"]["subtasks"][0])
    check_task(body["data"])


@given(body=envelopes())
@settings(QUICK, max_examples=60)
def test_envelopes_report_success(body: Any) -> None:
    """An envelope of any operation is successful, with the status 200."""
    assert (body["successful"], body["status"]) == (True, 200)


def test_failed_subtask_shrinks_to_one_subtask() -> None:
    """A client that breaks on a failed subtask gets the smallest such task."""
    task = find(
        tasks(),
        lambda task: any(s["status"] == "FAILED" for s in task["subtasks"]),
        settings=SMALLEST,
    )
    assert (len(task["subtasks"]), task["name"], task["status"]) == (1, "0", "FAILED")
    assert not {"cluster", "tenant"} & set(task)


def test_page_with_failed_subtask_shrinks_to_one_task() -> None:
    """A client that breaks on a failed subtask of the list gets one task with one subtask."""
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


def test_graph_shrinks_to_the_smallest_that_fails() -> None:
    """A client that breaks on a second upstream gets three subtasks."""
    task = find(
        tasks(),
        lambda task: any(len(s["upstreams"]) > 1 for s in task["subtasks"]),
        settings=SMALLEST,
    )
    assert len(task["subtasks"]) == 3
    assert sorted(len(downstreams(subtask)) for subtask in task["subtasks"]) == [0, 1, 1]


WRONG_OPTIONS: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: responses_from_operation("getTaskInstanec"),
        'the contract has no operation "getTaskInstanec". Did you mean "getTaskInstance"?',
    ),
    (
        lambda: requests_from_operation("getTaskInstanec"),
        'the contract has no operation "getTaskInstanec". Did you mean "getTaskInstance"?',
    ),
    (
        lambda: responses_from_operation("getTaskInstance", status=302),
        "getTaskInstance documents no body for the status 302; it documents 200,",
    ),
    (lambda: envelopes(operation="getTasks"), 'unknown operation "getTasks"; expected one of list'),
    (
        lambda: tasks(min_subtasks=0),
        "min_subtasks and max_subtasks: found 0 and 8; expected 1 <= min_subtasks <= max_subtasks",
    ),
    (
        lambda: task_pages(min_tasks=3, max_tasks=2),
        "min_tasks and max_tasks: found 3 and 2; expected 0 <= min_tasks <= max_tasks <= 2000",
    ),
    (
        lambda: tasks(mode="vaild"),  # type: ignore[arg-type]
        'unknown mode "vaild"; expected one of valid, edge, invalid. Did you mean "valid"?',
    ),
    (
        lambda: tasks(status="FAILURE"),
        'unknown status "FAILURE"; expected one of RUNNING, FAILED, SUCCESSFUL. '
        'Did you mean "FAILED"?',
    ),
    (lambda: tasks(status=[]), "no status is selected; expected None for any, or at least one"),
    (lambda: errors(status=418), "no error of OCP has the status 418; expected one of 400, 401,"),
    (
        lambda: errors(language="de-DE"),
        'unknown language "de-DE"; expected one of en-US, zh-CN',
    ),
]


@pytest.mark.parametrize(
    ("build_strategy", "text"), WRONG_OPTIONS, ids=[text for _, text in WRONG_OPTIONS]
)
def test_wrong_option_is_reported(build_strategy: Callable[[], Any], text: str) -> None:
    """Each error says what was found, what was expected, and the nearest name."""
    with pytest.raises(ValueError, match=re.escape(text)):
        build_strategy()


def test_contract_without_a_member_is_reported() -> None:
    """The strategies of the OCP need the OCP's contract."""
    with pytest.raises(ValueError, match="the response of cancelSubtask has no member data"):
        find_wire_schema(CONTRACT, "cancelSubtask", 200, "data")


def test_payloads_from_schema_shrink_to_the_minimum() -> None:
    """A schema without a document of its own is enough."""
    assert find(payloads_from_schema({"type": "integer", "minimum": 3}), lambda value: True) == 3


def test_graph_option_is_obeyed() -> None:
    """Graphs are wide, deep, diamonds or disconnected when that is selected."""
    for graph, widest in (("wide", 6), ("deep", 1), ("diamond", 1), ("disconnected", 2)):
        drawn = task_models(TaskOptions(min_subtasks=6, max_subtasks=6, graph=graph))
        task = find(drawn, lambda task: True, settings=QUICK)
        assert sum(not subtask.upstreams for subtask in task.subtasks) == widest
