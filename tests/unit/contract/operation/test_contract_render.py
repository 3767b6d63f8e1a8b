"""Projection of canonical data to the schema's names."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract_builders import load_data, make_document
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
    return load_data(
        make_document(components={"schemas": SCHEMAS}), tmp_path_factory.mktemp("render")
    )


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
def test_object_is_projected_to_documented_properties(
    contract: Contract, value: Any, expected: str
) -> None:
    """In the schema's order, by canonical names, without other members and without None."""

    assert json.dumps(render(contract, TASK, value)) == expected


@pytest.mark.parametrize(
    "schema",
    [True, {}, {"type": "object"}, {"$ref": "#/components/schemas/Any"}, {"type": "array"}],
)
@pytest.mark.parametrize("value", [{"a": None}, [{"a": 1}], "x", None, 5])
def test_undescribed_value_is_returned_as_it_is(
    contract: Contract, schema: Any, value: Any
) -> None:
    """A schema without properties or items describes nothing."""
    assert render(contract, schema, value) == value


def test_rendering_does_not_change_the_value(contract: Contract, tmp_path: Path) -> None:
    """The result is a new object."""
    value = {"parts": [{"id": 1, "x": 2}]}
    render(contract, TASK, value)
    assert value == {"parts": [{"id": 1, "x": 2}]}
