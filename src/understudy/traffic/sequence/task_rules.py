"""Rules for the answers of OCP: envelopes, pages, times, statuses, logs.

Field names are those of both dialects; the fields whose names differ are not needed here.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from math import ceil
from typing import Any

from understudy.contract.document.pointers import child_pointer
from understudy.messages import Json
from understudy.traffic.finding import Finding, Severity
from understudy.traffic.sequence.observed_call import ObservedCall, RecentValues

_COMMANDS = frozenset(["rollbackTask", "retryTask", "cancelSubtask", "retrySubtask", "skipSubtask"])
_UNFINISHED = frozenset(["RUNNING", "READY", "CANCELING"])
_FINISHED = frozenset(["FAILED", "SUCCESSFUL"])
_CONSTANT = ("name", "type", "taskDefinitionId", "createTime", "clusterId", "tenantId")
"""The fields of a task that no command changes."""
_TASK_STEPS = {"RUNNING": {"FAILED", "SUCCESSFUL"}, "FAILED": set(), "SUCCESSFUL": set()}
"""By status of a task: the statuses that it reaches without a command."""
_SUBTASK_STEPS = {
    "PENDING": {"READY", "RUNNING", "FAILED", "SUCCESSFUL"},
    "READY": {"RUNNING", "FAILED", "SUCCESSFUL"},
    "RUNNING": {"FAILED", "SUCCESSFUL"},
    "CANCELING": {"FAILED"},
    "FAILED": set(),
    "SUCCESSFUL": set(),
}
"""The same for a subtask of a task that is not rolled back. Source: `ocp.invariants`."""
_ROLLBACK = "ROLLBACK"
_Object = dict[str, Any]
_Key = tuple[str, str]


class TaskRules:
    """What OCP's answers have to agree on.

    Commands of other clients are not seen. Where such a command may be the reason, the finding is a
    warning.
    """

    def __init__(self) -> None:
        self._tasks: RecentValues[_Key, _Object] = RecentValues()
        """By scope and id: the constant fields, and the statuses of the last look."""
        self._logs: RecentValues[_Key, str] = RecentValues()

    def reset(self, scope: str) -> None:
        """Forget a scope, which begins anew."""
        for memory in (self._tasks, self._logs):
            for key in [key for key in memory if key[0] == scope]:
                del memory[key]

    def check(self, call: ObservedCall) -> Iterator[Finding]:
        """Yield what is wrong in one answer or contradicts earlier ones, and remember the call."""
        if not isinstance(call.body, dict):
            return
        yield from _check_envelope(call, call.body)
        if not call.is_success:
            return
        data = call.body.get("data")
        if call.operation.id in _COMMANDS:
            self._forget_statuses(call)
            return
        if not isinstance(data, dict):
            return
        if call.operation.id == "listTaskInstances":
            yield from _check_page(call, data)
            for index, task in enumerate(_objects(data.get("contents"))):
                yield from self._check_task(call, task, f"/data/contents/{index}")
        elif call.operation.id == "getTaskInstance":
            yield from self._check_task(call, data, "/data")
        elif call.operation.id == "getSubtaskLog":
            yield from self._check_log(call, data)

    def _forget_statuses(self, call: ObservedCall) -> None:
        """Forget what a command may change: the statuses and logs of its task."""
        number = call.path_values.get("taskInstanceId", "")
        known = self._tasks.get((call.scope, number))
        if known is not None:
            known.pop("status", None)
            known.pop("subtasks", None)
        prefix = f"{number}/"
        for key in [key for key in self._logs if key[0] == call.scope]:
            if key[1].startswith(prefix):
                del self._logs[key]

    def _check_task(self, call: ObservedCall, task: _Object, place: str) -> Iterator[Finding]:
        yield from _check_times(call, task, place)
        subtasks = _objects(task.get("subtasks"))
        for index, subtask in enumerate(subtasks):
            yield from _check_times(call, subtask, child_pointer(place, "subtasks", index))
        known = self._tasks.setdefault((call.scope, str(task.get("id"))), {})
        yield from _check_constants(call, task, known, place)
        yield from _check_statuses(call, task, known, place)
        known["status"] = task.get("status")
        known.update({name: task[name] for name in _CONSTANT if name in task})
        if subtasks:
            known["subtasks"] = {part.get("id"): part.get("status") for part in subtasks}

    def _check_log(self, call: ObservedCall, data: _Object) -> Iterator[Finding]:
        """Yield a finding for a log that does not begin with what was seen of it."""
        log = data.get("log")
        if not isinstance(log, str):
            return
        values = call.path_values
        key = (call.scope, f"{values.get('taskInstanceId')}/{values.get('subtaskInstanceId')}")
        known = self._logs.get(key, "")
        if not log.startswith(known):
            text = "the log does not begin with what it was before; expected it to grow only"
            yield call.finding("log-grows", "/data/log", text, severity=Severity.WARNING)
        self._logs[key] = log


def _check_envelope(call: ObservedCall, body: _Object) -> Iterator[Finding]:
    status, own = call.response.status, body.get("status")
    if isinstance(own, int) and own != status:
        text = f"{own}, but the HTTP status is {status}; expected the same"
        yield call.finding("envelope-status", "/status", text, value=own, expected=str(status))
    successful = body.get("successful")
    if isinstance(successful, bool) and successful != (status < 400):
        text = f"{str(successful).lower()} with the HTTP status {status}"
        yield call.finding("envelope-successful", "/successful", text, value=successful)


def _check_page(call: ObservedCall, data: _Object) -> Iterator[Finding]:
    """Yield a finding for numbers of a page that do not fit each other."""
    page, contents = data.get("page"), data.get("contents")
    if not isinstance(page, dict) or not isinstance(contents, list):
        return
    names = ("totalElements", "totalPages", "number", "size")
    numbers = [page.get(name) for name in names]
    if not all(isinstance(number, int) for number in numbers):
        return  # The contract's own violation says so.
    total, pages, number, size = (int(each or 0) for each in numbers)
    if size < 1:
        return
    expected = ceil(total / size)
    if pages != expected and (total or pages != 1):
        text = f"{pages} pages for {total} elements of {size} a page; expected {expected}"
        yield call.finding("page-arithmetic", "/data/page/totalPages", text, value=pages)
    items = max(0, min(size, total - (number - 1) * size))
    if len(contents) != items:
        text = f"{len(contents)} items on page {number} of {total} elements; expected {items}"
        yield call.finding("page-arithmetic", "/data/contents", text, value=len(contents))


def _check_times(call: ObservedCall, task: _Object, place: str) -> Iterator[Finding]:
    """Yield a finding for times in the wrong order, and for an end that the status excludes."""
    names = ("createTime", "startTime", "finishTime")
    moments = [(name, _parse_moment(task.get(name))) for name in names]
    known = [(name, moment) for name, moment in moments if moment is not None]
    for (earlier, first), (later, second) in pairwise(known):
        if second < first:
            text = f"{later} is before {earlier}; expected it to be later"
            yield call.finding("time-order", f"{place}/{later}", text, value=task[later])
    status, finish = task.get("status"), task.get("finishTime")
    if status in _UNFINISHED and finish is not None:
        text = f"a finishTime while the status is {status}; expected none"
        yield call.finding("finish-by-status", f"{place}/finishTime", text, value=finish)
    # A subtask that was skipped before it ran has neither time.
    if status in _FINISHED and finish is None and task.get("startTime") is not None:
        text = f"no finishTime although the status is {status}; expected a time"
        yield call.finding("finish-by-status", f"{place}/finishTime", text)


def _parse_moment(value: Json) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _check_constants(
    call: ObservedCall, task: _Object, known: _Object, place: str
) -> Iterator[Finding]:
    """Yield a finding for a field that list and detail, or two looks, show differently."""
    for name in _CONSTANT:
        if name in known and name in task and known[name] != task[name]:
            text = f"{task[name]!r}, but an earlier answer had {known[name]!r}"
            yield call.finding("answers-agree", f"{place}/{name}", text, value=task[name])


def _check_statuses(
    call: ObservedCall, task: _Object, known: _Object, place: str
) -> Iterator[Finding]:
    """Yield a warning for a status that cannot follow the last one without a command."""
    before, after = known.get("status"), task.get("status")
    if before == "SUCCESSFUL" and after != before:
        yield _transition(call, before, after, f"{place}/status", Severity.ERROR)
    elif before != after and after not in _TASK_STEPS.get(str(before), {after}):
        yield _transition(call, before, after, f"{place}/status", Severity.WARNING)
    if task.get("operation") == _ROLLBACK:
        return  # Each subtask may run again, to undo what it has done.
    statuses: dict[Any, Any] = known.get("subtasks") or {}
    for index, subtask in enumerate(_objects(task.get("subtasks"))):
        if subtask.get("operation") == _ROLLBACK:  # A list has no operation of the task.
            continue
        before, after = statuses.get(subtask.get("id")), subtask.get("status")
        if before != after and after not in _SUBTASK_STEPS.get(str(before), {after}):
            where = child_pointer(place, "subtasks", index, "status")
            yield _transition(call, before, after, where, Severity.WARNING)


def _transition(
    call: ObservedCall, before: object, after: object, place: str, severity: Severity
) -> Finding:
    text = f"{after} after {before}; no transition leads there without a command"
    value = after if isinstance(after, str) else None
    return call.finding("transition", place, text, severity=severity, value=value)


def _objects(value: Json) -> list[_Object]:
    if not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, dict)]
