"""A task that joins a world while it runs: told like one in a scenario file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from understudy.contract import Contract
from understudy.durations import parse_moment
from understudy.errors import InputError, Place, Problem, ProblemReport
from understudy.ocp import Task
from understudy.scenario.declared_names import parse_declared_names
from understudy.scenario.format_schema import check_format, describe_value
from understudy.scenario.scenario_loader import MAX_ID
from understudy.scenario.scenario_model import Scenario, TaskPlan
from understudy.scenario.task_contract_check import validate_tasks
from understudy.scenario.task_parser import parse_tasks

_ROOT = "/tasks/0"


class _BodyPlaces:
    """Knows that the one task of a document is the whole of a call's body."""

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Give the pointer as the place."""
        return Place(f"body{pointer.removeprefix(_ROOT)}")


def parse_added_task(told: Any, scenario: Scenario, contract: Contract | None = None) -> TaskPlan:
    """Read a task that may name the clusters, tenants, hosts and accounts of a scenario.

    Against the contract too, when one is given. Raises InputError with all that is wrong, at its place in `body`.
    """
    named = {
        key: scenario.data[key]
        for key in ("accounts", "clusters", "tenants", "hosts")
        if key in scenario.data
    }
    if not isinstance(told, dict):
        raise InputError(
            Problem(
                "bad-value",
                f"the task is {describe_value(told)}",
                Place("body"),
                expected="a mapping",
            )
        )
    report = ProblemReport(_BodyPlaces())
    data = check_format({**named, "understudy": 1, "tasks": [told]}, report)
    plans = parse_tasks(data, parse_declared_names(data, report), None, report)
    for place, moment in _moments(data):
        if isinstance(moment, str) and not _is_offset(moment):
            what = f'"{moment}" is a time, which only a file can tell'
            report.add("bad-time", what, place, expected="an offset from now, such as -2h or 30s")
    if contract is not None and plans:
        validate_tasks(plans, None, contract, report)
    report.raise_if_any()
    return plans[0]


def start_added_task(plan: TaskPlan, at: datetime, origin: datetime) -> Task:
    """Give the task as it stands when it joins at a moment; `origin` is the clock's start, which ticks count from.

    Its times are offsets from that moment. One that is still to begin has its time as `create_time`.
    """
    return plan.task_at_start(at, ticks_from=origin)


def assign_task_ids(told: Mapping[str, Any], task_id: int, subtask_id: int) -> dict[str, Any]:
    """Give the task with an id, its subtasks too: those that are told, else the next ones from the two on.

    Raises InputError where that would be beyond the last id that there is.
    """
    subtasks = told.get("subtasks", [{}])
    taken = {one["id"] for one in subtasks if "id" in one}
    numbered = []
    for one in subtasks:
        while "id" not in one and subtask_id in taken:
            subtask_id += 1
        if "id" not in one:
            _check_left(subtask_id, "subtask")
        numbered.append({"id": subtask_id, **one})
        subtask_id += "id" not in one
    if "id" not in told:
        _check_left(task_id, "task")
    return {"id": task_id, **told, "subtasks": numbered}


def _check_left(next_id: int, what: str) -> None:
    if next_id > MAX_ID:
        found = f"the {what} has no id, and none follows the highest one of the world, {MAX_ID}"
        raise InputError(
            Problem("bad-value", found, Place("body"), hint='Give it an "id" that is free.')
        )


def _moments(data: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for task in data.get("tasks", []):
        if task is None:
            continue
        found.append((f"{_ROOT}/at", task.get("at")))
        for i, subtask in enumerate(task.get("subtasks", [])):
            runs = (subtask or {}).get("runs", [])
            found += [
                (f"{_ROOT}/subtasks/{i}/runs/{j}/at", (run or {}).get("at"))
                for j, run in enumerate(runs)
            ]
    return found


def _is_offset(text: str) -> bool:
    try:
        return not isinstance(parse_moment(text), datetime)
    except ValueError:
        return True  # told already
