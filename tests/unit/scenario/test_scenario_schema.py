"""The published JSON Schema of the format: valid, described, and closed for unknown keys."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scenario_builders import SHIPPED
from understudy.contract import compile_validator
from understudy.contract.schema.validator import choose_backend
from understudy.errors import InputError
from understudy.scenario import scenario_schema
from understudy.source import read_yaml

SCHEMA = scenario_schema()


def nodes(node: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield pointer, node
        for key, value in node.items():
            yield from nodes(value, f"{pointer}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from nodes(value, f"{pointer}/{index}")


def properties() -> Iterator[tuple[str, dict[str, Any]]]:
    for pointer, node in nodes(SCHEMA):
        if pointer.endswith("/properties") or pointer == "/properties":
            yield from ((f"{pointer}/{name}", part) for name, part in node.items())


def test_schema_is_valid() -> None:
    """It is a schema of draft 2020-12."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_key_has_a_description() -> None:
    """Editors show it, from the key or from its definition."""
    bare = [
        pointer
        for pointer, part in properties()
        if not pointer.startswith("/properties/world/properties")  # written by the tool
        if not (
            part.get("description")
            or SCHEMA["$defs"][part["$ref"].removeprefix("#/$defs/")].get("description")
        )
    ]
    assert bare == []


def test_every_object_rejects_unknown_keys() -> None:
    """A mapping lists its keys, or describes the values of all keys."""
    loose = [
        pointer
        for pointer, node in nodes(SCHEMA)
        if not pointer.startswith(
            "/properties/world"
        )  # written by the tool, and tried out before it is played
        if "object" in str(node.get("type")) and not isinstance(node.get("type"), dict)
        if node.get("additionalProperties") is not False
        and "$ref" not in (node.get("additionalProperties") or {})
    ]
    assert loose == []


def test_every_definition_is_used() -> None:
    """No definition of an older format remains."""
    used = {
        node["$ref"].removeprefix("#/$defs/")
        for _, node in nodes(SCHEMA)
        if isinstance(node.get("$ref"), str)
    }
    assert set(SCHEMA["$defs"]) == used


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_defaults_and_shipped_scenarios_are_valid(path: Any) -> None:
    """A plain validator, as in an editor, reports nothing."""
    assert list(Draft202012Validator(SCHEMA).iter_errors(read_yaml(path).data)) == []
    for pointer, part in properties():
        if "default" in part:
            validator = Draft202012Validator({**part, "$defs": SCHEMA["$defs"]})
            assert (pointer, validator.is_valid(part["default"])) == (pointer, True)


WRONG: list[Any] = [
    None, [], {}, {"understudy": 2}, {"understudy": 1, "nmae": 1}, {"understudy": 1, "tasks": [{"id": 2**63}, None]},
    {"understudy": 1, "tasks": [{"subtasks": []}]}, {"understudy": 1, "clock": {"step": "-1s", "speed": 0}},
    {"understudy": 1, "accounts": {"a": {"accessKey": "k"}}}, {"understudy": 1, "tasks": [{"at": "1s\n"}]},
    {"understudy": 1, "tasks": [{"subtasks": [{"after": [1, 1], "runs": [{"log": [5, {"at": 1, "x": 2}]}]}]}]},
]  # fmt: skip


@pytest.mark.parametrize("value", WRONG, ids=str)
def test_both_back_ends_report_the_same_errors(value: Any) -> None:
    """The fast back end is optional."""
    try:
        choose_backend("jsonschema-rs")
    except InputError as error:
        pytest.skip(str(error))
    errors = [
        list(compile_validator(SCHEMA, backend=b).iter_errors(value))
        for b in ("jsonschema", "jsonschema-rs")
    ]
    assert errors[0]
    assert errors[0] == errors[1]


def test_examples_of_mappings_and_lists_are_valid() -> None:
    """Errors show them; each is valid where it stands."""
    sections = [*SCHEMA["properties"].items(), *SCHEMA["$defs"].items()]
    shown = [(name, part) for name, part in sections if "examples" in part]
    assert {"accounts", "tasks", "crowd", "account"} <= {name for name, _ in shown}
    for name, part in shown:
        validator = compile_validator({**part, "$defs": SCHEMA["$defs"]})
        for example in part["examples"]:
            assert list(validator.iter_errors(example)) == [], name
