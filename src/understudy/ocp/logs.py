"""The log of a subtask, computed from its executions. No line of it is stored.

Source: the vendor's sample logs; the guide's section on logs (docs/guide/engine.md).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from operator import itemgetter

from understudy.clock import iso_time
from understudy.ocp.task_model import Cause, Execution, Operation, Subtask, SubtaskStatus
from understudy.ocp.time_mapping import SAME_TIME, TimeMapping

EVERY_SECOND = 300
"""For how many seconds an execution writes a line each second, so that a poll sees it grow."""
HEARTBEAT = timedelta(seconds=10)
"""The time between two such lines afterwards."""
MAX_HEARTBEATS = 1000

_ENTITY = "c.a.o.c.m.t.model.SubtaskInstanceEntity"
_RUNNER = "c.a.o.c.m.t.engine.SubtaskRunner"
_SECOND = timedelta(seconds=1)
_START_DELAY = timedelta(milliseconds=19)
"""The time between the banner and the first line, as in the vendor's samples."""


def render_log(subtask: Subtask, now: datetime, time_mapping: TimeMapping = SAME_TIME) -> str:
    """Render a log as it is at `now`: for each execution a banner, then its lines.

    Empty before the first execution. `now` is a moment of the tasks' own time; `time_mapping`
    converts it to the world's.
    """
    lines: list[str] = []
    for execution in subtask.executions:
        lines += _execution_lines(subtask, execution, now, time_mapping)
    return "\n".join(lines)


def _execution_lines(
    subtask: Subtask, execution: Execution, now: datetime, time_mapping: TimeMapping
) -> Iterator[str]:
    started, operation = execution.started, execution.operation.value
    shown = iso_time(time_mapping.to_world_time(started))
    yield f"############{{{operation}}}{{{shown}}}############"
    format_line = _LineFormat(subtask, execution, time_mapping)
    if execution.operation is Operation.SKIP:
        text = f"Skip subtask, id={subtask.id}, name={subtask.name}"
        yield format_line(started, "INFO", _ENTITY, text)
        return
    text = (
        f"Run subtask, id={subtask.id}, name={subtask.name}, "
        f"operation={operation}, node={subtask.executor}"
    )
    yield format_line(started + _START_DELAY, "INFO", _ENTITY, text)
    until = execution.ended or now
    for moment, text in _run_lines(execution, until):
        yield format_line(moment, "INFO", _RUNNER, text)
    if execution.ended is None:
        return
    outcome = execution.outcome or SubtaskStatus.SUCCESSFUL
    if outcome is SubtaskStatus.FAILED:
        text = f"Subtask failed, id={subtask.id}, cause={_describe_cause(subtask, execution)}"
        yield format_line(until, "ERROR", _ENTITY, text)
    else:
        text = f"Subtask finished, id={subtask.id}, state={outcome.value}"
        yield format_line(until, "INFO", _ENTITY, text)


def _describe_cause(subtask: Subtask, execution: Execution) -> str:
    match execution.cause:
        case Cause.CANCELED:
            return "canceled by user"
        case Cause.TIMEOUT:
            return f"timeout after {subtask.timeout_s} seconds"
        case _:
            return "task execution returned an error"


def _run_lines(execution: Execution, until: datetime) -> Iterator[tuple[datetime, str]]:
    """Yield the lines of the run up to `until`, and a line in each second without one."""
    elapsed = until - execution.started
    own = list(_planned_lines(execution))
    # The seconds in which the run writes by itself, rounded up.
    busy = {-(-offset // _SECOND) for offset, _ in own}
    alive = [line for line in _alive_lines(elapsed) if line[0] // _SECOND not in busy]
    if execution.ended is not None:
        # An execution that ends at a whole second writes its end there.
        alive = [line for line in alive if line[0] < elapsed]
    # A stable sort: at one offset, lines of the run come first and stay in their order.
    for offset, text in sorted([*own, *alive], key=itemgetter(0)):
        if offset <= elapsed:
            yield execution.started + offset, text


def _alive_lines(elapsed: timedelta) -> Iterator[tuple[timedelta, str]]:
    for offset in _heartbeats(elapsed):
        yield offset, f"Still running, {offset // _SECOND} seconds elapsed"


def _heartbeats(elapsed: timedelta) -> Iterator[timedelta]:
    """Yield the offsets of the lines of a silent run: every second, later every ten seconds."""
    seconds = min(elapsed // _SECOND, EVERY_SECOND)
    for second in range(1, seconds + 1):
        yield second * _SECOND
    start = EVERY_SECOND * _SECOND
    beats = min((elapsed - start) // HEARTBEAT, MAX_HEARTBEATS)
    for beat in range(1, beats + 1):
        yield start + beat * HEARTBEAT


def _planned_lines(execution: Execution) -> Iterator[tuple[timedelta, str]]:
    """Yield the lines that a run plans, each with its offset from the start.

    Lines without an offset are spread evenly over the time that the run takes.
    """
    run = execution.run
    shares = sum(line.at is None for line in run.log) + 1
    # Not over the time until it ended: what a client has read of a log must not move.
    length = run.takes
    if length is None:
        length = shares * HEARTBEAT
    number = 0
    for line in run.log:
        if line.at is None:
            number += 1
            yield length * number / shares, line.text
        else:
            yield line.at, line.text


class _LineFormat:
    """The format of the real server's log lines.

    The names of thread and trace belong to the execution: every poll shows the same ones.
    """

    def __init__(self, subtask: Subtask, execution: Execution, time_mapping: TimeMapping) -> None:
        self._time_mapping = time_mapping
        started = iso_time(execution.started)
        seed = f"{subtask.id}/{execution.operation.value}/{started}"
        trace = blake2b(seed.encode("utf-8"), digest_size=14).hexdigest()
        thread = 1 + int(trace[:2], 16) % 64
        self._thread = f"[pool-subtask-executor-thread-{thread},{trace[:16]},{trace[16:]}]"

    def __call__(self, moment: datetime, level: str, logger: str, text: str) -> str:
        shown = self._time_mapping.to_world_time(moment)
        milliseconds = shown.microsecond // 1000
        stamp = f"{shown:%Y-%m-%d %H:%M:%S}.{milliseconds:03d}"
        return f"{stamp} {level:>5} 57200 --- {self._thread} {logger}  : {text}"
