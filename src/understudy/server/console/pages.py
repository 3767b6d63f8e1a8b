"""What each page shows: its template, and the values that the template gets."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from understudy.contract import Contract
from understudy.graph import lay_out
from understudy.graph.drawings import draw_svg
from understudy.graph.subtask_nodes import read_task
from understudy.messages import Request
from understudy.server.console.control_calls import ControlCalls
from understudy.server.console.shown_messages import (
    describe_exchange,
    select_exchanges,
    show_message,
)

Page = tuple[str, dict[str, Any]]
"""The name of a template without its suffix, and its values."""
_TASKS_ON_A_PAGE = 50
_MAX_DIGITS = 6
"""Of the number of a page."""
COMMANDS = {
    "retryTask": "Retry",
    "rollbackTask": "Roll back",
    "retrySubtask": "Retry",
    "skipSubtask": "Skip",
    "cancelSubtask": "Cancel",
}
"""The commands of OCP by operationId, with their labels."""
STATUSES = ("RUNNING", "FAILED", "SUCCESSFUL")
SUBTASK_STATUSES = ("PENDING", "READY", "RUNNING", "CANCELING", "FAILED", "SUCCESSFUL")


class PageNotFoundError(LookupError):
    """No page has this path, or what it shows does not exist."""


def build_page(path: str, request: Request, calls: ControlCalls, contract: Contract) -> Page:
    """Return the page at a path below the console. Raises PageNotFoundError."""
    query = {name: values[-1] for name, values in parse_qs(request.query).items()}
    parts = [part for part in path.split("/") if part]
    name = parts[0] if parts else "calls"
    builder = _BUILDERS.get(name)
    if builder is None or len(parts) > 2:
        raise PageNotFoundError(path)
    return builder(parts[1:], query, calls, contract)


def _build_calls(
    parts: list[str], query: Mapping[str, str], calls: ControlCalls, contract: Contract
) -> Page:
    if parts:
        return _build_call(parts[0], calls)
    kind = query.get("kind", "")
    operation, status = query.get("operation", ""), query.get("status", "")
    records = calls.list("/requests?limit=1000", "requests")
    values = {
        "rows": select_exchanges(records, kind, operation, status),
        "kind": kind,
        "operation": operation,
        "status": status,
        "operations": list(contract.operations),
    }
    return "calls", values


def _build_call(number: str, calls: ControlCalls) -> Page:
    record = calls.get(f"/requests/{number}") if number.isdigit() else None
    if record is None:
        raise PageNotFoundError(number)
    messages: dict[str, Any] = record
    explanation = calls.get(f"/requests/{number}/explain") or {}
    values = {
        "call": describe_exchange(record),
        "violations": record["violations"],
        "request": show_message(messages["request"]),
        "response": show_message(messages["response"]),
        "explanation": explanation,
        "curl": explanation.get("curl", ""),
    }
    return "call", values


def _build_rules(
    parts: list[str], query: Mapping[str, str], calls: ControlCalls, contract: Contract
) -> Page:
    if parts:
        raise PageNotFoundError(parts[0])
    values = {
        "replies": calls.list("/replies", "replies"),
        "faults": calls.list("/faults", "faults"),
        "operations": list(contract.operations),
        "operation": query.get("operation", ""),
    }
    return "rules", values


def _build_tasks(
    parts: list[str], query: Mapping[str, str], calls: ControlCalls, contract: Contract
) -> Page:
    if parts:
        return _build_task(parts[0], calls, contract)
    status = query.get("status", "")
    name = query.get("name", "")
    answer = calls.get(f"/tasks?limit=5000{f'&status={status}' if status in STATUSES else ''}")
    tasks: Any = (answer or {}).get("tasks", [])
    rows = [task for task in tasks if name.lower() in str(task["name"]).lower()]
    rows.reverse()
    page = _read_page(query.get("page", ""))
    last = max(1, -(-len(rows) // _TASKS_ON_A_PAGE))
    page = min(max(page, 1), last)
    values = {
        "has_tasks": answer is not None,
        "tasks": rows[(page - 1) * _TASKS_ON_A_PAGE : page * _TASKS_ON_A_PAGE],
        "total": len(rows),
        "page": page,
        "last": last,
        "status": status,
        "name": name,
        "statuses": STATUSES,
    }
    return "tasks", values


def _read_page(text: str) -> int:
    """Return the number of a page; the first for another text."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    return int(text) if is_number else 1


def _build_task(number: str, calls: ControlCalls, contract: Contract) -> Page:
    task: Any = calls.get(f"/tasks/{number}") if number.lstrip("-").isdigit() else None
    if task is None:
        raise PageNotFoundError(number)
    paths = {
        name: (contract.operations[name].method, contract.operations[name].path)
        for name in (*COMMANDS, "getSubtaskLog")
        if name in contract.operations
    }
    values = {
        "task": task,
        "graph": draw_svg(lay_out(read_task(task)), f"{task['name']}: {task['status']}"),
        "paths": paths,
        "labels": COMMANDS,
        "accounts": calls.list("/accounts", "accounts"),
        "statuses": STATUSES,
        "subtask_statuses": SUBTASK_STATUSES,
    }
    return "task", values


def _build_worlds(
    parts: list[str], query: Mapping[str, str], calls: ControlCalls, contract: Contract
) -> Page:
    if parts:
        raise PageNotFoundError(parts[0])
    values = {
        "worlds": calls.list("/worlds", "worlds"),
        "snapshots": calls.list("/snapshots", "snapshots"),
    }
    return "worlds", values


def _build_scenarios(
    parts: list[str], query: Mapping[str, str], calls: ControlCalls, contract: Contract
) -> Page:
    if not parts:
        return "scenarios", {"scenarios": calls.list("/scenarios", "scenarios")}
    response = calls.fetch(f"/scenarios/{parts[0]}")
    if response.status != 200:
        raise PageNotFoundError(parts[0])
    text = response.body.decode("utf-8", "replace")
    return "scenario", {"name": parts[0], "text": text}


def _build_contract(
    parts: list[str], query: Mapping[str, str], calls: ControlCalls, contract: Contract
) -> Page:
    if not parts:
        return "contract", {"operations": contract.operations.values(), "contract": contract}
    operation = contract.operations.get(parts[0])
    if operation is None:
        raise PageNotFoundError(parts[0])
    return "operation", {"operation": operation, "contract": contract}


def _build_recipes(
    parts: list[str], query: Mapping[str, str], calls: ControlCalls, contract: Contract
) -> Page:
    if parts:
        raise PageNotFoundError(parts[0])
    return "recipes", {"first": next(iter(contract.operations.values()), None)}


_BUILDERS: Mapping[str, Callable[[list[str], Mapping[str, str], ControlCalls, Contract], Page]] = {
    "calls": _build_calls,
    "rules": _build_rules,
    "tasks": _build_tasks,
    "worlds": _build_worlds,
    "scenarios": _build_scenarios,
    "contract": _build_contract,
    "recipes": _build_recipes,
}
NAVIGATION = (
    ("calls", "Calls"),
    ("rules", "Next answer"),
    ("tasks", "Tasks"),
    ("worlds", "Worlds"),
    ("scenarios", "Scenarios"),
    ("contract", "Contract"),
    ("recipes", "Recipes"),
)
