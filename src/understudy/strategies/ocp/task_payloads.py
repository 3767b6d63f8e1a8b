"""Tasks and subtasks that obey the domain, as responses contain them."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from understudy import ocp
from understudy.contract import Contract
from understudy.messages import Json
from understudy.strategies.ocp.edge_tasks import (
    SUBTASK_EDGES,
    TASK_EDGES,
    options_for_status,
    weighted_names,
)
from understudy.strategies.ocp.played_tasks import task_models
from understudy.strategies.ocp.task_options import ANY_TASK, TaskOptions
from understudy.strategies.ocp.wire_schemas import WireSchema, find_wire_schema, strategy_for_mode
from understudy.strategies.schema.general_edges import Edge
from understudy.strategies.strategy_options import (
    Mode,
    Selection,
    check_mode,
    check_range,
    parse_members,
    resolve_contract,
)


def tasks(
    *,
    mode: Mode = "valid",
    min_subtasks: int = 1,
    max_subtasks: int = 8,
    status: Selection = None,
    cluster: bool | None = None,
    tenant: bool | None = None,
    dialect: str = "documented",
    contract: Contract | None = None,
    schema_only: bool = False,
) -> st.SearchStrategy[Any]:
    """Return tasks: the value of `data` in a response of `getTaskInstance`.

    The engine reaches each of them: the graph is acyclic, `upstreams` and its inverse agree,
    states, operations, `runTime` and times are as the engine sets them. The names are those of the
    contract. Shrinks towards one successful task with one subtask.

    `status` allows one or several of RUNNING, FAILED, SUCCESSFUL; `cluster` and `tenant` say
    whether there is one (None: sometimes). `schema_only` draws whatever the schema allows. With
    mode `edge` each shows one of `edge_classes("tasks")`; with `invalid` each is an Invalid, which
    violates one rule of the contract.

    Raises ValueError for an unknown mode or status and for impossible numbers, InputError for an
    unknown dialect.
    """
    check_mode(mode)
    options = build_task_options(min_subtasks, max_subtasks, status, cluster, tenant)
    wire = find_data_schema("getTaskInstance", contract, dialect)
    if schema_only:
        valid: st.SearchStrategy[Any] = wire.schema_values()
    else:
        valid = task_models(options).map(lambda task: wire.render(ocp.task_detail(task)))

    def edges() -> st.SearchStrategy[Edge]:
        """Return tasks with an edge of the domain, or with one that only the schema knows."""
        if schema_only:
            return wire.edge_cases(valid)
        return task_edges(wire, options)

    return strategy_for_mode(wire, mode, valid, edges)


def subtasks(
    *,
    mode: Mode = "valid",
    status: Selection = None,
    dialect: str = "documented",
    contract: Contract | None = None,
    schema_only: bool = False,
) -> st.SearchStrategy[Any]:
    """Return subtasks: the value of `data` in a response of `retrySubtask`.

    Each is a subtask of a task that `tasks` draws. `status` allows one or several of PENDING,
    READY, RUNNING, CANCELING, FAILED, SUCCESSFUL. The other options are those of `tasks`.
    """
    check_mode(mode)
    wire = find_data_schema("retrySubtask", contract, dialect)
    valid: st.SearchStrategy[Any]
    valid = wire.schema_values() if schema_only else _subtasks(wire, status)

    def edges() -> st.SearchStrategy[Edge]:
        """Return subtasks with an edge of the domain, or with one that only the schema knows."""
        if schema_only:
            return wire.edge_cases(valid)
        return subtask_edges(wire)

    return strategy_for_mode(wire, mode, valid, edges)


def task_edges(wire: WireSchema, options: TaskOptions = ANY_TASK) -> st.SearchStrategy[Edge]:
    """Return tasks that show one class each.

    Each is drawn from `options`, with the changes that its class needs.
    """

    def draw_class(name: str) -> st.SearchStrategy[Edge]:
        """Return tasks that show one class."""
        edge = TASK_EDGES[name]

        def build(task: ocp.Task) -> Edge:
            """Return the rendered task with its class."""
            return Edge(edge.apply_to_wire(wire, wire.render(ocp.task_detail(task))), name)

        return task_models(edge.apply_to_options(options)).map(build)

    return weighted_names(TASK_EDGES).flatmap(draw_class)


def subtask_edges(wire: WireSchema) -> st.SearchStrategy[Edge]:
    """Return subtasks that show one class each.

    Each is one subtask of a task that the engine reaches.
    """

    def draw_class(name: str) -> st.SearchStrategy[Edge]:
        """Return subtasks that show one class."""
        edge = SUBTASK_EDGES[name]

        def build(task: ocp.Task) -> Edge:
            """Return the rendered subtask with its class."""
            return Edge(
                edge.apply_to_wire(wire, _render_subtask(wire, task, edge.subtask_index)), name
            )

        return task_models(edge.apply_to_options(ANY_TASK)).map(build)

    return weighted_names(SUBTASK_EDGES).flatmap(draw_class)


def find_data_schema(operation: str, contract: Contract | None, dialect: str) -> WireSchema:
    """Return the schema of `data` in the successful response of an operation."""
    return find_wire_schema(resolve_contract(contract, dialect), operation, 200, "data")


def build_task_options(
    min_subtasks: int,
    max_subtasks: int,
    status: Selection,
    cluster: bool | None,
    tenant: bool | None,
) -> TaskOptions:
    """Return the options for tasks; the statuses in the order in which examples shrink."""
    check_range("subtasks", min_subtasks, max_subtasks, floor=1)
    wanted = parse_members(status, ocp.TaskStatus, "status")
    return replace(
        ANY_TASK,
        min_subtasks=min_subtasks,
        max_subtasks=max_subtasks,
        statuses=tuple(known for known in ANY_TASK.statuses if known in wanted),
        cluster=cluster,
        tenant=tenant,
    )


# Subtasks


def _subtasks(wire: WireSchema, status: Selection) -> st.SearchStrategy[Json]:
    """Return rendered subtasks, of any status or of the selected ones."""
    if status is None:

        def render(task: ocp.Task, index: int) -> Json:
            """Return one rendered subtask of a task."""
            return _render_subtask(wire, task, index)

        return st.builds(render, task_models(), st.integers(0, 7))
    statuses = parse_members(status, ocp.SubtaskStatus, "status")
    return st.one_of([_subtasks_with_status(wire, wanted) for wanted in statuses])


def _subtasks_with_status(wire: WireSchema, status: ocp.SubtaskStatus) -> st.SearchStrategy[Json]:
    """Return rendered subtasks of one status."""
    changes, index = options_for_status(status)
    models = task_models(replace(ANY_TASK, **changes))
    return models.map(lambda task: _render_subtask(wire, task, index))


def _render_subtask(wire: WireSchema, task: ocp.Task, index: int) -> Json:
    """Return one of the subtasks of a task, with the names of the contract.

    An index beyond the last one starts again at the first.
    """
    subtask = task.subtasks[index % len(task.subtasks)]
    rendered: Json = wire.render(ocp.subtask_detail(subtask))
    return rendered
