"""The control API's own OpenAPI document, made from the table of routes."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from understudy.contract import Contract
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.compiler import compile_contract
from understudy.control.api.control_problems import KINDS, PROBLEM
from understudy.control.api.message_schemas import NAME, message_schemas
from understudy.control.api.route import Answer, Body, Parameter, Route, schema_ref
from understudy.control.api.route_table import ROUTES, problems_of
from understudy.source import Source

_WORLD = Parameter(
    "world", "query", NAME, "The world. It wins over header, path, user name and cookie."
)
_ANY_WORLD = Parameter(
    "world", "query", {"anyOf": [{"const": "*"}, NAME]}, "The world, or `*` for all worlds."
)
_WORLD_HEADER = Parameter("X-Understudy-World", "header", _WORLD.schema, "The world.")


def build_openapi_document(prefix: str) -> dict[str, Any]:
    """Give the OpenAPI 3.1 document of the control API below a prefix such as /__admin."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "understudy control API",
            "version": version("understudy"),
            "description": "What can be asked of the stub itself. Errors are problem documents (RFC 9457).",
        },
        "servers": [{"url": prefix}],
        "security": [{}, {"token": []}],
        "tags": [
            {"name": topic} for topic in dict.fromkeys(route.topic for route in ROUTES.values())
        ],
        "paths": _paths(ROUTES, replies=True),
        "components": {
            "schemas": {name: dict(schema) for name, schema in message_schemas().items()},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "--control-token."}
            },
        },
    }


@cache
def load_control_contract() -> Contract:
    """Give the document, compiled to route and judge calls. What it says of answers is left out: nobody asks here."""
    document = {**build_openapi_document(""), "paths": _paths(ROUTES, replies=False)}
    return compile_contract(
        document, Tree.of(Source("the control API", document, {})), "the control API"
    )


def _paths(routes: Mapping[str, Route], *, replies: bool) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for route in routes.values():
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, replies=replies)
    return paths


def _operation(route: Route, *, replies: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": route.id,
        "tags": [route.topic],
        "summary": route.summary,
    }
    if route.description:
        told["description"] = route.description
    parameters = [_parameter(one) for one in (*route.parameters, *_world_of(route))]
    if parameters:
        told["parameters"] = parameters
    if route.body:
        told["requestBody"] = {"required": True, "content": _content(route.body)}
    return {**told, "responses": dict(_responses(route)) if replies else {}}


def _world_of(route: Route) -> tuple[Parameter, ...]:
    if not route.of_world:
        return ()
    return (_ANY_WORLD if route.id == "events" else _WORLD, _WORLD_HEADER)


def _parameter(parameter: Parameter) -> dict[str, Any]:
    told = {"name": parameter.name, "in": parameter.location, "description": parameter.description}
    return {**told, "required": parameter.required, "schema": dict(parameter.schema)}


def _content(body: Body) -> dict[str, Any]:
    return {media_type: {"schema": dict(body.schema)} for media_type in body.media_types}


def _responses(route: Route) -> Iterator[tuple[str, Any]]:
    for status, answer in route.answers.items():
        yield str(status), _answer(answer)
    slugs: dict[int, list[str]] = {}
    for slug in problems_of(route):
        slugs.setdefault(KINDS[slug].status, []).append(slug)
    for status in sorted(slugs):
        described = " ".join(f"`{slug}`: {KINDS[slug].when}" for slug in slugs[status])
        yield (
            str(status),
            {
                "description": described,
                "content": {PROBLEM: {"schema": dict(schema_ref("Problem"))}},
            },
        )


def _answer(answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {"description": answer.description}
    if answer.schema is not None:
        told["content"] = {answer.media_type: {"schema": dict(answer.schema)}}
    return told
