"""Builders for the tests of coverage: a small contract, its exchanges, and calls of OCP's stub."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from functools import cache
from typing import Any

from understudy.config import Settings
from understudy.contract import Contract, load_contract
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.compiler import compile_contract
from understudy.coverage import Coverage, Report
from understudy.messages import Exchange, Headers, Request, Response, dump_json
from understudy.replay import Stub
from understudy.source import Source

LIST = "/api/v2/tasks/instances"
FAILED = 35000312
"""The id of a failed task of the demo; a retry completes it."""

_NODE = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "kind": {"enum": ["leaf", "branch", 3, None]},
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
    },
}
_CAT = {
    "type": "object",
    "properties": {"lives": {"type": "integer"}, "mood": {"enum": ["calm", "cross"]}},
}
_DOG = {
    "type": "object",
    "properties": {"tricks": {"type": "array", "items": {"enum": ["sit", "roll"]}}},
}
_PET = {
    "type": "object",
    "properties": {
        "colour": {"type": "string", "x-documented-as": "color"},
        "secret": {
            "type": "object",
            "writeOnly": True,
            "properties": {"inner": {"type": "string"}},
        },
        "as": {"anyOf": [_CAT, _DOG]},
        "labels": {
            "type": "object",
            "additionalProperties": {"type": "object", "properties": {"by": {}}},
        },
        "pair": {
            "type": "array",
            "prefixItems": [{"type": "object", "properties": {"left": {}}}],
            "items": False,
        },
        "family": {"$ref": "#/components/schemas/Node"},
    },
}


def _in(where: str, name: str, schema: Any, **more: Any) -> dict[str, Any]:
    return {"in": where, "name": name, "schema": schema, "required": where == "path", **more}


_COLOURS = {"type": "array", "items": {"type": "string", "enum": ["red", "a,b"]}}
_DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets <& friends>", "version": "2"},
    "paths": {
        "/pets/{id}": {
            "get": {
                "operationId": "getPet",
                "parameters": [
                    _in("path", "id", {"type": "integer"}),
                    _in("query", "joined", _COLOURS, explode=False),
                    _in("query", "repeated", _COLOURS),
                    _in("query", "size", {"type": "integer", "enum": [1, 2], "default": 1}),
                    _in("query", "token", {"enum": ["hidden"]}),
                    _in("header", "X-Mode", {"enum": ["fast", "slow"]}),
                    _in("cookie", "session", {"type": "string"}),
                ],
                "responses": {
                    "200": {
                        "description": "a pet",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}
                        },
                    },
                    "4XX": {"description": "not so"},
                },
            },
            "put": {
                "operationId": "put|Pet`",
                "parameters": [_in("path", "id", {"type": "integer"})],
                "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {
                    "default": {
                        "description": "it",
                        "content": {"text/plain": {"schema": {"type": "string"}}},
                    }
                },
            },
        }
    },
    "components": {"schemas": {"Pet": _PET, "Node": _NODE}},
}


@cache
def pets() -> Contract:
    """Return the small contract."""
    return compile_contract(_DOCUMENT, Tree.of(Source("pets", _DOCUMENT, {})), "pets.yaml")


@cache
def shipped_contract() -> Contract:
    """Return OCP's contract, always the same object: its items are listed once."""
    return load_contract()


def exchange(
    target: str = "/pets/1",
    body: Any = None,
    *,
    status: int = 200,
    method: str = "GET",
    operation: str = "getPet",
    sent: bytes = b"",
    trace: dict[str, Any] | None = None,
    content_type: str = "application/json",
    world: str = "default",
    number: int = 1,
    **headers: str,
) -> Exchange:
    """Return an exchange; a body other than bytes is written as JSON."""
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    request = Request.of(method, target, headers=fields, body=sent)
    content = b""
    if isinstance(body, bytes):
        content = body
    elif body is not None:
        content = dump_json(body)
    response = Response(status, Headers.of([("Content-Type", content_type)]), content)
    at = datetime(2021, 8, 25, 15, 9, tzinfo=UTC)
    return Exchange(number, world, at, request, response, operation, trace=trace or {})


def counts(*exchanges: Exchange, contract: Contract | None = None) -> dict[str, dict[str, int]]:
    """Return the covered items of each section, with their counts."""
    return list_covered(report(*exchanges, contract=contract))


def report(*exchanges: Exchange, contract: Contract | None = None) -> Report:
    """Return the report on exchanges."""
    coverage = Coverage(contract or pets())
    for each in exchanges:
        coverage.observe(each)
    return coverage.report()


def list_covered(of: Report) -> dict[str, dict[str, int]]:
    """Return the covered items of each section of a report, with their counts."""
    return {
        section.name: {item.label: item.count for item in section.items if item.count}
        for section in of.sections
    }


def items(of: Report, section: str) -> list[str]:
    """Return the labels of a section's items."""
    part = of.section(section)
    assert part is not None
    return [item.label for item in part.items]


class Caller:
    """A client of a stub, as admin and without a socket."""

    def __init__(self, scenario: str = "demo", **settings: Any) -> None:
        self.stub = Stub(Settings(scenario=scenario, **{"clock": "virtual", **settings}))
        self.world = self.stub.world("default")

    def call(self, target: str, method: str = "GET", **headers: str) -> Response:
        """Send a request and return the response."""
        fields = [("Authorization", f"Basic {base64.b64encode(b'admin:admin').decode()}")]
        fields += [(name.replace("_", "-"), value) for name, value in headers.items()]
        return self.stub.handle(Request.of(method, target, headers=fields))

    def counts(self) -> dict[str, dict[str, int]]:
        """Return the covered items of each section, with their counts."""
        return list_covered(self.world.coverage())
