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


def short(schema: dict[str, Any]) -> str:
    """A schema in a word: its structure, its values, its format or its type."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix("#/components/schemas/")
    if schema["type"] == "array":
        return f"[{short(schema['items'])}]"
    if schema["type"] == "object":
        return f"{{{' '.join(schema['properties'])}}}"
    return (
        "/".join(schema["enum"]) if "enum" in schema else str(schema.get("format", schema["type"]))
    )


def objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema's objects: itself and those written out inside it."""
    if schema.get("type") == "object":
        yield schema
        for inner in schema["properties"].values():
            yield from objects(inner)


ALL = [part for schema in SCHEMAS.values() for part in objects(schema)]


def test_the_structures_are_these_in_the_order_of_the_document() -> None:
    """Each structure is a component once, however often it is reused."""
    assert list(STRUCTURES) == list(SCHEMAS)


@pytest.mark.parametrize("name", STRUCTURES)
def test_the_fields_of_a_structure(name: str) -> None:
    """Every documented field, in order, with its type."""
    properties = SCHEMAS[name]["properties"]
    assert list(STRUCTURES[name].items()) == [
        (field, short(schema)) for field, schema in properties.items()
    ]


def test_each_documented_field_is_required() -> None:
    """The document does not say which may be absent."""
    assert [list(part["properties"]) for part in ALL] == [part["required"] for part in ALL]


def test_further_fields_are_allowed() -> None:
    """No structure forbids what it does not tell."""
    assert [part for part in ALL if "additionalProperties" in part] == []


def test_the_page_of_the_sketch() -> None:
    """An object written out in a JSON-like sketch keeps types and lines of its members."""
    page = SCHEMAS["ListTaskInstancesData"]["properties"]["page"]
    told = [(name, short(field), field["x-source"]) for name, field in page["properties"].items()]
    names = ("totalElements", "totalPages", "number", "size")
    assert told == [(name, "int32", f"{NAME}:{line}") for line, name in enumerate(names, 47)]


def test_the_sketch_of_the_log() -> None:
    """A text in a sketch describes the member when it is prose."""
    log = SCHEMAS["GetSubtaskLogData"]["properties"]["log"]
    assert log == {
        "type": "string",
        "description": "日志内容（多行用\\n分隔）",
        "x-source": f"{NAME}:297",
    }


def test_an_example_in_prose_is_one() -> None:
    """如JAVA_TASK is an example, not a list of values."""
    assert SCHEMAS["SubtaskInstance"]["properties"]["nodeType"]["examples"] == ["JAVA_TASK"]


def test_a_remark_is_no_bound() -> None:
    """-1表示非并行 bounds nothing."""
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
def test_a_structure_cites_its_label(name: str, line: int) -> None:
    """x-source of a structure leads to the words that announce it."""
    assert SCHEMAS[name]["x-source"] == f"{NAME}:{line}"


def test_the_line_of_a_property_holds_its_name() -> None:
    """x-source leads to the row of the table, or the line of the sketch."""
    for part in ALL:
        for name, field in part["properties"].items():
            line = LINES[int(field["x-source"].removeprefix(f"{NAME}:")) - 1]
            assert line.startswith(f"| {name} |") or line.lstrip().startswith(f'"{name}":')


def test_a_property_keeps_its_words() -> None:
    """The description is the cell of the row."""
    for part in ALL:
        for name, field in part["properties"].items():
            line = LINES[int(field["x-source"].removeprefix(f"{NAME}:")) - 1]
            assert (
                not line.startswith("|")
                or [name, field["description"]] == line.strip("| ").split(" | ")[::2]
            )
