"""The part of the client that reads and changes the state of one world.

The methods are written by hand; a test compares their names, arguments and docstrings with the
table of routes (`api.route_table`).
"""

from typing import TypeVar, Unpack, cast

from understudy.control.api.route_table import ROUTES
from understudy.control.api.world_types import (
    ClockRecord,
    FaultList,
    JsonObject,
    ReplyList,
    RuleRecord,
    SettingsChange,
    SettingsRecord,
    SnapshotList,
    SnapshotRecord,
    TaskList,
    TaskRecord,
    WorldRecord,
)
from understudy.control.transport import Arguments, Transport

__tracebackhide__ = True
"""Pytest hides the frames of this module: a failure shows the lines of the test."""

_SETTING_KEYS = {
    "validate_request": "validateRequest",
    "strict_preferences": "strictPreferences",
}
"""The settings whose names differ between Python and JSON."""
T = TypeVar("T")


class WorldClient:
    """Methods for the clock, tasks, rules, settings and snapshots of a world."""

    _transport: Transport

    def _call(self, route_id: str, result_type: type[T], arguments: Arguments | None = None) -> T:
        """Call a route; the server guarantees the type of the result (its OpenAPI document)."""
        return cast(T, self._send(route_id, arguments))

    def _send(self, route_id: str, arguments: Arguments | None = None) -> object:
        """Send a call of a route; arguments that are left out have their defaults."""
        return self._transport.call(ROUTES[route_id], arguments or {})

    def get_clock(self) -> ClockRecord:
        """Return the clock of the world."""
        return self._call("getClock", ClockRecord)

    def advance_clock(self, *, by: str) -> ClockRecord:
        """Move the clock forward.

        Raises ControlError: clock-at-its-end, too-many-events.
        """
        return self._call("advanceClock", ClockRecord, {"by": by})

    def freeze_clock(self) -> ClockRecord:
        """Stop the clock."""
        return self._call("freezeClock", ClockRecord)

    def set_clock(self, *, to: str) -> ClockRecord:
        """Set the clock to a later time.

        Raises ControlError: clock-backwards, clock-at-its-end, too-many-events.
        """
        return self._call("setClock", ClockRecord, {"to": to})

    def scale_clock(self, *, speed: float) -> ClockRecord:
        """Run the clock at a multiple of wall time."""
        return self._call("scaleClock", ClockRecord, {"speed": speed})

    def step_clock(self) -> ClockRecord:
        """Move the clock to the next event of any task.

        Raises ControlError: no-tasks, nothing-to-come, clock-at-its-end.
        """
        return self._call("stepClock", ClockRecord)

    def list_tasks(self, *, status: str | None = None, limit: int = 100) -> TaskList:
        """List the tasks of the world, including those that have not started.

        Raises ControlError: no-tasks.
        """
        return self._call("listTasks", TaskList, {"status": status, "limit": limit})

    def add_task(self, task: JsonObject) -> TaskRecord:
        """Add a task.

        The body is a task as in a scenario. The default ids follow the highest id of the world.
        Raises ControlError: no-tasks.
        """
        return self._call("addTask", TaskRecord, {"task": task})

    def get_task(self, task_id: int) -> TaskRecord:
        """Return a task with its subtasks and the time of its next event.

        Raises ControlError: no-such-task, no-tasks.
        """
        return self._call("getTask", TaskRecord, {"taskId": task_id})

    def force_task(self, task_id: int, *, status: str) -> TaskRecord:
        """Set the status of a task.

        Raises ControlError: no-such-task, no-tasks.
        """
        return self._call("forceTask", TaskRecord, {"taskId": task_id, "status": status})

    def force_subtask(self, task_id: int, subtask_id: int, *, status: str) -> TaskRecord:
        """Set the status of a subtask.

        Raises ControlError: no-such-task, no-tasks.
        """
        return self._call(
            "forceSubtask",
            TaskRecord,
            {"taskId": task_id, "subtaskId": subtask_id, "status": status},
        )

    def step_task(self, task_id: int) -> TaskRecord:
        """Move the clock to the next event of a task.

        This is the clock of the world: other tasks advance as well.
        Raises ControlError: no-such-task, no-tasks, nothing-to-come, clock-at-its-end.
        """
        return self._call("stepTask", TaskRecord, {"taskId": task_id})

    def list_replies(self) -> ReplyList:
        """List the scripted replies of the world."""
        return self._call("listReplies", ReplyList)

    def add_reply(self, rule: JsonObject) -> RuleRecord:
        """Add a reply.

        The body is a reply as in a scenario. The default name is a number such as added-1.
        Raises ControlError: name-taken, too-many-rules.
        """
        return self._call("addReply", RuleRecord, {"rule": rule})

    def clear_replies(self) -> None:
        """Remove the replies that were added."""
        self._send("clearReplies")

    def remove_reply(self, name: str) -> None:
        """Remove a reply that was added.

        Raises ControlError: no-such-rule, scenario-rule.
        """
        self._send("removeReply", {"name": name})

    def list_faults(self) -> FaultList:
        """List the faults of the world."""
        return self._call("listFaults", FaultList)

    def add_fault(self, rule: JsonObject) -> RuleRecord:
        """Add a fault.

        The body is a fault as in a scenario. `{profile: slow}` means `{fault: slow}`.
        Raises ControlError: name-taken, too-many-rules.
        """
        return self._call("addFault", RuleRecord, {"rule": rule})

    def clear_faults(self) -> None:
        """Remove the faults that were added."""
        self._send("clearFaults")

    def remove_fault(self, name: str) -> None:
        """Remove a fault that was added.

        Raises ControlError: no-such-rule, scenario-rule.
        """
        self._send("removeFault", {"name": name})

    def get_settings(self) -> SettingsRecord:
        """Return the settings of the world."""
        return self._call("getSettings", SettingsRecord)

    def change_settings(self, **settings: Unpack[SettingsChange]) -> SettingsRecord:
        """Change settings of this world only.

        null restores the setting of the server.
        """
        check_names(settings, SettingsChange)
        arguments: dict[str, object] = dict(settings)
        for name, key in _SETTING_KEYS.items():
            if name in arguments:
                arguments[key] = arguments.pop(name)
        return self._call("changeSettings", SettingsRecord, arguments)

    def list_snapshots(self) -> SnapshotList:
        """List the snapshots of the world."""
        return self._call("listSnapshots", SnapshotList)

    def save_snapshot(self, name: str) -> SnapshotRecord:
        """Save a snapshot of the world.

        Snapshots are held in memory: 100 per world, 64 MiB in all.
        Raises ControlError: snapshots-full.
        """
        return self._call("saveSnapshot", SnapshotRecord, {"name": name})

    def restore_snapshot(self, name: str) -> WorldRecord:
        """Restore the world from a snapshot.

        Raises ControlError: no-such-snapshot, other-scenario.
        """
        return self._call("restoreSnapshot", WorldRecord, {"name": name})

    def drop_snapshot(self, name: str) -> None:
        """Delete a snapshot.

        Raises ControlError: no-such-snapshot.
        """
        self._send("dropSnapshot", {"name": name})


def check_names(arguments: Arguments, known: type) -> None:
    """Check keyword arguments against the keys of a TypedDict. Raises TypeError, as Python does."""
    for name in arguments:
        if name not in known.__annotations__:
            raise TypeError(f"got an unexpected keyword argument {name!r}")
