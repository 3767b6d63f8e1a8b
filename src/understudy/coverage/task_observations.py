"""Tasks and subtasks as a client sees them in responses: their states and status changes (OCP).

A status change between two responses is a transition when the engine makes it in one step. The
engine's steps are in `understudy.ocp`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from understudy.ocp import (
    COMMANDS,
    SUBTASK_TRANSITIONS,
    TASK_OPERATIONS,
    TASK_TRANSITIONS,
    Operation,
    SubtaskStatus,
    TaskStatus,
)

MAX_REMEMBERED = 100_000
"""How many tasks and subtasks have their last status remembered; the oldest are forgotten."""
_MAX_ID_DIGITS = 29
"""Digits of a task id in a path; a longer one is not an id of OCP."""


# In a response a status is a text. Source: the tables of status and operation values in the
# task management document.
_STATUSES = {
    "task": [status.value for status in TaskStatus],
    "subtask": [status.value for status in SubtaskStatus],
}
_OPERATIONS = {
    "task": [operation.value for operation in TASK_OPERATIONS],
    "subtask": [operation.value for operation in Operation],
}


def _list_states() -> Iterator[tuple[str, str]]:
    """Yield the statuses of tasks and subtasks, then their operations."""
    for kind, statuses in _STATUSES.items():
        for status in statuses:
            yield f"{kind} status", status
    for kind, operations in _OPERATIONS.items():
        for operation in operations:
            yield f"{kind} operation", operation


def _list_transitions() -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Yield the steps of tasks, then those of subtasks."""
    for before, after in TASK_TRANSITIONS:
        name = f"{before.value} → {after.value}"
        yield ("task", name), (before.value, after.value)
    for subtask_before, subtask_after in SUBTASK_TRANSITIONS:
        name = f"{subtask_before.value} → {subtask_after.value}"
        yield ("subtask", name), (subtask_before.value, subtask_after.value)


STATES = list(_list_states())
"""Group and name of each state: `("task status", "RUNNING")`."""
TRANSITIONS = list(_list_transitions())
"""Group and name of each transition, with its two statuses."""
_NAMES = {(kind, *statuses): name for (kind, name), statuses in TRANSITIONS}
_OPERATIONS_AFTER = {
    (before.value, after.value): {operation.value for operation in operations}
    for (before, after), operations in SUBTASK_TRANSITIONS.items()
}


@dataclass(frozen=True, slots=True)
class TaskObservation:
    """A task or subtask in a response."""

    kind: str
    """`task` or `subtask`."""
    id: tuple[int, ...]
    """The task's id; a subtask's id has its task's id in front."""
    status: str
    operation: str
    """Empty when the response does not contain it."""

    @property
    def states(self) -> Iterator[tuple[str, str]]:
        """Group and name of its states."""
        if self.status in _STATUSES[self.kind]:
            yield f"{self.kind} status", self.status
        if self.operation in _OPERATIONS[self.kind]:
            yield f"{self.kind} operation", self.operation


class LastStatuses:
    """The last observed status of each task and subtask, per world."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str, tuple[int, ...]], str] = {}
        self.version = 0
        """How often a status was new or different."""

    def record(self, world: str, observation: TaskObservation) -> str | None:
        """Record a status; return the previous one when it was different, else None."""
        key = (world, observation.kind, observation.id)
        known = self._last.pop(key, None)
        previous = observation.status if known is None else known
        self.version += known != observation.status
        # Inserted at the end: the first key is the one that was observed longest ago.
        self._last[key] = observation.status
        if len(self._last) > MAX_REMEMBERED:
            del self._last[next(iter(self._last))]
        if previous == observation.status:
            return None
        return previous


def name_transition(observation: TaskObservation, previous: str) -> str | None:
    """Return the name of the engine's step from the previous status, or None when it is no step.

    READY to SUCCESSFUL is the step of a subtask that is skipped. For any other subtask the client
    missed the status RUNNING.
    """
    statuses = (previous, observation.status)
    operation = observation.operation
    if observation.kind == "subtask" and operation:
        operations = _OPERATIONS_AFTER.get(statuses)
        if operations and operation not in operations:
            return None
    return _NAMES.get((observation.kind, *statuses))


def iter_observations(
    operation: str,
    path: Mapping[str, str],
    body: object,
) -> Iterator[TaskObservation]:
    """Yield the tasks and subtasks in a response body; anything of another form is skipped."""
    if not isinstance(body, dict):
        return
    data = body.get("data")
    if not isinstance(data, dict):
        return
    contents = data.get("contents")
    command = COMMANDS.get(operation)
    if isinstance(contents, list):
        for task in contents:
            yield from _observe_task(task)
    elif command is not None and command.subtask_status is not None:
        # The response to a command on a subtask is the subtask; its task is in the path.
        yield from _observe("subtask", data, _read_task_id(path))
    else:
        yield from _observe_task(data)


def _read_task_id(path: Mapping[str, str]) -> tuple[int, ...]:
    """Return the task id of a path, or () when the path has none."""
    text = path.get("taskInstanceId", "")
    if not text.isdecimal() or len(text) > _MAX_ID_DIGITS:
        return ()
    return (int(text),)


def _observe_task(task: object) -> Iterator[TaskObservation]:
    """Yield a task, then its subtasks."""
    if not isinstance(task, dict) or not isinstance(task.get("subtasks"), list):
        return
    for observation in _observe("task", task, ()):
        yield observation
        for subtask in task["subtasks"]:
            yield from _observe("subtask", subtask, observation.id)


def _observe(
    kind: str,
    record: object,
    task_id: tuple[int, ...],
) -> Iterator[TaskObservation]:
    """Yield the observation of a record when it has an id and a known status."""
    if not isinstance(record, dict):
        return
    own_id, status = record.get("id"), record.get("status")
    if not isinstance(own_id, int) or not isinstance(status, str):
        return
    operation = record.get("operation")
    if not isinstance(operation, str):
        operation = ""
    if status in _STATUSES[kind]:
        yield TaskObservation(kind, (*task_id, own_id), status, operation)
