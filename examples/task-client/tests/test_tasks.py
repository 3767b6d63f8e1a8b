"""Commands on tasks: private worlds, accounts, tasks created by a test, scenarios."""

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
"""The id of a task of the demo whose second step failed."""


def test_failed_task_is_retried(ocp: Ocp, client: TaskClient) -> None:
    """`ocp.tasks` shows the state of the task, and `assert_called` checks the calls of the client."""
    assert client.retry(FAILED).status is Status.RUNNING
    assert ocp.tasks[FAILED].status == "RUNNING"
    ocp.assert_called("retryTask", times=1, path={"taskInstanceId": FAILED})
    ocp.assert_not_called("rollbackTask")


def test_each_test_has_its_own_world(ocp: Ocp, client: TaskClient) -> None:
    """Other tests do not change this task, in any order or process."""
    assert client.get(FAILED).status is Status.FAILED
    assert len(ocp.calls) == 1


def test_list_reads_all_pages(ocp: Ocp, client: TaskClient) -> None:
    """The client requests every page of a filtered list."""
    tasks = list(client.list(status="FAILED", size=2))
    assert {task.status for task in tasks} == {Status.FAILED}
    assert len({task.id for task in tasks}) == len(tasks) > 2
    ocp.assert_called(
        "listTaskInstances", times=(len(tasks) + 1) // 2, query={"status": "FAILED", "size": "2"}
    )


def test_viewer_cannot_retry(ocp: Ocp, make_client: Callable[[Ocp], TaskClient]) -> None:
    """`ocp.as_` is the same world for another account."""
    viewer = make_client(ocp.as_("viewer"))
    assert viewer.get(FAILED).id == FAILED
    with pytest.raises(NotAllowedError):
        viewer.retry(FAILED)


def test_step_is_skipped_and_its_log_is_read(ocp: Ocp, client: TaskClient) -> None:
    """You can select subtasks by name."""
    step = ocp.tasks[FAILED].subtasks["Uninstall ocp agent"]
    assert "connection timed out" in client.log(FAILED, step.id)
    client.skip(FAILED, step.id)
    ocp.clock.advance_until(step.is_("SUCCESSFUL"))
    assert client.get(FAILED).step(step.name).status is Status.SUCCESSFUL


def test_running_step_is_cancelled(ocp: Ocp, client: TaskClient) -> None:
    """`ocp.task` adds the task that the test needs: one that hangs."""
    task = ocp.task("Upgrade", "Prepare", ocp.subtask("Install", after="Prepare", takes="never"))
    install = task.subtasks["Install"]
    ocp.clock.advance_until(install.is_("RUNNING"))
    client.cancel(task.id, install.id)
    assert client.wait(task.id).status is Status.FAILED


def test_each_error_code_raises_its_own_exception(client: TaskClient) -> None:
    """The client has one class for each `error.code` of OCP."""
    with pytest.raises(NoSuchTaskError) as caught:
        client.get(4)
    assert (caught.value.status, caught.value.code) == (404, 4001)
    client.retry(FAILED)
    with pytest.raises(WrongStateError):
        client.retry(FAILED)


@pytest.mark.ocp(scenario="rollback-prohibited")
class TestRollback:
    """The marker selects the scenario of all tests of the class."""

    def test_prohibited_rollback_raises_an_error(self, client: TaskClient) -> None:
        """The error has its own code."""
        prohibited = next(task for task in client.list(status="FAILED") if task.step("Drop tenant"))
        with pytest.raises(NoRollbackError):
            client.rollback(prohibited.id)

    @pytest.mark.ocp(scenario="rollback-succeeds")
    def test_rollback_undoes_every_step(self, ocp: Ocp, client: TaskClient) -> None:
        """A marker on the test overrides the marker on its class."""
        task = next(iter(client.list()))
        ocp.clock.advance_until(ocp.tasks[task.id].failed)
        client.rollback(task.id)
        assert {step.status for step in client.wait(task.id).subtasks} == {Status.PENDING}


@pytest.mark.ocp(scenario="nightly")
def test_scenario_of_the_project(ocp: Ocp, client: TaskClient) -> None:
    """`nightly` is a file in the folder that `ocp_scenarios` in pyproject.toml names."""
    assert ocp.auth == (f"robot+{ocp.name}", "robot")
    assert [client.wait(task, interval=60).status for task in (501, 502)] == [
        Status.SUCCESSFUL,
        Status.FAILED,
    ]
    assert "the store does not answer" in client.log(502, 3)
    client.retry(502)
    assert client.wait(502, interval=60).status is Status.SUCCESSFUL
