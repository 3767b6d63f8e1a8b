"""Waiting in virtual time: the test moves the clock."""

import pytest

from task_client import Status, TaskClient
from understudy import Ocp


def test_wait_takes_no_real_time(ocp: Ocp, client: TaskClient) -> None:
    """The client's sleep moves the world's clock by an hour."""
    task = ocp.task("Backup", ocp.subtask("Copy", takes="1h"))
    assert client.wait(task.id, timeout=7200, interval=600).status is Status.SUCCESSFUL
    ocp.assert_called("getTaskInstance", times=8)


def test_wait_ends_with_a_timeout(ocp: Ocp, client: TaskClient) -> None:
    """A task that hangs does not block the client."""
    task = ocp.task("Backup", ocp.subtask("Copy", takes="never"))
    with pytest.raises(TimeoutError, match="still RUNNING after 60 s"):
        client.wait(task.id, timeout=60)


def test_client_polls_while_the_test_moves_the_clock(ocp: Ocp) -> None:
    """The client runs in a thread, on a real socket, with a real sleep.

    `wait_for` returns when it has started.
    """
    task = ocp.task("Backup", ocp.subtask("Copy", takes="1h"))
    polling = ocp.background(TaskClient(ocp.url, ocp.auth).wait, task.id, interval=0.01)
    ocp.wait_for("getTaskInstance", path={"taskInstanceId": task.id})
    assert not polling.done
    ocp.clock.advance_until(task.finished)
    assert polling.result().status is Status.SUCCESSFUL
