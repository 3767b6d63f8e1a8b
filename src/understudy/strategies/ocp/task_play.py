"""Plays a task with the engine: applies commands to it, and returns it when it has a status."""

from collections.abc import Sequence
from datetime import timedelta

from understudy import ocp

_S = ocp.SubtaskStatus
_T = ocp.TaskStatus
_LONG = timedelta(days=1)
"""After so long, no run of a drawn plan is still in progress, unless it hangs."""

Commands = Sequence[tuple[str, int]]
"""Names of commands, each with a number that selects the subtask."""


def play_task(
    task: ocp.Task, status: ocp.TaskStatus, commands: Commands, instants: int
) -> ocp.Task:
    """Return a task after commands, when it has a status.

    For RUNNING: after so many events of the engine, or just before the task ends.

    The result is one that the engine reaches: commands that it refuses change nothing.
    """
    play = _Play(task)
    for name, number in commands:
        play.apply(name, number)
    match status:
        case _T.RUNNING:
            return play.until_running(instants)
        case _T.FAILED:
            return play.until_failed()
        case _:
            return play.until_successful()


class _Play:
    """A task while it is played.

    The engine's offsets count from the whole second in which it was created.
    """

    def __init__(self, task: ocp.Task) -> None:
        self._origin = task.create_time.replace(microsecond=0)
        self._task = ocp.begin(task, task.create_time, self._origin)
        self._last_running = self._task
        self._last_failed: ocp.Task | None = None

    def until_running(self, instants: int) -> ocp.Task:
        """Return the task while it runs, after so many events."""
        for _ in range(instants):
            if not self._can_step():
                break
            self._step()
        return self._last_running

    def until_failed(self) -> ocp.Task:
        """Return the task after it has failed.

        When commands have made it successful since, the task is returned as it was before them.
        """
        self._settle()
        if self._task.status is _T.SUCCESSFUL and self._last_failed is not None:
            return self._last_failed
        return self._task

    def until_successful(self) -> ocp.Task:
        """Return the task after it has ended successfully: subtasks that fail are skipped."""
        self._settle()
        while self._task.status is not _T.SUCCESSFUL:
            self._command("skipSubtask", 0)
            self._settle()
        return self._task

    def apply(self, name: str, number: int) -> None:
        """Apply a command at a moment when it is possible.

        If the engine refuses it, nothing changes.

        `number` selects one of the subtasks that fail or, for `cancelSubtask`, that run. `run` only
        waits for one.
        """
        if name in ("cancelSubtask", "run"):
            while not self._ids(_S.RUNNING) and self._can_step():
                self._step()
        else:
            self._settle()
        if name != "run":
            self._command(name, number)

    def _command(self, name: str, number: int) -> None:
        """Apply a command to one of the subtasks that it fits; without any, do nothing."""
        ids = self._ids(_S.RUNNING if name == "cancelSubtask" else _S.FAILED)
        if not ids:
            return
        target = None if name in ("retryTask", "rollbackTask") else ids[number % len(ids)]
        now = self._task.settled or self._task.create_time
        command = ocp.Command(name, self._task.id, target, now)
        try:
            self._observe(ocp.apply_to_task(self._task, command, self._origin))
        except ocp.OcpError:
            return

    def _settle(self) -> None:
        """Advance until the task has ended; a subtask that hangs is canceled.

        By then every run has ended that ends at all: no drawn plan takes longer than _LONG.
        """
        self._observe(ocp.advance(self._task, self._task.create_time + _LONG, self._origin))
        while self._task.status is _T.RUNNING:
            self._command("cancelSubtask", 0)
            now = self._task.next_at or self._task.create_time
            self._observe(ocp.advance(self._task, now + _LONG, self._origin))

    def _can_step(self) -> bool:
        """Return whether the engine has another event for the task."""
        return self._task.status is _T.RUNNING and self._task.next_at is not None

    def _step(self) -> None:
        """Advance to the next event."""
        if self._task.next_at is not None:
            self._observe(ocp.advance(self._task, self._task.next_at, self._origin))

    def _observe(self, task: ocp.Task) -> None:
        """Take a new state of the task; remember the last that runs and the last that failed."""
        self._task = task
        if task.status is _T.RUNNING:
            self._last_running = task
        if task.status is _T.FAILED:
            self._last_failed = task

    def _ids(self, status: ocp.SubtaskStatus) -> list[int]:
        """Return the ids of the subtasks that have a status."""
        return [subtask.id for subtask in self._task.subtasks if subtask.status is status]
