"""The task engine against one that is as plain as can be, step by step."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import understudy.ocp
from engine_plans import (
    AIMS,
    COMMANDS,
    ORIGIN,
    SUBTASK_COMMANDS,
    TASK_COMMANDS,
    begun,
    command,
    moment,
    plans,
    slots,
    target_of,
    view,
    weighted,
)
from naive_engine import NaiveEngine, NaiveRefusalError, Plan
from understudy.ocp import ACTIVE, OcpError, Task, TaskStatus, advance, find_contradictions

DAY = 86_400_000

pytestmark = pytest.mark.timeout(600)  # making a counterexample small takes longer than finding it

TO_THE_TICK = -1
WAITS = st.sampled_from(
    [*slots(0, 5), *(3 * slots(0, 1)), *([TO_THE_TICK] * 30), *range(5_000, 60_001, 5_000)]
)
DEEDS = weighted(
    (7, st.none()),
    (8, st.integers(0, 60)),  # a command that fits, by its number among those that do
    (3, AIMS),  # any command
    (2, plans()),  # another task
    (1, st.just("becomes history")),
    (1, st.just("sleeps a day")),
)
Deed = int | tuple[str, int] | Plan | str | None


class EngineMachine(RuleBasedStateMachine):
    """One task, looked at and commanded at random; both engines see the same."""

    plan: Plan
    task: Task
    naive: NaiveEngine

    @initialize(plan=plans())
    def start(self, plan: Plan) -> None:
        self.plan, self.task, self.naive = plan, begun(plan), NaiveEngine(plan)

    @rule(after=WAITS, what=DEEDS)
    def step(self, after: int, what: Deed) -> None:
        """Wait, then do something. One rule for all: of several, each run would leave some out and reach less."""
        self._look(
            (self.naive.now // 1000 + 1) * 1000 if after == TO_THE_TICK else self.naive.now + after
        )
        if what == "becomes history":
            self.task = replace(self.task, moves_from=None, next_at=None, settled=None)
            self.naive.freeze()
        elif what == "sleeps a day":
            self._look(self.naive.now + DAY)
        elif isinstance(what, Plan):
            self.start(what)
        elif isinstance(what, tuple):
            self._command(what[0], target_of(self.plan, *what))
        elif isinstance(what, int) and (fitting := self._fitting()):
            self._command(*fitting[what % len(fitting)])

    @invariant()
    def agrees(self) -> None:
        assert self.naive.view() == view(self.task)

    @invariant()
    def contradicts_nothing(self) -> None:
        assert list(find_contradictions(self.task)) == []

    @invariant()
    def failed_task_has_nothing_active(self) -> None:
        if self.task.status is TaskStatus.FAILED:
            assert not ACTIVE.intersection(subtask.status for subtask in self.task.subtasks)

    def _look(self, until: int) -> None:
        self.naive.look(until)
        self.task = advance(self.task, moment(until), ORIGIN)

    def _command(self, name: str, target: int | None) -> None:
        expected = actual = None
        try:
            self.naive.command(name, target)
        except NaiveRefusalError as refusal:
            expected = (refusal.kind, refusal.params)
        try:
            self.task = command(self.task, name, target, self.naive.now)
        except OcpError as refusal:
            actual = (refusal.kind, refusal.params)
        assert expected == actual
        self.agrees()  # as the command's own answer tells it
        self._look(self.naive.now)

    def _fitting(self) -> list[tuple[str, int | None]]:
        """The commands that the status does not forbid."""
        needs = dict.fromkeys(SUBTASK_COMMANDS, "FAILED") | {"cancelSubtask": "RUNNING"}
        states = {node_id: node["status"].value for node_id, node in self.naive.nodes.items()}
        aims = [
            (name, i)
            for name in SUBTASK_COMMANDS
            for i, state in states.items()
            if needs[name] == state
        ]
        failed = self.naive.task["status"] is TaskStatus.FAILED
        return [*aims, *((name, None) for name in TASK_COMMANDS if failed)]


class TestEngineMachine(EngineMachine.TestCase):
    """Whatever is done with a task, both engines tell the same of it: some 4800 steps."""

    settings = settings(max_examples=80, stateful_step_count=60)


@pytest.mark.slow
class TestEngineMachineLong(EngineMachine.TestCase):
    """The same for some 30 000 steps."""

    settings = settings(max_examples=500, stateful_step_count=60)


def test_every_command_is_drawn() -> None:
    """The commands of the machine are the five that there are."""
    assert set(understudy.ocp.COMMANDS) == set(COMMANDS)
