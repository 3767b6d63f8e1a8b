"""The table of transitions compared with the engine: it makes each of them, and no other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine_plans import AIMS, begin_task, moment, plans, slots, target_id, try_command
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
    """Records every transition of the engine, including several at one instant."""

    def __init__(self) -> None:
        self.subtasks: Steps = set()
        self.tasks: set[tuple[TaskStatus, TaskStatus]] = set()

    def build_simulation(self) -> type:
        """Build the engine's own simulation, with a recorder."""
        steps = self.subtasks

        class Simulation(engine._Simulation):
            def _put(self, subtask: Subtask) -> None:
                before = self.subtasks[subtask.id].status
                super()._put(subtask)
                if before is not subtask.status:
                    steps.add((before, subtask.status, subtask.operation))

        return Simulation

    def record_task(self, before: Task, after: Task) -> Task:
        """Record the transition of a task, by a command or an event."""
        if before.status is not after.status:
            self.tasks.add((before.status, after.status))
        return after

    def record_command(self, before: Task, after: Task) -> Task:
        """Record the transitions that a command makes."""
        pairs = zip(before.subtasks, after.subtasks, strict=True)
        self.subtasks |= {
            (a.status, b.status, b.operation) for a, b in pairs if a.status is not b.status
        }
        return self.record_task(before, after)

    def play(self, plan: Plan, commands: list[tuple[int, str, int]]) -> None:
        """Advance a task event by event; each command comes some milliseconds after the last."""
        task, now = begin_task(plan), plan.at
        for wait, name, number in commands:
            now += wait
            task = self.advance_by_events(task, now)
            task = self.record_command(
                task, try_command(task, name, target_id(plan, name, number), now)
            )
        self.advance_by_events(task, now + 60_000)

    def advance_by_events(self, task: Task, until: int) -> Task:
        """Advance to each event."""
        while task.next_at is not None and task.next_at <= moment(until):
            task = self.record_task(task, advance(task, task.next_at, ORIGIN))
        return advance(task, moment(until), ORIGIN)


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(autouse=True, scope="module")
def _recorded_engine(recorder: Recorder) -> object:
    patch = pytest.MonkeyPatch()
    patch.setattr(engine, "_Simulation", recorder.build_simulation())
    yield
    patch.undo()


EVERY = {
    (*pair, operation)
    for pair, operations in SUBTASK_TRANSITIONS.items()
    for operation in operations
}


def node(number: int, *upstreams: int, runs: tuple[PlannedRun, ...] = (QUICK,)) -> PlannedNode:
    return PlannedNode(number, upstreams, runs=runs)


def test_every_transition_of_the_table_happens(recorder: Recorder) -> None:
    """Chains that fail, are canceled, skipped and rolled back make every transition."""
    recorder.subtasks.clear()
    recorder.tasks.clear()
    chain = Plan((node(1), node(2, 1, runs=(FAILS, QUICK))), limit=2, prohibits=False, at=0)
    recorder.play(chain, [(20_000, "rollbackTask", 0)])
    recorder.play(chain, [(20_000, "retryTask", 0)])
    stubborn = Plan((node(1, runs=(FAILS,)),), limit=1, prohibits=False, at=0)
    recorder.play(stubborn, [(20_000, "retryTask", 0)])
    recorder.play(chain, [(20_000, "skipSubtask", 1)])
    endless = Plan((node(1, runs=(PlannedRun(None, False),)),), limit=1, prohibits=False, at=0)
    stuck = [(5_000, "cancelSubtask", 0), (5_000, "rollbackTask", 0)]
    recorder.play(endless, stuck)
    recorder.play(endless, [*stuck[:1], (5_000, "retrySubtask", 0), (5_000, "cancelSubtask", 0)])
    hanging = PlannedNode(1, (), runs=(FAILS,), rollbacks=(PlannedRun(None, False),))
    recorder.play(
        Plan((hanging,), limit=1, prohibits=False, at=0), [(10_000, "rollbackTask", 0), *stuck[:1]]
    )
    back = PlannedNode(1, (), runs=(FAILS,), rollbacks=(FAILS,))
    undone = Plan((back,), limit=1, prohibits=False, at=0)
    recorder.play(undone, [(10_000, "rollbackTask", 0), (10_000, "skipSubtask", 0)])
    assert recorder.subtasks == EVERY
    assert recorder.tasks == set(TASK_TRANSITIONS)


ACTIONS = st.lists(st.tuples(st.sampled_from(slots(0, 5)), AIMS), max_size=8)


@settings(max_examples=150)
@given(plan=plans(), actions=ACTIONS)
def test_engine_makes_no_other_transition(
    recorder: Recorder, plan: Plan, actions: list[tuple[int, tuple[str, int]]]
) -> None:
    """Whatever the plan and the commands, each transition is in the table."""
    recorder.play(plan, [(wait, *aim) for wait, aim in actions])
    assert recorder.subtasks - EVERY == set()
    assert recorder.tasks - set(TASK_TRANSITIONS) == set()
