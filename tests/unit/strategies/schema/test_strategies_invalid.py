"""Invalid values: each is refused, for the reason that comes with it and for no other."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
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
NOTHING_BREAKS = [True, {}]
UNBREAKABLE = [*NOTHING_BREAKS, {"type": "object", "additionalProperties": {}}]


def promise(kind: str, count: int) -> Counter[str]:
    """Draw invalid values of a kind: in both back ends, each breaks its rule at its place, and nothing else."""
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
            found = [
                (error.keyword, error.pointer) for error in validator.iter_errors(invalid.value)
            ]
            assert found == [(invalid.rule, invalid.pointer)]

    check()
    return rules


@pytest.mark.parametrize("kind", KINDS)
def test_each_breaks_one_rule(kind: str) -> None:
    """The one that it tells."""
    assert len(promise(kind, 25)) > 1


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_very_many_break_one_rule_each(kind: str) -> None:
    """The same two thousand times."""
    promise(kind, 2000)


@pytest.mark.parametrize("schema", [schema for schema in ALL if schema not in UNBREAKABLE], ids=str)
def test_values_of_any_schema_can_be_broken(schema: Any) -> None:
    """Of each keyword: exactly one rule."""
    validator = compile_validator(schema)
    rules = Counter[str]()

    @given(InvalidValues(schema, schema).from_valid(payloads_from_schema(schema)))
    @settings(QUICK, max_examples=5)
    def check(invalid: Invalid[Any]) -> None:
        rules[invalid.rule] += 1
        found = [(error.keyword, error.pointer) for error in validator.iter_errors(invalid.value)]
        assert found == [(invalid.rule, invalid.pointer)]

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
"""Kinds of animals that know one another: their alternatives meet again at each level."""


@given(invalid=payloads_from_schema(ANIMALS, mode="invalid"))
@settings(QUICK, max_examples=15)
def test_alternatives_that_contain_one_another_are_broken(invalid: Invalid[Any]) -> None:
    """And that ends: what was found out about a schema is not found out anew on each way that leads to it."""
    [error] = compile_validator(ANIMALS).iter_errors(invalid.value)
    assert (error.keyword, error.pointer) == (invalid.rule, invalid.pointer)


@given(invalid=envelopes(operation="listTaskInstances", mode="invalid"))
@settings(QUICK, max_examples=15)
def test_whole_envelopes_are_broken_too(invalid: Invalid[Any]) -> None:
    """Anywhere in them."""
    validator = compile_validator(
        {"$ref": "#/components/schemas/ListTaskInstancesResponse"}, document=CONTRACT.document
    )
    [error] = validator.iter_errors(invalid.value)
    assert (error.keyword, error.pointer) == (invalid.rule, invalid.pointer)


@given(invalid=responses_from_operation("getTaskInstance", mode="invalid"))
@settings(QUICK, max_examples=15)
def test_responses_are_broken_in_their_body(invalid: Invalid[Response]) -> None:
    """The response's violation is the one that is told."""
    [violation] = CONTRACT.operations["getTaskInstance"].validate_response(invalid.value)
    assert (violation.rule, violation.place) == (invalid.rule, invalid.pointer or "body")


@given(invalid=tasks(mode="invalid", schema_only=True))
@settings(QUICK, max_examples=20)
def test_the_schema_alone_can_be_broken(invalid: Invalid[Any]) -> None:
    """Without the domain."""
    assert invalid.rule
