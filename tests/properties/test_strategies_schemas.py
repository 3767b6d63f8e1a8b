"""For any schema: payloads are valid, and a schema without payloads is impossible."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contract_builders import VALUES
from draw_counting import draw_counted
from schema_strategies import SCHEMAS
from understudy.contract import compile_validator
from understudy.strategies import payloads_from_schema

DEFINED = {
    "type": ["object", "array", "integer"],
    "properties": {"a": {"$ref": "#/$defs/a"}, "b": {"minimum": 2}},
}


def check_many(count: int) -> None:
    """Draw schemas, and for each some values, which both validators accept.

    A schema without payloads accepts no value that is drawn independently of it.
    """
    counts = Counter[str]()

    @given(SCHEMAS, VALUES, st.data())
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    def check(keywords: dict[str, Any], any_value: Any, data: st.DataObject) -> None:
        schema = {**keywords, "$defs": {"a": DEFINED}}
        validators = [
            compile_validator(schema, backend=backend)
            for backend in ("jsonschema", "jsonschema-rs")
        ]
        payloads = payloads_from_schema(schema)
        if payloads.is_empty:
            assert not validators[0].is_valid(any_value)
            return
        for _ in range(2):
            value = draw_counted(data, payloads, counts)
            verdicts = [validator.is_valid(value) for validator in validators]
            assert verdicts == [True, True], schema

    check()
    assert counts["rejected"] <= counts["drawn"] / 100


def test_payloads_of_any_schema_are_valid() -> None:
    """For both validators; fewer than one draw in a hundred is rejected."""
    check_many(100)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_payloads_of_very_many_schemas_are_valid() -> None:
    """The same holds for fifteen hundred schemas."""
    check_many(1500)
