"""A second task engine, as plain as possible: written from the rules' text, not from the code.

Time is a number of milliseconds since the clock's start. The engine walks through every slot and
keeps its state in dicts that it changes in place. It is slow on purpose: its code is easy to
compare with the text.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from understudy.ocp import Cause, ErrorKind, Operation, SubtaskStatus, TaskStatus

SLOT = 100
"""All durations are multiples of this."""
SECOND = 1000

PENDING, READY, RUNNING = SubtaskStatus.PENDING, SubtaskStatus.READY, SubtaskStatus.RUNNING
CANCELING, FAILED, SUCCESSFUL = (
    SubtaskStatus.CANCELING,
    SubtaskStatus.FAILED,
    SubtaskStatus.SUCCESSFUL,
)
EXECUTE, RETRY, ROLLBACK = Operation.EXECUTE, Operation.RETRY, Operation.ROLLBACK
SKIP, CANCEL = Operation.SKIP, Operation.CANCEL

NodeState = dict[str, Any]


@dataclass(frozen=True)
class PlannedRun:
    """The plan of one execution. `takes` None: it never ends by itself."""

    takes: int | None
    fails: bool = False


@dataclass(frozen=True)
class PlannedNode:
    """A subtask before any event."""

    id: int
    upstreams: tuple[int, ...] = ()
    timeout: int = 0
    """Milliseconds."""
    retries: int = 0
    prohibits: bool = False
    runs: tuple[PlannedRun, ...] = (PlannedRun(SECOND),)
    rollbacks: tuple[PlannedRun, ...] = (PlannedRun(SECOND),)


@dataclass(frozen=True)
class Plan:
    """A task before any event; its subtasks are in the order of their `seriesId`."""

    nodes: tuple[PlannedNode, ...]
    limit: int = 10
    prohibits: bool = False
    at: int = 0
    """When the task begins."""
    id: int = 1000


class NaiveError(Exception):
    """The error of a rejected command: its kind and parameters."""

    def __init__(self, kind: ErrorKind, *params: str) -> None:
        super().__init__(kind, params)
        self.kind, self.params = kind, params


class NaiveEngine:
    """One task, and the moment up to which every event has happened."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.now = plan.at
        self.moves = True
        """False for a task that is history: it stands still."""
        self.settled = False
        """True when the last tick changed nothing, and nothing happened since."""
        self.task: dict[str, Any] = {
            "status": TaskStatus.RUNNING,
            "operation": EXECUTE,
            "finish": None,
        }
        self.nodes: dict[int, NodeState] = {node.id: _new_node(plan, node) for node in plan.nodes}
        self._make_ready()

    # Time

    def advance_to(self, until: int) -> None:
        """Process every event up to and including a moment."""
        if self.moves:
            self._ends()  # executions that a command started at this moment and that take no time
        while self.now < until:
            if not self.moves or (self.settled and not self._awaits_an_end()):
                self.now = until  # no event follows, so there is no need to walk
                return
            self.now += SLOT
            self._ends()
            self._timeouts()
            if self.now % SECOND == 0:
                self._tick()
                self._ends()  # executions that started at this tick and take no time

    def freeze(self) -> None:
        """Make the task history: no event happens before the next command."""
        self.moves = False

    def _awaits_an_end(self) -> bool:
        return any(
            node["status"] is RUNNING
            and (node["executions"][-1]["run"].takes is not None or node["plan"].timeout)
            for node in self.nodes.values()
        )

    def _ends(self) -> None:
        for node in self._in_status(RUNNING):
            run = node["executions"][-1]["run"]
            if run.takes is not None and node["counts_from"] + run.takes == self.now:
                goal = PENDING if node["operation"] is ROLLBACK else SUCCESSFUL
                self._finish(node, FAILED if run.fails else goal)

    def _timeouts(self) -> None:
        for node in self._in_status(RUNNING):
            if node["plan"].timeout and node["counts_from"] + node["plan"].timeout == self.now:
                self._finish(node, FAILED, Cause.TIMEOUT)

    # One tick

    def _tick(self) -> None:
        before = self._shape()
        for node in self._in_status(CANCELING):  # 1
            node["operation"] = CANCEL
            self._finish(node, FAILED, Cause.CANCELED)
        for node in self._in_status(FAILED):  # 2
            if node["operation"] in (EXECUTE, RETRY) and node["run_time"] <= node["plan"].retries:
                self._ready(node, RETRY)
                node["run_time"] += 1
        for node in self._in_status(READY):  # 3
            self._start(node)
        self._make_ready()  # 4
        self._decide()  # 5
        self.settled = before == self._shape()

    def _start(self, node: NodeState) -> None:
        node["status"] = RUNNING
        node["executor"] = True
        if node["start"] is None:
            node["start"] = self.now
        node["counts_from"] = self.now
        node["executions"].append(
            {
                "operation": node["operation"],
                "run": None if node["operation"] is SKIP else self._next_run(node),
                "start": self.now,
                "end": None,
                "outcome": None,
                "cause": Cause.NONE,
            }
        )
        if node["operation"] is SKIP:
            self._finish(node, PENDING if self.task["operation"] is ROLLBACK else SUCCESSFUL)

    def _next_run(self, node: NodeState) -> PlannedRun:
        kinds = (ROLLBACK,) if node["operation"] is ROLLBACK else (EXECUTE, RETRY)
        planned: Sequence[PlannedRun] = (
            node["plan"].rollbacks if node["operation"] is ROLLBACK else node["plan"].runs
        )
        played = sum(1 for execution in node["executions"] if execution["operation"] in kinds)
        return planned[min(played, len(planned) - 1)]

    def _make_ready(self) -> None:
        if self.task["status"] is not TaskStatus.RUNNING or self._in_status(FAILED):
            return
        rolling_back = self.task["operation"] is ROLLBACK
        for node in self.nodes.values():
            if len(self._in_status(READY)) + len(self._in_status(RUNNING)) >= self.plan.limit:
                return
            if rolling_back:
                if node["status"] is SUCCESSFUL and self._all(node["downstreams"], PENDING):
                    self._ready(node, node["operation"])
            elif node["status"] is PENDING and self._all(node["plan"].upstreams, SUCCESSFUL):
                self._ready(node, node["operation"])

    def _decide(self) -> None:
        if self.task["status"] is not TaskStatus.RUNNING:
            return
        if self._in_status(READY) or self._in_status(RUNNING) or self._in_status(CANCELING):
            return
        goal = PENDING if self.task["operation"] is ROLLBACK else SUCCESSFUL
        if self._in_status(FAILED):
            self.task["status"] = TaskStatus.FAILED
        elif len(self._in_status(goal)) == len(self.nodes):
            self.task["status"] = TaskStatus.SUCCESSFUL
        else:
            return
        self.task["finish"] = self.now

    # Commands

    def command(self, name: str, target: int | None) -> None:
        """Apply a command at this moment.

        `target` is a subtask's id, or None for the commands on the task. Raises NaiveError.
        """
        commands: dict[str, Callable[[], None]] = {
            "retryTask": self._retry_task,
            "rollbackTask": self._rollback_task,
            "retrySubtask": lambda: self._retry_subtask(target),
            "skipSubtask": lambda: self._skip_subtask(target),
            "cancelSubtask": lambda: self._cancel_subtask(target),
        }
        commands[name]()
        self.settled = False
        if not self.moves:
            self.moves = True
            for node in self._in_status(RUNNING):
                node["counts_from"] = self.now

    def _retry_task(self) -> None:
        self._needs_failed_task()
        self._needs_no_rollback(self.plan.id)
        self._run_again(RETRY)
        for node in self._in_status(FAILED):
            self._ready(node, RETRY)
            node["run_time"] += 1

    def _rollback_task(self) -> None:
        self._needs_failed_task()
        if self.rollback_prohibited:
            raise NaiveError(ErrorKind.ROLLBACK_PROHIBITED, str(self.plan.id))
        self._run_again(ROLLBACK)
        first = [
            n
            for n in self.nodes.values()
            if n["status"] is not PENDING and self._all(n["downstreams"], PENDING)
        ]
        for node in self.nodes.values():
            if node["status"] is not PENDING:
                node["operation"] = ROLLBACK
        for node in first:
            self._ready(node, ROLLBACK)

    def _retry_subtask(self, target: int | None) -> None:
        node = self._needs_subtask(target, FAILED)
        self._needs_no_rollback(target)
        self._run_again(self.task["operation"])
        self._ready(node, RETRY)

    def _skip_subtask(self, target: int | None) -> None:
        node = self._needs_subtask(target, FAILED)
        self._run_again(self.task["operation"])
        self._ready(node, SKIP)

    def _cancel_subtask(self, target: int | None) -> None:
        self._needs_subtask(target, RUNNING)["status"] = CANCELING

    @property
    def rollback_prohibited(self) -> bool:
        """Whether the task declares it, or a subtask that has left PENDING and READY."""
        return self.plan.prohibits or any(
            node["plan"].prohibits and node["status"] not in (PENDING, READY)
            for node in self.nodes.values()
        )

    def _needs_failed_task(self) -> None:
        if self.task["status"] is not TaskStatus.FAILED:
            raise NaiveError(ErrorKind.WRONG_STATE, str(self.plan.id), self.task["status"].value)

    def _needs_no_rollback(self, target: int | None) -> None:
        if self.task["operation"] is ROLLBACK:
            raise NaiveError(ErrorKind.WRONG_STATE, str(target), ROLLBACK.value)

    def _needs_subtask(self, target: int | None, status: SubtaskStatus) -> NodeState:
        if target not in self.nodes:
            raise NaiveError(ErrorKind.TASK_NOT_FOUND, str(target))
        node = self.nodes[target]
        if node["status"] is not status:
            raise NaiveError(ErrorKind.WRONG_STATE, str(target), node["status"].value)
        return node

    # Small changes

    def _run_again(self, operation: Operation) -> None:
        self.task.update(status=TaskStatus.RUNNING, operation=operation, finish=None)

    def _ready(self, node: NodeState, operation: Operation) -> None:
        node.update(status=READY, operation=operation, finish=None)

    def _finish(self, node: NodeState, status: SubtaskStatus, cause: Cause = Cause.NONE) -> None:
        node.update(status=status, finish=self.now)
        node["executions"][-1].update(end=self.now, outcome=status, cause=cause)
        self.settled = False

    def _in_status(self, status: SubtaskStatus) -> list[NodeState]:
        return [node for node in self.nodes.values() if node["status"] is status]

    def _all(self, ids: list[int] | tuple[int, ...], status: SubtaskStatus) -> bool:
        return all(self.nodes[node_id]["status"] is status for node_id in ids)

    def _shape(self) -> list[Any]:
        return [
            self.task["status"],
            *((node["status"], len(node["executions"])) for node in self.nodes.values()),
        ]

    # What is compared

    def view(self) -> dict[str, Any]:
        """Return everything that a client can see."""
        return {
            "task": (
                self.task["status"],
                self.task["operation"],
                self.plan.at,
                self.task["finish"],
            ),
            "rollback prohibited": self.rollback_prohibited,
            "subtasks": dict(self._subtask_views()),
        }

    def _subtask_views(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for node_id, node in self.nodes.items():
            shown = {
                key: node[key]
                for key in ("status", "operation", "run_time", "executor", "start", "finish")
            }
            yield (
                node_id,
                {
                    **shown,
                    "executions": [tuple(execution.values()) for execution in node["executions"]],
                },
            )


def _new_node(plan: Plan, node: PlannedNode) -> NodeState:
    return {
        "plan": node,
        "downstreams": [later.id for later in plan.nodes if node.id in later.upstreams],
        "status": PENDING,
        "operation": EXECUTE,
        "run_time": 1,
        "executor": False,
        "start": None,
        "finish": None,
        "counts_from": None,
        "executions": [],
    }
