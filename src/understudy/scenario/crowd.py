"""A generated population beside the tasks of a file: seeded, large, and cheap until somebody looks at a task."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar

from understudy.ocp import (
    ADMIN,
    ORIGIN,
    SYSTEM,
    Cluster,
    Creator,
    Execution,
    Host,
    IndexEntry,
    LogLine,
    Run,
    Subtask,
    SubtaskStatus,
    Task,
    TaskStatus,
    Tenant,
)
from understudy.scenario.past_times import schedule_history

_WORK: tuple[tuple[str, str, tuple[tuple[str, float], ...]], ...] = (
    (
        "Prepare host",
        "MANUAL",
        (("Check host", 1.2), ("Install packages", 14.5), ("Configure kernel", 3.067)),
    ),
    ("Reinstall OCP agent", "MANUAL", (("Uninstall ocp agent", 2.5), ("Install ocp agent", 15.74))),
    (
        "Restart cluster",
        "MANUAL",
        (("Stop servers", 8.2), ("Start servers", 21), ("Wait until ready", 5.5)),
    ),
    ("Restart tenant", "MANUAL", (("Stop tenant", 1.5), ("Start tenant", 4))),
    (
        "Prepare tenant",
        "MANUAL",
        (("Create resource pool", 2), ("Create tenant", 6.3), ("Set variables", 0.9)),
    ),
    ("Expand resource pool", "MANUAL", (("Check resources", 0.7), ("Alter resource pool", 11))),
    (
        "Upgrade observer",
        "SYS_SCHEDULED",
        (("Upload package", 9.4), ("Upgrade server", 62), ("Check version", 1)),
    ),
    ("Generate workload report", "SCHEDULED", (("Collect snapshots", 3.3), ("Write report", 2.2))),
    ("Collect slow SQL", "SYS_SCHEDULED", (("Collect slow SQL", 1.1),)),
    (
        "Backup database",
        "SCHEDULED",
        (("Freeze minor", 5.5), ("Copy data", 41), ("Check backup", 2)),
    ),
    ("Check inspection items", "SYS_SCHEDULED", (("Run checks", 7.25),)),
    ("Clean expired logs", "SYS_SCHEDULED", (("List logs", 0.4), ("Remove logs", 0.8))),
)
"""Name, type, and steps with the seconds that each takes."""
T = TypeVar("T")
_RETRY = Run(timedelta(seconds=1))
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many tasks, and how they stand. The same seed gives the same tasks."""

    count: int
    running: float = 0.05
    """The share of tasks that are RUNNING: they never end until a command."""
    failed: float = 0.1
    since: timedelta = timedelta(days=30)
    """Over which time before the clock's start they began."""
    first_id: int = 1
    seed: int = 0
    clusters: tuple[Cluster, ...] = ()
    tenants: tuple[Tenant, ...] = ()
    hosts: tuple[Host, ...] = ()

    @property
    def last_subtask_id(self) -> int:
        """No subtask of the crowd has a higher id."""
        return self.first_id + 4 * self.count

    def list_heads(self, origin: datetime) -> list[IndexEntry]:
        """Give what the list filters and sorts by, of each task; they stand on the calendar that begins at `origin`."""
        return [self._head(number, origin) for number in range(self.count)]

    def build_task(self, task_id: int, origin: datetime) -> Task:
        """Make the task of an id."""
        drawn = self._draw(task_id - self.first_id)
        head = self._head(task_id - self.first_id, origin)
        model = _model(drawn.work, drawn.status)
        later = head.create_time - model.create_time
        first = 1 + 4 * (task_id - self.first_id) + self.first_id  # a task has four at most
        ids = {subtask.id: first + number for number, subtask in enumerate(model.subtasks)}
        return replace(
            model,
            id=task_id,
            name=head.name,
            cluster=drawn.cluster,
            tenant=drawn.tenant,
            host=drawn.host,
            creator=drawn.creator,
            create_time=head.create_time,
            finish_time=head.finish_time,
            subtasks=tuple(_moved(subtask, ids, later, drawn.host) for subtask in model.subtasks),
        )

    def _head(self, number: int, origin: datetime) -> IndexEntry:
        drawn = self._draw(number)
        model = _model(drawn.work, drawn.status)
        begun = origin - timedelta(milliseconds=drawn.age)
        ended = (
            None if model.finish_time is None else begun + (model.finish_time - model.create_time)
        )
        cluster, tenant = drawn.cluster, drawn.tenant
        return IndexEntry(
            self.first_id + number,
            drawn.name,
            drawn.status,
            model.type,
            begun,
            ended,
            cluster.id if cluster else None,
            cluster.name if cluster else "",
            tenant.id if tenant else None,
            tenant.name if tenant else "",
            drawn.host.id if drawn.host else None,
        )

    def _draw(self, number: int) -> "_Drawn":
        dice = _Dice(self.seed, number)
        work = dice.below(len(_WORK))
        share = dice.below(1_000_000) / 1_000_000
        status = TaskStatus.SUCCESSFUL
        if share < self.running + self.failed:
            status = TaskStatus.RUNNING if share < self.running else TaskStatus.FAILED
        # Not younger than the longest of them took, so that nothing ends after the clock's start.
        longest = 200_000
        age = longest + dice.below(max(self.since // timedelta(milliseconds=1), 1))
        cluster = dice.one_of(self.clusters)
        tenant = dice.one_of(self.tenants) if dice.below(2) else None
        creator = ADMIN if _WORK[work][1] == "MANUAL" else SYSTEM
        name = f"{_WORK[work][0]} {dice.below(1000):03d}"
        return _Drawn(work, name, status, age, cluster, tenant, dice.one_of(self.hosts), creator)


@dataclass(frozen=True, slots=True)
class _Drawn:
    work: int
    name: str
    status: TaskStatus
    age: int
    """Milliseconds before the clock's start."""
    cluster: Cluster | None
    tenant: Tenant | None
    host: Host | None
    creator: Creator


class _Dice:
    """A small generator of numbers (SplitMix64): a hundred thousand of them must cost little."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, number: int) -> None:
        self._state = (seed * 0x9E3779B97F4A7C15 + number * 0xD1342543DE82EF95 + 1) & _MASK

    def below(self, limit: int) -> int:
        self._state = state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        return (state ^ (state >> 31)) % limit

    def one_of(self, items: Sequence[T]) -> T | None:
        return items[self.below(len(items))] if items else None


@cache
def _model(work: int, status: TaskStatus) -> Task:
    """Make the one task of a kind and status that all others are moved copies of. The last step is what failed."""
    name, type_, steps = _WORK[work]
    last = len(steps) - 1
    subtasks = []
    for number, (step, seconds) in enumerate(steps):
        state, runs = SubtaskStatus.SUCCESSFUL, [Run(timedelta(seconds=seconds))]
        if number == last and status is TaskStatus.RUNNING:
            state, runs = SubtaskStatus.RUNNING, [Run(None), _RETRY]
        elif number == last and status is TaskStatus.FAILED:
            log = (LogLine(f"{step}: the connection was refused"),)
            state, runs = (
                SubtaskStatus.FAILED,
                [Run(timedelta(seconds=seconds), SubtaskStatus.FAILED, log), _RETRY],
            )
        after = (number - 1,) if number else ()
        before = (number + 1,) if number < last else ()
        subtasks.append(
            Subtask(
                number,
                step,
                number,
                ORIGIN,
                step,
                1800,
                upstreams=after,
                downstreams=before,
                runs=tuple(runs),
                status=state,
            )
        )
    task = Task(0, name, ORIGIN, tuple(subtasks), type_, status=status)
    return schedule_history(task, tuple(range(len(steps))), ORIGIN, {})


def _moved(subtask: Subtask, ids: dict[int, int], later: timedelta, host: Host | None) -> Subtask:
    def moved(moment: datetime | None) -> datetime | None:
        return None if moment is None else moment + later

    def execution(one: Execution) -> Execution:
        return replace(one, started=one.started + later, ended=moved(one.ended))

    return replace(
        subtask,
        id=ids[subtask.id],
        upstreams=tuple(ids[other] for other in subtask.upstreams),
        downstreams=tuple(ids[other] for other in subtask.downstreams),
        create_time=subtask.create_time + later,
        start_time=moved(subtask.start_time),
        finish_time=moved(subtask.finish_time),
        executor=host.address if host and subtask.executor else subtask.executor,
        executions=tuple(map(execution, subtask.executions)),
    )
