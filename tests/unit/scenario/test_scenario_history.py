"""Tasks that are history: how they ended, and a past that fits to it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_builders import HEAD, START, at_start, disorders, looks, problem, scenario, seconds
from understudy.errors import InputError
from understudy.ocp import ACTIVE, Operation, Task, TaskStatus, find_contradictions

FAILS = {"takes": "2s", "ends": "FAILED"}
Spans = list[tuple[str, float | None, float | None]]


def spans(task: Task, subtask_id: int) -> Spans:
    """The executions of a subtask: operation, start and end after the clock's start."""
    subtask = task.subtask(subtask_id)
    assert subtask is not None
    return [(e.operation.value, seconds(e.started), seconds(e.ended)) for e in subtask.executions]


def test_a_successful_chain() -> None:
    """One after the other, a second at each step of the engine, finished at the tick after the last end."""
    chain = [
        {"id": 1, "runs": [{"takes": "1.74s"}]},
        {"id": 2, "after": [1], "runs": [{"takes": "3s"}]},
    ]
    task = at_start({"at": "-1h", "state": "SUCCESSFUL", "subtasks": chain})
    assert spans(task, 1) == [("EXECUTE", -3599, -3597.26)]
    assert spans(task, 2) == [("EXECUTE", -3596, -3593)]
    assert (seconds(task.start_time), seconds(task.finish_time)) == (-3600, -3593)


def test_without_at_it_ended_a_minute_before_the_clock_starts() -> None:
    """Long histories begin earlier."""
    for takes in ("1s", "2h"):
        task = at_start({"state": "SUCCESSFUL", "subtasks": [{"runs": [{"takes": takes}]}]})
        assert seconds(task.finish_time) == -60


@pytest.mark.parametrize(
    ("told", "expected"),
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
def test_what_is_not_told_follows(told: dict[str, Any], expected: dict[int, str]) -> None:
    """From the task's state to its subtasks, and the other way round; from the runs to operation and count."""
    first, second = told.get("subtasks", [{}, {}])
    task = at_start({**told, "subtasks": [first, {**second, "after": [1]}]})
    assert looks(task) == expected
    assert (list(find_contradictions(task)), disorders(task)) == ([], [])


def test_the_state_of_the_task_follows_from_its_subtasks() -> None:
    """RUNNING with one that is active, else FAILED with one that is, else SUCCESSFUL."""
    states = [["FAILED", "READY"], ["FAILED", "SUCCESSFUL"], ["SUCCESSFUL", "SUCCESSFUL"]]
    found = [
        at_start({"subtasks": [{"state": state} for state in pair]}).status.value for pair in states
    ]
    assert found == ["RUNNING", "FAILED", "SUCCESSFUL"]


def test_a_retry_comes_after_the_failure() -> None:
    """Every run that failed before the one that did not, each in its time."""
    task = at_start(
        {"at": "-1m", "state": "SUCCESSFUL", "subtasks": [{"runs": [FAILS, {"takes": "1.5s"}]}]}
    )
    assert spans(task, 1) == [("EXECUTE", -59, -57), ("RETRY", -56, -54.5)]
    assert seconds(task.finish_time) == -54


def test_a_rollback_comes_after_a_thought_and_backwards() -> None:
    """Everything is executed, half a minute later somebody rolls back, from the last subtask to the first."""
    chain = [{"id": 1}, {"id": 2, "after": [1], "runs": [FAILS]}, {"id": 3, "after": [2]}]
    task = at_start(
        {"at": "-2m", "state": "SUCCESSFUL", "operation": "ROLLBACK", "subtasks": chain}
    )
    assert spans(task, 1) == [("EXECUTE", -119, -118), ("ROLLBACK", -82, -81)]
    assert spans(task, 2) == [("EXECUTE", -117, -115), ("ROLLBACK", -84, -83)]
    assert spans(task, 3) == []
    assert (task.status.value, seconds(task.finish_time)) == ("SUCCESSFUL", -81)


def test_a_canceled_subtask_ends_at_a_tick() -> None:
    """The engine fails at a tick what somebody canceled; an execution that hangs was given a minute."""
    for takes, end in [("never", -539), ("1.74s", -597)]:
        subtasks = [{"state": "FAILED", "operation": "CANCEL", "runs": [{"takes": takes}]}]
        task = at_start({"at": "-10m", "state": "FAILED", "subtasks": subtasks})
        assert spans(task, 1) == [("EXECUTE", -599, end)]
        assert seconds(task.finish_time) == end


def test_a_step_back_that_was_skipped() -> None:
    """In a rollback a skip leads to PENDING: after the execution, and after its undoing failed."""
    subtasks = [{"state": "PENDING", "operation": "SKIP", "runs": [FAILS]}]
    task = at_start(
        {"at": "-2m", "state": "SUCCESSFUL", "operation": "ROLLBACK", "subtasks": subtasks}
    )
    assert spans(task, 1) == [("EXECUTE", -119, -117), ("ROLLBACK", -86, -85), ("SKIP", -84, -84)]
    assert (looks(task), list(find_contradictions(task)), disorders(task)) == (
        {1: "PENDING/SKIP*1"},
        [],
        [],
    )


def test_the_end_of_a_failed_arm_waits_for_the_other() -> None:
    """finishTime is set at the first tick at which nothing runs any more."""
    arms = [{"runs": [{"takes": "1s", "ends": "FAILED"}]}, {"runs": [{"takes": "9.5s"}]}]
    task = at_start({"at": "-1m", "state": "FAILED", "subtasks": arms})
    assert (looks(task), seconds(task.finish_time)) == (
        {1: "FAILED/EXECUTE*1", 2: "SUCCESSFUL/EXECUTE*1"},
        -49,
    )


def test_runs_say_when_they_began() -> None:
    """An offset or a time; what is not told follows."""
    runs = [{**FAILS, "at": "-30m"}, {"takes": "1s", "at": "2021-08-25T15:04:31+08:00"}]
    task = at_start(
        {"at": "-1h", "state": "SUCCESSFUL", "subtasks": [{"runs": runs}, {"after": [1]}]}
    )
    assert spans(task, 1) == [("EXECUTE", -1800, -1798), ("RETRY", -300, -299)]
    assert spans(task, 2) == [("EXECUTE", -298, -297)]


def test_a_run_does_not_say_when_it_was_skipped() -> None:
    """Only executions are runs: a skip has none, and comes after the failure."""
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
def test_times_out_of_order(text: str, expected: str) -> None:
    """Nothing begins before what it waits for was over, and history is over when the clock starts."""
    assert expected in problem(f"{HEAD}tasks: [{text}]")


@pytest.mark.parametrize(
    ("start", "late"), [("2021-08-25T15:09:31+08:00", 0), ("2021-08-25T15:09:30+08:00", 1)]
)
def test_history_with_a_date_is_held_against_a_clock_with_a_date(start: str, late: int) -> None:
    """Only then is it known whether it was over."""
    task = "tasks: [{at: 2021-08-25T15:09:29+08:00, state: FAILED}]"
    text = f"{HEAD}clock: {{start: {start}}}\n{task}"
    if late:
        assert "late-history" in problem(text)
    else:
        assert (
            seconds(at_start({"at": "-2s", "state": "FAILED"}, clock={"start": start}).finish_time)
            == 0
        )


def test_offsets_and_dates_cannot_be_compared_without_a_start() -> None:
    """A clock that starts now makes no promise of the order: no false alarm."""
    runs = [{"at": "2021-08-25T15:00:00+08:00"}]
    one = scenario({"at": "-1h", "state": "FAILED", "subtasks": [{"runs": runs}]})
    assert seconds(one.tasks_at_start(START)[1].finish_time) == -570


@pytest.mark.parametrize("count", [2, 99])
def test_a_history_of_more_than_a_century(count: int) -> None:
    """It would lead out of the calendar: told, not a crash."""
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
def test_impossible_states(text: str, expected: str) -> None:
    """What no engine reaches is told at the state that says so."""
    found = problem(f"{HEAD}tasks: [{text}]")
    assert " impossible-state: " in found
    assert expected in found


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
        told: dict[str, Any] = {"id": number, "after": draw(before), "runs": draw(RUNS)}
        told |= {"timeout": draw(st.sampled_from([0, 0, 1])), "retries": draw(st.integers(0, 2))}
        if pinned and draw(st.booleans()):
            told["state"] = draw(STATES)
        subtasks.append(told)
    at = draw(st.sampled_from([{}, {"at": "-1d"}]))
    return {
        "state": draw(TASK_STATES),
        "operation": draw(TASK_OPERATIONS),
        "subtasks": subtasks,
        **at,
    }


def wrong(told: dict[str, Any], start: datetime) -> list[str]:
    """What is wrong with a past: contradictions, disorder, a task that did not become what was told."""
    task = scenario(told).tasks_at_start(start)[1]
    found = [c.detail for c in find_contradictions(task)] + disorders(task)
    if (task.status.value, task.operation.value) != (told["state"], told["operation"]):
        found.append("it stands as nobody told")
    if task.status is TaskStatus.RUNNING and not {s.status for s in task.subtasks} & ACTIVE:
        found.append("it is RUNNING without a reason")
    return found


@settings(max_examples=80)
@given(pasts(pinned=False), st.integers(0, 999))
def test_the_state_of_a_task_is_always_possible(told: dict[str, Any], ms: int) -> None:
    """Whatever its graph and runs: a task that only says how it ended gets subtasks and times that fit."""
    assert wrong(told, START + timedelta(milliseconds=ms)) == []


@settings(max_examples=80)
@given(pasts(pinned=True))
def test_a_past_fits_or_is_refused(told: dict[str, Any]) -> None:
    """Where subtasks say how they stand: the file is refused as impossible, or everything fits."""
    try:
        found = wrong(told, START)
    except InputError as error:
        found = [
            problem.message for problem in error.problems if problem.slug != "impossible-state"
        ]
    assert found == []


@settings(max_examples=40)
@given(pasts(pinned=False))
def test_nobody_gives_up_while_the_engine_would_try_again(told: dict[str, Any]) -> None:
    """A subtask that FAILED for good in a FAILED task has used its retries."""
    task = scenario(told).tasks_at_start(START)[1]
    early = [s.id for s in task.subtasks if s.status.value == "FAILED" and s.run_time <= s.retries]
    assert early == [] or task.operation is Operation.ROLLBACK or task.status is TaskStatus.RUNNING
