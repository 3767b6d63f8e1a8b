"""The tasks of a world.

A test reads and changes them through the control API, which records no call.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from understudy.control.api.world_types import SubtaskRecord, TaskRecord, TaskSummary
from understudy.control.client import ControlClient, ControlError
from understudy.errors import nearest_name
from understudy.harness.message_parts import suggest_name

__tracebackhide__ = True
"""pytest shows the lines of the failing test, not those of this module."""

_TASK_STATUSES = ("RUNNING", "FAILED", "SUCCESSFUL")
_SUBTASK_STATUSES = ("PENDING", "READY", "RUNNING", "CANCELING", "FAILED", "SUCCESSFUL")
_MAX_TASKS = 10_000
"""The number of tasks that are searched by name."""
_MAX_SHOWN = 20
"""The number of tasks that a repr shows."""
_MAX_SUGGESTED = 10
"""The number of tasks that the message of an unknown task lists."""


class UnknownTaskError(KeyError):
    """An unknown task or subtask."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError shows the repr


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a task. Use it in an `if` or `assert`, and with `clock.advance_until`."""

    text: str
    _holds: Callable[[], bool]
    _show: Callable[[], str]
    step: Callable[[], object]
    """Moves the clock to the next event of the task."""

    def __call__(self) -> bool:
        """Return whether the condition holds now."""
        return self._holds()

    def __bool__(self) -> bool:
        return self._holds()

    def __repr__(self) -> str:
        return f"{self._show()} (to be {self.text})"


class OcpSubtask:
    """A subtask. Each attribute is read anew."""

    def __init__(self, task: "OcpTask", subtask_id: int) -> None:
        self._task = task
        self.id = subtask_id

    def __repr__(self) -> str:
        record = self._read()
        return f'<subtask {self.id} "{record["name"]}" {record["status"]}>'

    @property
    def name(self) -> str:
        """The name."""
        return self._read()["name"]

    @property
    def status(self) -> str:
        """`PENDING`, `READY`, `RUNNING`, `CANCELING`, `FAILED` or `SUCCESSFUL`."""
        return self._read()["status"]

    @property
    def operation(self) -> str:
        """`EXECUTE`, `RETRY`, `ROLLBACK`, `SKIP` or `CANCEL`."""
        return self._read()["operation"]

    @property
    def executions(self) -> int:
        """The number of executions that have started."""
        return self._read()["played"]

    def is_(self, *statuses: str) -> Condition:
        """Return the condition that the subtask has one of the statuses.

        Raise ValueError for an unknown one.
        """
        _check_statuses(statuses, _SUBTASK_STATUSES)
        text = " or ".join(statuses)
        return Condition(text, lambda: self.status in statuses, self.__repr__, self._task.step)

    def force(self, status: str) -> None:
        """Put the subtask into a status.

        Its task and the other subtasks change so that the state is possible.
        """
        self._task._control.force_subtask(self._task.id, self.id, status=status)

    def _read(self) -> SubtaskRecord:
        for record in self._task._list_subtasks():
            if record["id"] == self.id:
                return record
        raise UnknownTaskError(f"the task {self._task.id} has no subtask {self.id}")


class Subtasks(Mapping[int, OcpSubtask]):
    """The subtasks of a task, by id or by name."""

    def __init__(self, task: "OcpTask") -> None:
        self._task = task

    def __getitem__(self, key: int | str) -> OcpSubtask:
        names = {record["id"]: record["name"] for record in self._task._list_subtasks()}
        owner = f"the task {self._task.id} has no subtask"
        return OcpSubtask(self._task, _find_id(key, names, owner))

    def __iter__(self) -> Iterator[int]:
        return (record["id"] for record in self._task._list_subtasks())

    def __len__(self) -> int:
        return len(self._task._list_subtasks())

    def __repr__(self) -> str:
        return repr(list(self.values()))


class OcpTask:
    """A task. Each attribute is read anew."""

    def __init__(self, control: ControlClient, task_id: int) -> None:
        self._control = control
        self.id = task_id

    def __repr__(self) -> str:
        return f"<task {_describe_task(self._read())}>"

    @property
    def name(self) -> str:
        """The name."""
        return self._read()["name"]

    @property
    def status(self) -> str | None:
        """`RUNNING`, `FAILED` or `SUCCESSFUL`; None before the start of the task."""
        return self._read()["status"]

    @property
    def operation(self) -> str:
        """`EXECUTE`, `RETRY` or `ROLLBACK`."""
        return self._read()["operation"]

    @property
    def next(self) -> datetime | None:
        """The time of the next change, on the world's clock.

        None if the task does not change without a command.
        """
        text = self._read()["next"]
        return datetime.fromisoformat(text) if text else None

    @property
    def subtasks(self) -> "Subtasks":
        """The subtasks, by id or by name."""
        return Subtasks(self)

    @property
    def finished(self) -> Condition:
        """The condition that the task is SUCCESSFUL or FAILED."""
        return self._build_condition("finished", "SUCCESSFUL", "FAILED")

    @property
    def successful(self) -> Condition:
        """The condition that the task is SUCCESSFUL."""
        return self._build_condition("SUCCESSFUL", "SUCCESSFUL")

    @property
    def failed(self) -> Condition:
        """The condition that the task is FAILED."""
        return self._build_condition("FAILED", "FAILED")

    @property
    def running(self) -> Condition:
        """The condition that the task is RUNNING."""
        return self._build_condition("RUNNING", "RUNNING")

    def is_(self, *statuses: str) -> Condition:
        """Return the condition that the task has one of the statuses.

        Raise ValueError for an unknown one.
        """
        _check_statuses(statuses, _TASK_STATUSES)
        return self._build_condition(" or ".join(statuses), *statuses)

    def force(self, status: str) -> None:
        """Put the task into a status. Its subtasks change so that the state is possible."""
        self._control.force_task(self.id, status=status)

    def step(self) -> None:
        """Move the world's clock to the next event of the task.

        Raise ControlError if there is none.
        """
        self._control.step_task(self.id)

    def _list_subtasks(self) -> list[SubtaskRecord]:
        """Return the records of the subtasks: `id`, `name`, `status`, `operation`, `played`."""
        return self._read()["subtasks"]

    def _build_condition(self, text: str, *statuses: str) -> Condition:
        return Condition(text, lambda: self.status in statuses, self.__repr__, self.step)

    def _read(self) -> TaskRecord:
        return self._control.get_task(self.id)


class Tasks(Mapping[int, OcpTask]):
    """The tasks of a world, by id or by name. Tasks that start later are included."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    def __getitem__(self, key: int | str) -> OcpTask:
        if isinstance(key, int) and self._exists(key):
            return OcpTask(self._control, key)
        return OcpTask(self._control, _find_id(key, self._read_names(), "the world has no task"))

    def _exists(self, key: int) -> bool:
        """Return whether there is a task with an id."""
        try:
            self._control.get_task(key)
        except ControlError as error:
            if error.slug not in ("no-such-task", "bad-request"):
                raise
            return False  # bad-request: the number is out of the range of ids
        return True

    def __iter__(self) -> Iterator[int]:
        return iter(self._read_names())

    def __len__(self) -> int:
        return self._control.list_tasks(limit=1)["total"]

    def __repr__(self) -> str:
        page = self._control.list_tasks(limit=_MAX_SHOWN)
        shown = [_describe_task(record) for record in page["tasks"]]
        omitted = page["total"] - len(shown)
        text = ", ".join(shown)
        if omitted:
            text = f"{text}, and {omitted} more"
        return f"<{page['total']} tasks: {text}>"

    def _read_names(self) -> dict[int, str]:
        """Return the names of all tasks, by id."""
        records = self._control.list_tasks(limit=_MAX_TASKS)["tasks"]
        return {record["id"]: record["name"] for record in records}


def _describe_task(record: TaskSummary) -> str:
    """Return id, name and status. A task that has not started has no status."""
    return f'{record["id"]} "{record["name"]}" {record["status"] or "to come"}'


def _check_statuses(statuses: tuple[str, ...], known: tuple[str, ...]) -> None:
    """Raise ValueError if there is no status, or an unknown one."""
    if not statuses:
        raise ValueError(f"missing status. Expected one of {', '.join(known)}.")
    for status in statuses:
        if status not in known:
            raise ValueError(f'unknown status "{status}". {suggest_name(status, known)}')


def _find_id(key: int | str, names: Mapping[int, str], message: str) -> int:
    """Return the id that a key selects: an id, or a name that only one of `names` (by id) has.

    Raises UnknownTaskError with the nearest id or name. `message` is the start of the text.
    """
    if isinstance(key, int) and key in names:
        return key
    ids = [id_ for id_, name in names.items() if name == key]
    if len(ids) == 1:
        return ids[0]
    shown = f'"{key}"' if isinstance(key, str) else str(key)
    if ids:
        listed = ", ".join(map(str, ids))
        raise UnknownTaskError(f"{message} with the unique name {shown}: {listed} have that name")
    if isinstance(key, str) and key.isdecimal() and int(key) in names:
        hint = f"An id is a number: did you mean [{int(key)}]?"
        raise UnknownTaskError(f"{message} with the name {shown}. {hint}")
    raise UnknownTaskError(f"{message} {shown}. {_suggest(key, names)}")


def _suggest(key: int | str, names: Mapping[int, str]) -> str:
    """Return a hint: the nearest id or name, or the first tasks that there are."""
    candidates = list(names.values())
    if isinstance(key, int):
        candidates = [str(id_) for id_ in names]
    near = nearest_name(str(key), candidates)
    if near:
        return f'Did you mean "{near}"?'
    listed = [f'{id_} "{name}"' for id_, name in list(names.items())[:_MAX_SUGGESTED]]
    return f"There are: {', '.join(listed) or 'none'}."
