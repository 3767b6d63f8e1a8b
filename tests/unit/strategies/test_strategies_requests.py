"""Requests and responses of any contract: every style of parameter, bodies, statuses."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from draw_counting import draw_counted
from understudy.contract import Contract, Match, load_contract
from understudy.messages import Response
from understudy.source import dump_yaml
from understudy.strategies import (
    Invalid,
    payloads_from_schema,
    requests_from_operation,
    responses_from_operation,
)
from understudy.strategies.strategy_options import Mode

QUICK = settings(
    phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None, deadline=None
)
NUMBERS = {"type": "array", "items": {"type": "integer"}}
STRINGS = {"type": "array", "items": {"type": "string"}}
SIZE = {"type": "object", "properties": {"w": {"type": "integer"}, "h": {"type": "string"}}}
BOOLEAN, TEXT = {"type": "boolean"}, {"type": "string"}

PARAMETERS: list[dict[str, Any]] = [
    {"name": "plain", "in": "query", "schema": TEXT},
    {"name": "exploded", "in": "query", "schema": STRINGS},
    {"name": "joined", "in": "query", "schema": STRINGS, "explode": False},
    {
        "name": "spaces",
        "in": "query",
        "schema": NUMBERS,
        "style": "spaceDelimited",
        "explode": False,
    },
    {"name": "pipes", "in": "query", "schema": NUMBERS, "style": "pipeDelimited", "explode": False},
    {"name": "deep", "in": "query", "schema": SIZE, "style": "deepObject", "explode": True},
    {"name": "members", "in": "query", "schema": SIZE, "explode": True},
    {"name": "flat", "in": "query", "schema": SIZE, "explode": False},
    {"name": "either", "in": "query", "schema": {"type": ["string", "null"], "maxLength": 5}},
    {
        "name": "nulls",
        "in": "query",
        "schema": {"type": "array", "items": {"type": ["integer", "null"]}},
    },
    {"name": "json", "in": "query", "content": {"application/json": {"schema": SIZE}}},
    {"name": "alone", "in": "query", "schema": BOOLEAN, "x-requires": ["plain"]},
    {"name": "X-Text", "in": "header", "schema": TEXT, "required": True},
    {"name": "X-Number", "in": "header", "required": True, "schema": {"type": ["integer", "null"]}},
    {"name": "X-Narrow", "in": "header", "schema": {"type": "string", "pattern": "^[a-z]{9}$"}},
    {"name": "X-List", "in": "header", "schema": STRINGS},
    {"name": "X-Size", "in": "header", "schema": SIZE, "explode": True},
    {"name": "crumb", "in": "cookie", "schema": TEXT, "required": True},
    {"name": "count", "in": "cookie", "schema": {"type": "integer"}},
    {"name": "id", "in": "path", "schema": TEXT, "required": True},
    {
        "name": "label",
        "in": "path",
        "schema": NUMBERS,
        "style": "label",
        "explode": True,
        "required": True,
    },
    {
        "name": "matrix",
        "in": "path",
        "schema": NUMBERS,
        "style": "matrix",
        "explode": True,
        "required": True,
    },
    {"name": "size", "in": "path", "schema": SIZE, "style": "matrix", "required": True},
]
HEADERS = {
    "X-Left": {"required": True, "schema": {"type": "integer", "minimum": 0}},
    "X-Tags": {"required": True, "schema": STRINGS},
    "X-Note": {"schema": {"type": "string"}},
}
PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "minLength": 1},
        "secret": {"type": "string", "writeOnly": True},
    },
}


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """Return a contract with every style of parameter."""
    in_path = [parameter["name"] for parameter in PARAMETERS if parameter["in"] == "path"]
    path_template = "/pets" + "".join(f"/{{{name}}}" for name in in_path)
    content = {"application/json": {"schema": PET}}
    responses = {
        "200": {"description": "ok", "content": content, "headers": HEADERS},
        "4XX": {"description": "no", "content": content},
        "503": {"description": "down", "content": {"text/*": {"schema": TEXT}}},
    }
    body = {"required": True, "content": {**content, "text/plain": {"schema": TEXT}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {
            path_template: {
                "put": {
                    "operationId": "put",
                    "parameters": PARAMETERS,
                    "requestBody": body,
                    "responses": responses,
                }
            }
        },
    }
    path = tmp_path_factory.mktemp("contract") / "pets.yaml"
    path.write_text(dump_yaml(document), "utf-8")
    return load_contract(path)


def test_parameters_of_every_style_decode(contract: Contract) -> None:
    """What is sent is decoded as the same values; hardly a draw is rejected."""
    seen, counts = Counter[str](), Counter[str]()
    strategy = requests_from_operation("put", contract=contract)

    @given(st.data())
    @settings(QUICK, max_examples=120)
    def check(data: st.DataObject) -> None:
        request = draw_counted(data, strategy, counts)
        match = contract.route(request.method, request.path)
        assert isinstance(match, Match)
        decoded = match.operation.decode(match.path_values, request)
        assert (decoded.violations, decoded.notes) == ((), ())
        seen.update(list(decoded.values))
        if "json" in request.headers.get("Content-Type"):
            assert "id" not in decoded.body

    check()
    assert counts["rejected"] <= counts["drawn"] / 100
    assert {parameter["name"] for parameter in PARAMETERS} - set(seen) == set()


def test_responses_of_any_contract_are_valid(contract: Contract) -> None:
    """Bodies follow their schemas without `writeOnly`; `4XX` covers a status too."""

    @given(
        valid=responses_from_operation("put", contract=contract),
        edge=responses_from_operation("put", contract=contract, mode="edge"),
        error=responses_from_operation("put", contract=contract, status=404),
        invalid=responses_from_operation("put", contract=contract, mode="invalid"),
    )
    @settings(QUICK, max_examples=40)
    def check(valid: Response, edge: Response, error: Response, invalid: Invalid[Response]) -> None:
        validate = contract.operations["put"].validate_response
        assert [validate(response) for response in (valid, edge, error)] == [(), (), ()]
        assert "secret" not in valid.json()
        [violation] = validate(invalid.value)
        assert (violation.rule, violation.place) == (invalid.rule, invalid.pointer or "body")

    check()


def test_documented_headers_are_sent(contract: Contract) -> None:
    """Required headers are always present, others sometimes."""
    seen = Counter[str]()

    @given(response=responses_from_operation("put", contract=contract))
    @settings(QUICK, max_examples=40)
    def check(response: Response) -> None:
        seen.update(name for name in HEADERS if response.headers.get(name))

    check()
    assert seen["X-Left"] == 40 > seen["X-Note"] > 0


@pytest.mark.parametrize("mode", ["valid", "edge"])
def test_text_body_is_sent_as_it_is(contract: Contract, mode: Mode) -> None:
    """A text is not JSON; its media type is one of the contract's range."""
    bodies = set[bytes]()

    @given(response=responses_from_operation("put", contract=contract, status=503, mode=mode))
    @settings(QUICK, max_examples=20)
    def check(response: Response) -> None:
        assert response.headers.get("Content-Type") == "text/plain"
        bodies.add(response.body)

    check()
    assert not all(body.startswith(b'"') for body in bodies)


def test_invalid_text_body_is_reported(contract: Contract) -> None:
    """The error is raised when the strategy is built, not after many draws."""
    with pytest.raises(
        ValueError, match="put responds to 503 with text/plain: only JSON is validated"
    ):
        responses_from_operation("put", contract=contract, status=503, mode="invalid")


@given(
    edge=payloads_from_schema(PET, mode="edge"),
    invalid=payloads_from_schema(PET, mode="invalid"),
)
@settings(QUICK, max_examples=30)
def test_payloads_from_schema_have_modes(edge: Any, invalid: Invalid[Any]) -> None:
    """Values of any schema can be edge cases or invalid."""
    assert "name" in edge
    assert invalid.rule


def test_unknown_mode_is_reported() -> None:
    """The error offers the nearest mode."""
    with pytest.raises(ValueError, match=r'unknown mode "invalidd".* Did you mean "invalid"'):
        payloads_from_schema(True, mode="invalidd")  # type: ignore[arg-type]
