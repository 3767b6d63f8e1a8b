"""Rows of the table of routes that server, OpenAPI document, client and guide share.

This module holds the types of a row and the helpers that build schemas for it. The rows are in
`server_routes`, `journal_routes`, `world_routes` and `task_routes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

JSON = "application/json"
YAML = "application/yaml"
EVENTS = "text/event-stream"

Schema = Mapping[str, object]
"""A JSON Schema (2020-12) as JSON data."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a path, query or header field."""

    name: str
    location: str
    """`path`, `query` or `header`, as `in` of OpenAPI."""
    schema: Schema
    description: str

    @property
    def required(self) -> bool:
        """Whether a call must have the parameter: path parameters only (OpenAPI 3.1, 4.8.12)."""
        return self.location == "path"


@dataclass(frozen=True, slots=True)
class Body:
    """The request body of a route."""

    schema: Schema
    media_types: tuple[str, ...] = (JSON,)
    argument: str = ""
    """The client's argument for the whole body; empty when each member is an argument."""
    validated_by_handler: bool = False
    """Whether the handler validates the body as a scenario file, with the same error texts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful response of a route."""

    description: str
    schema: Schema | None = None
    """None for a response without a body."""
    media_type: str = JSON


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the control API."""

    id: str
    """The operationId; the client's method has the same name in snake case."""
    method: str
    path: str
    """A template such as /requests/{number}, relative to the prefix of the control API."""
    topic: str
    """The tag in the OpenAPI document, and the heading in the guide."""
    summary: str
    answers: Mapping[int, Answer]
    """The successful responses by status; problems are in `problems`."""
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    problems: tuple[str, ...] = ()
    """The slugs of problems that are specific to this route."""
    of_world: bool = True
    """Whether the route concerns one world."""
    star: str = ""
    """What `?world=*` means for the route; empty: it is not allowed."""
    changes_state: bool = False


def schema_ref(name: str) -> Schema:
    """Return a `$ref` to a schema of `message_schemas` by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def list_schema(key: str, item: str, **more: Schema) -> Schema:
    """Return the schema of an object with a list of `item` under `key`, and more members."""
    properties = {key: {"type": "array", "items": schema_ref(item)}, **more}
    return {"type": "object", "required": list(properties), "properties": properties}


def query_parameter(name: str, schema: Schema, description: str) -> Parameter:
    """Return a query parameter."""
    return Parameter(name, "query", schema, description)


def path_parameter(name: str, schema: Schema, description: str) -> Parameter:
    """Return a path parameter."""
    return Parameter(name, "path", schema, description)
