"""Schemas without a type, or with hardly a rule: they have edges and invalid values too."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from understudy.contract import compile_validator
from understudy.strategies import payloads_from_schema

QUICK = settings(
    phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None, max_examples=60
)
SCHEMAS: dict[str, Any] = {
    "members": {"properties": {"a": {"type": "integer"}, "b": {"type": "string"}}},
    "free members": {"additionalProperties": {"type": "integer"}},
    "named members": {"patternProperties": {"^x": {"type": "integer"}}},
    "items": {"items": {"type": "integer"}},
    "first items": {"prefixItems": [{}, {"type": "integer"}]},
    "needed": {"required": ["a"], "properties": {"a": {}}},
    "members within members": {"properties": {"a": {"properties": {"b": {"minimum": 3}}}}},
    "referred to": {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"properties": {"n": {"type": "integer"}}}},
    },
    "a constant": {"const": {"a": [1]}},
    "truth": {"type": "boolean"},
    "none": {"type": "null"},
    "one of objects": {"enum": [{"a": 1}, [2], None]},
    "no text": {"not": {"type": "string"}},
    "a list or nothing": {"type": ["array", "null"], "items": {"type": "integer"}},
    "huge bounds": {"type": "number", "minimum": 10**400, "maximum": 10**401, "multipleOf": 10},
    "slug": {"type": "string", "pattern": "^[a-z0-9-]+$", "minLength": 3, "maxLength": 63},
}
WITHOUT_RULES: dict[str, Any] = {"true": True, "empty": {}, "only a title": {"title": "x"}}


def count_draws(schema: Any, mode: Any) -> Counter[str]:
    """Draw values; count how many are tried, drawn, and not as the mode says."""
    validator = compile_validator(schema)
    payloads = payloads_from_schema(schema, mode=mode)
    counts = Counter[str]()

    @given(st.data())
    @settings(QUICK)
    def check(data: st.DataObject) -> None:
        counts["tried"] += 1
        try:
            value = data.draw(payloads)
        except BaseException:
            # A value that is too large for Hypothesis is not rejected by the strategy.
            counts["tried"] -= data.conjecture_data.status.name == "OVERRUN"
            raise
        counts["drawn"] += 1
        valid = validator.is_valid(value.value if mode == "invalid" else value)
        counts["wrong"] += valid is (mode == "invalid")

    check()
    return counts


@pytest.mark.parametrize("mode", ["valid", "edge", "invalid"])
@pytest.mark.parametrize("name", SCHEMAS)
def test_hardly_a_draw_is_rejected(name: str, mode: str) -> None:
    """Less than one draw in a hundred, and the values are as the mode says."""
    counts = count_draws(SCHEMAS[name], mode)
    assert counts["wrong"] == 0
    assert counts["drawn"] >= counts["tried"] - 1
    assert counts["drawn"]


@pytest.mark.parametrize("name", WITHOUT_RULES)
def test_schema_without_rules_has_edges_but_no_invalid_values(name: str) -> None:
    """That is known before anything is drawn."""
    counts = count_draws(WITHOUT_RULES[name], "edge")
    assert counts["drawn"] >= counts["tried"] - 1
    assert payloads_from_schema(WITHOUT_RULES[name], mode="invalid").is_empty
