"""Tasks in responses: canonical names, and which fields are left out."""

from typing import Any

from ocp_builders import START, subtask, task
from understudy.ocp import Cluster, Tenant, subtask_detail, task_detail, task_summary

FULL = task(
    subtask(13, "SUCCESSFUL", upstreams=(), downstreams=(11,)),
    subtask(11, "FAILED", upstreams=(13,), downstreams=()),
    cluster=Cluster(100, "meta", 1),
    tenant=Tenant(101, "SYS", 7),
)


def test_fields_of_a_list_entry() -> None:
    """A list entry has exactly the documented fields, in the documents' order."""
    expected = [
        "id",
        "name",
        "cluster",
        "tenant",
        "creator",
        "status",
        "startTime",
        "finishTime",
        "subtasks",
    ]
    assert expected == list(task_summary(FULL))
    assert task_summary(FULL)["cluster"] == {
        "id": 100,
        "name": "meta",
        "obClusterId": 1,
        "type": "PRIMARY",
    }
    assert task_summary(FULL)["tenant"] == {
        "id": 101,
        "name": "SYS",
        "obTenantId": 7,
        "mode": "MYSQL",
    }
    assert task_summary(FULL)["creator"] == {"id": 100, "name": "admin"}
    summary: Any = task_summary(FULL)
    assert list(summary["subtasks"][0]) == [
        "id",
        "name",
        "description",
        "status",
        "operation",
    ]


def test_fields_of_a_task() -> None:
    """A task has exactly the documented fields, in the documents' order."""
    expected = (
        "id name taskDefinitionId cluster tenant creator status type operation executor "
        "prohibitRollback subtasks createTime startTime finishTime"
    )
    assert expected.split() == list(task_detail(FULL))


def test_fields_of_a_subtask() -> None:
    """A subtask has exactly the documented fields; its description repeats its name."""
    expected = (
        "id name seriesId description timeout status operation executor runTime nodeType "
        "parallelIdx upstreams downstreams prohibitRollback createTime startTime finishTime"
    )
    shown = subtask_detail(FULL.subtasks[1])
    assert expected.split() == list(shown)
    assert (
        shown["description"],
        shown["nodeType"],
        shown["parallelIdx"],
        shown["upstreams"],
        shown["downstreams"],
    ) == ("Step 11", "JAVA_TASK", -1, [13], [])


def test_absent_values_are_left_out() -> None:
    """A running task without a cluster has no `cluster`, `tenant` and `finishTime`.

    Null is never sent.
    """
    shown = task_detail(task(subtask(1), status="RUNNING"))
    assert not {"cluster", "tenant", "finishTime"} & shown.keys()
    assert not {"executor", "startTime", "finishTime"} & shown["subtasks"][0].keys()
    assert None not in [*shown.values(), *shown["subtasks"][0].values()]


def test_subtasks_are_sorted_by_id() -> None:
    """Responses sort subtasks by id, whatever the graph."""
    assert [s["id"] for s in task_detail(FULL)["subtasks"]] == [11, 13]
    assert [s["id"] for s in task_summary(FULL)["subtasks"]] == [11, 13]


def test_prohibit_rollback_is_computed() -> None:
    """`prohibitRollback` of a task is true when an executed subtask declares it."""
    assert task_detail(task(subtask(1, "FAILED", prohibit_rollback=True)))["prohibitRollback"]


def test_times_have_an_offset() -> None:
    """Times are written with their offset from UTC."""
    assert START.isoformat() == task_detail(FULL)["createTime"]
