"""A subtask's log: one text, told out of its executions. Nothing of it is stored."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b

from understudy.clock import iso_time
from understudy.ocp.task_model import Cause, Execution, Operation, Subtask, SubtaskStatus
from understudy.ocp.time_mapping import SAME_TIME, TimeMapping

EVERY_SECOND = 300
"""For how many seconds an execution without lines of its own says each second that it is alive: a poll sees it grow."""
HEARTBEAT = timedelta(seconds=10)
"""How often it says so afterwards."""
MAX_HEARTBEATS = 1000

_ENTITY = "c.a.o.c.m.t.model.SubtaskInstanceEntity"
_RUNNER = "c.a.o.c.m.t.engine.SubtaskRunner"


def render_log(subtask: Subtask, now: datetime, calendar: TimeMapping = SAME_TIME) -> str:
    """Give the log as it stands at `now`: a banner for each execution, then its lines. Empty before the first one.

    `now` is a moment of the tasks' own calendar; `calendar` tells how the world shows it.
    """
    return "\n".join(
        line
        for execution in subtask.executions
        for line in _lines(subtask, execution, now, calendar)
    )


def _lines(
    subtask: Subtask, execution: Execution, now: datetime, calendar: TimeMapping
) -> Iterator[str]:
    started = execution.started
    yield f"############{{{execution.operation.value}}}{{{iso_time(calendar.to_world_time(started))}}}############"
    write = _Writer(subtask, execution, calendar)
    if execution.operation is Operation.SKIP:
        yield write(started, "INFO", _ENTITY, f"Skip subtask, id={subtask.id}, name={subtask.name}")
        return
    parts = f"id={subtask.id}, name={subtask.name}, operation={execution.operation.value}, node={subtask.executor}"
    yield write(started + timedelta(milliseconds=19), "INFO", _ENTITY, f"Run subtask, {parts}")
    until = execution.ended or now
    for moment, text in _own_lines(execution, until):
        yield write(moment, "INFO", _RUNNER, text)
    if execution.ended is None:
        return
    outcome = execution.outcome or SubtaskStatus.SUCCESSFUL
    if outcome is SubtaskStatus.FAILED:
        yield write(
            until,
            "ERROR",
            _ENTITY,
            f"Subtask failed, id={subtask.id}, {_cause(subtask, execution)}",
        )
    else:
        yield write(
            until, "INFO", _ENTITY, f"Subtask finished, id={subtask.id}, state={outcome.value}"
        )


def _cause(subtask: Subtask, execution: Execution) -> str:
    match execution.cause:
        case Cause.CANCELED:
            return "cause=canceled by user"
        case Cause.TIMEOUT:
            return f"cause=timeout after {subtask.timeout_s} seconds"
        case _:
            return "cause=task execution returned an error"


def _own_lines(execution: Execution, until: datetime) -> Iterator[tuple[datetime, str]]:
    """Give what the run itself writes, as far as `until`; in each second without one, that it is alive."""
    own = sorted(_spread(execution), key=lambda pair: pair[0])
    busy = {-(-at // _SECOND) for at, _ in own}
    elapsed = until - execution.started
    beats = ((at, at // _SECOND) for at in _beats(elapsed))
    alive = [
        (at, f"Still running, {second} seconds elapsed")
        for at, second in beats
        if second not in busy
    ]
    # What ends at a second says so itself.
    alive = [(at, text) for at, text in alive if execution.ended is None or at < elapsed]
    for at, text in sorted([*own, *alive], key=lambda pair: pair[0]):
        if at <= elapsed:
            yield execution.started + at, text


_SECOND = timedelta(seconds=1)


def _beats(elapsed: timedelta) -> Iterator[timedelta]:
    seconds = range(1, min(elapsed // _SECOND, EVERY_SECOND) + 1)
    yield from (second * _SECOND for second in seconds)
    later = (elapsed - EVERY_SECOND * _SECOND) // HEARTBEAT
    yield from (
        EVERY_SECOND * _SECOND + beat * HEARTBEAT
        for beat in range(1, min(later, MAX_HEARTBEATS) + 1)
    )


def _spread(execution: Execution) -> Iterator[tuple[timedelta, str]]:
    """Give each line with how long after the start it is written: as told, else evenly over what the run takes."""
    run = execution.run
    share = sum(line.at is None for line in run.log) + 1
    # Not by when it ended: what stands in a log already stays where it is.
    length = share * HEARTBEAT if run.takes is None else run.takes
    number = 0
    for line in run.log:
        number += line.at is None
        yield (length * number / share if line.at is None else line.at), line.text


class _Writer:
    """Writes lines as the real server's logger does, with a thread and a trace that belong to the execution."""

    def __init__(self, subtask: Subtask, execution: Execution, calendar: TimeMapping) -> None:
        self._calendar = calendar
        seed = f"{subtask.id}/{execution.operation.value}/{iso_time(execution.started)}"
        trace = blake2b(seed.encode("utf-8"), digest_size=14).hexdigest()
        self._thread = f"[pool-subtask-executor-thread-{1 + int(trace[:2], 16) % 64},{trace[:16]},{trace[16:]}]"

    def __call__(self, moment: datetime, level: str, logger: str, text: str) -> str:
        shown = self._calendar.to_world_time(moment)
        stamp = shown.strftime("%Y-%m-%d %H:%M:%S.") + f"{shown.microsecond // 1000:03d}"
        return f"{stamp} {level:>5} 57200 --- {self._thread} {logger}  : {text}"
