"""Made from the table of routes: ACCEPT=1 pytest tests/unit/control/test_control_table.py writes it anew."""

from collections.abc import Iterator
from typing import Any

from understudy.control.control_api import Control
from understudy.control.transport import ControlError as ControlError

class ControlClient:
    """Drives a stub. One method for each route, named as its id."""

    def __init__(self, url: str, token: str = "", world: str = "", *, prefix: str = "/__admin") -> None: ...
    @classmethod
    def inside(cls, control: Control, url: str = "http://localhost", world: str = "") -> ControlClient:
        """Give a client of a stub in this process; its calls go through no socket."""

    def in_world(self, world: str) -> ControlClient:
        """Give a client of the same stub for another world."""

    def events(self, *, after: int | None = None, every_world: bool = False) -> Iterator[dict[str, Any]]:
        """Give exchanges as they happen, for as long as the server runs."""

    def health(self) -> Any:
        """Whether it serves, and what came of saved files. `status` stays `ok` while the server
        serves; `reload.problems` tells of files that were saved broken. Gives: How the server
        is.
        """

    def version(self) -> Any:
        """The version of understudy. Gives: The version."""

    def openapi_yaml(self) -> str:
        """The OpenAPI document of the control API. Gives: The document."""

    def openapi_json(self) -> Any:
        """The same as JSON. Gives: The document."""

    def list_findings(self) -> Any:
        """What a test should fail for, beside its own assertions. Requests that broke the
        contract (unknown query parameters do not count), calls that nothing matched (OPTIONS
        and /favicon.ico do not count), and replies with `must` that never answered. Gives:
        Replies that were never used come last.
        """

    def list_requests(self, *, limit: int = 100, after: int | None = None) -> Any:
        """The exchanges of the world. The last ones; with `after`, the first ones after that.
        Gives: The oldest first.
        """

    def clear_requests(self) -> None:
        """Empty the journal of the world."""

    def find_requests(
        self,
        *,
        operation: Any = None,
        request: str | None = None,
        path: Any = None,
        query: Any = None,
        headers: Any = None,
        body: Any = None,
        status: Any = None,
        account: Any = None,
    ) -> Any:
        """The exchanges that meet criteria. Gives: The oldest first."""

    def count_requests(
        self,
        *,
        operation: Any = None,
        request: str | None = None,
        path: Any = None,
        query: Any = None,
        headers: Any = None,
        body: Any = None,
        status: Any = None,
        account: Any = None,
    ) -> Any:
        """How many exchanges meet criteria. Gives: The number. Raises ControlError: journal-
        truncated.
        """

    def wait_for_requests(
        self,
        *,
        operation: Any = None,
        request: str | None = None,
        path: Any = None,
        query: Any = None,
        headers: Any = None,
        body: Any = None,
        status: Any = None,
        account: Any = None,
        count: int = 1,
        timeout: str = "10s",
    ) -> Any:
        """Wait until calls meet criteria. Gives: As soon as `count` calls have been made,
        counted from the start of the journal; or when the time is over: then `matched` is
        false. Raises ControlError: journal-truncated, no-thread-left.
        """

    def list_unmatched(self) -> Any:
        """The calls that no operation and no rule answered. Gives: The oldest first."""

    def list_near_misses(self) -> Any:
        """What came nearest to unmatched calls. Gives: The oldest call first."""

    def find_near_misses(
        self,
        *,
        operation: Any = None,
        request: str | None = None,
        path: Any = None,
        query: Any = None,
        headers: Any = None,
        body: Any = None,
        status: Any = None,
        account: Any = None,
    ) -> Any:
        """The exchanges that nearly meet criteria. Gives: At most 10; the one with the fewest
        rows that differ first.
        """

    def get_request(self, number: int) -> Any:
        """One exchange. Gives: The exchange. Raises ControlError: no-such-request."""

    def explain_request(self, number: int) -> Any:
        """How an answer came about. Gives: What is known of it. Raises ControlError: no-such-
        request.
        """

    def reset(self, *, all: bool = False) -> None:
        """Let the world begin anew. State, journal, counters, added rules and settings go;
        snapshots stay. A real clock goes on.
        """

    def list_worlds(self) -> Any:
        """The worlds that there are. Gives: The one that was used longest ago first."""

    def drop_world(self, name: str, *, closed: bool = False) -> None:
        """Forget a world, with its snapshots."""

    def make_world(
        self,
        name: str,
        *,
        scenario: str | None = None,
        dialect: str | None = None,
        clock: str | None = None,
        speed: float | None = None,
        seed: int | None = None,
    ) -> Any:
        """Let a world begin, or begin anew, as is told. What is not told is as the server and
        the scenario say. Gives: It has begun. Raises ControlError: no-such-scenario, broken-
        scenario.
        """

    def list_accounts(self) -> Any:
        """Who may log on, with passwords and keys. Gives: In the order of the scenario."""

    def export_world(self) -> str:
        """The world as a scenario that replays it. Gives: A scenario file. It holds the accounts
        of the scenario, with their passwords.
        """

    def get_coverage(self, *, all: bool = False) -> Any:
        """What of the contract clients were exercised with. Gives: `covered` of `total` items
        were seen; each section tells its own.
        """

    def list_scenarios(self) -> Any:
        """The scenarios that can be played. Gives: By name."""

    def get_scenario(self, name: str) -> str:
        """A scenario as it was written. Gives: YAML or JSON. Raises ControlError: no-such-
        scenario.
        """

    def upload_scenario(self, name: str, text: Any) -> Any:
        """Take a scenario in, until the server ends. All problems are told at once, with line
        and column; then nothing has changed. Gives: It replaces the one of this name. Worlds
        that play it go on with it. Raises ControlError: bad-scenario, name-taken, too-many-
        scenarios.
        """

    def activate_scenario(self, name: str) -> Any:
        """Let the world play a scenario. Gives: It has begun anew with it. Raises ControlError:
        no-such-scenario, broken-scenario.
        """

    def get_clock(self) -> Any:
        """The clock of the world. Gives: How the clock stands now."""

    def advance_clock(self, *, by: str) -> Any:
        """Move the clock forward. Gives: How the clock stands now. Raises ControlError: clock-
        at-its-end.
        """

    def freeze_clock(self) -> Any:
        """Let the clock stand still. Gives: How the clock stands now."""

    def set_clock(self, *, to: str) -> Any:
        """Set the clock to a later moment. Gives: How the clock stands now. Raises ControlError:
        clock-backwards, clock-at-its-end.
        """

    def scale_clock(self, *, speed: float) -> Any:
        """Let the clock run, faster or slower than the wall's. Gives: How the clock stands now."""

    def step_clock(self) -> Any:
        """Move the clock to what happens next to any task. Gives: How the clock stands now.
        Raises ControlError: no-tasks, nothing-to-come, clock-at-its-end.
        """

    def list_tasks(self, *, status: str | None = None, limit: int = 100) -> Any:
        """The tasks of the world, those to come too. Gives: By id; those to come last, by their
        start. Raises ControlError: no-tasks.
        """

    def add_task(self, task: Any) -> Any:
        """Add a task. The body is a task as in a scenario. Ids that are not told follow the
        highest of the world. Gives: It begins now, or when `at` says: an offset from now.
        Raises ControlError: no-tasks.
        """

    def get_task(self, task_id: int) -> Any:
        """A task, its subtasks, and what comes next. Gives: The task as it stands now. Raises
        ControlError: no-such-task, no-tasks.
        """

    def force_task(self, task_id: int, *, status: str) -> Any:
        """Put a task into a status. Gives: The task as it stands now. Raises ControlError: no-
        such-task, no-tasks.
        """

    def force_subtask(self, task_id: int, subtask_id: int, *, status: str) -> Any:
        """Put a subtask into a status. Gives: The task as it stands now. Raises ControlError:
        no-such-task, no-tasks.
        """

    def step_task(self, task_id: int) -> Any:
        """Move the clock to what happens to a task next. It is the clock of the world: other
        tasks move as well. Gives: The task as it stands now. Raises ControlError: no-such-
        task, no-tasks, nothing-to-come, clock-at-its-end.
        """

    def list_replies(self) -> Any:
        """The scripted replies of the world. Gives: The first that matches a call answers it."""

    def add_reply(self, rule: Any) -> Any:
        """Add a reply. The body is a reply as in a scenario. Without a name it gets one, such as
        added-1. Gives: It stands in front of all others. Raises ControlError: name-taken,
        too-many-rules.
        """

    def clear_replies(self) -> None:
        """Remove the replies that were added."""

    def remove_reply(self, name: str) -> None:
        """Remove a reply that was added. Raises ControlError: no-such-rule, scenario-rule."""

    def list_faults(self) -> Any:
        """The faults of the world. Gives: All that match a call strike it."""

    def add_fault(self, rule: Any) -> Any:
        """Add a fault. The body is a fault as in a scenario. `{profile: slow}` means `{fault:
        slow}`. Gives: It stands in front of all others. Raises ControlError: name-taken, too-
        many-rules.
        """

    def clear_faults(self) -> None:
        """Remove the faults that were added."""

    def remove_fault(self, name: str) -> None:
        """Remove a fault that was added. Raises ControlError: no-such-rule, scenario-rule."""

    def get_settings(self) -> Any:
        """The settings of the world. Gives: What counts in this world."""

    def change_settings(
        self,
        *,
        validate_request: str | None = None,
        errors: Any = None,
        corrupt: Any = None,
    ) -> Any:
        """Change settings of this world alone. null takes the server's own again. Gives: What
        counts in this world.
        """

    def list_snapshots(self) -> Any:
        """The snapshots of the world. Gives: The oldest first."""

    def save_snapshot(self, name: str) -> Any:
        """Keep the world as it stands. Snapshots live in memory: 100 per world, 64 MiB in all.
        Gives: It replaces the one of this name. Raises ControlError: snapshots-full.
        """

    def restore_snapshot(self, name: str) -> Any:
        """Let the world be as it was. Gives: It is. The journal goes on. Raises ControlError:
        no-such-snapshot, other-scenario.
        """

    def drop_snapshot(self, name: str) -> None:
        """Forget a snapshot. Raises ControlError: no-such-snapshot."""
