"""A rule-based state machine that tests a client.

It gives commands, lets time pass, and compares views.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from understudy.ocp import COMMANDS, Task
from understudy.testing.failing_worlds import save_on_failure
from understudy.testing.served_worlds import PlayedWorld, ServedOcp, worlds

_TASK_COMMANDS = ("retryTask", "rollbackTask")
_INDEXES = st.integers(0, 7)


@dataclass(frozen=True, slots=True)
class View:
    """A task as a client sees it."""

    status: str
    subtasks: Mapping[int, str]
    """The status of each subtask, by its id."""


class OcpMachine(RuleBasedStateMachine):
    """Tests a client against drawn worlds; a subclass implements `make_client`, `act` and `look`.

    The rules give any of the five commands to any task or subtask, advance the clock, and look.
    After each step, what the client sees of every task is compared with the world; and, where `act`
    returns it, whether a command was accepted. When a step fails, the world is saved in
    `.understudy/failures`, as by PlayedWorld.serve.
    """

    socket = True
    """Whether the world is served on a real socket; if not, `make_client` has to go through
    `self.ocp`.
    """
    worlds: st.SearchStrategy[PlayedWorld] = worlds()
    """The worlds to draw from."""

    def __init__(self) -> None:
        super().__init__()
        self._exit_stack = ExitStack()
        self._world: PlayedWorld | None = None
        self._served: ServedOcp | None = None
        self.client: Any = None

    # What a subclass implements

    def make_client(self, url: str, auth: tuple[str, str]) -> Any:
        """Return the client to test.

        The server is at `url`; the account `auth` has every permission.
        """
        raise NotImplementedError("make_client: expected a method that returns the client to test")

    def act(self, client: Any, command: str, task_id: int, subtask_id: int | None) -> bool | None:
        """Give a command with the client, by its operationId.

        `subtask_id` is None for those on the whole task. Return whether the server accepted the
        command, or None when the client does not say. That the server refuses a command is not a
        failure of the client: do not raise for it.
        """
        raise NotImplementedError("act: expected a method that gives a command with the client")

    def look(self, client: Any, task_id: int) -> View:
        """Return what the client sees of a task."""
        raise NotImplementedError(
            "look: expected a method that returns the client's view of a task"
        )

    # Rules and invariants

    @property
    def ocp(self) -> ServedOcp:
        """The world while it is served."""
        if self._served is None:
            raise RuntimeError("the machine has not begun; expected a call of begin first")
        return self._served

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Draw a world, serve it, and make the client."""
        self._world = data.draw(self.worlds, label="world")
        self._served = self._exit_stack.enter_context(self._world.serve(socket=self.socket))
        self._run(self._make_client)

    @rule(command=st.sampled_from(list(COMMANDS)), place=_INDEXES, inner=_INDEXES)
    def command(self, command: str, place: int, inner: int) -> None:
        """Give a command to a task, or to one of its subtasks."""
        task = self._select_task(place)
        if task is None:
            return
        subtask_id = None
        if command not in _TASK_COMMANDS:
            subtask_id = task.subtasks[inner % len(task.subtasks)].id
        self._run(lambda: self._act(command, task.id, subtask_id))

    @rule(seconds=st.sampled_from([1, 0.3, 2, 10, 60, 3600]))
    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.ocp.advance(seconds)

    @rule(place=_INDEXES)
    def look_again(self, place: int) -> None:
        """Look at a task twice: to look changes nothing."""
        task = self._select_task(place)
        if task is not None:
            self._run(lambda: self._look_twice(task.id))

    @invariant()
    def client_agrees_with_server(self) -> None:
        """Compare what the client sees of every task with the world."""
        if self._served is not None:
            self._run(self._compare_all)

    def teardown(self) -> None:
        """Stop serving."""
        self._exit_stack.close()

    # The steps of the rules

    def _make_client(self) -> None:
        """Make the client for the world that is served."""
        self.client = self.make_client(self.ocp.url, self.ocp.auth)

    def _act(self, command: str, task_id: int, subtask_id: int | None) -> None:
        """Give a command, and compare what the client reports with the server's response."""
        calls_before = len(self.ocp.calls)
        claimed = self.act(self.client, command, task_id, subtask_id)
        new_calls = self.ocp.calls[calls_before:]
        sent = [call for call in new_calls if call.operation == command]
        if not sent:
            raise AssertionError(
                f"{command}: expected a call of this operation, but the client sent none"
            )
        accepted = sent[-1].response.status == 200
        if claimed is not None and claimed is not accepted:
            raise AssertionError(
                f"{command}: the server {_describe(accepted)} the command, "
                f"but the client reports that it {_describe(claimed)} it"
            )

    def _look_twice(self, task_id: int) -> None:
        """Compare two views of a task between which nothing happens."""
        first = self.look(self.client, task_id)
        second = self.look(self.client, task_id)
        if first != second:
            raise AssertionError(
                f"task {task_id}: nothing happened in between, "
                f"but the client saw {first}, then {second}"
            )

    def _compare_all(self) -> None:
        """Compare what the client sees of every task with the world."""
        for task in self.ocp.tasks.values():
            self._compare(task)

    def _compare(self, task: Task) -> None:
        """Compare what the client sees of a task with the world."""
        seen = self.look(self.client, task.id)
        subtasks = {subtask.id: subtask.status.value for subtask in task.subtasks}
        actual = View(task.status.value, subtasks)
        if (seen.status, dict(seen.subtasks)) != (actual.status, actual.subtasks):
            raise AssertionError(f"the client sees task {task.id} as {seen}, but it is {actual}")

    def _select_task(self, index: int) -> Task | None:
        """Return one of the tasks, or None when the world has none."""
        tasks = list(self.ocp.tasks.values())
        if tasks:
            return tasks[index % len(tasks)]
        return None

    def _run(self, run_step: Callable[[], None]) -> None:
        """Run a step of a rule; when it fails, save the world."""
        if self._world is None:
            raise RuntimeError("the machine has not begun; expected a call of begin first")
        with save_on_failure(self._world.drawn):
            run_step()


def _describe(accepted: bool) -> str:
    """Return what the server did with a command."""
    if accepted:
        return "accepted"
    return "refused"
