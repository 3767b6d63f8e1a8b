"""Payloads from a schema: valid for each keyword, and hardly a draw is rejected."""

from collections import Counter
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from draw_counting import draw_counted
from schema_cases import ALL, IMPOSSIBLE
from understudy.contract import compile_validator, load_contract
from understudy.contract.schema.keywords import KEYWORD_VALUE_CHECKS
from understudy.errors import InputError
from understudy.strategies import payloads_from_schema

QUICK = settings(phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)
# The phase `explain` traces every line, which takes long before Python 3.12.
SMALLEST = settings(phases=[Phase.generate, Phase.shrink], database=None)
WITHOUT_ASSERTION = {
    *(
        "title",
        "description",
        "examples",
        "$comment",
        "deprecated",
        "readOnly",
        "writeOnly",
        "contentSchema",
    ),
    *("$defs", "definitions", "$anchor", "$dynamicAnchor", "$dynamicRef", "$id"),
}


def collect_keywords(schema: Any) -> set[str]:
    """Return every key anywhere in a schema."""
    if isinstance(schema, list):
        return {name for part in schema for name in collect_keywords(part)}
    return (
        set(schema).union(*map(collect_keywords, schema.values()))
        if isinstance(schema, dict)
        else set()
    )


@pytest.mark.parametrize("schema", ALL, ids=str)
def test_payloads_are_valid(schema: Any) -> None:
    """Both validators accept every value; hardly a draw is rejected."""
    counts = count_draws(schema, 15)
    assert counts["invalid"] == 0
    assert counts["rejected"] <= max(4, counts["drawn"] / 20)


def test_every_keyword_has_a_case() -> None:
    """A keyword that the contract's loader knows and that asserts something has a case."""
    assert set(KEYWORD_VALUE_CHECKS) - WITHOUT_ASSERTION - collect_keywords(ALL) == set()


@pytest.mark.parametrize("schema", IMPOSSIBLE, ids=str)
def test_impossible_schema_has_no_payloads(schema: Any) -> None:
    """That is known before anything is drawn."""
    assert payloads_from_schema(schema).is_empty


def test_every_alternative_is_drawn() -> None:
    """Each member of an anyOf is drawn, and so is each type of a list."""
    for kind in (int, str, list, type(None)):
        schema = {"anyOf": [{"type": ["integer", "null"]}, {"type": "string"}, {"type": "array"}]}
        find(payloads_from_schema(schema), partial(_has_type, kind), settings=SMALLEST)


def _has_type(kind: type, value: Any) -> bool:
    return isinstance(value, kind)


@given(data=st.data())
def test_recursive_schema_ends(data: st.DataObject) -> None:
    """Recursion is bounded."""
    tree = {
        "type": "object",
        "required": ["kids"],
        "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}},
    }
    assert "kids" in data.draw(payloads_from_schema(tree))


def test_recursive_schema_is_nested() -> None:
    """At least two levels are reached."""
    tree = {
        "type": "object",
        "required": ["kids"],
        "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}},
    }
    smallest = find(
        payloads_from_schema(tree),
        lambda value: bool(value["kids"] and value["kids"][0]["kids"]),
        settings=SMALLEST,
    )
    assert smallest == {"kids": [{"kids": [{"kids": []}]}]}


def test_payloads_shrink_to_the_simplest() -> None:
    """Optional members disappear, numbers and texts become small."""
    schema = {
        "type": "object",
        "required": ["n"],
        "properties": {
            "n": {"type": "integer"},
            "a": {"type": "string"},
            "b": {"type": "array", "items": {}},
        },
    }
    assert find(payloads_from_schema(schema), lambda value: value["n"] > 10, settings=SMALLEST) == {
        "n": 11
    }
    assert find(
        payloads_from_schema(schema), lambda value: len(value.get("b", "")) > 1, settings=SMALLEST
    )["b"] == [
        None,
        None,
    ]


def test_strategy_has_a_short_repr() -> None:
    """Hypothesis prints it when a draw is rejected, and warns of a very long one."""
    tree = {
        "type": "object",
        "properties": {name: {"type": "array", "items": {"$ref": "#"}} for name in "abcd"},
    }
    for schema in (
        tree,
        {"type": "array", "contains": tree, "minItems": 3},
        {**tree, "minProperties": 2},
    ):
        assert len(repr(payloads_from_schema(schema))) < 2000


def test_hidden_properties_are_left_out() -> None:
    """`readOnly` is not sent by a client, `writeOnly` not by a server, required or not."""
    schema = {
        "type": "object",
        "required": ["id", "secret"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "secret": {"type": "string", "writeOnly": True},
        },
    }

    @given(
        payloads_from_schema(schema, hidden="readOnly"),
        payloads_from_schema(schema, hidden="writeOnly"),
    )
    @settings(QUICK, max_examples=20)
    def check(sent: Any, answered: Any) -> None:
        assert (set(sent), set(answered)) == ({"secret"}, {"id"})

    check()


def test_references_are_resolved_in_the_contract() -> None:
    """A reference that leads nowhere is an error with the nearest name."""
    contract = load_contract()
    find(
        payloads_from_schema({"$ref": "#/components/schemas/Creator"}, contract=contract),
        lambda value: True,
        settings=SMALLEST,
    )
    with pytest.raises(InputError, match='Did you mean "Creator"'):
        payloads_from_schema({"$ref": "#/components/schemas/Creater"}, contract=contract)
    with pytest.raises(InputError, match="does not lead into this document"):
        payloads_from_schema({"$ref": "https://example.com/schema.json"})


def count_draws(schema: Any, count: int) -> Counter[str]:
    """Draw values for a schema; count how many are drawn, rejected and invalid."""
    validators = [
        compile_validator(schema, backend=backend) for backend in ("jsonschema", "jsonschema-rs")
    ]
    payloads, counts = payloads_from_schema(schema), Counter[str]()

    @given(st.data())
    @settings(QUICK, max_examples=count)
    def check(data: st.DataObject) -> None:
        value = draw_counted(data, payloads, counts)
        counts["invalid"] += any(not validator.is_valid(value) for validator in validators)

    check()
    return counts
