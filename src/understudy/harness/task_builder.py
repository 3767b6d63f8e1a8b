"""Tasks and subtasks as a test tells them, in the words of the scenario format."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from understudy.harness.time_arguments import format_duration_argument

__tracebackhide__ = True
"""A test that fails is shown by its own lines, not by those of this module (pytest)."""

SubtaskData = Mapping[str, Any]
_SPANS = ("takes", "at")
_MOST_FAILS = 1000


def subtask(
    name: str | None = None,
    *,
    after: str | int | Iterable[str | int] = (),
    takes: str | float | timedelta | None = None,
    ends: str | None = None,
    log: str | list[Any] | None = None,
    fails: int = 0,
    **more: Any,
) -> dict[str, Any]:
    """Give a subtask for `ocp.task`: `subtask("Install", after="Prepare", takes="15s", fails=1)`.

    `after` names the ones that it waits for; `takes`, `ends` and `log` tell its execution, or `runs` (of the scenario
    format) each of them. `fails`: so many executions fail first. `more`: other keys of the format, such as `id`,
    `timeout`, `retries`, `prohibitRollback`, `rollbacks`, `state`.
    """
    if not 0 <= fails <= _MOST_FAILS:
        raise ValueError(
            f"fails={fails}: expected how many executions fail first, from 0 to {_MOST_FAILS}"
        )
    told: dict[str, Any] = {"name": name, **more}
    waits = [after] if isinstance(after, str | int) else list(after)
    if waits:
        told["after"] = waits
    run = {"takes": None if takes is None else _takes(takes), "ends": ends, "log": log}
    run = {key: value for key, value in run.items() if value is not None}
    if (run or fails) and "runs" in more:
        raise TypeError(
            "runs= tells every execution; takes=, ends=, log= and fails= tell them all at once: use one"
        )
    if fails:
        told["runs"] = [{**run, "ends": "FAILED"}] * fails + [run]
    elif run:
        told["runs"] = [run]
    return {key: value for key, value in told.items() if value is not None}


def build_task_data(
    name: str | None, subtasks: Iterable[str | SubtaskData], more: SubtaskData
) -> dict[str, Any]:
    """Give a task as the control API takes it. A subtask that is told as a text has that name."""
    told = [{"name": one} if isinstance(one, str) else dict(one) for one in subtasks]
    found = {"name": name, **more, **({"subtasks": told} if told else {})}
    if isinstance(found.get("at"), int | float | timedelta):
        found["at"] = format_duration_argument(found["at"])
    return {key: value for key, value in found.items() if value is not None}


def _takes(told: str | float | timedelta) -> str:
    return format_duration_argument(told)
