"""Parsing of `tasks`: entries of a scenario file become task plans."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar
from zlib import crc32

from understudy.durations import Moment, parse_duration, parse_moment, parse_run_duration
from understudy.errors import ProblemReport
from understudy.ocp import (
    ADMIN,
    SYSTEM,
    LogLine,
    Operation,
    Run,
    Subtask,
    SubtaskStatus,
    Task,
    TaskStatus,
)
from understudy.scenario.declared_names import (
    DeclaredNames,
    check_unique,
    find_declared,
    number_entries,
)
from understudy.scenario.format_types import (
    LogLineData,
    RunData,
    ScenarioData,
    SubtaskData,
    TaskData,
)
from understudy.scenario.history_checks import HistoryChecker
from understudy.scenario.initial_states import DeclaredState, infer_states
from understudy.scenario.scenario_model import UNSCHEDULED, TaskPlan
from understudy.scenario.task_graph import SubtaskNode, link_subtasks

T = TypeVar("T")
D = TypeVar("D", TaskData, SubtaskData)

_MAX_DEFINITIONS = 100_000
"""Definition ids of scheduled tasks are hashes of their names, from 1 to this number."""


@dataclass(frozen=True, slots=True)
class _Entry(Generic[D]):
    """An entry of the file with its JSON pointer and its given or assigned id."""

    data: D
    pointer: str
    id: int

    @property
    def index(self) -> int:
        """The position of the entry in its list, from 0."""
        return int(self.pointer.rpartition("/")[2])


SubtaskEntries = Sequence[_Entry[SubtaskData]]
"""The usable subtasks of one task."""
RunStartsOfFile = dict[int, tuple[Moment | None, ...]]
"""By subtask id: the start of each run, or None where the file does not give one."""


def parse_tasks(
    data: ScenarioData,
    names: DeclaredNames,
    clock_start: datetime | None,
    report: ProblemReport,
) -> tuple[TaskPlan, ...]:
    """Parse every task of a file, and report all problems.

    `clock_start` is the start of the clock, if the file gives it. A task without usable subtasks or
    with a cycle in its graph is left out.
    """
    tasks = _number_entries(_list_tasks(data), "task", report)
    placed = [(task, subtask) for task in tasks for subtask in _list_subtasks(task)]
    # Subtask ids are unique in the whole file, so all of them are numbered together.
    numbered = _number_entries([subtask for _, subtask in placed], "subtask", report)
    subtasks: dict[str, list[_Entry[SubtaskData]]] = {task.pointer: [] for task in tasks}
    for (task, _), subtask in zip(placed, numbered, strict=True):
        subtasks[task.pointer].append(subtask)
    parser = _TaskParser(names, clock_start, report)
    plans = []
    for task in tasks:
        if subtasks[task.pointer]:
            plans.append(parser.parse_plan(task, subtasks[task.pointer]))
    return tuple(plan for plan in plans if plan is not None)


def _list_tasks(data: ScenarioData) -> list[tuple[TaskData, str]]:
    """Return the usable entries of `tasks` with their pointers."""
    tasks = data.get("tasks", [])
    return [(task, f"/tasks/{i}") for i, task in enumerate(tasks) if task is not None]


def _list_subtasks(task: _Entry[TaskData]) -> Iterator[tuple[SubtaskData, str]]:
    """Yield the usable entries of `subtasks` with their pointers."""
    subtasks = task.data.get("subtasks")
    if subtasks is None:
        subtasks = [SubtaskData()]  # the default of the format: one step
    for index, subtask in enumerate(subtasks):
        if subtask is not None:
            yield subtask, f"{task.pointer}/subtasks/{index}"


def _number_entries(
    entries: Sequence[tuple[D, str]],
    kind: str,
    report: ProblemReport,
) -> list[_Entry[D]]:
    """Give each entry its id. Report duplicate ids."""
    ids_of_file = [(data["id"], f"{pointer}/id") for data, pointer in entries if "id" in data]
    check_unique(ids_of_file, kind, report)
    ids = number_entries(data.get("id") for data, _ in entries)
    pairs = zip(entries, ids, strict=True)
    return [_Entry(data, pointer, id_) for (data, pointer), id_ in pairs]


class _TaskParser:
    """Parses one task after another. Every problem goes to the report."""

    def __init__(
        self,
        names: DeclaredNames,
        clock_start: datetime | None,
        report: ProblemReport,
    ) -> None:
        self._names = names
        self._report = report
        self._checker = HistoryChecker(clock_start, report)

    def parse_plan(
        self,
        entry: _Entry[TaskData],
        subtask_entries: SubtaskEntries,
    ) -> TaskPlan | None:
        """Return the plan of a task, or None if its graph has a cycle."""
        name = entry.data.get("name", f"Task {entry.id}")
        nodes = []
        for subtask_entry in subtask_entries:
            subtask = self._parse_subtask(subtask_entry, name)
            after = subtask_entry.data.get("after", [])
            nodes.append(SubtaskNode(subtask, subtask_entry.pointer, after))
        subtasks, order = link_subtasks(nodes, self._report)
        task = self._parse_task(entry, name, subtasks)
        if order is None:
            return None
        at = self._parse_optional(entry.data.get("at"), f"{entry.pointer}/at", parse_moment)
        run_starts = self._parse_run_starts(subtask_entries)
        plan = TaskPlan(task, order, entry.pointer, at, run_starts=run_starts)
        declared = _declared_state(entry, subtask_entries)
        if declared.is_history:
            plan = replace(plan, task=infer_states(task, order, declared), is_history=True)
        pointers = {subtask.id: subtask.pointer for subtask in subtask_entries}
        self._checker.check(plan, declared, pointers)
        return plan

    def _parse_task(
        self,
        entry: _Entry[TaskData],
        name: str,
        subtasks: tuple[Subtask, ...],
    ) -> Task:
        """Return a task without times. Report unknown names.

        The defaults of `creator` and of the definition id depend on the type: a user starts a
        MANUAL task, and the system starts all others from a definition.
        """
        data, pointer = entry.data, entry.pointer
        type_ = data.get("type", "MANUAL")
        definition_id, creator = -1, ADMIN
        if type_ != "MANUAL":
            # The same name gives the same id, in every run.
            definition_id = 1 + crc32(name.encode("utf-8")) % _MAX_DEFINITIONS
            creator = SYSTEM
        names = self._names
        find = self._find_optional
        return Task(
            entry.id,
            name,
            UNSCHEDULED,
            subtasks,
            type=type_,
            definition_id=definition_id,
            cluster=find(data.get("cluster"), names.clusters, "cluster", pointer),
            tenant=find(data.get("tenant"), names.tenants, "tenant", pointer),
            creator=find(data.get("creator"), names.creators, "creator", pointer) or creator,
            host=find(data.get("host"), names.hosts, "host", pointer),
            concurrency=data.get("concurrency", 10),
            prohibit_rollback=data.get("prohibitRollback", False),
        )

    def _parse_subtask(self, entry: _Entry[SubtaskData], task_name: str) -> Subtask:
        """Return a subtask without times and edges. Its series id is its position in the file."""
        data = entry.data
        return Subtask(
            entry.id,
            data.get("name", task_name),
            entry.index,
            UNSCHEDULED,
            description=data.get("description", ""),
            timeout_s=data.get("timeout", 0),
            retries=data.get("retries", 0),
            parallel_idx=data.get("parallel", -1),
            prohibit_rollback=data.get("prohibitRollback", False),
            runs=self._parse_runs(data.get("runs", []), f"{entry.pointer}/runs"),
            rollbacks=self._parse_runs(data.get("rollbacks", []), f"{entry.pointer}/rollbacks"),
        )

    def _parse_runs(self, runs: Sequence[RunData | None], pointer: str) -> tuple[Run, ...]:
        """Return the runs, or one default run if there are none."""
        parsed = []
        for index, run in enumerate(runs):
            if run is not None:
                parsed.append(self._parse_run(run, f"{pointer}/{index}"))
        return tuple(parsed) or (Run(),)

    def _parse_run(self, data: RunData, pointer: str) -> Run:
        """Return one execution of the future. `never` as duration becomes None."""
        takes = self._parse_text(data.get("takes", "1s"), f"{pointer}/takes", parse_run_duration)
        lines = []
        for index, line in enumerate(_split_log(data)):
            if line is not None:
                lines.append(self._parse_line(line, f"{pointer}/log/{index}"))
        return Run(takes, SubtaskStatus(data.get("ends", "SUCCESSFUL")), tuple(lines))

    def _parse_line(self, data: str | LogLineData, pointer: str) -> LogLine:
        """Return a line of a log.

        Without `at`, the log spreads its lines evenly over the execution.
        """
        if isinstance(data, str):
            return LogLine(data)
        at = self._parse_optional(data.get("at"), f"{pointer}/at", parse_duration)
        return LogLine(data.get("line", ""), at)

    def _find_optional(
        self,
        name: str | None,
        known: Mapping[str, T],
        key: str,
        pointer: str,
    ) -> T | None:
        """Return what a name stands for, or None without a name. Report an unknown name."""
        if name is None:
            return None
        return find_declared(name, known, key, f"{pointer}/{key}", self._report)

    def _parse_text(self, text: str, pointer: str, parse: Callable[[str], T]) -> T | None:
        """Return the parsed text. Report a text that cannot be parsed, and return None."""
        try:
            return parse(text)
        except ValueError as error:
            self._report.add("bad-time", str(error), pointer)
            return None

    def _parse_optional(
        self,
        text: str | None,
        pointer: str,
        parse: Callable[[str], T],
    ) -> T | None:
        """Return a parsed text, or None without a text."""
        return None if text is None else self._parse_text(text, pointer, parse)

    def _parse_run_starts(self, entries: SubtaskEntries) -> RunStartsOfFile:
        """Return the `at` of the runs, by subtask id. Subtasks without any are left out."""
        starts = {}
        for entry in entries:
            runs = [run or RunData() for run in entry.data.get("runs", [])]
            if not any("at" in run for run in runs):
                continue
            pointer = f"{entry.pointer}/runs"
            starts[entry.id] = tuple(
                self._parse_optional(run.get("at"), f"{pointer}/{i}/at", parse_moment)
                for i, run in enumerate(runs)
            )
        return starts


def _split_log(data: RunData) -> Sequence[str | LogLineData | None]:
    """Return the lines of a log, which the file gives as a text or as a list."""
    log = data.get("log", [])
    if not isinstance(log, str):
        return log
    return log.removesuffix("\n").split("\n") if log else []


def _declared_state(
    task: _Entry[TaskData],
    subtasks: SubtaskEntries,
) -> DeclaredState:
    """Return the `state` and `operation` of a task and of its subtasks."""
    states = {}
    for subtask in subtasks:
        status = _optional(SubtaskStatus, subtask.data.get("state"))
        operation = _optional(Operation, subtask.data.get("operation"))
        states[subtask.id] = (status, operation)
    return DeclaredState(
        _optional(TaskStatus, task.data.get("state")),
        _optional(Operation, task.data.get("operation")),
        states,
    )


def _optional(convert: Callable[[str], T], text: str | None) -> T | None:
    """Return a converted text, or None without a text."""
    return None if text is None else convert(text)
