"""Properties of forced states, with any commands before and after."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from hypothesis import event, given
from hypothesis import strategies as st

from engine_plans import (
    AIMS,
    ORIGIN,
    begin_task,
    build_task,
    moment,
    plans,
    slots,
    target_id,
    try_command,
)
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


def force_status(task: Task, plan: Plan, force: Force, now: int) -> tuple[Task, str, str]:
    """Return the task, the requested status and the actual one."""
    number, status = force
    if isinstance(status, TaskStatus):
        task = force_task(task, status, moment(now), ORIGIN)
        return task, status.value, task.status.value
    subtask_id = plan.nodes[(number or 0) % len(plan.nodes)].id
    task = force_subtask(task, subtask_id, status, moment(now), ORIGIN)
    subtask = task.subtask(subtask_id)
    assert subtask is not None
    return task, status.value, subtask.status.value


def play_all(plan: Plan, steps: Steps) -> tuple[Task, int]:
    """Return the task and the moment after all steps; each forced status is the requested one."""
    task, now = begin_task(plan), plan.at
    for wait, aim, force in steps:
        now += wait
        task = advance(task, moment(now), ORIGIN)
        if force is not None:
            task, expected, actual = force_status(task, plan, force, now)
            event(f"forced {expected}")
            assert actual == expected
        if aim is not None:
            task = try_command(task, aim[0], target_id(plan, *aim), now)
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
def test_forced_task_has_no_contradiction(plan: Plan, steps: Steps) -> None:
    """The invariants hold when it is forced and later, and no time is later than now."""
    task, now = play_all(plan, steps)
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
def test_advancing_a_forced_task_in_two_steps_equals_one(
    plan: Plan, steps: Steps, first: int, second: int
) -> None:
    """A forced task advances in two steps as in one."""
    task, now = play_all(plan, steps)
    middle, end = moment(now + first), moment(now + first + second)
    assert advance(task, end, ORIGIN) == advance(advance(task, middle, ORIGIN), end, ORIGIN)


@given(plans(), STEPS)
def test_checkpoint_saves_a_forced_task(plan: Plan, steps: Steps) -> None:
    """The record also has the executions that forcing added."""
    task, _ = play_all(plan, steps)
    assert task_from_record(replace(build_task(plan), id=task.id), task_to_record(task)) == task


@given(plans(), STEPS)
def test_logs_of_a_forced_task_can_be_rendered(plan: Plan, steps: Steps) -> None:
    """Executions without duration have logs, too."""
    task, now = play_all(plan, steps)
    for subtask in task.subtasks:
        assert isinstance(render_log(subtask, moment(now)), str)


@given(plans(), STEPS, st.sampled_from([TaskStatus.FAILED, TaskStatus.SUCCESSFUL]))
def test_forced_end_of_a_task_is_final(plan: Plan, steps: Steps, status: TaskStatus) -> None:
    """The engine does not retry a task that was forced to an end."""
    task, now = play_all(plan, steps)
    task = force_task(advance(task, moment(now), ORIGIN), status, moment(now), ORIGIN)
    if task.finish_time == moment(now):
        assert advance(task, moment(now + 3_600_000), ORIGIN) == task
