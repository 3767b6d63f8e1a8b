"""The edges of tasks: what a class changes of the ingredients, so that the task still obeys the domain."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from understudy import ocp
from understudy.contract.corruption.edge_values import INTEGERS, TEXTS, TIMES
from understudy.strategies.ocp.played_tasks import CLUSTERS, TENANTS, TYPES, TaskOptions
from understudy.strategies.ocp.wire_schemas import WireSchema
from understudy.strategies.schema.edge_cases import (
    DEFAULT_MAX_ITEMS,
    EXTRA_FIELD,
    EdgeClass,
    remove_optional_members,
)
from understudy.strategies.schema.value_paths import ValueWalker

_T, _S, _Op = ocp.TaskStatus, ocp.SubtaskStatus, ocp.Operation
_LAST_START = datetime.fromisoformat("9999-12-20T12:00:00+00:00")
"""As late as it can be, since a task takes some days."""

WireChange = Callable[[WireSchema, Any], Any]


@dataclass(frozen=True, slots=True)
class TaskEdge:
    """One class of edges of tasks."""

    edge_class: EdgeClass
    changes: Mapping[str, Any]
    """What is other than usual in the ingredients."""
    wire_change: WireChange | None = None
    """What is done with the rendered value."""
    subtask_index: int = 0
    """Which subtask has the edge, where it is one of a subtask."""

    def apply_to_options(self, told: TaskOptions) -> TaskOptions:
        """Give the ingredients of tasks that have the edge."""
        return replace(told, **self.changes)

    def apply_to_wire(self, wire: WireSchema, value: Any) -> Any:
        """Give the rendered value with what only the wire can show."""
        return value if self.wire_change is None else self.wire_change(wire, value)


def options_for_status(status: ocp.SubtaskStatus) -> tuple[dict[str, Any], int]:
    """Give the ingredients of tasks in which a subtask has a status, and the subtask's number."""
    running: dict[str, Any] = {"statuses": (_T.RUNNING,), "stops": 0}
    told: dict[ocp.SubtaskStatus, tuple[dict[str, Any], int]] = {
        _S.PENDING: ({**running, "script": (), "shape": "deep", "least": 2}, 1),
        _S.READY: ({**running, "script": ()}, 0),
        _S.RUNNING: ({**running, "script": (), "stops": 1}, 0),
        _S.CANCELING: ({**running, "script": ("cancelSubtask",)}, 0),
        _S.FAILED: ({"statuses": (_T.FAILED,), "script": ("run",)}, 0),
        _S.SUCCESSFUL: ({"statuses": (_T.SUCCESSFUL,), "script": ()}, 0),
    }
    return told[status]


_SCRIPTS: dict[ocp.Operation, dict[str, Any]] = {
    _Op.EXECUTE: {"statuses": (_T.SUCCESSFUL,), "script": (), "most": 1},
    _Op.RETRY: {"statuses": (_T.FAILED,), "script": ("retryTask",)},
    _Op.ROLLBACK: {"statuses": (_T.RUNNING,), "script": ("rollbackTask",), "stops": 0},
    _Op.SKIP: {"statuses": (_T.SUCCESSFUL,), "script": ("skipSubtask",), "most": 1},
    _Op.CANCEL: {"statuses": (_T.FAILED,), "script": ("cancelSubtask",)},
}


def _zone(hours: int, minutes: int = 0) -> st.SearchStrategy[datetime]:
    return st.just(
        datetime(2021, 8, 25, 15, 9, 31, 740_000, timezone(timedelta(hours=hours, minutes=minutes)))
    )


def _digits(count: int) -> WireChange:
    """Give all times so many digits after the point; which is earlier stays as it was."""

    def one(match: re.Match[str]) -> str:
        fraction = (match[2] or "")[1:]
        told = (fraction + "123456789"[len(fraction) :])[:count]
        return f"{match[1]}{'.' if count else ''}{told}{match[3]}"

    return lambda wire, value: _times(value, lambda text: _TIME.sub(one, text))


_TIME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[-+]\d{2}:\d{2})")


def _times(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {
            name: change(part)
            if name.endswith("Time") and isinstance(part, str)
            else _times(part, change)
            for name, part in value.items()
        }
    return [_times(item, change) for item in value] if isinstance(value, list) else value


def _with_z(wire: WireSchema, value: Any) -> Any:
    return _times(value, lambda text: text.replace("+00:00", "Z"))


def _bare(wire: WireSchema, value: Any) -> Any:
    return remove_optional_members(ValueWalker(wire.contract.document), value, wire.schema)


def _extended(wire: WireSchema, value: Any) -> Any:
    """Give every object one more field."""
    if isinstance(value, dict):
        return {
            **{name: _extended(wire, part) for name, part in value.items()},
            EXTRA_FIELD: {"since": "tomorrow"},
        }
    return [_extended(wire, item) for item in value] if isinstance(value, list) else value


_STARTS: dict[str, st.SearchStrategy[datetime]] = {
    "time-offset-z": _zone(0),
    "time-offset-utc": _zone(0),
    "time-offset-east": _zone(14),
    "time-offset-west": _zone(-12),
    "time-offset-quarter": _zone(5, 45),
    "time-leap-day": st.sampled_from([2000, 2020, 2024]).map(
        lambda y: datetime(y, 2, 29, 23, 59, 58, 0, UTC)
    ),
    "time-year-1": st.just(datetime(1, 1, 1, 0, 0, 0, 0, UTC)),
    "time-year-9999": st.just(_LAST_START),
}


def _all() -> list[TaskEdge]:
    found: list[TaskEdge] = []

    def add(
        name: str, what: str, finish: WireChange | None = None, subtask: int = 0, **changes: Any
    ) -> None:
        found.append(TaskEdge(EdgeClass(name, what), changes, finish, subtask))

    for name, (number, what) in INTEGERS.items():
        add(name, what, id=number)
    for name, (text, what) in TEXTS.items():
        add(name, what, names=st.just(text))
    for name, (_, what) in TIMES.items():
        finish = (
            _digits(int(name[5]))
            if name.endswith("digits")
            else _with_z
            if name == "time-offset-z"
            else None
        )
        starts = {"starts": _STARTS[name]} if name in _STARTS else {}
        found.append(TaskEdge(EdgeClass(name, what), starts, finish))
    absent = EdgeClass("optional-absent", "every field that may be left out is left out")
    found.append(
        TaskEdge(absent, {"cluster": False, "tenant": False, "statuses": (_T.RUNNING,)}, _bare)
    )
    add("extra-field", "fields that nobody has documented", _extended)
    for status in _T:
        add(f"task-status-{status.value}", f"a task that is {status.value}", statuses=(status,))
    for state in _S:
        changes, number = options_for_status(state)
        add(
            f"subtask-status-{state.value}",
            f"a subtask that is {state.value}",
            None,
            number,
            **changes,
        )
    for operation, script in _SCRIPTS.items():
        word = operation.value
        add(f"subtask-operation-{word}", f"a subtask whose operation is {word}", **script)
        if operation not in (_Op.SKIP, _Op.CANCEL):
            add(f"task-operation-{word}", f"a task whose operation is {word}", **script)
    for word in TYPES:
        add(f"task-type-{word}", f"a task of the type {word}", type=word)
    for word in ("PRIMARY", "STANDBY"):
        clusters = st.builds(replace, CLUSTERS, type=st.just(word))
        add(
            f"cluster-type-{word}", f"a cluster of the type {word}", cluster=True, clusters=clusters
        )
    for word in ("MYSQL", "ORACLE"):
        tenants = st.builds(replace, TENANTS, mode=st.just(word))
        add(f"tenant-mode-{word}", f"a tenant of the mode {word}", tenant=True, tenants=tenants)
    add("graph-wide", "subtasks none of which waits for another", shape="wide", least=8, most=20)
    add(
        "graph-deep",
        "subtasks each of which waits for the one before",
        shape="deep",
        least=8,
        most=20,
    )
    add(
        "graph-diamond",
        "subtasks that part after the first and join in the last",
        shape="diamond",
        least=4,
        most=8,
    )
    add(
        "graph-disconnected",
        "two chains that know nothing of one another",
        shape="disconnected",
        least=4,
        most=8,
    )
    add("list-one", "a list of one item", least=1, most=1)
    add(
        "list-maximum",
        "a list of very many items",
        least=DEFAULT_MAX_ITEMS,
        most=DEFAULT_MAX_ITEMS,
        names=st.just("Step"),
    )
    return found


TASK_EDGES = {edge.edge_class.name: edge for edge in _all()}
"""Each class of edges of tasks, by its name."""
_OF_TASKS = ("task-", "cluster-", "tenant-", "graph-", "list-")
SUBTASK_EDGES = {
    name: edge for name, edge in TASK_EDGES.items() if not name.startswith(_OF_TASKS)
} | {
    "list-empty": TaskEdge(EdgeClass("list-empty", "a list of no items"), {"most": 1}),
    "list-one": TaskEdge(
        EdgeClass("list-one", "a list of one item"), {"shape": "deep", "least": 2}, subtask_index=1
    ),
    "list-maximum": TaskEdge(
        EdgeClass("list-maximum", "a list of very many items"),
        {
            "shape": "diamond",
            "least": DEFAULT_MAX_ITEMS,
            "most": DEFAULT_MAX_ITEMS,
            "names": st.just("Step"),
        },
    ),
}
"""Each class of edges of subtasks, by its name."""


def weighted_names(names: Iterable[str]) -> st.SearchStrategy[str]:
    """Give names of classes; those that a task has by chance too are less often asked for."""
    return st.sampled_from(
        [name for name in names for _ in range(1 if name.startswith(_FREQUENT) else 3)]
    )


_FREQUENT = ("task-", "subtask-", "cluster-", "tenant-", "list-one")
_OF_DETAILS = ("graph-", "list-", "task-type", "task-operation")
PAGE_TASK_EDGES = {
    name: edge for name, edge in TASK_EDGES.items() if not name.startswith(_OF_DETAILS)
}
"""The classes of tasks that a page of the list can show."""
PAGE_EDGES = {
    "list-empty": "a page without tasks, because there are none",
    "list-one": "a page of one task",
    "list-maximum": "a page of 2000 tasks, as many as can be asked for",
    "page-past-the-end": "a page after the last one: empty, though there are tasks",
    "page-numbers-maximum": "a page whose numbers are the greatest of 32 bits",
}
"""The classes of pages as such."""
