"""The three queries: list, detail, log. Reading changes nothing."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from understudy.clock import iso_time
from understudy.ocp.commands import COMMANDS, find_subtask, find_task
from understudy.ocp.error_catalogue import ErrorKind, OcpError
from understudy.ocp.logs import render_log
from understudy.ocp.serialisation import FormatTime, task_detail, task_summary
from understudy.ocp.task_list import parse_filters, parse_sort, select_page
from understudy.ocp.task_model import Task
from understudy.ocp.time_mapping import SAME_TIME, TimeMapping

DEFAULT_PAGE, DEFAULT_SIZE = 1, 10


class OperationKind(Enum):
    """Whether an operation looks or acts."""

    QUERY = "query"
    COMMAND = "command"


def _list(
    tasks: Mapping[int, Task], params: Mapping[str, Any], now: datetime, calendar: TimeMapping
) -> Any:
    page, size = _count(params, "page", DEFAULT_PAGE), _count(params, "size", DEFAULT_SIZE)
    order = parse_sort(params.get("sort"))
    found, total = select_page(tasks, parse_filters(params), order, (page - 1) * size, size)
    return {
        "contents": [task_summary(task, time_formatter(calendar)) for task in found],
        "page": {
            "totalElements": total,
            "totalPages": -(-total // size),
            "number": page,
            "size": size,
        },
    }


def _detail(
    tasks: Mapping[int, Task], params: Mapping[str, Any], now: datetime, calendar: TimeMapping
) -> Any:
    return task_detail(find_task(tasks, params["taskInstanceId"]), time_formatter(calendar))


def _log(
    tasks: Mapping[int, Task], params: Mapping[str, Any], now: datetime, calendar: TimeMapping
) -> Any:
    task = find_task(tasks, params["taskInstanceId"])
    return {"log": render_log(find_subtask(task, params["subtaskInstanceId"]), now, calendar)}


_QUERIES: Mapping[
    str, Callable[[Mapping[int, Task], Mapping[str, Any], datetime, TimeMapping], Any]
] = {
    "listTaskInstances": _list,
    "getTaskInstance": _detail,
    "getSubtaskLog": _log,
}

OPERATIONS: Mapping[str, OperationKind] = {
    **dict.fromkeys(_QUERIES, OperationKind.QUERY),
    **dict.fromkeys(COMMANDS, OperationKind.COMMAND),
}
"""Every operation that is answered here, by operationId."""


def answer_query(
    operation: str,
    tasks: Mapping[int, Task],
    params: Mapping[str, Any],
    now: datetime,
    calendar: TimeMapping = SAME_TIME,
) -> Any:
    """Give the canonical data that answers a query. Raises Refusal.

    `params` are the decoded parameters by their documented names; None and absent mean the same. `now` is a moment of
    the tasks' own calendar; `calendar` tells how the world shows it.
    """
    return _QUERIES[operation](tasks, params, now, calendar)


def time_formatter(calendar: TimeMapping) -> FormatTime:
    """Give how a world writes a moment of its tasks."""
    return lambda moment: iso_time(calendar.to_world_time(moment))


def _count(params: Mapping[str, Any], name: str, default: int) -> int:
    """Give a paging parameter. Checked here too: the contract's own check may be switched off."""
    value = params.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise OcpError(ErrorKind.ILLEGAL_VALUE, (name,))
    return value
