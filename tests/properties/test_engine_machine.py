"""The task engine against one that is as plain as can be, step by step."""

from dataclasses import replace

import pytest
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
)
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from naive_engine import NaiveEngine, NaiveRefusalError, Plan

from understudy.ocp import ACTIVE, Refusal, Task, TaskStatus, advance, contradictions

DAY = 86_400_000


class EngineMachine(RuleBasedStateMachine):
    """One task, looked at and commanded at random; both engines see the same."""

    plan: Plan
    task: Task
    naive: NaiveEngine

    @initialize(plan=plans())
    def start(self, plan: Plan) -> None:
        self.plan, self.task, self.naive = plan, begun(plan), NaiveEngine(plan)

    @rule(after=slots(0, 5))
    def look(self, after: int) -> None:
        self._look(self.naive.now + after)

    @rule()
    def look_at_the_next_tick(self) -> None:
        self._look((self.naive.now // 1000 + 1) * 1000)

    @rule(seconds=st.integers(5, 60))
    def look_much_later(self, seconds: int) -> None:
        self._look(self.naive.now + seconds * 1000)

    @precondition(lambda self: self.naive.settled)
    @rule()
    def look_a_day_later(self) -> None:
        self._look(self.naive.now + DAY)

    @rule(aim=AIMS)
    def any_command(self, aim: tuple[str, int]) -> None:
        self._command(aim[0], target_of(self.plan, *aim))

    @precondition(lambda self: self._fitting())
    @rule(data=st.data())
    def fitting_command(self, data: st.DataObject) -> None:
        self._command(*data.draw(st.sampled_from(self._fitting())))

    @precondition(lambda self: self.task.status is TaskStatus.FAILED)
    @rule()
    def roll_back(self) -> None:
        self._command("rollbackTask", None)

    @precondition(lambda self: self.naive.moves)
    @rule(chance=st.integers(0, 19))
    def becomes_history(self, chance: int) -> None:
        if chance == 11:
            self.task = replace(self.task, moves_from=None, next_at=None, settled=None)
            self.naive.freeze()

    @precondition(lambda self: self.task.status is TaskStatus.SUCCESSFUL)
    @rule(plan=plans())
    def start_another(self, plan: Plan) -> None:
        self.start(plan)

    @invariant()
    def agrees(self) -> None:
        assert self.naive.view() == view(self.task)

    @invariant()
    def contradicts_nothing(self) -> None:
        assert list(contradictions(self.task)) == []

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
        except Refusal as refusal:
            actual = (refusal.kind, refusal.params)
        assert expected == actual
        self.agrees()  # as the command's own answer tells it
        self._look(self.naive.now)

    def _fitting(self) -> list[tuple[str, int | None]]:
        """The commands that the status does not forbid."""
        needs = dict.fromkeys(SUBTASK_COMMANDS, "FAILED") | {"cancelSubtask": "RUNNING"}
        states = {node_id: node["status"].value for node_id, node in self.naive.nodes.items()}
        aims = [(name, i) for name in SUBTASK_COMMANDS for i, state in states.items() if needs[name] == state]
        failed = self.naive.task["status"] is TaskStatus.FAILED
        return [*aims, *((name, None) for name in TASK_COMMANDS if failed)]


class TestEngineMachine(EngineMachine.TestCase):
    """Whatever is done with a task, both engines tell the same of it: some 6000 steps."""

    settings = settings(max_examples=100, stateful_step_count=60)


@pytest.mark.slow
class TestEngineMachineLong(EngineMachine.TestCase):
    """The same for some 30 000 steps."""

    settings = settings(max_examples=500, stateful_step_count=60)


def test_every_command_is_drawn() -> None:
    """The commands of the machine are the five that there are."""
    from understudy.ocp import COMMANDS as KNOWN

    assert set(KNOWN) == set(COMMANDS)
