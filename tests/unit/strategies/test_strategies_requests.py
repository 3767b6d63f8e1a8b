"""Requests and responses of any contract: every style of parameter, bodies, statuses."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

from understudy.contract import Contract, Match, load_contract
from understudy.messages import Request, Response
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
NUMBERS, WORDS = (
    {"type": "array", "items": {"type": "integer"}},
    {"type": "array", "items": {"type": "string"}},
)
SIZE = {"type": "object", "properties": {"w": {"type": "integer"}, "h": {"type": "string"}}}
BOOLEAN, TEXT = {"type": "boolean"}, {"type": "string"}

PARAMETERS: list[dict[str, Any]] = [
    {"name": "plain", "in": "query", "schema": TEXT},
    {"name": "exploded", "in": "query", "schema": WORDS},
    {"name": "joined", "in": "query", "schema": WORDS, "explode": False},
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
    {"name": "X-List", "in": "header", "schema": WORDS},
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
    "X-Tags": {"required": True, "schema": WORDS},
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
    """A contract with every style of parameter."""
    where = "".join(f"/{{{one['name']}}}" for one in PARAMETERS if one["in"] == "path")
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
            f"/pets{where}": {
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


def test_requests_of_every_style_decode(contract: Contract) -> None:
    """Whatever is sent is read as what it is; hardly a draw is thrown away."""
    seen, counts = Counter[str](), Counter[str]()
    strategy = requests_from_operation("put", contract=contract)

    @given(st.data())
    @settings(QUICK, max_examples=120)
    def check(data: st.DataObject) -> None:
        try:
            request: Request = data.draw(strategy)
        except UnsatisfiedAssumption:
            counts["thrown away"] += 1
            raise
        except BaseException:
            counts["thrown away"] += data.conjecture_data.status.name == "INVALID"
            raise
        counts["drawn"] += 1
        match = contract.route(request.method, request.path)
        assert isinstance(match, Match)
        decoded = match.operation.decode(match.path_values, request)
        assert (decoded.violations, decoded.notes) == ((), ())
        seen.update(list(decoded.values))
        if "json" in request.headers.get("Content-Type"):
            assert "id" not in decoded.body

    check()
    assert counts["thrown away"] <= counts["drawn"] / 100
    assert {one["name"] for one in PARAMETERS} - set(seen) == set()


def test_responses_of_any_contract_validate(contract: Contract) -> None:
    """By their schemas; what only a client sends is left out; a class of statuses has responses too."""

    @given(
        valid=responses_from_operation("put", contract=contract),
        edge=responses_from_operation("put", contract=contract, mode="edge"),
        refused=responses_from_operation("put", contract=contract, status=404),
        broken=responses_from_operation("put", contract=contract, mode="invalid"),
    )
    @settings(QUICK, max_examples=40)
    def check(
        valid: Response, edge: Response, refused: Response, broken: Invalid[Response]
    ) -> None:
        judge = contract.operations["put"].validate_response
        assert [judge(response) for response in (valid, edge, refused)] == [(), (), ()]
        assert "secret" not in valid.json()
        [violation] = judge(broken.value)
        assert (violation.rule, violation.place) == (broken.rule, broken.pointer or "body")

    check()


def test_documented_headers_are_sent(contract: Contract) -> None:
    """Those that are required always, the others sometimes."""
    seen = Counter[str]()

    @given(response=responses_from_operation("put", contract=contract))
    @settings(QUICK, max_examples=40)
    def check(response: Response) -> None:
        seen.update(name for name in HEADERS if response.headers.get(name))

    check()
    assert seen["X-Left"] == 40 > seen["X-Note"] > 0


@pytest.mark.parametrize("mode", ["valid", "edge"])
def test_a_text_is_sent_as_it_is(contract: Contract, mode: Mode) -> None:
    """Not as JSON, with a media type that the contract's range holds."""
    bodies = set[bytes]()

    @given(response=responses_from_operation("put", contract=contract, status=503, mode=mode))
    @settings(QUICK, max_examples=20)
    def check(response: Response) -> None:
        assert response.headers.get("Content-Type") == "text/plain"
        bodies.add(response.body)

    check()
    assert not all(body.startswith(b'"') for body in bodies)


def test_a_text_cannot_be_broken(contract: Contract) -> None:
    """Said at once, not after many draws."""
    with pytest.raises(ValueError, match="put answers 503 with text/plain: only JSON is judged"):
        responses_from_operation("put", contract=contract, status=503, mode="invalid")


@given(
    edge=payloads_from_schema(PET, mode="edge"),
    broken=payloads_from_schema(PET, mode="invalid"),
)
@settings(QUICK, max_examples=30)
def test_payloads_have_modes_too(edge: Any, broken: Invalid[Any]) -> None:
    """Of any schema."""
    assert "name" in edge
    assert broken.rule


def test_another_mode_is_told() -> None:
    """With the nearest."""
    with pytest.raises(ValueError, match='did you mean "invalid"'):
        payloads_from_schema(True, mode="invalidd")  # type: ignore[arg-type]
