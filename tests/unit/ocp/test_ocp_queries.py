"""The queries: list, detail and log."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ocp_builders import LATER, START, subtask, task
from understudy.ocp import (
    SORT_FIELDS,
    SYSTEM,
    Cluster,
    ErrorKind,
    Host,
    OcpError,
    Task,
    Tenant,
    answer_query,
)

META = Cluster(100, "meta", 1)
ORDERS = Cluster(101, "Orders", 2)
SYS = Tenant(100, "SYS", 1)
SHOP = Tenant(102, "shop", 1002)
HOST = Host(100, "db-01", "10.0.0.11")


def build_task(id_: int, name: str, status: str = "SUCCESSFUL", **more: Any) -> Task:
    built = task(subtask(id_ * 10, status), id=id_, name=name, status=status, **more)
    return replace(built, create_time=START + timedelta(minutes=-id_ % 3))


TASKS = {
    t.id: t
    for t in (
        build_task(3, "Prepare host", cluster=META, tenant=SYS, host=HOST),
        build_task(1, "prepare tenant", "FAILED", cluster=META, tenant=SHOP, type="SCHEDULED"),
        build_task(4, "Upgrade 100%", "RUNNING", cluster=ORDERS),
        build_task(
            2, "创建租户", cluster=ORDERS, tenant=SHOP, type="SYS_SCHEDULED", creator=SYSTEM
        ),
    )
}


def list_ids(**params: Any) -> list[int]:
    page: Any = answer_query("listTaskInstances", TASKS, params, LATER)
    return [item["id"] for item in page["contents"]]


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        ({}, [4, 3, 2, 1]),
        ({"name": "PREPARE"}, [3, 1]),
        ({"name": "%"}, [4]),
        ({"name": ".*"}, []),
        ({"name": "租户"}, [2]),
        ({"name": ""}, [4, 3, 2, 1]),
        ({"status": ["RUNNING", "FAILED"]}, [4, 1]),
        ({"status": ["SUCCESSFUL"]}, [3, 2]),
        ({"status": []}, [4, 3, 2, 1]),
        ({"type": "MANUAL"}, [4, 3]),
        ({"clusterName": "ORD"}, [4, 2]),
        ({"clusterId": 100}, [3, 1]),
        ({"clusterId": 1}, []),
        ({"tenantName": "sy"}, [3]),
        ({"tenantId": 102}, [2, 1]),
        ({"hostId": 100}, [3]),
        ({"hostId": 101}, []),
        ({"clusterId": 100, "tenantId": 102, "status": ["FAILED"]}, [1]),
        ({"name": None, "status": None}, [4, 3, 2, 1]),
    ],
)
def test_filters_of_the_list(params: dict[str, Any], ids: list[int]) -> None:
    """Names match any part in any case, without wildcards; ids match exactly; filters combine."""
    assert ids == list_ids(**params)


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("id", [1, 2, 3, 4]),
        ("id,asc", [1, 2, 3, 4]),
        ("id,desc", [4, 3, 2, 1]),
        ("name,asc", [3, 4, 1, 2]),
        ("status,asc", [1, 4, 2, 3]),
        ("status,desc", [2, 3, 4, 1]),
        ("type,asc", [3, 4, 1, 2]),
        ("createTime", [3, 2, 1, 4]),
        ("startTime,desc", [1, 4, 2, 3]),
        ("finishTime,asc", [4, 1, 2, 3]),
        ("finishTime,desc", [1, 2, 3, 4]),
    ],
)
def test_order_of_the_list(sort: str, ids: list[int]) -> None:
    """A field alone is ascending.

    Ties go by ascending id; an absent finish time is smaller than any other.
    """
    assert ids == list_ids(sort=sort)


def test_sort_fields() -> None:
    """The sort fields are exactly those of the real server."""
    assert SORT_FIELDS == ("id", "name", "status", "type", "createTime", "startTime", "finishTime")


@pytest.mark.parametrize(
    ("params", "kind", "parameter"),
    [
        ({"sort": "creator,asc"}, ErrorKind.UNKNOWN_SORT_FIELD, "creator"),
        ({"sort": "ID,asc"}, ErrorKind.UNKNOWN_SORT_FIELD, "ID"),
        ({"sort": "id,up"}, ErrorKind.ILLEGAL_VALUE, "sort"),
        ({"sort": "id,"}, ErrorKind.ILLEGAL_VALUE, "sort"),
        ({"sort": "id,asc,name"}, ErrorKind.ILLEGAL_VALUE, "sort"),
        ({"page": 0}, ErrorKind.ILLEGAL_VALUE, "page"),
        ({"size": 0}, ErrorKind.ILLEGAL_VALUE, "size"),
        ({"size": "ten"}, ErrorKind.ILLEGAL_VALUE, "size"),
    ],
)
def test_invalid_paging_and_sort_are_rejected(
    params: dict[str, Any], kind: ErrorKind, parameter: str
) -> None:
    """The error has the name of the invalid parameter."""
    with pytest.raises(OcpError) as caught:
        list_ids(**params)
    assert (kind, (parameter,)) == (caught.value.kind, caught.value.params)


@pytest.mark.parametrize(
    ("params", "ids", "page"),
    [
        ({}, [4, 3, 2, 1], (4, 1, 1, 10)),
        ({"size": 3}, [4, 3, 2], (4, 2, 1, 3)),
        ({"size": 3, "page": 2}, [1], (4, 2, 2, 3)),
        ({"size": 3, "page": 3}, [], (4, 2, 3, 3)),
        ({"name": "nothing"}, [], (0, 0, 1, 10)),
    ],
)
def test_pages_of_the_list(
    params: dict[str, Any], ids: list[int], page: tuple[int, int, int, int]
) -> None:
    """Pages count from 1 and have ten tasks by default; a page past the end is empty."""
    data = answer_query("listTaskInstances", TASKS, params, LATER)
    assert ids == [item["id"] for item in data["contents"]]
    names = ("totalElements", "totalPages", "number", "size")
    assert dict(zip(names, page, strict=True)) == data["page"]


def test_list_and_detail_agree() -> None:
    """Every field of the list has the same value in the detail."""
    page: Any = answer_query("listTaskInstances", TASKS, {}, LATER)
    for item in page["contents"]:
        detail: Any = answer_query("getTaskInstance", TASKS, {"taskInstanceId": item["id"]}, LATER)
        for name, value in item.items():
            if name != "subtasks":
                assert value == detail[name]
        pairs = zip(item["subtasks"], detail["subtasks"], strict=True)
        assert all(brief.items() <= full.items() for brief, full in pairs)


@pytest.mark.parametrize(
    ("operation", "params", "missing"),
    [
        ("getTaskInstance", {"taskInstanceId": 99}, "99"),
        ("getSubtaskLog", {"taskInstanceId": 99, "subtaskInstanceId": 10}, "99"),
        ("getSubtaskLog", {"taskInstanceId": 1, "subtaskInstanceId": 20}, "20"),
    ],
)
def test_missing_ids_are_reported(operation: str, params: dict[str, Any], missing: str) -> None:
    """The error has the missing id; a subtask of another task is missing, too."""
    with pytest.raises(OcpError) as caught:
        answer_query(operation, TASKS, params, LATER)
    assert (ErrorKind.TASK_NOT_FOUND, (missing,)) == (caught.value.kind, caught.value.params)
