"""How a task stands, as JSON data: what is planned for it is in the scenario and not repeated."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

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


def task_to_record(task: Task) -> dict[str, Any]:
    """Give how a task stands. Keys: create, status, operation, finish, settled, next, moves, subtasks (by id)."""
    return {
        "create": task.create_time.isoformat(),
        "status": task.status.value,
        "operation": task.operation.value,
        "finish": _text(task.finish_time),
        "settled": _text(task.settled),
        "next": _text(task.next_at),
        "moves": _text(task.moves_from),
        "subtasks": {str(subtask.id): _subtask_record(subtask) for subtask in task.subtasks},
    }


def task_from_record(planned: Task, record: Mapping[str, Any]) -> Task:
    """Give a planned task as the record says that it stands."""
    return replace(
        planned,
        create_time=datetime.fromisoformat(record["create"]),
        status=TaskStatus(record["status"]),
        operation=Operation(record["operation"]),
        finish_time=_moment(record["finish"]),
        settled=_moment(record["settled"]),
        next_at=_moment(record["next"]),
        moves_from=_moment(record["moves"]),
        subtasks=tuple(
            _subtask(subtask, record["subtasks"][str(subtask.id)]) for subtask in planned.subtasks
        ),
    )


def _subtask_record(subtask: Subtask) -> dict[str, Any]:
    return {
        "create": subtask.create_time.isoformat(),
        "status": subtask.status.value,
        "operation": subtask.operation.value,
        "runTime": subtask.run_time,
        "executor": subtask.executor,
        "start": _text(subtask.start_time),
        "finish": _text(subtask.finish_time),
        "executions": [_execution_record(subtask, execution) for execution in subtask.executions],
    }


def _subtask(planned: Subtask, record: Mapping[str, Any]) -> Subtask:
    return replace(
        planned,
        create_time=datetime.fromisoformat(record["create"]),
        status=SubtaskStatus(record["status"]),
        operation=Operation(record["operation"]),
        run_time=record["runTime"],
        executor=record["executor"],
        start_time=_moment(record["start"]),
        finish_time=_moment(record["finish"]),
        executions=tuple(_execution(planned, told) for told in record["executions"]),
    )


def _execution_record(subtask: Subtask, execution: Execution) -> list[Any]:
    outcome = execution.outcome.value if execution.outcome else None
    times = [execution.started.isoformat(), _text(execution.ended)]
    return [
        execution.operation.value,
        _run_record(subtask, execution.run),
        *times,
        outcome,
        execution.cause.value,
    ]


def _execution(planned: Subtask, record: list[Any]) -> Execution:
    operation, run, started, ended, outcome, cause = record
    return Execution(
        Operation(operation),
        _run(planned, run),
        datetime.fromisoformat(started),
        _moment(ended),
        SubtaskStatus(outcome) if outcome else None,
        Cause(cause),
    )


def _run_record(subtask: Subtask, run: Run) -> Any:
    """Give the number of a planned run; one that is not planned is written out."""
    for name, runs in (("runs", subtask.runs), ("rollbacks", subtask.rollbacks)):
        if run in runs:
            return [name, runs.index(run)]
    takes = None if run.takes is None else run.takes / timedelta(milliseconds=1)
    lines = [
        [line.text, None if line.at is None else line.at / timedelta(milliseconds=1)]
        for line in run.log
    ]
    return {"takes": takes, "ends": run.ends.value, "log": lines}


def _run(planned: Subtask, record: Any) -> Run:
    if isinstance(record, list):
        runs = planned.rollbacks if record[0] == "rollbacks" else planned.runs
        return runs[record[1]]
    lines = tuple(
        LogLine(text, None if at is None else timedelta(milliseconds=at))
        for text, at in record["log"]
    )
    takes = None if record["takes"] is None else timedelta(milliseconds=record["takes"])
    return Run(takes, SubtaskStatus(record["ends"]), lines)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
