"""What became of a task that nobody touched, from its start to the start of the clock."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from understudy.ocp import ACTIVE, Execution, Operation, Run, Subtask, SubtaskStatus, Task, TaskStatus

TICK = timedelta(seconds=1)
_S = SubtaskStatus


def play(task: Task, at: datetime, start: datetime) -> Task:
    """Play a task that begins at `at` up to `start`, as the engine does: what happens, happens at ticks.

    The ticks are whole seconds before `start`. The cost depends on what happens, not on how long it took.
    """
    stage = _Stage(task, at)
    tick: datetime | None = _tick_after(at, start)
    while tick is not None and tick <= start:
        stage.end(tick)
        stage.tick(tick)
        tick = stage.next_tick(tick, start)
    stage.end(start)
    return stage.task


def _tick_after(moment: datetime, start: datetime) -> datetime:
    """Give the first tick that is later than a moment."""
    return start - ((start - moment - timedelta(microseconds=1)) // TICK) * TICK


def _end_of(subtask: Subtask) -> tuple[datetime, SubtaskStatus] | None:
    """Give when the execution of a RUNNING subtask ends and how, or None when it never does."""
    execution = subtask.executions[-1]
    takes, ends = execution.run.takes, execution.run.ends
    if subtask.timeout_s and (takes is None or takes > timedelta(seconds=subtask.timeout_s)):
        takes, ends = timedelta(seconds=subtask.timeout_s), _S.FAILED
    return None if takes is None else (execution.started + takes, ends)


class _Stage:
    """The task while it is played: values, replaced as time goes on."""

    def __init__(self, task: Task, at: datetime) -> None:
        self.subtasks = {s.id: replace(s, create_time=at) for s in task.subtasks}
        self._task = replace(task, create_time=at)
        self._changed = True
        self._promote(s for s in self.subtasks.values() if not s.upstreams)

    @property
    def task(self) -> Task:
        """The task as it stands."""
        return replace(self._task, subtasks=tuple(self.subtasks.values()))

    def end(self, until: datetime) -> None:
        """End the executions that end not later than `until`."""
        for subtask in self._in(_S.RUNNING):
            found = _end_of(subtask)
            if found is not None and found[0] <= until:
                moment, status = found
                ended = replace(subtask.executions[-1], ended=moment, outcome=status)
                executions = (*subtask.executions[:-1], ended)
                self._put(replace(subtask, status=status, finish_time=moment, executions=executions))

    def tick(self, moment: datetime) -> None:
        """Do what one tick does. Source: the engine's order of steps; nothing is canceled or rolled back here."""
        self._changed = False
        for subtask in self._in(_S.FAILED):
            if subtask.run_time <= subtask.retries:
                operation, run_time = Operation.RETRY, subtask.run_time + 1
                self._put(replace(subtask, status=_S.READY, operation=operation, run_time=run_time, finish_time=None))
        for subtask in self._in(_S.READY):
            self._put(self._started(subtask, moment))
        if not self._in(_S.FAILED):
            waiting = self._in(_S.PENDING)
            self._promote(s for s in waiting if all(self.subtasks[u].status is _S.SUCCESSFUL for u in s.upstreams))
        self._settle(moment)

    def next_tick(self, tick: datetime, start: datetime) -> datetime | None:
        """Give the next tick at which something may happen, or None when nothing ever does."""
        if self._task.status is not TaskStatus.RUNNING:
            return None
        if self._changed:
            return tick + TICK
        ends = [found[0] for s in self._in(_S.RUNNING) if (found := _end_of(s))]
        return max(tick + TICK, _tick_after(min(ends) - timedelta(microseconds=1), start)) if ends else None

    def _in(self, status: SubtaskStatus) -> list[Subtask]:
        return [subtask for subtask in self.subtasks.values() if subtask.status is status]

    def _put(self, subtask: Subtask) -> None:
        self.subtasks[subtask.id] = subtask
        self._changed = True

    def _promote(self, candidates: Iterable[Subtask]) -> None:
        room = self._task.concurrency - len(self._in(_S.READY)) - len(self._in(_S.RUNNING))
        for subtask in list(candidates)[: max(room, 0)]:
            self._put(replace(subtask, status=_S.READY))

    def _started(self, subtask: Subtask, moment: datetime) -> Subtask:
        execution = Execution(subtask.operation, _next_run(subtask), moment)
        return replace(
            subtask,
            status=_S.RUNNING,
            start_time=subtask.start_time or moment,
            executor=executor_of(self._task),
            executions=(*subtask.executions, execution),
        )

    def _settle(self, moment: datetime) -> None:
        statuses = {subtask.status for subtask in self.subtasks.values()}
        if statuses & ACTIVE:
            return
        if _S.FAILED in statuses:
            self._task = replace(self._task, status=TaskStatus.FAILED, finish_time=moment)
        elif statuses == {_S.SUCCESSFUL}:
            self._task = replace(self._task, status=TaskStatus.SUCCESSFUL, finish_time=moment)


def _next_run(subtask: Subtask) -> Run:
    return subtask.runs[min(len(subtask.executions), len(subtask.runs) - 1)]


def executor_of(task: Task) -> str:
    """Give the address that executes a task's subtasks: its host's, else the server's own."""
    return task.host.address if task.host else task.executor
