"""The table of transitions against the engine itself: it makes no other, and each that is there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine_plans import AIMS, begun, moment, plans, slots, target_of, try_command
from naive_engine import Plan, PlannedNode, PlannedRun
from understudy.ocp import (
    SUBTASK_TRANSITIONS,
    TASK_TRANSITIONS,
    Operation,
    Subtask,
    SubtaskStatus,
    Task,
    TaskStatus,
    advance,
    engine,
)

ORIGIN = moment(0)
QUICK, FAILS = PlannedRun(1000, False), PlannedRun(1000, True)
Steps = set[tuple[SubtaskStatus, SubtaskStatus, Operation]]


class Recorder:
    """Writes down every step that the engine lets a subtask make, those at one instant too."""

    def __init__(self) -> None:
        self.subtasks: Steps = set()
        self.tasks: set[tuple[TaskStatus, TaskStatus]] = set()

    def watched(self) -> type:
        """Give the engine's own stage, with an ear on it."""
        steps = self.subtasks

        class Stage(engine._Stage):
            def _put(self, subtask: Subtask) -> None:
                before = self.subtasks[subtask.id].status
                super()._put(subtask)
                if before is not subtask.status:
                    steps.add((before, subtask.status, subtask.operation))

        return Stage

    def changed(self, before: Task, after: Task) -> Task:
        """Note what a command did, or what became of the task at one instant."""
        if before.status is not after.status:
            self.tasks.add((before.status, after.status))
        return after

    def commanded(self, before: Task, after: Task) -> Task:
        """Note what a command did to the subtasks."""
        pairs = zip(before.subtasks, after.subtasks, strict=True)
        self.subtasks |= {
            (a.status, b.status, b.operation) for a, b in pairs if a.status is not b.status
        }
        return self.changed(before, after)

    def played(self, plan: Plan, commands: list[tuple[int, str, int]]) -> None:
        """Let a task run instant by instant; each command comes so many milliseconds after the one before."""
        task, now = begun(plan), plan.at
        for wait, name, number in commands:
            now += wait
            task = self.advanced(task, now)
            task = self.commanded(task, try_command(task, name, target_of(plan, name, number), now))
        self.advanced(task, now + 60_000)

    def advanced(self, task: Task, until: int) -> Task:
        """Advance to each moment at which something happens."""
        while task.next_at is not None and task.next_at <= moment(until):
            task = self.changed(task, advance(task, task.next_at, ORIGIN))
        return advance(task, moment(until), ORIGIN)


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(autouse=True, scope="module")
def _watched(recorder: Recorder) -> object:
    patch = pytest.MonkeyPatch()
    patch.setattr(engine, "_Stage", recorder.watched())
    yield
    patch.undo()


EVERY = {
    (*pair, operation)
    for pair, operations in SUBTASK_TRANSITIONS.items()
    for operation in operations
}


def node(number: int, *upstreams: int, runs: tuple[PlannedRun, ...] = (QUICK,)) -> PlannedNode:
    return PlannedNode(number, upstreams, runs=runs)


def test_each_transition_is_made(recorder: Recorder) -> None:
    """A chain that fails, is canceled, skipped and rolled back makes them all."""
    recorder.subtasks.clear()
    recorder.tasks.clear()
    chain = Plan((node(1), node(2, 1, runs=(FAILS, QUICK))), limit=2, prohibits=False, at=0)
    recorder.played(chain, [(20_000, "rollbackTask", 0)])
    recorder.played(chain, [(20_000, "retryTask", 0)])
    stubborn = Plan((node(1, runs=(FAILS,)),), limit=1, prohibits=False, at=0)
    recorder.played(stubborn, [(20_000, "retryTask", 0)])
    recorder.played(chain, [(20_000, "skipSubtask", 1)])
    endless = Plan((node(1, runs=(PlannedRun(None, False),)),), limit=1, prohibits=False, at=0)
    stuck = [(5_000, "cancelSubtask", 0), (5_000, "rollbackTask", 0)]
    recorder.played(endless, stuck)
    recorder.played(endless, [*stuck[:1], (5_000, "retrySubtask", 0), (5_000, "cancelSubtask", 0)])
    hanging = PlannedNode(1, (), runs=(FAILS,), rollbacks=(PlannedRun(None, False),))
    recorder.played(
        Plan((hanging,), limit=1, prohibits=False, at=0), [(10_000, "rollbackTask", 0), *stuck[:1]]
    )
    back = PlannedNode(1, (), runs=(FAILS,), rollbacks=(FAILS,))
    undone = Plan((back,), limit=1, prohibits=False, at=0)
    recorder.played(undone, [(10_000, "rollbackTask", 0), (10_000, "skipSubtask", 0)])
    assert recorder.subtasks == EVERY
    assert recorder.tasks == set(TASK_TRANSITIONS)


DEEDS = st.lists(st.tuples(st.sampled_from(slots(0, 5)), AIMS), max_size=8)


@settings(max_examples=150)
@given(plan=plans(), deeds=DEEDS)
def test_the_engine_makes_no_other(
    recorder: Recorder, plan: Plan, deeds: list[tuple[int, tuple[str, int]]]
) -> None:
    """Whatever is planned and commanded, each step of a task or subtask is in the table."""
    recorder.played(plan, [(wait, *aim) for wait, aim in deeds])
    assert recorder.subtasks - EVERY == set()
    assert recorder.tasks - set(TASK_TRANSITIONS) == set()
