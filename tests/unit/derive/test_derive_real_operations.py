"""The real document: its operations and their parameters."""

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from derive_builders import LINES, NAME, REAL, derive_text, operations, parameters
from understudy.source import dump_yaml

CONTRACT = derive_text(REAL, NAME).contract
INSTANCE = "/api/v2/tasks/instances/{taskInstanceId}"
SUBTASK = f"{INSTANCE}/subtasks/{{subtaskInstanceId}}"

OPERATIONS = [
    (
        "listTaskInstances",
        "get",
        "/api/v2/tasks/instances",
        14,
        "任务管理",
        "查询任务列表",
        "TASK_VIEWER",
    ),
    ("getTaskInstance", "get", INSTANCE, 106, "任务管理", "查询任务详情", "TASK_VIEWER"),
    ("rollbackTask", "post", f"{INSTANCE}/rollback", 171, "任务管理", "回滚任务", "TASK_MANAGER"),
    ("retryTask", "post", f"{INSTANCE}/retry", 187, "任务管理", "重试任务", "TASK_MANAGER"),
    ("cancelSubtask", "post", f"{SUBTASK}/cancel", 205, "子任务操作", "取消子任务", "TASK_MANAGER"),
    ("retrySubtask", "post", f"{SUBTASK}/retry", 230, "子任务操作", "重试子任务", "TASK_MANAGER"),
    ("skipSubtask", "post", f"{SUBTASK}/skip", 258, "子任务操作", "跳过子任务", "TASK_MANAGER"),
    ("getSubtaskLog", "get", f"{SUBTASK}/log", 275, "子任务操作", "查询子任务日志", "TASK_VIEWER"),
]

DESCRIPTIONS = {
    "listTaskInstances": "根据过滤条件查询任务实例列表。",
    "getTaskInstance": "获取指定任务实例的详细信息。",
    "rollbackTask": "从所有失败子任务开始回滚。",
    "retryTask": "重试任务的所有失败子任务。",
    "cancelSubtask": "取消执行中的子任务，标记为失败。",
    "retrySubtask": "重新执行失败的子任务。",
    "skipSubtask": "跳过失败的子任务，标记为成功。",
    "getSubtaskLog": "获取子任务执行日志。",
}

TEXT, LONG, INTEGER = (
    {"type": "string"},
    {"type": "integer", "format": "int64"},
    {"type": "integer", "format": "int32"},
)
STATUSES = {
    "type": "array",
    "items": {"type": "string", "enum": ["RUNNING", "FAILED", "SUCCESSFUL"]},
}
TYPES = {"type": "string", "enum": ["MANUAL", "SYS_ONECE", "SCHEDULED", "SYS_SCHEDULED"]}

QUERY: list[tuple[str, dict[str, Any], Any, str]] = [
    ("name", TEXT, "Prepare host", "任务名称模糊匹配"),
    ("status", STATUSES, ["RUNNING", "FAILED"], "任务状态（可选值：RUNNING/FAILED/SUCCESSFUL）"),
    ("type", TYPES, "MANUAL", "任务类型（可选值：MANUAL/SYS_ONECE/SCHEDULED/SYS_SCHEDULED）"),
    ("clusterName", TEXT, "meta", "集群名称模糊匹配"),
    ("clusterId", LONG, 100, "集群ID"),
    ("tenantName", TEXT, "SYS", "租户名称（需配合集群ID）"),
    ("tenantId", LONG, 100, "租户ID"),
    ("hostId", LONG, 100, "主机ID"),
    ("page", {**INTEGER, "minimum": 1}, 1, "分页页码（从1开始）"),
    ("size", {**INTEGER, "maximum": 2000, "default": 10}, 10, "分页大小（默认10，最大2000）"),
    ("sort", TEXT, "id,asc", "排序规则"),
]


def test_operations_are_the_expected_ones() -> None:
    """Ids, methods, paths, lines, tags, summaries and permissions are compared, in order."""
    actual = [
        (
            item["operationId"],
            method,
            path,
            item["x-source"],
            item["tags"],
            item["summary"],
            item["x-permission"],
        )
        for path, methods in CONTRACT["paths"].items()
        for method, item in methods.items()
    ]
    expected = [
        (i, m, p, f"{NAME}:{line}", [tag], title, right)
        for i, m, p, line, tag, title, right in OPERATIONS
    ]
    assert expected == actual


def test_descriptions_are_those_of_the_document() -> None:
    """Each operation has the text of its 功能说明."""
    assert {
        name: item["description"] for name, item in operations(CONTRACT).items()
    } == DESCRIPTIONS


def test_tags_are_in_order_with_their_lines() -> None:
    """A tag is the heading that groups the operations."""
    expected = [
        {"name": "任务管理", "x-source": f"{NAME}:7"},
        {"name": "子任务操作", "x-source": f"{NAME}:198"},
    ]
    assert expected == CONTRACT["tags"]


def test_title_skips_a_generic_heading() -> None:
    """The first heading is only "API文档"; the next one is the title. The default version is 0."""
    info = CONTRACT["info"]
    assert (info["title"], info["version"], info["x-source"]) == ("任务管理", "0", f"{NAME}:7")
    assert info["description"] == LINES[2]


def test_list_has_the_expected_parameters() -> None:
    """All eleven are optional query parameters with the documented schema and example."""
    actual = [
        (
            item["name"],
            item["in"],
            item["required"],
            item["schema"],
            item["example"],
            item["description"],
        )
        for item in parameters(CONTRACT, "listTaskInstances").values()
    ]
    assert actual == [
        (name, "query", False, schema, example, text) for name, schema, example, text in QUERY
    ]


def test_array_is_sent_comma_joined() -> None:
    """A StringArray is one joined text; a repeated parameter is accepted too."""
    status = parameters(CONTRACT, "listTaskInstances")["status"]
    assert (status["style"], status["explode"], status["x-accept-exploded"]) == (
        "form",
        False,
        True,
    )


def test_only_the_array_has_a_style() -> None:
    """The other parameters are scalars."""
    styled = [
        name for name, item in parameters(CONTRACT, "listTaskInstances").items() if "style" in item
    ]
    assert styled == ["status"]


def test_requirement_in_prose_is_recorded() -> None:
    """需配合集群ID means the parameter with the description 集群ID."""
    needs = {
        n: item["x-requires"]
        for n, item in parameters(CONTRACT, "listTaskInstances").items()
        if "x-requires" in item
    }
    assert needs == {"tenantName": ["clusterId"]}


@pytest.mark.parametrize("operation", [name for name, *_ in OPERATIONS[1:]])
def test_ids_are_path_parameters(operation: str) -> None:
    """They are required int64 values with their examples."""
    subtask = [("subtaskInstanceId", "path", True, LONG, 10001)] if "ubtask" in operation else []
    actual = [
        (item["name"], item["in"], item["required"], item["schema"], item["example"])
        for item in parameters(CONTRACT, operation).values()
    ]
    assert actual == [("taskInstanceId", "path", True, LONG, 1000), *subtask]


def test_no_operation_has_a_request_body() -> None:
    """The document defines no body."""
    assert [name for name, item in operations(CONTRACT).items() if "requestBody" in item] == []


@pytest.mark.parametrize(
    ("operation", "schema"),
    [
        ("listTaskInstances", "ListTaskInstancesResponse"),
        ("getTaskInstance", "GetTaskInstanceResponse"),
        ("rollbackTask", "GetTaskInstanceResponse"),
        ("retryTask", "GetTaskInstanceResponse"),
        ("cancelSubtask", "CancelSubtaskResponse"),
        ("retrySubtask", "RetrySubtaskResponse"),
        ("skipSubtask", "CancelSubtaskResponse"),
        ("getSubtaskLog", "GetSubtaskLogResponse"),
    ],
)
def test_each_response_has_its_schema(operation: str, schema: str) -> None:
    """Chains of 与…一致 are followed: retry → rollback → detail, skip → cancel."""
    content = operations(CONTRACT)[operation]["responses"]["200"]["content"]
    assert content == {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def test_response_has_the_line_of_its_own_section() -> None:
    """A reference to another response is the description, with its own line."""
    response = operations(CONTRACT)["retryTask"]["responses"]["200"]
    assert (response["description"], response["x-source"]) == (
        "与 回滚任务 的返回结果一致。",
        f"{NAME}:194",
    )


def test_only_success_is_documented() -> None:
    """An overlay adds the other statuses."""
    assert {tuple(item["responses"]) for item in operations(CONTRACT).values()} == {("200",)}


def test_source_line_of_an_operation_contains_its_path() -> None:
    """x-source leads to method and path."""
    for path, methods in CONTRACT["paths"].items():
        for method, item in methods.items():
            assert (
                f"`{method.upper()} {path}`"
                in LINES[int(item["x-source"].removeprefix(f"{NAME}:")) - 1]
            )


@pytest.mark.parametrize("operation", [name for name, *_ in OPERATIONS])
def test_source_line_of_a_parameter_contains_its_name(operation: str) -> None:
    """x-source leads to the row of the operation's own table."""
    start = next(line for name, _, _, line, *_ in OPERATIONS if name == operation)
    for name, item in parameters(CONTRACT, operation).items():
        line = int(item["x-source"].removeprefix(f"{NAME}:"))
        assert LINES[line - 1].startswith(f"| {name} |")
        assert start < line < start + 20


def test_derivation_is_reproducible() -> None:
    """Two runs give the same bytes."""
    assert dump_yaml(derive_text(REAL, NAME).contract).encode() == dump_yaml(CONTRACT).encode()


def test_contract_is_valid_openapi() -> None:
    """openapi-spec-validator finds no error."""
    assert CONTRACT["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(CONTRACT).iter_errors()) == []
