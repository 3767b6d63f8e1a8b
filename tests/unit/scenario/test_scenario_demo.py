"""The demo: something to find, to page through, to sort and to act on, for whoever tries the stub."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from scenario_builders import SHIPPED, START, disorders
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


def found(tasks: Mapping[int, Task], **params: Any) -> list[int]:
    """The ids that the list gives."""
    data = answer_query("listTaskInstances", tasks, {"size": 2000, **params}, START)
    return [task["id"] for task in data["contents"]]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_task_can_be(path: Any) -> None:
    """No contradiction, and times in order, in any task of any shipped scenario."""
    tasks = load_scenario(path).tasks_at_start(START)
    assert [(task.id, c.detail) for task in tasks.values() for c in find_contradictions(task)] == []
    assert [(task.id, what) for task in tasks.values() for what in disorders(task)] == []


def test_every_state_and_operation_occurs(tasks: Mapping[int, Task]) -> None:
    """Of tasks and of subtasks; the operation of a task is never SKIP or CANCEL."""
    subtasks = [subtask for task in tasks.values() for subtask in task.subtasks]
    assert {task.status for task in tasks.values()} == set(TaskStatus)
    assert {task.operation for task in tasks.values()} == set(Operation) - {
        Operation.SKIP,
        Operation.CANCEL,
    }
    assert {subtask.status for subtask in subtasks} == set(SubtaskStatus)
    assert {subtask.operation for subtask in subtasks} == set(Operation)


def test_about_forty_tasks_over_three_clusters(tasks: Mapping[int, Task]) -> None:
    """More than three pages of ten, with and without cluster and tenant, by both creators, of all types."""
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


def test_ids_of_every_size(tasks: Mapping[int, Task]) -> None:
    """Small ones and those above ten million, so that nobody sorts them as texts."""
    assert min(tasks) < 100
    assert max(tasks) > 10**7
    assert found(tasks, sort="id,asc") != sorted(tasks, key=str)


def test_the_documents_own_ids(tasks: Mapping[int, Task]) -> None:
    """Task 1000 is successful and has subtask 10001."""
    assert (tasks[1000].status.value, tasks[1000].name) == ("SUCCESSFUL", "Prepare host")
    assert tasks[1000].subtask(10001) is not None


def test_reinstall_ocp_agent(tasks: Mapping[int, Task]) -> None:
    """As the vendor's own sample shows it: four steps in a chain, and the second failed."""
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


def test_graphs_fork_and_join(tasks: Mapping[int, Task]) -> None:
    """In every state of a task there is one whose graph does both."""
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
def test_every_filter_finds_some(tasks: Mapping[int, Task], params: dict[str, Any]) -> None:
    """At least one task and not all, by the documents' own example values too."""
    assert 0 < len(found(tasks, **params)) < len(tasks)


@pytest.mark.parametrize("field", SORT_FIELDS)
def test_every_order_is_another(tasks: Mapping[int, Task], field: str) -> None:
    """A client that sorts by the wrong field, or not at all, is found out."""
    ascending, descending = (
        found(tasks, sort=f"{field},{direction}") for direction in ("asc", "desc")
    )
    assert ascending != descending
    assert list(tasks) not in (ascending, descending)
    if field == "startTime":  # a task starts when it is made
        assert ascending == found(tasks, sort="createTime,asc")
        return
    others = [
        found(tasks, sort=f"{other},asc")
        for other in SORT_FIELDS
        if other not in (field, "startTime")
    ]
    assert ascending not in others


def test_names_are_realistic_and_of_two_languages(tasks: Mapping[int, Task]) -> None:
    """No `Task 7`, no `foo`: names as the platform has them, some of them Chinese, some more than once."""
    names = [task.name for task in tasks.values()]
    assert not [name for name in names if name.startswith("Task ") or len(name) < 4]
    assert any(not name.isascii() for name in names)
    assert len(set(names)) < len(names)


def test_who_may_log_on() -> None:
    """A manager, a viewer and one who may do nothing; the manager signs too."""
    accounts = demo().accounts
    assert {name: sorted(account.permissions) for name, account in accounts.items()} == {
        "admin": ["TASK_MANAGER"],
        "viewer": ["TASK_VIEWER"],
        "nobody": [],
    }
    assert (accounts["admin"].access_key, accounts["admin"].secret_key) == ("demo-ak", "demo-sk")
