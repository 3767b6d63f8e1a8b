"""The edge classes of tasks, and what each changes about a drawn task.

The changed task is played by the engine too, so it still obeys the domain.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from understudy import ocp
from understudy.contract.corruption.edge_values import INTEGERS, TEXTS, TIMES
from understudy.messages import Json
from understudy.strategies.ocp.task_options import CLUSTERS, TENANTS, TYPES, TaskOptions
from understudy.strategies.ocp.wire_changes import (
    WireChange,
    with_extra_fields,
    with_fraction_digits,
    with_z,
    without_optional,
)
from understudy.strategies.ocp.wire_schemas import WireSchema
from understudy.strategies.schema.general_edges import DEFAULT_MAX_ITEMS, EdgeClass

_T, _S, _Op = ocp.TaskStatus, ocp.SubtaskStatus, ocp.Operation
Changes = Mapping[str, Any]
"""Fields of TaskOptions, by name, with their values."""


@dataclass(frozen=True, slots=True)
class TaskEdge:
    """One class of edges of tasks or subtasks, and how to draw a task that shows it."""

    edge_class: EdgeClass
    changes: Changes = field(default_factory=dict)
    """What differs from the usual options."""
    wire_change: WireChange | None = None
    subtask_index: int = 0
    """Which subtask shows the class, where it is one of subtasks."""

    def apply_to_options(self, options: TaskOptions) -> TaskOptions:
        """Return the options for tasks that show the class."""
        return replace(options, **self.changes)

    def apply_to_wire(self, wire: WireSchema, value: Json) -> Json:
        """Return a rendered value with what only the wire can show."""
        if self.wire_change is None:
            return value
        return self.wire_change(wire, value)


def options_for_status(status: ocp.SubtaskStatus) -> tuple[Changes, int]:
    """Return the options for tasks with a subtask of some status, and its index.

    The commands and the moment are chosen so that the engine reaches the status: a subtask is READY
    before the first event, for example, and PENDING while its upstream runs.
    """
    running: Changes = {"statuses": (_T.RUNNING,), "instants": 0, "commands": ()}
    match status:
        case _S.PENDING:
            return {**running, "graph": "deep", "min_subtasks": 2}, 1
        case _S.READY:
            return running, 0
        case _S.RUNNING:
            return {**running, "instants": 1}, 0
        case _S.CANCELING:
            return {**running, "commands": ("cancelSubtask",)}, 0
        case _S.FAILED:
            return {"statuses": (_T.FAILED,), "commands": ("run",)}, 0
        case _:
            return {"statuses": (_T.SUCCESSFUL,), "commands": ()}, 0


_OPTIONS_FOR_OPERATION: Mapping[ocp.Operation, Changes] = {
    _Op.EXECUTE: {"statuses": (_T.SUCCESSFUL,), "commands": (), "max_subtasks": 1},
    _Op.RETRY: {"statuses": (_T.FAILED,), "commands": ("retryTask",)},
    _Op.ROLLBACK: {"statuses": (_T.RUNNING,), "commands": ("rollbackTask",), "instants": 0},
    _Op.SKIP: {"statuses": (_T.SUCCESSFUL,), "commands": ("skipSubtask",), "max_subtasks": 1},
    _Op.CANCEL: {"statuses": (_T.FAILED,), "commands": ("cancelSubtask",)},
}


# Times


def _start_at(*times: str) -> st.SearchStrategy[datetime]:
    """Return one of some start times, in ISO 8601."""
    return st.sampled_from([datetime.fromisoformat(time) for time in times])


_START_TIMES: Mapping[str, st.SearchStrategy[datetime]] = {
    "time-offset-z": _start_at("2021-08-25T15:09:31.740+00:00"),
    "time-offset-utc": _start_at("2021-08-25T15:09:31.740+00:00"),
    "time-offset-east": _start_at("2021-08-25T15:09:31.740+14:00"),
    "time-offset-west": _start_at("2021-08-25T15:09:31.740-12:00"),
    "time-offset-quarter": _start_at("2021-08-25T15:09:31.740+05:45"),
    "time-leap-day": _start_at(
        "2000-02-29T23:59:58+00:00", "2020-02-29T23:59:58+00:00", "2024-02-29T23:59:58+00:00"
    ),
    "time-year-1": _start_at("0001-01-01T00:00:00+00:00"),
    # As late as a task can start that takes some days: the year 10000 is not a time.
    "time-year-9999": _start_at("9999-12-20T12:00:00+00:00"),
}
"""By class: when the tasks start. The other times of a task follow from that."""


# The classes


def _edge(name: str, description: str, **changes: Any) -> TaskEdge:
    """Return a class that differs from usual tasks by some options.

    `changes` are fields of TaskOptions.
    """
    return TaskEdge(EdgeClass(name, description), changes)


def _task_edges() -> Iterator[TaskEdge]:
    """Yield the classes of tasks, in the order in which `edge_classes` lists them.

    First those of all values, then those of enumerations, of graphs and of lists.
    """
    for name, (number, description) in INTEGERS.items():
        yield _edge(name, description, id=number)
    for name, (text, description) in TEXTS.items():
        yield _edge(name, description, names=st.just(text))
    for name, (_, description) in TIMES.items():
        yield _time_edge(EdgeClass(name, description))
    yield TaskEdge(
        EdgeClass("optional-absent", "every field that may be left out is left out"),
        {"cluster": False, "tenant": False, "statuses": (_T.RUNNING,)},
        without_optional,
    )
    yield TaskEdge(
        EdgeClass("extra-field", "fields that are not documented"), wire_change=with_extra_fields
    )
    yield from _enum_edges()
    yield from _graph_edges()


def _time_edge(edge_class: EdgeClass) -> TaskEdge:
    """Return a class of times: by when tasks start, or by how the wire writes times."""
    name = edge_class.name
    wire_change: WireChange | None = None
    if name.endswith("digits"):
        wire_change = with_fraction_digits(int(name.split("-")[1]))
    elif name == "time-offset-z":
        wire_change = with_z
    changes = {"start_times": _START_TIMES[name]} if name in _START_TIMES else {}
    return TaskEdge(edge_class, changes, wire_change)


def _enum_edges() -> Iterator[TaskEdge]:
    """Yield a class for each value of each enumeration.

    So each value of `status`, `operation`, `type` and `mode` is drawn as often as the others.
    """
    for status in _T:
        name = f"task-status-{status.value}"
        yield _edge(name, f"a task that is {status.value}", statuses=(status,))
    for state in _S:
        changes, index = options_for_status(state)
        name = f"subtask-status-{state.value}"
        edge_class = EdgeClass(name, f"a subtask that is {state.value}")
        yield TaskEdge(edge_class, changes, subtask_index=index)
    for operation, changes in _OPTIONS_FOR_OPERATION.items():
        yield _operation_edge("subtask", operation, changes)
        if operation not in (_Op.SKIP, _Op.CANCEL):  # a task never has these
            yield _operation_edge("task", operation, changes)
    for task_type in TYPES:
        name = f"task-type-{task_type}"
        yield _edge(name, f"a task of the type {task_type}", type=task_type)
    yield from _cluster_edges()
    yield from _tenant_edges()


def _operation_edge(owner: str, operation: ocp.Operation, changes: Changes) -> TaskEdge:
    """Return the class of tasks or subtasks that have an operation."""
    name = f"{owner}-operation-{operation.value}"
    description = f"a {owner} whose operation is {operation.value}"
    return TaskEdge(EdgeClass(name, description), changes)


def _cluster_edges() -> Iterator[TaskEdge]:
    """Yield a class for each type of a cluster."""
    for cluster_type in ("PRIMARY", "STANDBY"):
        yield _edge(
            f"cluster-type-{cluster_type}",
            f"a cluster of the type {cluster_type}",
            cluster=True,
            clusters=st.builds(replace, CLUSTERS, type=st.just(cluster_type)),
        )


def _tenant_edges() -> Iterator[TaskEdge]:
    """Yield a class for each mode of a tenant."""
    for mode in ("MYSQL", "ORACLE"):
        yield _edge(
            f"tenant-mode-{mode}",
            f"a tenant of the mode {mode}",
            tenant=True,
            tenants=st.builds(replace, TENANTS, mode=st.just(mode)),
        )


_GRAPHS = {
    "wide": ("subtasks none of which waits for another", 8, 20),
    "deep": ("subtasks each of which waits for the one before", 8, 20),
    "diamond": ("subtasks that part after the first and join in the last", 4, 8),
    "disconnected": ("two chains that have nothing in common", 4, 8),
}
"""By form: its description, and how few and how many subtasks show it."""


def _graph_edges() -> Iterator[TaskEdge]:
    """Yield classes of graphs, and of how many subtasks there are."""
    for graph, (description, min_subtasks, max_subtasks) in _GRAPHS.items():
        yield _edge(
            f"graph-{graph}",
            description,
            graph=graph,
            min_subtasks=min_subtasks,
            max_subtasks=max_subtasks,
        )
    yield _edge("list-one", "a list of one item", min_subtasks=1, max_subtasks=1)
    yield TaskEdge(EdgeClass("list-maximum", "a list of very many items"), _MANY_SUBTASKS)


_MANY_SUBTASKS: Changes = {
    "min_subtasks": DEFAULT_MAX_ITEMS,
    "max_subtasks": DEFAULT_MAX_ITEMS,
    "names": st.just("Step"),  # to draw so many names takes long
}
TASK_EDGES = {edge.edge_class.name: edge for edge in _task_edges()}
"""Each class of edges of tasks, by its name."""

_OF_TASKS_ONLY = ("task-", "cluster-", "tenant-", "graph-", "list-")
_SUBTASK_LISTS = (
    TaskEdge(EdgeClass("list-empty", "a list of no items"), {"max_subtasks": 1}),
    TaskEdge(
        EdgeClass("list-one", "a list of one item"),
        {"graph": "deep", "min_subtasks": 2},
        subtask_index=1,
    ),
    TaskEdge(
        EdgeClass("list-maximum", "a list of very many items"),
        {**_MANY_SUBTASKS, "graph": "diamond"},
    ),
)
SUBTASK_EDGES = {
    **{name: edge for name, edge in TASK_EDGES.items() if not name.startswith(_OF_TASKS_ONLY)},
    **{edge.edge_class.name: edge for edge in _SUBTASK_LISTS},
}
"""Each class of edges of subtasks, by its name. Their lists are `upstreams` and its inverse."""

_OF_DETAILS = ("graph-", "list-", "task-type", "task-operation")
PAGE_TASK_EDGES = {
    name: edge for name, edge in TASK_EDGES.items() if not name.startswith(_OF_DETAILS)
}
"""The classes of tasks that a page of the list can show."""
PAGE_EDGES = {
    "list-empty": "a page without tasks, because there are none",
    "list-one": "a page of one task",
    "list-maximum": "a page of 2000 tasks, the largest page size",
    "page-past-the-end": "a page after the last one: empty, though there are tasks",
    "page-numbers-maximum": "a page whose numbers are the greatest of 32 bits",
}
"""The classes of pages themselves: name and description."""
_FREQUENT = ("task-", "subtask-", "cluster-", "tenant-", "list-one")


def weighted_names(names: Iterable[str]) -> st.SearchStrategy[str]:
    """Return names of classes.

    Those that a task often shows by chance are drawn a third as often, so that the classes that
    need a special draw are reached in a test of usual length.
    """
    weighted: list[str] = []
    for name in names:
        weighted += [name] * (1 if name.startswith(_FREQUENT) else 3)
    return st.sampled_from(weighted)
