"""The client's methods, made from the table: their names, signatures and docstrings."""

import re
from collections.abc import Iterator, Mapping
from inspect import Parameter as Argument
from inspect import Signature
from typing import Any

from understudy.control.api.message_schemas import message_schemas
from understudy.control.api.route import JSON, Route, Schema

_TYPES = {"string": str, "integer": int, "number": float, "boolean": bool}


def method_name(route: Route) -> str:
    """Give the name of a route's method: `waitForRequests` is `wait_for_requests`."""
    return _snake(route.id)


def signature_of(route: Route) -> Signature:
    """Give a method's signature: parts of the path by position, all else by name. Left out is not sent."""
    arguments = [Argument("self", Argument.POSITIONAL_OR_KEYWORD)]
    arguments += [
        Argument(_snake(one.name), Argument.POSITIONAL_OR_KEYWORD, annotation=_type(one.schema))
        for one in route.parameters
        if one.location == "path"
    ]
    if route.body and route.body.argument:
        arguments.append(
            Argument(route.body.argument, Argument.POSITIONAL_OR_KEYWORD, annotation=Any)
        )
    arguments += [
        Argument(
            _snake(name),
            Argument.KEYWORD_ONLY,
            annotation=_optional(schema, default),
            default=default,
        )
        for name, schema, default in (*_queries(route), *_fields(route))
    ]
    return Signature(arguments, return_annotation=_result(route))


def names_of(route: Route) -> Mapping[str, str]:
    """Give, for each argument of a method, the table's own name."""
    told = [one.name for one in route.parameters if one.location != "header"]
    told += [name for name, _, _ in _fields(route)]
    if route.body and route.body.argument:
        told.append(route.body.argument)
    return {_snake(name): name for name in told}


def documentation_of(route: Route) -> str:
    """Give a method's docstring."""
    parts = [route.summary, route.description]
    parts += [
        f"Gives: {answer.description}"
        for answer in route.answers.values()
        if answer.schema is not None
    ][:1]
    parts += [f"Raises ControlError: {', '.join(route.problems)}."] if route.problems else []
    return " ".join(part for part in parts if part)


def _queries(route: Route) -> Iterator[tuple[str, Schema, Any]]:
    for one in route.parameters:
        if one.location == "query":
            yield one.name, one.schema, one.schema.get("default")


def _fields(route: Route) -> Iterator[tuple[str, Schema, Any]]:
    """Give the members of a body that has no name of its own; one that has to be there has no default."""
    if route.body is None or route.body.argument:
        return
    schema = route.body.schema
    if "$ref" in schema:
        schema = message_schemas()[schema["$ref"].rpartition("/")[2]]
    for name, part in schema["properties"].items():
        yield (
            name,
            part,
            Argument.empty if name in schema.get("required", ()) else part.get("default"),
        )


def _type(schema: Schema) -> Any:
    return _TYPES.get(str(schema.get("type")), str if "enum" in schema else Any)


def _optional(schema: Schema, default: Any) -> Any:
    told = _type(schema)
    return told | None if default is None and told is not Any else told


def _result(route: Route) -> Any:
    answer = next(iter(route.answers.values()))
    if answer.schema is None:
        return None
    return Any if answer.media_type == JSON else str


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
