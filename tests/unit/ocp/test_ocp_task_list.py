"""Pages of the list after many changes: equal to those of a list that is sorted anew."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ocp_builders import LATER, START, subtask, task
from understudy.ocp import (
    SORT_FIELDS,
    Population,
    Task,
    TaskOverlay,
    TaskStatus,
    answer_query,
    is_list_at_hand,
)

STATUSES = ("RUNNING", "FAILED", "SUCCESSFUL")


def build_task(id_: int, status: str, minute: int = 0, name: str = "Restart") -> Task:
    built = task(subtask(id_ * 10, status), id=id_, name=name, status=status)
    return replace(built, create_time=START + timedelta(minutes=minute))


POPULATION = Population.of(
    [build_task(id_, STATUSES[id_ % 3], id_ % 4, f"Job {id_ % 5}") for id_ in range(10, 40, 2)]
)

tasks = st.builds(
    build_task,
    st.integers(8, 42),
    st.sampled_from(STATUSES),
    st.integers(0, 4),
    st.sampled_from(["Job 1", "Restart", "Backup"]),
)
queries = st.fixed_dictionaries(
    {
        "sort": st.sampled_from(
            [f"{field},{way}" for field in SORT_FIELDS for way in ("asc", "desc")]
        ),
        "page": st.integers(1, 5),
        "size": st.integers(1, 12),
    },
    optional={
        "status": st.lists(st.sampled_from(STATUSES), min_size=1, max_size=2, unique=True),
        "name": st.sampled_from(["job", "start"]),
    },
)


@given(st.lists(st.one_of(st.lists(tasks, min_size=1, max_size=3), queries), max_size=30))
def test_a_page_is_that_of_the_same_tasks_sorted_anew(
    steps: list[list[Task] | dict[str, Any]],
) -> None:
    overlay = TaskOverlay(POPULATION, {})
    for step in steps:
        if isinstance(step, list):
            overlay = overlay.with_tasks(*step)
            continue
        anew = TaskOverlay.of({id_: overlay[id_] for id_ in overlay})
        page = answer_query("listTaskInstances", overlay, step, LATER)
        assert page == answer_query("listTaskInstances", anew, step, LATER)


def test_a_list_is_at_hand_after_few_changes() -> None:
    overlay = TaskOverlay(POPULATION, {})
    running = {"status": [TaskStatus.RUNNING.value]}
    assert not is_list_at_hand(overlay, running)
    answer_query("listTaskInstances", overlay, running, LATER)
    assert is_list_at_hand(overlay, {**running, "page": 3})
    for _ in range(60):
        overlay = overlay.with_tasks(build_task(12, "RUNNING"))
    assert is_list_at_hand(overlay, running)
    assert not is_list_at_hand(overlay, {})


def test_a_list_is_not_at_hand_after_many_changes() -> None:
    overlay = TaskOverlay(POPULATION, {})
    answer_query("listTaskInstances", overlay, {}, LATER)
    for id_ in range(100, 165):
        overlay = overlay.with_tasks(build_task(id_, "RUNNING"))
    assert not is_list_at_hand(overlay, {})
