"""OpenAPI 3.0 has a dialect of its own; its schemas are told in the words of 2020-12."""

from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

from contract_builders import answer, ask, document, loaded, problems, told
from understudy.contract import BACKENDS, Operation


def operation(
    folder: Path, schema: Any, *, backend: str | None = None, status: str = "200", **schemas: Any
) -> Operation:
    response = {"description": "", "content": {"application/json": {"schema": schema}}}
    data = {
        **document({"responses": {status: response}}),
        "openapi": "3.0.3",
        "components": {"schemas": schemas},
    }
    return loaded(data, folder, backend=backend).operations["getX"]


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
def test_schemas_are_judged_as_3_0_means_them(tmp_path: Path, schema: Any, backend: str) -> None:
    """As another implementation of the dialect judges them."""
    judge, oracle = operation(tmp_path, schema, backend=backend), OAS30Validator(schema)
    assert [not judge.validate_response(answer(value)) for value in VALUES] == [
        oracle.is_valid(v) for v in VALUES
    ]


def test_a_nullable_enum_takes_null(tmp_path: Path) -> None:
    """What says nullable means it."""
    judge = operation(tmp_path, {"type": "string", "enum": ["a"], "nullable": True})
    assert [not judge.validate_response(answer(value)) for value in (None, "a", "b")] == [
        True,
        True,
        False,
    ]


def test_nullable_says_nothing_without_a_type(tmp_path: Path) -> None:
    """As OpenAPI 3.0.3 has it."""
    judge = operation(tmp_path, {"enum": ["a"], "nullable": True})
    assert told(judge.validate_response(answer(None))) == [("body", "enum")]


def test_what_stands_beside_a_ref_counts_for_nothing(tmp_path: Path) -> None:
    """In 3.1 it does."""
    schema = {"$ref": "#/components/schemas/A", "maxLength": 1}
    assert operation(tmp_path, schema, A={"type": "string"}).validate_response(answer("long")) == ()


def test_a_default_response_is_told_in_2020_12_too(tmp_path: Path) -> None:
    """`default` is a name here, and no data."""
    judge = operation(tmp_path, {"type": "string", "nullable": True}, status="default")
    assert judge.validate_response(answer(None, status=500)) == ()


def test_schemas_with_odd_names(tmp_path: Path) -> None:
    """A component may be called like a keyword, and data may look like a schema."""
    odd = {"type": "integer", "nullable": True, "example": {"nullable": True}}
    made = operation(tmp_path, {"$ref": "#/components/schemas/default"}, default=odd)
    assert made.validate_response(answer(None)) == ()
    assert made.document["components"]["schemas"]["default"] == {
        "type": ["integer", "null"],
        "example": {"nullable": True},
    }


def test_parameters(tmp_path: Path) -> None:
    """Their schemas are in the dialect as well."""
    schema = {"type": "integer", "minimum": 1, "exclusiveMinimum": True}
    data = {
        **document({"parameters": [{"name": "p", "in": "query", "schema": schema}]}),
        "openapi": "3.0.0",
    }
    found = loaded(data, tmp_path).operations["getX"]
    assert [told(ask(found, f"p={number}").violations) for number in (1, 2)] == [
        [("query.p", "exclusiveMinimum")],
        [],
    ]


def test_places_are_those_of_the_file(tmp_path: Path) -> None:
    """Rewriting changes no pointer."""
    [violation] = operation(tmp_path, {"type": "object", "required": ["a"]}).validate_response(
        answer({})
    )
    assert (
        violation.pointer
        == "/paths/~1x/get/responses/200/content/application~1json/schema/required"
    )


@pytest.mark.parametrize(("keyword", "value"), [("exclusiveMinimum", 1), ("nullable", "yes")])
def test_what_3_0_has_as_truths(tmp_path: Path, keyword: str, value: Any) -> None:
    """A number under exclusiveMinimum is of 3.1."""
    text = f"openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths: {{}}\ncomponents: {{schemas: {{A: {{{keyword}: {value}}}}}}}"
    [problem] = problems(text, tmp_path)
    assert f'"{keyword}" does not fit. Expected true or false.' in problem
