"""The engine: a task over time, as a discrete-event simulation that advances on request.

Ticks are at whole seconds from the start of the clock, before the start too. Between ticks only
executions end. At one instant the order is: ends, timeouts, tick, commands. The cost depends
on the number of events, not on the time between them; a task without an event stays the same
object.

Source: docs/guide/engine.md, whose numbers of the steps of a tick are cited below.
"""

import heapq
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from understudy.ocp.event_budget import EventBudget
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
_FORWARD: tuple[Operation, ...] = (Operation.EXECUTE, Operation.RETRY)
_BACKWARD: tuple[Operation, ...] = (Operation.ROLLBACK,)
_ZERO = timedelta(0)


class ExpectedEnd(NamedTuple):
    """When the present execution of a subtask ends, with which status, and why."""

    at: datetime
    status: SubtaskStatus
    cause: Cause = Cause.NONE


def begin(task: Task, at: datetime, origin: datetime) -> Task:
    """Start a task: it is RUNNING, and subtasks that wait for none are READY.

    `origin` is the start of the clock.
    """
    subtasks = tuple(replace(subtask, create_time=at) for subtask in task.subtasks)
    started = replace(task, create_time=at, subtasks=subtasks, moves_from=at, settled=at)
    simulation = _Simulation(started, origin)
    simulation.promote()
    return simulation.result()


def advance(
    task: Task, until: datetime, origin: datetime, budget: EventBudget | None = None
) -> Task:
    """Return a task as it is at `until`, after the events of that instant (but commands).

    Advancing in two steps gives the same result as advancing in one. Raises TooManyEventsError
    when the events exceed `budget`.
    """
    if task.next_at is None or task.next_at > until:
        return task
    simulation = _Simulation(task, origin)
    simulation.run(until, budget)
    return simulation.result()


def resume(task: Task, at: datetime, origin: datetime) -> Task:
    """Return a task that a command changed at `at`, with its next event.

    A task that was history moves from this moment on.
    """
    moving = replace(task, moves_from=task.moves_from or at, settled=at)
    return _Simulation(moving, origin).result()


def next_tick(moment: datetime, origin: datetime) -> datetime:
    """Return the first tick that is later than a moment."""
    return origin + ((moment - origin) // TICK + 1) * TICK


def expected_end(task: Task, subtask: Subtask) -> ExpectedEnd | None:
    """Return the end of a RUNNING subtask's execution; None when it never ends by itself.

    The execution of a task that was history counts from the command that set the task moving.
    """
    if not subtask.executions:
        return None
    execution = subtask.executions[-1]
    started = max(execution.started, task.moves_from or execution.started)
    takes = execution.run.takes
    limit = timedelta(seconds=subtask.timeout_s)
    # At one instant, the end comes before the timeout; a timeout of 0 means none.
    if limit and (takes is None or takes > limit):
        return ExpectedEnd(started + limit, _S.FAILED, Cause.TIMEOUT)
    if takes is None:
        return None
    status = execution.run.ends
    if execution.operation is Operation.ROLLBACK and status is _S.SUCCESSFUL:
        status = _S.PENDING  # a successful rollback leaves the subtask as if it had never begun
    return ExpectedEnd(started + takes, status)


def next_run(subtask: Subtask) -> Run:
    """Return the plan of the subtask's next execution.

    The runs of a kind (forward, or rollback) are used in order; the last one repeats.
    """
    if subtask.operation is Operation.ROLLBACK:
        runs, operations = subtask.rollbacks, _BACKWARD
    else:
        runs, operations = subtask.runs, _FORWARD
    done = sum(execution.operation in operations for execution in subtask.executions)
    return runs[min(done, len(runs) - 1)]


class _Simulation:
    """A task while it is advanced.

    Its subtasks are held by id, with sets and counts that make each step cheap.
    """

    def __init__(self, task: Task, origin: datetime) -> None:
        self.task = task
        self.origin = origin
        self.settled = task.settled or task.create_time
        self.status = task.status
        self.finish_time = task.finish_time
        self.backwards = task.operation is Operation.ROLLBACK
        self.goal, self.waiting = _S.SUCCESSFUL, _S.PENDING
        if self.backwards:
            self.goal, self.waiting = _S.PENDING, _S.SUCCESSFUL
        self.subtasks = {subtask.id: subtask for subtask in task.subtasks}
        self.series = {subtask.id: number for number, subtask in enumerate(task.subtasks)}
        """The position of each subtask in the task."""
        self.by_status: dict[SubtaskStatus, set[int]] = {status: set() for status in _S}
        self.ends: list[tuple[datetime, int, int]] = []
        """A heap of expected ends: moment, position, id. Entries can be outdated."""
        self.missing: dict[int, int] = {}
        """How many predecessors of each subtask are not done."""
        self.open: set[int] = set()
        """The subtasks that could become READY."""
        self.changes = 0
        """How many subtasks have changed since the last instant began."""
        for subtask in task.subtasks:
            self.by_status[subtask.status].add(subtask.id)
            self._expect_end(subtask)
        for subtask in task.subtasks:
            predecessors = (self.subtasks[i] for i in self._predecessors(subtask))
            self.missing[subtask.id] = sum(
                not self._is_done(predecessor) for predecessor in predecessors
            )
            self._update_open(subtask.id)

    def result(self) -> Task:
        """Return the task as it is now, with the moment of its next event."""
        return replace(
            self.task,
            status=self.status,
            finish_time=self.finish_time,
            subtasks=tuple(self.subtasks.values()),
            settled=self.settled,
            next_at=self.next_instant(),
        )

    def run(self, until: datetime, budget: EventBudget | None = None) -> None:
        """Process every event up to and including `until`.

        An instant counts as one event, and each change of a subtask too.
        """
        while (moment := self.next_instant()) is not None and moment <= until:
            # An execution that takes no time ends at the tick that started it: that instant
            # has had its tick already.
            is_tick = moment > self.settled and (moment - self.origin) % TICK == _ZERO
            self.settled = moment
            if budget is not None:
                budget.spend(1 + self.changes)
            self.changes = 0
            self._process_ends(moment)
            if is_tick:
                self._process_tick(moment)

    def next_instant(self) -> datetime | None:
        """Return the moment of the next event, or None when none follows."""
        while self.ends and self._find_due_end(self.ends[0]) is None:
            heapq.heappop(self.ends)
        if not self._tick_changes_something():
            return self.ends[0][0] if self.ends else None
        tick = next_tick(self.settled, self.origin)
        if not self.ends:
            return tick
        return min(tick, self.ends[0][0])

    def promote(self) -> None:
        """Make open subtasks READY, in the order of their positions, up to the limit (step 4)."""
        room = self.task.concurrency - self._count_started()
        for subtask_id in self._in_series(self.open)[: max(room, 0)]:
            ready = replace(self.subtasks[subtask_id], status=_S.READY, finish_time=None)
            self._put(ready)

    def _count_started(self) -> int:
        # The limit counts READY and RUNNING subtasks; CANCELING ones do not count.
        return len(self.by_status[_S.READY]) + len(self.by_status[_S.RUNNING])

    # The predecessors of a subtask are the subtasks that it waits for. Forwards, these are its
    # upstreams, and they are done when SUCCESSFUL; in a rollback, these are its downstreams,
    # and they are done when PENDING.

    def _predecessors(self, subtask: Subtask) -> tuple[int, ...]:
        if self.backwards:
            return subtask.downstreams
        return subtask.upstreams

    def _successors(self, subtask: Subtask) -> tuple[int, ...]:
        if self.backwards:
            return subtask.upstreams
        return subtask.downstreams

    def _is_done(self, subtask: Subtask) -> bool:
        return subtask.status is self.goal

    def _update_open(self, subtask_id: int) -> None:
        status = self.subtasks[subtask_id].status
        if status is self.waiting and not self.missing[subtask_id]:
            self.open.add(subtask_id)
        else:
            self.open.discard(subtask_id)

    def _put(self, subtask: Subtask) -> None:
        """Replace a subtask, and update what depends on its status."""
        self.changes += 1
        before = self.subtasks[subtask.id]
        self.subtasks[subtask.id] = subtask
        if before.status is subtask.status:
            return
        self.by_status[before.status].discard(subtask.id)
        self.by_status[subtask.status].add(subtask.id)
        self._expect_end(subtask)
        change = self._is_done(before) - self._is_done(subtask)
        if change:
            for successor in self._successors(subtask):
                self.missing[successor] += change
                self._update_open(successor)
        self._update_open(subtask.id)

    def _in_series(self, ids: Iterable[int]) -> list[int]:
        return sorted(ids, key=self.series.__getitem__)

    def _expect_end(self, subtask: Subtask) -> None:
        if subtask.status is not _S.RUNNING:
            return
        end = expected_end(self.task, subtask)
        if end is not None:
            heapq.heappush(self.ends, (end.at, self.series[subtask.id], subtask.id))

    def _find_due_end(self, entry: tuple[datetime, int, int]) -> ExpectedEnd | None:
        """Return the end that a heap's entry stands for; None when the entry is outdated.

        An entry is outdated when the subtask no longer runs, or runs another execution.
        """
        moment, _, subtask_id = entry
        subtask = self.subtasks[subtask_id]
        if subtask.status is not _S.RUNNING:
            return None
        end = expected_end(self.task, subtask)
        if end is None or end.at != moment:
            return None
        return end

    def _process_ends(self, moment: datetime) -> None:
        """End the executions that end at a moment."""
        while self.ends and self.ends[0][0] <= moment:
            entry = heapq.heappop(self.ends)
            end = self._find_due_end(entry)
            if end is not None:
                subtask = self.subtasks[entry[2]]
                self._put(_end_execution(subtask, end.at, end.status, end.cause))

    def _tick_changes_something(self) -> bool:
        if self.by_status[_S.CANCELING] or self.by_status[_S.READY] or self._retryable():
            return True
        if self.status is not TaskStatus.RUNNING:
            return False
        return self._may_promote() or self._outcome() is not TaskStatus.RUNNING

    def _may_promote(self) -> bool:
        if not self.open or self.by_status[_S.FAILED]:
            return False
        return self._count_started() < self.task.concurrency

    def _retryable(self) -> list[int]:
        """Return the failed subtasks that the engine retries by itself (step 2)."""
        failed = (
            self.subtasks[subtask_id] for subtask_id in self._in_series(self.by_status[_S.FAILED])
        )
        return [s.id for s in failed if s.operation in _FORWARD and s.run_time <= s.retries]

    def _process_tick(self, moment: datetime) -> None:
        """Process one tick; the numbers are those of the guide's steps."""
        # 1. CANCELING subtasks become FAILED.
        for subtask_id in self._in_series(self.by_status[_S.CANCELING]):
            subtask = self.subtasks[subtask_id]
            failed = _end_execution(subtask, moment, _S.FAILED, Cause.CANCELED)
            self._put(replace(failed, operation=Operation.CANCEL))
        # 2. The engine retries failed subtasks.
        for subtask_id in self._retryable():
            self._put(_retry(self.subtasks[subtask_id]))
        # 3. READY subtasks start.
        for subtask_id in self._in_series(self.by_status[_S.READY]):
            self._put(self._start(self.subtasks[subtask_id], moment))
        # 4. Open subtasks become READY, while no subtask has failed.
        if self.status is not TaskStatus.RUNNING:
            return
        if not self.by_status[_S.FAILED]:
            self.promote()
        # 5. The task ends when no subtask is active.
        self.status = self._outcome()
        if self.status is not TaskStatus.RUNNING:
            self.finish_time = moment

    def _start(self, subtask: Subtask, moment: datetime) -> Subtask:
        """Start the execution of a READY subtask; a skipped one ends in the same tick."""
        is_skip = subtask.operation is Operation.SKIP
        # A skip uses none of the planned runs.
        run = Run()
        if not is_skip:
            run = next_run(subtask)
        execution = Execution(subtask.operation, run, moment)
        running = replace(
            subtask,
            status=_S.RUNNING,
            start_time=subtask.start_time or moment,
            executor=self.task.node,
            executions=(*subtask.executions, execution),
        )
        if not is_skip:
            return running
        return _end_execution(running, moment, self.goal)

    def _outcome(self) -> TaskStatus:
        """Return the status of the task that follows from its subtasks (step 5)."""
        if any(self.by_status[status] for status in ACTIVE):
            return TaskStatus.RUNNING
        if self.by_status[_S.FAILED]:
            return TaskStatus.FAILED
        if len(self.by_status[self.goal]) == len(self.subtasks):
            return TaskStatus.SUCCESSFUL
        return TaskStatus.RUNNING


def _retry(subtask: Subtask) -> Subtask:
    """Return a failed subtask as READY for its next attempt."""
    return replace(
        subtask,
        status=_S.READY,
        operation=Operation.RETRY,
        run_time=subtask.run_time + 1,
        finish_time=None,
    )


def _end_execution(
    subtask: Subtask, moment: datetime, status: SubtaskStatus, cause: Cause = Cause.NONE
) -> Subtask:
    """Return a subtask whose present execution has ended."""
    # A subtask of a history can be active without an execution.
    if not subtask.executions:
        return replace(subtask, status=status, finish_time=moment)
    ended = replace(subtask.executions[-1], ended=moment, outcome=status, cause=cause)
    executions = (*subtask.executions[:-1], ended)
    return replace(subtask, status=status, finish_time=moment, executions=executions)
