"""Holds the tasks of a scenario against the contract: what is served must be what the contract allows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from understudy.contract import Contract, compile_validator, render
from understudy.durations import resolve_moment
from understudy.errors import ProblemReport
from understudy.ocp import Task, task_detail, task_summary
from understudy.scenario.batch_validation import are_all_valid
from understudy.scenario.format_schema import describe_value, follow_pointer
from understudy.scenario.scenario_model import UNSCHEDULED, TaskPlan

_VIEWS = {"WrappedTaskInstance": task_detail, "BasicTaskInstance": task_summary}
"""How a task is shown, by the name of the contract's schema."""
_KEYS = {"status": "state", "upstreams": "after"}
"""Keys of the file, where they are not those of the wire."""
_MOST = 20
"""After so many contradictions, the rest is left out: it is the same mistake."""


def validate_tasks(
    plans: Sequence[TaskPlan], start: datetime | None, contract: Contract, report: ProblemReport
) -> None:
    """Note every task that contradicts the contract. Column by column first: that is all when they are in order."""
    schemas = contract.document.get("components", {}).get("schemas", {})
    views = {name: view for name, view in _VIEWS.items() if name in schemas}
    tasks = [_shown(plan, start or UNSCHEDULED) for plan in plans]
    schema = {
        "type": "object",
        "properties": {
            name: {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
            for name in views
        },
    }
    data = {name: [view(task) for task in tasks] for name, view in views.items()}
    value = render(contract, schema, data)
    if are_all_valid(schema, [value], contract.document):
        return
    validator = compile_validator(schema, document=contract.document)
    for number, error in enumerate(validator.iter_errors(value)):
        if number == _MOST:
            break
        _, name, index, *tokens = error.pointer.split("/")
        plan = plans[int(index)]
        where = _pointer(plan, tokens, data[name][int(index)])
        wrong = describe_value(follow_pointer(value, error.pointer))
        what = f'task {plan.task.id} contradicts the contract: "{"/".join(tokens)}" is {wrong}'
        report.add("contradicts-contract", what, where, expected=error.expected)


def _shown(plan: TaskPlan, start: datetime) -> Task:
    """Give the task when it has just begun, or at the clock's start if that is later."""
    begins = start if plan.at is None else resolve_moment(plan.at, start)
    task = plan.task_if_begun(max(start, begins))
    return plan.task if task is None else task


def _pointer(plan: TaskPlan, tokens: Sequence[str], shown: Mapping[str, Any]) -> str:
    """Give where in the file stands what was rendered as `tokens` of a task. `shown`: the task before that."""
    match tokens:
        case ["subtasks", index, *rest]:
            subtask_id = shown["subtasks"][int(index)]["id"]  # in the wire's order, not the file's
            series = next(s.series_id for s in plan.task.subtasks if s.id == subtask_id)
            return f"{plan.pointer}/subtasks/{series}/{_KEYS.get(rest[0], rest[0]) if rest else ''}".rstrip(
                "/"
            )
        case [key, *_]:
            return f"{plan.pointer}/{_KEYS.get(key, key)}"
        case _:
            return plan.pointer
