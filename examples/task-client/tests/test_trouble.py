"""Trouble between client and server: faults, scripted replies, wrong responses."""

import pytest

from task_client import ClientError, NoResponseError, OcpError, Status, Task, TaskClient
from understudy import Ocp, corruptions

FAILED = 35000312
READ = (
    "",
    "/data",
    "/data/id",
    "/data/name",
    "/data/status",
    "/data/subtasks",
    "/data/subtasks[]/status",
)
"""The JSON pointers of the fields that the client reads."""
WRONG = [
    wrong
    for wrong in corruptions("getTaskInstance")
    if wrong.status == "200" and wrong.pointer in READ
]


def test_command_takes_effect_without_a_response(ocp: Ocp, client: TaskClient) -> None:
    """The retry takes effect before the connection breaks.

    The client must not repeat it by itself.
    """
    ocp.fault("retryTask", fault={"reset": True, "acts": "after"}, times=1)
    with pytest.raises(NoResponseError):
        client.retry(FAILED)
    ocp.assert_called("retryTask", times=1)
    assert client.get(FAILED).status is Status.RUNNING


def test_client_repeats_a_call_after_retry_after(ocp: Ocp, client: TaskClient) -> None:
    """The server returns 503 twice.

    The client's sleep moves the world's clock, so the test can measure it.
    """
    busy = ocp.fault(
        "getTaskInstance", fault={"status": {"code": 503, "headers": {"Retry-After": 7}}}, times=2
    )
    start = ocp.clock.now
    assert client.get(FAILED).id == FAILED
    assert (busy.used, (ocp.clock.now - start).total_seconds()) == (2, 14)


def test_client_gives_up_after_three_attempts(ocp: Ocp, client: TaskClient) -> None:
    """The client raises the error of the third response."""
    ocp.reply("retryTask", error=429, headers={"Retry-After": "1"})
    with pytest.raises(OcpError, match="429/0"):
        client.retry(FAILED)
    ocp.assert_called("retryTask", times=3, status=429)


def test_unexpected_error_is_raised(ocp: Ocp, client: TaskClient) -> None:
    """The reply has `must`: without a call of the client, this test fails."""
    ocp.reply("rollbackTask", error=1999, must=True)
    with pytest.raises(OcpError, match="500/1999"):
        client.rollback(FAILED)
    assert ocp.tasks[FAILED].status == "FAILED"


@pytest.mark.parametrize("corruption", WRONG, ids=str)
def test_wrong_response_is_reported_or_harmless(
    ocp: Ocp, client: TaskClient, corruption: object
) -> None:
    """The client returns a valid task, or raises its own error, and nothing else."""
    with ocp.serving(corruption):
        try:
            result: object = client.get(FAILED)
        except ClientError as error:
            result = error
    assert isinstance(result, Task | ClientError)
