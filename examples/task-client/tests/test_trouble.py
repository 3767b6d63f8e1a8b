"""What goes wrong between a client and its server: faults, scripted answers, answers that are wrong."""

import pytest

from task_client import ClientError, NoAnswerError, OcpError, Status, Task, TaskClient
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
"""The places of an answer that the client reads."""
WRONG = [
    wrong
    for wrong in corruptions("getTaskInstance")
    if wrong.status == "200" and wrong.pointer in READ
]


def test_a_lost_answer_is_not_a_lost_command(ocp: Ocp, client: TaskClient) -> None:
    """The retry had its effect before the connection broke: the client must not give it again by itself."""
    ocp.fault("retryTask", fault={"reset": True, "acts": "after"}, times=1)
    with pytest.raises(NoAnswerError):
        client.retry(FAILED)
    ocp.assert_called("retryTask", times=1)
    assert client.get(FAILED).status is Status.RUNNING


def test_a_busy_server_is_asked_again_when_it_says(ocp: Ocp, client: TaskClient) -> None:
    """503 twice, then an answer. The client's sleep is the world's time, so that it can be measured."""
    busy = ocp.fault(
        "getTaskInstance", fault={"status": {"code": 503, "headers": {"Retry-After": 7}}}, times=2
    )
    start = ocp.clock.now
    assert client.get(FAILED).id == FAILED
    assert (busy.used, (ocp.clock.now - start).total_seconds()) == (2, 14)


def test_a_busy_server_is_not_asked_for_ever(ocp: Ocp, client: TaskClient) -> None:
    """After three tries the client gives up."""
    ocp.reply("retryTask", error=429, headers={"Retry-After": "1"})
    with pytest.raises(OcpError, match="429/0"):
        client.retry(FAILED)
    ocp.assert_called("retryTask", times=3, status=429)


def test_an_error_that_nobody_expected(ocp: Ocp, client: TaskClient) -> None:
    """A scripted answer with `must`: had the client never asked, this test would fail."""
    ocp.reply("rollbackTask", error=1999, must=True)
    with pytest.raises(OcpError, match="500/1999"):
        client.rollback(FAILED)
    assert ocp.tasks[FAILED].status == "FAILED"


@pytest.mark.parametrize("corruption", WRONG, ids=str)
def test_wrong_answers_are_told_or_do_no_harm(
    ocp: Ocp, client: TaskClient, corruption: object
) -> None:
    """Whatever is wrong in the answer, the client gives a sound task or says so; nothing else escapes."""
    with ocp.serving(corruption):
        try:
            seen: object = client.get(FAILED)
        except ClientError as error:
            seen = error
    assert isinstance(seen, Task | ClientError)
