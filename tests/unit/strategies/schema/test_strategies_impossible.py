"""Strategies for schemas that no value satisfies: empty, with an error that names the schema."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import find, given
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from contract_builders import JSON, load_data, make_document
from understudy.strategies import (
    payloads_from_schema,
    requests_from_operation,
    responses_from_operation,
)

RANGE = {"type": "integer", "minimum": 5, "maximum": 1}
A = {"required": ["a"], "properties": {"a": True}}


def needs(schema: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["a/b"], "properties": {"a/b": schema}}


def unsatisfiable_text(strategy: st.SearchStrategy[Any]) -> str:
    """Return the error of a test that draws from a strategy."""

    @given(strategy)
    def draw_one(value: Any) -> None:
        raise AssertionError(value)

    with pytest.raises(Unsatisfiable) as caught:
        draw_one()
    return str(caught.value)


@pytest.mark.parametrize("mode", ["valid", "edge"])
@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (RANGE, "/: no integer is within its bounds"),
        (False, "/: it is false"),
        (needs(RANGE), "/properties/a~1b: no integer is within its bounds"),
        ({"type": "array", "minItems": 1, "items": needs(False)}, "/items/properties/a~1b: it is false"),
        ({"allOf": [{"$ref": "#/$defs/R"}], "$defs": {"R": RANGE}},
         "/$defs/R: no integer is within its bounds"),
        (needs({"$ref": "#"}), "/: it requires itself"),
        ({"type": "object", "not": {"not": A}, "unevaluatedProperties": False}, "/"),
    ],
    ids=str,
)  # fmt: skip
def test_error_names_the_innermost_schema(schema: Any, text: str, mode: Any) -> None:
    """With the reason, where one is known; the strategy is empty."""
    strategy = payloads_from_schema(schema, mode=mode)
    assert strategy.is_empty
    assert unsatisfiable_text(strategy) == f"no value satisfies the schema {text}"


def test_other_strategies_leave_it_out() -> None:
    """Beside values, a strategy without values changes nothing."""
    payloads = payloads_from_schema(RANGE)
    assert find(payloads | st.just(1), lambda value: True) == 1
    assert repr(payloads).startswith("impossible('no value satisfies the schema")


def test_messages_of_an_operation_name_the_schema(tmp_path: Path) -> None:
    """Responses, bodies of requests and parameters have pointers of the contract."""
    content = {JSON: {"schema": {"$ref": "#/components/schemas/R"}}}
    inline = {JSON: {"schema": RANGE}}
    parameter = {"name": "p", "in": "query", "required": True, "schema": RANGE}
    responses = {
        "200": {"description": "", "content": content},
        "400": {"description": "", "content": inline},
    }
    data = make_document(
        {"responses": responses, "requestBody": {"required": True, "content": inline}}
    )
    data["components"] = {"schemas": {"R": RANGE}}
    contract = load_data(data, tmp_path)
    reason = ": no integer is within its bounds"
    where = "no value satisfies the schema /paths/~1x/get"
    inner = "content/application~1json/schema"
    drawn = responses_from_operation("getX", contract=contract)
    assert (
        unsatisfiable_text(drawn) == f"no value satisfies the schema /components/schemas/R{reason}"
    )
    drawn = responses_from_operation("getX", contract=contract, status=400, mode="edge")
    assert unsatisfiable_text(drawn) == f"{where}/responses/400/{inner}{reason}"
    drawn = requests_from_operation("getX", contract=contract)
    assert unsatisfiable_text(drawn) == f"{where}/requestBody/{inner}{reason}"
    contract = load_data(make_document({"parameters": [parameter]}), tmp_path)
    drawn = requests_from_operation("getX", contract=contract)
    assert unsatisfiable_text(drawn) == f"{where}/parameters/0/schema{reason}"
