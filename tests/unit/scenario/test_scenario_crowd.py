"""The generated tasks of a scenario: determined by the seed, and as consistent as tasks of a file."""

from typing import Any

import pytest

from scenario_builders import START, problem, scenario
from understudy.ocp import (
    ADMIN,
    ORIGIN,
    SYSTEM,
    Population,
    TaskStatus,
    build_index_entry,
    find_contradictions,
    task_detail,
)
from understudy.scenario.crowd import Crowd

NAMED: dict[str, Any] = {
    "clusters": {"a": {"id": 5}, "b": {"id": 6}},
    "tenants": {"t": {"id": 7}},
    "hosts": {"h": {"id": 8}},
}


def population(count: int = 300, **more: object) -> Population:
    crowd = Crowd(count, **more)  # type: ignore[arg-type]
    return Population(
        crowd.list_index_entries(ORIGIN), lambda task_id: crowd.build_task(task_id, ORIGIN)
    )


def test_index_entries_agree_with_the_tasks() -> None:
    """The list filters and sorts by entries, which are those of the built tasks."""
    tasks = population(first_id=1000)
    assert [build_index_entry(task) for task in tasks.values()] == tasks.entries


def test_generated_tasks_are_possible() -> None:
    """All their events are before the clock's start."""
    for task in population().values():
        assert list(find_contradictions(task)) == []
        assert task.finish_time is None or task.create_time < task.finish_time <= ORIGIN


def test_seed_determines_the_tasks() -> None:
    """The same seed gives the same tasks, and another seed gives others."""
    same, again, different = population(seed=3), population(seed=3), population(seed=4)
    assert [task_detail(task) for task in same.values()] == [
        task_detail(task) for task in again.values()
    ]
    assert [head.name for head in same.entries] != [head.name for head in different.entries]


@pytest.mark.parametrize(
    ("running", "failed", "seen"),
    [
        (0.0, 0.0, {"SUCCESSFUL"}),
        (1.0, 0.0, {"RUNNING"}),
        (0.0, 1.0, {"FAILED"}),
        (0.3, 0.3, set(TaskStatus.__members__)),
    ],
)
def test_shares_determine_the_statuses(running: float, failed: float, seen: set[str]) -> None:
    """The shares may select no task, all tasks, or some of them."""
    heads = population(running=running, failed=failed).entries
    assert {head.status.value for head in heads} == seen
    count = sum(head.status is TaskStatus.RUNNING for head in heads)
    assert abs(count - running * 300) <= 30


def test_manual_tasks_are_created_by_admin() -> None:
    """All others are created by system."""
    tasks = population().values()
    assert {(task.type == "MANUAL", task.creator) for task in tasks} == {
        (True, ADMIN),
        (False, SYSTEM),
    }


def test_generated_tasks_use_the_declared_names() -> None:
    """Each task has a declared cluster and host; about half have a tenant."""
    platform = scenario({"id": 9}, crowd={"count": 200}, **NAMED).build_task_store(START)
    tasks = [task for task in platform.tasks.values() if task.id != 9]
    assert {task.cluster.id for task in tasks if task.cluster} == {5, 6}
    assert {task.host.id for task in tasks if task.host} == {8}
    assert 50 < sum(task.tenant is not None for task in tasks) < 150
    assert [task.id for task in tasks] == list(range(10, 210))


def test_running_tasks_do_not_change_without_a_command() -> None:
    """They are the same after a year."""
    platform = scenario(crowd={"count": 50, "running": "100%", "failed": "0%"}).build_task_store(
        START
    )
    later = platform.advance(platform.time_mapping.to_task_time(START.replace(year=START.year + 1)))
    assert later is platform


@pytest.mark.parametrize(
    ("crowd", "message"),
    [
        (
            "{count: 5, firstId: 1}",
            "3:14 duplicate-id: the task id 3 is an id of the crowd (1 to 5).",
        ),
        (
            "{count: 1, running: 60%, failed: 41%}",
            "2:8 bad-value: more than 100% of the crowd are running or failed.",
        ),
        (
            "{count: 2, firstId: 9223372036854775807}",
            "2:8 bad-value: the ids of the crowd end at 9223372036854775808.",
        ),
        (
            "{count: 1, running: 5}",
            '2:28 bad-value: "running" is the number 5. Expected a share such as 5% or 12.5%.',
        ),
        (
            "{count: 100001}",
            '2:16 bad-value: "count" is the number 100001. Expected at most 100000.',
        ),
        ("{}", '2:8 missing-key: missing key "count". Expected count: ….'),
    ],
)
def test_crowd_problems_are_reported(crowd: str, message: str) -> None:
    """Each problem has its place."""
    reported = problem(f"understudy: 1\ncrowd: {crowd}\ntasks: [{{id: 3}}]\n")
    assert reported.startswith(message)


@pytest.mark.parametrize("window", ["0s", "0ms"])
def test_empty_throttle_window_is_reported(window: str) -> None:
    """A window of no time would never end."""
    message = problem(f"understudy: 1\nthrottle: {{limit: 1, window: {window}}}\n")
    assert message.startswith("2:30 bad-time: the window of a throttle must not be empty.")
