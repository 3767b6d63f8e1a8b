"""From canonical data to what the schema says."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract_builders import document, loaded
from understudy.contract import Contract, render

SCHEMAS: dict[str, Any] = {
    "Task": {
        "properties": {
            "name": {"type": "string"},
            "id": {"type": "integer"},
            "tenant": {"$ref": "#/components/schemas/Tenant", "x-understudy-field": "owner"},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Task"}},
            "any": {"$ref": "#/components/schemas/Any"},
        }
    },
    "Tenant": {"properties": {"wireId": {"x-understudy-field": "id"}}},
    "Any": True,
}


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return loaded(document(components={"schemas": SCHEMAS}), tmp_path_factory.mktemp("render"))


TASK = {"$ref": "#/components/schemas/Task"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": 1, "name": "a"}, '{"name": "a", "id": 1}'),
        ({"id": 1, "secret": 2}, '{"id": 1}'),
        ({"id": None, "name": ""}, '{"name": ""}'),
        ({"owner": {"id": 5, "name": "x"}}, '{"tenant": {"wireId": 5}}'),
        ({"tenant": {"id": 5}}, "{}"),
        (
            {"parts": [{"id": 2, "x": 1}, {"name": "b", "parts": []}]},
            '{"parts": [{"id": 2}, {"name": "b", "parts": []}]}',
        ),
        ({"any": {"b": 1, "a": [None]}}, '{"any": {"b": 1, "a": [null]}}'),
        ({"id": 0}, '{"id": 0}'),
        ({}, "{}"),
    ],
)
def test_an_object_is_projected(contract: Contract, value: Any, expected: str) -> None:
    """The documented properties in the schema's order, by their canonical names; nothing beyond, nothing that is None."""

    assert json.dumps(render(contract, TASK, value)) == expected


@pytest.mark.parametrize(
    "schema",
    [True, {}, {"type": "object"}, {"$ref": "#/components/schemas/Any"}, {"type": "array"}],
)
@pytest.mark.parametrize("value", [{"a": None}, [{"a": 1}], "x", None, 5])
def test_what_is_not_described_passes(contract: Contract, schema: Any, value: Any) -> None:
    """As it is."""
    assert render(contract, schema, value) == value


def test_the_value_is_left_alone(contract: Contract, tmp_path: Path) -> None:
    """What comes out is new."""
    value = {"parts": [{"id": 1, "x": 2}]}
    render(contract, TASK, value)
    assert value == {"parts": [{"id": 1, "x": 2}]}
