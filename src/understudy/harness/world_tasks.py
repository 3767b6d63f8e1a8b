"""The tasks of a world, seen and moved from behind the scenes: they ask for no account and leave no call."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from understudy.control.client import ControlClient, ControlError
from understudy.errors import nearest_name

__tracebackhide__ = True
"""A test that fails is shown by its own lines, not by those of this module (pytest)."""


class UnknownTaskError(KeyError):
    """There is no such task, or subtask."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds of a task or does not: true in an `if`, and what `clock.advance_until` waits for."""

    text: str
    _holds: Callable[[], bool]
    _show: Callable[[], str]
    step: Callable[[], object]
    """Moves the clock to what happens to the task next."""

    def __call__(self) -> bool:
        """Tell whether it holds now."""
        return self._holds()

    def __bool__(self) -> bool:
        return self._holds()

    def __repr__(self) -> str:
        return f"{self._show()} (to be {self.text})"


class OcpSubtask:
    """A subtask as it stands whenever it is looked at."""

    def __init__(self, task: "OcpTask", subtask_id: int) -> None:
        self._task = task
        self.id = subtask_id

    def __repr__(self) -> str:
        told = self._told()
        return f'<subtask {self.id} "{told["name"]}" {told["status"]}>'

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self._told()["name"])

    @property
    def status(self) -> str:
        """`PENDING`, `READY`, `RUNNING`, `CANCELING`, `FAILED` or `SUCCESSFUL`."""
        return str(self._told()["status"])

    @property
    def operation(self) -> str:
        """`EXECUTE`, `RETRY`, `ROLLBACK`, `SKIP` or `CANCEL`."""
        return str(self._told()["operation"])

    @property
    def executions(self) -> int:
        """How many executions have begun."""
        return int(self._told()["played"])

    def is_(self, *statuses: str) -> Condition:
        """Give the condition that it has one of some statuses."""
        _check(statuses, _SUBTASK_STATUSES)
        text = " or ".join(statuses)
        return Condition(text, lambda: self.status in statuses, self.__repr__, self._task.step)

    def force(self, status: str) -> None:
        """Put it into a status; what has to be true of the others for that is made true."""
        self._task._control.force_subtask(self._task.id, self.id, status=status)

    def _told(self) -> dict[str, Any]:
        return next(one for one in self._task._told()["subtasks"] if one["id"] == self.id)


class Subtasks(Mapping[int, OcpSubtask]):
    """The subtasks of a task: by id, or by name."""

    def __init__(self, task: "OcpTask") -> None:
        self._task = task

    def __getitem__(self, key: int | str) -> OcpSubtask:
        names = {one["id"]: one["name"] for one in self._task._told()["subtasks"]}
        return OcpSubtask(self._task, _find(key, names, f"the task {self._task.id} has no subtask"))

    def __iter__(self) -> Iterator[int]:
        return (one["id"] for one in self._task._told()["subtasks"])

    def __len__(self) -> int:
        return len(self._task._told()["subtasks"])

    def __repr__(self) -> str:
        return repr(list(self.values()))


class OcpTask:
    """A task as it stands whenever it is looked at."""

    def __init__(self, control: ControlClient, task_id: int) -> None:
        self._control = control
        self.id = task_id

    def __repr__(self) -> str:
        told = self._told()
        return f'<task {self.id} "{told["name"]}" {told["status"] or "to come"}>'

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self._told()["name"])

    @property
    def status(self) -> str | None:
        """`RUNNING`, `FAILED` or `SUCCESSFUL`; None when it has not begun."""
        told: str | None = self._told()["status"]
        return told

    @property
    def operation(self) -> str:
        """`EXECUTE`, `RETRY` or `ROLLBACK`."""
        return str(self._told()["operation"])

    @property
    def next(self) -> datetime | None:
        """When something happens to it next, on the world's clock; None for never."""
        told = self._told()["next"]
        return datetime.fromisoformat(told) if told else None

    @property
    def subtasks(self) -> "Subtasks":
        """Its subtasks, by id or by name."""
        return Subtasks(self)

    @property
    def finished(self) -> Condition:
        """The condition that it has ended: SUCCESSFUL or FAILED."""
        return self._condition("finished", "SUCCESSFUL", "FAILED")

    @property
    def successful(self) -> Condition:
        """The condition that it is SUCCESSFUL."""
        return self._condition("SUCCESSFUL", "SUCCESSFUL")

    @property
    def failed(self) -> Condition:
        """The condition that it is FAILED."""
        return self._condition("FAILED", "FAILED")

    @property
    def running(self) -> Condition:
        """The condition that it is RUNNING."""
        return self._condition("RUNNING", "RUNNING")

    def is_(self, *statuses: str) -> Condition:
        """Give the condition that it has one of some statuses."""
        _check(statuses, _TASK_STATUSES)
        return self._condition(" or ".join(statuses), *statuses)

    def force(self, status: str) -> None:
        """Put it into a status; what has to be true of its subtasks for that is made true."""
        self._control.force_task(self.id, status=status)

    def step(self) -> None:
        """Move the world's clock to what happens to it next. Raises ControlError when nothing is to come."""
        self._control.step_task(self.id)

    def _condition(self, text: str, *statuses: str) -> Condition:
        return Condition(text, lambda: self.status in statuses, self.__repr__, self.step)

    def _told(self) -> dict[str, Any]:
        told: dict[str, Any] = self._control.get_task(self.id)
        return told


class Tasks(Mapping[int, OcpTask]):
    """The tasks of a world, those to come too: by id, or by name."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    def __getitem__(self, key: int | str) -> OcpTask:
        if isinstance(key, int) and self._is_there(key):
            return OcpTask(self._control, key)
        return OcpTask(self._control, _find(key, self._names(), "the world has no task"))

    def _is_there(self, key: int) -> bool:
        try:
            self._control.get_task(key)
        except ControlError as error:
            if error.slug not in (
                "no-such-task",
                "bad-request",
            ):  # a number that no id can be is no id either
                raise
            return False
        return True

    def __iter__(self) -> Iterator[int]:
        return iter(self._names())

    def __len__(self) -> int:
        return int(self._control.list_tasks(limit=1)["total"])

    def __repr__(self) -> str:
        told = self._control.list_tasks(limit=20)
        shown = [
            f'{one["id"]} "{one["name"]}" {one["status"] or "to come"}' for one in told["tasks"]
        ]
        more = told["total"] - len(shown)
        return f"<{told['total']} tasks: {', '.join(shown)}{f', and {more} more' if more else ''}>"

    def _names(self) -> dict[int, str]:
        return {one["id"]: one["name"] for one in self._control.list_tasks(limit=10_000)["tasks"]}


_TASK_STATUSES = ("RUNNING", "FAILED", "SUCCESSFUL")
_SUBTASK_STATUSES = ("PENDING", "READY", "RUNNING", "CANCELING", "FAILED", "SUCCESSFUL")


def _check(statuses: tuple[str, ...], known: tuple[str, ...]) -> None:
    for status in statuses:
        if status not in known:
            near = nearest_name(status, known)
            hint = f'did you mean "{near}"?' if near else ", ".join(known)
            raise ValueError(f'"{status}" is no status; {hint}')
    if not statuses:
        raise ValueError(f"no status is told; there are {', '.join(known)}")


def _find(key: int | str, names: Mapping[int, str], what: str) -> int:
    """Give the id that a key means. Raises NotThereError with the nearest, or those that there are."""
    if isinstance(key, int) and key in names:
        return key
    found = [id_ for id_, name in names.items() if name == key]
    if len(found) == 1:
        return found[0]
    shown = f'"{key}"' if isinstance(key, str) else str(key)
    if found:
        raise UnknownTaskError(
            f"{what} of which {shown} is the only name: {', '.join(map(str, found))} have it"
        )
    if isinstance(key, str) and key.isdecimal() and int(key) in names:
        raise UnknownTaskError(
            f"{what} of the name {shown}. An id is a number: did you mean [{int(key)}]?"
        )
    near = nearest_name(
        str(key), [str(id_) for id_ in names] if isinstance(key, int) else list(names.values())
    )
    some = ", ".join(f'{id_} "{name}"' for id_, name in list(names.items())[:10])
    raise UnknownTaskError(
        f"{what} {shown}. "
        + (f'Did you mean "{near}"?' if near else f"There are: {some or 'none'}.")
    )
