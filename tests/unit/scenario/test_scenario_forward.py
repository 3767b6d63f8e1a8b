"""Tasks without commands: the engine's steps from the task's start to the clock's."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_builders import START, at_start, describe_subtasks, list_disorders, scenario, seconds
from scenario_engine import Engine
from understudy.ocp import Task, find_contradictions

FAILING = [{"takes": "2s", "ends": "FAILED"}]


def test_chain_moves_tick_by_tick() -> None:
    """A subtask is READY at the tick after its upstream's end, and RUNNING one tick later."""
    chain = [
        {"id": 1, "runs": [{"takes": "1.5s"}]},
        {"id": 2, "after": [1], "runs": [{"takes": "2s"}]},
    ]
    task = at_start({"at": "-2h", "subtasks": chain})
    first, second = task.subtasks
    assert [seconds(m) for m in (first.start_time, first.finish_time)] == [-7199, -7197.5]
    assert [seconds(m) for m in (second.start_time, second.finish_time)] == [-7196, -7194]
    assert (task.status.value, seconds(task.create_time), seconds(task.finish_time)) == (
        "SUCCESSFUL",
        -7200,
        -7194,
    )


@pytest.mark.parametrize(
    ("at", "status", "started"),
    [
        ("0s", "READY", None),
        ("-0.5s", "RUNNING", 0),
        ("-1s", "RUNNING", 0),
        ("-1.5s", "RUNNING", -1),
    ],
)
def test_ticks_are_whole_seconds_of_the_clock(at: str, status: str, started: float | None) -> None:
    """A task that starts between two ticks waits for the next; one that starts on a tick waits for the one after."""
    [subtask] = at_start({"at": at, "subtasks": [{"runs": [{"takes": "never"}]}]}).subtasks
    assert (subtask.status.value, seconds(subtask.start_time)) == (status, started)


def test_task_does_not_exist_before_its_start() -> None:
    """It exists at its `at`."""
    late = scenario({"at": "1s"})
    assert list(late.tasks_at_start(START)) == []
    assert list(scenario({"at": START.isoformat()}).tasks_at_start(START)) == [1]


def test_end_of_an_execution_needs_no_tick() -> None:
    """The state of the task waits for the tick."""
    task = at_start({"at": "-1s", "subtasks": [{"runs": [{"takes": "0s"}]}]})
    assert (describe_subtasks(task), seconds(task.subtasks[0].finish_time)) == (
        {1: "SUCCESSFUL/EXECUTE*1"},
        0,
    )
    assert (task.status.value, task.finish_time) == ("RUNNING", None)


def test_end_comes_before_the_timeout() -> None:
    """An execution that takes exactly its timeout is successful."""
    [subtask] = at_start(
        {"at": "-1m", "subtasks": [{"timeout": 3, "runs": [{"takes": "3s"}]}]}
    ).subtasks
    assert (subtask.status.value, seconds(subtask.finish_time)) == ("SUCCESSFUL", -56)


@pytest.mark.parametrize("takes", ["3.001s", "never"])
def test_timeout_fails_the_execution(takes: str) -> None:
    """It counts from the start of the execution, and needs no tick."""
    task = at_start({"at": "-1m", "subtasks": [{"timeout": 3, "runs": [{"takes": takes}]}]})
    assert (describe_subtasks(task), seconds(task.subtasks[0].finish_time)) == (
        {1: "FAILED/EXECUTE*1"},
        -56,
    )
    assert (task.status.value, seconds(task.finish_time)) == ("FAILED", -56)


def test_end_on_a_tick_counts_in_that_tick() -> None:
    """The next subtask is READY in the same tick."""
    chain = [
        {"id": 1, "runs": [{"takes": "1s"}]},
        {"id": 2, "after": [1], "runs": [{"takes": "never"}]},
    ]
    assert describe_subtasks(at_start({"at": "-2s", "subtasks": chain})) == {
        1: "SUCCESSFUL/EXECUTE*1",
        2: "READY/EXECUTE*1",
    }


def test_concurrency_limits_ready_and_running_subtasks() -> None:
    """They become READY in the order of the file."""
    wide = [{"id": i, "runs": [{"takes": "never" if i == 2 else "2s"}]} for i in (1, 2, 3, 4)]
    for at, expected in [
        ("0s", "RRPP"),
        ("-1s", "NNPP"),
        ("-3s", "SNRP"),
        ("-4s", "SNNP"),
        ("-1h", "SNSS"),
    ]:
        task = at_start({"at": at, "concurrency": 2, "subtasks": wide})
        letters = {"READY": "R", "RUNNING": "N", "PENDING": "P", "SUCCESSFUL": "S"}
        assert (at, "".join(letters[s.status.value] for s in task.subtasks)) == (at, expected)


def test_engine_retries_failed_subtasks() -> None:
    """A retry starts in the tick that sees the failure; the first start time stays."""
    task = at_start(
        {"at": "-1m", "subtasks": [{"retries": 2, "runs": [*FAILING, *FAILING, {"takes": "1s"}]}]}
    )
    [subtask] = task.subtasks
    assert describe_subtasks(task) == {1: "SUCCESSFUL/RETRY*3"}
    assert [
        (e.operation.value, seconds(e.started), seconds(e.ended)) for e in subtask.executions
    ] == [
        ("EXECUTE", -59, -57),
        ("RETRY", -57, -55),
        ("RETRY", -55, -54),
    ]
    assert (seconds(subtask.start_time), task.operation.value) == (-59, "EXECUTE")


def test_engine_gives_up_after_the_retries() -> None:
    """The last run repeats, then the task fails."""
    task = at_start({"at": "-1m", "subtasks": [{"retries": 2, "runs": FAILING}]})
    assert (task.status.value, describe_subtasks(task), len(task.subtasks[0].executions)) == (
        "FAILED",
        {1: "FAILED/RETRY*3"},
        3,
    )


def test_failure_keeps_other_subtasks_pending() -> None:
    """Running subtasks continue, and the task fails when all have ended."""
    graph = [
        {"id": 1, "runs": FAILING},
        {"id": 2, "runs": [{"takes": "9s"}]},
        {"id": 3, "after": [2]},
    ]
    early, late = (at_start({"at": at, "subtasks": graph}) for at in ("-5s", "-1m"))
    assert describe_subtasks(early) == {
        1: "FAILED/EXECUTE*1",
        2: "RUNNING/EXECUTE*1",
        3: "PENDING/EXECUTE*1",
    }
    assert early.status.value == "RUNNING"
    assert describe_subtasks(late) == {
        1: "FAILED/EXECUTE*1",
        2: "SUCCESSFUL/EXECUTE*1",
        3: "PENDING/EXECUTE*1",
    }
    assert (late.status.value, seconds(late.finish_time)) == ("FAILED", -50)


def test_executor_is_the_address_of_the_host() -> None:
    """Without a host it is the server's own; before the first execution there is none."""
    hosts = {"h": {"address": "10.9.9.9"}}
    assert at_start({"at": "-1m", "host": "h"}, hosts=hosts).subtasks[0].executor == "10.9.9.9"
    assert at_start({"at": "-1m"}).subtasks[0].executor == "10.0.0.1"
    assert at_start({}).subtasks[0].executor is None


@pytest.mark.timeout(5)
def test_cost_depends_on_the_number_of_events() -> None:
    """Ten years without events take no time."""
    chain = [
        {"id": i, "after": [i - 1] if i > 1 else [], "runs": [{"takes": "365d"}]}
        for i in range(1, 10)
    ]
    task = at_start(
        {
            "at": "-3650d",
            "subtasks": [*chain, {"id": 10, "after": [9], "runs": [{"takes": "never"}]}],
        }
    )
    assert describe_subtasks(task)[10] == "RUNNING/EXECUTE*1"
    assert seconds(task.subtasks[9].start_time) == -365 * 86400 + 10


TAKES = st.sampled_from(["0s", "300ms", "1s", "1.5s", "3s", "never"])
RUN = {"takes": TAKES, "ends": st.sampled_from(["SUCCESSFUL", "FAILED"])}
RUNS = st.lists(st.fixed_dictionaries(RUN), min_size=1, max_size=3)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """A task with up to six subtasks; each waits for some that stand before it in a drawn order."""
    order = draw(st.permutations(range(1, draw(st.integers(1, 6)) + 1)))
    subtasks = [
        {
            "id": subtask_id,
            "after": draw(st.lists(st.sampled_from(order[:place]), max_size=2, unique=True))
            if place
            else [],
            "retries": draw(st.integers(0, 2)),
            "timeout": draw(st.sampled_from([0, 0, 1, 2])),
            "runs": draw(RUNS),
        }
        for place, subtask_id in enumerate(order)
    ]
    return {
        "concurrency": draw(st.integers(1, 3)),
        "subtasks": sorted(subtasks, key=lambda data: data["id"]),
    }


def seen(task: Task) -> dict[str | int, Any]:
    """Return a task in the form of the naive engine."""
    return {
        "task": (task.status.value, task.finish_time),
        **{
            s.id: (s.status.value, s.operation.value, s.run_time, s.start_time, s.finish_time)
            for s in task.subtasks
        },
    }


@settings(max_examples=100)
@given(graphs(), st.integers(0, 60))
def test_tasks_agree_with_a_naive_engine(data: dict[str, Any], halves: int) -> None:
    """The naive engine goes second by second; every state is possible."""
    at = START - timedelta(milliseconds=500 * halves)
    loaded = scenario({**data, "at": f"-{500 * halves}ms"})
    task = loaded.tasks_at_start(START)[1]
    engine = Engine(loaded.plans[0].task)
    assert seen(task) == engine.run(at, START)
    assert (
        list(find_contradictions(task)),
        [d for d in list_disorders(task) if "off the tick" not in d],
    ) == ([], [])
