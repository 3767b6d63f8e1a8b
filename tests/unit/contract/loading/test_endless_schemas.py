"""Schemas that require themselves are reported, and answered within a bound."""

from pathlib import Path
from typing import Any

import pytest

from contract_builders import load_data, make_document, make_response
from understudy.contract import Contract, sample_body

NODE = {"$ref": "#/components/schemas/Node"}
OTHER = {"$ref": "#/components/schemas/Other"}
MESSAGE = (
    " requires itself, so no value is valid: it would have no end. "
    "Expected a property on the way that is optional or nullable."
)


def load_node(folder: Path, node: Any, other: Any = True) -> Contract:
    """Load a contract with an operation that answers with a Node."""
    content = {"application/json": {"schema": NODE}}
    data = make_document({"responses": {"200": {"description": "", "content": content}}})
    data["components"] = {"schemas": {"Node": node, "Other": other}}
    return load_data(data, folder)


def requires(schema: Any, **more: Any) -> Any:
    return {"type": "object", "required": ["a"], "properties": {"a": schema}, **more}


ENDLESS: dict[str, tuple[Any, Any]] = {
    "property": (requires(NODE), True),
    "two schemas": (requires(OTHER), requires(NODE)),
    "items": (requires({"type": "array", "minItems": 1, "items": NODE}), True),
    "prefix": (requires({"type": "array", "minItems": 1, "prefixItems": [NODE]}), True),
    "allOf": ({"allOf": [OTHER, {"maxProperties": 9}]}, requires(NODE)),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_schema_that_requires_itself_is_reported(tmp_path: Path, name: str) -> None:
    """Once, with a place; the operation answers all the same."""
    contract = load_node(tmp_path, *ENDLESS[name])
    (warning,) = contract.warnings
    assert str(warning).endswith(MESSAGE)
    assert warning.message.startswith("the schema /components/schemas/")
    assert warning.place is not None
    assert warning.place.line > 0
    spec = contract.operations["getX"].response_spec(200)
    assert spec is not None
    assert len(str(sample_body(contract, spec))) < 10_000


FINITE: dict[str, tuple[Any, Any]] = {
    "optional": ({"type": "object", "properties": {"a": NODE}}, True),
    "nullable": (requires(NODE, type=["object", "null"]), True),
    "any type": ({"required": ["a"], "properties": {"a": NODE}}, True),
    "empty array": (requires({"type": "array", "items": NODE}), True),
    "second alternative": (requires({"anyOf": [NODE, {"type": "null"}]}), True),
    "read only": (requires({"allOf": [NODE], "readOnly": True}), True),
    "read only by reference": (requires(OTHER), {**requires(NODE), "readOnly": True}),
    "twice the same": (requires(OTHER, required=["a", "b"]), {"type": "string"}),
}


@pytest.mark.parametrize("name", FINITE)
def test_schema_that_contains_itself_with_an_end_is_not_reported(tmp_path: Path, name: str) -> None:
    """It has a value, and the sample is one where the response has all of its properties."""
    contract = load_node(tmp_path, *FINITE[name])
    assert contract.warnings == ()
    spec = contract.operations["getX"].response_spec(200)
    assert spec is not None
    if not name.startswith("read only"):
        body = sample_body(contract, spec)
        assert contract.operations["getX"].validate_response(make_response(body)) == ()
