"""Pages of the list while tasks change: the same as those of a list that is sorted anew."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ocp_builders import START, subtask
from understudy.ocp import (
    SORT_FIELDS,
    Population,
    SortOrder,
    Task,
    TaskOverlay,
    TaskStatus,
    select_page,
)

CHANGES = st.lists(
    st.tuples(st.integers(1, 300), st.sampled_from(TaskStatus), st.sampled_from("abc")),
    min_size=1,
    max_size=200,
)
QUERIES = st.tuples(
    st.sampled_from(SORT_FIELDS), st.booleans(), st.sampled_from([None, *TaskStatus])
)


def named_task(number: int, status: TaskStatus, name: str) -> Task:
    """Build a task whose place in each order depends on its fields."""
    created = START + timedelta(seconds=number % 7)
    return Task(number, name, created, (subtask(1),), status=status)


@given(CHANGES, st.lists(QUERIES, min_size=1, max_size=4), st.integers(1, 40))
def test_pages_after_each_change(
    changes: list[tuple[int, TaskStatus, str]],
    queries: list[tuple[str, bool, TaskStatus | None]],
    size: int,
) -> None:
    """Replaced and added tasks stand where a sort of all tasks puts them."""
    start = [named_task(number, TaskStatus.FAILED, "b") for number in range(1, 200)]
    overlay = TaskOverlay(Population.of(start), {})
    for step, (number, status, name) in enumerate(changes):
        overlay = overlay.with_tasks(named_task(number, status, name))
        field, descending, only = queries[step % len(queries)]
        filters = {} if only is None else {"status": [only.value]}
        order = SortOrder(field, descending)
        fresh = TaskOverlay(Population.of(list(overlay.values())), {})
        for first in (0, size, 150):
            page, total = select_page(overlay, filters, order, first, size)
            expected, expected_total = select_page(fresh, filters, order, first, size)
            assert ([t.id for t in page], total) == ([t.id for t in expected], expected_total)
