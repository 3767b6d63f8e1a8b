"""The OpenAPI document of the control API, built from the table of routes.

The same document routes and validates calls (`load_control_contract`), so it cannot differ from
what the server accepts.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version

from understudy.contract import Contract
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.compiler import compile_contract
from understudy.control.api.control_problems import KINDS, PROBLEM
from understudy.control.api.message_schemas import message_schemas
from understudy.control.api.route import Answer, Body, Parameter, Route, Schema, schema_ref
from understudy.control.api.route_table import ROUTES, problems_of
from understudy.control.api.schema_builders import NAME
from understudy.source import Source

_WORLD = Parameter(
    "world",
    "query",
    NAME,
    "The world. It takes precedence over header, path, user name and cookie.",
)
_WORLD_HEADER = Parameter("X-Understudy-World", "header", _WORLD.schema, "The world.")


def build_openapi_document(prefix: str) -> dict[str, object]:
    """Return the OpenAPI 3.1 document of the control API below a prefix such as /__admin."""
    topics = dict.fromkeys(route.topic for route in ROUTES.values())
    token = {"type": "http", "scheme": "bearer", "description": "--control-token."}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "understudy control API",
            "version": version("understudy"),
            "description": "Drives a stub. Errors are problem documents (RFC 9457).",
        },
        "servers": [{"url": prefix}],
        # The empty requirement: on a loopback address no token is needed (OpenAPI 3.1, 4.8.30).
        "security": [{}, {"token": []}],
        "tags": [{"name": topic} for topic in topics],
        "paths": _build_paths(ROUTES.values(), with_responses=True),
        "components": {
            "schemas": {name: dict(schema) for name, schema in message_schemas().items()},
            "securitySchemes": {"token": token},
        },
    }


@cache
def load_control_contract() -> Contract:
    """Return the document as a contract that routes and validates calls.

    Its responses are left out: the server does not validate them, and compiling them takes time.
    """
    document = build_openapi_document("")
    document["paths"] = _build_paths(ROUTES.values(), with_responses=False)
    source = Source("the control API", document, {})
    return compile_contract(document, Tree.of(source), "the control API")


def _build_paths(routes: Iterable[Route], *, with_responses: bool) -> dict[str, object]:
    """Return the path items by path, each with its operations by method."""
    paths: dict[str, dict[str, object]] = {}
    for route in routes:
        operations = paths.setdefault(route.path, {})
        operations[route.method.lower()] = _build_operation(route, with_responses=with_responses)
    return dict(paths)


def _build_operation(route: Route, *, with_responses: bool) -> dict[str, object]:
    """Return an Operation Object (OpenAPI 3.1, 4.8.10)."""
    operation: dict[str, object] = {
        "operationId": route.id,
        "tags": [route.topic],
        "summary": route.summary,
    }
    if route.description:
        operation["description"] = route.description
    parameters = [*route.parameters, *_world_parameters(route)]
    if parameters:
        operation["parameters"] = [_describe_parameter(parameter) for parameter in parameters]
    if route.body:
        operation["requestBody"] = {"required": True, "content": _describe_body(route.body)}
    operation["responses"] = _describe_responses(route) if with_responses else {}
    return operation


def _world_parameters(route: Route) -> tuple[Parameter, ...]:
    """Return the parameters that select a world."""
    if not route.of_world:
        return ()
    if route.star:
        schema, meaning = {"anyOf": [{"const": "*"}, NAME]}, f"The world, or `*` for {route.star}."
        return (
            Parameter("world", "query", schema, meaning),
            Parameter("X-Understudy-World", "header", schema, meaning),
        )
    return (_WORLD, _WORLD_HEADER)


def _describe_parameter(parameter: Parameter) -> dict[str, object]:
    """Return a Parameter Object (OpenAPI 3.1, 4.8.12)."""
    return {
        "name": parameter.name,
        "in": parameter.location,
        "description": parameter.description,
        "required": parameter.required,
        "schema": dict(parameter.schema),
    }


def _describe_body(body: Body) -> dict[str, object]:
    """Return the content of a Request Body Object: one entry for each media type."""
    return {media_type: {"schema": dict(body.schema)} for media_type in body.media_types}


def _describe_responses(route: Route) -> dict[str, object]:
    """Return the responses by status: the successful ones, then the problems."""
    responses: dict[str, object] = {}
    for status, answer in route.answers.items():
        responses[str(status)] = _describe_answer(answer)
    slugs_by_status: dict[int, list[str]] = {}
    for slug in problems_of(route):
        slugs_by_status.setdefault(KINDS[slug].status, []).append(slug)
    for status in sorted(slugs_by_status):
        responses[str(status)] = _describe_problems(slugs_by_status[status])
    return responses


def _describe_answer(answer: Answer) -> dict[str, object]:
    """Return the Response Object of a success (OpenAPI 3.1, 4.8.17)."""
    response: dict[str, object] = {"description": answer.description}
    if answer.schema is not None:
        response["content"] = _content(answer.media_type, answer.schema)
    return response


def _describe_problems(slugs: Iterable[str]) -> dict[str, object]:
    """Return one Response Object for all problems with the same status."""
    descriptions = [f"`{slug}`: {KINDS[slug].when}" for slug in slugs]
    return {
        "description": " ".join(descriptions),
        "content": _content(PROBLEM, schema_ref("Problem")),
    }


def _content(media_type: str, schema: Schema) -> Mapping[str, object]:
    """Return a content map with one Media Type Object."""
    return {media_type: {"schema": dict(schema)}}
