"""The objects that an OpenAPI document consists of, and a walk through them by kind.

The walk knows what each node is (a schema, a parameter, a response …) from its place, so that data
(an example with a key `$ref`) is never taken for a part of the document. Swagger 2.0 has its own
members beside those of OpenAPI 3.
Source: OpenAPI 3.2, section 4; Swagger 2.0, "Specification".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from understudy.contract.document.pointers import (
    JsonObject,
    PointerError,
    child_pointer,
    join_pointer,
    parse_pointer,
    ref_target,
    resolve_pointer,
)
from understudy.contract.operation.path_routing import METHODS
from understudy.contract.schema.keywords import (
    SCHEMA_KEYWORDS,
    SCHEMA_LIST_KEYWORDS,
    SCHEMA_MAP_KEYWORDS,
)


class Kind(Enum):
    """What a node of a document is; the value is the section of `components` for it."""

    DOCUMENT = "document"
    COMPONENTS = "components"
    PATH_ITEM = "pathItems"
    OPERATION = "operation"
    PARAMETER = "parameters"
    HEADER = "headers"
    REQUEST_BODY = "requestBodies"
    RESPONSE = "responses"
    MEDIA_TYPE = "mediaTypes"
    ENCODING = "encoding"
    SCHEMA = "schemas"
    EXAMPLE = "examples"
    LINK = "links"
    CALLBACK = "callbacks"
    SECURITY_SCHEME = "securitySchemes"


class Shape(Enum):
    """How a member contains nodes."""

    ONE = "a node"
    LIST = "a list of nodes"
    MAP = "a mapping from names to nodes"


_Member = tuple[Shape, Kind]

_SCHEMA: _Member = (Shape.ONE, Kind.SCHEMA)
_CONTENT: _Member = (Shape.MAP, Kind.MEDIA_TYPE)
_PARAMETERS: _Member = (Shape.LIST, Kind.PARAMETER)
_EXAMPLES: _Member = (Shape.MAP, Kind.EXAMPLE)
_HEADERS: _Member = (Shape.MAP, Kind.HEADER)

_PARAMETER_MEMBERS = {"schema": _SCHEMA, "content": _CONTENT, "examples": _EXAMPLES}
_REFERABLE = (
    *(Kind.SCHEMA, Kind.RESPONSE, Kind.PARAMETER, Kind.EXAMPLE, Kind.REQUEST_BODY, Kind.HEADER),
    *(Kind.SECURITY_SCHEME, Kind.LINK, Kind.CALLBACK, Kind.PATH_ITEM, Kind.MEDIA_TYPE),
)
"""The kinds that `components` has a section for."""

MEMBERS: dict[Kind, dict[str, _Member]] = {
    Kind.DOCUMENT: {
        "paths": (Shape.MAP, Kind.PATH_ITEM),
        "webhooks": (Shape.MAP, Kind.PATH_ITEM),
        "components": (Shape.ONE, Kind.COMPONENTS),
        # Swagger 2.0, Swagger Object.
        "definitions": (Shape.MAP, Kind.SCHEMA),
        "parameters": (Shape.MAP, Kind.PARAMETER),
        "responses": (Shape.MAP, Kind.RESPONSE),
    },
    Kind.COMPONENTS: {kind.value: (Shape.MAP, kind) for kind in _REFERABLE},
    Kind.PATH_ITEM: {
        "parameters": _PARAMETERS,
        **dict.fromkeys(METHODS, (Shape.ONE, Kind.OPERATION)),
        "additionalOperations": (Shape.MAP, Kind.OPERATION),
    },
    Kind.OPERATION: {
        "parameters": _PARAMETERS,
        "requestBody": (Shape.ONE, Kind.REQUEST_BODY),
        "responses": (Shape.MAP, Kind.RESPONSE),
        "callbacks": (Shape.MAP, Kind.CALLBACK),
    },
    Kind.PARAMETER: _PARAMETER_MEMBERS,
    Kind.HEADER: _PARAMETER_MEMBERS,
    Kind.REQUEST_BODY: {"content": _CONTENT},
    Kind.RESPONSE: {
        "headers": _HEADERS,
        "content": _CONTENT,
        "links": (Shape.MAP, Kind.LINK),
        # Swagger 2.0, Response Object.
        "schema": _SCHEMA,
    },
    Kind.MEDIA_TYPE: {
        "schema": _SCHEMA,
        "itemSchema": _SCHEMA,
        "examples": _EXAMPLES,
        "encoding": (Shape.MAP, Kind.ENCODING),
    },
    Kind.ENCODING: {"headers": _HEADERS},
    Kind.SCHEMA: {
        **dict.fromkeys(SCHEMA_KEYWORDS, _SCHEMA),
        **dict.fromkeys(SCHEMA_LIST_KEYWORDS, (Shape.LIST, Kind.SCHEMA)),
        **dict.fromkeys(SCHEMA_MAP_KEYWORDS, (Shape.MAP, Kind.SCHEMA)),
    },
    Kind.EXAMPLE: {},
    Kind.LINK: {},
    Kind.SECURITY_SCHEME: {},
}
"""By kind of a node: its members that contain other nodes, and how."""


@dataclass(frozen=True, slots=True)
class Located:
    """A node that is an object, with its pointer and its kind."""

    kind: Kind
    pointer: str
    node: JsonObject


def iter_children(kind: Kind, node: JsonObject, pointer: str) -> Iterator[tuple[Kind, str, Any]]:
    """Yield kind, pointer and value of each child node; values of wrong types too."""
    if kind is Kind.CALLBACK:
        for name, child in node.items():
            if not name.startswith("x-"):
                yield Kind.PATH_ITEM, child_pointer(pointer, name), child
        return
    members = MEMBERS[kind]
    for key in node.keys() & members.keys():
        shape, child_kind = members[key]
        yield from _iter_member(shape, child_kind, node[key], f"{pointer}/{key}")


def _iter_member(
    shape: Shape, kind: Kind, value: Any, pointer: str
) -> Iterator[tuple[Kind, str, Any]]:
    if shape is Shape.ONE:
        yield kind, pointer, value
    elif shape is Shape.MAP and isinstance(value, dict):
        for name, child in value.items():
            # `x-` starts an extension, except among free names of schemas.
            if kind is Kind.SCHEMA or not name.startswith("x-"):
                yield kind, child_pointer(pointer, name), child
    elif isinstance(value, list):
        # Of a schema too: an old dialect has a list where 2020-12 has a schema.
        for index, child in enumerate(value):
            yield kind, f"{pointer}/{index}", child


def walk(document: JsonObject) -> Iterator[Located]:
    """Yield each object of a document once, with its kind; local references are followed.

    A node may be changed while it is yielded: its children are looked up afterwards.
    """
    yield from _walk(Located(Kind.DOCUMENT, "", document), document)


def walk_below(start: Located) -> Iterator[Located]:
    """Yield a node and each object below it once, with its kind; references are not followed."""
    yield from _walk(start, None)


def _walk(start: Located, document: JsonObject | None) -> Iterator[Located]:
    waiting: list[tuple[Kind, str, Any]] = [(start.kind, start.pointer, start.node)]
    visited: dict[tuple[int, Kind], JsonObject] = {}
    """By identity; the nodes are held, so that no other one gets their identity. By kind too: a
    wrong reference can make a schema of a path item, which is a path item all the same."""
    while waiting:
        kind, pointer, node = waiting.pop()
        if not isinstance(node, dict) or (id(node), kind) in visited:
            continue
        visited[id(node), kind] = node
        yield Located(kind, pointer, node)
        target = None if document is None else ref_target(node)
        if document is not None and target is not None:
            waiting += _find_target(document, kind, target)
        waiting += iter_children(kind, node, pointer)


def _find_target(document: JsonObject, kind: Kind, target: str) -> list[tuple[Kind, str, Any]]:
    """Return the target of a reference, which has the kind of the node that refers to it."""
    try:
        node = resolve_pointer(document, target)
    except PointerError:
        return []
    # A spelling such as `~01` names the same node as another one.
    return [(kind, join_pointer(parse_pointer(target)), node)]
