"""Tasks, subtasks and pages of tasks that obey the domain, as the wire shows them."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from understudy import ocp
from understudy.contract import Contract
from understudy.strategies.ocp.edge_tasks import (
    PAGE_EDGES,
    PAGE_TASK_EDGES,
    SUBTASK_EDGES,
    TASK_EDGES,
    TaskEdge,
    options_for_status,
    weighted_names,
)
from understudy.strategies.ocp.played_tasks import TaskOptions, task_models
from understudy.strategies.ocp.wire_schemas import WireSchema, find_wire_schema, strategy_for_mode
from understudy.strategies.schema.edge_cases import Edge
from understudy.strategies.strategy_options import (
    Mode,
    Selection,
    check_mode,
    parse_members,
    resolve_contract,
)

MAX_PAGE_SIZE = 2000
_INT32_MAX = 2**31 - 1
_NUMBERS = st.integers(1, 1000)


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
    """Give tasks as `getTaskInstance` answers them: the value of `data`, with the contract's names.

    Each is one that the engine reaches: the graph is acyclic, `upstreams` and its inverse agree, states, operations,
    `runTime` and times are as the engine sets them. `status` allows one or several of RUNNING, FAILED, SUCCESSFUL;
    `cluster` and `tenant` say whether there is one (None: sometimes). `schema_only` gives whatever the schema allows.
    With mode `edge` each has one of `edge_classes("tasks")`; with `invalid` each is an Invalid: it breaks one rule of
    the contract. Shrinks towards one successful task with one subtask.
    """
    check_mode(mode)
    told = _ingredients(min_subtasks, max_subtasks, status, cluster, tenant)
    wire = find_wire_schema(resolve_contract(contract, dialect), "getTaskInstance", 200, "data")
    valid = (
        wire.schema_values()
        if schema_only
        else task_models(told).map(lambda task: wire.render(ocp.task_detail(task)))
    )
    return strategy_for_mode(
        wire, mode, valid, lambda: wire.edge_cases(valid) if schema_only else task_edges(wire, told)
    )


def subtasks(
    *,
    mode: Mode = "valid",
    status: Selection = None,
    dialect: str = "documented",
    contract: Contract | None = None,
    schema_only: bool = False,
) -> st.SearchStrategy[Any]:
    """Give subtasks as `retrySubtask` answers them: the value of `data`. Each is one of a task as `tasks` gives it.

    `status` allows one or several of PENDING, READY, RUNNING, CANCELING, FAILED, SUCCESSFUL. The rest is as in `tasks`.
    """
    check_mode(mode)
    wire = find_wire_schema(resolve_contract(contract, dialect), "retrySubtask", 200, "data")
    valid = wire.schema_values() if schema_only else _subtasks(wire, status)
    return strategy_for_mode(
        wire, mode, valid, lambda: wire.edge_cases(valid) if schema_only else subtask_edges(wire)
    )


def task_pages(
    *,
    mode: Mode = "valid",
    min_tasks: int = 0,
    max_tasks: int = 5,
    max_subtasks: int = 4,
    status: Selection = None,
    cluster: bool | None = None,
    tenant: bool | None = None,
    dialect: str = "documented",
    contract: Contract | None = None,
    schema_only: bool = False,
) -> st.SearchStrategy[Any]:
    """Give pages as `listTaskInstances` answers them: the value of `data`, `contents` and `page`.

    The numbers of the page agree with one another and with the contents; a page that is not full is the last one. The
    rest is as in `tasks`.
    """
    check_mode(mode)
    if not 0 <= min_tasks <= max_tasks <= MAX_PAGE_SIZE:
        raise ValueError(
            f"0 <= min_tasks <= max_tasks <= 2000 is needed, not {min_tasks} and {max_tasks}"
        )
    told = _ingredients(1, max_subtasks, status, cluster, tenant)
    wire = find_wire_schema(resolve_contract(contract, dialect), "listTaskInstances", 200, "data")
    valid = (
        wire.schema_values() if schema_only else _pages(told, min_tasks, max_tasks).map(wire.render)
    )
    return strategy_for_mode(
        wire, mode, valid, lambda: wire.edge_cases(valid) if schema_only else page_edges(wire, told)
    )


def task_edges(wire: WireSchema, told: TaskOptions = TaskOptions()) -> st.SearchStrategy[Edge]:  # noqa: B008 - frozen
    """Give tasks with one edge each."""
    return weighted_names(TASK_EDGES).flatmap(lambda name: _task_of(wire, TASK_EDGES[name], told))


def subtask_edges(wire: WireSchema) -> st.SearchStrategy[Edge]:
    """Give subtasks with one edge each."""
    return weighted_names(SUBTASK_EDGES).flatmap(
        lambda name: _subtask_of(wire, SUBTASK_EDGES[name])
    )


def page_edges(wire: WireSchema, told: TaskOptions = TaskOptions()) -> st.SearchStrategy[Edge]:  # noqa: B008 - frozen
    """Give pages with one edge each: of its own, or of a task on it."""
    return weighted_names([*PAGE_EDGES, *PAGE_TASK_EDGES]).flatmap(
        lambda name: _page_of(wire, name, told)
    )


def _ingredients(
    least: int, most: int, status: Selection, cluster: bool | None, tenant: bool | None
) -> TaskOptions:
    if not 1 <= least <= most:
        raise ValueError(f"1 <= min_subtasks <= max_subtasks is needed, not {least} and {most}")
    usual = TaskOptions()
    wanted = parse_members(status, ocp.TaskStatus, "status")
    statuses = tuple(one for one in usual.statuses if one in wanted)
    return replace(usual, least=least, most=most, statuses=statuses, cluster=cluster, tenant=tenant)


def _subtasks(wire: WireSchema, status: Selection) -> st.SearchStrategy[Any]:
    def of(task: ocp.Task, number: int) -> Any:
        return wire.render(ocp.subtask_detail(task.subtasks[number % len(task.subtasks)]))

    if status is None:
        return st.builds(of, task_models(), st.integers(0, 7))
    scripts = [
        options_for_status(one) for one in parse_members(status, ocp.SubtaskStatus, "status")
    ]
    return st.one_of(
        [
            task_models(replace(TaskOptions(), **changes)).map(
                lambda task, number=number: of(task, number)  # type: ignore[misc]
            )
            for changes, number in scripts
        ]
    )


def _task_of(wire: WireSchema, edge: TaskEdge, told: TaskOptions) -> st.SearchStrategy[Edge]:
    return task_models(edge.apply_to_options(told)).map(
        lambda task: Edge(
            edge.apply_to_wire(wire, wire.render(ocp.task_detail(task))), edge.edge_class.name
        )
    )


def _subtask_of(wire: WireSchema, edge: TaskEdge) -> st.SearchStrategy[Edge]:
    return task_models(edge.apply_to_options(TaskOptions())).map(
        lambda task: Edge(
            edge.apply_to_wire(
                wire, wire.render(ocp.subtask_detail(task.subtasks[edge.subtask_index]))
            ),
            edge.edge_class.name,
        )
    )


def _page_of(wire: WireSchema, name: str, told: TaskOptions) -> st.SearchStrategy[Edge]:
    if name in PAGE_TASK_EDGES:
        edge = PAGE_TASK_EDGES[name]
        pages = _pages(edge.apply_to_options(told), 1, 1)
        return pages.map(lambda page: Edge(edge.apply_to_wire(wire, wire.render(page)), name))
    return _PAGES[name](told).map(lambda page: Edge(wire.render(page), name))


def _pages(told: TaskOptions, least: int, most: int) -> st.SearchStrategy[dict[str, Any]]:
    return _paged(
        st.lists(task_models(told), min_size=least, max_size=most, unique_by=lambda task: task.id)
    )


@st.composite
def _paged(draw: st.DrawFn, contents: st.SearchStrategy[list[ocp.Task]]) -> dict[str, Any]:
    drawn = draw(contents)
    size = draw(st.integers(max(1, len(drawn)), MAX_PAGE_SIZE))
    number = draw(_NUMBERS)
    before = size * (number - 1)
    # A page that is not full is the last one; an empty one may lie past the end.
    total = before + len(drawn) if drawn else draw(st.integers(0, before))
    return _page([ocp.task_summary(task) for task in drawn], total, number, size)


def _page(contents: list[Any], total: int, number: int, size: int) -> dict[str, Any]:
    page = {"totalElements": total, "totalPages": -(-total // size), "number": number, "size": size}
    return {"contents": contents, "page": page}


def _one(told: TaskOptions) -> st.SearchStrategy[dict[str, Any]]:
    return task_models(told).map(lambda task: _page([ocp.task_summary(task)], 1, 1, 10))


def _many(told: TaskOptions) -> st.SearchStrategy[dict[str, Any]]:
    def repeated(task: ocp.Task) -> dict[str, Any]:
        summary = ocp.task_summary(task)
        contents = [{**summary, "id": number + 1} for number in range(MAX_PAGE_SIZE)]
        return _page(contents, MAX_PAGE_SIZE, 1, MAX_PAGE_SIZE)

    return task_models(replace(told, most=1, least=1)).map(repeated)


def _past(_: TaskOptions) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda total, more: _page([], total, total // 10 + 1 + more, 10),
        st.integers(1, 99),
        st.integers(1, 9),
    )


def _numbers(_: TaskOptions) -> st.SearchStrategy[dict[str, Any]]:
    return st.just(
        {
            "contents": [],
            "page": dict.fromkeys(("totalElements", "totalPages", "number", "size"), _INT32_MAX),
        }
    )


_PAGES = {
    "list-empty": lambda _: st.just(_page([], 0, 1, 10)),
    "list-one": _one,
    "list-maximum": _many,
    "page-past-the-end": _past,
    "page-numbers-maximum": _numbers,
}
