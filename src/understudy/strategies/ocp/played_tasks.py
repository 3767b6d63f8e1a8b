"""Tasks as the engine's own values: a drawn plan is played by the engine, with drawn commands, up to a drawn moment.

So every task is one that the engine reaches: states, operations, run counts and times follow its rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations
from typing import Any

from hypothesis import strategies as st

from understudy import ocp
from understudy.strategies.schema.small_draws import pick

_S = ocp.SubtaskStatus
_T = ocp.TaskStatus
STATUSES = (_T.SUCCESSFUL, _T.FAILED, _T.RUNNING)
"""The simplest first: examples shrink towards it."""
TYPES = ("MANUAL", "SCHEDULED", "SYS_ONECE", "SYS_SCHEDULED")

IDS = st.integers(1, 2**63 - 1)
LETTERS = st.characters(exclude_categories=["Cs", "Cc"])
NAMES = st.text(LETTERS, min_size=1, max_size=24)
_EPOCH = datetime(2020, 1, 1)  # noqa: DTZ001 - the zone comes next
_SECONDS = st.integers(-600_000_000, 2_000_000_000)
_ZONES = (UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=5, minutes=30)))
_PHASES = st.sampled_from(
    [(zone, timedelta(milliseconds=ms)) for ms in (0, 740, 1, 697, 999) for zone in _ZONES]
)
STARTS = st.builds(
    lambda seconds, phase: (_EPOCH + timedelta(seconds=seconds) + phase[1]).replace(
        tzinfo=phase[0]
    ),
    _SECONDS,
    _PHASES,
)
CLUSTERS = st.builds(ocp.Cluster, IDS, NAMES, IDS, st.sampled_from(["PRIMARY", "STANDBY"]))
TENANTS = st.builds(ocp.Tenant, IDS, NAMES, IDS, st.sampled_from(["MYSQL", "ORACLE"]))
_CREATORS = st.sampled_from([ocp.ADMIN, ocp.SYSTEM]) | st.builds(ocp.Creator, IDS, NAMES)
_LONG = timedelta(days=1)
"""By then every task of these plans rests."""
_MOST_INSTANTS = 12
_RARE = 11


@dataclass(frozen=True, slots=True)
class SubtaskPlan:
    """What will happen to a subtask when it is executed."""

    runs: tuple[ocp.Run, ...]
    timeout_s: int = 0
    retries: int = 0

    @property
    def fails(self) -> bool:
        """Whether it fails however often the engine itself tries."""
        return len(self.runs) == 1 and (
            self.runs[0].ends is _S.FAILED or self.runs[0].takes is None
        )


def _run(ms: int, ends: ocp.SubtaskStatus = _S.SUCCESSFUL) -> ocp.Run:
    return ocp.Run(timedelta(milliseconds=ms), ends)


_HANG = ocp.Run(None)
SUBTASK_PLANS = (
    SubtaskPlan((_run(1000),)),
    SubtaskPlan((_run(1000, _S.FAILED),)),
    SubtaskPlan((_run(0),)),
    SubtaskPlan((_run(2500),), timeout_s=60),
    SubtaskPlan((_run(90_000),), timeout_s=5400),
    SubtaskPlan((_run(1000, _S.FAILED), _run(2000))),
    SubtaskPlan((_run(1000, _S.FAILED), _run(1500)), retries=1),
    SubtaskPlan((_run(300, _S.FAILED), _run(300, _S.FAILED), _run(1000)), retries=3),
    SubtaskPlan((_run(4000, _S.FAILED),), retries=2),
    SubtaskPlan((_HANG,), timeout_s=3),
    SubtaskPlan((_run(5000), _run(1000)), timeout_s=2),
    SubtaskPlan((_HANG,)),
)
"""The simplest comes first, then the simplest that fails."""
SUCCEEDING_PLAN, FAILING_PLAN = SUBTASK_PLANS[0], SUBTASK_PLANS[1]
_ROLLBACKS = ((_run(1000),), (_run(1000, _S.FAILED), _run(500)))

COMMAND_NAMES = ("retryTask", "skipSubtask", "retrySubtask", "rollbackTask", "cancelSubtask")


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """What tasks are drawn from."""

    least: int = 1
    """The number of subtasks, at least."""
    most: int = 8
    statuses: tuple[ocp.TaskStatus, ...] = STATUSES
    cluster: bool | None = None
    """Whether there is a cluster; None: sometimes."""
    tenant: bool | None = None
    clusters: st.SearchStrategy[ocp.Cluster] = CLUSTERS
    tenants: st.SearchStrategy[ocp.Tenant] = TENANTS
    id: int | None = None
    """The id of the task and of its first subtask; None for any."""
    names: st.SearchStrategy[str] = NAMES
    starts: st.SearchStrategy[datetime] = STARTS
    shape: str = ""
    """`wide`, `deep`, `diamond` or `disconnected`; empty for any."""
    type: str = ""
    script: tuple[str, ...] | None = None
    """The commands, where they are not drawn; the first subtask then fails. `run` waits for a subtask that runs."""
    stops: int | None = None
    """After how many instants to look, where that is not drawn: 0 is at once."""
    lines: bool = False
    """Whether the executions write lines into the log."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A subtask before it is put into a graph."""

    id: int
    name: str
    fate: SubtaskPlan
    edge: int
    prohibits: bool
    lines: tuple[str, ...] = ()


@st.composite
def _nodes(draw: st.DrawFn, told: TaskOptions) -> _Node:
    fate, edge, prohibits = draw(_PLANS)
    lines = tuple(draw(_LINES)) if told.lines else ()
    return _Node(draw(IDS), draw(told.names), fate, edge, prohibits, lines)


# One draw for several things: what costs time is drawing.
_PLANS = st.sampled_from(
    [(fate, edge, edge == _RARE) for edge in range(_RARE + 1) for fate in SUBTASK_PLANS]
)
_KINDS = st.sampled_from(
    [(type_, most, seldom == 7) for seldom in range(8) for most in (10, 1, 2) for type_ in TYPES]
)
_LINES = st.lists(st.text(LETTERS, max_size=60), max_size=4)
_DEEDS = st.lists(st.tuples(st.sampled_from(COMMAND_NAMES), st.integers(0, 3)), max_size=3)
_INSTANTS = st.integers(0, _MOST_INSTANTS)


def task_models(told: TaskOptions = TaskOptions()) -> st.SearchStrategy[ocp.Task]:
    """Give tasks as the engine's own values. Shrinks towards one successful task with one subtask."""
    nodes = st.lists(
        _nodes(told), min_size=told.least, max_size=told.most, unique_by=lambda node: node.id
    )
    return _tasks(told, nodes)


@st.composite
def _tasks(draw: st.DrawFn, told: TaskOptions, drawn: st.SearchStrategy[list[_Node]]) -> ocp.Task:
    status = pick(draw, told.statuses)
    nodes, start = draw(drawn), draw(told.starts)
    deeds = [(name, 0) for name in told.script] if told.script is not None else draw(_DEEDS)
    if told.script is not None:
        nodes = [replace(node, prohibits=False) for node in nodes]
        nodes[0] = replace(nodes[0], fate=FAILING_PLAN if told.script else SUCCEEDING_PLAN)
    elif status is _T.FAILED and not any(node.fate.fails for node in nodes):
        nodes[-1] = replace(nodes[-1], fate=FAILING_PLAN)
    if told.id is not None:
        others = [replace(node, id=node.id - (node.id == told.id)) for node in nodes[1:]]
        nodes = [replace(nodes[0], id=told.id), *others]
    type_, concurrency, prohibits = draw(_KINDS)
    type_ = told.type or type_
    task = ocp.Task(
        id=draw(IDS) if told.id is None else told.id,
        name=draw(told.names),
        create_time=start,
        subtasks=_linked(nodes, told.shape, start),
        type=type_,
        definition_id=-1 if type_ == "MANUAL" else draw(IDS),
        cluster=_perhaps(draw, told.cluster, told.clusters),
        tenant=_perhaps(draw, told.tenant, told.tenants),
        creator=draw(_CREATORS),
        concurrency=concurrency,
        prohibit_rollback=prohibits and told.script is None,
    )
    instants = 0
    if status is _T.RUNNING:
        instants = draw(_INSTANTS) if told.stops is None else told.stops
    return play_task(task, status, deeds, instants)


def _perhaps(draw: st.DrawFn, wanted: bool | None, drawn: st.SearchStrategy[Any]) -> Any:
    if wanted is None:
        wanted = draw(st.booleans())
    return draw(drawn) if wanted else None


def _linked(nodes: Sequence[_Node], shape: str, start: datetime) -> tuple[ocp.Subtask, ...]:
    graph = [_upstreams(index, node.edge, shape, len(nodes)) for index, node in enumerate(nodes)]
    downstreams: list[list[int]] = [[] for _ in nodes]
    for index, upstreams in enumerate(graph):
        for upstream in upstreams:
            downstreams[upstream].append(nodes[index].id)
    return tuple(
        ocp.Subtask(
            id=node.id,
            name=node.name,
            series_id=index,
            create_time=start,
            timeout_s=node.fate.timeout_s,
            retries=node.fate.retries,
            parallel_idx=node.edge - 1,
            upstreams=tuple(nodes[upstream].id for upstream in graph[index]),
            downstreams=tuple(downstreams[index]),
            prohibit_rollback=node.prohibits,
            runs=tuple(
                replace(run, log=tuple(map(ocp.LogLine, node.lines))) for run in node.fate.runs
            ),
            rollbacks=_ROLLBACKS[node.edge % 2],
        )
        for index, node in enumerate(nodes)
    )


def _upstreams(index: int, edge: int, shape: str, count: int) -> tuple[int, ...]:
    """Give the indexes of the subtasks that one waits for: all of them come before it."""
    match shape:
        case "wide":
            return ()
        case "deep":
            return (index - 1,) if index else ()
        case "diamond":
            return () if not index else (0,) if index < count - 1 else tuple(range(1, count - 1))
        case "disconnected":  # two chains that know nothing of one another
            return (index - 2,) if index > 1 else ()
        case _:
            near = range(max(index - 3, 0), index)
            choices = [chosen for size in range(3) for chosen in combinations(reversed(near), size)]
            return tuple(sorted(choices[edge % len(choices)]))


# Playing


def play_task(
    task: ocp.Task, status: ocp.TaskStatus, deeds: Sequence[tuple[str, int]], instants: int
) -> ocp.Task:
    """Give a task after commands, when it has a status. RUNNING: after so many instants, or just before it ends."""
    play = _Play(ocp.begin(task, task.create_time, task.create_time.replace(microsecond=0)))
    for name, number in deeds:
        play.do(name, number)
    if status is _T.RUNNING:
        return play.running(instants)
    return play.failed() if status is _T.FAILED else play.successful()


class _Play:
    """A task while it is played."""

    def __init__(self, task: ocp.Task) -> None:
        self.task = task
        self.was_running = task
        self.was_failed: ocp.Task | None = None
        self.origin = task.create_time.replace(microsecond=0)

    def running(self, instants: int) -> ocp.Task:
        """Give the task while it runs."""
        for _ in range(instants):
            if self.task.status is not _T.RUNNING or self.task.next_at is None:
                break
            self._step()
        return self.was_running

    def failed(self) -> ocp.Task:
        """Give the task when it has failed; one that has been brought home by then, as it was before."""
        self._rest()
        if self.task.status is _T.SUCCESSFUL and self.was_failed is not None:
            return self.was_failed
        return self.task

    def successful(self) -> ocp.Task:
        """Give the task when it is done: what fails is skipped."""
        self._rest()
        while self.task.status is not _T.SUCCESSFUL:
            self._command("skipSubtask", 0)
            self._rest()
        return self.task

    def do(self, name: str, number: int) -> None:
        """Give a command when it may be given, on one of those that fail or run. If it is refused, nothing changes."""
        if name in ("cancelSubtask", "run"):
            while (
                not self._in(_S.RUNNING)
                and self.task.status is _T.RUNNING
                and self.task.next_at is not None
            ):
                self._step()
        else:
            self._rest()
        if name != "run":
            self._command(name, number)

    def _command(self, name: str, number: int) -> None:
        ids = self._in(_S.RUNNING if name == "cancelSubtask" else _S.FAILED)
        if not ids:
            return
        target = None if name in ("retryTask", "rollbackTask") else ids[number % len(ids)]
        at = self.task.settled or self.task.create_time
        try:
            self._see(
                ocp.apply_to_task(
                    self.task, ocp.Command(name, self.task.id, target, at), self.origin
                )
            )
        except ocp.OcpError:
            return

    def _rest(self) -> None:
        """Let happen what happens; what hangs is canceled."""
        self._see(ocp.advance(self.task, self.task.create_time + _LONG, self.origin))
        while self.task.status is _T.RUNNING:
            self._command("cancelSubtask", 0)
            self._see(
                ocp.advance(
                    self.task, (self.task.next_at or self.task.create_time) + _LONG, self.origin
                )
            )

    def _step(self) -> None:
        if self.task.next_at is not None:
            self._see(ocp.advance(self.task, self.task.next_at, self.origin))

    def _see(self, task: ocp.Task) -> None:
        self.task = task
        if task.status is _T.RUNNING:
            self.was_running = task
        if task.status is _T.FAILED:
            self.was_failed = task

    def _in(self, status: ocp.SubtaskStatus) -> list[int]:
        return [subtask.id for subtask in self.task.subtasks if subtask.status is status]
