"""Tasks that a client adds to a running world (`ocp.task`, `POST /__admin/tasks`).

The data of such a task is an entry of `tasks` in the scenario format. Its times are offsets from
the moment at which it is added.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from understudy.contract import Contract
from understudy.durations import parse_moment
from understudy.errors import InputError, Place, Problem, ProblemReport
from understudy.ocp import Task
from understudy.scenario.declared_names import parse_declared_names
from understudy.scenario.format_schema import check_format, describe_value
from understudy.scenario.format_types import ScenarioData, TaskData
from understudy.scenario.scenario_loader import MAX_ID
from understudy.scenario.scenario_model import Scenario, TaskPlan
from understudy.scenario.task_parser import parse_tasks

_ROOT = "/tasks/0"
_DECLARING = ("accounts", "clusters", "tenants", "hosts")
"""The sections of the scenario whose names the task may use."""


class _BodyPlaces:
    """Places of a document with one task, whose data is the whole body of a call."""

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Return the pointer within the body as the place: `body/subtasks/0/name`."""
        return Place(f"body{pointer.removeprefix(_ROOT)}")


def parse_added_task(
    data: object,
    scenario: Scenario,
    contract: Contract | None = None,
) -> TaskPlan:
    """Parse a task that may name the clusters, tenants, hosts and accounts of a scenario.

    Validates the task against the contract too, if there is one. Raises InputError with all
    problems, each with its place in `body`.
    """
    if not isinstance(data, dict):
        message = f"the task is {describe_value(data)}"
        raise InputError(Problem("bad-value", message, Place("body"), expected="a mapping"))
    report = ProblemReport(_BodyPlaces())
    declared = {key: scenario.data[key] for key in _DECLARING if key in scenario.data}
    document = {**declared, "understudy": 1, "tasks": [data]}
    checked = cast(ScenarioData, check_format(document, report))
    plans = parse_tasks(checked, parse_declared_names(checked, report), None, report)
    for pointer, moment in _list_moments(checked):
        _check_offset(moment, pointer, report)
    if contract is not None and plans:
        # Imported late: a server validates its first task when a client adds one.
        from understudy.scenario.task_contract_check import validate_tasks

        validate_tasks(plans, None, contract, report)
    report.raise_if_any()
    return plans[0]


def start_added_task(plan: TaskPlan, at: datetime, origin: datetime) -> Task:
    """Return the task as it is when it is added at a moment.

    Its offsets count from `at`. Ticks of the engine count from `origin`, the start of the world's
    clock. The `create_time` of a task that starts later is its start.
    """
    return plan.task_at_start(at, ticks_from=origin)


def assign_task_ids(data: Mapping[str, Any], task_id: int, subtask_id: int) -> dict[str, Any]:
    """Return the data of a task with ids for the task and its subtasks.

    Ids of the data are kept. Missing ids are `task_id`, and the free ids from `subtask_id` on.
    Raises InputError when a missing id would be above MAX_ID.
    """
    subtasks = data.get("subtasks", [{}])
    used = {subtask["id"] for subtask in subtasks if "id" in subtask}
    numbered = []
    for subtask in subtasks:
        if "id" in subtask:
            numbered.append({"id": subtask["id"], **subtask})
            continue
        while subtask_id in used:
            subtask_id += 1
        _check_id_limit(subtask_id, "subtask")
        numbered.append({"id": subtask_id, **subtask})
        subtask_id += 1
    if "id" not in data:
        _check_id_limit(task_id, "task")
    return {"id": task_id, **data, "subtasks": numbered}


def _check_id_limit(next_id: int, kind: str) -> None:
    """Raise InputError if the next id of a world is above the highest possible id."""
    if next_id > MAX_ID:
        message = f"the {kind} has no id, and no id follows the highest one of the world, {MAX_ID}"
        hint = 'Give it an "id" that is free.'
        raise InputError(Problem("bad-value", message, Place("body"), hint=hint))


def _list_moments(data: ScenarioData) -> Iterator[tuple[str, str]]:
    """Yield every `at` of the task and of its runs, with its pointer."""
    for task in data.get("tasks", []):
        if task is None:
            continue
        if "at" in task:
            yield f"{_ROOT}/at", task["at"]
        yield from _list_run_moments(task)


def _list_run_moments(task: TaskData) -> Iterator[tuple[str, str]]:
    """Yield every `at` of the runs of a task, with its pointer."""
    for i, subtask in enumerate(task.get("subtasks", [])):
        runs = subtask.get("runs", []) if subtask else []
        for j, run in enumerate(runs):
            if run and "at" in run:
                yield f"{_ROOT}/subtasks/{i}/runs/{j}/at", run["at"]


def _check_offset(text: str, pointer: str, report: ProblemReport) -> None:
    """Report a time: the world decides when the task is added, so only an offset makes sense."""
    try:
        moment = parse_moment(text)
    except ValueError:
        return  # parse_tasks has reported it
    if isinstance(moment, datetime):
        message = f'"{text}" is a time, which only a scenario file may contain'
        expected = "an offset from now, such as -2h or 30s"
        report.add("bad-time", message, pointer, expected=expected)
