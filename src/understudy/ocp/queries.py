"""The three queries: list, detail, log. Reading changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from understudy.ocp.commands import COMMANDS, find_subtask, find_task
from understudy.ocp.logs import log_text
from understudy.ocp.model import Task
from understudy.ocp.refusals import ErrorKind, Refusal
from understudy.ocp.wire import task_detail, task_summary

DEFAULT_PAGE, DEFAULT_SIZE = 1, 10


class OperationKind(Enum):
    """Whether an operation looks or acts."""

    QUERY = "query"
    COMMAND = "command"


def _list(tasks: Mapping[int, Task], params: Mapping[str, Any], now: datetime) -> Any:
    page, size = _count(params, "page", DEFAULT_PAGE), _count(params, "size", DEFAULT_SIZE)
    order = _order(params.get("sort"))
    found = order([task for task in tasks.values() if _matches(task, params)])
    first = (page - 1) * size
    return {
        "contents": [task_summary(task) for task in found[first : first + size]],
        "page": {
            "totalElements": len(found),
            "totalPages": -(-len(found) // size),
            "number": page,
            "size": size,
        },
    }


def _detail(tasks: Mapping[int, Task], params: Mapping[str, Any], now: datetime) -> Any:
    return task_detail(find_task(tasks, params["taskInstanceId"]))


def _log(tasks: Mapping[int, Task], params: Mapping[str, Any], now: datetime) -> Any:
    task = find_task(tasks, params["taskInstanceId"])
    return {"log": log_text(find_subtask(task, params["subtaskInstanceId"]), now)}


_QUERIES: Mapping[str, Callable[[Mapping[int, Task], Mapping[str, Any], datetime], Any]] = {
    "listTaskInstances": _list,
    "getTaskInstance": _detail,
    "getSubtaskLog": _log,
}

OPERATIONS: Mapping[str, OperationKind] = {
    **dict.fromkeys(_QUERIES, OperationKind.QUERY),
    **dict.fromkeys(COMMANDS, OperationKind.COMMAND),
}
"""Every operation that is answered here, by operationId."""


def answer_query(operation: str, tasks: Mapping[int, Task], params: Mapping[str, Any], now: datetime) -> Any:
    """Give the canonical data that answers a query. Raises Refusal.

    `params` are the decoded parameters by their documented names; None and absent mean the same.
    """
    return _QUERIES[operation](tasks, params, now)


def _count(params: Mapping[str, Any], name: str, default: int) -> int:
    """Give a paging parameter. Checked here too: the contract's own check may be switched off."""
    value = params.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Refusal(ErrorKind.ILLEGAL_VALUE, (name,))
    return value


_FILTERS: Mapping[str, Callable[[Task, Any], bool]] = {
    "name": lambda task, text: _contains(task.name, text),
    "clusterName": lambda task, text: task.cluster is not None and _contains(task.cluster.name, text),
    "tenantName": lambda task, text: task.tenant is not None and _contains(task.tenant.name, text),
    "status": lambda task, statuses: task.status.value in statuses,
    "type": lambda task, type_: task.type == type_,
    "clusterId": lambda task, id_: task.cluster is not None and task.cluster.id == id_,
    "tenantId": lambda task, id_: task.tenant is not None and task.tenant.id == id_,
    "hostId": lambda task, id_: task.host is not None and task.host.id == id_,
}


def _matches(task: Task, params: Mapping[str, Any]) -> bool:
    # An empty text or list is a filter that was left empty in a form: it does not filter.
    return all(test(task, params[name]) for name, test in _FILTERS.items() if params.get(name) not in (None, "", []))


def _contains(text: str, part: str) -> bool:
    return str(part).casefold() in text.casefold()


_SORT_KEYS: Mapping[str, Callable[[Task], Any]] = {
    "id": lambda task: task.id,
    "name": lambda task: task.name,
    "status": lambda task: task.status.value,
    "type": lambda task: task.type,
    "createTime": lambda task: task.create_time,
    "startTime": lambda task: task.start_time,
    "finishTime": lambda task: task.finish_time,
}
SORT_FIELDS = tuple(_SORT_KEYS)
"""The fields that the list can be sorted by."""


def _order(sort: Any) -> Callable[[Sequence[Task]], Sequence[Task]]:
    """Read `field`, `field,asc` or `field,desc`. Raises Refusal: 1011 for the field, 1001 for the direction.

    Ties go by ascending id. A value that is absent (a running task has no finish time) is smaller than every other, as
    NULL is for the database below the real server: first when ascending, last when descending.
    """
    field, comma, direction = str(sort or "id,desc").partition(",")
    if field not in _SORT_KEYS:
        raise Refusal(ErrorKind.UNKNOWN_SORT_FIELD, (field,))
    if comma and direction not in ("asc", "desc"):
        raise Refusal(ErrorKind.ILLEGAL_VALUE, ("sort",))
    value = _SORT_KEYS[field]

    def ordered(tasks: Sequence[Task]) -> Sequence[Task]:
        by_id = sorted(tasks, key=lambda task: task.id)
        absent = [task for task in by_id if value(task) is None]
        # A stable sort, also in reverse: equal values stay in the order of their ids.
        present = sorted((t for t in by_id if value(t) is not None), key=value, reverse=direction == "desc")
        return present + absent if direction == "desc" else absent + present

    return ordered
