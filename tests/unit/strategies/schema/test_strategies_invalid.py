"""Invalid values: each violates the rule that comes with it, and no other."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from schema_cases import ALL
from understudy.contract import compile_validator
from understudy.messages import Response
from understudy.strategies import (
    Invalid,
    envelopes,
    errors,
    logs,
    payloads_from_schema,
    responses_from_operation,
    subtasks,
    task_pages,
    tasks,
)
from understudy.strategies.schema.invalid_values import InvalidValues
from understudy.strategies.strategy_options import shipped_contract

QUICK = settings(
    phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None, deadline=None
)
CONTRACT = shipped_contract()
KINDS: dict[str, tuple[Callable[..., st.SearchStrategy[Any]], str]] = {
    "tasks": (tasks, "WrappedTaskInstance"),
    "subtasks": (subtasks, "SubtaskInstance"),
    "task_pages": (partial(task_pages, max_tasks=2, max_subtasks=2), "ListTaskInstancesData"),
    "logs": (logs, "GetSubtaskLogData"),
    "errors": (errors, "ErrorResponse"),
    "envelopes": (partial(envelopes, operation="getTaskInstance"), "GetTaskInstanceResponse"),
}
WITHOUT_INVALID_VALUES = [True, {}, {"type": "object", "additionalProperties": {}}]
"""Cases without a rule to violate, or with one that only members have."""


def check_many(kind: str, count: int) -> Counter[str]:
    """Draw invalid values of a kind, and count the rules that they violate.

    For both validators, each violates its rule at its pointer, and nothing else.
    """
    strategy, name = KINDS[kind]
    schema, rules = {"$ref": f"#/components/schemas/{name}"}, Counter[str]()
    validators = [
        compile_validator(schema, document=CONTRACT.document, backend=backend)
        for backend in ("jsonschema", "jsonschema-rs")
    ]

    @given(strategy(mode="invalid"))
    @settings(QUICK, max_examples=count)
    def check(invalid: Invalid[Any]) -> None:
        rules[invalid.rule] += 1
        for validator in validators:
            errors_found = [
                (error.keyword, error.pointer) for error in validator.iter_errors(invalid.value)
            ]
            assert errors_found == [(invalid.rule, invalid.pointer)]

    check()
    return rules


@pytest.mark.parametrize("kind", KINDS)
def test_invalid_values_violate_one_rule(kind: str) -> None:
    """Both validators report the rule that comes with the value, and no other."""
    assert len(check_many(kind, 25)) > 1


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_two_thousand_invalid_values_violate_one_rule(kind: str) -> None:
    """The same holds for two thousand values."""
    check_many(kind, 2000)


@pytest.mark.parametrize(
    "schema", [schema for schema in ALL if schema not in WITHOUT_INVALID_VALUES], ids=str
)
def test_values_of_any_schema_can_be_invalid(schema: Any) -> None:
    """For each keyword there are values that violate exactly one rule."""
    validator = compile_validator(schema)
    rules = Counter[str]()

    @given(InvalidValues(schema, schema).from_valid(payloads_from_schema(schema)))
    @settings(QUICK, max_examples=5)
    def check(invalid: Invalid[Any]) -> None:
        rules[invalid.rule] += 1
        errors_found = [
            (error.keyword, error.pointer) for error in validator.iter_errors(invalid.value)
        ]
        assert errors_found == [(invalid.rule, invalid.pointer)]

    check()
    assert rules


ANIMALS = {
    "$ref": "#/$defs/animal",
    "$defs": {
        "animal": {
            "oneOf": [{"$ref": "#/$defs/cat"}, {"$ref": "#/$defs/dog"}, {"$ref": "#/$defs/bird"}]
        },
        "base": {
            "type": "object",
            "required": ["kind"],
            "properties": {
                name: {"$ref": "#/$defs/animal"} for name in ("mother", "father", "friend")
            },
        },
        **{
            kind: {"allOf": [{"$ref": "#/$defs/base"}, {"properties": {"kind": {"const": kind}}}]}
            for kind in ("cat", "dog", "bird")
        },
    },
}
"""Animals that contain animals: the same alternatives occur again at each level."""


@given(invalid=payloads_from_schema(ANIMALS, mode="invalid"))
@settings(QUICK, max_examples=15)
def test_recursive_alternatives_can_be_invalid(invalid: Invalid[Any]) -> None:
    """The search ends: what is known of a schema is not searched for again."""
    [error] = compile_validator(ANIMALS).iter_errors(invalid.value)
    assert (error.keyword, error.pointer) == (invalid.rule, invalid.pointer)


@given(invalid=envelopes(operation="listTaskInstances", mode="invalid"))
@settings(QUICK, max_examples=15)
def test_envelopes_can_be_invalid(invalid: Invalid[Any]) -> None:
    """The violated rule may be anywhere in the body."""
    validator = compile_validator(
        {"$ref": "#/components/schemas/ListTaskInstancesResponse"}, document=CONTRACT.document
    )
    [error] = validator.iter_errors(invalid.value)
    assert (error.keyword, error.pointer) == (invalid.rule, invalid.pointer)


@given(invalid=responses_from_operation("getTaskInstance", mode="invalid"))
@settings(QUICK, max_examples=15)
def test_invalid_responses_have_an_invalid_body(invalid: Invalid[Response]) -> None:
    """The response's only violation is the one that comes with it."""
    [violation] = CONTRACT.operations["getTaskInstance"].validate_response(invalid.value)
    assert (violation.rule, violation.place) == (invalid.rule, invalid.pointer or "body")


@given(invalid=tasks(mode="invalid", schema_only=True))
@settings(QUICK, max_examples=20)
def test_schema_only_values_can_be_invalid(invalid: Invalid[Any]) -> None:
    """A value does not have to obey the domain to violate one rule."""
    assert invalid.rule


@pytest.mark.parametrize(
    ("schema", "rules"),
    [
        ({"type": "object", "required": ["a", "b", "c"]}, {"type", "required"}),
        ({"required": ["a", "b", "c", "d", "e", "f"]}, {"required"}),
        ({"type": "object", "dependentRequired": {"q": ["a", "b"]}}, {"type", "dependentRequired"}),
        ({"type": "object", "properties": {"a": False}}, {"type", "false"}),
        ({"type": "array", "prefixItems": [{}], "items": False}, {"type", "false"}),
        ({"type": "object", "patternProperties": {"^x-": False}}, {"type", "false"}),
        (
            {"type": "object", "unevaluatedProperties": {"type": "string"}},
            {"type", "unevaluatedProperties"},
        ),
        (
            {"type": "string", "minLength": 2, "maxLength": 10_000, "pattern": r"^[\s\S]*$"},
            {"type", "minLength", "maxLength"},
        ),
        (
            {"type": "array", "maxItems": 9000, "uniqueItems": True},
            {"type", "maxItems", "uniqueItems"},
        ),
    ],
)
def test_each_rule_has_its_share(schema: Any, rules: set[str]) -> None:
    """Of 60 values, each rule of a schema is violated by some."""
    counts = Counter[str]()

    @given(payloads_from_schema(schema, mode="invalid"))
    @settings(QUICK, max_examples=60)
    @seed(0)
    def check(invalid: Invalid[Any]) -> None:
        counts[invalid.rule] += 1

    check()
    assert counts.keys() == rules
    assert min(counts.values()) >= 4


@pytest.mark.parametrize("mode", ["valid", "edge", "invalid"])
@pytest.mark.parametrize("pattern", [r"a[\s\S]*?b", r"^[\s\S]*$", r"^\p{L}{1,2000}$", "^(a+)+$"])
@pytest.mark.timeout(60)
def test_wide_classes_and_long_texts_come_to_an_end(pattern: str, mode: Any) -> None:
    """Wide classes, long texts, patterns that explode: in every mode."""
    schema = {"type": "string", "pattern": pattern, "maxLength": 10_000}

    @given(payloads_from_schema(schema, mode=mode))
    @settings(QUICK, max_examples=3)
    @seed(0)
    def check(value: Any) -> None:
        text = value.value if mode == "invalid" else value
        assert compile_validator(schema).is_valid(text) is (mode != "invalid")

    check()
