"""The machine: a client that is right passes, one that is wrong is found."""

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
    """Failures are kept below the working directory."""
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
    """Tests it on a socket."""

    socket = True

    def make_client(self, url: str, auth: tuple[str, str]) -> Client:
        return Client(url, auth)


class ForgetfulMachine(ClientMachine):
    """A client that looks once and remembers."""

    def look(self, client: Client, task_id: int) -> View:
        seen = self.__dict__.setdefault("seen", {})
        if task_id not in seen:
            seen[task_id] = client.view(task_id)
        return seen[task_id]


class CredulousMachine(ClientMachine):
    """A client that takes every command for granted."""

    def act(
        self, client: Client, command: str, task_id: int, subtask_id: int | None
    ) -> bool | None:
        client.act(command, task_id, subtask_id)
        return True


class IdleMachine(ClientMachine):
    """A client that sends nothing."""

    def act(
        self, client: Client, command: str, task_id: int, subtask_id: int | None
    ) -> bool | None:
        return None


def run(machine: type[OcpMachine], told: settings = QUICK) -> None:
    case = machine.TestCase
    case.settings = told
    case("runTest").runTest()


def test_a_client_that_is_right_passes(folder: Path) -> None:
    """Whatever is done; nothing is kept."""
    run(ClientMachine)
    assert not folder.exists()


def test_a_client_on_a_socket_passes() -> None:
    """The same over HTTP."""
    run(SocketMachine, settings(QUICK, max_examples=3, stateful_step_count=4))


def test_a_client_that_sees_what_was_is_found(folder: Path) -> None:
    """The world is kept, and the error says what was seen and what is."""
    with pytest.raises(AssertionError, match="the client sees task") as caught:
        run(ForgetfulMachine)
    assert "understudy serve --scenario" in "".join(caught.value.__notes__)
    assert len(list(folder.iterdir())) == 1


def test_a_client_that_takes_a_refusal_for_a_yes_is_found() -> None:
    """The server's answer is compared with what the client says."""
    with pytest.raises(AssertionError, match="was refused, but the client says that it was taken"):
        run(CredulousMachine, settings(QUICK, max_examples=60))


def test_a_client_that_sends_nothing_is_found() -> None:
    """A command that never came is told."""
    with pytest.raises(AssertionError, match="no such call came"):
        run(IdleMachine)


def test_what_a_subclass_has_to_say_is_told() -> None:
    """Each of the three."""
    for call in (
        lambda machine: machine.make_client("", ("", "")),
        lambda machine: machine.act(None, "retryTask", 1, None),
        lambda machine: machine.look(None, 1),
    ):
        with pytest.raises(NotImplementedError):
            call(OcpMachine())  # type: ignore[no-untyped-call]
