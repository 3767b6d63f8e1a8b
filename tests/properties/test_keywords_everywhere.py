"""Every keyword that the loader knows is obeyed everywhere, or is named under the limitations."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from contract_builders import load_data, make_document
from understudy.contract import compile_validator, corruptions, sample_body
from understudy.contract.expansion.constraints import Requirement
from understudy.contract.expansion.value_builder import ValueBuilder
from understudy.contract.schema.keywords import KEYWORD_VALUE_CHECKS
from understudy.strategies import payloads_from_schema

_STRING = {"type": "string"}
_OBJECT = {"type": "object"}
_ARRAY = {"type": "array"}
_PLAIN_A = {"properties": {"a": {"type": "integer"}}}

RULES: dict[str, dict[str, Any]] = {
    "$ref": {"$ref": "#/components/schemas/Small"},
    "additionalProperties": {**_OBJECT, "additionalProperties": {"type": "integer"}, "minProperties": 1},
    "allOf": {"allOf": [{"type": "integer"}, {"minimum": 3}, {"maximum": 3}]},
    "anyOf": {"anyOf": [{"type": "integer", "not": {}}, {"const": "x"}]},
    "const": {"const": {"a": None}},
    "contains": {**_ARRAY, "contains": {"const": 7}},
    "dependentRequired": {**_OBJECT, "required": ["a"], "dependentRequired": {"a": ["b"]}},
    "dependentSchemas": {**_OBJECT, "required": ["a"], "dependentSchemas": {"a": {"required": ["b"]}}},
    "else": {**_OBJECT, "if": {"required": ["a", "z"]}, "else": {"required": ["b"]}, "maxProperties": 1},
    "enum": {"enum": [None, 4]},
    "exclusiveMaximum": {"type": "number", "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.3},
    "exclusiveMinimum": {"type": "number", "exclusiveMinimum": 0.3, "maximum": 0.4, "multipleOf": 0.1},
    "format": {**_STRING, "format": "date"},
    "if": {**_OBJECT, "if": {"required": ["a"]}, "then": {"required": ["b"]}, "required": ["a"]},
    "items": {**_ARRAY, "items": {"const": 1}, "minItems": 2},
    "maxContains": {**_ARRAY, "contains": {"type": "integer"}, "maxContains": 2, "minItems": 4},
    "maxItems": {**_ARRAY, "minItems": 2, "maxItems": 2},
    "maxLength": {**_STRING, "maxLength": 1},
    "maxProperties": {**_OBJECT, "required": ["a"], "maxProperties": 1},
    "maximum": {"type": "integer", "maximum": -5},
    "minContains": {**_ARRAY, "contains": {"type": "integer"}, "minContains": 3},
    "minItems": {**_ARRAY, "minItems": 3},
    "minLength": {**_STRING, "minLength": 30},
    "minProperties": {**_OBJECT, "minProperties": 3},
    "minimum": {"type": "integer", "minimum": 1000},
    "multipleOf": {"type": "number", "multipleOf": 0.1, "minimum": 0.7, "maximum": 0.7},
    "not": {"type": "integer", "minimum": 1, "maximum": 3, "not": {"enum": [1, 2]}},
    "oneOf": {**_OBJECT, **_PLAIN_A, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "pattern": {**_STRING, "pattern": r"^\p{Lu}{3}-[0-9]{4}$"},
    "patternProperties": {
        **_OBJECT,
        "patternProperties": {"^x-": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 1,
    },
    "prefixItems": {**_ARRAY, "prefixItems": [{"const": 1}, {"const": "a"}], "minItems": 2},
    "properties": {**_OBJECT, **_PLAIN_A, "required": ["a"]},
    "propertyNames": {**_OBJECT, "propertyNames": {"pattern": "^[a-c]$"}, "minProperties": 2},
    "required": {**_OBJECT, "required": ["a", "b"]},
    "then": {**_OBJECT, "if": True, "then": {"required": ["b"]}},
    "type": {"type": ["null", "integer"]},
    "unevaluatedItems": {**_ARRAY, "prefixItems": [True], "unevaluatedItems": False, "minItems": 1},
    "unevaluatedProperties": {
        **_OBJECT,
        "anyOf": [{**_PLAIN_A, "required": ["a"]}],
        "unevaluatedProperties": False,
    },
    "uniqueItems": {**_ARRAY, "items": {"enum": [1, 2, 3]}, "minItems": 3, "uniqueItems": True},
}  # fmt: skip
"""By keyword: a schema whose values obey it by more than chance."""
OF_MESSAGES = frozenset(["readOnly", "writeOnly"])
"""Keywords that leave a property out of one direction of a message."""
LIMITED = frozenset(KEYWORD_VALUE_CHECKS) - RULES.keys() - OF_MESSAGES
"""Keywords that are obeyed nowhere: annotations, and names for references."""
COMPONENTS = {"Small": {"type": "integer", "minimum": 0, "maximum": 3}}
QUICK = settings(
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
    deadline=None,
    max_examples=10,
)


def test_every_keyword_of_the_loader_is_listed() -> None:
    """A keyword that the loader learns needs a schema above, or a line under the limitations."""
    assert set(KEYWORD_VALUE_CHECKS) | {"const"} == RULES.keys() | LIMITED | OF_MESSAGES


def test_keywords_that_are_obeyed_nowhere_are_in_the_guide(root: Path) -> None:
    """Each is named in the section about limits of generated data."""
    page = (root / "docs/guide/strategies.md").read_text("utf-8")
    _, _, section = page.partition("Keywords without a rule")
    named, _, _ = section.partition("\n\n")
    assert {keyword for keyword in LIMITED if f"`{keyword}`" not in named} == set()


@pytest.mark.parametrize("keyword", RULES)
def test_keyword_is_obeyed_everywhere(keyword: str, tmp_path: Path) -> None:
    """By both validators, samples, built values, strategies, and broken by corruptions."""
    schema = RULES[keyword]
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "ok", "content": content}}
    contract = load_data(
        make_document({"responses": responses}, components={"schemas": COMPONENTS}), tmp_path
    )
    operation = contract.operations["getX"]
    validators = [
        compile_validator(schema, document=contract.document, backend=backend)
        for backend in ("jsonschema", "jsonschema-rs")
    ]

    def check(value: Any, *, expected: bool = True) -> None:
        assert [validator.is_valid(value) for validator in validators] == [expected] * 2, value

    builder = ValueBuilder(contract.document)
    for seed in range(3):
        check(sample_body(contract, operation.responses["200"], seed=seed))
        draws = random.Random(seed)  # noqa: S311 - data, not secrets
        check(builder.build(Requirement(schema), draws))

    @given(payloads_from_schema(schema, contract=contract))
    @QUICK
    def check_valid(value: Any) -> None:
        check(value)

    @given(payloads_from_schema(schema, contract=contract, mode="invalid"))
    @QUICK
    def check_invalid(invalid: Any) -> None:
        check(invalid.value, expected=False)

    check_valid()
    check_invalid()
    broken = [part for part in corruptions(operation) if part.rule]
    assert broken, "no corruption breaks a rule"


@pytest.mark.parametrize(
    ("keyword", "other"), [("writeOnly", "readOnly"), ("readOnly", "writeOnly")]
)
def test_property_of_the_other_direction_is_left_out(keyword: str, other: str) -> None:
    """Even where it is required."""
    part = {"type": "string", keyword: True}
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": part, "b": {"type": "string"}},
    }
    draws = random.Random(0)  # noqa: S311 - data, not secrets
    assert "a" not in ValueBuilder(schema, keyword).build(Requirement(schema), draws)
    assert "a" in ValueBuilder(schema, other).build(Requirement(schema), draws)

    @given(payloads_from_schema(schema, hidden=keyword))
    @QUICK
    def check(value: Any) -> None:
        assert "a" not in value

    check()
