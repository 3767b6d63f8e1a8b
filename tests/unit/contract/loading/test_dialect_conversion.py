"""Schemas of older dialects mean the same after their conversion to 2020-12."""

from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

from contract_builders import (
    decode_request,
    load_data,
    load_problem_texts,
    make_document,
    make_response,
    places_and_rules,
)
from understudy.contract import BACKENDS, Operation, sample
from understudy.contract.expansion.constraints import Requirement
from understudy.contract.expansion.schema_solver import SchemaSolver


def load_operation_3_0(
    folder: Path, schema: Any, *, backend: str | None = None, status: str = "200", **schemas: Any
) -> Operation:
    response = {"description": "", "content": {"application/json": {"schema": schema}}}
    data = {
        **make_document({"responses": {status: response}}),
        "openapi": "3.0.3",
        "components": {"schemas": schemas},
    }
    return load_data(data, folder, backend=backend).operations["getX"]


VALUES: tuple[Any, ...] = (None, 0, 1, 2, 3, "a", "b", {}, {"n": None}, {"n": 1}, [None])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "nullable": True},
        {"type": "string", "nullable": False},
        {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
        {"type": "integer", "minimum": 1, "exclusiveMinimum": False},
        {"type": "integer", "maximum": 2, "exclusiveMaximum": True},
        {"type": "object", "properties": {"n": {"type": "integer", "nullable": True}}},
        {"type": "array", "items": {"type": "integer", "nullable": True}},
        {"allOf": [{"type": "integer", "nullable": True}, {"maximum": 1}]},
    ],
)
def test_converted_schema_validates_like_the_original(
    tmp_path: Path, schema: Any, backend: str
) -> None:
    """The oracle is another implementation of OpenAPI 3.0's schemas."""
    converted, oracle = (
        load_operation_3_0(tmp_path, schema, backend=backend),
        OAS30Validator(schema),
    )
    assert [not converted.validate_response(make_response(value)) for value in VALUES] == [
        oracle.is_valid(v) for v in VALUES
    ]


def test_nullable_enum_accepts_null(tmp_path: Path) -> None:
    """Null need not be one of the values."""
    converted = load_operation_3_0(tmp_path, {"type": "string", "enum": ["a"], "nullable": True})
    assert [
        not converted.validate_response(make_response(value)) for value in (None, "a", "b")
    ] == [
        True,
        True,
        False,
    ]


def test_nullable_without_a_type_has_no_effect(tmp_path: Path) -> None:
    """Source: OpenAPI 3.0.3, Schema Object."""
    converted = load_operation_3_0(tmp_path, {"enum": ["a"], "nullable": True})
    assert places_and_rules(converted.validate_response(make_response(None))) == [("body", "enum")]


def test_keywords_beside_a_ref_are_ignored(tmp_path: Path) -> None:
    """In 3.1 they are not."""
    schema = {"$ref": "#/components/schemas/A", "maxLength": 1}
    assert (
        load_operation_3_0(tmp_path, schema, A={"type": "string"}).validate_response(
            make_response("long")
        )
        == ()
    )


def test_default_response_is_converted(tmp_path: Path) -> None:
    """`default` is the name of a response here, not data."""
    converted = load_operation_3_0(tmp_path, {"type": "string", "nullable": True}, status="default")
    assert converted.validate_response(make_response(None, status=500)) == ()


def test_component_can_have_the_name_of_a_keyword(tmp_path: Path) -> None:
    """And data that looks like a schema is not converted."""
    odd = {"type": "integer", "nullable": True, "example": {"nullable": True}}
    converted = load_operation_3_0(tmp_path, {"$ref": "#/components/schemas/default"}, default=odd)
    assert converted.validate_response(make_response(None)) == ()
    assert converted.document["components"]["schemas"]["default"] == {
        "type": ["integer", "null"],
        "example": {"nullable": True},
    }


def test_parameter_schemas_are_converted(tmp_path: Path) -> None:
    """Not only those of bodies."""
    schema = {"type": "integer", "minimum": 1, "exclusiveMinimum": True}
    data = {
        **make_document({"parameters": [{"name": "p", "in": "query", "schema": schema}]}),
        "openapi": "3.0.0",
    }
    operation = load_data(data, tmp_path).operations["getX"]
    assert [
        places_and_rules(decode_request(operation, f"p={number}").violations) for number in (1, 2)
    ] == [
        [("query.p", "exclusiveMinimum")],
        [],
    ]


def test_conversion_keeps_pointers(tmp_path: Path) -> None:
    """A violation has the pointer of the original."""
    [violation] = load_operation_3_0(
        tmp_path, {"type": "object", "required": ["a"]}
    ).validate_response(make_response({}))
    assert (
        violation.pointer
        == "/paths/~1x/get/responses/200/content/application~1json/schema/required"
    )


@pytest.mark.parametrize(("keyword", "value"), [("exclusiveMinimum", 1), ("nullable", "yes")])
def test_flags_of_3_0_must_be_booleans(tmp_path: Path, keyword: str, value: Any) -> None:
    """A number under exclusiveMinimum belongs to 3.1."""
    text = (
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\n"
        f"components: {{schemas: {{A: {{{keyword}: {value}}}}}}}"
    )
    [problem] = load_problem_texts(text, tmp_path)
    assert f'invalid value of the schema keyword "{keyword}". Expected true or false.' in problem


def test_null_that_only_nullable_allows_is_not_generated(tmp_path: Path) -> None:
    """Validators disagree on it, so no sample has it; a null that is listed is generated."""
    schemas = {
        "implied": {"type": "string", "enum": ["a", "b"], "nullable": True},
        "listed": {"type": "string", "enum": ["a", None], "nullable": True},
    }
    converted = load_operation_3_0(tmp_path, {"type": "object", "properties": schemas})
    properties = converted.response_schema(200)["properties"]
    drawn = {
        name: {sample(converted, properties[name], seed=seed) for seed in range(40)}
        for name in schemas
    }
    assert drawn == {"implied": {"a", "b"}, "listed": {"a", None}}
    solver = SchemaSolver(converted.document)
    solved = {name: solver.list_values((Requirement(properties[name]),)) for name in schemas}
    assert solved == {"implied": ["a", "b"], "listed": ["a", None]}
