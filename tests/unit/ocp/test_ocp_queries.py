"""List, detail and log."""

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


def one(id_: int, name: str, status: str = "SUCCESSFUL", **more: Any) -> Task:
    made = task(subtask(id_ * 10, status), id=id_, name=name, status=status, **more)
    return replace(made, create_time=START + timedelta(minutes=-id_ % 3))


TASKS = {
    t.id: t
    for t in (
        one(3, "Prepare host", cluster=META, tenant=SYS, host=HOST),
        one(1, "prepare tenant", "FAILED", cluster=META, tenant=SHOP, type="SCHEDULED"),
        one(4, "Upgrade 100%", "RUNNING", cluster=ORDERS),
        one(2, "创建租户", cluster=ORDERS, tenant=SHOP, type="SYS_SCHEDULED", creator=SYSTEM),
    )
}


def found(**params: Any) -> list[int]:
    return [
        item["id"] for item in answer_query("listTaskInstances", TASKS, params, LATER)["contents"]
    ]


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
def test_filters(params: dict[str, Any], ids: list[int]) -> None:
    """Names are found by any part in any case, without wildcards; ids exactly; all filters together."""
    assert ids == found(**params)


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
def test_sort(sort: str, ids: list[int]) -> None:
    """A field alone is ascending; ties go by ascending id; a finish time that is absent is smaller than any."""
    assert ids == found(sort=sort)


def test_sort_fields() -> None:
    """Exactly the fields that the real server knows can be sorted by."""
    assert SORT_FIELDS == ("id", "name", "status", "type", "createTime", "startTime", "finishTime")


@pytest.mark.parametrize(
    ("params", "kind", "told"),
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
def test_bad_parameters(params: dict[str, Any], kind: ErrorKind, told: str) -> None:
    """What cannot be sorted or paged by is refused with the name of what is wrong."""
    with pytest.raises(OcpError) as caught:
        found(**params)
    assert (kind, (told,)) == (caught.value.kind, caught.value.params)


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
def test_pages(params: dict[str, Any], ids: list[int], page: tuple[int, int, int, int]) -> None:
    """Pages count from 1, ten to a page; a page past the end is empty."""
    data = answer_query("listTaskInstances", TASKS, params, LATER)
    assert ids == [item["id"] for item in data["contents"]]
    names = ("totalElements", "totalPages", "number", "size")
    assert dict(zip(names, page, strict=True)) == data["page"]


def test_list_and_detail_agree() -> None:
    """Every field of the list has the same value in the detail."""
    for item in answer_query("listTaskInstances", TASKS, {}, LATER)["contents"]:
        detail = answer_query("getTaskInstance", TASKS, {"taskInstanceId": item["id"]}, LATER)
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
def test_missing(operation: str, params: dict[str, Any], missing: str) -> None:
    """What does not exist is told by its id; a subtask of another task does not exist."""
    with pytest.raises(OcpError) as caught:
        answer_query(operation, TASKS, params, LATER)
    assert (ErrorKind.TASK_NOT_FOUND, (missing,)) == (caught.value.kind, caught.value.params)
