"""Holds the tasks of a scenario against the contract: what is served must be what the contract allows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from understudy.contract import Contract, compile_validator, render
from understudy.ocp import Task, task_detail, task_summary
from understudy.scenario.model import NOT_YET, TaskPlan
from understudy.scenario.report import Report
from understudy.scenario.schema import follow, show
from understudy.scenario.times import resolve

_VIEWS = {"WrappedTaskInstance": task_detail, "BasicTaskInstance": task_summary}
"""How a task is shown, by the name of the contract's schema."""
_KEYS = {"status": "state"}
"""Keys of the file, where they are not those of the wire."""
_MOST = 20
"""After so many contradictions, the rest is left out: it is the same mistake."""


def judge(plans: Sequence[TaskPlan], start: datetime | None, contract: Contract, report: Report) -> None:
    """Note every task that contradicts the contract. All of them are validated as one value."""
    schemas = contract.document.get("components", {}).get("schemas", {})
    views = {name: view for name, view in _VIEWS.items() if name in schemas}
    tasks = [_shown(plan, start or NOT_YET) for plan in plans]
    schema = {
        "type": "object",
        "properties": {name: {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}} for name in views},
    }
    value = render(contract, schema, {name: [view(task) for task in tasks] for name, view in views.items()})
    validator = compile_validator(schema, document=contract.document)
    if validator.is_valid(value):
        return
    for number, error in enumerate(validator.iter_errors(value)):
        if number == _MOST:
            break
        _, _, index, *tokens = error.pointer.split("/")
        plan = plans[int(index)]
        wrong = show(follow(value, error.pointer))
        what = f'task {plan.task.id} contradicts the contract: "{"/".join(tokens)}" is {wrong}'
        report.add("contradicts-contract", what, _pointer(plan, tokens, value, error.pointer), expected=error.message)


def _shown(plan: TaskPlan, start: datetime) -> Task:
    """Give the task when it has just begun, or at the clock's start if that is later."""
    begins = start if plan.at is None else resolve(plan.at, start)
    task = plan.on(max(start, begins))
    return plan.task if task is None else task


def _pointer(plan: TaskPlan, tokens: Sequence[str], value: Any, pointer: str) -> str:
    """Give where in the file stands what was rendered as `tokens` of a task."""
    match tokens:
        case ["subtasks", index, *rest]:
            subtasks = follow(value, pointer.partition("/subtasks/")[0])["subtasks"]
            subtask_id = subtasks[int(index)]["id"]
            series = next((s.series_id for s in plan.task.subtasks if s.id == subtask_id), 0)
            return f"{plan.pointer}/subtasks/{series}/{_KEYS.get(rest[0], rest[0]) if rest else ''}".rstrip("/")
        case [key, *_]:
            return f"{plan.pointer}/{_KEYS.get(key, key)}"
        case _:
            return plan.pointer
