"""Tasks and what belongs to them, as frozen values. The words are the documents'."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


class TaskStatus(Enum):
    """How a task stands. The values are the words on the wire."""

    RUNNING = "RUNNING"
    FAILED = "FAILED"
    SUCCESSFUL = "SUCCESSFUL"


class SubtaskStatus(Enum):
    """How a subtask stands. The values are the words on the wire."""

    PENDING = "PENDING"
    READY = "READY"
    RUNNING = "RUNNING"
    CANCELING = "CANCELING"
    FAILED = "FAILED"
    SUCCESSFUL = "SUCCESSFUL"


class Operation(Enum):
    """What is being done with a task or subtask. The values are the words on the wire."""

    EXECUTE = "EXECUTE"
    RETRY = "RETRY"
    ROLLBACK = "ROLLBACK"
    SKIP = "SKIP"
    CANCEL = "CANCEL"


class Cause(Enum):
    """Why an execution ended, where that is not its own doing."""

    NONE = ""
    TIMEOUT = "timeout"
    CANCELED = "canceled"


ACTIVE = frozenset({SubtaskStatus.READY, SubtaskStatus.RUNNING, SubtaskStatus.CANCELING})
"""A task stays RUNNING while one of its subtasks is in one of these."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """An OceanBase cluster: `id` is OCP's, `ob_cluster_id` the database's own."""

    id: int
    name: str
    ob_cluster_id: int
    type: str = "PRIMARY"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant of a cluster: `id` is OCP's, `ob_tenant_id` the database's own."""

    id: int
    name: str
    ob_tenant_id: int
    mode: str = "MYSQL"


@dataclass(frozen=True, slots=True)
class Creator:
    """Who made a task."""

    id: int
    name: str


ADMIN = Creator(100, "admin")
SYSTEM = Creator(200, "system")


@dataclass(frozen=True, slots=True)
class Host:
    """A machine that a task works on. No field of the API shows it; the filter `hostId` finds it."""

    id: int
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line that an execution writes: `at` after its start, or spread evenly over the execution when None."""

    text: str
    at: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What will happen in one execution. `takes` None means that it never ends."""

    takes: timedelta | None = timedelta(seconds=1)
    ends: SubtaskStatus = SubtaskStatus.SUCCESSFUL
    log: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution that has begun, as the log tells it. `ended` None means that it still runs."""

    operation: Operation
    run: Run
    started: datetime
    ended: datetime | None = None
    outcome: SubtaskStatus | None = None
    cause: Cause = Cause.NONE


@dataclass(frozen=True, slots=True)
class Subtask:
    """A node of a task's graph: first what is planned, then how it stands."""

    id: int
    name: str
    series_id: int
    create_time: datetime
    description: str = ""
    timeout_s: int = 0
    """Seconds after the start of an execution; 0 means never."""
    retries: int = 0
    """How often the engine itself executes it again."""
    parallel_idx: int = -1
    upstreams: tuple[int, ...] = ()
    downstreams: tuple[int, ...] = ()
    prohibit_rollback: bool = False
    node_type: str = "JAVA_TASK"
    runs: tuple[Run, ...] = (Run(),)
    """The executions with operation EXECUTE or RETRY, in order; the last one repeats."""
    rollbacks: tuple[Run, ...] = (Run(),)
    """The same for ROLLBACK."""

    status: SubtaskStatus = SubtaskStatus.PENDING
    operation: Operation = Operation.EXECUTE
    run_time: int = 1
    executor: str | None = None
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
    concurrency: int = 10
    prohibit_rollback: bool = False
    """As declared; `rollback_prohibited` is what counts and what the wire shows."""

    status: TaskStatus = TaskStatus.RUNNING
    operation: Operation = Operation.EXECUTE
    finish_time: datetime | None = None

    settled: datetime | None = None
    """The last moment at which something happened to it: the engine goes on from there."""
    next_at: datetime | None = None
    """When something happens to it next; None for never: it has ended, hangs, or is history."""
    moves_from: datetime | None = None
    """Since when it moves: its start, or for one that is history the first command. None: history, untouched."""

    @property
    def node(self) -> str:
        """The address that executes its subtasks: its host's, else the server's own."""
        return self.host.address if self.host else self.executor

    @property
    def start_time(self) -> datetime:
        """A task starts when it is made."""
        return self.create_time

    @property
    def rollback_prohibited(self) -> bool:
        """True when declared so, or when a subtask that has left PENDING and READY declares it."""
        waiting = (SubtaskStatus.PENDING, SubtaskStatus.READY)
        return self.prohibit_rollback or any(
            s.prohibit_rollback and s.status not in waiting for s in self.subtasks
        )

    def subtask(self, subtask_id: int) -> Subtask | None:
        """Give a subtask of this task, or None."""
        return next((subtask for subtask in self.subtasks if subtask.id == subtask_id), None)
