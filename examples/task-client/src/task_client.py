"""A small client of OCP's task management API."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import requests

T = TypeVar("T")
_TASKS = "/api/v2/tasks/instances"
_BUSY = (429, 503)
_UNHEARD_S = 1.0
"""How long to wait when a busy server does not say for how long."""
_LONGEST_S = 60.0


class Status(Enum):
    """How a task or subtask stands."""

    PENDING = "PENDING"
    READY = "READY"
    RUNNING = "RUNNING"
    CANCELING = "CANCELING"
    FAILED = "FAILED"
    SUCCESSFUL = "SUCCESSFUL"


@dataclass(frozen=True, slots=True)
class Subtask:
    """One step of a task."""

    id: int
    name: str
    status: Status


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the server showed it. Fields that this client does not know are passed over."""

    id: int
    name: str
    status: Status
    subtasks: tuple[Subtask, ...]

    @property
    def finished(self) -> bool:
        """Whether it has ended, well or not."""
        return self.status in (Status.SUCCESSFUL, Status.FAILED)

    def step(self, name: str) -> Subtask:
        """Give the subtask of a name. Raises KeyError."""
        return {subtask.name: subtask for subtask in self.subtasks}[name]


class ClientError(Exception):
    """Whatever this client raises."""


class NoAnswerError(ClientError):
    """The connection broke. A command may have had its effect all the same: look before it is given again."""


class StrangeAnswerError(ClientError):
    """The answer is none that the API's documents know."""


class OcpError(ClientError):
    """The server refused. `code` is OCP's own (`error.code`), `status` that of HTTP."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(f"{status}/{code}: {message}")
        self.status, self.code = status, code


class NotLoggedOnError(OcpError):
    """Nobody knows the caller."""


class NotAllowedError(OcpError):
    """The account may not do that."""


class NoSuchTaskError(OcpError):
    """There is no such task, or subtask."""


class WrongStateError(OcpError):
    """The task's state forbids it."""


class NoRollbackError(OcpError):
    """The task cannot be rolled back."""


_BY_CODE: Mapping[int, type[OcpError]] = {
    3000: NotLoggedOnError,
    3100: NotAllowedError,
    4001: NoSuchTaskError,
    4007: WrongStateError,
    4009: NoRollbackError,
}


class TaskClient:
    """Talks to an OCP.

    `auth` is a user name and password, or anything that `requests` takes for one. A server that is busy (429, 503) is
    asked again, `tries` times in all, when it says (`Retry-After`). `sleep` and `now` are how time passes, in seconds.
    """

    def __init__(
        self,
        url: str,
        auth: Any,
        *,
        session: requests.Session | None = None,
        tries: int = 3,
        sleep: Callable[[float], object] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url, self._auth, self._tries = url.rstrip("/"), auth, tries
        self._session = session or requests.Session()
        self._sleep, self._now = sleep, now

    def list(self, *, size: int = 100, **filters: str | int) -> Iterator[Task]:
        """Give the tasks that filters leave (`status="FAILED"`, `name=`, `clusterId=`, `sort=`), page by page."""
        number, pages = 1, 1
        while number <= pages:
            told = self._call("GET", _TASKS, {**filters, "page": number, "size": size})
            tasks, pages = _read(_page, told)
            yield from tasks
            number += 1

    def get(self, task: int) -> Task:
        """Give a task."""
        return self._task("GET", f"{_TASKS}/{task}")

    def retry(self, task: int) -> Task:
        """Have a task that has failed go on where it failed."""
        return self._task("POST", f"{_TASKS}/{task}/retry")

    def rollback(self, task: int) -> Task:
        """Have a task that has failed undone."""
        return self._task("POST", f"{_TASKS}/{task}/rollback")

    def skip(self, task: int, subtask: int) -> None:
        """Take a step that has failed as done."""
        self._call("POST", f"{_TASKS}/{task}/subtasks/{subtask}/skip")

    def cancel(self, task: int, subtask: int) -> None:
        """Stop a step that is running."""
        self._call("POST", f"{_TASKS}/{task}/subtasks/{subtask}/cancel")

    def log(self, task: int, subtask: int) -> str:
        """Give what a step has written."""
        told = self._call("GET", f"{_TASKS}/{task}/subtasks/{subtask}/log")
        return _read(_log, told)

    def wait(self, task: int, *, timeout: float = 3600, interval: float = 5) -> Task:
        """Poll until a task has ended; give it. Raises TimeoutError after `timeout` seconds."""
        end = self._now() + timeout
        while not (seen := self.get(task)).finished:
            if self._now() + interval > end:
                raise TimeoutError(f"task {task} is still {seen.status.value} after {timeout:g} s")
            self._sleep(interval)
        return seen

    def _task(self, method: str, path: str) -> Task:
        told = self._call(method, path)
        return _read(_task, told)

    def _call(self, method: str, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        """Give the `data` of an answer. Raises ClientError."""
        for left in reversed(range(self._tries)):
            try:
                answer = self._session.request(
                    method, self._url + path, params=query, auth=self._auth, timeout=30
                )
            except requests.RequestException as error:
                raise NoAnswerError(f"{method} {path}: {error}") from error
            if answer.status_code not in _BUSY or not left:
                break
            self._sleep(_pause(answer))
        return _data(answer)


def _pause(answer: requests.Response) -> float:
    told = answer.headers.get("Retry-After", "")
    return min(float(told), _LONGEST_S) if told.isdecimal() else _UNHEARD_S


def _data(answer: requests.Response) -> Any:
    try:
        told = answer.json()
    except requests.JSONDecodeError as error:
        raise StrangeAnswerError(
            f"{answer.status_code} without JSON: {answer.text[:100]!r}"
        ) from error
    if not answer.ok:
        code, message = _read(_error, told)
        raise _BY_CODE.get(code, OcpError)(answer.status_code, code, message)
    return _read(lambda whole: whole.get("data"), told)


def _error(told: Any) -> tuple[int, str]:
    return _as(int, told["error"]["code"]), _as(str, told["error"]["message"])


def _log(told: Any) -> str:
    return _as(str, told["log"])


def _task(told: Any) -> Task:
    subtasks = [
        Subtask(_as(int, s["id"]), _as(str, s["name"]), Status(s["status"]))
        for s in told["subtasks"]
    ]
    return Task(
        _as(int, told["id"]), _as(str, told["name"]), Status(told["status"]), tuple(subtasks)
    )


def _page(told: Any) -> tuple[list[Task], int]:
    """Give the tasks of a page, and how many pages there are."""
    return [_task(one) for one in told["contents"]], _as(int, told["page"]["totalPages"])


def _as(kind: type[T], value: Any) -> T:
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _read(read: Callable[[Any], T], told: Any) -> T:
    """Read a part of an answer. Raises StrangeAnswerError where it is not as documented."""
    try:
        return read(told)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StrangeAnswerError(f"{type(error).__name__}: {error}") from error
