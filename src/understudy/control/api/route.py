"""What a route of the control API is: one row of the table that server, document, client and guide share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
YAML = "application/yaml"
EVENTS = "text/event-stream"

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a path or query carries."""

    name: str
    location: str
    """`path`, `query` or `header`."""
    schema: Schema
    description: str

    @property
    def required(self) -> bool:
        """Whether it has to be there: the parts of a path are, nothing else is."""
        return self.location == "path"


@dataclass(frozen=True, slots=True)
class Body:
    """What a call carries beside its address."""

    schema: Schema
    media_types: tuple[str, ...] = (JSON,)
    argument: str = ""
    """The client's name for the whole of it; empty when each of its members is an argument."""
    validated_by_handler: bool = False
    """Whether the handler judges it: as a scenario file is judged, with the same sentences."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back when all went well."""

    description: str
    schema: Schema | None = None
    """None when there is no body."""
    media_type: str = JSON


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that can be asked of the stub itself."""

    id: str
    method: str
    path: str
    """Below the prefix of the control API; a template such as /requests/{number}."""
    topic: str
    summary: str
    answers: Mapping[int, Answer]
    """By status; only what is no problem."""
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    problems: tuple[str, ...] = ()
    """The slugs of the problems that this route has beside those of every route."""
    of_world: bool = True
    """Whether it concerns one world."""
    changes_state: bool = field(default=False)
    """Whether it changes something."""


def schema_ref(name: str) -> Schema:
    """Give the schema that points to a shape of `understudy.control.api.message_schemas` by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def list_schema(key: str, shape: str, **more: Schema) -> Schema:
    """Give the schema of an object with one list, and what stands beside it."""
    properties = {key: {"type": "array", "items": schema_ref(shape)}, **more}
    return {"type": "object", "required": list(properties), "properties": properties}


def query_parameter(name: str, schema: Schema, description: str) -> Parameter:
    """Give a query parameter."""
    return Parameter(name, "query", schema, description)


def path_parameter(name: str, schema: Schema, description: str) -> Parameter:
    """Give a variable of the path."""
    return Parameter(name, "path", schema, description)
