"""Properties of the task engine that hold for every task and every sequence of commands."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine_plans import (
    AIMS,
    ORIGIN,
    begin_task,
    moment,
    plans,
    slots,
    target_id,
    try_command,
    try_naive_command,
    view,
)
from naive_engine import NaiveEngine, Plan
from understudy.ocp import Operation, Subtask, SubtaskStatus, Task, advance

LONG = timedelta(hours=1)
"""After this time every task of these plans has ended or hangs."""
TEN_YEARS = timedelta(days=3653)
SECOND = timedelta(seconds=1)

STEPS = st.lists(st.tuples(st.sampled_from(slots(0, 8)), st.none() | AIMS), max_size=8)
Steps = list[tuple[int, tuple[str, int] | None]]


def play(plan: Plan, steps: Steps) -> Iterator[tuple[Task, int]]:
    """Yield the task and the moment after each step: a wait, then perhaps a command."""
    task, now = begin_task(plan), plan.at
    yield task, now
    for wait, aim in steps:
        now += wait
        task = advance(task, moment(now), ORIGIN)
        if aim is not None:
            task = try_command(task, aim[0], target_id(plan, *aim), now)
        yield task, now


def play_all(plan: Plan, steps: Steps) -> tuple[Task, int]:
    """Return the task and the moment after all steps."""
    return list(play(plan, steps))[-1]


def advance_by_events(task: Task, until: datetime) -> list[Task]:
    """Return the task after each of its events."""
    tasks = []
    while task.next_at is not None and task.next_at <= until:
        task = advance(task, task.next_at, ORIGIN)
        tasks.append(task)
    return tasks


@given(plans(), STEPS, st.integers(0, 9_000), st.integers(0, 9_000))
def test_advancing_in_two_steps_equals_one(
    plan: Plan, steps: Steps, first: int, second: int
) -> None:
    """Advancing in between changes nothing, not even what a client cannot see."""
    task, now = play_all(plan, steps)
    middle, end = moment(now + first), moment(now + first + second)
    assert advance(task, end, ORIGIN) == advance(advance(task, middle, ORIGIN), end, ORIGIN)


@given(plans(), STEPS, st.integers(0, 9_000))
def test_advancing_twice_returns_the_same_object(plan: Plan, steps: Steps, after: int) -> None:
    """The second call finds no event."""
    task, now = play_all(plan, steps)
    looked = advance(task, moment(now + after), ORIGIN)
    assert looked is advance(looked, moment(now + after), ORIGIN)


@given(plans(), STEPS)
def test_advancing_before_the_next_event_returns_the_same_object(plan: Plan, steps: Steps) -> None:
    """Up to just before `next_at` the task stays the same object; without one, for ten years."""
    task, now = play_all(plan, steps)
    until = (
        moment(now) + TEN_YEARS
        if task.next_at is None
        else task.next_at - timedelta(microseconds=1)
    )
    assert task is advance(task, until, ORIGIN)


@given(plans(), STEPS)
def test_next_at_is_a_visible_event(plan: Plan, steps: Steps) -> None:
    """At `next_at` a client sees a change."""
    task, _ = play_all(plan, steps)
    for before, after in pairwise([task, *advance_by_events(task, moment(0) + LONG)]):
        assert view(before) != view(after)


@given(plans(), STEPS)
def test_ten_years_have_no_more_events_than_an_hour(plan: Plan, steps: Steps) -> None:
    """Ten years have the same events as an hour, and end in the same task."""
    task, now = play_all(plan, steps)
    hour, years = moment(now) + LONG, moment(now) + TEN_YEARS
    assert advance_by_events(task, hour) == advance_by_events(task, years)
    assert advance(task, hour, ORIGIN) == advance(task, years, ORIGIN)


@given(plans(), STEPS)
def test_engine_agrees_with_the_naive_engine(plan: Plan, steps: Steps) -> None:
    """Advancing at the end of each wait equals walking through every slot."""
    task, now = play_all(plan, steps)
    naive = NaiveEngine(plan)
    for wait, aim in steps:
        naive.advance_to(naive.now + wait)
        if aim is not None:
            try_naive_command(naive, aim[0], target_id(plan, *aim))
    naive.advance_to(now + 60_000)
    assert naive.view() == view(advance(task, moment(now + 60_000), ORIGIN))


@given(plans(), STEPS)
def test_ended_executions_never_change(plan: Plan, steps: Steps) -> None:
    """An ended execution never changes or is lost, and runTime never decreases."""
    for (before, _), (after, _) in pairwise(play(plan, steps)):
        for old, new in zip(before.subtasks, after.subtasks, strict=True):
            over = [execution for execution in old.executions if execution.ended]
            assert over == list(new.executions[: len(over)])
            assert len(old.executions) <= len(new.executions)
            assert old.run_time <= new.run_time
            assert old.start_time in (None, new.start_time)


@given(plans(), STEPS)
def test_times_never_go_backwards(plan: Plan, steps: Steps) -> None:
    """Every time of a task lies between its beginning and now, in the order of the events."""
    for task, now in play(plan, steps):
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
    """A subtask has a finishTime exactly when it is not active and was executed.

    Its play_all end.
    """
    for task, _ in play(plan, steps):
        for subtask in task.subtasks:
            active = subtask.status.value in ("READY", "RUNNING", "CANCELING")
            expected = None if active or not subtask.executions else subtask.executions[-1].ended
            assert expected == subtask.finish_time


@given(plans(), STEPS)
def test_downstream_starts_a_tick_after_its_upstreams(plan: Plan, steps: Steps) -> None:
    """Forwards, a subtask starts at least a second after the end of each upstream.

    It is READY at one tick, and RUNNING later.
    """
    steps = [(wait, aim if aim and aim[0] != "rollbackTask" else None) for wait, aim in steps]
    task, now = play_all(plan, steps)
    task = advance(task, moment(now) + LONG, ORIGIN)
    for subtask in task.subtasks:
        for upstream in (task.subtask(id_) for id_ in subtask.upstreams if subtask.executions):
            ended = upstream.executions[-1]
            assert SubtaskStatus.SUCCESSFUL is ended.outcome
            assert ended.ended + SECOND <= subtask.executions[0].started


@given(plans(), STEPS)
def test_rollback_runs_in_reverse_order_of_the_graph(plan: Plan, steps: Steps) -> None:
    """In a rollback, a subtask starts at least a second after its downstreams end."""
    task, now = play_all(plan, [*steps, (LONG // timedelta(milliseconds=1), ("rollbackTask", 0))])
    task = advance(task, moment(now) + LONG, ORIGIN)
    for subtask in task.subtasks:
        back = [
            execution
            for execution in subtask.executions
            if execution.operation is Operation.ROLLBACK
        ]
        for downstream in (task.subtask(id_) for id_ in subtask.downstreams if back):
            ends = [execution.ended for execution in downstream.executions]
            assert all(end + SECOND <= back[0].started for end in ends)


@given(plans())
def test_limit_holds(plan: Plan) -> None:
    """Without commands, READY and RUNNING together never exceed the limit."""
    first = begin_task(plan)
    for task in [first, *advance_by_events(first, moment(0) + LONG)]:
        busy = [
            subtask for subtask in task.subtasks if subtask.status.value in ("READY", "RUNNING")
        ]
        assert len(busy) <= plan.limit


def _times(subtask: Subtask) -> list[datetime]:
    times = [
        time for execution in subtask.executions for time in (execution.started, execution.ended)
    ]
    return [time for time in times if time is not None]
