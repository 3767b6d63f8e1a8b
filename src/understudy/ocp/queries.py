"""The three queries: list, detail, log. Reading changes nothing."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from understudy.clock import iso_time
from understudy.ocp.commands import COMMANDS, find_subtask, find_task
from understudy.ocp.error_catalogue import ErrorKind, Refusal
from understudy.ocp.logs import log_text
from understudy.ocp.serialisation import Show, task_detail, task_summary
from understudy.ocp.task_list import page_of, read_filters, read_order
from understudy.ocp.task_model import Task
from understudy.ocp.time_mapping import SAME, Calendar

DEFAULT_PAGE, DEFAULT_SIZE = 1, 10


class OperationKind(Enum):
    """Whether an operation looks or acts."""

    QUERY = "query"
    COMMAND = "command"


def _list(
    tasks: Mapping[int, Task], params: Mapping[str, Any], now: datetime, calendar: Calendar
) -> Any:
    page, size = _count(params, "page", DEFAULT_PAGE), _count(params, "size", DEFAULT_SIZE)
    order = read_order(params.get("sort"))
    found, total = page_of(tasks, read_filters(params), order, (page - 1) * size, size)
    return {
        "contents": [task_summary(task, show_on(calendar)) for task in found],
        "page": {
            "totalElements": total,
            "totalPages": -(-total // size),
            "number": page,
            "size": size,
        },
    }


def _detail(
    tasks: Mapping[int, Task], params: Mapping[str, Any], now: datetime, calendar: Calendar
) -> Any:
    return task_detail(find_task(tasks, params["taskInstanceId"]), show_on(calendar))


def _log(
    tasks: Mapping[int, Task], params: Mapping[str, Any], now: datetime, calendar: Calendar
) -> Any:
    task = find_task(tasks, params["taskInstanceId"])
    return {"log": log_text(find_subtask(task, params["subtaskInstanceId"]), now, calendar)}


_QUERIES: Mapping[
    str, Callable[[Mapping[int, Task], Mapping[str, Any], datetime, Calendar], Any]
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
    calendar: Calendar = SAME,
) -> Any:
    """Give the canonical data that answers a query. Raises Refusal.

    `params` are the decoded parameters by their documented names; None and absent mean the same. `now` is a moment of
    the tasks' own calendar; `calendar` tells how the world shows it.
    """
    return _QUERIES[operation](tasks, params, now, calendar)


def show_on(calendar: Calendar) -> Show:
    """Give how a world writes a moment of its tasks."""
    return lambda moment: iso_time(calendar.outer(moment))


def _count(params: Mapping[str, Any], name: str, default: int) -> int:
    """Give a paging parameter. Checked here too: the contract's own check may be switched off."""
    value = params.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Refusal(ErrorKind.ILLEGAL_VALUE, (name,))
    return value
