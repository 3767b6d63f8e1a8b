"""Tasks that are history: how they ended, and a past that fits to it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_builders import (
    HEAD,
    START,
    at_start,
    describe_subtasks,
    list_disorders,
    problem,
    scenario,
    seconds,
)
from understudy.errors import InputError
from understudy.ocp import ACTIVE, Operation, Task, TaskStatus, find_contradictions

FAILS = {"takes": "2s", "ends": "FAILED"}
Spans = list[tuple[str, float | None, float | None]]


def spans(task: Task, subtask_id: int) -> Spans:
    """The executions of a subtask: operation, start and end after the clock's start."""
    subtask = task.subtask(subtask_id)
    assert subtask is not None
    return [(e.operation.value, seconds(e.started), seconds(e.ended)) for e in subtask.executions]


def test_history_of_a_successful_chain() -> None:
    """Each step starts a tick after the one before is READY; the task ends at a tick."""
    chain = [
        {"id": 1, "runs": [{"takes": "1.74s"}]},
        {"id": 2, "after": [1], "runs": [{"takes": "3s"}]},
    ]
    task = at_start({"at": "-1h", "state": "SUCCESSFUL", "subtasks": chain})
    assert spans(task, 1) == [("EXECUTE", -3599, -3597.26)]
    assert spans(task, 2) == [("EXECUTE", -3596, -3593)]
    assert (seconds(task.start_time), seconds(task.finish_time)) == (-3600, -3593)


def test_history_without_at_ends_a_minute_before_the_start() -> None:
    """A longer history starts earlier."""
    for takes in ("1s", "2h"):
        task = at_start({"state": "SUCCESSFUL", "subtasks": [{"runs": [{"takes": takes}]}]})
        assert seconds(task.finish_time) == -60


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"state": "FAILED"}, {1: "SUCCESSFUL/EXECUTE*1", 2: "FAILED/EXECUTE*1"}),
        (
            {"state": "FAILED", "subtasks": [{"runs": [FAILS, {}]}, {}]},
            {1: "FAILED/EXECUTE*1", 2: "PENDING/EXECUTE*1"},
        ),
        (
            {"state": "SUCCESSFUL", "subtasks": [{}, {"runs": [FAILS, {}]}]},
            {1: "SUCCESSFUL/EXECUTE*1", 2: "SUCCESSFUL/RETRY*2"},
        ),
        (
            {"state": "SUCCESSFUL", "subtasks": [{}, {"runs": [FAILS]}]},
            {1: "SUCCESSFUL/EXECUTE*1", 2: "SUCCESSFUL/SKIP*1"},
        ),
        ({"state": "RUNNING"}, {1: "RUNNING/EXECUTE*1", 2: "PENDING/EXECUTE*1"}),
        (
            {"subtasks": [{}, {"state": "RUNNING"}]},
            {1: "SUCCESSFUL/EXECUTE*1", 2: "RUNNING/EXECUTE*1"},
        ),
        (
            {"subtasks": [{}, {"state": "CANCELING"}]},
            {1: "SUCCESSFUL/EXECUTE*1", 2: "CANCELING/EXECUTE*1"},
        ),
        ({"subtasks": [{"state": "FAILED"}, {}]}, {1: "FAILED/EXECUTE*1", 2: "PENDING/EXECUTE*1"}),
        (
            {
                "state": "RUNNING",
                "operation": "RETRY",
                "subtasks": [{"state": "READY", "operation": "RETRY", "runs": [FAILS, {}]}, {}],
            },
            {1: "READY/RETRY*2", 2: "PENDING/EXECUTE*1"},
        ),
        (
            {"state": "FAILED", "operation": "ROLLBACK"},
            {1: "SUCCESSFUL/ROLLBACK*1", 2: "FAILED/ROLLBACK*1"},
        ),
        (
            {"state": "SUCCESSFUL", "operation": "ROLLBACK"},
            {1: "PENDING/ROLLBACK*1", 2: "PENDING/ROLLBACK*1"},
        ),
        (
            {"state": "RUNNING", "operation": "ROLLBACK"},
            {1: "SUCCESSFUL/ROLLBACK*1", 2: "RUNNING/ROLLBACK*1"},
        ),
        (
            {"state": "FAILED", "subtasks": [{}, {"state": "FAILED", "operation": "CANCEL"}]},
            {1: "SUCCESSFUL/EXECUTE*1", 2: "FAILED/CANCEL*1"},
        ),
        (
            {
                "state": "FAILED",
                "subtasks": [{}, {"retries": 2, "state": "FAILED", "runs": [FAILS]}],
            },
            {1: "SUCCESSFUL/EXECUTE*1", 2: "FAILED/RETRY*3"},
        ),
        (
            {"state": "FAILED", "subtasks": [{"timeout": 5, "runs": [{"takes": "never"}]}, {}]},
            {1: "FAILED/EXECUTE*1", 2: "PENDING/EXECUTE*1"},
        ),
        ({"operation": "RETRY"}, {1: "SUCCESSFUL/EXECUTE*1", 2: "SUCCESSFUL/EXECUTE*1"}),
    ],
)
def test_missing_states_are_inferred(data: dict[str, Any], expected: dict[int, str]) -> None:
    """States follow from the task to its subtasks and back; operation and run count follow from the runs."""
    first, second = data.get("subtasks", [{}, {}])
    task = at_start({**data, "subtasks": [first, {**second, "after": [1]}]})
    assert describe_subtasks(task) == expected
    assert (list(find_contradictions(task)), list_disorders(task)) == ([], [])


def test_task_state_is_inferred_from_its_subtasks() -> None:
    """RUNNING if one is active, else FAILED if one failed, else SUCCESSFUL."""
    states = [["FAILED", "READY"], ["FAILED", "SUCCESSFUL"], ["SUCCESSFUL", "SUCCESSFUL"]]
    disorders = [
        at_start({"subtasks": [{"state": state} for state in pair]}).status.value for pair in states
    ]
    assert disorders == ["RUNNING", "FAILED", "SUCCESSFUL"]


def test_retry_follows_the_failed_runs() -> None:
    """Each failed run has its own execution."""
    task = at_start(
        {"at": "-1m", "state": "SUCCESSFUL", "subtasks": [{"runs": [FAILS, {"takes": "1.5s"}]}]}
    )
    assert spans(task, 1) == [("EXECUTE", -59, -57), ("RETRY", -56, -54.5)]
    assert seconds(task.finish_time) == -54


def test_rollback_follows_the_executions_in_reverse() -> None:
    """It starts half a minute after the last execution."""
    chain = [{"id": 1}, {"id": 2, "after": [1], "runs": [FAILS]}, {"id": 3, "after": [2]}]
    task = at_start(
        {"at": "-2m", "state": "SUCCESSFUL", "operation": "ROLLBACK", "subtasks": chain}
    )
    assert spans(task, 1) == [("EXECUTE", -119, -118), ("ROLLBACK", -82, -81)]
    assert spans(task, 2) == [("EXECUTE", -117, -115), ("ROLLBACK", -84, -83)]
    assert spans(task, 3) == []
    assert (task.status.value, seconds(task.finish_time)) == ("SUCCESSFUL", -81)


def test_canceled_subtask_ends_at_a_tick() -> None:
    """A hanging execution lasts a minute."""
    for takes, end in [("never", -539), ("1.74s", -597)]:
        subtasks = [{"state": "FAILED", "operation": "CANCEL", "runs": [{"takes": takes}]}]
        task = at_start({"at": "-10m", "state": "FAILED", "subtasks": subtasks})
        assert spans(task, 1) == [("EXECUTE", -599, end)]
        assert seconds(task.finish_time) == end


def test_skip_in_a_rollback_leads_to_pending() -> None:
    """It follows the execution and the failed rollback."""
    subtasks = [{"state": "PENDING", "operation": "SKIP", "runs": [FAILS]}]
    task = at_start(
        {"at": "-2m", "state": "SUCCESSFUL", "operation": "ROLLBACK", "subtasks": subtasks}
    )
    assert spans(task, 1) == [("EXECUTE", -119, -117), ("ROLLBACK", -86, -85), ("SKIP", -84, -84)]
    assert (describe_subtasks(task), list(find_contradictions(task)), list_disorders(task)) == (
        {1: "PENDING/SKIP*1"},
        [],
        [],
    )


def test_failed_task_ends_after_its_last_execution() -> None:
    """finishTime is the first tick at which nothing runs."""
    arms = [{"runs": [{"takes": "1s", "ends": "FAILED"}]}, {"runs": [{"takes": "9.5s"}]}]
    task = at_start({"at": "-1m", "state": "FAILED", "subtasks": arms})
    assert (describe_subtasks(task), seconds(task.finish_time)) == (
        {1: "FAILED/EXECUTE*1", 2: "SUCCESSFUL/EXECUTE*1"},
        -49,
    )


def test_runs_may_give_their_starts() -> None:
    """A start is an offset or a time; missing starts are computed."""
    runs = [{**FAILS, "at": "-30m"}, {"takes": "1s", "at": "2021-08-25T15:04:31+08:00"}]
    task = at_start(
        {"at": "-1h", "state": "SUCCESSFUL", "subtasks": [{"runs": runs}, {"after": [1]}]}
    )
    assert spans(task, 1) == [("EXECUTE", -1800, -1798), ("RETRY", -300, -299)]
    assert spans(task, 2) == [("EXECUTE", -298, -297)]


def test_skip_has_no_run() -> None:
    """It follows the failed run."""
    subtasks = [{"runs": [{**FAILS, "at": "-30m"}]}]
    task = at_start({"at": "-1h", "state": "SUCCESSFUL", "subtasks": subtasks})
    assert spans(task, 1) == [("EXECUTE", -1800, -1798), ("SKIP", -1797, -1797)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{at: -1h, state: FAILED, subtasks: [{runs: [{at: -2h}]}]}",
            "the run starts 1:00:00 before",
        ),
        (
            "{at: -1h, state: SUCCESSFUL, subtasks: [{runs: [{at: -9m}]}, {after: [1], runs: [{at: -10m}]}]}",
            "the run starts 0:01:01 before",
        ),
        (
            "{at: -1h, state: SUCCESSFUL, subtasks: [{runs: [{ends: FAILED, at: -9m}, {at: -10m}]}]}",
            "the run starts 0:01:01 before",
        ),
        (
            "{at: -1h, state: SUCCESSFUL, subtasks: [{runs: [{at: -9m}, {at: -8m}]}]}",
            'run-without-history: a run has the key "at", but in the state of its',
        ),
        (
            "{at: -1h, subtasks: [{runs: [{at: -9m}]}]}",
            'run-without-history: a run has the key "at", but its task',
        ),
        (
            "{state: FAILED, subtasks: [{runs: [{at: -9m}]}]}",
            'run-without-history: a run has the key "at", but its task',
        ),
        (
            "{at: -1s, state: FAILED}",
            "late-history: task 1 is history, but its runs last until 0:00:01 after",
        ),
        ("{at: 1h, state: RUNNING}", "late-history"),
        (
            "{at: 2000-01-01T00:00:00Z, state: FAILED, subtasks: [{runs: [{at: 1999-01-01T00:00:00Z}]}]}",
            "bad-sequence",
        ),
    ],
)
def test_wrong_order_of_times_is_reported(text: str, expected: str) -> None:
    """A run cannot start before what it waits for, and history must be over when the clock starts."""
    assert expected in problem(f"{HEAD}tasks: [{text}]")


@pytest.mark.parametrize(
    ("start", "late"), [("2021-08-25T15:09:31+08:00", 0), ("2021-08-25T15:09:30+08:00", 1)]
)
def test_history_with_a_date_is_checked_against_the_start(start: str, late: int) -> None:
    """The check needs a start in the file."""
    task = "tasks: [{at: 2021-08-25T15:09:29+08:00, state: FAILED}]"
    text = f"{HEAD}clock: {{start: {start}}}\n{task}"
    if late:
        assert "late-history" in problem(text)
    else:
        assert (
            seconds(at_start({"at": "-2s", "state": "FAILED"}, clock={"start": start}).finish_time)
            == 0
        )


def test_offsets_and_dates_are_not_compared_without_a_start() -> None:
    """The order depends on when the clock starts."""
    runs = [{"at": "2021-08-25T15:00:00+08:00"}]
    loaded = scenario({"at": "-1h", "state": "FAILED", "subtasks": [{"runs": runs}]})
    assert seconds(loaded.tasks_at_start(START)[1].finish_time) == -570


@pytest.mark.parametrize("count", [2, 99])
def test_history_of_more_than_a_century_is_reported(count: int) -> None:
    """It would exceed the calendar."""
    chain = ", ".join(
        f"{{id: {i}, after: [{i - 1}], runs: [{{takes: 36500d}}]}}" for i in range(2, count + 1)
    )
    text = f"{HEAD}tasks: [{{state: SUCCESSFUL, subtasks: [{{id: 1}}, {chain}]}}]"
    assert "bad-time: task 1 is history that lasts longer than 100 years" in problem(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{state: SUCCESSFUL, subtasks: [{state: FAILED}]}",
            "it is SUCCESSFUL, but not all of its subtasks are SUCCES",
        ),
        (
            "{state: FAILED, subtasks: [{state: SUCCESSFUL}]}",
            "it is FAILED, but none of its subtasks is",
        ),
        (
            "{state: FAILED, subtasks: [{state: FAILED}, {state: READY}]}",
            "it is FAILED, but it has a subtask that is READY",
        ),
        (
            "{state: RUNNING, subtasks: [{state: SUCCESSFUL}]}",
            "it is RUNNING, but no subtask is READY, RUNNING or CAN",
        ),
        (
            "{subtasks: [{state: PENDING}, {after: [1], state: RUNNING}]}",
            "it is RUNNING, but its upstream 1 is PENDING",
        ),
        (
            "{subtasks: [{state: RUNNING, operation: SKIP}]}",
            "a subtask whose operation is SKIP is never RUNNING",
        ),
        (
            "{state: SUCCESSFUL, operation: ROLLBACK, subtasks: [{state: SUCCESSFUL}]}",
            "it is rolled back successfully, but not",
        ),
    ],
)
def test_impossible_states_are_reported(text: str, expected: str) -> None:
    """The place is the state in the file."""
    disorders = problem(f"{HEAD}tasks: [{text}]")
    assert " impossible-state: " in disorders
    assert expected in disorders


STATES = st.sampled_from(["PENDING", "READY", "RUNNING", "CANCELING", "FAILED", "SUCCESSFUL"])
RUN = {
    "takes": st.sampled_from(["0s", "1.5s", "2m", "never"]),
    "ends": st.sampled_from(["SUCCESSFUL", "FAILED"]),
}
RUNS = st.lists(st.fixed_dictionaries(RUN), min_size=1, max_size=3)
TASK_STATES = st.sampled_from(["RUNNING", "FAILED", "SUCCESSFUL"])
TASK_OPERATIONS = st.sampled_from(["EXECUTE", "RETRY", "ROLLBACK"])


@st.composite
def pasts(draw: st.DrawFn, *, pinned: bool) -> dict[str, Any]:
    """A task that is history, its graph drawn; with `pinned`, its subtasks may say how they stand."""
    subtasks = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        before = (
            st.lists(st.integers(1, number - 1), max_size=2, unique=True)
            if number > 1
            else st.just([])
        )
        data: dict[str, Any] = {"id": number, "after": draw(before), "runs": draw(RUNS)}
        data |= {"timeout": draw(st.sampled_from([0, 0, 1])), "retries": draw(st.integers(0, 2))}
        if pinned and draw(st.booleans()):
            data["state"] = draw(STATES)
        subtasks.append(data)
    at = draw(st.sampled_from([{}, {"at": "-1d"}]))
    return {
        "state": draw(TASK_STATES),
        "operation": draw(TASK_OPERATIONS),
        "subtasks": subtasks,
        **at,
    }


def wrong(data: dict[str, Any], start: datetime) -> list[str]:
    """What is wrong with a past: contradictions, disorder, a task without the declared state."""
    task = scenario(data).tasks_at_start(start)[1]
    disorders = [c.detail for c in find_contradictions(task)] + list_disorders(task)
    if (task.status.value, task.operation.value) != (data["state"], data["operation"]):
        disorders.append("it does not have the declared state")
    if task.status is TaskStatus.RUNNING and not {s.status for s in task.subtasks} & ACTIVE:
        disorders.append("it is RUNNING without a reason")
    return disorders


@settings(max_examples=80)
@given(pasts(pinned=False), st.integers(0, 999))
def test_history_of_any_task_state_is_possible(data: dict[str, Any], ms: int) -> None:
    """Any graph and runs get subtasks and times that fit to the declared state of the task."""
    assert wrong(data, START + timedelta(milliseconds=ms)) == []


@settings(max_examples=80)
@given(pasts(pinned=True))
def test_declared_subtask_states_fit_or_are_reported(data: dict[str, Any]) -> None:
    """Impossible states are the only problems."""
    try:
        disorders = wrong(data, START)
    except InputError as error:
        disorders = [
            problem.message for problem in error.problems if problem.slug != "impossible-state"
        ]
    assert disorders == []


@settings(max_examples=40)
@given(pasts(pinned=False))
def test_failed_subtasks_have_used_their_retries(data: dict[str, Any]) -> None:
    """The engine would retry a subtask with retries left."""
    task = scenario(data).tasks_at_start(START)[1]
    early = [s.id for s in task.subtasks if s.status.value == "FAILED" and s.run_time <= s.retries]
    assert early == [] or task.operation is Operation.ROLLBACK or task.status is TaskStatus.RUNNING
