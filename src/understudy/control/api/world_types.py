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
    limit: int


class ReloadRecord(TypedDict):
    """The results of reloads since the server started (`serve --watch`)."""

    count: int
    problems: list[dict[str, object]]
    dropped: list[dict[str, object]]
    awaitingReset: list[str]


class HealthRecord(TypedDict):
    """The health of the server."""

    status: Literal["ok"]
    version: str
    contract: str
    scenario: str | None
    worlds: int
    waiting: WaitingRecord
    reload: ReloadRecord


class WorldRecord(TypedDict):
    """A summary of a world."""

    name: str
    scenario: str
    clock: str
    revision: int
    exchanges: int
    dropped: int
    lastUsed: str | None


class WorldList(TypedDict):
    """The worlds."""

    worlds: list[WorldRecord]


class AccountRecord(TypedDict):
    """An account of the scenario."""

    name: str
    password: str
    permissions: list[str]
    accessKey: str
    secretKey: str


class AccountList(TypedDict):
    """The accounts of the world."""

    accounts: list[AccountRecord]


class CoverageItemRecord(TypedDict):
    """An item of a section; with a `count` of 0 it is not covered."""

    group: str
    name: str
    count: int
    ids: NotRequired[dict[str, int]]


class CoverageSectionRecord(TypedDict):
    """A section of a coverage report."""

    name: str
    covered: int
    total: int
    ratio: float
    beside: dict[str, int]
    items: list[CoverageItemRecord]


class CoverageRecord(TypedDict):
    """A coverage report."""

    understudyCoverage: int
    contract: str
    exchanges: int
    covered: int
    total: int
    ratio: float
    unknown: dict[str, int]
    sections: list[CoverageSectionRecord]


class ScenarioRecord(TypedDict):
    """A scenario that worlds can use."""

    name: str
    origin: str
    """`shipped`, `folder`, `file` or `uploaded`."""
    description: str
    active: bool


class ScenarioList(TypedDict):
    """The available scenarios."""

    scenarios: list[ScenarioRecord]


class ClockRecord(TypedDict):
    """The clock of a world; `step` is in seconds."""

    now: str
    start: str
    mode: str
    """`real`, `virtual` or `per-call`."""
    speed: float
    step: float


class SubtaskRecord(TypedDict):
    """A subtask; `after` has the ids of the subtasks that it waits for."""

    id: int
    name: str
    status: str
    operation: str
    after: list[int]
    played: int
    runsLeft: int


class TaskSummary(TypedDict):
    """A task in a list; `status` is None before it starts, `next` when nothing will happen to it."""

    id: int
    name: str
    status: str | None
    operation: str
    next: str | None


class TaskRecord(TaskSummary):
    """A task with its subtasks."""

    subtasks: list[SubtaskRecord]


class TaskList(TypedDict):
    """Tasks, and the number of all tasks that match."""

    tasks: list[TaskSummary]
    total: int


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
    corrupt: list[str]


class SnapshotRecord(TypedDict):
    """A snapshot of a world; `at` is on the world's clock."""

    name: str
    at: str
    revision: int
    bytes: int


class SnapshotList(TypedDict):
    """The snapshots of a world."""

    snapshots: list[SnapshotRecord]


class SettingsChange(TypedDict, total=False):
    """Changed settings of a world; None restores the setting of the server."""

    validate_request: str | None
    errors: bool | None
    corrupt: Sequence[str] | None
