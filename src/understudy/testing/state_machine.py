"""A rule-based machine that tests a client: commands, time, and what the client sees against what is."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from understudy.ocp import COMMANDS, Task
from understudy.testing.failing_worlds import save_on_failure
from understudy.testing.served_worlds import PlayedWorld, ServedOcp, worlds

_ON_TASKS = ("retryTask", "rollbackTask")
_PLACES = st.integers(0, 7)


@dataclass(frozen=True, slots=True)
class View:
    """How a client sees a task."""

    status: str
    subtasks: Mapping[int, str]
    """The status of each subtask, by its id."""


class OcpMachine(RuleBasedStateMachine):
    """Tests a client against drawn worlds: a subclass says how the client is made, acts and looks.

    Rules give any of the five commands to any task or subtask, advance the clock, and look. After each step, what the
    client sees of every task is compared with the world; and where `act` tells whether a command was taken, that too.
    When a step fails, the world is kept in `.understudy/failures`, as by PlayedWorld.serve.
    """

    socket = True
    """Whether the world is served on a real socket; if not, `make_client` has to go through `self.ocp`."""
    worlds: st.SearchStrategy[PlayedWorld] = worlds()
    """The worlds to draw from."""

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self._world: PlayedWorld | None = None
        self._served: ServedOcp | None = None
        self.client: Any = None

    # What a subclass says

    def make_client(self, url: str, auth: tuple[str, str]) -> Any:
        """Give the client to test, for a server at `url` and an account that may do everything."""
        raise NotImplementedError("make_client gives the client to test")

    def act(self, client: Any, command: str, task_id: int, subtask_id: int | None) -> bool | None:
        """Give a command with the client, by its operationId; `subtask_id` is None for those on the whole task.

        Return whether the server took it, or None when the client does not tell. A refusal of the server is no failure
        of the client: it must not raise here.
        """
        raise NotImplementedError("act gives a command with the client")

    def look(self, client: Any, task_id: int) -> View:
        """Give what the client sees of a task."""
        raise NotImplementedError("look tells how the client sees a task")

    # What happens

    @property
    def ocp(self) -> ServedOcp:
        """The world while it is served."""
        if self._served is None:
            raise RuntimeError("the machine has not begun")
        return self._served

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Draw a world, serve it and make the client."""
        self._world = data.draw(self.worlds, label="world")
        self._served = self._open.enter_context(self._world.serve(socket=self.socket))
        self._keeping(
            lambda: setattr(self, "client", self.make_client(self.ocp.url, self.ocp.auth))
        )

    @rule(command=st.sampled_from(list(COMMANDS)), place=_PLACES, inner=_PLACES)
    def command(self, command: str, place: int, inner: int) -> None:
        """Give a command to a task, or to one of its subtasks."""
        task = self._task(place)
        if task is None:
            return
        subtask_id = None if command in _ON_TASKS else task.subtasks[inner % len(task.subtasks)].id
        self._keeping(lambda: self._act(command, task.id, subtask_id))

    @rule(seconds=st.sampled_from([1, 0.3, 2, 10, 60, 3600]))
    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.ocp.advance(seconds)

    @rule(place=_PLACES)
    def look_again(self, place: int) -> None:
        """Look at a task twice: looking changes nothing."""
        task = self._task(place)
        if task is not None:
            self._keeping(lambda: self._look_twice(task.id))

    @invariant()
    def client_agrees_with_server(self) -> None:
        """What the client sees of every task is how it stands."""
        if self._served is not None:
            for task in self.ocp.tasks.values():
                self._keeping(lambda task=task: self._compare(task))  # type: ignore[misc]

    def teardown(self) -> None:
        """Stop serving."""
        self._open.close()

    def _act(self, command: str, task_id: int, subtask_id: int | None) -> None:
        before = len(self.ocp.calls)
        told = self.act(self.client, command, task_id, subtask_id)
        sent = [call for call in self.ocp.calls[before:] if call.operation == command]
        if not sent:
            raise AssertionError(
                f"the client was to give the command {command}, but no such call came"
            )
        taken = sent[-1].response.status == 200
        if told is not None and told is not taken:
            words = {True: "taken", False: "refused"}
            raise AssertionError(
                f"{command} was {words[taken]}, but the client says that it was {words[told]}"
            )

    def _look_twice(self, task_id: int) -> None:
        first, second = self.look(self.client, task_id), self.look(self.client, task_id)
        if first != second:
            raise AssertionError(
                f"nothing happened in between, but the client saw {first}, then {second}"
            )

    def _compare(self, task: Task) -> None:
        seen = self.look(self.client, task.id)
        actual = View(
            task.status.value, {subtask.id: subtask.status.value for subtask in task.subtasks}
        )
        if (seen.status, dict(seen.subtasks)) != (actual.status, actual.subtasks):
            raise AssertionError(f"the client sees task {task.id} as {seen}, but it is {actual}")

    def _task(self, place: int) -> Task | None:
        tasks = list(self.ocp.tasks.values())
        return tasks[place % len(tasks)] if tasks else None

    def _keeping(self, step: Callable[[], None]) -> None:
        assert self._world is not None  # noqa: S101 - every rule comes after begin
        with save_on_failure(self._world.drawn):
            step()
