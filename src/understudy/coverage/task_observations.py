"""Tasks and subtasks as a client sees them in answers: their states, and the changes between two sightings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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
"""Of how many tasks and subtasks the last status is remembered; of more, that of the one seen longest ago is not."""
_STATUSES = {
    "task": [one.value for one in TaskStatus],
    "subtask": [one.value for one in SubtaskStatus],
}
_OPERATIONS = {
    "task": [one.value for one in TASK_OPERATIONS],
    "subtask": [one.value for one in Operation],
}

STATES = [
    *((f"{kind} status", word) for kind in _STATUSES for word in _STATUSES[kind]),
    *((f"{kind} operation", word) for kind in _OPERATIONS for word in _OPERATIONS[kind]),
]
"""Group and name of each state."""
TRANSITIONS = [
    *((("task", f"{a.value} → {b.value}"), (a.value, b.value)) for a, b in TASK_TRANSITIONS),
    *((("subtask", f"{a.value} → {b.value}"), (a.value, b.value)) for a, b in SUBTASK_TRANSITIONS),
]
"""Group and name of each transition, and the two statuses."""
_NAMES = {(group, *statuses): name for (group, name), statuses in TRANSITIONS}
_AFTERWARDS = {
    (a.value, b.value): {operation.value for operation in operations}
    for (a, b), operations in SUBTASK_TRANSITIONS.items()
}


@dataclass(frozen=True, slots=True)
class TaskObservation:
    """A task or subtask in an answer."""

    kind: str
    """`task` or `subtask`."""
    id: tuple[int, ...]
    """Its id; of a subtask, its task's before it."""
    status: str
    operation: str
    """Empty where it is not told."""

    @property
    def states(self) -> Iterator[tuple[str, str]]:
        """Group and name of the states that it is in."""
        if self.status in _STATUSES[self.kind]:
            yield f"{self.kind} status", self.status
        if self.operation in _OPERATIONS[self.kind]:
            yield f"{self.kind} operation", self.operation


class LastStatuses:
    """The last status in which each task and subtask of each world was seen."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str, tuple[int, ...]], str] = {}

    def record(self, world: str, now: TaskObservation) -> str | None:
        """Give the status in which it was seen before, when that was another one; remember that of now."""
        key = (world, now.kind, now.id)
        before = self._last.pop(key, now.status)
        self._last[key] = now.status  # at the end: the first is the one that was seen longest ago
        if len(self._last) > MAX_REMEMBERED:
            del self._last[next(iter(self._last))]
        return before if before != now.status else None


def name_transition(now: TaskObservation, before: str) -> str | None:
    """Give the name of the step that the engine makes from a status to that of now; None for a jump over states.

    READY to SUCCESSFUL, say, is a step of a subtask that is skipped; of another one, that it ran was missed.
    """
    operations = _AFTERWARDS.get((before, now.status), set()) if now.kind == "subtask" else set()
    if operations and now.operation and now.operation not in operations:
        return None
    return _NAMES.get((now.kind, before, now.status))


def iter_observations(
    operation: str, path: Mapping[str, str], body: Any
) -> Iterator[TaskObservation]:
    """Give the tasks and subtasks that an answer shows. What is not of their form is passed over."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        return
    contents = data.get("contents")
    if isinstance(contents, list):
        for task in contents:
            yield from _of_task(task)
    elif operation in COMMANDS and COMMANDS[operation].subtask_status is not None:
        task_id = path.get("taskInstanceId", "")
        yield from _one(
            "subtask", data, (int(task_id),) if task_id.isdecimal() and len(task_id) < 30 else ()
        )
    else:
        yield from _of_task(data)


def _of_task(task: Any) -> Iterator[TaskObservation]:
    if not isinstance(task, dict) or not isinstance(task.get("subtasks"), list):
        return
    for one in _one("task", task, ()):
        yield one
        for subtask in task["subtasks"]:
            yield from _one("subtask", subtask, one.id)


def _one(kind: str, told: Any, above: tuple[int, ...]) -> Iterator[TaskObservation]:
    if not isinstance(told, dict):
        return
    number, status, operation = told.get("id"), told.get("status"), told.get("operation", "")
    if isinstance(number, int) and isinstance(status, str) and status in _STATUSES[kind]:
        yield TaskObservation(
            kind, (*above, number), status, operation if isinstance(operation, str) else ""
        )
