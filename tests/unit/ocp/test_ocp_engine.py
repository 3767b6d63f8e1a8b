"""The task engine, one example for each of its rules, with exact times.

A story is a list of (seconds since the clock's start, what changed), as told by `story`.
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
Told = list[tuple[float, str]]


def second(number: float) -> datetime:
    """The moment so many seconds after the clock's start."""
    return START + timedelta(milliseconds=round(number * 1000))


def number(moment: datetime | None) -> float | None:
    """The reverse of `second`."""
    return None if moment is None else (moment - START) / timedelta(seconds=1)


def run(takes: float | None = 0.5, ends: str = "SUCCESSFUL") -> Run:
    """What one execution will do."""
    return Run(None if takes is None else timedelta(seconds=takes), SubtaskStatus(ends))


FAILS, WORKS, HANGS = run(ends="FAILED"), run(), run(NEVER)


def step(subtask_id: int, *runs: Run, after: tuple[int, ...] = (), **more: Any) -> Subtask:
    """A subtask that has not begun."""
    return Subtask(
        id=subtask_id,
        name=f"Step {subtask_id}",
        series_id=subtask_id,
        create_time=START,
        upstreams=after,
        **({"runs": runs or (WORKS,), "rollbacks": (WORKS,)} | more),
    )


def started(*steps: Subtask, at: float = 0, **more: Any) -> Task:
    """A task that begins at a second; its subtasks know their downstreams."""
    linked = tuple(
        replace(s, downstreams=tuple(o.id for o in steps if s.id in o.upstreams)) for s in steps
    )
    return begin(
        Task(id=1000, name="Prepare host", create_time=START, subtasks=linked, **more),
        second(at),
        START,
    )


def look(task: Task, at: float) -> Task:
    """The task at a second."""
    return advance(task, second(at), START)


def command(task: Task, at: float, name: str, subtask_id: int | None = None) -> Task:
    """The task after a command at a second, up to which it is advanced."""
    return apply_to_task(look(task, at), Command(name, task.id, subtask_id, second(at)), START)


def refusal(
    task: Task, at: float, name: str, subtask_id: int | None = None
) -> tuple[ErrorKind, tuple[str, ...]]:
    """Why a command at a second is refused."""
    with pytest.raises(OcpError) as caught:
        command(task, at, name, subtask_id)
    return caught.value.kind, caught.value.params


def states(task: Task) -> list[str]:
    """The status of each subtask."""
    return [subtask.status.value for subtask in task.subtasks]


def story(task: Task, until: float = 60) -> Told:
    """What happens to a task until a second: the changes of status, at each instant in the order of the series."""
    told: Told = []
    while task.next_at is not None and task.next_at <= second(until):
        after = advance(task, task.next_at, START)
        told += ((number(task.next_at) or 0.0, change) for change in changes(task, after))
        task = after
    return told


def changes(before: Task, after: Task) -> Iterator[str]:
    """The subtasks and the task whose status is another, or that execute anew."""
    for old, new in zip(before.subtasks, after.subtasks, strict=True):
        if (old.status, len(old.executions)) != (new.status, len(new.executions)):
            yield f"{new.id} {new.status.value}"
    if before.status is not after.status:
        yield f"task {after.status.value}"


def executions(
    task: Task, subtask_id: int = 1
) -> list[tuple[str, float | None, float | None, str | None]]:
    """The executions of a subtask: operation, start, end, outcome."""
    return [
        (e.operation.value, number(e.started), number(e.ended), e.outcome and e.outcome.value)
        for e in task.subtask(subtask_id).executions
    ]


# A task begins


def test_birth() -> None:
    """A task begins at its `at`: createTime and startTime, RUNNING, EXECUTE, no finishTime."""
    task = started(step(1), at=-2.5)
    assert (number(task.create_time), number(task.start_time), task.finish_time) == (
        -2.5,
        -2.5,
        None,
    )
    assert (task.status, task.operation) == (TaskStatus.RUNNING, Operation.EXECUTE)


def test_birth_of_subtasks() -> None:
    """Subtasks begin with operation EXECUTE and runTime 1, not started, finished or executed."""
    only = started(step(1), step(2, after=(1,))).subtasks[1]
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
    task = started(step(9), step(5, after=(9,)), step(3), step(1), concurrency=2)
    assert states(task) == ["READY", "PENDING", "READY", "PENDING"]


@pytest.mark.parametrize(("at", "first"), [(0, 1), (0.3, 1), (1, 2), (-2.5, -2), (-1, 0)])
def test_ticks_are_whole_seconds_from_the_clocks_start(at: float, first: float) -> None:
    """Ticks count from the clock's start, before it too; the first that a task sees is later than its birth."""
    assert [(first, "1 RUNNING")] == story(started(step(1, HANGS), at=at))


def test_a_whole_story() -> None:
    """READY at one tick, RUNNING at the next, the end off the tick, and the task's own end at a tick."""
    task = started(step(1, run(1.2)), step(2, run(0.7), after=(1,)))
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
def test_an_execution_ends_when_it_has_taken_its_time(ends: str) -> None:
    """The end of an execution is at its start + `takes`, with finishTime."""
    task = look(started(step(1, run(1.3, ends))), 2.3)
    assert [ends] == states(task)
    assert number(task.subtasks[0].finish_time) == 2.3
    assert [("EXECUTE", 1, 2.3, ends)] == executions(task)


def test_timeout() -> None:
    """An execution FAILS `timeout` seconds after its start."""
    task = look(started(step(1, HANGS, timeout_s=2)), 3)
    assert executions(task) == [("EXECUTE", 1, 3, "FAILED")]
    assert Cause.TIMEOUT is task.subtasks[0].executions[0].cause


def test_no_timeout() -> None:
    """A timeout of 0 means never: such an execution hangs, and nothing is due for its task any more."""
    task = look(started(step(1, HANGS)), 10_000)
    assert (states(task), task.next_at) == (["RUNNING"], None)


def test_timeout_is_of_this_execution() -> None:
    """A second execution has the whole time again."""
    task = look(started(step(1, HANGS, timeout_s=2, retries=1)), 60)
    assert executions(task) == [("EXECUTE", 1, 3, "FAILED"), ("RETRY", 3, 5, "FAILED")]


def test_timeout_stops_a_rollback() -> None:
    """A rollback that hangs is FAILED by the timeout as well."""
    task = command(started(step(1, FAILS, timeout_s=3, rollbacks=(HANGS,))), 2, "rollbackTask")
    assert story(task) == [(3, "1 RUNNING"), (6, "1 FAILED"), (6, "task FAILED")]


# The order at one instant


def test_end_comes_before_timeout() -> None:
    """An execution that ends at the very moment of its timeout has ended by itself."""
    task = look(started(step(1, run(2), timeout_s=2)), 3)
    assert executions(task) == [("EXECUTE", 1, 3, "SUCCESSFUL")]
    assert Cause.NONE is task.subtasks[0].executions[0].cause


def test_end_comes_before_tick() -> None:
    """A tick sees what ended at its own moment."""
    assert (2, "2 READY") in story(started(step(1, run(1)), step(2, after=(1,))))


def test_timeout_comes_before_tick() -> None:
    """A tick sees what timed out at its own moment: here it ends the task."""
    assert (2, "task FAILED") in story(started(step(1, HANGS, timeout_s=1)))


def test_tick_comes_before_command() -> None:
    """A command at the moment of a tick finds what the tick did, and what it readies waits for the next tick."""
    task = command(started(step(1, FAILS, WORKS)), 2, "retryTask")
    assert states(task) == ["READY"]
    assert story(task) == [(3, "1 RUNNING"), (3.5, "1 SUCCESSFUL"), (4, "task SUCCESSFUL")]


def test_execution_that_takes_no_time() -> None:
    """It ends at the tick that started it, after that tick: what follows waits for the next one."""
    task = started(step(1, run(0)), step(2, run(0), after=(1,)))
    expected = [(1, "1 SUCCESSFUL"), (2, "2 READY"), (3, "2 SUCCESSFUL"), (4, "task SUCCESSFUL")]
    told = story(task)
    assert expected == [each for each in told if "RUNNING" not in each[1]]
    assert executions(look(task, 1)) == [("EXECUTE", 1, 1, "SUCCESSFUL")]


# Step 1 of a tick: CANCELING


def test_cancel_fails_at_the_tick() -> None:
    """CANCELING at once, FAILED at the next tick with operation CANCEL; finishTime is that tick."""
    task = command(started(step(1, HANGS)), 1.2, "cancelSubtask", 1)
    assert states(task) == ["CANCELING"]
    after = look(task, 2)
    assert (states(after), after.subtasks[0].operation) == (["FAILED"], Operation.CANCEL)
    assert (number(after.subtasks[0].finish_time), after.subtasks[0].executions[0].cause) == (
        2,
        Cause.CANCELED,
    )
    assert executions(after) == [("EXECUTE", 1, 2, "FAILED")]


def test_cancel_makes_the_end_of_the_execution_not_count() -> None:
    """An execution that would have ended, or timed out, before the tick is CANCELING until the tick."""
    task = command(started(step(1, run(0.5))), 1.2, "cancelSubtask", 1)
    assert story(task) == [(2, "1 FAILED"), (2, "task FAILED")]


def test_cancel_ends_the_task_at_the_same_tick() -> None:
    """Step 1 comes before step 5: the tick that fails the subtask ends its task too."""
    task = look(command(started(step(1, HANGS)), 1, "cancelSubtask", 1), 2)
    assert (task.status, number(task.finish_time)) == (TaskStatus.FAILED, 2)


def test_cancelled_is_not_retried() -> None:
    """The engine retries by itself what failed, not what somebody cancelled."""
    task = look(command(started(step(1, HANGS, retries=2)), 1, "cancelSubtask", 1), 60)
    assert (states(task), task.subtasks[0].run_time) == (["FAILED"], 1)


def test_cancelled_can_be_retried_by_hand() -> None:
    """A retry by hand makes it RETRY, after which the engine's own retries go on."""
    task = command(started(step(1, HANGS, FAILS, WORKS, retries=1)), 1, "cancelSubtask", 1)
    task = look(command(task, 2, "retrySubtask", 1), 60)
    expected = [
        ("EXECUTE", 1, 2, "FAILED"),
        ("RETRY", 3, 3.5, "FAILED"),
        ("RETRY", 4, 4.5, "SUCCESSFUL"),
    ]
    assert expected == executions(task)


# Step 2: retries


def test_engine_retries() -> None:
    """What FAILED is READY and RUNNING again in one tick, RETRY, runTime + 1."""
    task = look(started(step(1, FAILS, HANGS, retries=1)), 2)
    only = task.subtasks[0]
    assert (states(task), only.operation, only.run_time) == (["RUNNING"], Operation.RETRY, 2)
    assert executions(task) == [("EXECUTE", 1, 1.5, "FAILED"), ("RETRY", 2, None, None)]


def test_engine_retry_removes_the_finish_time() -> None:
    """A retry by the engine itself is READY in between, too: no finishTime until the next end."""
    task = started(step(1, FAILS, WORKS, retries=1))
    assert [number(look(task, at).subtasks[0].finish_time) for at in (1.5, 2, 2.5)] == [
        1.5,
        None,
        2.5,
    ]


def test_engine_retries_so_many_times() -> None:
    """`retries` executions come after the first; then the task fails."""
    task = look(started(step(1, FAILS, retries=2)), 60)
    assert [operation for operation, *_ in executions(task)] == ["EXECUTE", "RETRY", "RETRY"]
    assert (task.subtasks[0].run_time, task.status, number(task.finish_time)) == (
        3,
        TaskStatus.FAILED,
        4,
    )


def test_engine_retries_beside_another_failure() -> None:
    """A subtask that has failed for good does not keep the engine from retrying another."""
    task = look(started(step(1, FAILS), step(2, FAILS, WORKS, retries=1)), 60)
    assert (states(task), task.status) == (["FAILED", "SUCCESSFUL"], TaskStatus.FAILED)


def test_engine_does_not_retry_a_rollback() -> None:
    """Retries are for EXECUTE and RETRY: a rollback that failed stays FAILED."""
    task = command(started(step(1, FAILS, retries=1, rollbacks=(FAILS,))), 4, "rollbackTask")
    assert story(task) == [(5, "1 RUNNING"), (5.5, "1 FAILED"), (6, "task FAILED")]


# Step 3: READY to RUNNING


def test_executor() -> None:
    """A subtask gets its executor when it starts, not before."""
    task = started(step(1), executor="10.0.0.7")
    assert [look(task, at).subtasks[0].executor for at in (0.9, 1)] == [None, "10.0.0.7"]


def test_start_time_is_kept() -> None:
    """startTime is that of the first execution, whatever comes after."""
    task = started(step(1, FAILS, HANGS, retries=1))
    assert [number(look(task, at).subtasks[0].start_time) for at in (1, 9)] == [1, 1]


def test_runs_are_played_in_order() -> None:
    """EXECUTE and RETRY play `runs` in order; the last one repeats."""
    task = look(started(step(1, run(0.2, "FAILED"), run(0.3, "FAILED"), retries=2)), 60)
    assert [ended for _, _, ended, _ in executions(task)] == [1.2, 2.3, 3.3]


def test_rollbacks_are_played_in_order() -> None:
    """ROLLBACK plays `rollbacks` in order, from the first, however many runs there were."""
    task = started(step(1, FAILS, rollbacks=(run(0.2, "FAILED"), run(0.3))))
    task = look(command(command(task, 2, "rollbackTask"), 4, "rollbackTask"), 60)
    expected = [
        ("EXECUTE", 1, 1.5, "FAILED"),
        ("ROLLBACK", 3, 3.2, "FAILED"),
        ("ROLLBACK", 5, 5.3, "PENDING"),
    ]
    assert expected == executions(task)


def test_skip_ends_in_the_same_tick() -> None:
    """SKIP is SUCCESSFUL at the tick that starts it, so its downstream is READY at that tick."""
    task = command(started(step(1, FAILS), step(2, after=(1,))), 2, "skipSubtask", 1)
    assert states(task) == ["READY", "PENDING"]
    after = look(task, 3)
    assert states(after) == ["SUCCESSFUL", "READY"]
    first = after.subtasks[0]
    assert (first.operation, number(first.start_time), number(first.finish_time)) == (
        Operation.SKIP,
        1,
        3,
    )
    assert executions(after) == [("EXECUTE", 1, 1.5, "FAILED"), ("SKIP", 3, 3, "SUCCESSFUL")]


def test_skip_uses_up_no_run() -> None:
    """A skip plays none of the runs: the retry of another kind goes on where the runs were."""
    task = started(step(1, FAILS, HANGS), step(2, FAILS, run(0.3), run(0.4)))
    task = command(command(task, 2, "skipSubtask", 1), 2, "retrySubtask", 2)
    assert executions(look(task, 60), 2) == [
        ("EXECUTE", 1, 1.5, "FAILED"),
        ("RETRY", 3, 3.3, "SUCCESSFUL"),
    ]


# Step 4: who is next


def test_waits_for_all_upstreams() -> None:
    """A subtask is READY only when all its upstreams are SUCCESSFUL."""
    task = started(step(1, run(0.5)), step(2, run(2.5)), step(3, after=(1, 2)))
    assert story(task)[3:5] == [(3.5, "2 SUCCESSFUL"), (4, "3 READY")]


def test_limit() -> None:
    """READY and RUNNING count against the limit; the next in the series takes the place of what has ended."""
    task = started(step(1, run(1.5)), step(2, HANGS), step(3, HANGS), step(4, HANGS), concurrency=2)
    expected = [
        (1, "1 RUNNING"),
        (1, "2 RUNNING"),
        (2.5, "1 SUCCESSFUL"),
        (3, "3 READY"),
        (4, "3 RUNNING"),
    ]
    assert expected == story(task)


def test_ten_is_the_limit_unless_told() -> None:
    """Ten subtasks of a task are busy at once."""
    assert states(started(*(step(i) for i in range(12)))).count("READY") == 10


def test_a_cancelled_subtask_frees_no_place() -> None:
    """The tick that fails what was cancelled readies nothing, though there is a place: a failure stops the rest."""
    task = started(step(1), step(2, HANGS), step(3), concurrency=2)
    assert states(look(task, 2)) == ["SUCCESSFUL", "RUNNING", "READY"]
    assert states(look(command(task, 1.2, "cancelSubtask", 2), 2)) == [
        "SUCCESSFUL",
        "FAILED",
        "PENDING",
    ]


def test_nothing_new_beside_a_failure() -> None:
    """While a subtask is FAILED no other becomes READY; what is READY or RUNNING goes on."""
    task = started(step(1, FAILS), step(2, run(2.5)), step(3, after=(2,)))
    expected = [
        (1, "1 RUNNING"),
        (1, "2 RUNNING"),
        (1.5, "1 FAILED"),
        (3.5, "2 SUCCESSFUL"),
        (4, "task FAILED"),
    ]
    assert expected == story(task)


def test_nothing_is_due_while_a_failure_stops_the_rest() -> None:
    """A subtask that waits beside a failure makes no tick matter: the next thing to happen is the other's end."""
    task = look(started(step(1, FAILS), step(2, run(5.3)), step(3), concurrency=2), 1.5)
    assert (states(task), number(task.next_at)) == (["FAILED", "RUNNING", "PENDING"], 6.3)


def test_a_retry_takes_no_place_of_the_limit_from_others() -> None:
    """The failure of one execution, retried at the next tick, starts nothing else in between."""
    task = started(step(1, FAILS, HANGS, retries=1), step(2), concurrency=1)
    assert story(task) == [(1, "1 RUNNING"), (1.5, "1 FAILED"), (2, "1 RUNNING")]


# Step 5: how the task stands


def test_task_runs_while_something_is_active() -> None:
    """A task with a failure is RUNNING as long as another subtask is; its finishTime is a tick."""
    task = started(step(1, FAILS), step(2, run(3.2)))
    assert (look(task, 4.2).status, look(task, 4.2).finish_time) == (TaskStatus.RUNNING, None)
    assert (look(task, 5).status, number(look(task, 5).finish_time)) == (TaskStatus.FAILED, 5)


def test_task_is_successful_when_all_are() -> None:
    """SUCCESSFUL when all are, at the tick after the last end; then nothing is due any more."""
    task = look(started(step(1), step(2)), 60)
    assert (task.status, number(task.finish_time), task.next_at) == (TaskStatus.SUCCESSFUL, 2, None)


# finishTime


def test_ready_removes_the_finish_time() -> None:
    """A subtask's finishTime is set at its end, removed by READY, and set again."""
    task = started(step(1, FAILS, WORKS))
    retried = command(task, 2, "retryTask")
    moments = [look(task, 1.5), retried, look(retried, 3), look(retried, 3.5)]
    assert [number(each.subtasks[0].finish_time) for each in moments] == [1.5, None, None, 3.5]


def test_ready_to_be_rolled_back_removes_the_finish_time() -> None:
    """A SUCCESSFUL subtask whose turn it is to be rolled back loses its finishTime, like any that becomes READY."""
    task = command(started(step(1), step(2, FAILS, after=(1,))), 4, "rollbackTask")
    moments = [task, look(task, 5.5), look(task, 6), look(task, 7.5)]
    assert [number(each.subtasks[0].finish_time) for each in moments] == [1.5, 1.5, None, 7.5]


@pytest.mark.parametrize(
    ("name", "subtask_id"),
    [("retryTask", None), ("rollbackTask", None), ("retrySubtask", 1), ("skipSubtask", 1)],
)
def test_commands_remove_the_finish_time_of_the_task(name: str, subtask_id: int | None) -> None:
    """A command that makes a task RUNNING removes its finishTime; the next end sets it anew."""
    task = started(step(1, FAILS, WORKS))
    after = command(task, 2.4, name, subtask_id)
    assert (number(look(task, 2.4).finish_time), after.finish_time) == (2, None)
    again = look(after, 60).finish_time
    assert again is not None
    assert again > second(2.4)


# Commands


def test_retry_task() -> None:
    """Each FAILED subtask is READY, RETRY, runTime + 1, whatever the limit; the task's operation is RETRY."""
    before = replace(
        look(started(step(1, FAILS), step(2, FAILS), step(3, after=(1,))), 2), concurrency=1
    )
    task = command(before, 2, "retryTask")
    assert states(task) == ["READY", "READY", "PENDING"]
    assert [subtask.run_time for subtask in task.subtasks] == [2, 2, 1]
    assert states(look(task, 3)) == ["RUNNING", "RUNNING", "PENDING"]
    assert (task.status, task.operation) == (TaskStatus.RUNNING, Operation.RETRY)


def test_retry_subtask() -> None:
    """READY, RETRY, runTime unchanged; the task's operation stays."""
    task = command(started(step(1, FAILS), step(2, FAILS)), 2, "retrySubtask", 2)
    second_one = task.subtasks[1]
    assert states(task) == ["FAILED", "READY"]
    assert (second_one.operation, second_one.run_time) == (Operation.RETRY, 1)
    assert (task.status, task.operation) == (TaskStatus.RUNNING, Operation.EXECUTE)


@pytest.mark.parametrize(
    ("name", "subtask_id"), [("retrySubtask", 1), ("skipSubtask", 1), ("cancelSubtask", 3)]
)
def test_a_command_leaves_other_executions_alone(name: str, subtask_id: int) -> None:
    """What runs meanwhile ends when it would have ended."""
    task = started(step(1, FAILS, HANGS), step(2, run(4.2)), step(3, HANGS))
    assert (5.2, "2 SUCCESSFUL") in story(command(task, 3.7, name, subtask_id))


def test_retry_subtask_while_others_run() -> None:
    """A subtask is retried while others run, also beyond the limit."""
    task = started(step(1, FAILS, HANGS), step(2, HANGS), concurrency=2)
    task = replace(look(task, 1.5), concurrency=1)
    assert states(look(command(task, 1.7, "retrySubtask", 1), 2)) == ["RUNNING", "RUNNING"]


def test_both_retries_count_differently() -> None:
    """Retrying the task counts an execution, retrying the subtask does not."""
    task = command(started(step(1, FAILS)), 2, "retryTask")
    task = command(task, 4, "retrySubtask", 1)
    task = command(task, 6, "retryTask")
    assert (task.subtasks[0].run_time, len(look(task, 60).subtasks[0].executions)) == (3, 4)


def test_no_retry_in_a_rollback() -> None:
    """After a rollback that failed, neither retry is allowed: refused with the id acted on and ROLLBACK."""
    task = command(started(step(1, FAILS, rollbacks=(FAILS,))), 2, "rollbackTask")
    assert refusal(task, 60, "retryTask") == (ErrorKind.WRONG_STATE, ("1000", "ROLLBACK"))
    assert refusal(task, 60, "retrySubtask", 1) == (ErrorKind.WRONG_STATE, ("1", "ROLLBACK"))


# Rollback


def diamond(**rollbacks: tuple[Run, ...]) -> Task:
    """1 forks to 2 and 3, which join in 4: the last one fails at 5.5, and the task at 6."""
    return started(
        step(1, rollbacks=rollbacks.get("first", (WORKS,))),
        step(2, after=(1,), rollbacks=rollbacks.get("second", (WORKS,))),
        step(3, after=(1,), rollbacks=rollbacks.get("third", (WORKS,))),
        step(4, FAILS, after=(2, 3)),
    )


def test_rollback_runs_in_reverse_order() -> None:
    """Each subtask is rolled back when all its downstreams are PENDING; the end is PENDING with finishTime."""
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
    after = look(task, 60)
    assert [number(subtask.finish_time) for subtask in after.subtasks] == [14.5, 12.5, 12.5, 10.5]
    assert [subtask.run_time for subtask in after.subtasks] == [1, 1, 1, 1]


def test_rollback_leaves_alone_what_is_pending() -> None:
    """What never ran stays as it is: PENDING, EXECUTE, without times."""
    task = started(step(1, FAILS), step(2, after=(1,)))
    after = look(command(task, 2, "rollbackTask"), 60)
    assert task.subtasks[1] == after.subtasks[1]
    assert (after.status, after.operation) == (TaskStatus.SUCCESSFUL, Operation.ROLLBACK)


def test_rollback_that_fails_and_is_called_again() -> None:
    """A rollback stops at a failure, and goes on from there when it is called again."""
    task = command(diamond(second=(FAILS, WORKS)), 9, "rollbackTask")
    stopped = look(task, 60)
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


def test_rollback_readies_only_what_had_nothing_after_it() -> None:
    """READY at once is what has downstreams that were all PENDING before the command, and has left PENDING itself."""
    task = started(step(1), step(2, FAILS, after=(1,)), step(3, after=(2,)), step(4))
    assert states(command(task, 6, "rollbackTask")) == ["SUCCESSFUL", "READY", "PENDING", "READY"]


def test_rollback_obeys_the_limit() -> None:
    """Rolling back, too, READY and RUNNING are never more than the limit; the command itself ignores it."""
    task = started(step(1), step(2), step(3, FAILS, after=(1, 2)), concurrency=1)
    failed = look(task, 60)
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


def test_nothing_new_while_there_is_more_than_the_limit() -> None:
    """A rollback may run more at once than the limit; until enough of it has ended, no other becomes READY."""
    hang = [step(i, rollbacks=(HANGS,)) for i in (3, 4)]
    task = look(
        started(step(1), step(2), *hang, step(5, FAILS, after=(1, 2), rollbacks=(FAILS,))), 60
    )
    task = command(replace(task, concurrency=1), 60, "rollbackTask")
    assert states(look(task, 61)) == ["SUCCESSFUL", "SUCCESSFUL", "RUNNING", "RUNNING", "RUNNING"]
    task = command(task, 62, "skipSubtask", 5)
    assert states(look(task, 99)) == ["SUCCESSFUL", "SUCCESSFUL", "RUNNING", "RUNNING", "PENDING"]


def test_skip_in_a_rollback() -> None:
    """Skipping what failed to roll back leaves it PENDING with finishTime; the rollback goes on in the same tick."""
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
    after = look(task, 60).subtasks[1]
    assert (after.operation, number(after.finish_time)) == (Operation.SKIP, 21)
    assert executions(look(task, 60), 2)[-1] == ("SKIP", 21, 21, "PENDING")


def test_cancel_in_a_rollback() -> None:
    """A rollback execution can be cancelled; the rollback has then failed and can be called again."""
    task = command(started(step(1, FAILS, rollbacks=(HANGS, WORKS))), 2, "rollbackTask")
    task = command(task, 3.5, "cancelSubtask", 1)
    assert story(task) == [(4, "1 FAILED"), (4, "task FAILED")]
    assert (5.5, "1 PENDING") in story(command(task, 4, "rollbackTask"))


def test_declared_prohibition() -> None:
    """A task that declares it is not rolled back: refused with the task's id, and nothing changes."""
    task = look(started(step(1, FAILS), prohibit_rollback=True), 60)
    assert refusal(task, 60, "rollbackTask") == (ErrorKind.ROLLBACK_PROHIBITED, ("1000",))
    assert task is look(task, 60)


@pytest.mark.parametrize(
    ("at", "prohibited"), [(0, False), (1, False), (2, False), (3, True), (60, True)]
)
def test_prohibition_by_a_subtask(at: float, prohibited: bool) -> None:
    """A subtask prohibits the rollback of its task from when it has left PENDING and READY: here RUNNING at 3."""
    task = look(started(step(1), step(2, FAILS, after=(1,), prohibit_rollback=True)), at)
    assert prohibited == task.rollback_prohibited


def test_prohibition_by_a_subtask_that_never_ran() -> None:
    """A subtask that was never reached prohibits nothing."""
    task = started(step(1, FAILS), step(2, after=(1,), prohibit_rollback=True))
    assert TaskStatus.SUCCESSFUL is look(command(task, 2, "rollbackTask"), 60).status


def test_prohibition_by_a_subtask_that_ran() -> None:
    """A subtask that ran and declares it prohibits the rollback of the whole task."""
    task = started(step(1, prohibit_rollback=True), step(2, FAILS, after=(1,)))
    assert refusal(task, 60, "rollbackTask") == (ErrorKind.ROLLBACK_PROHIBITED, ("1000",))


# History


def history(**more: Any) -> Task:
    """A task of the past: 1 hangs since long ago, 2 has failed."""
    ran = {"start_time": second(-100), "executor": "10.0.0.1"}
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


def test_history_stands_still() -> None:
    """To a task that is history nothing happens until somebody gives a command."""
    task = history()
    assert task is look(task, 10_000)


def test_history_moves_from_the_first_command() -> None:
    """From then on what was RUNNING takes its time, counted from the command."""
    task = command(history(), 50.3, "retrySubtask", 2)
    expected = [
        (51, "2 RUNNING"),
        (51.5, "2 SUCCESSFUL"),
        (54.3, "1 SUCCESSFUL"),
        (55, "task SUCCESSFUL"),
    ]
    assert expected == story(task, 90)
    assert executions(look(task, 90)) == [("EXECUTE", -100, 54.3, "SUCCESSFUL")]


def test_history_times_out_from_the_first_command() -> None:
    """The timeout of what was RUNNING counts from the command too."""
    task = command(history(timeout_s=3), 50.3, "skipSubtask", 2)
    assert (53.3, "1 FAILED") in story(task, 90)
