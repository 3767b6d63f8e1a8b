"""For any schema: what is drawn is valid, and what is said to be impossible is."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

from contract_builders import VALUES
from schema_strategies import SCHEMAS
from understudy.contract import compile_validator
from understudy.strategies import payloads_from_schema

DEFINED = {
    "type": ["object", "array", "integer"],
    "properties": {"a": {"$ref": "#/$defs/a"}, "b": {"minimum": 2}},
}


def promise(count: int) -> None:
    """Draw schemas; for each some values, which the validators then judge."""
    counts = Counter[str]()

    @given(SCHEMAS, VALUES, st.data())
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    def check(told: dict[str, Any], other: Any, data: st.DataObject) -> None:
        schema = {**told, "$defs": {"a": DEFINED}}
        validators = [
            compile_validator(schema, backend=backend)
            for backend in ("jsonschema", "jsonschema-rs")
        ]
        payloads = payloads_from_schema(schema)
        if payloads.is_empty:
            assert not validators[0].is_valid(other)
            return
        for _ in range(2):
            value = drawn(data, payloads, counts)
            assert [validator.is_valid(value) for validator in validators] == [True, True], schema

    check()
    assert counts["thrown away"] <= counts["drawn"] / 100


def drawn(data: st.DataObject, payloads: st.SearchStrategy[Any], counts: Counter[str]) -> Any:
    try:
        value = data.draw(payloads)
    except UnsatisfiedAssumption:  # a strategy of ours that gives up
        counts["thrown away"] += 1
        raise
    except BaseException:  # a filter
        counts["thrown away"] += data.conjecture_data.status.name == "INVALID"
        raise
    counts["drawn"] += 1
    return value


def test_payloads_of_any_schema_validate() -> None:
    """In both back ends; under one draw in a hundred is thrown away."""
    promise(100)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_payloads_of_very_many_schemas_validate() -> None:
    """The same for fifteen hundred schemas."""
    promise(1500)
