"""Pages of tasks that obey the domain, as `listTaskInstances` responds with them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from understudy import ocp
from understudy.contract import Contract
from understudy.strategies.ocp.edge_tasks import (
    PAGE_EDGES,
    PAGE_TASK_EDGES,
    TaskEdge,
    weighted_names,
)
from understudy.strategies.ocp.played_tasks import task_models
from understudy.strategies.ocp.task_options import ANY_TASK, TaskOptions
from understudy.strategies.ocp.task_payloads import build_task_options, find_data_schema
from understudy.strategies.ocp.wire_schemas import WireSchema, strategy_for_mode
from understudy.strategies.schema.general_edges import Edge
from understudy.strategies.strategy_options import Mode, Selection, check_mode, check_range

MAX_PAGE_SIZE = 2000
"""Source: the contract's maximum of `size` of listTaskInstances."""
_INT32_MAX = 2**31 - 1
_PAGE_NUMBERS = st.integers(1, 1000)
Page = dict[str, Any]
"""Canonical data of a page: `contents` and `page`, which has its numbers."""


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
    """Return pages: the value of `data` in a response of `listTaskInstances`.

    A page is an object of `contents` and `page`. The numbers of the page agree with one another and
    with the contents; a page that is not full is the last one. The other options are those of
    `tasks`.
    """
    check_mode(mode)
    check_range("tasks", min_tasks, max_tasks, floor=0, ceiling=MAX_PAGE_SIZE)
    options = build_task_options(1, max_subtasks, status, cluster, tenant)
    wire = find_data_schema("listTaskInstances", contract, dialect)
    valid: st.SearchStrategy[Any]
    if schema_only:
        valid = wire.schema_values()
    else:
        valid = _pages(options, min_tasks, max_tasks).map(wire.render)

    def edges() -> st.SearchStrategy[Edge]:
        """Return pages with an edge of the domain, or with one that only the schema knows."""
        if schema_only:
            return wire.edge_cases(valid)
        return page_edges(wire, options)

    return strategy_for_mode(wire, mode, valid, edges)


def page_edges(wire: WireSchema, options: TaskOptions = ANY_TASK) -> st.SearchStrategy[Edge]:
    """Return pages that show one class each: of their own, or of a task on them."""

    def draw_class(name: str) -> st.SearchStrategy[Edge]:
        """Return pages that show one class."""
        if name in PAGE_TASK_EDGES:
            return _pages_with_task_edge(wire, PAGE_TASK_EDGES[name], options)
        return _PAGES[name](options).map(lambda page: Edge(wire.render(page), name))

    return weighted_names([*PAGE_EDGES, *PAGE_TASK_EDGES]).flatmap(draw_class)


def _pages(options: TaskOptions, min_tasks: int, max_tasks: int) -> st.SearchStrategy[Page]:
    """Return pages of drawn tasks, whose ids are distinct."""
    contents = st.lists(
        task_models(options), min_size=min_tasks, max_size=max_tasks, unique_by=lambda task: task.id
    )
    return _draw_page(contents)


@st.composite
def _draw_page(draw: st.DrawFn, contents: st.SearchStrategy[list[ocp.Task]]) -> Page:
    """Draw the numbers of a page that agree with its tasks."""
    drawn = draw(contents)
    size = draw(st.integers(max(1, len(drawn)), MAX_PAGE_SIZE))
    number = draw(_PAGE_NUMBERS)
    before = size * (number - 1)
    # A page that is not full is the last one; an empty one may lie past the end.
    total = before + len(drawn) if drawn else draw(st.integers(0, before))
    return _build_page([ocp.task_summary(task) for task in drawn], total, number, size)


def _build_page(contents: list[Any], total: int, number: int, size: int) -> Page:
    """Return a page: `contents`, and `page` with its numbers."""
    page = {
        "totalElements": total,
        "totalPages": -(-total // size),  # rounded up
        "number": number,
        "size": size,
    }
    return {"contents": contents, "page": page}


def _pages_with_task_edge(
    wire: WireSchema, edge: TaskEdge, options: TaskOptions
) -> st.SearchStrategy[Edge]:
    """Return pages of one task that shows a class."""

    def build(page: Page) -> Edge:
        """Return a page with its class."""
        return Edge(edge.apply_to_wire(wire, wire.render(page)), edge.edge_class.name)

    return _pages(edge.apply_to_options(options), 1, 1).map(build)


def _empty_pages(_: TaskOptions) -> st.SearchStrategy[Page]:
    """Return the first page when there are no tasks."""
    return st.just(_build_page([], 0, 1, 10))


def _pages_of_one(options: TaskOptions) -> st.SearchStrategy[Page]:
    """Return the first page when there is one task."""
    return task_models(options).map(lambda task: _build_page([ocp.task_summary(task)], 1, 1, 10))


def _largest_pages(options: TaskOptions) -> st.SearchStrategy[Page]:
    """Return pages of one task again and again, with other ids: to draw so many would take long."""

    def repeat(task: ocp.Task) -> Page:
        """Return a page of copies of one task."""
        summary = ocp.task_summary(task)
        contents = [{**summary, "id": number + 1} for number in range(MAX_PAGE_SIZE)]
        return _build_page(contents, MAX_PAGE_SIZE, 1, MAX_PAGE_SIZE)

    return task_models(replace(options, max_subtasks=1, min_subtasks=1)).map(repeat)


def _pages_past_the_end(_: TaskOptions) -> st.SearchStrategy[Page]:
    """Return a page whose number is greater than the number of pages."""

    def build(total: int, pages_after: int) -> Page:
        """Return an empty page after all others."""
        return _build_page([], total, total // 10 + 1 + pages_after, 10)

    return st.builds(build, st.integers(1, 99), st.integers(1, 9))


def _pages_of_greatest_numbers(_: TaskOptions) -> st.SearchStrategy[Page]:
    """Return a page whose numbers are all the greatest of 32 bits."""
    numbers = dict.fromkeys(("totalElements", "totalPages", "number", "size"), _INT32_MAX)
    return st.just({"contents": [], "page": numbers})


_PAGES: Mapping[str, Callable[[TaskOptions], st.SearchStrategy[Page]]] = {
    "list-empty": _empty_pages,
    "list-one": _pages_of_one,
    "list-maximum": _largest_pages,
    "page-past-the-end": _pages_past_the_end,
    "page-numbers-maximum": _pages_of_greatest_numbers,
}
"""By class of PAGE_EDGES."""
