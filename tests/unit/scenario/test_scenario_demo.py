"""The demo: tasks to find, to page through, to sort and to act on."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from scenario_builders import SHIPPED, START, list_disorders
from understudy.ocp import (
    SORT_FIELDS,
    Operation,
    SubtaskStatus,
    Task,
    TaskStatus,
    answer_query,
    find_contradictions,
)
from understudy.scenario import Scenario, find_scenario, load_scenario


@cache
def demo() -> Scenario:
    """The demo, loaded once."""
    return load_scenario(find_scenario("demo"))


@pytest.fixture(name="tasks")
def tasks_fixture() -> Mapping[int, Task]:
    """Its tasks when the clock starts."""
    return demo().tasks_at_start(START)


def list_ids(tasks: Mapping[int, Task], **params: Any) -> list[int]:
    """The ids that the list gives."""
    data: Any = answer_query("listTaskInstances", tasks, {"size": 2000, **params}, START)
    return [task["id"] for task in data["contents"]]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_tasks_are_possible(path: Any) -> None:
    """No task has a contradiction or times out of order."""
    tasks = load_scenario(path).tasks_at_start(START)
    assert [(task.id, c.detail) for task in tasks.values() for c in find_contradictions(task)] == []
    assert [
        (task.id, disorder) for task in tasks.values() for disorder in list_disorders(task)
    ] == []


def test_demo_has_every_state_and_operation(tasks: Mapping[int, Task]) -> None:
    """The operation of a task is never SKIP or CANCEL."""
    subtasks = [subtask for task in tasks.values() for subtask in task.subtasks]
    assert {task.status for task in tasks.values()} == set(TaskStatus)
    assert {task.operation for task in tasks.values()} == set(Operation) - {
        Operation.SKIP,
        Operation.CANCEL,
    }
    assert {subtask.status for subtask in subtasks} == set(SubtaskStatus)
    assert {subtask.operation for subtask in subtasks} == set(Operation)


def test_demo_has_forty_tasks_in_three_clusters(tasks: Mapping[int, Task]) -> None:
    """They have more than three pages, both creators and all types; some have no cluster or tenant."""
    page = answer_query("listTaskInstances", tasks, {}, START)["page"]
    assert 35 <= page["totalElements"] <= 50
    assert page["totalPages"] > 3
    assert len({task.cluster.name for task in tasks.values() if task.cluster}) == 3
    assert any(task.cluster is None and task.tenant is None for task in tasks.values())
    assert any(task.cluster is not None and task.tenant is None for task in tasks.values())
    assert {task.creator.name for task in tasks.values()} >= {"admin", "system"}
    assert {task.type for task in tasks.values()} == {
        "MANUAL",
        "SYS_ONECE",
        "SCHEDULED",
        "SYS_SCHEDULED",
    }


def test_demo_has_ids_of_different_lengths(tasks: Mapping[int, Task]) -> None:
    """A client that sorts ids as texts sorts them wrongly."""
    assert min(tasks) < 100
    assert max(tasks) > 10**7
    assert list_ids(tasks, sort="id,asc") != sorted(tasks, key=str)


def test_demo_has_the_ids_of_the_documents(tasks: Mapping[int, Task]) -> None:
    """Task 1000 is successful and has subtask 10001."""
    assert (tasks[1000].status.value, tasks[1000].name) == ("SUCCESSFUL", "Prepare host")
    assert tasks[1000].subtask(10001) is not None


def test_demo_has_the_vendors_sample_task(tasks: Mapping[int, Task]) -> None:
    """It has four steps in a chain, and the second failed."""
    task = tasks[35000312]
    assert (task.name, task.status.value, task.operation.value) == (
        "Reinstall OCP agent",
        "FAILED",
        "EXECUTE",
    )
    assert [(s.id, s.name, s.timeout_s, s.status.value, s.upstreams) for s in task.subtasks] == [
        (13000335, "Prepare reinstalling OCP agent", 60, "SUCCESSFUL", ()),
        (13000333, "Uninstall ocp agent", 1800, "FAILED", (13000335,)),
        (13000336, "Install ocp agent", 5400, "PENDING", (13000333,)),
        (13000334, "Finish reinstalling OCP agent", 60, "PENDING", (13000336,)),
    ]


def test_demo_has_forks_and_joins_in_every_status(tasks: Mapping[int, Task]) -> None:
    """Each status of a task has a graph with both."""
    forked = {
        task.status
        for task in tasks.values()
        if any(len(s.downstreams) > 1 for s in task.subtasks)
        and any(len(s.upstreams) > 1 for s in task.subtasks)
    }
    assert forked == set(TaskStatus)


@pytest.mark.parametrize(
    "params",
    [
        {"name": "Prepare host"},
        {"name": "prepare"},
        {"name": "租户"},
        {"status": ["RUNNING"]},
        {"status": ["FAILED"]},
        {"status": ["SUCCESSFUL"]},
        {"status": ["RUNNING", "FAILED"]},
        {"type": "MANUAL"},
        {"type": "SYS_ONECE"},
        {"type": "SCHEDULED"},
        {"type": "SYS_SCHEDULED"},
        {"clusterName": "meta"},
        {"clusterId": 100},
        {"clusterId": 100, "tenantName": "SYS"},
        {"tenantName": "SYS"},
        {"tenantId": 100},
        {"hostId": 100},
        {
            "name": "Prepare host",
            "clusterName": "meta",
            "tenantName": "SYS",
            "tenantId": 100,
            "hostId": 100,
        },
    ],
    ids=str,
)
def test_every_filter_selects_some_tasks(tasks: Mapping[int, Task], params: dict[str, Any]) -> None:
    """Each filter selects at least one task and not all, with the documents' example values too."""
    assert 0 < len(list_ids(tasks, **params)) < len(tasks)


@pytest.mark.parametrize("field", SORT_FIELDS)
def test_every_sort_field_gives_its_own_order(tasks: Mapping[int, Task], field: str) -> None:
    """A client that sorts by the wrong field, or not at all, can be detected."""
    ascending, descending = (
        list_ids(tasks, sort=f"{field},{direction}") for direction in ("asc", "desc")
    )
    assert ascending != descending
    assert list(tasks) not in (ascending, descending)
    if field == "startTime":  # a task starts when it is made
        assert ascending == list_ids(tasks, sort="createTime,asc")
        return
    others = [
        list_ids(tasks, sort=f"{sort_field},asc")
        for sort_field in SORT_FIELDS
        if sort_field not in (field, "startTime")
    ]
    assert ascending not in others


def test_demo_names_are_realistic(tasks: Mapping[int, Task]) -> None:
    """There are no placeholders; some names are Chinese, and some occur more than once."""
    names = [task.name for task in tasks.values()]
    assert not [name for name in names if name.startswith("Task ") or len(name) < 4]
    assert any(not name.isascii() for name in names)
    assert len(set(names)) < len(names)


def test_demo_accounts() -> None:
    """There are a manager who can sign, a viewer, and an account without permissions."""
    accounts = demo().accounts
    assert {name: sorted(account.permissions) for name, account in accounts.items()} == {
        "admin": ["TASK_MANAGER"],
        "viewer": ["TASK_VIEWER"],
        "nobody": [],
    }
    assert (accounts["admin"].access_key, accounts["admin"].secret_key) == ("demo-ak", "demo-sk")
