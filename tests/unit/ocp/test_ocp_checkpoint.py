"""The state of a task as JSON data, and back."""

import json
from datetime import timedelta

from ocp_builders import LATER, START, subtask, task
from understudy.ocp import task_from_record, task_to_record
from understudy.ocp.task_model import Execution, LogLine, Operation, Run, SubtaskStatus


def test_run_that_is_not_planned_is_restored() -> None:
    """How long it takes, how it ends, and each line of its log with its offset."""
    lines = (LogLine("first", timedelta(seconds=2)), LogLine("second"))
    runs = (
        Run(timedelta(milliseconds=1500), SubtaskStatus.FAILED, lines),
        Run(None, SubtaskStatus.FAILED),
    )
    executions = tuple(
        Execution(Operation.RETRY, run, START, LATER, SubtaskStatus.FAILED) for run in runs
    )
    before = task(subtask(11, "FAILED", executions=executions))
    record = json.loads(json.dumps(task_to_record(before)))
    assert task_from_record(task(subtask(11, "PENDING")), record) == before
