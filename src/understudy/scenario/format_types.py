"""Types of the data of a scenario file, after `check_format` has removed what breaks the format.

The keys are those of `scenario.schema.json`. Every key is optional here: the schema gives the
defaults, and `check_format` reports a missing required key. An item of a list is None when
`check_format` has removed it; the other items keep their positions.
"""

from typing import TypedDict


class LogLineData(TypedDict, total=False):
    """One line of a log that gives its own time."""

    at: str
    """The offset from the start of the execution."""
    line: str


class RunData(TypedDict, total=False):
    """One entry of `runs` or `rollbacks`. Only an entry of `runs` has `at`."""

    takes: str
    """A duration, or `never`. Default: 1s."""
    ends: str
    """SUCCESSFUL (the default) or FAILED."""
    log: str | list[str | LogLineData | None]
    """A text with several lines, or a list of lines."""
    at: str
    """The start of the execution: an offset from the clock's start, or a time."""


class SubtaskData(TypedDict, total=False):
    """One entry of `subtasks`."""

    id: int
    name: str
    description: str
    after: list[int | str | None]
    """Ids (integers) and names of other subtasks of the task."""
    timeout: int
    """In seconds; 0 (the default) means no timeout."""
    retries: int
    """The number of automatic retries. Default: 0."""
    parallel: int
    """The index among parallel subtasks. Default: -1."""
    prohibitRollback: bool
    state: str
    """A SubtaskStatus. With it, the task is history."""
    operation: str
    """An Operation. With it, the task is history."""
    runs: list[RunData | None]
    rollbacks: list[RunData | None]


class TaskData(TypedDict, total=False):
    """One entry of `tasks`."""

    id: int
    name: str
    type: str
    """A task type of the contract. Default: MANUAL."""
    creator: str
    """admin, system, or the name of an account."""
    cluster: str
    """A key of `clusters`."""
    tenant: str
    """A key of `tenants`."""
    host: str
    """A key of `hosts`."""
    at: str
    """The start: an offset from the clock's start, or a time."""
    state: str
    """A TaskStatus. With it, the task is history."""
    operation: str
    concurrency: int
    """The maximum number of READY and RUNNING subtasks. Default: 10."""
    prohibitRollback: bool
    subtasks: list[SubtaskData | None]


class ClockData(TypedDict, total=False):
    """The value of `clock`."""

    mode: str
    """real (the default), virtual or per-call."""
    start: str
    """A time with its UTC offset."""
    speed: float
    """Seconds of the world in each second of the wall clock. Default: 1."""
    step: str
    """A duration. Default: 1s."""


class AccountData(TypedDict, total=False):
    """One entry of `accounts`."""

    password: str
    """Default: the user name."""
    permissions: list[str]
    """Default: TASK_VIEWER."""
    accessKey: str
    secretKey: str


class ClusterData(TypedDict, total=False):
    """One entry of `clusters`."""

    id: int
    name: str
    obClusterId: int
    type: str


class TenantData(TypedDict, total=False):
    """One entry of `tenants`."""

    id: int
    name: str
    obTenantId: int
    mode: str


class HostData(TypedDict, total=False):
    """One entry of `hosts`."""

    id: int
    address: str
    """The executor in responses. Default: derived from the id."""


class CrowdData(TypedDict, total=False):
    """The value of `crowd`. `running` and `failed` are percentages such as `5%`."""

    count: int
    running: str
    failed: str
    since: str
    """A duration. Default: 30d."""
    firstId: int


class ThrottleData(TypedDict, total=False):
    """The value of `throttle`, or one entry of it."""

    limit: int
    window: str
    """A duration above 0."""


class ScenarioData(TypedDict, total=False):
    """A whole scenario file. `understudy.rules` parses `replies` and `faults`."""

    understudy: int
    name: str
    description: str
    seed: int
    clock: ClockData
    accounts: dict[str, AccountData]
    clusters: dict[str, ClusterData]
    tenants: dict[str, TenantData]
    hosts: dict[str, HostData]
    tasks: list[TaskData | None]
    crowd: CrowdData
    throttle: ThrottleData | list[ThrottleData | None]
    replies: list[object]
    faults: list[object]
    world: dict[str, object]
