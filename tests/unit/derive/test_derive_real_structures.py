"""The real document: its structures, each field in order, with type and line."""

from collections.abc import Iterator
from typing import Any

import pytest

from derive_builders import LINES, NAME, REAL, derive_text, schemas

SCHEMAS = schemas(derive_text(REAL, NAME).contract)

ENVELOPE = {
    "successful": "boolean",
    "timestamp": "date-time",
    "duration": "int32",
    "status": "int32",
    "traceId": "string",
    "server": "string",
}
TASK_STATUS = "RUNNING/FAILED/SUCCESSFUL"
SUBTASK_STATUS = "PENDING/READY/RUNNING/CANCELING/FAILED/SUCCESSFUL"
OPERATION = "EXECUTE/RETRY/ROLLBACK/SKIP/CANCEL"
WHOSE = {"cluster": "Cluster", "tenant": "Tenant", "creator": "Creator"}

STRUCTURES: dict[str, dict[str, str]] = {
    "ListTaskInstancesResponse": {"data": "ListTaskInstancesData", **ENVELOPE},
    "ListTaskInstancesData": {
        "contents": "[BasicTaskInstance]",
        "page": "{totalElements totalPages number size}",
    },
    "BasicTaskInstance": {
        "id": "int64",
        "name": "string",
        **WHOSE,
        "status": TASK_STATUS,
        "startTime": "date-time",
        "finishTime": "date-time",
        "subtasks": "[BasicSubtaskInstance]",
    },
    "Cluster": {"id": "int64", "name": "string", "obClusterId": "int64", "type": "PRIMARY/STANDBY"},
    "Tenant": {"id": "int64", "name": "string", "obClusterId": "int64", "mode": "ORACLE/MYSQL"},
    "Creator": {"id": "int64", "name": "string"},
    "BasicSubtaskInstance": {
        "id": "int64",
        "name": "string",
        "description": "string",
        "status": SUBTASK_STATUS,
        "operation": OPERATION,
    },
    "GetTaskInstanceResponse": {"data": "WrappedTaskInstance", **ENVELOPE},
    "WrappedTaskInstance": {
        "id": "int64",
        "name": "string",
        "taskDefinitionId": "int64",
        **WHOSE,
        "status": TASK_STATUS,
        "type": "MANUAL/SYS_ONECE/SCHEDULED/SYS_SCHEDULED",
        "operation": OPERATION,
        "executor": "string",
        "prohibitRollback": "boolean",
        "subtasks": "[SubtaskInstance]",
        "createTime": "date-time",
        "startTime": "date-time",
        "finishTime": "date-time",
    },
    "SubtaskInstance": {
        "id": "int64",
        "name": "string",
        "seriesId": "int64",
        "description": "string",
        "timeout": "int32",
        "status": SUBTASK_STATUS,
        "operation": OPERATION,
        "executor": "string",
        "runTime": "int32",
        "nodeType": "string",
        "paralleIdx": "int32",
        "upstreams": "[int64]",
        "downstream": "[int64]",
        "prohibitRollback": "boolean",
        "createTime": "date-time",
        "startTime": "date-time",
        "finishTime": "date-time",
    },
    "CancelSubtaskResponse": ENVELOPE,
    "RetrySubtaskResponse": {"data": "SubtaskInstance", **ENVELOPE},
    "GetSubtaskLogResponse": {"data": "GetSubtaskLogData", **ENVELOPE},
    "GetSubtaskLogData": {"log": "string"},
}


def summarise(schema: dict[str, Any]) -> str:
    """Return a schema in a word: its structure, its values, its format or its type."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix("#/components/schemas/")
    if schema["type"] == "array":
        return f"[{summarise(schema['items'])}]"
    if schema["type"] == "object":
        return f"{{{' '.join(schema['properties'])}}}"
    return (
        "/".join(schema["enum"]) if "enum" in schema else str(schema.get("format", schema["type"]))
    )


def iter_objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema's objects: itself and those defined inside it."""
    if schema.get("type") == "object":
        yield schema
        for inner in schema["properties"].values():
            yield from iter_objects(inner)


ALL = [part for schema in SCHEMAS.values() for part in iter_objects(schema)]


def test_structures_are_in_the_order_of_the_document() -> None:
    """Each structure is one component, however often it is used."""
    assert list(STRUCTURES) == list(SCHEMAS)


@pytest.mark.parametrize("name", STRUCTURES)
def test_structure_has_the_documented_fields(name: str) -> None:
    """Every field is present, in order, with its type."""
    properties = SCHEMAS[name]["properties"]
    assert list(STRUCTURES[name].items()) == [
        (field, summarise(schema)) for field, schema in properties.items()
    ]


def test_each_documented_field_is_required() -> None:
    """The document does not say which fields may be absent."""
    assert [list(part["properties"]) for part in ALL] == [part["required"] for part in ALL]


def test_additional_fields_are_allowed() -> None:
    """No structure forbids undocumented fields."""
    assert [part for part in ALL if "additionalProperties" in part] == []


def test_page_object_of_a_code_block() -> None:
    """An object inside a code block has the types and lines of its members."""
    page = SCHEMAS["ListTaskInstancesData"]["properties"]["page"]
    actual = [
        (name, summarise(field), field["x-source"]) for name, field in page["properties"].items()
    ]
    names = ("totalElements", "totalPages", "number", "size")
    assert actual == [(name, "int32", f"{NAME}:{line}") for line, name in enumerate(names, 47)]


def test_log_object_of_a_code_block() -> None:
    """A Chinese text in a code block is the description of its member."""
    log = SCHEMAS["GetSubtaskLogData"]["properties"]["log"]
    assert log == {
        "type": "string",
        "description": "日志内容（多行用\\n分隔）",
        "x-source": f"{NAME}:297",
    }


def test_example_in_a_description_is_not_an_enum() -> None:
    """如JAVA_TASK is an example and not a list of values."""
    assert SCHEMAS["SubtaskInstance"]["properties"]["nodeType"]["examples"] == ["JAVA_TASK"]


def test_remark_is_not_a_bound() -> None:
    """-1表示非并行 sets no minimum."""
    index = SCHEMAS["SubtaskInstance"]["properties"]["paralleIdx"]
    assert sorted(index) == ["description", "format", "type", "x-source"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        *(
            ("ListTaskInstancesResponse", 31),
            ("ListTaskInstancesData", 42),
            ("BasicTaskInstance", 55),
            ("Cluster", 68),
        ),
        *(
            ("Tenant", 76),
            ("Creator", 84),
            ("BasicSubtaskInstance", 90),
            ("GetTaskInstanceResponse", 113),
        ),
        *(("WrappedTaskInstance", 124), ("SubtaskInstance", 143), ("CancelSubtaskResponse", 213)),
        *(
            ("RetrySubtaskResponse", 238),
            ("GetSubtaskLogResponse", 283),
            ("GetSubtaskLogData", 294),
        ),
    ],
)
def test_structure_has_the_line_of_its_label(name: str, line: int) -> None:
    """x-source of a structure leads to the label above its table."""
    assert SCHEMAS[name]["x-source"] == f"{NAME}:{line}"


def test_source_line_of_a_property_contains_its_name() -> None:
    """x-source leads to the row of the table, or to the line of the code block."""
    for part in ALL:
        for name, field in part["properties"].items():
            line = LINES[int(field["x-source"].removeprefix(f"{NAME}:")) - 1]
            assert line.startswith(f"| {name} |") or line.lstrip().startswith(f'"{name}":')


def test_property_has_the_documented_description() -> None:
    """The description is the cell of the row."""
    for part in ALL:
        for name, field in part["properties"].items():
            line = LINES[int(field["x-source"].removeprefix(f"{NAME}:")) - 1]
            assert (
                not line.startswith("|")
                or [name, field["description"]] == line.strip("| ").split(" | ")[::2]
            )
