"""The log of a subtask: banners, lines, growth."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from ocp_builders import START, subtask
from understudy.ocp import (
    Cause,
    Execution,
    LogLine,
    Operation,
    Run,
    Subtask,
    SubtaskStatus,
    render_log,
)

SECOND = timedelta(seconds=1)


def build_subtask(*executions: Execution, status: str = "SUCCESSFUL", **more: Any) -> Subtask:
    return subtask(13000335, status, executions=executions, **more)


def build_execution(
    operation: str = "EXECUTE", *, run: Run | None = None, ends: str = "SUCCESSFUL", at: int = 0
) -> Execution:
    started = START + at * SECOND
    return Execution(
        Operation(operation), run or Run(), started, started + 4 * SECOND, SubtaskStatus(ends)
    )


def test_log_is_empty_before_the_first_execution() -> None:
    """A subtask that was never executed has an empty log."""
    assert render_log(subtask(1), START) == ""


def test_banner_and_lines() -> None:
    """A banner with operation and time, then lines in the format of the real server."""
    first, second, *alive, last = render_log(build_subtask(build_execution()), START).split("\n")
    assert [line.rpartition(" : ")[2] for line in alive] == [
        f"Still running, {n} seconds elapsed" for n in (1, 2, 3)
    ]
    assert first == "############{EXECUTE}{2021-08-25T15:09:31+00:00}############"
    assert second.startswith(
        "2021-08-25 15:09:31.019  INFO 57200 --- [pool-subtask-executor-thread-"
    )
    assert second.endswith(
        "c.a.o.c.m.t.model.SubtaskInstanceEntity  : "
        "Run subtask, id=13000335, name=Step 13000335, operation=EXECUTE, node=10.0.0.1"
    )
    assert last.endswith("Subtask finished, id=13000335, state=SUCCESSFUL")


def test_one_banner_for_each_execution() -> None:
    """A retried subtask has two banners, in order."""
    log = render_log(
        build_subtask(build_execution(ends="FAILED"), build_execution("RETRY", at=9)), START
    )
    banners = [line for line in log.split("\n") if line.startswith("#")]
    assert [banner[12 : banner.index("}") + 1] for banner in banners] == ["{EXECUTE}", "{RETRY}"]


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (Cause.NONE, "cause=task execution returned an error"),
        (Cause.CANCELED, "cause=canceled by user"),
        (Cause.TIMEOUT, "cause=timeout after 4 seconds"),
    ],
)
def test_failure_has_its_cause(cause: Cause, text: str) -> None:
    """The last line of a failure is an error with the cause."""
    failed = replace(build_execution(ends="FAILED"), cause=cause)
    log = render_log(build_subtask(failed, status="FAILED", timeout_s=4), START)
    last = log.rpartition("\n")[2]
    assert " ERROR " in last
    assert last.endswith(text)


def test_lines_are_spread_evenly() -> None:
    """Lines without an offset are spread over the run; a line with one has its place."""
    lines = (
        LogLine("one"),
        LogLine("early", timedelta(milliseconds=500)),
        LogLine("two"),
        LogLine("three"),
    )
    run = Run(takes=4 * SECOND, log=lines)
    log = render_log(build_subtask(build_execution(run=run)), START).split("\n")
    assert [(line[11:23], line.rpartition(" : ")[2]) for line in log[2:-1]] == [
        ("15:09:31.500", "early"),
        ("15:09:32.000", "one"),
        ("15:09:33.000", "two"),
        ("15:09:34.000", "three"),
    ]


@pytest.mark.parametrize(("seconds", "count"), [(0, 0), (1, 1), (2, 2), (3, 3), (60, 60)])
def test_log_of_a_running_subtask_grows(seconds: int, count: int) -> None:
    """Each second brings a line: one of the run, or a heartbeat."""
    run = Run(takes=4 * SECOND, log=(LogLine("a"), LogLine("b"), LogLine("c")))
    running = build_subtask(Execution(Operation.EXECUTE, run, START), status="RUNNING")
    assert 2 + count == len(render_log(running, START + seconds * SECOND).split("\n"))


def test_silent_run_writes_heartbeats() -> None:
    """A run without lines writes heartbeats, at first each second; their number is limited."""
    running = build_subtask(Execution(Operation.EXECUTE, Run(takes=None), START), status="RUNNING")
    assert render_log(running, START + 25 * SECOND).endswith("Still running, 25 seconds elapsed")
    assert render_log(running, START + 325 * SECOND).endswith("Still running, 320 seconds elapsed")
    assert len(render_log(running, START + timedelta(days=365)).split("\n")) == 1302


def test_log_of_a_skip() -> None:
    """A skip has a banner and a line."""
    log = render_log(build_subtask(build_execution("SKIP")), START)
    assert log.startswith("############{SKIP}")
    assert log.endswith("Skip subtask, id=13000335, name=Step 13000335")


def test_log_is_the_same_each_time() -> None:
    """The log of an ended execution is the same whenever it is read."""
    ended = build_subtask(build_execution())
    assert render_log(ended, START) == render_log(ended, START + timedelta(days=1))


@pytest.mark.parametrize("takes", [9 * SECOND, None])
@pytest.mark.parametrize("lines", [(), ("a",), ("a", "b")])
def test_log_never_loses_a_line(takes: timedelta | None, lines: tuple[str, ...]) -> None:
    """A log begins with what a client has read before, also when the execution has ended."""
    run = Run(takes, log=tuple(map(LogLine, lines)))
    running = build_subtask(Execution(Operation.EXECUTE, run, START), status="RUNNING")
    ended = build_subtask(
        Execution(Operation.EXECUTE, run, START, START + 9 * SECOND, SubtaskStatus.SUCCESSFUL)
    )
    seen = [render_log(running, START + second * SECOND / 2) for second in range(18)] + [
        render_log(ended, START)
    ]
    assert all(later.startswith(earlier) for earlier, later in pairwise(seen))
    assert len(set(seen)) >= 10
