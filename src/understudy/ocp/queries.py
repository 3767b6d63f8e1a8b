"""The three queries: list, detail, log. They change nothing."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum

from understudy.clock import iso_time
from understudy.messages import Json
from understudy.ocp.commands import COMMANDS, find_subtask, find_task
from understudy.ocp.error_catalogue import ErrorKind, OcpError
from understudy.ocp.logs import render_log
from understudy.ocp.serialisation import FormatTime, task_detail, task_summary
from understudy.ocp.task_list import (
    Params,
    has_list,
    parse_filters,
    parse_sort,
    select_page_ids,
)
from understudy.ocp.task_model import Task
from understudy.ocp.task_overlay import TaskOverlay
from understudy.ocp.time_mapping import SAME_TIME, TimeMapping

DEFAULT_PAGE, DEFAULT_SIZE = 1, 10
"""Source: the documents' table of the list's parameters."""


class OperationKind(Enum):
    """Whether an operation reads or changes tasks."""

    QUERY = "query"
    COMMAND = "command"


Query = Callable[[Mapping[int, Task], Params, datetime, TimeMapping], Json]
"""Answers a query from the tasks, the parameters, the tasks' moment and the time mapping."""


def list_ids(tasks: Mapping[int, Task], params: Params) -> tuple[list[int], int]:
    """Return the ids of the tasks on a page of the list, and the number of all matching tasks.

    Raises OcpError for invalid parameters.
    """
    page = _parse_count(params, "page", DEFAULT_PAGE)
    size = _parse_count(params, "size", DEFAULT_SIZE)
    order = parse_sort(params.get("sort"))
    return select_page_ids(tasks, parse_filters(params), order, (page - 1) * size, size)


def is_list_at_hand(tasks: TaskOverlay, params: Params) -> bool:
    """Return whether `list_ids` is quick: it, or an earlier list like it, was found before."""
    return has_list(tasks, parse_filters(params), parse_sort(params.get("sort")))


def _list_tasks(
    tasks: Mapping[int, Task], params: Params, now: datetime, time_mapping: TimeMapping
) -> Json:
    page = _parse_count(params, "page", DEFAULT_PAGE)
    size = _parse_count(params, "size", DEFAULT_SIZE)
    ids, total = list_ids(tasks, params)
    selected = [tasks[task_id] for task_id in ids]
    format_time = time_formatter(time_mapping)
    contents: list[Json] = [task_summary(task, format_time) for task in selected]
    return {
        "contents": contents,
        "page": {
            "totalElements": total,
            "totalPages": -(-total // size),  # rounded up
            "number": page,
            "size": size,
        },
    }


def _get_task(
    tasks: Mapping[int, Task], params: Params, now: datetime, time_mapping: TimeMapping
) -> Json:
    task = find_task(tasks, params["taskInstanceId"])
    return task_detail(task, time_formatter(time_mapping))


def _get_log(
    tasks: Mapping[int, Task], params: Params, now: datetime, time_mapping: TimeMapping
) -> Json:
    task = find_task(tasks, params["taskInstanceId"])
    subtask = find_subtask(task, params["subtaskInstanceId"])
    return {"log": render_log(subtask, now, time_mapping)}


_QUERIES: Mapping[str, Query] = {
    "listTaskInstances": _list_tasks,
    "getTaskInstance": _get_task,
    "getSubtaskLog": _get_log,
}

OPERATIONS: Mapping[str, OperationKind] = {
    **dict.fromkeys(_QUERIES, OperationKind.QUERY),
    **dict.fromkeys(COMMANDS, OperationKind.COMMAND),
}
"""The kind of every operation of the task module, by operationId."""


def answer_query(
    operation: str,
    tasks: Mapping[int, Task],
    params: Params,
    now: datetime,
    time_mapping: TimeMapping = SAME_TIME,
) -> Json:
    """Return the canonical data that answers a query. Raises OcpError.

    `now` is a moment of the tasks' own time; `time_mapping` converts moments to the world's.
    """
    return _QUERIES[operation](tasks, params, now, time_mapping)


def time_formatter(time_mapping: TimeMapping) -> FormatTime:
    """Return the function that writes a task's moment as a world shows it."""
    return lambda moment: iso_time(time_mapping.to_world_time(moment))


def _parse_count(params: Params, name: str, default: int) -> int:
    """Return a paging parameter. Raises OcpError (1001) unless it is an integer above 0.

    Checked here, too, because users can switch off the validation of requests.
    """
    value = params.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise OcpError(ErrorKind.ILLEGAL_VALUE, (name,))
    return value
