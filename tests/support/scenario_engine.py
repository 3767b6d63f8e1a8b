"""A second, naive task engine that goes second by second. The tests compare the real one with it.

Source: what is known of the engine, step by step. It covers only tasks without commands.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from understudy.ocp import Subtask, Task

SECOND = timedelta(seconds=1)


@dataclass
class Row:
    """A subtask and its current state."""

    plan: Subtask
    status: str = "PENDING"
    operation: str = "EXECUTE"
    run_time: int = 1
    count: int = 0
    began: datetime | None = None
    start_time: datetime | None = None
    finish_time: datetime | None = None

    def end(self, moment: datetime) -> None:
        """End the execution, by itself or by its timeout, if that is due."""
        assert self.began is not None
        run = self.plan.runs[min(self.count, len(self.plan.runs)) - 1]
        if run.takes is not None and self.began + run.takes <= moment:
            ended, status = self.began + run.takes, run.ends.value
        else:
            ended, status = datetime.max.replace(tzinfo=moment.tzinfo), ""
        limit = self.began + self.plan.timeout_s * SECOND
        if self.plan.timeout_s and limit <= moment and limit < ended:
            ended, status = limit, "FAILED"
        if status:
            self.status, self.finish_time = status, ended


@dataclass
class Engine:
    """A task and the rows of its subtasks."""

    task: Task
    status: str = "RUNNING"
    finish_time: datetime | None = None
    rows: dict[int, Row] = field(default_factory=dict)

    def run(self, at: datetime, start: datetime) -> dict[str | int, Any]:
        """Run from `at` to `start`, and return the visible state."""
        self.rows = {s.id: Row(s) for s in self.task.subtasks}
        self.promote([row for row in self.rows.values() if not row.plan.upstreams])
        ticks = int((start - at) / SECOND) + 2
        for tick in (start - number * SECOND for number in range(ticks, -1, -1)):
            if tick > at:
                self.ends(tick)
                self.tick(tick)
        self.ends(start)
        state: dict[str | int, Any] = {"task": (self.status, self.finish_time)}
        for i, r in self.rows.items():
            state[i] = (r.status, r.operation, r.run_time, r.start_time, r.finish_time)
        return state

    def ends(self, moment: datetime) -> None:
        """Apply all ends up to a moment, which need no tick."""
        for row in self.of("RUNNING"):
            row.end(moment)

    def tick(self, moment: datetime) -> None:
        """Apply steps 2 to 5 of a tick. Nothing is canceled here."""
        for row in self.of("FAILED"):
            if row.run_time <= row.plan.retries:
                row.status, row.operation, row.run_time, row.finish_time = (
                    "READY",
                    "RETRY",
                    row.run_time + 1,
                    None,
                )
        for row in self.of("READY"):
            row.status, row.began, row.count = "RUNNING", moment, row.count + 1
            row.start_time = row.start_time or moment
        if self.status != "RUNNING":
            return
        if not self.of("FAILED"):
            done = {row.plan.id for row in self.of("SUCCESSFUL")}
            self.promote([row for row in self.of("PENDING") if done.issuperset(row.plan.upstreams)])
        if self.of("READY", "RUNNING"):
            return
        if self.of("FAILED"):
            self.status, self.finish_time = "FAILED", moment
        elif len(self.of("SUCCESSFUL")) == len(self.rows):
            self.status, self.finish_time = "SUCCESSFUL", moment

    def promote(self, rows: list[Row]) -> None:
        """Make rows READY in the order of seriesId, up to the limit."""
        for row in sorted(rows, key=lambda row: row.plan.series_id):
            if len(self.of("READY", "RUNNING")) < self.task.concurrency:
                row.status = "READY"

    def of(self, *statuses: str) -> list[Row]:
        """Return the rows in one of the statuses."""
        return [row for row in self.rows.values() if row.status in statuses]
