"""The state machine: a correct client passes, a wrong one fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from example_client import Client, DirectClient
from understudy.testing import OcpMachine, View

QUICK = settings(
    max_examples=6,
    stateful_step_count=6,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    database=None,
    deadline=None,
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of failures, in a working directory of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / ".understudy/failures"


class ClientMachine(OcpMachine):
    """Tests the example client in this process."""

    socket = False

    def make_client(self, url: str, auth: tuple[str, str]) -> Client:
        return DirectClient(self.ocp)

    def act(
        self, client: Client, command: str, task_id: int, subtask_id: int | None
    ) -> bool | None:
        return client.act(command, task_id, subtask_id)

    def look(self, client: Client, task_id: int) -> View:
        return client.view(task_id)


class SocketMachine(ClientMachine):
    """Tests the example client on a socket."""

    socket = True

    def make_client(self, url: str, auth: tuple[str, str]) -> Client:
        return Client(url, auth)


class ForgetfulMachine(ClientMachine):
    """Tests a client that looks once, and then returns what it saw."""

    def look(self, client: Client, task_id: int) -> View:
        seen: dict[int, View] = self.__dict__.setdefault("seen", {})
        if task_id not in seen:
            seen[task_id] = client.view(task_id)
        return seen[task_id]


class CredulousMachine(ClientMachine):
    """Tests a client that reports every command as accepted."""

    def act(
        self, client: Client, command: str, task_id: int, subtask_id: int | None
    ) -> bool | None:
        client.act(command, task_id, subtask_id)
        return True


class IdleMachine(ClientMachine):
    """Tests a client that sends nothing."""

    def act(
        self, client: Client, command: str, task_id: int, subtask_id: int | None
    ) -> bool | None:
        return None


def run(machine: type[OcpMachine], machine_settings: settings = QUICK) -> None:
    """Run the test of a machine."""
    case = machine.TestCase
    case.settings = machine_settings
    case("runTest").runTest()


def test_correct_client_passes(folder: Path) -> None:
    """Whatever the rules do; nothing is saved."""
    run(ClientMachine)
    assert not folder.exists()


def test_correct_client_on_a_socket_passes() -> None:
    """The same client passes over HTTP."""
    run(SocketMachine, settings(QUICK, max_examples=3, stateful_step_count=4))


def test_client_with_an_outdated_view_fails(folder: Path) -> None:
    """The world is saved, and the error has both views."""
    with pytest.raises(AssertionError, match="the client sees task") as caught:
        run(ForgetfulMachine)
    assert "understudy serve --scenario" in "".join(caught.value.__notes__)
    assert len(list(folder.iterdir())) == 1


def test_client_that_ignores_a_refusal_fails() -> None:
    """The server's response is compared with what the client reports."""
    with pytest.raises(
        AssertionError,
        match="the server refused the command, but the client reports that it accepted it",
    ):
        # A refused command is rare among the first examples: it needs a task in the right state.
        run(CredulousMachine, settings(QUICK, max_examples=60))


def test_client_that_sends_nothing_fails() -> None:
    """A command that the server never receives is reported."""
    with pytest.raises(
        AssertionError, match="expected a call of this operation, but the client sent none"
    ):
        run(IdleMachine, settings(QUICK, phases=[Phase.generate]))


def test_methods_of_a_subclass_are_required() -> None:
    """Each of the three raises NotImplementedError."""
    for call in (
        lambda machine: machine.make_client("", ("", "")),
        lambda machine: machine.act(None, "retryTask", 1, None),
        lambda machine: machine.look(None, 1),
    ):
        with pytest.raises(NotImplementedError):
            call(OcpMachine())  # type: ignore[no-untyped-call]
