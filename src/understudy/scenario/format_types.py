"""Types of the data of a scenario file, after `check_format` has removed what breaks the format.

The keys are those of `scenario.schema.json`. Every key is optional here: the schema gives the
defaults, and `check_format` reports a missing required key. An item of a list is None when
`check_format` has removed it; the other items keep their positions.
"""

from typing import TypedDict


class LogLineData(TypedDict, total=False):
    """One line of a log that gives its own time."""

    at: str
    line: str


class RunData(TypedDict, total=False):
    """One entry of `runs` or `rollbacks`. Only an entry of `runs` has `at`."""

    takes: str
    ends: str
    log: str | list[str | LogLineData | None]
    at: str


class SubtaskData(TypedDict, total=False):
    """One entry of `subtasks`."""

    id: int
    name: str
    description: str
    after: list[int | str | None]
    timeout: int
    retries: int
    parallel: int
    prohibitRollback: bool
    state: str
    operation: str
    runs: list[RunData | None]
    rollbacks: list[RunData | None]


class TaskData(TypedDict, total=False):
    """One entry of `tasks`."""

    id: int
    name: str
    type: str
    creator: str
    cluster: str
    tenant: str
    host: str
    at: str
    state: str
    operation: str
    concurrency: int
    prohibitRollback: bool
    subtasks: list[SubtaskData | None]


class ClockData(TypedDict, total=False):
    """The value of `clock`."""

    mode: str
    start: str
    speed: float
    step: str


class AccountData(TypedDict, total=False):
    """One entry of `accounts`."""

    password: str
    permissions: list[str]
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


class CrowdData(TypedDict, total=False):
    """The value of `crowd`. `running` and `failed` are percentages such as `5%`."""

    count: int
    running: str
    failed: str
    since: str
    firstId: int


class ThrottleData(TypedDict, total=False):
    """The value of `throttle`, or one entry of it."""

    limit: int
    window: str


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
