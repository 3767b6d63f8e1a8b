"""Tasks and their graphs, from the file's data to plans."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar
from zlib import crc32

from understudy.errors import nearest_name
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
    contradictions,
)
from understudy.scenario.history import latest
from understudy.scenario.model import NOT_YET, TaskPlan
from understudy.scenario.registry import Registry, check_unique, find, numbered
from understudy.scenario.report import Report
from understudy.scenario.states import Declared, stand
from understudy.scenario.times import Moment, parse_duration, parse_moment, parse_takes

T = TypeVar("T")
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Node:
    """One entry of the file, with its pointer and the id that it has or was given."""

    data: Data
    pointer: str
    id: int


def read_tasks(data: Data, registry: Registry, clock_start: datetime | None, report: Report) -> tuple[TaskPlan, ...]:
    """Read every task that can be read. Notes all problems."""
    tasks = _nodes([(told, f"/tasks/{i}") for i, told in enumerate(data.get("tasks", [])) if told], "task", report)
    owners, entries = [], []
    for owner, task in enumerate(tasks):
        for index, told in enumerate(task.data.get("subtasks", [{}])):
            if told is not None:
                owners.append(owner)
                entries.append((told, f"{task.pointer}/subtasks/{index}"))
    subtasks: list[list[_Node]] = [[] for _ in tasks]
    for owner, node in zip(owners, _nodes(entries, "subtask", report), strict=True):
        subtasks[owner].append(node)
    reader = _Reader(registry, clock_start or NOT_YET, clock_start is not None, report)
    plans = (reader.plan(task, nodes) for task, nodes in zip(tasks, subtasks, strict=True) if nodes)
    return tuple(plan for plan in plans if plan is not None)


def _nodes(entries: Sequence[tuple[Data, str]], kind: str, report: Report) -> list[_Node]:
    check_unique([(told["id"], f"{pointer}/id") for told, pointer in entries if "id" in told], kind, report)
    ids = numbered(told.get("id") for told, _ in entries)
    return [_Node(told, pointer, id_) for (told, pointer), id_ in zip(entries, ids, strict=True)]


class _Reader:
    """Reads one task after another; every problem goes to the report."""

    def __init__(self, registry: Registry, start: datetime, start_is_known: bool, report: Report) -> None:
        self._registry, self._report = registry, report
        self._start, self._start_is_known = start, start_is_known

    def plan(self, node: _Node, nodes: Sequence[_Node]) -> TaskPlan | None:
        """Give the plan of a task, or None when its graph is broken."""
        name = node.data.get("name", f"Task {node.id}")
        subtasks = tuple(self._subtask(n, index, name) for index, n in enumerate(nodes))
        upstreams = {n.id: self._upstreams(n, nodes, subtasks) for n in nodes}
        order = self._order(node, upstreams)
        if order is None:
            return None
        task = self._task(node, name, tuple(_linked(s, upstreams) for s in subtasks))
        at = self._parsed(node, "at", parse_moment)
        plan = TaskPlan(task, order, node.pointer, at, run_starts=self._run_starts(nodes))
        declared = _declared(node, nodes)
        if declared.is_history:
            plan = replace(plan, task=stand(task, order, declared), history=True)
            self._check_states(plan, declared, nodes)
        self._check_run_starts(plan)
        return plan

    def _task(self, node: _Node, name: str, subtasks: tuple[Subtask, ...]) -> Task:
        told = node.data
        manual = told.get("type", "MANUAL") == "MANUAL"
        registry = self._registry
        return Task(
            node.id,
            name,
            NOT_YET,
            subtasks,
            type=told.get("type", "MANUAL"),
            definition_id=-1 if manual else 1 + crc32(name.encode("utf-8")) % 100_000,
            cluster=self._named(node, "cluster", registry.clusters),
            tenant=self._named(node, "tenant", registry.tenants),
            creator=self._named(node, "creator", registry.creators) or (ADMIN if manual else SYSTEM),
            host=self._named(node, "host", registry.hosts),
            concurrency=told.get("concurrency", 10),
            prohibit_rollback=told.get("prohibitRollback", False),
        )

    def _subtask(self, node: _Node, index: int, task_name: str) -> Subtask:
        told = node.data
        runs = [(run, f"{node.pointer}/runs/{i}") for i, run in enumerate(told.get("runs", [])) if run is not None]
        return Subtask(
            node.id,
            told.get("name", task_name),
            index,
            NOT_YET,
            description=told.get("description", ""),
            timeout_s=told.get("timeout", 0),
            retries=told.get("retries", 0),
            parallel_idx=told.get("parallel", -1),
            prohibit_rollback=told.get("prohibitRollback", False),
            runs=tuple(self._run(run, pointer) for run, pointer in runs) or (Run(),),
        )

    def _run(self, told: Data, pointer: str) -> Run:
        takes = self._read(told.get("takes", "1s"), f"{pointer}/takes", parse_takes)
        log = told.get("log", [])
        lines = log.splitlines() if isinstance(log, str) else log
        parsed = tuple(self._line(line, f"{pointer}/log/{i}") for i, line in enumerate(lines) if line is not None)
        return Run(takes, SubtaskStatus(told.get("ends", "SUCCESSFUL")), parsed)

    def _line(self, told: Any, pointer: str) -> LogLine:
        if isinstance(told, str):
            return LogLine(told)
        at = self._read(told["at"], f"{pointer}/at", parse_duration) if "at" in told else None
        return LogLine(told.get("line", ""), at)

    def _named(self, node: _Node, key: str, known: Mapping[str, T]) -> T | None:
        if key not in node.data:
            return None
        found: T | None = find(node.data[key], known, key, f"{node.pointer}/{key}", self._report)
        return found

    def _read(self, text: str, pointer: str, parse: Callable[[str], T]) -> T | None:
        try:
            return parse(text)
        except ValueError as error:
            self._report.add("bad-time", str(error), pointer)
            return None

    def _parsed(self, node: _Node, key: str, parse: Callable[[str], T]) -> T | None:
        return self._read(node.data[key], f"{node.pointer}/{key}", parse) if key in node.data else None

    def _upstreams(self, node: _Node, nodes: Sequence[_Node], subtasks: Sequence[Subtask]) -> tuple[int, ...]:
        found = []
        for index, told in enumerate(node.data.get("after", [])):
            if told is None:
                continue
            ids = [s.id for s in subtasks if told in (s.id, s.name) and not isinstance(told, bool)]
            if len(ids) == 1:
                found.append(ids[0])
            else:
                self._unclear(told, len(ids), f"{node.pointer}/after/{index}", subtasks)
        return tuple(dict.fromkeys(found))

    def _unclear(self, told: Any, count: int, pointer: str, subtasks: Sequence[Subtask]) -> None:
        if count:
            what = f'{count} subtasks of this task are named "{told}"'
            self._report.add("ambiguous-subtask", what, pointer, expected="an id")
            return
        names = [str(s.id) for s in subtasks] if isinstance(told, int) else [s.name for s in subtasks]
        shown = f'"{told}"' if isinstance(told, str) else str(told)
        near = nearest_name(str(told), names)
        self._report.add("unknown-subtask", f"this task has no subtask {shown}", pointer, nearest=near)

    def _order(self, node: _Node, upstreams: Mapping[int, tuple[int, ...]]) -> tuple[int, ...] | None:
        try:
            return tuple(TopologicalSorter(upstreams).static_order())
        except CycleError as error:
            path = " → ".join(str(subtask_id) for subtask_id in error.args[1])
            what = f"the subtasks wait for each other in a circle: {path}"
            self._report.add("cycle", what, f"{node.pointer}/subtasks", key=True)
            return None

    def _run_starts(self, nodes: Sequence[_Node]) -> dict[int, tuple[Moment | None, ...]]:
        starts = {}
        for node in nodes:
            runs = [(run or {}, f"{node.pointer}/runs/{i}") for i, run in enumerate(node.data.get("runs", []))]
            if any("at" in run for run, _ in runs):
                starts[node.id] = tuple(
                    self._read(run["at"], f"{pointer}/at", parse_moment) if "at" in run else None
                    for run, pointer in runs
                )
        return starts

    def _check_run_starts(self, plan: TaskPlan) -> None:
        if not plan.run_starts or (plan.history and plan.at is not None):
            return
        what = "a run says when it began, but the task does not say when it started and how it ended"
        self._report.add("run-without-history", what, plan.pointer, expected='the keys "at" and "state" of the task')

    def _check_states(self, plan: TaskPlan, declared: Declared, nodes: Sequence[_Node]) -> None:
        task, pointers = plan.task, {node.id: node.pointer for node in nodes}
        found = list(contradictions(task))
        for contradiction in found:
            who, pointer = f"task {task.id} contradicts itself", plan.pointer
            if contradiction.subtask_id is not None:
                who = f"subtask {contradiction.subtask_id} contradicts its task"
                pointer = pointers[contradiction.subtask_id]
            self._report.add("impossible-state", f"{who}: {contradiction.what}", f"{pointer}/state")
        statuses = {subtask.status for subtask in task.subtasks}
        if declared.status is TaskStatus.RUNNING and not statuses & ACTIVE:
            what = f"task {task.id} contradicts itself: it is RUNNING, but no subtask is READY, RUNNING or CANCELING"
            self._report.add("impossible-state", what, f"{plan.pointer}/state")
        elif not found:
            self._check_past(plan)

    def _check_past(self, plan: TaskPlan) -> None:
        """A task that is history must have happened before the clock starts."""
        known = self._start_is_known or not isinstance(plan.at, datetime)
        task = plan.on(self._start)
        if task is None or not known or latest(task) <= self._start:
            return
        late = timedelta(seconds=-(-(latest(task) - self._start) // timedelta(seconds=1)))
        what = f"task {task.id} is history, but what its runs tell lasts until {late} after the clock's start"
        self._report.add("late-history", what, f"{plan.pointer}/at", hint='Give an earlier "at", or leave it out.')


def _linked(subtask: Subtask, upstreams: Mapping[int, tuple[int, ...]]) -> Subtask:
    downstreams = tuple(id_ for id_, needed in upstreams.items() if subtask.id in needed)
    return replace(subtask, upstreams=upstreams[subtask.id], downstreams=downstreams)


def _declared(node: _Node, nodes: Sequence[_Node]) -> Declared:
    told = dict(_told(nodes))
    status, operation = node.data.get("state"), node.data.get("operation")
    return Declared(TaskStatus(status) if status else None, Operation(operation) if operation else None, told)


def _told(nodes: Sequence[_Node]) -> Iterator[tuple[int, tuple[SubtaskStatus | None, Operation | None]]]:
    for node in nodes:
        status, operation = node.data.get("state"), node.data.get("operation")
        yield node.id, (SubtaskStatus(status) if status else None, Operation(operation) if operation else None)
