"""Payloads from a schema: each keyword is built, hardly anything is thrown away, and what is drawn is valid."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

from schema_cases import ALL, IMPOSSIBLE
from understudy.contract import compile_validator, load_contract
from understudy.contract.schema.keywords import KEYWORD_VALUE_CHECKS
from understudy.errors import InputError
from understudy.strategies import payloads_from_schema

QUICK = settings(phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)
# The phase that explains a failure traces every line, which takes long before Python 3.12.
SMALLEST = settings(phases=[Phase.generate, Phase.shrink], database=None)
SAYS_NOTHING = {
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


def keywords(schema: Any) -> set[str]:
    """Every key that stands anywhere in a schema."""
    if isinstance(schema, list):
        return {name for part in schema for name in keywords(part)}
    return set(schema).union(*map(keywords, schema.values())) if isinstance(schema, dict) else set()


@pytest.mark.parametrize("schema", ALL, ids=str)
def test_payloads_validate(schema: Any) -> None:
    """Both back ends of the validator find every value valid; hardly a draw is thrown away."""
    counts = drawn(schema, 15)
    assert counts["invalid"] == 0
    assert counts["thrown away"] <= max(4, counts["drawn"] / 20)


def test_every_keyword_is_among_the_cases() -> None:
    """A keyword that the contract's loader knows and that asserts something has a case."""
    assert set(KEYWORD_VALUE_CHECKS) - SAYS_NOTHING - keywords(ALL) == set()


@pytest.mark.parametrize("schema", IMPOSSIBLE, ids=str)
def test_a_schema_that_nothing_obeys_gives_nothing(schema: Any) -> None:
    """It is seen before anything is drawn."""
    assert payloads_from_schema(schema).is_empty


def test_a_large_alternative_is_reached() -> None:
    """Each member of an anyOf is drawn, and so is each type of a list."""
    for kind in (int, str, list, type(None)):
        schema = {"anyOf": [{"type": ["integer", "null"]}, {"type": "string"}, {"type": "array"}]}
        find(
            payloads_from_schema(schema),
            lambda value, kind=kind: isinstance(value, kind),
            settings=SMALLEST,
        )  # type: ignore[misc]


@given(data=st.data())
def test_a_schema_that_contains_itself_ends(data: st.DataObject) -> None:
    """Recursion is bounded, and yet there is some."""
    tree = {
        "type": "object",
        "required": ["kids"],
        "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}},
    }
    assert "kids" in data.draw(payloads_from_schema(tree))


def test_a_schema_that_contains_itself_is_nested() -> None:
    """Two levels at least are reached."""
    tree = {
        "type": "object",
        "required": ["kids"],
        "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}},
    }
    found = find(
        payloads_from_schema(tree),
        lambda value: bool(value["kids"] and value["kids"][0]["kids"]),
        settings=SMALLEST,
    )
    assert found == {"kids": [{"kids": [{"kids": []}]}]}


def test_payloads_shrink_to_what_is_simplest() -> None:
    """Optional members go, numbers fall, texts get short."""
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


def test_a_strategy_is_told_in_few_words() -> None:
    """Hypothesis shows it when a draw is thrown away, and warns of one that is told in very many."""
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


def test_what_one_side_never_sends_is_left_out() -> None:
    """`readOnly` is not in what a client sends, `writeOnly` not in what a server sends, required or not."""
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


def test_references_are_looked_up_in_the_contract() -> None:
    """A schema of a contract names others; one that leads nowhere is an error with the nearest name."""
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


def drawn(schema: Any, count: int) -> Counter[str]:
    """Draw values for a schema; count how many were drawn, were thrown away, and are invalid."""
    validators = [
        compile_validator(schema, backend=backend) for backend in ("jsonschema", "jsonschema-rs")
    ]
    payloads, counts = payloads_from_schema(schema), Counter[str]()

    @given(st.data())
    @settings(QUICK, max_examples=count)
    def check(data: st.DataObject) -> None:
        try:
            value = data.draw(payloads)
        except UnsatisfiedAssumption:
            counts["thrown away"] += 1
            raise
        except BaseException:
            counts["thrown away"] += data.conjecture_data.status.name == "INVALID"
            raise
        counts["drawn"] += 1
        counts["invalid"] += any(not validator.is_valid(value) for validator in validators)

    check()
    return counts
