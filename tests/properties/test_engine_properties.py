"""What is true of the task engine however a task is made, looked at and commanded."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine_plans import (
    AIMS,
    ORIGIN,
    begun,
    moment,
    plans,
    slots,
    target_of,
    try_command,
    try_naive,
    view,
)
from naive_engine import NaiveEngine, Plan
from understudy.ocp import Operation, Subtask, SubtaskStatus, Task, advance

LONG = timedelta(hours=1)
"""By then every task of these plans rests."""
TEN_YEARS = timedelta(days=3653)
SECOND = timedelta(seconds=1)

STEPS = st.lists(st.tuples(st.sampled_from(slots(0, 8)), st.none() | AIMS), max_size=8)
Steps = list[tuple[int, tuple[str, int] | None]]


def told(plan: Plan, steps: Steps) -> Iterator[tuple[Task, int]]:
    """Give the task and the moment after each step: a wait, then perhaps a command."""
    task, now = begun(plan), plan.at
    yield task, now
    for wait, aim in steps:
        now += wait
        task = advance(task, moment(now), ORIGIN)
        if aim is not None:
            task = try_command(task, aim[0], target_of(plan, *aim), now)
        yield task, now


def last(plan: Plan, steps: Steps) -> tuple[Task, int]:
    """Give the task and the moment after all steps."""
    return list(told(plan, steps))[-1]


def changes(task: Task, until: datetime) -> list[Task]:
    """Give the task after each instant at which something happened to it."""
    seen = []
    while task.next_at is not None and task.next_at <= until:
        task = advance(task, task.next_at, ORIGIN)
        seen.append(task)
    return seen


@given(plans(), STEPS, st.integers(0, 9_000), st.integers(0, 9_000))
def test_two_steps_are_one(plan: Plan, steps: Steps, first: int, second: int) -> None:
    """Looking in between changes nothing: not even what cannot be seen from outside."""
    task, now = last(plan, steps)
    middle, end = moment(now + first), moment(now + first + second)
    assert advance(task, end, ORIGIN) == advance(advance(task, middle, ORIGIN), end, ORIGIN)


@given(plans(), STEPS, st.integers(0, 9_000))
def test_looking_twice_gives_the_same_object(plan: Plan, steps: Steps, after: int) -> None:
    """A second look at one moment finds nothing left to do."""
    task, now = last(plan, steps)
    looked = advance(task, moment(now + after), ORIGIN)
    assert looked is advance(looked, moment(now + after), ORIGIN)


@given(plans(), STEPS)
def test_nothing_due_gives_the_same_object(plan: Plan, steps: Steps) -> None:
    """Up to just before `next_at` a task stays the very same; for ten years when there is none."""
    task, now = last(plan, steps)
    until = (
        moment(now) + TEN_YEARS
        if task.next_at is None
        else task.next_at - timedelta(microseconds=1)
    )
    assert task is advance(task, until, ORIGIN)


@given(plans(), STEPS)
def test_next_at_is_kept(plan: Plan, steps: Steps) -> None:
    """At `next_at` something happens that can be seen."""
    task, _ = last(plan, steps)
    for before, after in pairwise([task, *changes(task, moment(0) + LONG)]):
        assert view(before) != view(after)


@given(plans(), STEPS)
def test_ten_years_cost_what_happens(plan: Plan, steps: Steps) -> None:
    """Ten years have no more instants at which something happens than an hour, and end in the same task."""
    task, now = last(plan, steps)
    hour, years = moment(now) + LONG, moment(now) + TEN_YEARS
    assert changes(task, hour) == changes(task, years)
    assert advance(task, hour, ORIGIN) == advance(task, years, ORIGIN)


@given(plans(), STEPS)
def test_whole_stories_agree_with_the_naive_engine(plan: Plan, steps: Steps) -> None:
    """A task that is looked at once at the end of each wait is what walking through every slot gives."""
    task, now = last(plan, steps)
    naive = NaiveEngine(plan)
    for wait, aim in steps:
        naive.look(naive.now + wait)
        if aim is not None:
            try_naive(naive, aim[0], target_of(plan, *aim))
    naive.look(now + 60_000)
    assert naive.view() == view(advance(task, moment(now + 60_000), ORIGIN))


@given(plans(), STEPS)
def test_what_is_over_stays(plan: Plan, steps: Steps) -> None:
    """An execution that has ended never changes, none is lost, and runTime never goes back."""
    for (before, _), (after, _) in pairwise(told(plan, steps)):
        for old, new in zip(before.subtasks, after.subtasks, strict=True):
            over = [execution for execution in old.executions if execution.ended]
            assert over == list(new.executions[: len(over)])
            assert len(old.executions) <= len(new.executions)
            assert old.run_time <= new.run_time
            assert old.start_time in (None, new.start_time)


@given(plans(), STEPS)
def test_times_never_go_backwards(plan: Plan, steps: Steps) -> None:
    """Whatever a task tells lies between its beginning and now, in the order in which it happened."""
    for task, now in told(plan, steps):
        for subtask in task.subtasks:
            times = [task.create_time, *_times(subtask), moment(now)]
            assert sorted(times) == times
            starts = [execution.started for execution in subtask.executions]
            assert (starts[0] if starts else None) == subtask.start_time
        if task.finish_time is not None:
            ends = [time for subtask in task.subtasks for time in _times(subtask)]
            assert max(ends) <= task.finish_time <= moment(now)


@given(plans(), STEPS)
def test_finish_time_is_the_last_end(plan: Plan, steps: Steps) -> None:
    """A subtask has a finishTime exactly when it is neither READY nor active nor untouched: its last end."""
    for task, _ in told(plan, steps):
        for subtask in task.subtasks:
            active = subtask.status.value in ("READY", "RUNNING", "CANCELING")
            expected = None if active or not subtask.executions else subtask.executions[-1].ended
            assert expected == subtask.finish_time


@given(plans(), STEPS)
def test_downstream_starts_a_tick_after_its_upstreams(plan: Plan, steps: Steps) -> None:
    """Forward, a subtask starts at least a second after the end of each upstream: READY at one tick, RUNNING later."""
    steps = [(wait, aim if aim and aim[0] != "rollbackTask" else None) for wait, aim in steps]
    task, now = last(plan, steps)
    task = advance(task, moment(now) + LONG, ORIGIN)
    for subtask in task.subtasks:
        for upstream in (task.subtask(other) for other in subtask.upstreams if subtask.executions):
            ended = upstream.executions[-1]
            assert SubtaskStatus.SUCCESSFUL is ended.outcome
            assert ended.ended + SECOND <= subtask.executions[0].started


@given(plans(), STEPS)
def test_rollback_runs_against_the_order(plan: Plan, steps: Steps) -> None:
    """In a rollback, a subtask starts at least a second after the last end of each downstream."""
    task, now = last(plan, [*steps, (LONG // timedelta(milliseconds=1), ("rollbackTask", 0))])
    task = advance(task, moment(now) + LONG, ORIGIN)
    for subtask in task.subtasks:
        back = [
            execution
            for execution in subtask.executions
            if execution.operation is Operation.ROLLBACK
        ]
        for downstream in (task.subtask(other) for other in subtask.downstreams if back):
            ends = [execution.ended for execution in downstream.executions]
            assert all(end + SECOND <= back[0].started for end in ends)


@given(plans())
def test_limit_holds(plan: Plan) -> None:
    """Without commands, READY and RUNNING together are never more than the limit."""
    first = begun(plan)
    for task in [first, *changes(first, moment(0) + LONG)]:
        busy = [
            subtask for subtask in task.subtasks if subtask.status.value in ("READY", "RUNNING")
        ]
        assert len(busy) <= plan.limit


def _times(subtask: Subtask) -> list[datetime]:
    times = [
        time for execution in subtask.executions for time in (execution.started, execution.ended)
    ]
    return [time for time in times if time is not None]
