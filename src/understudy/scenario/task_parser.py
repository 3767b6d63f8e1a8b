"""Tasks and their graphs, from the file's data to plans."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar
from zlib import crc32

from understudy.durations import (
    MAX_DURATION,
    Moment,
    parse_duration,
    parse_moment,
    parse_run_duration,
)
from understudy.errors import ProblemReport, nearest_name
from understudy.ocp import (
    ACTIVE,
    ADMIN,
    SYSTEM,
    LogLine,
    Operation,
    Run,
    Subtask,
    SubtaskStatus,
    Task,
    TaskStatus,
    find_contradictions,
)
from understudy.scenario.declared_names import (
    DeclaredNames,
    check_unique,
    find_declared,
    number_entries,
)
from understudy.scenario.initial_states import DeclaredState, infer_states
from understudy.scenario.past_times import RUN_OPERATIONS, find_last_moment, measure_history
from understudy.scenario.scenario_model import UNSCHEDULED, TaskPlan

T = TypeVar("T")
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Node:
    """One entry of the file, with its pointer and the id that it has or was given."""

    data: Data
    pointer: str
    id: int

    @property
    def index(self) -> int:
        """Where it stands in its list."""
        return int(self.pointer.rpartition("/")[2])


def parse_tasks(
    data: Data, registry: DeclaredNames, clock_start: datetime | None, report: ProblemReport
) -> tuple[TaskPlan, ...]:
    """Read every task that can be read. Notes all problems."""
    told_tasks = [
        (told, f"/tasks/{i}") for i, told in enumerate(data.get("tasks", [])) if told is not None
    ]
    tasks = _nodes(told_tasks, "task", report)
    owners, entries = [], []
    for owner, task in enumerate(tasks):
        for index, told in enumerate(task.data.get("subtasks", [{}])):
            if told is not None:
                owners.append(owner)
                entries.append((told, f"{task.pointer}/subtasks/{index}"))
    subtasks: list[list[_Node]] = [[] for _ in tasks]
    for owner, node in zip(owners, _nodes(entries, "subtask", report), strict=True):
        subtasks[owner].append(node)
    reader = _Reader(registry, clock_start or UNSCHEDULED, clock_start is not None, report)
    plans = (reader.plan(task, nodes) for task, nodes in zip(tasks, subtasks, strict=True) if nodes)
    return tuple(plan for plan in plans if plan is not None)


def _nodes(entries: Sequence[tuple[Data, str]], kind: str, report: ProblemReport) -> list[_Node]:
    check_unique(
        [(told["id"], f"{pointer}/id") for told, pointer in entries if "id" in told], kind, report
    )
    ids = number_entries(told.get("id") for told, _ in entries)
    return [_Node(told, pointer, id_) for (told, pointer), id_ in zip(entries, ids, strict=True)]


class _Reader:
    """Reads one task after another; every problem goes to the report."""

    def __init__(
        self, registry: DeclaredNames, start: datetime, start_is_known: bool, report: ProblemReport
    ) -> None:
        self._registry, self._report = registry, report
        self._start, self._start_is_known = start, start_is_known

    def plan(self, node: _Node, nodes: Sequence[_Node]) -> TaskPlan | None:
        """Give the plan of a task, or None when its graph is broken."""
        name = node.data.get("name", f"Task {node.id}")
        subtasks = tuple(self._subtask(n, name) for n in nodes)
        known = _ids_by_word(subtasks)
        upstreams = {n.id: self._upstreams(n, known) for n in nodes}
        order = self._order(nodes, upstreams)
        task = self._task(node, name, _linked(subtasks, upstreams))
        if order is None:
            return None
        at = self._parsed(node, "at", parse_moment)
        plan = TaskPlan(task, order, node.pointer, at, run_starts=self._run_starts(nodes))
        declared = _declared(node, nodes)
        if declared.is_history:
            plan = replace(plan, task=infer_states(task, order, declared), is_history=True)
        sound = self._check_run_starts(plan)
        if plan.is_history and self._check_states(plan, declared, nodes) and sound:
            self._check_past(plan, nodes)
        return plan

    def _task(self, node: _Node, name: str, subtasks: tuple[Subtask, ...]) -> Task:
        told = node.data
        manual = told.get("type", "MANUAL") == "MANUAL"
        registry = self._registry
        return Task(
            node.id,
            name,
            UNSCHEDULED,
            subtasks,
            type=told.get("type", "MANUAL"),
            definition_id=-1 if manual else 1 + crc32(name.encode("utf-8")) % 100_000,
            cluster=self._named(node, "cluster", registry.clusters),
            tenant=self._named(node, "tenant", registry.tenants),
            creator=self._named(node, "creator", registry.creators)
            or (ADMIN if manual else SYSTEM),
            host=self._named(node, "host", registry.hosts),
            concurrency=told.get("concurrency", 10),
            prohibit_rollback=told.get("prohibitRollback", False),
        )

    def _subtask(self, node: _Node, task_name: str) -> Subtask:
        told = node.data
        return Subtask(
            node.id,
            told.get("name", task_name),
            node.index,
            UNSCHEDULED,
            description=told.get("description", ""),
            timeout_s=told.get("timeout", 0),
            retries=told.get("retries", 0),
            parallel_idx=told.get("parallel", -1),
            prohibit_rollback=told.get("prohibitRollback", False),
            runs=self._runs(node, "runs"),
            rollbacks=self._runs(node, "rollbacks"),
        )

    def _runs(self, node: _Node, key: str) -> tuple[Run, ...]:
        runs = [
            (run, f"{node.pointer}/{key}/{i}")
            for i, run in enumerate(node.data.get(key, []))
            if run is not None
        ]
        return tuple(self._run(run, pointer) for run, pointer in runs) or (Run(),)

    def _run(self, told: Data, pointer: str) -> Run:
        takes = self._read(told.get("takes", "1s"), f"{pointer}/takes", parse_run_duration)
        log = told.get("log", [])
        lines = log.removesuffix("\n").split("\n") if isinstance(log, str) and log else log or []
        parsed = tuple(
            self._line(line, f"{pointer}/log/{i}")
            for i, line in enumerate(lines)
            if line is not None
        )
        return Run(takes, SubtaskStatus(told.get("ends", "SUCCESSFUL")), parsed)

    def _line(self, told: Any, pointer: str) -> LogLine:
        if isinstance(told, str):
            return LogLine(told)
        at = self._read(told["at"], f"{pointer}/at", parse_duration) if "at" in told else None
        return LogLine(told.get("line", ""), at)

    def _named(self, node: _Node, key: str, known: Mapping[str, T]) -> T | None:
        if key not in node.data:
            return None
        found: T | None = find_declared(
            node.data[key], known, key, f"{node.pointer}/{key}", self._report
        )
        return found

    def _read(self, text: str, pointer: str, parse: Callable[[str], T]) -> T | None:
        try:
            return parse(text)
        except ValueError as error:
            self._report.add("bad-time", str(error), pointer)
            return None

    def _parsed(self, node: _Node, key: str, parse: Callable[[str], T]) -> T | None:
        return (
            self._read(node.data[key], f"{node.pointer}/{key}", parse) if key in node.data else None
        )

    def _upstreams(
        self, node: _Node, known: Mapping[int | str, Collection[int]]
    ) -> tuple[int, ...]:
        found: dict[int, None] = {}
        for index, told in enumerate(node.data.get("after", [])):
            ids = known.get(told, ())
            if len(ids) == 1:
                found |= dict.fromkeys(ids)
            elif told is not None:
                self._unclear(told, len(ids), f"{node.pointer}/after/{index}", known)
        return tuple(found)

    def _unclear(
        self, told: int | str, count: int, pointer: str, known: Collection[int | str]
    ) -> None:
        if count:
            what = f'{count} subtasks of this task are named "{told}"'
            self._report.add("ambiguous-subtask", what, pointer, expected="an id")
            return
        shown = f'"{told}"' if isinstance(told, str) else str(told)
        hint = (
            "Write the id without quotes."
            if isinstance(told, str) and told in map(str, known)
            else ""
        )
        near = nearest_name(
            str(told), [str(word) for word in known if isinstance(word, type(told))]
        )
        self._report.add(
            "unknown-subtask", f"this task has no subtask {shown}", pointer, nearest=near, hint=hint
        )

    def _order(
        self, nodes: Sequence[_Node], upstreams: Mapping[int, tuple[int, ...]]
    ) -> tuple[int, ...] | None:
        try:
            return tuple(TopologicalSorter(upstreams).static_order())
        except CycleError as error:
            circle = error.args[1]
            path = " → ".join(str(subtask_id) for subtask_id in circle)
            first = next(node for node in nodes if node.id in circle)
            what = f"the subtasks wait for each other in a circle: {path}"
            self._report.add("cycle", what, f"{first.pointer}/after", key=True)
            return None

    def _run_starts(self, nodes: Sequence[_Node]) -> dict[int, tuple[Moment | None, ...]]:
        starts = {}
        for node in nodes:
            runs = [
                (run or {}, f"{node.pointer}/runs/{i}")
                for i, run in enumerate(node.data.get("runs", []))
            ]
            if any("at" in run for run, _ in runs):
                starts[node.id] = tuple(
                    self._read(run["at"], f"{pointer}/at", parse_moment) if "at" in run else None
                    for run, pointer in runs
                )
        return starts

    def _check_run_starts(self, plan: TaskPlan) -> bool:
        if not plan.run_starts or (plan.is_history and plan.at is not None):
            return True
        what = (
            "a run says when it began, but the task does not say when it started and how it ended"
        )
        self._report.add(
            "run-without-history",
            what,
            plan.pointer,
            expected='the keys "at" and "state" of the task',
        )
        return False

    def _check_states(
        self, plan: TaskPlan, declared: DeclaredState, nodes: Sequence[_Node]
    ) -> bool:
        task, pointers = plan.task, {node.id: node.pointer for node in nodes}
        found = list(find_contradictions(task))
        for contradiction in found:
            who, pointer = f"task {task.id} contradicts itself", plan.pointer
            if contradiction.subtask_id is not None:
                who = f"subtask {contradiction.subtask_id} contradicts its task"
                pointer = pointers[contradiction.subtask_id]
            self._report.add(
                "impossible-state", f"{who}: {contradiction.detail}", f"{pointer}/state"
            )
        statuses = {subtask.status for subtask in task.subtasks}
        idle = declared.status is TaskStatus.RUNNING and not statuses & ACTIVE
        if idle:
            what = f"task {task.id} contradicts itself: it is RUNNING, but no subtask is READY, RUNNING or CANCELING"
            self._report.add("impossible-state", what, f"{plan.pointer}/state")
        return not found and not idle

    def _check_past(self, plan: TaskPlan, nodes: Sequence[_Node]) -> None:
        """A task that is history must have happened in order, and before the clock starts."""
        if _lasts_too_long(plan):
            what = f"task {plan.task.id} is history that lasts longer than 100 years"
            self._report.add("bad-time", what, f"{plan.pointer}/subtasks", key=True)
            return
        told = [plan.at, *(moment for moments in plan.run_starts.values() for moment in moments)]
        kinds = {isinstance(moment, datetime) for moment in told if moment is not None}
        if not self._start_is_known and len(kinds) > 1:
            return  # offsets and times: which is earlier depends on when the clock will start
        task = plan.task_at_start(self._start)
        self._check_sequence(plan, task, nodes)
        if find_last_moment(task) > self._start and (self._start_is_known or True not in kinds):
            late = timedelta(
                seconds=-(-(find_last_moment(task) - self._start) // timedelta(seconds=1))
            )
            what = f"task {task.id} is history, but what its runs tell lasts until {late} after the clock's start"
            self._report.add(
                "late-history",
                what,
                f"{plan.pointer}/at",
                hint='Give an earlier "at", or leave it out.',
            )

    def _check_sequence(self, plan: TaskPlan, task: Task, nodes: Sequence[_Node]) -> None:
        """A run that says when it began did not begin before what it had to wait for."""
        past = {
            s.id: [e for e in s.executions if e.operation in RUN_OPERATIONS] for s in task.subtasks
        }
        for node, subtask in zip(nodes, task.subtasks, strict=True):
            ends = [past[upstream][-1].ended for upstream in subtask.upstreams if past[upstream]]
            for index, moment in enumerate(plan.run_starts.get(subtask.id, ())):
                if moment is None:
                    continue
                pointer = f"{node.pointer}/runs/{index}/at"
                if index >= len(past[subtask.id]):
                    what = "a run says when it began, but as the subtask stands it never did"
                    self._report.add("run-without-history", what, pointer)
                    continue
                before = [past[subtask.id][index - 1].ended] if index else ends
                earliest = max((end for end in before if end is not None), default=task.start_time)
                late = max(earliest, task.start_time) - past[subtask.id][index].started
                if late > timedelta(0):
                    what = f"the run began {late} before what it had to wait for was over"
                    self._report.add(
                        "bad-sequence", what, pointer, expected=f"a time at least {late} later"
                    )


def _lasts_too_long(plan: TaskPlan) -> bool:
    try:
        return measure_history(plan.task, plan.order) > MAX_DURATION
    except OverflowError:
        return True


def _ids_by_word(subtasks: Sequence[Subtask]) -> dict[int | str, set[int]]:
    """Give the ids that a word in `after` can mean: an id itself, or every id of a name."""
    known: dict[int | str, set[int]] = {subtask.id: {subtask.id} for subtask in subtasks}
    for subtask in subtasks:
        known.setdefault(subtask.name, set()).add(subtask.id)
    return known


def _linked(
    subtasks: Sequence[Subtask], upstreams: Mapping[int, tuple[int, ...]]
) -> tuple[Subtask, ...]:
    downstreams: dict[int, list[int]] = {subtask.id: [] for subtask in subtasks}
    for subtask_id, needed in upstreams.items():
        for upstream in needed:
            downstreams[upstream].append(subtask_id)
    return tuple(
        replace(s, upstreams=upstreams[s.id], downstreams=tuple(downstreams[s.id]))
        for s in subtasks
    )


def _declared(node: _Node, nodes: Sequence[_Node]) -> DeclaredState:
    told = dict(_told(nodes))
    status, operation = node.data.get("state"), node.data.get("operation")
    return DeclaredState(
        TaskStatus(status) if status else None, Operation(operation) if operation else None, told
    )


def _told(
    nodes: Sequence[_Node],
) -> Iterator[tuple[int, tuple[SubtaskStatus | None, Operation | None]]]:
    for node in nodes:
        status, operation = node.data.get("state"), node.data.get("operation")
        yield (
            node.id,
            (
                SubtaskStatus(status) if status else None,
                Operation(operation) if operation else None,
            ),
        )
