"""Types of the messages of server, worlds and scenarios: what the client sends and returns.

The keys are those of `message_schemas`; a test compares the two. Times are ISO 8601 texts with an
offset. A `NotRequired` key is left out when it has no value.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict

JsonObject = Mapping[str, object]
"""An object whose members this module does not describe."""


class VersionRecord(TypedDict):
    """The version of the server."""

    version: str


class WaitingRecord(TypedDict):
    """The calls that hold a thread of the server while they wait."""

    active: int
    """The calls that wait now."""
    limit: int
    """How many calls may wait: half of the threads."""
    delayed: int
    """How many responses the server sends later without a thread: delays and slow bodies."""


class ReloadRecord(TypedDict):
    """The results of reloads since the server started (`serve --watch`)."""

    count: int
    """The number of successful reloads."""
    problems: list[dict[str, object]]
    """Why the last reload changed nothing; empty after a success."""
    dropped: list[dict[str, object]]
    """Commands that a new scenario rejected: `world`, `command` and `why`."""
    awaitingReset: list[str]
    """Worlds that use the old scenario until they are reset."""


class HealthRecord(TypedDict):
    """The health of the server."""

    status: Literal["ok"]
    version: str
    contract: str
    """The title of the contract."""
    scenario: str | None
    """The name of the scenario; None for a contract that is served from examples."""
    worlds: int
    """The number of worlds."""
    waiting: WaitingRecord
    warnings: list[dict[str, object]]
    """The flaws of the contract, which is served all the same; at most 1000."""
    reload: ReloadRecord


class TlsRecord(TypedDict):
    """What connections to the server get."""

    enabled: bool
    """Whether the server speaks HTTPS."""
    fault: str | None
    """What is wrong with the certificate of new connections; None: nothing."""
    ca: str | None
    """The file with the certificate of the authority; None: there is none."""


class WorldRecord(TypedDict):
    """A summary of a world."""

    name: str
    scenario: str
    """The name of its scenario; empty for a contract that is served from examples."""
    clock: str
    """The time on the world's clock."""
    revision: int
    """The number of commands that have changed the world."""
    exchanges: int
    """The number of exchanges in its journal."""
    dropped: int
    """How many exchanges the journal has dropped."""
    lastUsed: str | None
    """The wall-clock time of its last use; None before the first one."""


class WorldList(TypedDict):
    """The worlds."""

    worlds: list[WorldRecord]


class AccountRecord(TypedDict):
    """An account of the scenario."""

    name: str
    password: str
    permissions: list[str]
    """Sorted by name."""
    accessKey: str
    """The key for signed requests; empty for an account without one."""
    secretKey: str


class AccountList(TypedDict):
    """The accounts of the world."""

    accounts: list[AccountRecord]


class CoverageItemRecord(TypedDict):
    """An item of a section."""

    group: str
    """The operation or other group; empty for an operation."""
    name: str
    count: int
    """In how many exchanges it was seen."""
    ids: NotRequired[dict[str, int]]
    """For a corruption: how often each id of its kind was served."""


class CoverageSectionRecord(TypedDict):
    """A section of a coverage report."""

    name: str
    covered: int
    total: int
    ratio: float
    """`covered` divided by `total`, from 0 to 1."""
    beside: dict[str, int]
    """Observations that are not items, such as undocumented statuses."""
    items: list[CoverageItemRecord]


class CoverageRecord(TypedDict):
    """A coverage report."""

    understudyCoverage: int
    """The version of this format: 1."""
    contract: str
    """Title and version of the contract."""
    exchanges: int
    """How many exchanges were evaluated."""
    covered: int
    total: int
    ratio: float
    unknown: dict[str, int]
    """What could not be evaluated, with counts."""
    sections: list[CoverageSectionRecord]


class ScenarioRecord(TypedDict):
    """A scenario that worlds can use."""

    name: str
    origin: str
    """`shipped`, `folder`, `file` or `uploaded`."""
    description: str
    active: bool
    """Whether the world uses the scenario."""


class ScenarioList(TypedDict):
    """The available scenarios."""

    scenarios: list[ScenarioRecord]


class ClockRecord(TypedDict):
    """The clock of a world."""

    now: str
    start: str
    """The time of the clock when the world started."""
    mode: str
    """`real`, `virtual` or `per-call`."""
    speed: float
    """Multiple of wall time, for a real clock."""
    step: float
    """Seconds per call, for a per-call clock."""


class SubtaskRecord(TypedDict):
    """A subtask."""

    id: int
    name: str
    status: str
    operation: str
    after: list[int]
    """The ids of the subtasks that it waits for."""
    played: int
    """How many executions have started."""
    runsLeft: int
    """How many planned executions have not started."""


class TaskSummary(TypedDict):
    """A task in a list."""

    id: int
    name: str
    status: str | None
    """None for a task that has not started."""
    operation: str
    next: str | None
    """The time of its next event, on the world's clock; None if there is none."""


class TaskRecord(TaskSummary):
    """A task with its subtasks."""

    subtasks: list[SubtaskRecord]


class TaskList(TypedDict):
    """Tasks, sorted by id."""

    tasks: list[TaskSummary]
    total: int
    """The number of all tasks that match."""


RuleRecord = TypedDict(
    "RuleRecord",
    {
        "name": str,
        "from": Literal["added", "scenario"],
        "seen": int | None,
        "used": int | None,
        "rule": dict[str, object],
    },
)
"""A reply or fault of a world with its counters; `from` is a keyword of Python."""


class ReplyList(TypedDict):
    """The replies of a world."""

    replies: list[RuleRecord]


class FaultList(TypedDict):
    """The faults of a world."""

    faults: list[RuleRecord]


class SettingsRecord(TypedDict):
    """The settings of a world."""

    validateRequest: Literal["enforce", "report", "off"]
    errors: bool
    """Whether violations that would only be reported become errors."""
    strictPreferences: bool
    """Whether a call with an unknown preference gets an error response."""
    corrupt: list[str]
    """The ids of the corruptions that are served."""


class SnapshotRecord(TypedDict):
    """A snapshot of a world."""

    name: str
    at: str
    """When it was taken, on the world's clock."""
    revision: int
    bytes: int
    """Its size in memory, as JSON."""


class SnapshotList(TypedDict):
    """The snapshots of a world."""

    snapshots: list[SnapshotRecord]


class SettingsChange(TypedDict, total=False):
    """Changed settings of a world; None restores the setting of the server."""

    validate_request: str | None
    """`enforce`, `report` or `off`: what happens to a request that breaks the contract."""
    errors: bool | None
    """Whether violations that would only be reported become errors."""
    strict_preferences: bool | None
    """Whether a call with an unknown preference gets an error response."""
    corrupt: Sequence[str] | None
    """The ids of the corruptions to serve."""
