"""The generated tasks of a scenario (`crowd`): up to 100 000, the same for the same seed.

A task is built when it is read. Until then only its index entry exists, which lists filter and sort
by.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple, TypeVar

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
"""The kinds of tasks: name, type, and steps with the duration of each in seconds."""
T = TypeVar("T")
_MAX_SUBTASKS = 4
"""Ids of subtasks are reserved in blocks of this size. No kind of task has more steps."""
_LONGEST_TASK_MS = 200_000
"""No kind of task takes longer, in milliseconds."""
_RETRY = Run(timedelta(seconds=1))
"""The run of a retry: it succeeds."""
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Crowd:
    """The size and the shares of a generated population. The same seed gives the same tasks."""

    count: int
    running: float = 0.05
    """The share of RUNNING tasks. They do not end without a command."""
    failed: float = 0.1
    """The share of FAILED tasks. All others are SUCCESSFUL."""
    since: timedelta = timedelta(days=30)
    """The period before the clock's start in which the tasks started."""
    first_id: int = 1
    seed: int = 0
    clusters: tuple[Cluster, ...] = ()
    tenants: tuple[Tenant, ...] = ()
    hosts: tuple[Host, ...] = ()

    @property
    def last_subtask_id(self) -> int:
        """An upper limit of the ids of its subtasks."""
        return self.first_id + _MAX_SUBTASKS * self.count

    def list_index_entries(self, origin: datetime) -> list[IndexEntry]:
        """Return the index entry of each task, for a clock that starts at `origin`.

        The order is that of the ids. Lists filter and sort these entries.
        """
        return [self._build_index_entry(number, origin) for number in range(self.count)]

    def build_task(self, task_id: int, origin: datetime) -> Task:
        """Return the task with an id of the crowd, for a clock that starts at `origin`.

        It is the template of its kind and status, shifted in time and with its own ids.
        """
        number = task_id - self.first_id
        values = self._draw(number)
        entry = self._build_index_entry(number, origin)
        template = _build_template(values.kind, values.status)
        shift = entry.create_time - template.create_time
        first_subtask = 1 + _MAX_SUBTASKS * number + self.first_id
        ids = {subtask.id: first_subtask + i for i, subtask in enumerate(template.subtasks)}
        return replace(
            template,
            id=task_id,
            name=entry.name,
            cluster=values.cluster,
            tenant=values.tenant,
            host=values.host,
            creator=values.creator,
            create_time=entry.create_time,
            finish_time=entry.finish_time,
            subtasks=tuple(
                _shift_subtask(subtask, ids, shift, values.host) for subtask in template.subtasks
            ),
        )

    def _build_index_entry(self, number: int, origin: datetime) -> IndexEntry:
        """Return what the list of tasks shows, filters and sorts by, without building the task.

        This is the hot path of a large crowd: it runs for every task when a world starts.
        """
        values = self._draw(number)
        template = _build_template(values.kind, values.status)
        started = origin - timedelta(milliseconds=values.age_ms)
        ended = None
        if template.finish_time is not None:
            ended = started + (template.finish_time - template.create_time)
        cluster_id, cluster_name = _identify(values.cluster)
        tenant_id, tenant_name = _identify(values.tenant)
        host_id, _ = _identify(values.host)
        return IndexEntry(
            self.first_id + number,
            values.name,
            values.status,
            template.type,
            started,
            ended,
            cluster_id,
            cluster_name,
            tenant_id,
            tenant_name,
            host_id,
        )

    def _draw(self, number: int) -> "_Values":
        """Return the random values of a task. The order of the draws is part of the result."""
        random = _draw_numbers(self.seed, number)
        kind = next(random) % len(_WORK)
        status = self._choose_status(next(random) % 1_000_000 / 1_000_000)
        # An older task than the longest one: none ends after the clock's start.
        age_ms = _LONGEST_TASK_MS + next(random) % _period_ms(self.since)
        cluster = _pick(random, self.clusters)
        tenant = None
        if next(random) % 2:  # half of the tasks belong to a tenant
            tenant = _pick(random, self.tenants)
        kind_name, type_, _ = _WORK[kind]
        creator = SYSTEM
        if type_ == "MANUAL":
            creator = ADMIN
        name = f"{kind_name} {next(random) % 1000:03d}"
        host = _pick(random, self.hosts)
        return _Values(
            kind,
            name,
            status,
            age_ms,
            cluster,
            tenant,
            host,
            creator,
        )

    def _choose_status(self, share: float) -> TaskStatus:
        """Return the status for a random number from 0 to 1."""
        if share < self.running:
            return TaskStatus.RUNNING
        if share < self.running + self.failed:
            return TaskStatus.FAILED
        return TaskStatus.SUCCESSFUL


@cache
def _period_ms(since: timedelta) -> int:
    """Return a period in milliseconds, at least one."""
    return max(since // timedelta(milliseconds=1), 1)


def _identify(owner: Cluster | Tenant | Host | None) -> tuple[int | None, str]:
    """Return the id and the name of an object that a task may lack."""
    if owner is None:
        return None, ""
    return owner.id, owner.name


class _Values(NamedTuple):
    """The random values of one task: a tuple, because a crowd needs one for each."""

    kind: int
    """The index in the kinds of tasks."""
    name: str
    status: TaskStatus
    age_ms: int
    """The time from the task's start to the clock's start, in milliseconds."""
    cluster: Cluster | None
    tenant: Tenant | None
    host: Host | None
    creator: Creator


def _draw_numbers(seed: int, number: int) -> Iterator[int]:
    """Yield the random numbers of a task, from 0 to 2**64 - 1 (SplitMix64).

    A fast generator: a crowd needs up to 700 000 of them. Each task has its own sequence, so that
    it can be built without the tasks before it.

    Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014).
    """
    state = (seed * 0x9E3779B97F4A7C15 + number * 0xD1342543DE82EF95 + 1) & _MASK
    while True:
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        yield mixed ^ (mixed >> 31)


def _pick(random: Iterator[int], items: Sequence[T]) -> T | None:
    """Return one of the items, or None (without a draw) if there are none."""
    return items[next(random) % len(items)] if items else None


@cache
def _build_template(kind: int, status: TaskStatus) -> Task:
    """Return the task of a kind and status that all others are shifted copies of."""
    name, type_, steps = _WORK[kind]
    subtasks = [_build_subtask(steps, number, status) for number in range(len(steps))]
    task = Task(
        0,
        name,
        ORIGIN,
        tuple(subtasks),
        type_,
        status=status,
    )
    return schedule_history(task, tuple(range(len(steps))), ORIGIN, {})


def _build_subtask(steps: Sequence[tuple[str, float]], number: int, status: TaskStatus) -> Subtask:
    """Return a step of a template. The steps are a chain; the last one runs or has failed."""
    step, seconds = steps[number]
    last = len(steps) - 1
    takes = timedelta(seconds=seconds)
    subtask_status = SubtaskStatus.SUCCESSFUL
    runs: tuple[Run, ...] = (Run(takes),)
    if number == last and status is TaskStatus.RUNNING:
        subtask_status = SubtaskStatus.RUNNING
        runs = (Run(None), _RETRY)
    elif number == last and status is TaskStatus.FAILED:
        subtask_status = SubtaskStatus.FAILED
        log = (LogLine(f"{step}: the connection was refused"),)
        runs = (Run(takes, SubtaskStatus.FAILED, log), _RETRY)
    return Subtask(
        number,
        step,
        number,
        ORIGIN,
        step,
        1800,
        upstreams=(number - 1,) if number else (),
        downstreams=(number + 1,) if number < last else (),
        runs=runs,
        status=subtask_status,
    )


def _shift_subtask(
    subtask: Subtask,
    ids: dict[int, int],
    shift: timedelta,
    host: Host | None,
) -> Subtask:
    """Return a copy with the ids that replace the template's, later times, and a host's address."""

    def later(moment: datetime | None) -> datetime | None:
        return None if moment is None else moment + shift

    def shift_execution(execution: Execution) -> Execution:
        return replace(execution, started=execution.started + shift, ended=later(execution.ended))

    executor = subtask.executor
    if host and executor:
        executor = host.address
    return replace(
        subtask,
        id=ids[subtask.id],
        upstreams=tuple(ids[upstream] for upstream in subtask.upstreams),
        downstreams=tuple(ids[downstream] for downstream in subtask.downstreams),
        create_time=subtask.create_time + shift,
        start_time=later(subtask.start_time),
        finish_time=later(subtask.finish_time),
        executor=executor,
        executions=tuple(map(shift_execution, subtask.executions)),
    )
