"""Discriminators: generated values have the names that they ask for."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from contract_builders import load_data, make_document
from understudy.contract import Contract, compile_validator, sample_body
from understudy.contract.corruption.edge_responses import edge_cases
from understudy.messages import Response
from understudy.strategies import responses_from_operation

QUICK = settings(
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
    deadline=None,
    max_examples=20,
)
_TEXT = {"type": "string"}
COMPONENTS: dict[str, Any] = {
    "Card": {
        "type": "object",
        "required": ["method", "number"],
        "properties": {"method": _TEXT, "number": _TEXT},
    },
    "Bank": {
        "type": "object",
        "required": ["method", "iban"],
        "properties": {"method": _TEXT, "iban": _TEXT},
    },
    "Cash": {"type": "object", "required": ["method"], "properties": {"method": _TEXT}},
    "Cheque": {"type": "object", "required": ["method"], "properties": {"method": _TEXT}},
    "Coin": {"type": "object", "required": ["method"], "properties": {"method": {"const": "coin"}}},
    "Pet": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": _TEXT},
        "discriminator": {"propertyName": "kind", "mapping": {"dog": "Dog"}},
    },
    "Dog": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"required": ["bark"]}]},
    "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"required": ["meow"]}]},
}


def refer(*names: str) -> list[dict[str, str]]:
    """Return references to components."""
    return [{"$ref": f"#/components/schemas/{name}"} for name in names]


BY_METHOD = {"propertyName": "method"}
MAPPED = {**BY_METHOD, "mapping": {"card": "#/components/schemas/Card", "bank": "Bank"}}
CASES: dict[str, tuple[Any, str, set[str]]] = {
    "a mapping": ({"oneOf": refer("Card", "Bank"), "discriminator": MAPPED}, "method", {"card", "bank"}),
    "anyOf": ({"anyOf": refer("Card", "Bank"), "discriminator": MAPPED}, "method", {"card", "bank"}),
    "names of schemas": (
        {"oneOf": refer("Card", "Bank"), "discriminator": BY_METHOD},
        "method",
        {"Card", "Bank"},
    ),
    "alternatives that are alike": (
        {"oneOf": refer("Cash", "Cheque"), "discriminator": BY_METHOD},
        "method",
        {"Cash", "Cheque"},
    ),
    "a name that the schema contradicts": (
        {"oneOf": refer("Coin", "Bank"), "discriminator": BY_METHOD},
        "method",
        {"coin", "Bank"},
    ),
    "a schema that others inherit from": (refer("Pet")[0], "kind", {"dog", "Cat"}),
    "a schema that inherits": (refer("Cat")[0], "kind", {"Cat"}),
}  # fmt: skip


def load(schema: Any, folder: Path) -> Contract:
    """Load a contract whose operation answers with a schema."""
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "ok", "content": content}}
    document = make_document({"responses": responses}, components={"schemas": COMPONENTS})
    return load_data(document, folder)


@pytest.mark.parametrize("name", CASES)
def test_generated_values_have_names(name: str, tmp_path: Path) -> None:
    """Samples, edges of a corpus, and the strategies in the modes valid and edge."""
    schema, property_name, names = CASES[name]
    contract = load(schema, tmp_path)
    operation = contract.operations["getX"]
    validator = compile_validator(schema, document=contract.document)

    def check(value: Any) -> None:
        assert validator.is_valid(value)
        assert value[property_name] in names

    for seed in range(4):
        check(sample_body(contract, operation.responses["200"], seed=seed))
    for edge in edge_cases(operation, "200"):
        if isinstance(edge.response.json(), dict) and edge.name != "object-empty":
            check(edge.response.json())

    @given(responses_from_operation("getX", contract=contract))
    @QUICK
    def check_valid(response: Response) -> None:
        check(response.json())

    @given(responses_from_operation("getX", contract=contract, mode="edge"))
    @QUICK
    def check_edge(response: Response) -> None:
        check(response.json())

    check_valid()
    check_edge()


@pytest.mark.parametrize("backend", ["jsonschema", "jsonschema-rs"])
def test_alike_alternatives_are_valid_beside_a_discriminator(backend: str, tmp_path: Path) -> None:
    """Without one, `oneOf` allows exactly one of them; an error names `oneOf` in both cases."""
    alike = {"oneOf": refer("Cash", "Cheque")}
    for schema, expected in (({**alike, "discriminator": BY_METHOD}, True), (alike, False)):
        contract = load(schema, tmp_path)
        validator = compile_validator(schema, document=contract.document, backend=backend)
        assert validator.is_valid({"method": "x"}) is expected
        [error] = validator.iter_errors({})
        assert (error.keyword, error.schema_pointer) == ("oneOf", "/oneOf")
