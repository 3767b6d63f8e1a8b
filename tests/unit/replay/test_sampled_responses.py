"""Generated responses of contracts without a service: always valid."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from understudy.config import Settings
from understudy.contract import Operation
from understudy.messages import Request, dump_json
from understudy.replay import Stub
from understudy.replay.service import Call
from understudy.replay.world_setup import WorldOptions

TEXT = {"type": "string"}
SCHEMAS: dict[str, Any] = {
    "a value that is not meant": {
        "type": "integer",
        "minimum": 1,
        "maximum": 3,
        "not": {"enum": [1, 2]},
    },
    "the second alternative": {"oneOf": [{"type": "integer", "not": {}}, TEXT]},
    "exactly one alternative": {
        "properties": {"a": TEXT, "b": TEXT},
        "oneOf": [{"required": [n]} for n in ("a", "b")],
    },
    "a condition": {
        "properties": {"kind": {"enum": ["cat", "dog"]}, "lives": {"type": "integer"}},
        "required": ["kind"],
        "if": {"properties": {"kind": {"const": "dog"}}},
        "then": {"not": {"required": ["lives"]}},
        "else": {"required": ["lives"]},
    },
    "fields that need others": {"properties": {"a": TEXT}, "dependentRequired": {"a": ["b"]}},
    "few fields": {"properties": {"a": TEXT, "b": TEXT, "c": TEXT}, "maxProperties": 1},
    "a wrong example": {
        "required": ["n"],
        "properties": {"n": {"type": "integer", "example": "five"}},
    },
    "a wrong default": {"type": "integer", "default": "none"},
    "a pattern": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}(?:/[a-z]+)?$"},
    "a pattern and a length": {
        "type": "string",
        "pattern": "^(?=.*[0-9])(?=.*[A-Z])[A-Za-z0-9]+$",
        "minLength": 12,
    },
    "a pattern beside a format": {"type": "string", "format": "date", "pattern": "^19[0-9]2-"},
    "patterns of several schemas": {
        "allOf": [{"pattern": "^[a-z]+$", "type": "string"}, {"pattern": "^x.*y$"}]
    },
    "a required null": {
        "type": "object",
        "required": ["id", "closed"],
        "properties": {
            "id": {"type": "integer"},
            "closed": {"type": ["string", "null"], "default": None},
        },
    },
    "additional members": {
        "type": "object",
        "required": ["id", "extra"],
        "properties": {"id": {"type": "integer"}},
        "additionalProperties": {"type": "integer"},
    },
    "what nothing else evaluates": {
        "oneOf": [{"required": ["a"], "properties": {"a": TEXT}}, {"required": ["b", "c"]}],
        "properties": {"b": TEXT, "c": TEXT},
        "unevaluatedProperties": False,
    },
    "several items": {"type": "array", "items": {"enum": [1, 2, 3]}, "contains": {"const": 3}},
}


def _build_stub(folder: Path, response: dict[str, Any]) -> Stub:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Sampled", "version": "1"},
        "paths": {
            "/it": {
                "get": {
                    "operationId": "getIt",
                    "responses": {"200": {"description": "ok", **response}},
                }
            }
        },
    }
    path = folder / "contract.json"
    path.write_bytes(dump_json(document))
    return Stub(Settings(contract=path))


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("headers", [[], [("Prefer", "dynamic=true")]], ids=["plain", "dynamic"])
def test_generated_data_is_valid(name: str, headers: list[tuple[str, str]], tmp_path: Path) -> None:
    """The generator tries again where its first value breaks a rule.

    Equal calls of equal worlds give equal bytes.
    """
    stub = _build_stub(tmp_path, {"content": {"application/json": {"schema": SCHEMAS[name]}}})
    first, second = (
        stub.handle(Request.of("GET", f"/w/{world}/it", headers=headers))
        for world in ("one", "other")
    )
    assert (first.status, first.body) == (200, second.body)
    assert stub.contract.operations["getIt"].validate_response(first) == ()


def test_documented_header_fields_are_sent(tmp_path: Path) -> None:
    """Documented fields are sent with or without a body, by their example where there is one.

    What belongs to the connection or to the coding of a body is not sent.
    """
    fields = {
        "X-Count": {"required": True, "schema": {"type": "integer", "minimum": 5}},
        "X-Tags": {
            "required": True,
            "schema": {"type": "array", "items": {"type": "string"}},
            "example": ["a", "b"],
        },
        "X-Kind": {
            "required": True,
            "schema": {"enum": ["one"]},
            "examples": {"first": {"value": "one"}},
        },
        "X-None": {"required": True, "schema": {"enum": [1, 0], "not": {"const": 1}}},
        "X-Maybe": {"schema": {"type": "string", "enum": ["yes"]}},
        "X-Null": {"schema": {"type": "null"}},
        "Content-Encoding": {"schema": {"type": "string", "enum": ["gzip"]}},
    }
    for content in ({}, {"content": {"application/json": {"example": {"a": 1}}}}):
        stub = _build_stub(tmp_path, {"headers": fields, **content})
        for headers in ([], [("Prefer", "dynamic=true")]):
            answer = stub.handle(Request.of("GET", "/it", headers=headers))
            assert answer.status == 200
            assert int(answer.headers.get("X-Count")) >= 5
            assert (answer.headers.get("X-Tags"), answer.headers.get("X-Kind")) == ("a,b", "one")
            assert answer.headers.get("X-None") == "0"
            assert answer.headers.get("X-Maybe") == "yes"
            assert "X-Null" not in answer.headers
            assert "Content-Encoding" not in answer.headers
            assert stub.contract.operations["getIt"].validate_response(answer) == ()


def test_header_examples_of_a_schema_are_ignored(tmp_path: Path) -> None:
    """A list of examples belongs to a schema and not to a header object."""
    field = {"required": True, "schema": {"type": "string"}, "examples": ["x"]}
    assert (
        _build_stub(tmp_path, {"headers": {"X-It": field}}).handle(Request.of("GET", "/it")).status
        == 200
    )


def test_response_is_generated_once_for_each_seed(tmp_path: Path) -> None:
    """Equal seeds give the same bytes whatever the parameters; worlds of other seeds get others."""
    stub = _build_number_stub(tmp_path)
    first = stub.handle(Request.of("GET", "/it"))
    assert stub.handle(Request.of("GET", "/it?unknown=1")).body == first.body
    stub.start_world("other", WorldOptions(seed=5))
    other = stub.handle(Request.of("GET", "/w/other/it"))
    assert other.body != first.body
    assert stub.handle(Request.of("GET", "/it")).body == first.body


def test_held_responses_are_bounded(tmp_path: Path) -> None:
    """Many seeds do not let the service grow: the oldest responses go, and come back equal."""
    stub = _build_number_stub(tmp_path)
    service, call = stub.service, Call(Request.of("GET", "/it"), *stub_call(stub))
    first = service.decide(None, replace(call, seed=0)).data
    for seed in range(1, 300):
        service.decide(None, replace(call, seed=seed))
    again = service.decide(None, replace(call, seed=0)).data
    assert again == first
    assert again is not first


def _build_number_stub(folder: Path) -> Stub:
    schema = {"type": "integer", "minimum": 0, "maximum": 10**9}
    return _build_stub(folder, {"content": {"application/json": {"schema": schema}}})


def stub_call(stub: Stub) -> tuple[Operation, dict[str, Any], datetime, int]:
    """Return what a call of the only operation has beside its request."""
    [operation] = stub.contract.operations.values()
    return operation, {}, datetime(2026, 1, 1, tzinfo=UTC), 0
