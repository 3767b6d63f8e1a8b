"""Tasks and the clock, from behind the scenes."""

from datetime import datetime, timedelta

import pytest

from harness_builders import FAILED, LIST, call, retry
from understudy.control.client import ControlError
from understudy.harness import Ocp, subtask
from understudy.harness.task_builder import build_task_data


def test_clock_moves_on_command(ocp: Ocp) -> None:
    """`advance` accepts a text, seconds and a timedelta; `set`, `freeze` and `run` change the clock."""
    start = ocp.clock.now
    assert ocp.clock.advance("30s") - start == timedelta(seconds=30)
    assert ocp.clock.advance(1.5) - start == timedelta(seconds=31.5)
    assert ocp.clock.advance(timedelta(minutes=1)) - start == timedelta(seconds=91.5)
    assert ocp.clock.set(start + timedelta(hours=1)) - start == timedelta(hours=1)
    assert ocp.clock.set("2h") - start == timedelta(hours=2)
    ocp.clock.run(speed=60)
    assert ocp.clock.mode == "real"
    ocp.clock.freeze()
    assert ocp.clock.mode == "virtual"
    with pytest.raises(ValueError, match=r"must not be negative: -1"):
        ocp.clock.advance(-1)
    with pytest.raises(ControlError, match=r"body/by"):
        ocp.clock.advance("soon")


def test_clock_advances_to_the_end_of_a_task(ocp: Ocp) -> None:
    """It stops exactly at the event, and the client sees the same time."""
    task = ocp.task("Mine", subtask("One", takes="90s"))
    start = ocp.clock.now
    end = ocp.clock.advance_until(task.finished)
    assert (end - start, task.status, bool(task.finished), bool(task.failed)) == (
        timedelta(seconds=91),
        "SUCCESSFUL",
        True,
        False,
    )
    assert call(ocp, f"{LIST}/{task.id}").json()["data"]["finishTime"] == end.isoformat()


def test_clock_advances_until_a_callable_holds(ocp: Ocp) -> None:
    """The callable is evaluated at each event of the world."""
    first, second = (
        ocp.task("First", subtask(takes="90s")),
        ocp.task("Second", subtask(takes="10s")),
    )
    ocp.clock.advance_until(lambda: second.finished)
    assert (first.status, second.status) == ("RUNNING", "SUCCESSFUL")


def test_invalid_condition_and_duration_are_reported(ocp: Ocp) -> None:
    """The error of a called condition says that it needs no parentheses."""
    task = ocp.tasks[FAILED]
    with pytest.raises(
        TypeError,
        match=r"^True is not a condition. Expected a condition of a task, such as task.finished \(without",
    ):
        ocp.clock.advance_until(task.finished())  # type: ignore[arg-type]  # the slip that is meant
    with pytest.raises(TypeError, match=r"^'SUCCESSFUL' is not a condition. "):
        ocp.clock.advance_until("SUCCESSFUL")  # type: ignore[arg-type]  # as above
    expected = (
        "Expected a text such as 300ms, 90s, 5m or 1h30m, a number of seconds, or a timedelta."
    )
    with pytest.raises(ValueError, match=rf'^"1 day" is not a duration. {expected}$'):
        ocp.clock.advance_until(task.successful, limit="1 day")
    with pytest.raises(TypeError, match=rf"^None is not a duration. {expected}$"):
        ocp.clock.advance(None)  # type: ignore[arg-type]  # as above


def test_unknown_ids_and_statuses_are_reported(ocp: Ocp) -> None:
    """The errors name the nearest value, and say that an id is a number."""
    task = ocp.tasks[FAILED]
    with pytest.raises(
        KeyError,
        match=r'no task with the name "35000312". An id is a number: did you mean \[35000312\]\?',
    ):
        ocp.tasks["35000312"]
    with pytest.raises(
        ControlError,
        match=r'"RUNING". Expected one of "RUNNING", .*\. Did you mean "RUNNING"\?$',
    ):
        task.force("RUNING")
    with pytest.raises(
        ControlError,
        match=r'invalid value "x"\. Expected one of "RUNNING", "FAILED", "SUCCESSFUL"\.$',
    ):
        task.force("x")
    with pytest.raises(
        ValueError, match=r"^fails=-1: expected a number of failing executions from 0 to 1000$"
    ):
        subtask("Install", fails=-1)


def test_impossible_condition_is_reported(ocp: Ocp) -> None:
    """The error comes when there are no more events, or at the limit."""
    task = ocp.tasks[FAILED]
    with pytest.raises(
        AssertionError,
        match=r'<task 35000312 "Reinstall OCP agent" FAILED> \(to be SUCCESSFUL\): this never happens. The task',
    ):
        ocp.clock.advance_until(task.successful)
    slow = ocp.task(
        "Slow", *[subtask(f"s{n}", takes="1h", after=[f"s{n - 1}"] if n else []) for n in range(5)]
    )
    with pytest.raises(AssertionError, match=r"this has not happened within 7200s"):
        ocp.clock.advance_until(slow.successful, limit="2h")


def test_tasks_and_subtasks_are_selected_by_id_and_name(ocp: Ocp) -> None:
    """An unknown or ambiguous key raises an error with the nearest name."""
    task = ocp.tasks["Reinstall OCP agent"]
    assert (task.id, task.status, task.operation, task.next) == (FAILED, "FAILED", "EXECUTE", None)
    assert task.subtasks["Uninstall ocp agent"].id == 13000333
    assert task.subtasks[13000333].status == "FAILED"
    assert (task.subtasks[13000333].operation, task.subtasks[13000333].executions) == ("EXECUTE", 1)
    assert list(task.subtasks)[:1] == [13000335]
    assert len(task.subtasks) == 4
    assert FAILED in ocp.tasks
    for find, value in (
        (
            lambda: ocp.tasks["Reinstall agent"],
            'no task "Reinstall agent". Did you mean "Reinstall OCP agent"?',
        ),
        (lambda: ocp.tasks[1], "the world has no task 1"),
        (lambda: ocp.tasks[-1], "the world has no task -1"),
        (
            lambda: task.subtasks["Unistall ocp agent"],
            'has no subtask "Unistall ocp agent". Did you mean',
        ),
        (lambda: ocp.tasks["Prepare host"], "1000, 1001"),
    ):
        with pytest.raises(LookupError, match=value):
            find()


def test_reading_tasks_adds_no_call(ocp: Ocp) -> None:
    """It needs no account either."""
    assert ocp.tasks[FAILED].failed
    assert repr(ocp.tasks[FAILED]) == '<task 35000312 "Reinstall OCP agent" FAILED>'
    assert ocp.calls == ()


def test_forced_status_is_consistent(ocp: Ocp) -> None:
    """The other subtasks change too; an unknown status is reported."""
    task = ocp.tasks[FAILED]
    task.subtasks["Uninstall ocp agent"].force("RUNNING")
    assert task.running
    task.force("SUCCESSFUL")
    assert [part.status for part in task.subtasks.values()] == ["SUCCESSFUL"] * 4
    with pytest.raises(ValueError, match=r'unknown status "FAILD". Did you mean "FAILED"?'):
        task.is_("FAILD")
    with pytest.raises(ValueError, match=r"^missing status. Expected one of PENDING, READY, "):
        task.subtasks[13000333].is_()


def test_clock_advances_until_a_subtask_runs(ocp: Ocp) -> None:
    """A condition of a subtask moves the clock by the events of its task."""
    retry(ocp)
    part = ocp.tasks[FAILED].subtasks["Install ocp agent"]
    ocp.clock.advance_until(part.is_("RUNNING"))
    assert repr(part) == '<subtask 13000336 "Install ocp agent" RUNNING>'


def test_added_task_runs_as_described(ocp: Ocp) -> None:
    """Its graph, its failing execution and other keys of the format take effect."""
    task = ocp.task(
        "Upgrade",
        "Prepare",
        ocp.subtask(
            "Install", after="Prepare", takes=5, fails=1, log="cannot reach host", timeout=60
        ),
        subtask("Finish", after=["Prepare", "Install"]),
        concurrency=1,
        at=timedelta(seconds=10),
    )
    assert task.status is None
    ocp.clock.advance_until(task.failed)
    assert retry(ocp, task.id).status_code == 200
    ocp.clock.advance_until(task.successful)
    log = call(ocp, f"{LIST}/{task.id}/subtasks/{task.subtasks['Install'].id}/log").json()["data"][
        "log"
    ]
    assert log.count("cannot reach host") == 2


def test_wrong_task_is_reported(ocp: Ocp) -> None:
    """The error contains what the control API reports, and the rule of `runs`."""
    with pytest.raises(
        ControlError,
        match=r'body/subtasks/0/timeot: unknown key "timeot". Did you mean "timeout"?',
    ):
        ocp.task("Upgrade", subtask("One", timeot=1))
    with pytest.raises(
        ControlError, match=r'body/subtasks/0/after/0: unknown subtask "Two" in this task'
    ):
        ocp.task("Upgrade", subtask("One", after="Two"))
    with pytest.raises(TypeError, match=r"use only one of the two ways"):
        subtask("One", takes=1, runs=[{}])
    assert build_task_data("x", ["a"], {"at": 5}) == {
        "name": "x",
        "at": "5s",
        "subtasks": [{"name": "a"}],
    }
    assert subtask(takes="never") == {"runs": [{"takes": "never"}]}


def test_times_have_the_zone_of_the_clock(ocp: Ocp) -> None:
    """The repr of the clock shows the same time."""
    assert ocp.clock.now == datetime.fromisoformat("2021-08-25T15:09:31+08:00")
    assert ocp.tasks[FAILED].next is None
    assert repr(ocp.clock) == "<clock virtual, 2021-08-25T15:09:31+08:00>"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300], ids=repr)
def test_invalid_number_of_seconds_is_reported(ocp: Ocp, value: float) -> None:
    """The clock does not move."""
    before = ocp.clock.now
    with pytest.raises(ValueError, match="is not a duration"):
        ocp.clock.advance(value)
    assert ocp.clock.now == before
