"""What is true of a task that a tester has put into a state, whatever was done with it before and after."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from hypothesis import event, given
from hypothesis import strategies as st

from engine_plans import AIMS, ORIGIN, begun, moment, plans, slots, target_of, task_of, try_command
from naive_engine import Plan
from understudy.ocp import (
    SubtaskStatus,
    Task,
    TaskStatus,
    advance,
    find_contradictions,
    force_subtask,
    force_task,
    render_log,
    task_from_record,
    task_to_record,
)

FORCES = st.one_of(
    st.sampled_from(TaskStatus).map(lambda status: (None, status)),
    st.tuples(st.integers(0, 6), st.sampled_from(SubtaskStatus)),
)
Force = tuple[int | None, TaskStatus | SubtaskStatus]
Steps = list[tuple[int, tuple[str, int] | None, Force | None]]
STEPS: st.SearchStrategy[Steps] = st.lists(
    st.tuples(st.sampled_from(slots(0, 4)), st.none() | AIMS, st.none() | FORCES), max_size=6
)


def forced(task: Task, plan: Plan, force: Force, now: int) -> tuple[Task, str, str]:
    """Give the task, the status that was asked for, and the one that it has."""
    number, status = force
    if isinstance(status, TaskStatus):
        task = force_task(task, status, moment(now), ORIGIN)
        return task, status.value, task.status.value
    subtask_id = plan.nodes[(number or 0) % len(plan.nodes)].id
    task = force_subtask(task, subtask_id, status, moment(now), ORIGIN)
    subtask = task.subtask(subtask_id)
    assert subtask is not None
    return task, status.value, subtask.status.value


def told(plan: Plan, steps: Steps) -> tuple[Task, int]:
    """Give the task and the moment after all steps; each forced status is what was asked for."""
    task, now = begun(plan), plan.at
    for wait, aim, force in steps:
        now += wait
        task = advance(task, moment(now), ORIGIN)
        if force is not None:
            task, wanted, found = forced(task, plan, force, now)
            event(f"forced {wanted}")
            assert found == wanted
        if aim is not None:
            task = try_command(task, aim[0], target_of(plan, *aim), now)
        assert list(find_contradictions(task)) == []
    return task, now


def times(task: Task) -> list[datetime]:
    return [
        at
        for subtask in task.subtasks
        for at in (subtask.start_time, subtask.finish_time)
        if at is not None
    ]


@given(plans(), STEPS)
def test_a_forced_task_contradicts_nothing(plan: Plan, steps: Steps) -> None:
    """Not when it is forced, nor later; nothing has happened after now; it goes on to an end or stands still."""
    task, now = told(plan, steps)
    assert all(at <= moment(now) for at in times(task))
    for subtask in task.subtasks:
        assert (subtask.status in (SubtaskStatus.FAILED, SubtaskStatus.SUCCESSFUL)) <= (
            subtask.finish_time is not None
        )
        for earlier, later in pairwise(subtask.executions):
            assert earlier.ended is not None
            assert earlier.started <= earlier.ended <= later.started
    for seconds in (1, 2, 5, 60):
        task = advance(task, moment(now + 1000 * seconds), ORIGIN)
        assert list(find_contradictions(task)) == []


@given(plans(), STEPS, st.integers(0, 6_000), st.integers(0, 6_000))
def test_looking_in_between_changes_nothing(
    plan: Plan, steps: Steps, first: int, second: int
) -> None:
    """A forced task is advanced in two steps as in one."""
    task, now = told(plan, steps)
    middle, end = moment(now + first), moment(now + first + second)
    assert advance(task, end, ORIGIN) == advance(advance(task, middle, ORIGIN), end, ORIGIN)


@given(plans(), STEPS)
def test_a_checkpoint_keeps_a_forced_task(plan: Plan, steps: Steps) -> None:
    """What was made up is written down as well."""
    task, _ = told(plan, steps)
    assert task_from_record(replace(task_of(plan), id=task.id), task_to_record(task)) == task


@given(plans(), STEPS)
def test_logs_of_a_forced_task_can_be_read(plan: Plan, steps: Steps) -> None:
    """Also those of executions that took no time."""
    task, now = told(plan, steps)
    for subtask in task.subtasks:
        assert isinstance(render_log(subtask, moment(now)), str)


@given(plans(), STEPS, st.sampled_from([TaskStatus.FAILED, TaskStatus.SUCCESSFUL]))
def test_a_task_that_was_ended_stays_so(plan: Plan, steps: Steps, status: TaskStatus) -> None:
    """The engine's own retries do not bring it back."""
    task, now = told(plan, steps)
    task = force_task(advance(task, moment(now), ORIGIN), status, moment(now), ORIGIN)
    if task.finish_time == moment(now):
        assert advance(task, moment(now + 3_600_000), ORIGIN) == task
