"""The task engine, one example for each of its rules, with exact times.

A story is a list of (seconds since the clock's start, what changed), as `story` returns it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from ocp_builders import START
from understudy.ocp import (
    Cause,
    Command,
    ErrorKind,
    Execution,
    OcpError,
    Operation,
    Run,
    Subtask,
    SubtaskStatus,
    Task,
    TaskStatus,
    advance,
    apply_to_task,
    begin,
)

NEVER = None
Story = list[tuple[float, str]]


def second(number: float) -> datetime:
    """Return the moment of a second since the clock's start."""
    return START + timedelta(milliseconds=round(number * 1000))


def number(moment: datetime | None) -> float | None:
    """Return the second of a moment since the clock's start."""
    return None if moment is None else (moment - START) / timedelta(seconds=1)


def run(takes: float | None = 0.5, ends: str = "SUCCESSFUL") -> Run:
    """Build the plan of one execution."""
    return Run(None if takes is None else timedelta(seconds=takes), SubtaskStatus(ends))


FAILS, WORKS, HANGS = run(ends="FAILED"), run(), run(NEVER)


def step(subtask_id: int, *runs: Run, after: tuple[int, ...] = (), **more: Any) -> Subtask:
    """Build a subtask that has not begun."""
    return Subtask(
        id=subtask_id,
        name=f"Step {subtask_id}",
        series_id=subtask_id,
        create_time=START,
        upstreams=after,
        **({"runs": runs or (WORKS,), "rollbacks": (WORKS,)} | more),
    )


def start_task(*steps: Subtask, at: float = 0, **more: Any) -> Task:
    """Begin a task at a second; its subtasks get their downstreams."""
    linked = tuple(
        replace(s, downstreams=tuple(o.id for o in steps if s.id in o.upstreams)) for s in steps
    )
    return begin(
        Task(id=1000, name="Prepare host", create_time=START, subtasks=linked, **more),
        second(at),
        START,
    )


def advance_to(task: Task, at: float) -> Task:
    """Return the task at a second."""
    return advance(task, second(at), START)


def command(task: Task, at: float, name: str, subtask_id: int | None = None) -> Task:
    """Advance the task to a second, and return it after a command."""
    return apply_to_task(
        advance_to(task, at), Command(name, task.id, subtask_id, second(at)), START
    )


def command_error(
    task: Task, at: float, name: str, subtask_id: int | None = None
) -> tuple[ErrorKind, tuple[str, ...]]:
    """Return kind and parameters of the error of a command at a second."""
    with pytest.raises(OcpError) as caught:
        command(task, at, name, subtask_id)
    return caught.value.kind, caught.value.params


def states(task: Task) -> list[str]:
    """Return the status of each subtask."""
    return [subtask.status.value for subtask in task.subtasks]


def story(task: Task, until: float = 60) -> Story:
    """Return the changes of status until a second, at each instant in the order of the series."""
    events: Story = []
    while task.next_at is not None and task.next_at <= second(until):
        after = advance(task, task.next_at, START)
        events += ((number(task.next_at) or 0.0, change) for change in changes(task, after))
        task = after
    return events


def changes(before: Task, after: Task) -> Iterator[str]:
    """Yield the subtasks with another status or execution, and the task with another status."""
    for old, new in zip(before.subtasks, after.subtasks, strict=True):
        if (old.status, len(old.executions)) != (new.status, len(new.executions)):
            yield f"{new.id} {new.status.value}"
    if before.status is not after.status:
        yield f"task {after.status.value}"


def executions(
    task: Task, subtask_id: int = 1
) -> list[tuple[str, float | None, float | None, str | None]]:
    """Return the executions of a subtask: operation, start, end, outcome."""
    return [
        (e.operation.value, number(e.started), number(e.ended), e.outcome and e.outcome.value)
        for e in task.subtask(subtask_id).executions
    ]


# A task begins


def test_new_task_is_running() -> None:
    """A task begins at its `at`: createTime and startTime, RUNNING, EXECUTE, no finishTime."""
    task = start_task(step(1), at=-2.5)
    assert (number(task.create_time), number(task.start_time), task.finish_time) == (
        -2.5,
        -2.5,
        None,
    )
    assert (task.status, task.operation) == (TaskStatus.RUNNING, Operation.EXECUTE)


def test_new_subtasks_are_not_started() -> None:
    """Subtasks begin with operation EXECUTE and runTime 1, not started, finished or executed."""
    only = start_task(step(1), step(2, after=(1,))).subtasks[1]
    assert (only.status, only.operation, only.run_time) == (
        SubtaskStatus.PENDING,
        Operation.EXECUTE,
        1,
    )
    assert (only.start_time, only.finish_time, only.executor, only.executions) == (
        None,
        None,
        None,
        (),
    )


def test_roots_are_ready_at_once_up_to_the_limit() -> None:
    """Subtasks without upstreams are READY at once, in series order, up to the limit."""
    task = start_task(step(9), step(5, after=(9,)), step(3), step(1), concurrency=2)
    assert states(task) == ["READY", "PENDING", "READY", "PENDING"]


@pytest.mark.parametrize(("at", "first"), [(0, 1), (0.3, 1), (1, 2), (-2.5, -2), (-1, 0)])
def test_ticks_are_whole_seconds_from_the_clocks_start(at: float, first: float) -> None:
    """Ticks count from the clock's start, before the start too.

    A task's first tick is later than its beginning.
    """
    assert [(first, "1 RUNNING")] == story(start_task(step(1, HANGS), at=at))


def test_whole_life_of_a_task() -> None:
    """READY and RUNNING at ticks, executions end between them, the task ends at a tick."""
    task = start_task(step(1, run(1.2)), step(2, run(0.7), after=(1,)))
    expected = [
        (1, "1 RUNNING"),
        (2.2, "1 SUCCESSFUL"),
        (3, "2 READY"),
        (4, "2 RUNNING"),
        (4.7, "2 SUCCESSFUL"),
        (5, "task SUCCESSFUL"),
    ]
    assert expected == story(task)


# Off the tick


@pytest.mark.parametrize("ends", ["SUCCESSFUL", "FAILED"])
def test_execution_ends_after_takes(ends: str) -> None:
    """An execution ends at its start + `takes`, with finishTime."""
    task = advance_to(start_task(step(1, run(1.3, ends))), 2.3)
    assert [ends] == states(task)
    assert number(task.subtasks[0].finish_time) == 2.3
    assert [("EXECUTE", 1, 2.3, ends)] == executions(task)


def test_execution_times_out() -> None:
    """An execution FAILS `timeout` seconds after its start."""
    task = advance_to(start_task(step(1, HANGS, timeout_s=2)), 3)
    assert executions(task) == [("EXECUTE", 1, 3, "FAILED")]
    assert Cause.TIMEOUT is task.subtasks[0].executions[0].cause


def test_timeout_of_zero_means_never() -> None:
    """Such an execution hangs, and its task has no next event."""
    task = advance_to(start_task(step(1, HANGS)), 10_000)
    assert (states(task), task.next_at) == (["RUNNING"], None)


def test_timeout_counts_from_each_execution() -> None:
    """A second execution has the whole time again."""
    task = advance_to(start_task(step(1, HANGS, timeout_s=2, retries=1)), 60)
    assert executions(task) == [("EXECUTE", 1, 3, "FAILED"), ("RETRY", 3, 5, "FAILED")]


def test_timeout_stops_a_rollback() -> None:
    """A rollback that hangs times out, too."""
    task = command(start_task(step(1, FAILS, timeout_s=3, rollbacks=(HANGS,))), 2, "rollbackTask")
    assert story(task) == [(3, "1 RUNNING"), (6, "1 FAILED"), (6, "task FAILED")]


# The order at one instant


def test_end_comes_before_timeout() -> None:
    """An execution that ends at the instant of its timeout has ended by itself."""
    task = advance_to(start_task(step(1, run(2), timeout_s=2)), 3)
    assert executions(task) == [("EXECUTE", 1, 3, "SUCCESSFUL")]
    assert Cause.NONE is task.subtasks[0].executions[0].cause


def test_end_comes_before_tick() -> None:
    """A tick sees an end of the same instant."""
    assert (2, "2 READY") in story(start_task(step(1, run(1)), step(2, after=(1,))))


def test_timeout_comes_before_tick() -> None:
    """A tick sees a timeout of the same instant: here it ends the task."""
    assert (2, "task FAILED") in story(start_task(step(1, HANGS, timeout_s=1)))


def test_tick_comes_before_command() -> None:
    """A command at the instant of a tick comes after it.

    What the command makes READY waits for the next tick.
    """
    task = command(start_task(step(1, FAILS, WORKS)), 2, "retryTask")
    assert states(task) == ["READY"]
    assert story(task) == [(3, "1 RUNNING"), (3.5, "1 SUCCESSFUL"), (4, "task SUCCESSFUL")]


def test_execution_without_duration_ends_at_its_tick() -> None:
    """It ends after the tick that started it; its downstreams wait for the next tick."""
    task = start_task(step(1, run(0)), step(2, run(0), after=(1,)))
    expected = [(1, "1 SUCCESSFUL"), (2, "2 READY"), (3, "2 SUCCESSFUL"), (4, "task SUCCESSFUL")]
    events = story(task)
    assert expected == [each for each in events if "RUNNING" not in each[1]]
    assert executions(advance_to(task, 1)) == [("EXECUTE", 1, 1, "SUCCESSFUL")]


# Step 1 of a tick: CANCELING


def test_cancel_fails_at_the_next_tick() -> None:
    """CANCELING at once, FAILED at the next tick with operation CANCEL and finishTime."""
    task = command(start_task(step(1, HANGS)), 1.2, "cancelSubtask", 1)
    assert states(task) == ["CANCELING"]
    after = advance_to(task, 2)
    assert (states(after), after.subtasks[0].operation) == (["FAILED"], Operation.CANCEL)
    assert (number(after.subtasks[0].finish_time), after.subtasks[0].executions[0].cause) == (
        2,
        Cause.CANCELED,
    )
    assert executions(after) == [("EXECUTE", 1, 2, "FAILED")]


def test_canceled_execution_has_no_end_of_its_own() -> None:
    """An execution that would end or time out before the tick stays CANCELING until the tick."""
    task = command(start_task(step(1, run(0.5))), 1.2, "cancelSubtask", 1)
    assert story(task) == [(2, "1 FAILED"), (2, "task FAILED")]


def test_cancel_ends_the_task_at_the_same_tick() -> None:
    """Step 1 comes before step 5: the tick that fails the subtask also ends its task."""
    task = advance_to(command(start_task(step(1, HANGS)), 1, "cancelSubtask", 1), 2)
    assert (task.status, number(task.finish_time)) == (TaskStatus.FAILED, 2)


def test_engine_does_not_retry_a_canceled_subtask() -> None:
    """The engine retries failed subtasks, but no canceled ones."""
    task = advance_to(command(start_task(step(1, HANGS, retries=2)), 1, "cancelSubtask", 1), 60)
    assert (states(task), task.subtasks[0].run_time) == (["FAILED"], 1)


def test_canceled_subtask_can_be_retried_by_command() -> None:
    """A command makes it RETRY; afterwards the engine's own retries go on."""
    task = command(start_task(step(1, HANGS, FAILS, WORKS, retries=1)), 1, "cancelSubtask", 1)
    task = advance_to(command(task, 2, "retrySubtask", 1), 60)
    expected = [
        ("EXECUTE", 1, 2, "FAILED"),
        ("RETRY", 3, 3.5, "FAILED"),
        ("RETRY", 4, 4.5, "SUCCESSFUL"),
    ]
    assert expected == executions(task)


# Step 2: retries


def test_engine_retries_in_one_tick() -> None:
    """A FAILED subtask becomes READY and RUNNING in one tick, RETRY, runTime + 1."""
    task = advance_to(start_task(step(1, FAILS, HANGS, retries=1)), 2)
    only = task.subtasks[0]
    assert (states(task), only.operation, only.run_time) == (["RUNNING"], Operation.RETRY, 2)
    assert executions(task) == [("EXECUTE", 1, 1.5, "FAILED"), ("RETRY", 2, None, None)]


def test_engine_retry_removes_the_finish_time() -> None:
    """The retried subtask has no finishTime until its next end."""
    task = start_task(step(1, FAILS, WORKS, retries=1))
    assert [number(advance_to(task, at).subtasks[0].finish_time) for at in (1.5, 2, 2.5)] == [
        1.5,
        None,
        2.5,
    ]


def test_engine_retries_at_most_retries_times() -> None:
    """After the first execution come `retries` others; then the task fails."""
    task = advance_to(start_task(step(1, FAILS, retries=2)), 60)
    assert [operation for operation, *_ in executions(task)] == ["EXECUTE", "RETRY", "RETRY"]
    assert (task.subtasks[0].run_time, task.status, number(task.finish_time)) == (
        3,
        TaskStatus.FAILED,
        4,
    )


def test_engine_retries_beside_another_failure() -> None:
    """A finally failed subtask does not keep the engine from retrying another."""
    task = advance_to(start_task(step(1, FAILS), step(2, FAILS, WORKS, retries=1)), 60)
    assert (states(task), task.status) == (["FAILED", "SUCCESSFUL"], TaskStatus.FAILED)


def test_engine_does_not_retry_a_rollback() -> None:
    """The engine retries EXECUTE and RETRY only: a failed rollback stays FAILED."""
    task = command(start_task(step(1, FAILS, retries=1, rollbacks=(FAILS,))), 4, "rollbackTask")
    assert story(task) == [(5, "1 RUNNING"), (5.5, "1 FAILED"), (6, "task FAILED")]


# Step 3: READY to RUNNING


def test_executor_is_set_at_the_start() -> None:
    """A subtask gets its executor when it starts, not before."""
    task = start_task(step(1), executor="10.0.0.7")
    assert [advance_to(task, at).subtasks[0].executor for at in (0.9, 1)] == [None, "10.0.0.7"]


def test_start_time_is_that_of_the_first_execution() -> None:
    """Later executions do not change startTime."""
    task = start_task(step(1, FAILS, HANGS, retries=1))
    assert [number(advance_to(task, at).subtasks[0].start_time) for at in (1, 9)] == [1, 1]


def test_runs_are_used_in_order() -> None:
    """EXECUTE and RETRY use `runs` in order; the last one repeats."""
    task = advance_to(start_task(step(1, run(0.2, "FAILED"), run(0.3, "FAILED"), retries=2)), 60)
    assert [ended for _, _, ended, _ in executions(task)] == [1.2, 2.3, 3.3]


def test_rollbacks_are_used_in_order() -> None:
    """ROLLBACK uses `rollbacks` in order from the first, however many runs there were."""
    task = start_task(step(1, FAILS, rollbacks=(run(0.2, "FAILED"), run(0.3))))
    task = advance_to(command(command(task, 2, "rollbackTask"), 4, "rollbackTask"), 60)
    expected = [
        ("EXECUTE", 1, 1.5, "FAILED"),
        ("ROLLBACK", 3, 3.2, "FAILED"),
        ("ROLLBACK", 5, 5.3, "PENDING"),
    ]
    assert expected == executions(task)


def test_skip_ends_in_the_same_tick() -> None:
    """SKIP succeeds at the tick that starts it, and its downstream becomes READY at that tick."""
    task = command(start_task(step(1, FAILS), step(2, after=(1,))), 2, "skipSubtask", 1)
    assert states(task) == ["READY", "PENDING"]
    after = advance_to(task, 3)
    assert states(after) == ["SUCCESSFUL", "READY"]
    first = after.subtasks[0]
    assert (first.operation, number(first.start_time), number(first.finish_time)) == (
        Operation.SKIP,
        1,
        3,
    )
    assert executions(after) == [("EXECUTE", 1, 1.5, "FAILED"), ("SKIP", 3, 3, "SUCCESSFUL")]


def test_skip_uses_no_run() -> None:
    """A later retry continues with the next run."""
    task = start_task(step(1, FAILS, HANGS), step(2, FAILS, run(0.3), run(0.4)))
    task = command(command(task, 2, "skipSubtask", 1), 2, "retrySubtask", 2)
    assert executions(advance_to(task, 60), 2) == [
        ("EXECUTE", 1, 1.5, "FAILED"),
        ("RETRY", 3, 3.3, "SUCCESSFUL"),
    ]


# Step 4: who is next


def test_subtask_waits_for_all_upstreams() -> None:
    """A subtask is READY only when all its upstreams are SUCCESSFUL."""
    task = start_task(step(1, run(0.5)), step(2, run(2.5)), step(3, after=(1, 2)))
    assert story(task)[3:5] == [(3.5, "2 SUCCESSFUL"), (4, "3 READY")]


def test_limit_of_parallel_subtasks() -> None:
    """READY and RUNNING count against the limit.

    The next subtask in the series takes the place of one that has ended.
    """
    task = start_task(
        step(1, run(1.5)), step(2, HANGS), step(3, HANGS), step(4, HANGS), concurrency=2
    )
    expected = [
        (1, "1 RUNNING"),
        (1, "2 RUNNING"),
        (2.5, "1 SUCCESSFUL"),
        (3, "3 READY"),
        (4, "3 RUNNING"),
    ]
    assert expected == story(task)


def test_default_limit_is_ten() -> None:
    """At most ten subtasks of a task are READY or RUNNING by default."""
    assert states(start_task(*(step(i) for i in range(12)))).count("READY") == 10


def test_no_subtask_starts_after_a_cancel() -> None:
    """The tick that fails a canceled subtask makes no other READY: a failure stops the rest."""
    task = start_task(step(1), step(2, HANGS), step(3), concurrency=2)
    assert states(advance_to(task, 2)) == ["SUCCESSFUL", "RUNNING", "READY"]
    assert states(advance_to(command(task, 1.2, "cancelSubtask", 2), 2)) == [
        "SUCCESSFUL",
        "FAILED",
        "PENDING",
    ]


def test_no_subtask_becomes_ready_beside_a_failure() -> None:
    """While a subtask is FAILED no other becomes READY; READY and RUNNING ones go on."""
    task = start_task(step(1, FAILS), step(2, run(2.5)), step(3, after=(2,)))
    expected = [
        (1, "1 RUNNING"),
        (1, "2 RUNNING"),
        (1.5, "1 FAILED"),
        (3.5, "2 SUCCESSFUL"),
        (4, "task FAILED"),
    ]
    assert expected == story(task)


def test_no_tick_is_due_while_a_failure_stops_the_rest() -> None:
    """The next event is the end of the other subtask, not a tick."""
    task = advance_to(start_task(step(1, FAILS), step(2, run(5.3)), step(3), concurrency=2), 1.5)
    assert (states(task), number(task.next_at)) == (["FAILED", "RUNNING", "PENDING"], 6.3)


def test_retry_starts_no_other_subtask() -> None:
    """Between a failure and its retry at the next tick no other subtask starts."""
    task = start_task(step(1, FAILS, HANGS, retries=1), step(2), concurrency=1)
    assert story(task) == [(1, "1 RUNNING"), (1.5, "1 FAILED"), (2, "1 RUNNING")]


# Step 5: how the task stands


def test_task_runs_while_a_subtask_is_active() -> None:
    """A task with a failure stays RUNNING while another subtask is active.

    Its finishTime is a tick.
    """
    task = start_task(step(1, FAILS), step(2, run(3.2)))
    assert (advance_to(task, 4.2).status, advance_to(task, 4.2).finish_time) == (
        TaskStatus.RUNNING,
        None,
    )
    assert (advance_to(task, 5).status, number(advance_to(task, 5).finish_time)) == (
        TaskStatus.FAILED,
        5,
    )


def test_task_succeeds_when_all_subtasks_do() -> None:
    """SUCCESSFUL at the tick after the last end; then no event follows."""
    task = advance_to(start_task(step(1), step(2)), 60)
    assert (task.status, number(task.finish_time), task.next_at) == (TaskStatus.SUCCESSFUL, 2, None)


# finishTime


def test_ready_removes_the_finish_time() -> None:
    """A subtask's finishTime is set at its end, removed by READY, and set again."""
    task = start_task(step(1, FAILS, WORKS))
    retried = command(task, 2, "retryTask")
    moments = [advance_to(task, 1.5), retried, advance_to(retried, 3), advance_to(retried, 3.5)]
    assert [number(each.subtasks[0].finish_time) for each in moments] == [1.5, None, None, 3.5]


def test_rollback_removes_the_finish_time() -> None:
    """A SUCCESSFUL subtask that becomes READY for its rollback loses its finishTime."""
    task = command(start_task(step(1), step(2, FAILS, after=(1,))), 4, "rollbackTask")
    moments = [task, advance_to(task, 5.5), advance_to(task, 6), advance_to(task, 7.5)]
    assert [number(each.subtasks[0].finish_time) for each in moments] == [1.5, 1.5, None, 7.5]


@pytest.mark.parametrize(
    ("name", "subtask_id"),
    [("retryTask", None), ("rollbackTask", None), ("retrySubtask", 1), ("skipSubtask", 1)],
)
def test_commands_remove_the_finish_time_of_the_task(name: str, subtask_id: int | None) -> None:
    """A command that makes a task RUNNING removes its finishTime; the next end sets it again."""
    task = start_task(step(1, FAILS, WORKS))
    after = command(task, 2.4, name, subtask_id)
    assert (number(advance_to(task, 2.4).finish_time), after.finish_time) == (2, None)
    again = advance_to(after, 60).finish_time
    assert again is not None
    assert again > second(2.4)


# Commands


def test_retry_task_ignores_the_limit() -> None:
    """Each FAILED subtask becomes READY, RETRY, runTime + 1, whatever the limit.

    The task's operation is RETRY.
    """
    before = replace(
        advance_to(start_task(step(1, FAILS), step(2, FAILS), step(3, after=(1,))), 2),
        concurrency=1,
    )
    task = command(before, 2, "retryTask")
    assert states(task) == ["READY", "READY", "PENDING"]
    assert [subtask.run_time for subtask in task.subtasks] == [2, 2, 1]
    assert states(advance_to(task, 3)) == ["RUNNING", "RUNNING", "PENDING"]
    assert (task.status, task.operation) == (TaskStatus.RUNNING, Operation.RETRY)


def test_retry_subtask_keeps_run_time() -> None:
    """READY, RETRY, runTime unchanged; the task's operation stays."""
    task = command(start_task(step(1, FAILS), step(2, FAILS)), 2, "retrySubtask", 2)
    second_one = task.subtasks[1]
    assert states(task) == ["FAILED", "READY"]
    assert (second_one.operation, second_one.run_time) == (Operation.RETRY, 1)
    assert (task.status, task.operation) == (TaskStatus.RUNNING, Operation.EXECUTE)


@pytest.mark.parametrize(
    ("name", "subtask_id"), [("retrySubtask", 1), ("skipSubtask", 1), ("cancelSubtask", 3)]
)
def test_command_keeps_other_executions(name: str, subtask_id: int) -> None:
    """Other executions end when they would have ended."""
    task = start_task(step(1, FAILS, HANGS), step(2, run(4.2)), step(3, HANGS))
    assert (5.2, "2 SUCCESSFUL") in story(command(task, 3.7, name, subtask_id))


def test_retry_subtask_while_others_run() -> None:
    """A subtask can be retried while others run, even beyond the limit."""
    task = start_task(step(1, FAILS, HANGS), step(2, HANGS), concurrency=2)
    task = replace(advance_to(task, 1.5), concurrency=1)
    assert states(advance_to(command(task, 1.7, "retrySubtask", 1), 2)) == ["RUNNING", "RUNNING"]


def test_only_retry_task_counts_run_time() -> None:
    """Retrying the task increases runTime, retrying the subtask does not."""
    task = command(start_task(step(1, FAILS)), 2, "retryTask")
    task = command(task, 4, "retrySubtask", 1)
    task = command(task, 6, "retryTask")
    assert (task.subtasks[0].run_time, len(advance_to(task, 60).subtasks[0].executions)) == (3, 4)


def test_no_retry_in_a_rollback() -> None:
    """After a failed rollback, neither retry is allowed.

    The error has the id acted on and ROLLBACK.
    """
    task = command(start_task(step(1, FAILS, rollbacks=(FAILS,))), 2, "rollbackTask")
    assert command_error(task, 60, "retryTask") == (ErrorKind.WRONG_STATE, ("1000", "ROLLBACK"))
    assert command_error(task, 60, "retrySubtask", 1) == (ErrorKind.WRONG_STATE, ("1", "ROLLBACK"))


# Rollback


def diamond(**rollbacks: tuple[Run, ...]) -> Task:
    """Build a task where 1 forks to 2 and 3, which join in 4.

    The last one fails at 5.5, the task at 6.
    """
    return start_task(
        step(1, rollbacks=rollbacks.get("first", (WORKS,))),
        step(2, after=(1,), rollbacks=rollbacks.get("second", (WORKS,))),
        step(3, after=(1,), rollbacks=rollbacks.get("third", (WORKS,))),
        step(4, FAILS, after=(2, 3)),
    )


def test_rollback_runs_in_reverse_order() -> None:
    """A subtask is rolled back when its downstreams are PENDING, and ends PENDING."""
    assert story(diamond())[-1] == (6, "task FAILED")
    task = command(diamond(), 9.2, "rollbackTask")
    assert states(task) == ["SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL", "READY"]
    assert {Operation.ROLLBACK} == {
        task.operation,
        *(subtask.operation for subtask in task.subtasks),
    }
    expected = [
        (10, "4 RUNNING"),
        (10.5, "4 PENDING"),
        (11, "2 READY"),
        (11, "3 READY"),
        (12, "2 RUNNING"),
        (12, "3 RUNNING"),
        (12.5, "2 PENDING"),
        (12.5, "3 PENDING"),
        (13, "1 READY"),
        (14, "1 RUNNING"),
        (14.5, "1 PENDING"),
        (15, "task SUCCESSFUL"),
    ]
    assert expected == story(task)
    after = advance_to(task, 60)
    assert [number(subtask.finish_time) for subtask in after.subtasks] == [14.5, 12.5, 12.5, 10.5]
    assert [subtask.run_time for subtask in after.subtasks] == [1, 1, 1, 1]


def test_rollback_keeps_pending_subtasks() -> None:
    """A subtask that never ran stays PENDING, EXECUTE, without times."""
    task = start_task(step(1, FAILS), step(2, after=(1,)))
    after = advance_to(command(task, 2, "rollbackTask"), 60)
    assert task.subtasks[1] == after.subtasks[1]
    assert (after.status, after.operation) == (TaskStatus.SUCCESSFUL, Operation.ROLLBACK)


def test_failed_rollback_continues_when_repeated() -> None:
    """A rollback stops at a failure, and goes on from there when it is called again."""
    task = command(diamond(second=(FAILS, WORKS)), 9, "rollbackTask")
    stopped = advance_to(task, 60)
    assert (states(stopped), stopped.status) == (
        ["SUCCESSFUL", "FAILED", "PENDING", "PENDING"],
        TaskStatus.FAILED,
    )
    assert number(stopped.finish_time) == 13
    again = command(stopped, 70, "rollbackTask")
    assert states(again) == ["SUCCESSFUL", "READY", "PENDING", "PENDING"]
    expected = [
        (71, "2 RUNNING"),
        (71.5, "2 PENDING"),
        (72, "1 READY"),
        (73, "1 RUNNING"),
        (73.5, "1 PENDING"),
        (74, "task SUCCESSFUL"),
    ]
    assert expected == story(again, 90)


def test_rollback_starts_with_the_last_subtasks() -> None:
    """READY at once are executed subtasks whose downstreams were all PENDING before the command."""
    task = start_task(step(1), step(2, FAILS, after=(1,)), step(3, after=(2,)), step(4))
    assert states(command(task, 6, "rollbackTask")) == ["SUCCESSFUL", "READY", "PENDING", "READY"]


def test_rollback_obeys_the_limit() -> None:
    """In a rollback the engine keeps the limit, too; the command itself ignores it."""
    task = start_task(step(1), step(2), step(3, FAILS, after=(1, 2)), concurrency=1)
    failed = advance_to(task, 60)
    back = command(failed, 60, "rollbackTask")
    expected = [
        (61, "3 RUNNING"),
        (61.5, "3 PENDING"),
        (62, "1 READY"),
        (63, "1 RUNNING"),
        (63.5, "1 PENDING"),
    ]
    assert expected == story(back, 63.5)
    assert story(back, 64)[-1] == (64, "2 READY")


def test_no_subtask_becomes_ready_above_the_limit() -> None:
    """A rollback may start more subtasks than the limit.

    Until enough have ended, no other becomes READY.
    """
    hang = [step(i, rollbacks=(HANGS,)) for i in (3, 4)]
    task = advance_to(
        start_task(step(1), step(2), *hang, step(5, FAILS, after=(1, 2), rollbacks=(FAILS,))), 60
    )
    task = command(replace(task, concurrency=1), 60, "rollbackTask")
    assert states(advance_to(task, 61)) == [
        "SUCCESSFUL",
        "SUCCESSFUL",
        "RUNNING",
        "RUNNING",
        "RUNNING",
    ]
    task = command(task, 62, "skipSubtask", 5)
    assert states(advance_to(task, 99)) == [
        "SUCCESSFUL",
        "SUCCESSFUL",
        "RUNNING",
        "RUNNING",
        "PENDING",
    ]


def test_skip_in_a_rollback() -> None:
    """Skipping a failed rollback leaves the subtask PENDING with finishTime.

    The rollback goes on in the same tick.
    """
    task = command(diamond(second=(FAILS,)), 9, "rollbackTask")
    task = command(task, 20, "skipSubtask", 2)
    assert (task.status, task.operation) == (TaskStatus.RUNNING, Operation.ROLLBACK)
    expected = [
        (21, "1 READY"),
        (21, "2 PENDING"),
        (22, "1 RUNNING"),
        (22.5, "1 PENDING"),
        (23, "task SUCCESSFUL"),
    ]
    assert expected == sorted(story(task))
    after = advance_to(task, 60).subtasks[1]
    assert (after.operation, number(after.finish_time)) == (Operation.SKIP, 21)
    assert executions(advance_to(task, 60), 2)[-1] == ("SKIP", 21, 21, "PENDING")


def test_cancel_in_a_rollback() -> None:
    """A rollback execution can be canceled.

    The rollback has then failed and can be called again.
    """
    task = command(start_task(step(1, FAILS, rollbacks=(HANGS, WORKS))), 2, "rollbackTask")
    task = command(task, 3.5, "cancelSubtask", 1)
    assert story(task) == [(4, "1 FAILED"), (4, "task FAILED")]
    assert (5.5, "1 PENDING") in story(command(task, 4, "rollbackTask"))


def test_rollback_of_a_prohibiting_task_is_rejected() -> None:
    """The error has the task's id, and nothing changes."""
    task = advance_to(start_task(step(1, FAILS), prohibit_rollback=True), 60)
    assert command_error(task, 60, "rollbackTask") == (ErrorKind.ROLLBACK_PROHIBITED, ("1000",))
    assert task is advance_to(task, 60)


@pytest.mark.parametrize(
    ("at", "prohibited"), [(0, False), (1, False), (2, False), (3, True), (60, True)]
)
def test_started_subtask_prohibits_the_rollback(at: float, prohibited: bool) -> None:
    """A subtask prohibits the rollback when it has left PENDING and READY: here RUNNING at 3."""
    task = advance_to(start_task(step(1), step(2, FAILS, after=(1,), prohibit_rollback=True)), at)
    assert prohibited == task.rollback_prohibited


def test_pending_subtask_prohibits_no_rollback() -> None:
    """A subtask that never started prohibits nothing."""
    task = start_task(step(1, FAILS), step(2, after=(1,), prohibit_rollback=True))
    assert TaskStatus.SUCCESSFUL is advance_to(command(task, 2, "rollbackTask"), 60).status


def test_executed_subtask_prohibits_the_rollback() -> None:
    """An executed subtask that declares it prohibits the rollback of the whole task."""
    task = start_task(step(1, prohibit_rollback=True), step(2, FAILS, after=(1,)))
    assert command_error(task, 60, "rollbackTask") == (ErrorKind.ROLLBACK_PROHIBITED, ("1000",))


# History


def history(**more: Any) -> Task:
    """Build a task of the past: 1 hangs since long ago, 2 has failed."""
    ran: dict[str, Any] = {"start_time": second(-100), "executor": "10.0.0.1"}
    hangs = Execution(Operation.EXECUTE, run(4), second(-100))
    failed = Execution(Operation.EXECUTE, FAILS, second(-100), second(-99.5), SubtaskStatus.FAILED)
    return Task(
        id=1000,
        name="Prepare host",
        create_time=second(-101),
        subtasks=(
            replace(
                step(1, run(4)), status=SubtaskStatus.RUNNING, executions=(hangs,), **ran, **more
            ),
            replace(
                step(2, FAILS, WORKS),
                status=SubtaskStatus.FAILED,
                executions=(failed,),
                finish_time=second(-99.5),
                **ran,
            ),
        ),
    )


def test_history_does_not_move() -> None:
    """Before its first command, nothing happens to a task that is history."""
    task = history()
    assert task is advance_to(task, 10_000)


def test_history_moves_from_the_first_command() -> None:
    """A RUNNING subtask takes its time, counted from the command."""
    task = command(history(), 50.3, "retrySubtask", 2)
    expected = [
        (51, "2 RUNNING"),
        (51.5, "2 SUCCESSFUL"),
        (54.3, "1 SUCCESSFUL"),
        (55, "task SUCCESSFUL"),
    ]
    assert expected == story(task, 90)
    assert executions(advance_to(task, 90)) == [("EXECUTE", -100, 54.3, "SUCCESSFUL")]


def test_history_times_out_from_the_first_command() -> None:
    """The timeout of a RUNNING subtask counts from the command, too."""
    task = command(history(timeout_s=3), 50.3, "skipSubtask", 2)
    assert (53.3, "1 FAILED") in story(task, 90)
