"""Validation of a scenario's tasks: every task must be served as the contract says."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from understudy.contract import Contract, SchemaError, compile_validator, render
from understudy.durations import resolve_moment
from understudy.errors import ProblemReport
from understudy.ocp import Task, task_detail, task_summary
from understudy.scenario.batch_validation import are_all_valid
from understudy.scenario.format_schema import describe_value, follow_pointer
from understudy.scenario.scenario_model import UNSCHEDULED, TaskPlan

_VIEWS = {"WrappedTaskInstance": task_detail, "BasicTaskInstance": task_summary}
"""The functions that build the served data of a task, by the name of the contract's schema."""
_FILE_KEYS = {"status": "state", "upstreams": "after"}
"""The key of the file for a field of the response, where the two differ."""
_MAX_PROBLEMS = 20
"""Further problems are left out: usually they are one mistake in many tasks."""


def validate_tasks(
    plans: Sequence[TaskPlan],
    start: datetime | None,
    contract: Contract,
    report: ProblemReport,
) -> None:
    """Report every task that breaks the contract, at its place in the file.

    `start` is the clock's start, if the scenario has one. A contract without the schemas of tasks
    breaks nothing. Source: the schemas WrappedTaskInstance and BasicTaskInstance of the contract.
    """
    schemas = contract.document.get("components", {}).get("schemas", {})
    views = {name: view for name, view in _VIEWS.items() if name in schemas}
    tasks = [_task_when_served(plan, start or UNSCHEDULED) for plan in plans]
    schema = {"type": "object", "properties": {name: _list_schema(name) for name in views}}
    data = {name: [view(task) for task in tasks] for name, view in views.items()}
    value = render(contract, schema, data)
    if are_all_valid(schema, [value], contract.document):
        return  # the usual case, and far faster than the search for the places
    validator = compile_validator(schema, document=contract.document)
    for number, error in enumerate(validator.iter_errors(value)):
        if number == _MAX_PROBLEMS:
            break
        _report_error(error, plans, value, data, report)


def _list_schema(name: str) -> dict[str, Any]:
    """Return the schema of a list of the contract's objects with a name."""
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


def _report_error(
    error: SchemaError,
    plans: Sequence[TaskPlan],
    value: object,
    data: Mapping[str, list[dict[str, Any]]],
    report: ProblemReport,
) -> None:
    """Report one schema error at its place in the file.

    `value` has the contract's names, as the server sends it. `data` are the same tasks before that,
    by the name of their schema.
    """
    # The pointer is /<schema>/<index of the task>/<field of the task>/…
    _, name, index, *tokens = error.pointer.split("/")
    plan, served = plans[int(index)], data[name][int(index)]
    shown = describe_value(follow_pointer(value, error.pointer))
    field = "/".join(tokens)
    message = f'task {plan.task.id} contradicts the contract: "{field}" is {shown}'
    pointer = _file_pointer(plan, tokens, served)
    report.add("contradicts-contract", message, pointer, expected=error.expected)


def _task_when_served(plan: TaskPlan, start: datetime) -> Task:
    """Return the task at the clock's start, or at its own start if that is later."""
    task_start = start
    if plan.at is not None:
        task_start = max(start, resolve_moment(plan.at, start))
    task = plan.task_if_begun(task_start)
    return plan.task if task is None else task


def _file_pointer(plan: TaskPlan, tokens: Sequence[str], served: Mapping[str, Any]) -> str:
    """Return the pointer in the file of a field of a response.

    `tokens` lead to the field within the served task. `served` is that task before it was rendered
    to the contract's names.
    """
    match tokens:
        case ["subtasks", index, *rest]:
            # Responses list the subtasks in their own order; series_id is the position in the file.
            subtask_id = served["subtasks"][int(index)]["id"]
            by_id = {subtask.id: subtask.series_id for subtask in plan.task.subtasks}
            pointer = f"{plan.pointer}/subtasks/{by_id[subtask_id]}"
            if not rest:
                return pointer
            field = rest[0]
            return f"{pointer}/{_FILE_KEYS.get(field, field)}"
        case [key, *_]:
            return f"{plan.pointer}/{_FILE_KEYS.get(key, key)}"
        case _:
            return plan.pointer
