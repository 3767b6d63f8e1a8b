"""Small tasks for the tests of `understudy.ocp`."""

from datetime import UTC, datetime, timedelta
from typing import Any

from understudy.ocp import (
    Command,
    OcpError,
    Operation,
    Subtask,
    SubtaskStatus,
    Task,
    TaskStatus,
    apply_command,
)

START = datetime(2021, 8, 25, 15, 9, 31, tzinfo=UTC)
LATER = START + timedelta(minutes=5)

FINISHED = {SubtaskStatus.FAILED, SubtaskStatus.SUCCESSFUL}


def subtask(
    subtask_id: int, status: str = "PENDING", operation: str = "EXECUTE", **more: Any
) -> Subtask:
    """Build a subtask in a state, with the times that belong to it."""
    state = SubtaskStatus(status)
    fields: dict[str, Any] = {"upstreams": (), "downstreams": (), "series_id": subtask_id}
    if status not in ("PENDING", "READY"):
        fields |= {"start_time": START, "executor": "10.0.0.1"}
    if state in FINISHED:
        fields["finish_time"] = START + timedelta(seconds=2)
    return Subtask(
        id=subtask_id,
        name=f"Step {subtask_id}",
        create_time=START,
        status=state,
        operation=Operation(operation),
        **(fields | more),
    )


def task(
    *subtasks: Subtask, status: str = "FAILED", operation: str = "EXECUTE", **more: Any
) -> Task:
    """Build a task in a state."""
    state = TaskStatus(status)
    fields: dict[str, Any] = {"id": 1000, "name": "Prepare host", "create_time": START}
    if state is not TaskStatus.RUNNING:
        fields["finish_time"] = LATER
    return Task(subtasks=subtasks, status=state, operation=Operation(operation), **(fields | more))


def run_command(name: str, before: Task, subtask_id: int | None = None) -> Task:
    """Return the task after a command."""
    return apply_command({before.id: before}, Command(name, before.id, subtask_id, LATER), LATER)[
        before.id
    ]


def command_error(name: str, before: Task, subtask_id: int | None = None) -> OcpError | None:
    """Return the error of a command, or None when it is allowed."""
    try:
        run_command(name, before, subtask_id)
    except OcpError as error:
        return error
    return None
