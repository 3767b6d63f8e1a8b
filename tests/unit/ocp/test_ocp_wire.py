"""What the wire shows of a task, in canonical names, and what it leaves out."""

from ocp_builders import START, subtask, task
from understudy.ocp import Cluster, Tenant, subtask_detail, task_detail, task_summary

FULL = task(
    subtask(13, "SUCCESSFUL", upstreams=(), downstreams=(11,)),
    subtask(11, "FAILED", upstreams=(13,), downstreams=()),
    cluster=Cluster(100, "meta", 1),
    tenant=Tenant(101, "SYS", 7),
)


def test_summary() -> None:
    """A list item has exactly the documented fields, in the documents' order."""
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
    assert list(task_summary(FULL)["subtasks"][0]) == [
        "id",
        "name",
        "description",
        "status",
        "operation",
    ]


def test_detail() -> None:
    """A task in detail has exactly the documented fields, in the documents' order."""
    expected = (
        "id name taskDefinitionId cluster tenant creator status type operation executor prohibitRollback subtasks "
        "createTime startTime finishTime"
    )
    assert expected.split() == list(task_detail(FULL))


def test_subtask() -> None:
    """A subtask has exactly the documented fields; its description repeats its name."""
    expected = (
        "id name seriesId description timeout status operation executor runTime nodeType parallelIdx upstreams "
        "downstreams prohibitRollback createTime startTime finishTime"
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
    """A task of no cluster, that runs, has no `cluster`, `tenant`, `finishTime`; nor is null ever sent."""
    shown = task_detail(task(subtask(1), status="RUNNING"))
    assert not {"cluster", "tenant", "finishTime"} & shown.keys()
    assert not {"executor", "startTime", "finishTime"} & shown["subtasks"][0].keys()
    assert None not in [*shown.values(), *shown["subtasks"][0].values()]


def test_subtasks_are_not_in_the_order_of_the_graph() -> None:
    """The wire orders subtasks by id, whatever the graph says."""
    assert [s["id"] for s in task_detail(FULL)["subtasks"]] == [11, 13]
    assert [s["id"] for s in task_summary(FULL)["subtasks"]] == [11, 13]


def test_prohibition_is_that_of_the_moment() -> None:
    """`prohibitRollback` of a task is true when a subtask that has run declares it."""
    assert task_detail(task(subtask(1, "FAILED", prohibit_rollback=True)))["prohibitRollback"]


def test_times() -> None:
    """Times are written with their offset."""
    assert START.isoformat() == task_detail(FULL)["createTime"]
