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
_DEFAULT_PAUSE_S = 1.0
"""The pause, in seconds, after a busy response without Retry-After."""
_MAX_PAUSE_S = 60.0


class Status(Enum):
    """The status of a task or subtask."""

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
    """A task as the server returned it. The client ignores fields that it does not know."""

    id: int
    name: str
    status: Status
    subtasks: tuple[Subtask, ...]

    @property
    def finished(self) -> bool:
        """Whether the task has ended, successfully or not."""
        return self.status in (Status.SUCCESSFUL, Status.FAILED)

    def step(self, name: str) -> Subtask:
        """Return the subtask with a name. Raise KeyError if there is none."""
        return {subtask.name: subtask for subtask in self.subtasks}[name]


class ClientError(Exception):
    """Base class of the errors of this client."""


class NoResponseError(ClientError):
    """The connection broke.

    A command may have taken effect: check the task before you repeat the command.
    """


class InvalidResponseError(ClientError):
    """The response is not as the API's documents describe it."""


class OcpError(ClientError):
    """An error response. `code` is OCP's own code (`error.code`), `status` is the HTTP status."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(f"{status}/{code}: {message}")
        self.status, self.code = status, code


class UnauthenticatedError(OcpError):
    """The credentials are missing or wrong."""


class NotAllowedError(OcpError):
    """The account does not have the permission."""


class NoSuchTaskError(OcpError):
    """Unknown task or subtask."""


class WrongStateError(OcpError):
    """The state of the task does not allow the command."""


class NoRollbackError(OcpError):
    """The task cannot be rolled back."""


_BY_CODE: Mapping[int, type[OcpError]] = {
    3000: UnauthenticatedError,
    3100: NotAllowedError,
    4001: NoSuchTaskError,
    4007: WrongStateError,
    4009: NoRollbackError,
}


class TaskClient:
    """A client of an OCP.

    `auth` is a pair of user name and password, or another value that `requests` accepts. After a
    busy response (429, 503) the client waits as long as `Retry-After` says and repeats the call, up
    to `tries` calls in total. `sleep` and `now` work in seconds; a test passes its own.
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
        """Yield the tasks that match the filters, page by page.

        Filters are `status="FAILED"`, `name=`, `clusterId=`, `sort=` and the others of the API.
        """
        number, pages = 1, 1
        while number <= pages:
            data = self._call("GET", _TASKS, {**filters, "page": number, "size": size})
            tasks, pages = _parse(_parse_page, data)
            yield from tasks
            number += 1

    def get(self, task: int) -> Task:
        """Return a task."""
        return self._task("GET", f"{_TASKS}/{task}")

    def retry(self, task: int) -> Task:
        """Retry a failed task from its failed step."""
        return self._task("POST", f"{_TASKS}/{task}/retry")

    def rollback(self, task: int) -> Task:
        """Roll a failed task back."""
        return self._task("POST", f"{_TASKS}/{task}/rollback")

    def skip(self, task: int, subtask: int) -> None:
        """Skip a failed step."""
        self._call("POST", f"{_TASKS}/{task}/subtasks/{subtask}/skip")

    def cancel(self, task: int, subtask: int) -> None:
        """Cancel a running step."""
        self._call("POST", f"{_TASKS}/{task}/subtasks/{subtask}/cancel")

    def log(self, task: int, subtask: int) -> str:
        """Return the log of a step."""
        data = self._call("GET", f"{_TASKS}/{task}/subtasks/{subtask}/log")
        return _parse(_parse_log, data)

    def wait(self, task: int, *, timeout: float = 3600, interval: float = 5) -> Task:
        """Poll until a task has ended, and return it.

        Raise TimeoutError after `timeout` seconds.
        """
        end = self._now() + timeout
        while not (current := self.get(task)).finished:
            if self._now() + interval > end:
                raise TimeoutError(
                    f"task {task} is still {current.status.value} after {timeout:g} s"
                )
            self._sleep(interval)
        return current

    def _task(self, method: str, path: str) -> Task:
        data = self._call(method, path)
        return _parse(_parse_task, data)

    def _call(self, method: str, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        """Send a request, and return the `data` of the response. Raise ClientError."""
        for left in reversed(range(self._tries)):
            try:
                response = self._session.request(
                    method, self._url + path, params=query, auth=self._auth, timeout=30
                )
            except requests.RequestException as error:
                raise NoResponseError(f"{method} {path}: {error}") from error
            if response.status_code not in _BUSY or not left:
                break
            self._sleep(_pause_s(response))
        return _read_data(response)


def _pause_s(response: requests.Response) -> float:
    retry_after = response.headers.get("Retry-After", "")
    if not retry_after.isdecimal():
        return _DEFAULT_PAUSE_S
    return min(float(retry_after), _MAX_PAUSE_S)


def _read_data(response: requests.Response) -> Any:
    try:
        body = response.json()
    except requests.JSONDecodeError as error:
        raise InvalidResponseError(
            f"{response.status_code} without JSON: {response.text[:100]!r}"
        ) from error
    if not response.ok:
        code, message = _parse(_parse_error, body)
        raise _BY_CODE.get(code, OcpError)(response.status_code, code, message)
    return _parse(lambda envelope: envelope.get("data"), body)


def _parse_error(body: Any) -> tuple[int, str]:
    return _require(int, body["error"]["code"]), _require(str, body["error"]["message"])


def _parse_log(data: Any) -> str:
    return _require(str, data["log"])


def _parse_task(data: Any) -> Task:
    subtasks = tuple(map(_parse_subtask, data["subtasks"]))
    return Task(
        _require(int, data["id"]), _require(str, data["name"]), Status(data["status"]), subtasks
    )


def _parse_subtask(data: Any) -> Subtask:
    return Subtask(_require(int, data["id"]), _require(str, data["name"]), Status(data["status"]))


def _parse_page(data: Any) -> tuple[list[Task], int]:
    """Return the tasks of a page, and the number of pages."""
    tasks = [_parse_task(item) for item in data["contents"]]
    return tasks, _require(int, data["page"]["totalPages"])


def _require(kind: type[T], value: Any) -> T:
    if type(value) is not kind:
        raise TypeError(f"{value!r} is not of type {kind.__name__}")
    return value


def _parse(parse: Callable[[Any], T], data: Any) -> T:
    """Parse a part of a response. Raise InvalidResponseError if it is not as documented."""
    try:
        return parse(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidResponseError(f"{type(error).__name__}: {error}") from error
