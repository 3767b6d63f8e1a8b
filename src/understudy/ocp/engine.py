"""A task in time: a discrete-event simulation that is advanced when somebody looks.

Ticks are at whole seconds from the clock's start, before it too. Off the tick only executions end. At one instant the
order is: ends, timeouts, tick, commands. The cost depends on what happens, not on how long it takes; a task to which
nothing happens is the same object afterwards.

Source: the engine's rules in the order of its steps, as the guide tells them (docs/guide/engine.md).
"""

import heapq
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from understudy.ocp.task_model import (
    ACTIVE,
    Cause,
    Execution,
    Operation,
    Run,
    Subtask,
    SubtaskStatus,
    Task,
    TaskStatus,
)

TICK = timedelta(seconds=1)
_S = SubtaskStatus
_FORWARD = (Operation.EXECUTE, Operation.RETRY)
_ZERO = timedelta(0)


def begin(task: Task, at: datetime, origin: datetime) -> Task:
    """Start a task at `at`: RUNNING, with the subtasks that wait for nothing READY. `origin` is the clock's start."""
    subtasks = tuple(replace(subtask, create_time=at) for subtask in task.subtasks)
    stage = _Stage(
        replace(task, create_time=at, subtasks=subtasks, moves_from=at, settled=at), origin
    )
    stage.promote()
    return stage.result()


def advance(task: Task, until: datetime, origin: datetime) -> Task:
    """Give the task as it stands at `until`, everything that happens at that very instant included (but commands).

    Advancing in two steps gives the same as in one.
    """
    if task.next_at is None or task.next_at > until:
        return task
    stage = _Stage(task, origin)
    stage.run(until)
    return stage.result()


def resume(task: Task, at: datetime, origin: datetime) -> Task:
    """Give a task that a command changed at `at` with what is to come. A task that was history moves from here on."""
    return _Stage(replace(task, moves_from=task.moves_from or at, settled=at), origin).result()


def next_tick(moment: datetime, origin: datetime) -> datetime:
    """Give the first tick that is later than a moment."""
    return origin + ((moment - origin) // TICK + 1) * TICK


def expected_end(task: Task, subtask: Subtask) -> tuple[datetime, SubtaskStatus, Cause] | None:
    """Give when the execution of a RUNNING subtask ends, how and why; None when it never does by itself.

    An execution of a task that was history counts from the command that set the task in motion.
    """
    if not subtask.executions:
        return None
    execution = subtask.executions[-1]
    started = max(execution.started, task.moves_from or execution.started)
    takes, limit = execution.run.takes, timedelta(seconds=subtask.timeout_s)
    if limit and (
        takes is None or takes > limit
    ):  # at one instant, the end comes before the timeout
        return started + limit, _S.FAILED, Cause.TIMEOUT
    if takes is None:
        return None
    ends = execution.run.ends
    if execution.operation is Operation.ROLLBACK and ends is _S.SUCCESSFUL:
        ends = _S.PENDING
    return started + takes, ends, Cause.NONE


def next_run(subtask: Subtask) -> Run:
    """Give what the subtask's next execution will play: the runs of its kind in order, the last one again and again."""
    back = subtask.operation is Operation.ROLLBACK
    runs = subtask.rollbacks if back else subtask.runs
    kinds = (Operation.ROLLBACK,) if back else _FORWARD
    done = sum(execution.operation in kinds for execution in subtask.executions)
    return runs[min(done, len(runs) - 1)]


class _Stage:
    """One task while it is advanced: its subtasks by id, and the sets and counts that make each step cheap."""

    def __init__(self, task: Task, origin: datetime) -> None:
        self.task = task
        self.origin = origin
        self.settled = task.settled or task.create_time
        self.status = task.status
        self.finish_time = task.finish_time
        self.backwards = task.operation is Operation.ROLLBACK
        self.subtasks = {subtask.id: subtask for subtask in task.subtasks}
        self.series = {subtask.id: number for number, subtask in enumerate(task.subtasks)}
        self.by_status: dict[SubtaskStatus, set[int]] = {status: set() for status in _S}
        self.ends: list[tuple[datetime, int, int]] = []
        self.missing: dict[int, int] = {}
        self.open: set[int] = set()
        for subtask in task.subtasks:
            self.by_status[subtask.status].add(subtask.id)
            self._expect(subtask)
        for subtask in task.subtasks:
            self.missing[subtask.id] = sum(
                not self._lets(self.subtasks[other]) for other in self._before(subtask)
            )
            self._reconsider(subtask.id)

    def result(self) -> Task:
        """Give the task as it stands now, and when something happens to it next."""
        return replace(
            self.task,
            status=self.status,
            finish_time=self.finish_time,
            subtasks=tuple(self.subtasks.values()),
            settled=self.settled,
            next_at=self.next_instant(),
        )

    def run(self, until: datetime) -> None:
        """Let happen what happens until then."""
        while (moment := self.next_instant()) is not None and moment <= until:
            # An execution that takes no time ends at the tick that started it: that instant has had its tick.
            ticks = moment > self.settled and (moment - self.origin) % TICK == _ZERO
            self.settled = moment
            self._end(moment)
            if ticks:
                self._tick(moment)

    def next_instant(self) -> datetime | None:
        """Give the next moment at which something changes, or None when nothing ever does."""
        while self.ends and not self._is_due(self.ends[0]):
            heapq.heappop(self.ends)
        ends = self.ends[0][0] if self.ends else None
        if not self._tick_matters():
            return ends
        tick = next_tick(self.settled, self.origin)
        return tick if ends is None else min(tick, ends)

    def promote(self) -> None:
        """Make subtasks READY whose turn it is, in series order, up to the limit."""
        room = (
            self.task.concurrency - len(self.by_status[_S.READY]) - len(self.by_status[_S.RUNNING])
        )
        for subtask_id in self._ordered(self.open)[: max(room, 0)]:
            self._put(replace(self.subtasks[subtask_id], status=_S.READY, finish_time=None))

    # Which subtasks a subtask waits for, and when they let it go: upstreams that are SUCCESSFUL; in a rollback,
    # downstreams that are PENDING.

    def _before(self, subtask: Subtask) -> tuple[int, ...]:
        return subtask.downstreams if self.backwards else subtask.upstreams

    def _after(self, subtask: Subtask) -> tuple[int, ...]:
        return subtask.upstreams if self.backwards else subtask.downstreams

    def _lets(self, subtask: Subtask) -> bool:
        return subtask.status is (_S.PENDING if self.backwards else _S.SUCCESSFUL)

    def _reconsider(self, subtask_id: int) -> None:
        waiting = _S.SUCCESSFUL if self.backwards else _S.PENDING
        if not self.missing[subtask_id] and self.subtasks[subtask_id].status is waiting:
            self.open.add(subtask_id)
        else:
            self.open.discard(subtask_id)

    def _put(self, subtask: Subtask) -> None:
        before = self.subtasks[subtask.id]
        self.subtasks[subtask.id] = subtask
        if before.status is subtask.status:
            return
        self.by_status[before.status].discard(subtask.id)
        self.by_status[subtask.status].add(subtask.id)
        self._expect(subtask)
        change = self._lets(before) - self._lets(subtask)
        if change:
            for other in self._after(subtask):
                self.missing[other] += change
                self._reconsider(other)
        self._reconsider(subtask.id)

    def _ordered(self, ids: Iterable[int]) -> list[int]:
        return sorted(ids, key=self.series.__getitem__)

    def _expect(self, subtask: Subtask) -> None:
        if subtask.status is _S.RUNNING:
            found = expected_end(self.task, subtask)
            if found is not None:
                heapq.heappush(self.ends, (found[0], self.series[subtask.id], subtask.id))

    def _is_due(self, entry: tuple[datetime, int, int]) -> bool:
        """Tell whether an expected end is still one: the subtask runs, and it is this execution that ends then."""
        subtask = self.subtasks[entry[2]]
        if subtask.status is not _S.RUNNING:
            return False
        found = expected_end(self.task, subtask)
        return found is not None and found[0] == entry[0]

    def _end(self, moment: datetime) -> None:
        """End the executions that end at a moment."""
        while self.ends and self.ends[0][0] <= moment:
            entry = heapq.heappop(self.ends)
            if self._is_due(entry):
                subtask = self.subtasks[entry[2]]
                found = expected_end(self.task, subtask)
                assert found is not None  # noqa: S101 - _is_due has looked
                self._put(_ended(subtask, entry[0], found[1], found[2]))

    def _tick_matters(self) -> bool:
        if self.by_status[_S.CANCELING] or self.by_status[_S.READY] or self._retryable():
            return True
        return self.status is TaskStatus.RUNNING and (
            self._may_promote() or self._outcome() is not TaskStatus.RUNNING
        )

    def _may_promote(self) -> bool:
        busy = len(self.by_status[_S.READY]) + len(self.by_status[_S.RUNNING])
        return bool(self.open) and not self.by_status[_S.FAILED] and busy < self.task.concurrency

    def _retryable(self) -> list[int]:
        failed = (
            self.subtasks[subtask_id] for subtask_id in self._ordered(self.by_status[_S.FAILED])
        )
        return [s.id for s in failed if s.operation in _FORWARD and s.run_time <= s.retries]

    def _tick(self, moment: datetime) -> None:
        """Do what one tick does, in the engine's order."""
        for subtask_id in self._ordered(self.by_status[_S.CANCELING]):
            canceled = _ended(self.subtasks[subtask_id], moment, _S.FAILED, Cause.CANCELED)
            self._put(replace(canceled, operation=Operation.CANCEL))
        for subtask_id in self._retryable():
            failed = self.subtasks[subtask_id]
            run_time = failed.run_time + 1
            self._put(
                replace(
                    failed,
                    status=_S.READY,
                    operation=Operation.RETRY,
                    run_time=run_time,
                    finish_time=None,
                )
            )
        for subtask_id in self._ordered(self.by_status[_S.READY]):
            self._put(self._started(self.subtasks[subtask_id], moment))
        if self.status is not TaskStatus.RUNNING:
            return
        if not self.by_status[_S.FAILED]:
            self.promote()
        self.status = self._outcome()
        if self.status is not TaskStatus.RUNNING:
            self.finish_time = moment

    def _started(self, subtask: Subtask, moment: datetime) -> Subtask:
        skips = subtask.operation is Operation.SKIP
        execution = Execution(subtask.operation, Run() if skips else next_run(subtask), moment)
        running = replace(
            subtask,
            status=_S.RUNNING,
            start_time=subtask.start_time or moment,
            executor=self.task.node,
            executions=(*subtask.executions, execution),
        )
        return (
            _ended(running, moment, _S.PENDING if self.backwards else _S.SUCCESSFUL)
            if skips
            else running
        )

    def _outcome(self) -> TaskStatus:
        if any(self.by_status[status] for status in ACTIVE):
            return TaskStatus.RUNNING
        if self.by_status[_S.FAILED]:
            return TaskStatus.FAILED
        goal = _S.PENDING if self.backwards else _S.SUCCESSFUL
        return (
            TaskStatus.SUCCESSFUL
            if len(self.by_status[goal]) == len(self.subtasks)
            else TaskStatus.RUNNING
        )


def _ended(
    subtask: Subtask, moment: datetime, status: SubtaskStatus, cause: Cause = Cause.NONE
) -> Subtask:
    """End the execution that runs."""
    if not subtask.executions:
        return replace(subtask, status=status, finish_time=moment)
    ended = replace(subtask.executions[-1], ended=moment, outcome=status, cause=cause)
    return replace(
        subtask, status=status, finish_time=moment, executions=(*subtask.executions[:-1], ended)
    )
