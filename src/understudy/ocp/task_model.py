"""Tasks and their parts, as frozen values. Names and enum values are the documents' words.

No behaviour is here: the engine (`engine`), the commands (`commands`) and forced states
(`force_state`) compute new values from these.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


class TaskStatus(Enum):
    """The status of a task; the values are those in responses."""

    RUNNING = "RUNNING"
    FAILED = "FAILED"
    SUCCESSFUL = "SUCCESSFUL"


class SubtaskStatus(Enum):
    """The status of a subtask; the values are those in responses."""

    PENDING = "PENDING"
    READY = "READY"
    RUNNING = "RUNNING"
    CANCELING = "CANCELING"
    FAILED = "FAILED"
    SUCCESSFUL = "SUCCESSFUL"


class Operation(Enum):
    """The operation of a task or subtask; the values are those in responses."""

    EXECUTE = "EXECUTE"
    RETRY = "RETRY"
    ROLLBACK = "ROLLBACK"
    SKIP = "SKIP"
    CANCEL = "CANCEL"


class Cause(Enum):
    """Why an execution ended, when something else than its own run ended it."""

    NONE = ""
    TIMEOUT = "timeout"
    CANCELED = "canceled"


ACTIVE = frozenset({SubtaskStatus.READY, SubtaskStatus.RUNNING, SubtaskStatus.CANCELING})
"""The statuses of active subtasks. A task with an active subtask stays RUNNING."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """An OceanBase cluster: `id` is OCP's, `ob_cluster_id` is the database's own."""

    id: int
    name: str
    ob_cluster_id: int
    type: str = "PRIMARY"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant of a cluster: `id` is OCP's, `ob_tenant_id` is the database's own."""

    id: int
    name: str
    ob_tenant_id: int
    mode: str = "MYSQL"


@dataclass(frozen=True, slots=True)
class Creator:
    """The user who created a task."""

    id: int
    name: str


ADMIN = Creator(100, "admin")
SYSTEM = Creator(200, "system")


@dataclass(frozen=True, slots=True)
class Host:
    """The machine of a task. No field of the API holds it; the filter `hostId` finds it."""

    id: int
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line that an execution writes.

    `at` is its offset from the execution's start; None: lines without an offset are spread
    evenly over the execution.
    """

    text: str
    at: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """The plan of one execution: how long it takes, how it ends, what it writes.

    `takes` is None when the execution never ends by itself.
    """

    takes: timedelta | None = timedelta(seconds=1)
    ends: SubtaskStatus = SubtaskStatus.SUCCESSFUL
    log: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution that has started; `ended` is None while it runs."""

    operation: Operation
    run: Run
    started: datetime
    ended: datetime | None = None
    outcome: SubtaskStatus | None = None
    cause: Cause = Cause.NONE


@dataclass(frozen=True, slots=True)
class Subtask:
    """A node of a task's graph: first the plan, then the present state."""

    id: int
    name: str
    series_id: int
    """The position in the task; the engine starts subtasks in this order."""
    create_time: datetime
    description: str = ""
    timeout_s: int = 0
    """Seconds after the start of an execution until it times out; 0: never."""
    retries: int = 0
    """How often the engine retries the subtask by itself."""
    parallel_idx: int = -1
    upstreams: tuple[int, ...] = ()
    """The ids of the subtasks that have to succeed first."""
    downstreams: tuple[int, ...] = ()
    """The ids of the subtasks that wait for this one."""
    prohibit_rollback: bool = False
    node_type: str = "JAVA_TASK"
    runs: tuple[Run, ...] = (Run(),)
    """The plans of the executions with operation EXECUTE or RETRY, in order; the last repeats."""
    rollbacks: tuple[Run, ...] = (Run(),)
    """The plans of the executions with operation ROLLBACK, in order; the last repeats."""

    status: SubtaskStatus = SubtaskStatus.PENDING
    operation: Operation = Operation.EXECUTE
    run_time: int = 1
    """The number of the present attempt, from 1 (the documents' `runTime`)."""
    executor: str | None = None
    """The address of the machine that executes it; None before the first execution."""
    start_time: datetime | None = None
    finish_time: datetime | None = None
    executions: tuple[Execution, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A directed acyclic graph of at least one subtask, in the order of `series_id`."""

    id: int
    name: str
    create_time: datetime
    subtasks: tuple[Subtask, ...]
    type: str = "MANUAL"
    definition_id: int = -1
    cluster: Cluster | None = None
    tenant: Tenant | None = None
    creator: Creator = ADMIN
    host: Host | None = None
    executor: str = "10.0.0.1"
    """The address of the OCP server that runs the task."""
    concurrency: int = 10
    """How many subtasks may be READY or RUNNING at the same time."""
    prohibit_rollback: bool = False
    """As declared. `rollback_prohibited` is the value that counts and that responses hold."""

    status: TaskStatus = TaskStatus.RUNNING
    operation: Operation = Operation.EXECUTE
    finish_time: datetime | None = None

    settled: datetime | None = None
    """The moment of the task's last event; the engine continues from there."""
    next_at: datetime | None = None
    """The moment of the task's next event; None: no event follows by itself."""
    moves_from: datetime | None = None
    """The moment since when the engine moves the task: its start, or its first command.

    None: the task is history and has had no command.
    """

    @property
    def node(self) -> str:
        """The address of the machine that executes the subtasks: the host's, else `executor`."""
        if self.host is None:
            return self.executor
        return self.host.address

    @property
    def start_time(self) -> datetime:
        """The start of the task, which is the moment of its creation."""
        return self.create_time

    @property
    def rollback_prohibited(self) -> bool:
        """Whether the task cannot be rolled back.

        True when the task declares it, or a subtask that is past PENDING and READY does.
        """
        if self.prohibit_rollback:
            return True
        waiting = (SubtaskStatus.PENDING, SubtaskStatus.READY)
        started = (subtask for subtask in self.subtasks if subtask.status not in waiting)
        return any(subtask.prohibit_rollback for subtask in started)

    def subtask(self, subtask_id: int) -> Subtask | None:
        """Return a subtask of this task, or None."""
        for subtask in self.subtasks:
            if subtask.id == subtask_id:
                return subtask
        return None
