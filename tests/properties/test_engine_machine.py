"""The task engine compared with the naive one, step by step."""

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
    begin_task,
    command,
    moment,
    plans,
    slots,
    target_id,
    view,
    weighted_choice,
)
from naive_engine import NaiveEngine, NaiveError, Plan
from understudy.ocp import ACTIVE, OcpError, Task, TaskStatus, advance, find_contradictions

DAY = 86_400_000

pytestmark = pytest.mark.timeout(600)  # making a counterexample small takes longer than finding it

TO_THE_TICK = -1
WAITS = st.sampled_from(
    [*slots(0, 5), *(3 * slots(0, 1)), *([TO_THE_TICK] * 30), *range(5_000, 60_001, 5_000)]
)
ACTIONS = weighted_choice(
    (7, st.none()),
    (8, st.integers(0, 60)),  # a command that fits, by its number among those that do
    (3, AIMS),  # any command
    (2, plans()),  # another task
    (1, st.just("becomes history")),
    (1, st.just("sleeps a day")),
)
Action = int | tuple[str, int] | Plan | str | None


class EngineMachine(RuleBasedStateMachine):
    """One task, advanced and commanded at random, in both engines."""

    plan: Plan
    task: Task
    naive: NaiveEngine

    @initialize(plan=plans())
    def start(self, plan: Plan) -> None:
        self.plan, self.task, self.naive = plan, begin_task(plan), NaiveEngine(plan)

    @rule(after=WAITS, action=ACTIONS)
    def step(self, after: int, action: Action) -> None:
        """Wait, then act.

        There is one rule only: with several, each run would leave some out and reach less.
        """
        self._advance_to(
            (self.naive.now // 1000 + 1) * 1000 if after == TO_THE_TICK else self.naive.now + after
        )
        if action == "becomes history":
            self.task = replace(self.task, moves_from=None, next_at=None, settled=None)
            self.naive.freeze()
        elif action == "sleeps a day":
            self._advance_to(self.naive.now + DAY)
        elif isinstance(action, Plan):
            self.start(action)
        elif isinstance(action, tuple):
            self._command(action[0], target_id(self.plan, *action))
        elif isinstance(action, int) and (commands := self._allowed_commands()):
            self._command(*commands[action % len(commands)])

    @invariant()
    def agrees(self) -> None:
        assert self.naive.view() == view(self.task)

    @invariant()
    def has_no_contradiction(self) -> None:
        assert list(find_contradictions(self.task)) == []

    @invariant()
    def failed_task_has_no_active_subtask(self) -> None:
        if self.task.status is TaskStatus.FAILED:
            assert not ACTIVE.intersection(subtask.status for subtask in self.task.subtasks)

    def _advance_to(self, until: int) -> None:
        self.naive.advance_to(until)
        self.task = advance(self.task, moment(until), ORIGIN)

    def _command(self, name: str, target: int | None) -> None:
        expected = actual = None
        try:
            self.naive.command(name, target)
        except NaiveError as error:
            expected = (error.kind, error.params)
        try:
            self.task = command(self.task, name, target, self.naive.now)
        except OcpError as error:
            actual = (error.kind, error.params)
        assert expected == actual
        self.agrees()  # as the response to the command shows it
        self._advance_to(self.naive.now)

    def _allowed_commands(self) -> list[tuple[str, int | None]]:
        """Return the commands that the status does not forbid."""
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


class TestEngineMachine(EngineMachine.TestCase):  # type: ignore[misc, valid-type]
    """Both engines agree on every task, over some 4800 steps."""

    settings = settings(max_examples=80, stateful_step_count=60)


@pytest.mark.slow
class TestEngineMachineLong(EngineMachine.TestCase):  # type: ignore[misc, valid-type]
    """The same over some 30 000 steps."""

    settings = settings(max_examples=500, stateful_step_count=60)


def test_every_command_is_drawn() -> None:
    """The commands of the machine are the five that exist."""
    assert set(understudy.ocp.COMMANDS) == set(COMMANDS)
