"""Waiting, without waiting: the test moves the clock."""

import pytest

from task_client import Status, TaskClient
from understudy import Ocp


def test_waiting_takes_no_time(ocp: Ocp, client: TaskClient) -> None:
    """An hour of the world; the client's own sleep moves it."""
    task = ocp.task("Backup", ocp.subtask("Copy", takes="1h"))
    assert client.wait(task.id, timeout=7200, interval=600).status is Status.SUCCESSFUL
    ocp.assert_called("getTaskInstance", times=8)


def test_waiting_has_an_end(ocp: Ocp, client: TaskClient) -> None:
    """A task that hangs does not hang the client."""
    task = ocp.task("Backup", ocp.subtask("Copy", takes="never"))
    with pytest.raises(TimeoutError, match="still RUNNING after 60 s"):
        client.wait(task.id, timeout=60)


def test_a_client_polls_while_the_test_moves_the_clock(ocp: Ocp) -> None:
    """In a thread, over a real socket, with its own sleep; `wait_for` tells when it has begun."""
    task = ocp.task("Backup", ocp.subtask("Copy", takes="1h"))
    polling = ocp.background(TaskClient(ocp.url, ocp.auth).wait, task.id, interval=0.01)
    ocp.wait_for("getTaskInstance", path={"taskInstanceId": task.id})
    assert not polling.done
    ocp.clock.advance_until(task.finished)
    assert polling.result().status is Status.SUCCESSFUL
