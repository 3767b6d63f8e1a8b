"""The invariants of tasks."""

import pytest

from ocp_builders import subtask, task
from understudy.ocp import Task, find_contradictions


def chain(first: str, second: str, operation: str = "EXECUTE") -> tuple[object, object]:
    return subtask(1, first, operation, downstreams=(2,)), subtask(
        2, second, operation, upstreams=(1,)
    )


@pytest.mark.parametrize(
    "consistent",
    [
        task(*chain("SUCCESSFUL", "SUCCESSFUL"), status="SUCCESSFUL"),  # type: ignore[arg-type]
        task(*chain("SUCCESSFUL", "FAILED"), status="FAILED"),  # type: ignore[arg-type]
        task(*chain("FAILED", "PENDING"), status="FAILED"),  # type: ignore[arg-type]
        task(*chain("SUCCESSFUL", "CANCELING"), status="RUNNING"),  # type: ignore[arg-type]
        task(
            *chain("PENDING", "PENDING", "ROLLBACK"),  # type: ignore[arg-type]
            status="SUCCESSFUL",
            operation="ROLLBACK",
        ),
        task(subtask(1, "FAILED"), subtask(2, "RUNNING"), status="RUNNING"),
    ],
)
def test_reachable_task_has_no_contradiction(consistent: Task) -> None:
    """A task that the engine can reach violates no invariant."""
    assert list(find_contradictions(consistent)) == []


@pytest.mark.parametrize(
    ("broken", "subtask_id", "detail"),
    [
        (
            task(*chain("PENDING", "SUCCESSFUL"), status="RUNNING"),  # type: ignore[arg-type]
            2,
            "it is SUCCESSFUL, but its upstream 1 is PENDING",
        ),
        (
            task(*chain("FAILED", "RUNNING"), status="RUNNING"),  # type: ignore[arg-type]
            2,
            "it is RUNNING, but its upstream 1 is FAILED",
        ),
        (
            task(subtask(1, "RUNNING", "SKIP"), status="RUNNING"),
            1,
            "a subtask whose operation is SKIP is never RUNNING",
        ),
        (
            task(subtask(1, "FAILED"), subtask(2, "READY"), status="FAILED"),
            None,
            "it is FAILED, but it has a subtask that is READY",
        ),
        (
            task(subtask(1, "SUCCESSFUL"), status="FAILED"),
            None,
            "it is FAILED, but none of its subtasks is",
        ),
        (
            task(subtask(1), status="SUCCESSFUL"),
            None,
            "it is SUCCESSFUL, but not all of its subtasks are SUCCESSFUL",
        ),
        (
            task(subtask(1, "SUCCESSFUL"), status="SUCCESSFUL", operation="ROLLBACK"),
            None,
            "it is rolled back successfully, but not all of its subtasks are PENDING",
        ),
        (
            task(subtask(1, "FAILED"), operation="SKIP"),
            None,
            "the operation of a task is never SKIP",
        ),
    ],
)
def test_contradiction_is_reported(broken: Task, subtask_id: int | None, detail: str) -> None:
    """Each impossible state is reported with its subtask."""
    assert [(subtask_id, detail)] == [(c.subtask_id, c.detail) for c in find_contradictions(broken)]
