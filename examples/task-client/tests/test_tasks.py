"""What the client does with tasks: a private world, accounts, tasks that a test makes, scenarios."""

from collections.abc import Callable

import pytest

from task_client import (
    NoRollbackError,
    NoSuchTaskError,
    NotAllowedError,
    Status,
    TaskClient,
    WrongStateError,
)
from understudy import Ocp

FAILED = 35000312
"""A task of the demo that has failed at its second step."""


def test_a_failed_task_is_retried(ocp: Ocp, client: TaskClient) -> None:
    """`ocp.tasks` shows what has become of it, and `assert_called` what the client asked."""
    assert client.retry(FAILED).status is Status.RUNNING
    assert ocp.tasks[FAILED].status == "RUNNING"
    ocp.assert_called("retryTask", times=1, path={"taskInstanceId": FAILED})
    ocp.assert_not_called("rollbackTask")


def test_each_test_has_a_world_of_its_own(ocp: Ocp, client: TaskClient) -> None:
    """Whatever other tests did to this task, in whichever order or process."""
    assert client.get(FAILED).status is Status.FAILED
    assert len(ocp.calls) == 1


def test_filters_and_pages(ocp: Ocp, client: TaskClient) -> None:
    """The client asks for as many pages as there are."""
    found = list(client.list(status="FAILED", size=2))
    assert {task.status for task in found} == {Status.FAILED}
    assert len({task.id for task in found}) == len(found) > 2
    ocp.assert_called(
        "listTaskInstances", times=(len(found) + 1) // 2, query={"status": "FAILED", "size": "2"}
    )


def test_a_viewer_may_not_act(ocp: Ocp, make_client: Callable[[Ocp], TaskClient]) -> None:
    """`ocp.as_` is the same world, seen by another account."""
    viewer = make_client(ocp.as_("viewer"))
    assert viewer.get(FAILED).id == FAILED
    with pytest.raises(NotAllowedError):
        viewer.retry(FAILED)


def test_a_step_is_skipped_and_its_log_read(ocp: Ocp, client: TaskClient) -> None:
    """Subtasks are found by their names."""
    step = ocp.tasks[FAILED].subtasks["Uninstall ocp agent"]
    assert "connection timed out" in client.log(FAILED, step.id)
    client.skip(FAILED, step.id)
    ocp.clock.advance_until(step.is_("SUCCESSFUL"))
    assert client.get(FAILED).step(step.name).status is Status.SUCCESSFUL


def test_a_running_step_is_cancelled(ocp: Ocp, client: TaskClient) -> None:
    """`ocp.task` makes the task that the test needs: this one hangs."""
    task = ocp.task("Upgrade", "Prepare", ocp.subtask("Install", after="Prepare", takes="never"))
    install = task.subtasks["Install"]
    ocp.clock.advance_until(install.is_("RUNNING"))
    client.cancel(task.id, install.id)
    assert client.wait(task.id).status is Status.FAILED


def test_what_a_state_forbids_is_an_exception(client: TaskClient) -> None:
    """One class for each `error.code` of OCP."""
    with pytest.raises(NoSuchTaskError) as caught:
        client.get(4)
    assert (caught.value.status, caught.value.code) == (404, 4001)
    client.retry(FAILED)
    with pytest.raises(WrongStateError):
        client.retry(FAILED)


@pytest.mark.ocp(scenario="rollback-prohibited")
class TestRollback:
    """The marker says how the worlds of all these tests begin."""

    def test_it_can_be_prohibited(self, client: TaskClient) -> None:
        """Then the error has a code of its own."""
        prohibited = next(task for task in client.list(status="FAILED") if task.step("Drop tenant"))
        with pytest.raises(NoRollbackError):
            client.rollback(prohibited.id)

    @pytest.mark.ocp(scenario="rollback-succeeds")
    def test_it_undoes_every_step(self, ocp: Ocp, client: TaskClient) -> None:
        """A marker on the test counts before the one on its class."""
        task = next(iter(client.list()))
        ocp.clock.advance_until(ocp.tasks[task.id].failed)
        client.rollback(task.id)
        assert {step.status for step in client.wait(task.id).subtasks} == {Status.PENDING}


@pytest.mark.ocp(scenario="nightly")
def test_our_own_scenario(ocp: Ocp, client: TaskClient) -> None:
    """`nightly` is a file of this project: `ocp_scenarios` in pyproject.toml tells where."""
    assert ocp.auth == (f"robot+{ocp.name}", "robot")
    assert [client.wait(task, interval=60).status for task in (501, 502)] == [
        Status.SUCCESSFUL,
        Status.FAILED,
    ]
    assert "the store does not answer" in client.log(502, 3)
    client.retry(502)
    assert client.wait(502, interval=60).status is Status.SUCCESSFUL
