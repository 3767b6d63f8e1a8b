"""Data of tasks and subtasks in the scenario format, built from the arguments of a test."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from understudy.harness.time_arguments import Duration, format_duration_argument

__tracebackhide__ = True
"""pytest shows the lines of the failing test, not those of this module."""

SubtaskData = Mapping[str, Any]
"""A subtask in the scenario format: `name`, `after`, `runs`, …"""
Data = dict[str, Any]
"""A part of a task in the scenario format."""

Log = str | list[str | dict[str, str]]
"""A text, or lines; a line is a text or `{"at": …, "line": …}`."""

_MAX_FAILS = 1000


def subtask(
    name: str | None = None,
    *,
    after: str | int | Iterable[str | int] = (),
    takes: Duration | None = None,
    ends: str | None = None,
    log: Log | None = None,
    fails: int = 0,
    **more: object,
) -> Data:
    """Return a subtask for `ocp.task`: `subtask("Install", after="Prepare", takes="15s", fails=1)`.

    - `after`: names or ids of the subtasks that must be SUCCESSFUL first.
    - `takes`, `ends`, `log`: the execution. `takes="never"` hangs. Use `runs` of the scenario
      format instead to describe each execution.
    - `fails`: the number of executions that fail before one ends as described, from 0 to 1000.
    - `more`: other keys of the format, such as `id`, `timeout`, `retries`, `prohibitRollback`,
      `rollbacks`, `state`.

    Raises ValueError for `fails` out of range, and TypeError for `runs` together with the other
    descriptions of executions.
    """
    if not 0 <= fails <= _MAX_FAILS:
        message = f"expected a number of failing executions from 0 to {_MAX_FAILS}"
        raise ValueError(f"fails={fails}: {message}")
    run = _build_run(takes, ends, log)
    if (run or fails) and "runs" in more:
        raise TypeError(
            "runs= describes each execution, takes=, ends=, log= and fails= describe all of them: "
            "use only one of the two ways"
        )
    data: Data = {"name": name, **more}
    upstreams = [after] if isinstance(after, str | int) else list(after)
    if upstreams:
        data["after"] = upstreams
    if fails:
        failing_run = {**run, "ends": "FAILED"}
        data["runs"] = [failing_run] * fails + [run]
    elif run:
        data["runs"] = [run]
    return _without_none(data)


def build_task_data(
    name: str | None,
    subtasks: Iterable[str | SubtaskData],
    more: Mapping[str, object],
) -> Data:
    """Return a task as the control API accepts it.

    A subtask that is a text becomes a subtask with that name. `more` are other keys of the scenario
    format; a number or timedelta as `at` becomes a text.
    """
    data: Data = {"name": name, **more}
    entries = [_build_subtask(entry) for entry in subtasks]
    if entries:
        data["subtasks"] = entries
    if isinstance(data.get("at"), int | float | timedelta):
        data["at"] = format_duration_argument(data["at"])
    return _without_none(data)


def _build_subtask(entry: str | SubtaskData) -> Data:
    """Return an entry of `subtasks`. A text is the name of a subtask with defaults."""
    if isinstance(entry, str):
        return {"name": entry}
    return dict(entry)


def _build_run(
    takes: Duration | None,
    ends: str | None,
    log: Log | None,
) -> Data:
    """Return an entry of `runs`. A value of None leaves its key out."""
    text = None if takes is None else format_duration_argument(takes)
    return _without_none({"takes": text, "ends": ends, "log": log})


def _without_none(data: Data) -> Data:
    return {key: value for key, value in data.items() if value is not None}
