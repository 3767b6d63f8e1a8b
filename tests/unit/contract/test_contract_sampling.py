"""Samples: valid values, the same for the same seed."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_builders import load_data, make_document
from understudy.contract import Contract, compile_validator, load_contract, sample

SCHEMAS: dict[str, Any] = {
    "Node": {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "integer"},
            "left": {"$ref": "#/components/schemas/Node"},
            "right": {"$ref": "#/components/schemas/Node"},
            "more": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
        },
    },
    "Endless": {
        "type": "object",
        "required": ["e"],
        "properties": {"e": {"$ref": "#/components/schemas/Endless"}},
    },
    "Pet": {
        "allOf": [
            {"$ref": "#/components/schemas/Node"},
            {"required": ["kind"], "properties": {"kind": {"const": "cat"}}},
        ]
    },
    "Any": True,
    "None": False,
    **{
        f"Wide{n}": {
            "properties": {
                f"p{i}": {"$ref": f"#/components/schemas/Wide{n + 1}"} for i in range(10)
            }
        }
        for n in range(9)
    },
    "Wide9": {"type": "string"},
}


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return load_data(
        make_document(components={"schemas": SCHEMAS}), tmp_path_factory.mktemp("sample")
    )


@pytest.mark.parametrize(
    "schema",
    [
        *(
            {"$ref": f"#/components/schemas/{name}"}
            for name in ("Node", "Pet", "Any", "Wide0", "Wide6")
        ),
        {"type": "string"},
        {"type": "string", "minLength": 40},
        {"type": "string", "maxLength": 2},
        *(
            {"type": "string", "format": name}
            for name in ("date-time", "date", "uuid", "email", "x")
        ),
        {"type": "string", "pattern": r"^\d+$"},
        {"type": "string", "pattern": "^[A-Z]+$"},
        {"type": "boolean"},
        {"type": "null"},
        {"type": ["null", "string"]},
        {"enum": ["a", 1, None]},
        {"const": {"a": 1}},
        {"default": 5},
        {"examples": [7, 8]},
        {},
        True,
        {"oneOf": [{"type": "integer"}, {"type": "string"}]},
        {
            "type": "object",
            "required": ["a"],
            "oneOf": [{"properties": {"a": {"type": "integer"}}}],
        },
        {"anyOf": [{"$ref": "#/components/schemas/Node"}, {"type": "null"}]},
        {"required": ["x", "y"]},
        {"allOf": [{"minimum": 3}, {"type": "integer", "maximum": 4}, {"minimum": 4}]},
        {
            "allOf": [
                {"allOf": [{"type": "object"}, {"required": ["a"]}]},
                {"properties": {"a": {"type": "null"}}},
                True,
            ]
        },
        {
            "allOf": [
                {"properties": {"a": {"type": "integer"}}},
                {"properties": {"a": {"minimum": 9}}},
            ],
            "required": ["a"],
        },
        {"type": "object", "minProperties": 3},
        {"type": "object", "properties": {"a": False, "b": {}}},
        {"type": "object", "properties": {"a": {}, "b": {}}, "maxProperties": 1},
        {"type": "object", "required": ["k"], "additionalProperties": {"type": "integer"}},
        {"type": "array", "minItems": 3},
        {"type": "array", "maxItems": 0},
        {"type": "array", "items": False},
        {"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 3, "uniqueItems": True},
        {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "null"}], "items": False},
        {"type": "array", "contains": {"const": "x"}, "items": {"type": "string"}},
    ],
)
def test_sample_is_valid(contract: Contract, schema: Any) -> None:
    """For every seed."""
    validator = compile_validator(schema, document=contract.document)
    values = [sample(contract, schema, seed=seed) for seed in range(5)]
    assert [list(validator.iter_errors(value)) for value in values] == [[]] * 5


def test_same_seed_gives_the_same_value(contract: Contract) -> None:
    """Another seed gives another value."""
    schema = {
        "properties": {"a": {"type": "integer"}, "b": {"type": "string"}, "c": {"format": "uuid"}}
    }
    assert sample(contract, schema, seed=1) == sample(contract, schema, seed=1)
    assert len({str(sample(contract, schema, seed=seed)) for seed in range(10)}) == 10


def test_optional_fields_are_included_except_recursion(contract: Contract) -> None:
    """A node does not contain nodes without end."""
    assert sample(contract, {"$ref": "#/components/schemas/Node"}).keys() == {"id", "more"}
    assert sample(contract, {"$ref": "#/components/schemas/Node"})["more"] == []


def test_endless_schema_is_cut(contract: Contract) -> None:
    """No value is valid; a value is returned all the same."""
    assert isinstance(sample(contract, {"$ref": "#/components/schemas/Endless"}), dict)
    assert sample(contract, {"$ref": "#/components/schemas/None"}) is None


_BOUND = st.none() | st.integers(-40, 40) | st.sampled_from([0.5, -2.5, 7.25])


@given(
    kind=st.sampled_from(["integer", "number"]),
    low=_BOUND,
    room=st.integers(3, 20),
    names=st.tuples(
        st.sampled_from(["minimum", "exclusiveMinimum"]),
        st.sampled_from(["maximum", "exclusiveMaximum", ""]),
    ),
    step=st.sampled_from([None, 1, 0.5, 2, 3, 0.01]),
    seed=st.integers(0, 3),
)
def test_number_is_within_its_bounds(
    contract: Contract,
    kind: str,
    low: float | None,
    room: int,
    names: tuple[str, str],
    step: float | None,
    seed: int,
) -> None:
    """Inclusive or exclusive bounds, steps of any size: a possible value is found."""
    schema: dict[str, Any] = {"type": kind}
    schema |= {} if low is None else {names[0]: low}
    schema |= {names[1]: (low or 0) + 2 * room} if names[1] else {}
    schema |= {} if step is None else {"multipleOf": step}
    assert compile_validator(schema, backend="jsonschema").is_valid(
        sample(contract, schema, seed=seed)
    )


def test_every_shipped_response_has_a_valid_sample(root: Path) -> None:
    """With each dialect."""
    for overlays in ([], [root / "docs/api/overlays/observed.yaml"]):
        shipped = load_contract(overlays=overlays)
        for operation in shipped.operations.values():
            for spec in operation.responses.values():
                validator = compile_validator(spec.schema, document=shipped.document)
                assert list(validator.iter_errors(sample(shipped, spec.schema))) == []
