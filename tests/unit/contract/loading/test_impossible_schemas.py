"""Schemas without a valid value, equal alternatives, and examples with writeOnly properties."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from contract_builders import load_data, make_document
from understudy.cli.main import cli
from understudy.contract import Contract, compile_validator
from understudy.source import dump_yaml

INTEGER, TEXT = {"type": "integer"}, {"type": "string"}
A = {"type": "object", "required": ["a"], "properties": {"a": INTEGER}}


def load_schemas(folder: Path, **schemas: Any) -> Contract:
    """Load a contract whose answer is the schema X, beside other schemas."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/X"}}}
    data = make_document({"responses": {"200": {"description": "", "content": content}}})
    return load_data({**data, "components": {"schemas": schemas}}, folder)


IMPOSSIBLE: dict[str, tuple[Any, str]] = {
    "range": ({**INTEGER, "minimum": 5, "maximum": 1}, "no integer is within its bounds"),
    "exclusive": ({"type": "number", "minimum": 1, "exclusiveMaximum": 1},
                  "no number is within its bounds"),
    "between": ({**INTEGER, "exclusiveMinimum": 1, "exclusiveMaximum": 2},
                "no integer is within its bounds"),
    "fraction": ({**INTEGER, "minimum": 0.1, "maximum": 0.9}, "no integer is within its bounds"),
    "step": ({"type": "number", "multipleOf": 0.3, "minimum": 0.1, "maximum": 0.2},
             "no number that is a multiple of 0.3 is within its bounds"),
    "text": ({**TEXT, "minLength": 3, "maxLength": 2}, '"minLength" is greater than "maxLength"'),
    "array": ({"type": "array", "minItems": 3, "maxItems": 2},
              '"minItems" is greater than "maxItems"'),
    "object": ({"type": "object", "minProperties": 3, "maxProperties": 2},
               '"minProperties" is greater than "maxProperties"'),
    "names": ({"type": "object", "required": ["a", "b"], "maxProperties": 1},
              '"required" has more names than "maxProperties" allows'),
    "few": ({"type": "object", "minProperties": 1, "additionalProperties": False},
            '"minProperties" is greater than the number of properties'),
    "closed": ({"type": "object", "required": ["b"], "properties": {"a": TEXT},
                "additionalProperties": False}, 'the required property "b" is not allowed'),
    "false": ({"type": "object", "required": ["b"], "properties": {"b": False}},
              'the required property "b" is not allowed'),
    "enum": ({**INTEGER, "enum": ["a", "b"]}, "no listed value has the type integer"),
    "const": ({"type": ["integer", "null"], "const": "a"},
              "no listed value has the type null or integer"),
    "empty": ({**TEXT, "enum": []}, '"enum" is empty'),
    "both": ({"const": 1, "enum": [2, True]}, "its listed values have none in common"),
    "not": ({"not": {}}, '"not" excludes every value'),
    "types": ({"allOf": [INTEGER, TEXT]}, "its parts allow no type together"),
    "merged": ({"allOf": [{**INTEGER, "minimum": 3}, {"maximum": 2}]},
               "no integer is within its bounds"),
    "enums": ({"allOf": [{"enum": ["a"]}, {**TEXT, "enum": ["b"]}]},
              "its listed values have none in common"),
    "reference": ({"allOf": [{"$ref": "#/components/schemas/Y"}, TEXT]},
                  "its parts allow no type together"),
}  # fmt: skip


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_schema_without_values_is_reported(tmp_path: Path, name: str) -> None:
    """Once, with its pointer and the reason; the validator agrees."""
    schema, reason = IMPOSSIBLE[name]
    contract = load_schemas(tmp_path, X=schema, Y=INTEGER)
    [warning] = contract.warnings
    text = f"no value satisfies the schema /components/schemas/X: {reason}"
    assert (warning.slug, warning.message) == ("impossible-schema", text)
    assert warning.place is not None
    assert warning.place.line > 0
    validator = compile_validator(schema, document=contract.document)
    samples = [None, True, 0, 1, 2, 1.5, 0.15, "", "a", "b", "ab", "abc", [], [1] * 3, {}, {"b": 1}]
    assert not any(map(validator.is_valid, samples))


POSSIBLE: dict[str, Any] = {
    "other type": {"minimum": 5, "maximum": 1},
    "null": {"type": ["integer", "null"], "minimum": 5, "maximum": 1},
    "one integer": {**INTEGER, "minimum": 1, "maximum": 1},
    "one number": {"type": "number", "exclusiveMinimum": 1, "maximum": 1.1},
    "step": {"type": "number", "multipleOf": 0.1, "minimum": 0.3, "maximum": 0.3},
    "thirds": {**INTEGER, "multipleOf": 1.5, "minimum": 1, "maximum": 3},
    "whole number": {**INTEGER, "enum": [1.0]},
    "number of integers": {"allOf": [INTEGER, {"type": "number"}]},
    "optional": {"type": "object", "properties": {"a": False}},
    "pattern": {"type": "object", "required": ["b"], "patternProperties": {"b": TEXT},
                "additionalProperties": False},
    "closed part": {"allOf": [{**A, "additionalProperties": False}, {"maxProperties": 1}]},
    "some enum": {**INTEGER, "enum": ["a", 1]},
}  # fmt: skip


@pytest.mark.parametrize("name", POSSIBLE)
def test_schema_with_values_is_not_reported(tmp_path: Path, name: str) -> None:
    """A value of another type, or at the bounds, is enough."""
    assert load_schemas(tmp_path, X=POSSIBLE[name]).warnings == ()


def test_part_without_values_is_reported_where_it_stands(tmp_path: Path) -> None:
    """A schema that needs it has no warning of its own."""
    part = {**TEXT, "minLength": 3, "maxLength": 2}
    [warning] = load_schemas(tmp_path, X={"allOf": [{"properties": {}}, part]}).warnings
    assert warning.message.startswith("no value satisfies the schema /components/schemas/X/allOf/1")


@pytest.mark.parametrize(
    ("alternatives", "groups"),
    [
        ([A, TEXT, A], ["0, 2"]),
        ([A, {**A, "description": "the same", "title": "A", "x-a": 1}], ["0, 1"]),
        ([{"$ref": "#/components/schemas/Y"}, {"$ref": "#/components/schemas/Z"}], ["0, 1"]),
        ([{"$ref": "#/components/schemas/Y"}, A, TEXT, TEXT], ["0, 1", "2, 3"]),
        ([{"properties": {"a": {"title": "t"}}}, {"properties": {"a": {}}}], ["0, 1"]),
        ([{"const": 1}, {"const": True}], []),
        ([{"properties": {"title": TEXT}}, {"properties": {"title": INTEGER}}], []),
        ([A], []),
    ],
)
def test_equal_alternatives_are_reported(
    tmp_path: Path, alternatives: Any, groups: list[str]
) -> None:
    """Their values match several alternatives, so none is valid; descriptions change nothing."""
    contract = load_schemas(tmp_path, X={"oneOf": alternatives}, Y=A, Z=dict(A))
    messages = [
        f"the alternatives {names} of /components/schemas/X/oneOf are equal, so no value of them "
        "is valid: it matches each"
        for names in groups
    ]
    assert [warning.message for warning in contract.warnings] == messages


SECRET = {**TEXT, "writeOnly": True}


@pytest.mark.parametrize(
    ("schema", "example", "pointer"),
    [
        ({"properties": {"a": SECRET}}, {"a": "x"}, "/a"),
        ({"properties": {"a": {"$ref": "#/components/schemas/S"}}}, {"a": "x"}, "/a"),
        ({"type": "array", "items": {"properties": {"a": SECRET}}}, [{}, {"a": ""}], "/1/a"),
        ({"allOf": [{"properties": {"b/c": {"properties": {"a": SECRET}}}}]}, {"b/c": {"a": 1}},
         "/b~1c/a"),
        ({"oneOf": [{"required": ["a"], "properties": {"a": SECRET}}, {"properties": {"b": TEXT}}]},
         {"a": "x"}, "/a"),
        ({"properties": {"a": SECRET}}, {"b": "x"}, None),
        ({"anyOf": [{"properties": {"a": SECRET}}, {"properties": {"a": TEXT}}]}, {"a": "x"}, None),
    ],
)  # fmt: skip
def test_write_only_property_of_an_example_is_reported(
    tmp_path: Path, schema: Any, example: Any, pointer: str | None
) -> None:
    """Of a response: a server does not send it. The example is served all the same."""
    media = {"application/json": {"schema": schema, "examples": {"one": {"value": example}}}}
    data = make_document({"responses": {"200": {"description": "", "content": media}}})
    data["components"] = {"schemas": {"S": SECRET}}
    warnings = [
        warning for warning in load_data(data, tmp_path).warnings if "writeOnly" in str(warning)
    ]
    text = f"getX: the example one of 200 has a property that is writeOnly: {pointer}"
    assert [warning.message for warning in warnings] == ([text] if pointer else [])


def test_write_only_property_of_a_request_is_no_flaw(tmp_path: Path) -> None:
    """Clients send it."""
    media = {"application/json": {"schema": {"properties": {"a": SECRET}}, "example": {"a": "x"}}}
    data = make_document({"requestBody": {"content": media}})
    assert load_data(data, tmp_path).warnings == ()


def test_lint_reports_each(tmp_path: Path) -> None:
    """With line and column, and the exit code of findings."""
    file = tmp_path / "c.yaml"
    media = {
        "schema": {"oneOf": [{"properties": {"a": SECRET}}, {"properties": {"a": SECRET}}]},
        "examples": {"one": {"value": {"a": "x"}}},
    }
    content = {"application/json": media}
    data = make_document({"responses": {"200": {"description": "", "content": content}}})
    data["components"] = {"schemas": {"I": IMPOSSIBLE["range"][0]}}
    file.write_text(dump_yaml(data), encoding="utf-8")
    result = CliRunner().invoke(cli, ["lint", "--contract", str(file)])
    assert result.exit_code == 1
    for text in ("no value satisfies the schema", "are equal", "is writeOnly: /a"):
        [line] = [line for line in result.output.splitlines() if text in line]
        assert line.startswith(f"{file}:")
