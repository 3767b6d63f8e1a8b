"""The present state of a task as JSON data: a part of a world's checkpoint.

What is planned for the task stands in the scenario and is not repeated here.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from understudy.messages import Json
from understudy.ocp.task_model import (
    Cause,
    Execution,
    LogLine,
    Operation,
    Run,
    Subtask,
    SubtaskStatus,
    Task,
    TaskStatus,
)

Record: TypeAlias = Mapping[str, Any]
"""A record that this module wrote. A broken one raises LookupError, TypeError or ValueError."""
_MS = timedelta(milliseconds=1)


def task_to_record(task: Task) -> dict[str, Json]:
    """Build the record of a task's state.

    Keys: create, status, operation, finish, settled, next, moves, subtasks (by id, as string).
    Moments are ISO 8601 strings or null.
    """
    return {
        "create": task.create_time.isoformat(),
        "status": task.status.value,
        "operation": task.operation.value,
        "finish": _format_moment(task.finish_time),
        "settled": _format_moment(task.settled),
        "next": _format_moment(task.next_at),
        "moves": _format_moment(task.moves_from),
        "subtasks": {str(subtask.id): _subtask_to_record(subtask) for subtask in task.subtasks},
    }


def task_from_record(planned: Task, record: Record) -> Task:
    """Return a planned task in the state of a record."""
    records = record["subtasks"]
    subtasks = [_subtask_from_record(part, records[str(part.id)]) for part in planned.subtasks]
    return replace(
        planned,
        create_time=datetime.fromisoformat(record["create"]),
        status=TaskStatus(record["status"]),
        operation=Operation(record["operation"]),
        finish_time=_parse_moment(record["finish"]),
        settled=_parse_moment(record["settled"]),
        next_at=_parse_moment(record["next"]),
        moves_from=_parse_moment(record["moves"]),
        subtasks=tuple(subtasks),
    )


def _subtask_to_record(subtask: Subtask) -> dict[str, Json]:
    executions: list[Json] = []
    for execution in subtask.executions:
        executions.append(_execution_to_record(subtask, execution))
    return {
        "create": subtask.create_time.isoformat(),
        "status": subtask.status.value,
        "operation": subtask.operation.value,
        "runTime": subtask.run_time,
        "executor": subtask.executor,
        "start": _format_moment(subtask.start_time),
        "finish": _format_moment(subtask.finish_time),
        "executions": executions,
    }


def _subtask_from_record(planned: Subtask, record: Record) -> Subtask:
    executions = [_execution_from_record(planned, entry) for entry in record["executions"]]
    return replace(
        planned,
        create_time=datetime.fromisoformat(record["create"]),
        status=SubtaskStatus(record["status"]),
        operation=Operation(record["operation"]),
        run_time=record["runTime"],
        executor=record["executor"],
        start_time=_parse_moment(record["start"]),
        finish_time=_parse_moment(record["finish"]),
        executions=tuple(executions),
    )


def _execution_to_record(subtask: Subtask, execution: Execution) -> list[Json]:
    """Build the record of an execution: operation, run, start, end, outcome, cause.

    A list and not an object: a checkpoint holds many executions.
    """
    return [
        execution.operation.value,
        _run_to_record(subtask, execution.run),
        execution.started.isoformat(),
        _format_moment(execution.ended),
        execution.outcome.value if execution.outcome else None,
        execution.cause.value,
    ]


def _execution_from_record(planned: Subtask, record: list[Any]) -> Execution:
    operation, run, started, ended, outcome, cause = record
    status = None
    if outcome is not None:
        status = SubtaskStatus(outcome)
    return Execution(
        operation=Operation(operation),
        run=_run_from_record(planned, run),
        started=datetime.fromisoformat(started),
        ended=_parse_moment(ended),
        outcome=status,
        cause=Cause(cause),
    )


def _run_to_record(subtask: Subtask, run: Run) -> Json:
    """Build the record of a run: `["runs", index]` for a planned one, else an object.

    Keys of the object: takes (milliseconds or null), ends, log (pairs of text and offset).
    """
    if run in subtask.runs:
        return ["runs", subtask.runs.index(run)]
    if run in subtask.rollbacks:
        return ["rollbacks", subtask.rollbacks.index(run)]
    lines: list[Json] = [[line.text, _to_milliseconds(line.at)] for line in run.log]
    return {"takes": _to_milliseconds(run.takes), "ends": run.ends.value, "log": lines}


def _run_from_record(planned: Subtask, record: Any) -> Run:
    if isinstance(record, list):
        kind, index = record
        if kind == "rollbacks":
            return planned.rollbacks[index]
        return planned.runs[index]
    lines = tuple(LogLine(text, _from_milliseconds(at)) for text, at in record["log"])
    takes = _from_milliseconds(record["takes"])
    return Run(takes, SubtaskStatus(record["ends"]), lines)


def _to_milliseconds(duration: timedelta | None) -> float | None:
    if duration is None:
        return None
    return duration / _MS


def _from_milliseconds(number: float | None) -> timedelta | None:
    if number is None:
        return None
    return timedelta(milliseconds=number)


def _format_moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.isoformat()


def _parse_moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    return datetime.fromisoformat(text)
