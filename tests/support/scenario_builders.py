"""Scenarios of a few lines, for the tests of `understudy.scenario`."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from understudy.contract import Contract, load_contract
from understudy.errors import InputError
from understudy.ocp import ACTIVE, Execution, Operation, Subtask, SubtaskStatus, Task, TaskStatus
from understudy.resources import resource_path
from understudy.scenario import Scenario, load_scenario

ZONE = timezone(timedelta(hours=8))
START = datetime(2021, 8, 25, 15, 9, 31, tzinfo=ZONE)
HEAD = "understudy: 1\n"
SHIPPED = sorted(resource_path("scenarios").glob("*.yaml"))

_S = SubtaskStatus


@cache
def contract() -> Contract:
    """Return the shipped contract, loaded once."""
    return load_contract()


def load(text: str, against: Contract | None = None) -> Scenario:
    """Load a scenario from its text."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        return load_scenario(path, contract=against)


def scenario(*tasks: dict[str, Any], against: Contract | None = None, **more: Any) -> Scenario:
    """Load a scenario from data."""
    return load(json.dumps({"understudy": 1, "tasks": list(tasks), **more}), against)


def at_start(*tasks: dict[str, Any], start: datetime = START, **more: Any) -> Task:
    """Return the first of the tasks that have started when a clock starts."""
    return next(iter(scenario(*tasks, **more).tasks_at_start(start).values()))


def problems(text: str, against: Contract | None = None) -> list[str]:
    """Return every problem of a scenario as `LINE:COLUMN slug: text`."""
    with pytest.raises(InputError) as caught:
        load(text, against)
    return [_format_problem(problem) for problem in caught.value.problems]


def problem(text: str, against: Contract | None = None) -> str:
    """Return the only problem of a scenario."""
    [only] = problems(text, against)
    return only


def _format_problem(problem: Any) -> str:
    place = problem.place
    assert place.line >= 1
    assert place.column >= 1
    text = str(problem).removeprefix(f"{place}: ")
    return f"{place.line}:{place.column} {problem.slug}: {text}"


def seconds(moment: datetime | None, start: datetime = START) -> float | None:
    """Return the seconds from the clock's start to a moment."""
    return None if moment is None else (moment - start).total_seconds()


def describe_subtasks(task: Task) -> dict[int, str]:
    """Return each subtask as `STATUS/OPERATION*runTime`."""
    return {s.id: f"{s.status.value}/{s.operation.value}*{s.run_time}" for s in task.subtasks}


def list_disorders(task: Task) -> list[str]:
    """Return everything that is impossible in the times and executions of a task."""
    return [
        *_of_task(task),
        *(problem for subtask in task.subtasks for problem in _of_subtask(subtask, task)),
    ]


def _of_task(task: Task) -> Iterator[str]:
    moments = [
        m
        for s in task.subtasks
        for e in s.executions
        for m in (e.started, e.ended)
        if m is not None
    ]
    if (task.finish_time is None) != (task.status is TaskStatus.RUNNING):
        yield "finishTime is there without an end, or missing after it"
    if task.finish_time is not None:
        if task.finish_time < max(moments, default=task.start_time):
            yield "the task was finished before its subtasks"
        if (task.finish_time - task.start_time) % timedelta(seconds=1):
            yield "the task was finished off the tick"


def _of_subtask(subtask: Subtask, task: Task) -> Iterator[str]:
    done = subtask.executions
    name = f"subtask {subtask.id}"
    begun = done[0].started if done else None
    if subtask.start_time != begun or (subtask.executor is None) != (begun is None):
        yield f"{name}: startTime and executor are not those of the first execution"
    if subtask.finish_time != (done[-1].ended if done and subtask.status not in ACTIVE else None):
        yield f"{name}: finishTime is not the end of the last execution"
    before = [task.start_time, *(_forward_end(task, upstream) for upstream in subtask.upstreams)]
    for execution in done:
        if execution.started < max(moment for moment in before if moment):
            yield f"{name}: an execution began too early"
        before = [execution.ended]
    if _expected_end(subtask) != (done[-1].outcome if done else _S.PENDING):
        yield f"{name} is {subtask.status.value}, but its last execution has another outcome"
    if any(execution.ended is None for execution in done[:-1]):
        yield f"{name}: an execution before the last never ended"


def _forward_end(task: Task, subtask_id: int) -> datetime | None:
    subtask = task.subtask(subtask_id)
    assert subtask is not None
    forward: list[Execution] = [
        e for e in subtask.executions if e.operation is not Operation.ROLLBACK
    ]
    return forward[-1].ended if forward else None


def _expected_end(subtask: Subtask) -> SubtaskStatus | None:
    """Return the outcome that the last execution must have.

    PENDING is also the outcome without any execution; None means that the execution has not ended.
    """
    waiting = subtask.status is _S.READY or (
        subtask.status is _S.SUCCESSFUL and subtask.operation is Operation.ROLLBACK
    )
    if subtask.status in (_S.RUNNING, _S.CANCELING):
        return None
    if not waiting:
        return subtask.status
    if subtask.operation is Operation.EXECUTE:
        return _S.PENDING
    return subtask.executions[-1].outcome if subtask.operation is Operation.ROLLBACK else _S.FAILED
