"""A subtask's log: one text, told out of its executions. Nothing of it is stored."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b

from understudy.clock import iso_time
from understudy.ocp.model import Execution, Operation, Subtask, SubtaskStatus

HEARTBEAT = timedelta(seconds=10)
"""How often a running execution without lines of its own says that it is alive."""
MAX_HEARTBEATS = 1000

_ENTITY = "c.a.o.c.m.t.model.SubtaskInstanceEntity"
_RUNNER = "c.a.o.c.m.t.engine.SubtaskRunner"


def log_text(subtask: Subtask, now: datetime) -> str:
    """Give the log as it stands at `now`: a banner for each execution, then its lines. Empty before the first one."""
    return "\n".join(line for execution in subtask.executions for line in _lines(subtask, execution, now))


def _lines(subtask: Subtask, execution: Execution, now: datetime) -> Iterator[str]:
    started = execution.started
    yield f"############{{{execution.operation.value}}}{{{iso_time(started)}}}############"
    write = _Writer(subtask, execution)
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
        yield write(until, "ERROR", _ENTITY, f"Subtask failed, id={subtask.id}, {_cause(subtask, execution)}")
    else:
        yield write(until, "INFO", _ENTITY, f"Subtask finished, id={subtask.id}, state={outcome.value}")


def _cause(subtask: Subtask, execution: Execution) -> str:
    last = subtask.executions[-1] is execution
    if last and subtask.operation is Operation.CANCEL:
        return "cause=canceled by user"
    if subtask.timeout_s and execution.ended == execution.started + timedelta(seconds=subtask.timeout_s):
        return f"cause=timeout after {subtask.timeout_s} seconds"
    return "cause=task execution returned an error"


def _own_lines(execution: Execution, until: datetime) -> Iterator[tuple[datetime, str]]:
    """Give what the run itself writes, as far as `until`."""
    started = execution.started
    if execution.run.log:
        written = sorted(_spread(execution), key=lambda pair: pair[0])
        yield from ((started + at, text) for at, text in written if started + at <= until)
    elif execution.ended is None:
        beats = min((until - started) // HEARTBEAT, MAX_HEARTBEATS)
        for beat in range(1, beats + 1):
            yield started + beat * HEARTBEAT, f"Still running, {beat * HEARTBEAT.seconds} seconds elapsed"


def _spread(execution: Execution) -> Iterator[tuple[timedelta, str]]:
    """Give each line with how long after the start it is written: as told, else evenly over what the run takes."""
    run = execution.run
    share = sum(line.at is None for line in run.log) + 1
    length = run.takes or (execution.ended - execution.started if execution.ended else share * HEARTBEAT)
    number = 0
    for line in run.log:
        number += line.at is None
        yield (length * number / share if line.at is None else line.at), line.text


class _Writer:
    """Writes lines as the real server's logger does, with a thread and a trace that belong to the execution."""

    def __init__(self, subtask: Subtask, execution: Execution) -> None:
        seed = f"{subtask.id}/{execution.operation.value}/{iso_time(execution.started)}"
        trace = blake2b(seed.encode("utf-8"), digest_size=14).hexdigest()
        self._thread = f"[pool-subtask-executor-thread-{1 + int(trace[:2], 16) % 64},{trace[:16]},{trace[16:]}]"

    def __call__(self, moment: datetime, level: str, logger: str, text: str) -> str:
        stamp = moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}"
        return f"{stamp} {level:>5} 57200 --- {self._thread} {logger}  : {text}"
