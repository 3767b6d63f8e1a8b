"""Tasks that obey the domain: acyclic graphs, states that the engine reaches, times in order."""

from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

from hypothesis import strategies as st

from understudy import ocp
from understudy.contract import Contract, load_contract, render

_S = ocp.SubtaskStatus
_T = ocp.TaskStatus
_Op = ocp.Operation

_IDS = st.integers(1, 2**63 - 1)
_NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
_SECONDS = st.integers(0, 100_000)
_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-5, minutes=-30))])
_STARTS = st.builds(
    lambda moment, zone, ms: moment.replace(tzinfo=zone) + timedelta(milliseconds=ms),
    st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 31)),  # noqa: DTZ001 - the zone comes next
    _ZONES,
    st.integers(0, 999),
)

# What an eligible subtask (all of its upstreams successful) may be, by the state of its task. The simplest comes first,
# because examples shrink towards it. A FAILED task has no active subtask.
_ELIGIBLE = {
    _T.SUCCESSFUL: [_S.SUCCESSFUL],
    _T.FAILED: [_S.SUCCESSFUL, _S.FAILED],
    _T.RUNNING: [_S.SUCCESSFUL, _S.RUNNING, _S.READY, _S.CANCELING, _S.FAILED],
}
# What the one subtask may be that makes the task what it is.
_DECIDING = {
    _T.SUCCESSFUL: [_S.SUCCESSFUL],
    _T.FAILED: [_S.FAILED],
    _T.RUNNING: [_S.RUNNING, _S.READY, _S.CANCELING],
}
_OPERATIONS = {
    _S.PENDING: [_Op.EXECUTE],
    _S.READY: [_Op.EXECUTE, _Op.RETRY],
    _S.RUNNING: [_Op.EXECUTE, _Op.RETRY],
    _S.CANCELING: [_Op.EXECUTE, _Op.RETRY],
    _S.FAILED: [_Op.EXECUTE, _Op.RETRY, _Op.CANCEL],
    _S.SUCCESSFUL: [_Op.EXECUTE, _Op.RETRY, _Op.SKIP],
}


@cache
def shipped_contract() -> Contract:
    """Give the contract that ships with the package, loaded once."""
    return load_contract()


def tasks(
    *, contract: Contract | None = None, min_subtasks: int = 1, max_subtasks: int = 8
) -> st.SearchStrategy[dict[str, Any]]:
    """Give tasks as `getTaskInstance` answers them: the value of `data`, with the contract's names.

    Every one validates; its graph is acyclic, `upstreams` and its inverse agree, states are such as the engine
    reaches, and times are in order. Shrinks towards one successful task with one subtask.
    """
    if not 1 <= min_subtasks <= max_subtasks:
        raise ValueError(f"1 <= min_subtasks <= max_subtasks is needed, not {min_subtasks} and {max_subtasks}")
    chosen = contract or shipped_contract()
    schema = chosen.operations["getTaskInstance"].response_schema(200)
    assert schema is not None  # noqa: S101 - the service needs it too
    return task_models(min_subtasks=min_subtasks, max_subtasks=max_subtasks).map(
        lambda task: render(chosen, schema, {"data": ocp.task_detail(task)})["data"]
    )


@st.composite
def task_models(draw: st.DrawFn, *, min_subtasks: int = 1, max_subtasks: int = 8) -> ocp.Task:
    """Give tasks as the engine's own values."""
    status = draw(st.sampled_from([_T.SUCCESSFUL, _T.FAILED, _T.RUNNING]))
    start = draw(_STARTS)
    ids = draw(st.lists(_IDS, min_size=min_subtasks, max_size=max_subtasks, unique=True))
    graph = [draw(st.sets(st.sampled_from(range(i)), max_size=3)) if i else set() for i in range(len(ids))]
    subtasks = _subtasks(draw, status, start, ids, graph)
    finished = [subtask.finish_time for subtask in subtasks if subtask.finish_time]
    finish = None if status is _T.RUNNING else max(finished, default=start) + draw(_GAPS)
    return ocp.Task(
        id=draw(_IDS),
        name=draw(_NAMES),
        create_time=start,
        subtasks=tuple(subtasks),
        type=draw(st.sampled_from(ocp_task_types())),
        definition_id=draw(st.just(-1) | _IDS),
        cluster=draw(st.none() | _CLUSTERS),
        tenant=draw(st.none() | _TENANTS),
        creator=draw(st.sampled_from([ocp.ADMIN, ocp.SYSTEM]) | st.builds(ocp.Creator, id=_IDS, name=_NAMES)),
        prohibit_rollback=draw(st.booleans()),
        status=status,
        operation=draw(st.sampled_from([_Op.EXECUTE, _Op.RETRY])),
        finish_time=finish,
    )


_GAPS = st.builds(timedelta, milliseconds=st.integers(0, 3_600_000))
_CLUSTERS = st.builds(
    ocp.Cluster, id=_IDS, name=_NAMES, ob_cluster_id=_IDS, type=st.sampled_from(["PRIMARY", "STANDBY"])
)
_TENANTS = st.builds(ocp.Tenant, id=_IDS, name=_NAMES, ob_tenant_id=_IDS, mode=st.sampled_from(["MYSQL", "ORACLE"]))


@cache
def ocp_task_types() -> tuple[str, ...]:
    """Give the values of a task's `type`: the contract's words, spelt as there."""
    schema = shipped_contract().document["components"]["schemas"]["WrappedTaskInstance"]
    return tuple(schema["properties"]["type"]["enum"])


def _subtasks(
    draw: st.DrawFn, status: ocp.TaskStatus, start: datetime, ids: list[int], graph: list[set[int]]
) -> list[ocp.Subtask]:
    """Walk the graph in topological order. The deciding subtask's ancestors are successful: so it is reached."""
    deciding = draw(st.sampled_from(range(len(ids))))
    ancestors = _ancestors(deciding, graph)
    downstreams = [tuple(ids[j] for j, ups in enumerate(graph) if i in ups) for i in range(len(ids))]
    made: list[ocp.Subtask] = []
    for i, identity in enumerate(ids):
        upstreams = [made[j] for j in sorted(graph[i])]
        if any(upstream.status is not _S.SUCCESSFUL for upstream in upstreams):
            state = _S.PENDING
        elif i in ancestors:
            state = _S.SUCCESSFUL
        else:
            state = draw(st.sampled_from(_DECIDING[status] if i == deciding else _ELIGIBLE[status]))
        made.append(_subtask(draw, i, identity, state, start, upstreams, downstreams[i]))
    return made


def _subtask(
    draw: st.DrawFn,
    series_id: int,
    identity: int,
    state: ocp.SubtaskStatus,
    start: datetime,
    upstreams: list[ocp.Subtask],
    downstreams: tuple[int, ...],
) -> ocp.Subtask:
    operation = draw(st.sampled_from(_OPERATIONS[state]))
    began = ended = None
    # READY again after a retry keeps the start of the first execution.
    if state not in (_S.PENDING, _S.READY) or operation is _Op.RETRY:
        began = max([upstream.finish_time for upstream in upstreams if upstream.finish_time], default=start) + draw(
            _GAPS
        )
    if began is not None and state in (_S.SUCCESSFUL, _S.FAILED):
        ended = began + draw(_GAPS)
    name = draw(_NAMES)
    return ocp.Subtask(
        id=identity,
        name=name,
        series_id=series_id,
        create_time=start,
        description=name,
        timeout_s=draw(_SECONDS),
        parallel_idx=draw(st.integers(-1, 20)),
        upstreams=tuple(upstream.id for upstream in upstreams),
        downstreams=downstreams,
        prohibit_rollback=draw(st.booleans()),
        status=state,
        operation=operation,
        run_time=draw(st.integers(1, 5)) if operation is _Op.RETRY else 1,
        executor=None if began is None else "10.0.0.1",
        start_time=began,
        finish_time=ended,
    )


def _ancestors(node: int, graph: list[set[int]]) -> set[int]:
    found: set[int] = set()
    waiting = list(graph[node])
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(graph[current])
    return found
