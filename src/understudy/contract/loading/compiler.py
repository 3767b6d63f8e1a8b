"""Compilation of a checked document: everything that can be computed once is computed here."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from understudy.contract.document.pointers import (
    JsonObject,
    child_pointer,
    follow_bare_refs,
    follow_refs,
)
from understudy.contract.loading.body_compiler import REQUEST, RESPONSE, BodyCompiler
from understudy.contract.loading.security_compiler import SecurityCompiler
from understudy.contract.operation.base_paths import find_base_paths
from understudy.contract.operation.body_validation import Body
from understudy.contract.operation.compiled_contract import (
    Contract,
    Operation,
    ResponseSpec,
)
from understudy.contract.operation.negotiation import concrete_media_type, default_media_type
from understudy.contract.operation.parameter_model import COLLECTION_FORMATS, STYLES, Parameter
from understudy.contract.operation.path_routing import (
    METHODS,
    Router,
    list_variables,
    mask_variables,
    path_template,
)
from understudy.contract.operation.violation import find_source
from understudy.contract.schema.validator import choose_backend
from understudy.contract.schema.value_shapes import ValueShape
from understudy.contract.schema.value_types import infer_types
from understudy.errors import PlaceLookup, Problem

# OpenAPI 3.1, Parameter Object: header parameters of these names are ignored, because HTTP itself
# defines them.
_HTTP_HEADERS = frozenset(["accept", "content-type", "authorization"])


def compile_contract(
    document: JsonObject,
    tree: PlaceLookup,
    file: str,
    *,
    backend: str | None = None,
    warnings: tuple[Problem, ...] = (),
) -> Contract:
    """Compile a document that `check_document` has repaired, with its schemas in 2020-12.

    `tree` has the places of its nodes, `file` is its name for messages. `warnings` are its flaws.
    Raises InputError for a back end that cannot be used.
    """
    compiler = _Compiler(document, choose_backend(backend))
    operations = _with_unique_ids(compiler.operations())
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    info = document["info"]
    return Contract(
        title=info["title"],
        version=info["version"],
        file=file,
        document=document,
        operations={operation.id: operation for operation in operations},
        service=str(info.get("x-understudy-service", "")),
        warnings=warnings,
        tree=tree,
        router=Router(by_path),
        by_path=by_path,
        base_paths=find_base_paths(document),
    )


def _with_unique_ids(operations: Iterator[Operation]) -> list[Operation]:
    """Return operations of which each has its own id.

    Two paths can share one item by `$ref`: the operations of the second are named by method and
    path. A name that is in use still gets a number.
    """
    unique: dict[str, Operation] = {}
    for operation in operations:
        name = operation.id
        if name in unique:
            name = f"{operation.method} {operation.path}"
        number = 2
        while name in unique:
            name = f"{operation.method} {operation.path} ({number})"
            number += 1
        unique[name] = operation if name == operation.id else replace(operation, id=name)
    return list(unique.values())


class _Compiler:
    """Compiles the elements of one document; schemas and bodies that are shared, once."""

    def __init__(self, document: JsonObject, backend: str) -> None:
        self.document = document
        self.backend = backend
        self.bodies = BodyCompiler(document, backend)
        self.security = SecurityCompiler(document)

    def operations(self) -> Iterator[Operation]:
        """Yield each operation, in the document's order of paths and this module's of methods.

        Of operations that match the same requests, only the first is yielded.
        """
        paths = self.document.get("paths", {})
        served: set[tuple[str, str]] = set()
        for path, path_node in paths.items():
            if path.startswith("x-"):
                continue
            template = path_template(path)
            mask = mask_variables(template)
            item, pointer = follow_refs(self.document, path_node, child_pointer("/paths", path))
            for method, node, where in _iter_methods(item, pointer):
                if (mask, method) not in served:
                    served.add((mask, method))
                    yield self.operation(template, method, node, where, (item, pointer))

    def operation(
        self, path: str, method: str, node: JsonObject, pointer: str, item: tuple[JsonObject, str]
    ) -> Operation:
        """Compile one operation; `item` is its path item, with the pointer of that.

        Source: OpenAPI 3.1, Operation Object. `x-permission` and `x-source` are extensions of this
        tool: the permission that the caller needs, and the line of the documents that describes the
        operation.
        """
        source = str(node.get("x-source", ""))
        default_id = f"{method} {path}"
        parameters = self.operation_parameters(node, pointer, *item)
        variables = list_variables(path)
        return Operation(
            id=node.get("operationId") or default_id,
            method=method,
            path=path,
            pointer=pointer,
            # A path parameter without a variable has no value in any request.
            parameters=tuple(
                parameter
                for parameter in parameters
                if parameter.location != "path" or parameter.name in variables
            ),
            responses=self.responses(node, pointer, source),
            document=self.document,
            body=self.request_body(node, pointer, source),
            summary=str(node.get("summary", "")),
            tags=tuple(node.get("tags", ())),
            permission=str(node.get("x-permission", "")),
            security=self.security.compile_operation(node, pointer),
            source=source,
        )

    def operation_parameters(
        self, node: JsonObject, pointer: str, item: JsonObject, item_pointer: str
    ) -> tuple[Parameter, ...]:
        """Return the parameters of a path and of its operation.

        Source: OpenAPI 3.1, Operation Object: a parameter of the operation replaces one of the
        path that has the same name and location.
        """
        by_key: dict[tuple[str, str], Parameter] = {}
        for owner, owner_pointer in ((item, item_pointer), (node, pointer)):
            where = child_pointer(owner_pointer, "parameters")
            nodes = owner.get("parameters", [])
            for parameter in self.parameters(nodes, where):
                by_key[parameter.location, parameter.name] = parameter
        return tuple(by_key.values())

    def request_body(self, node: JsonObject, pointer: str, source: str) -> Body | None:
        """Compile the body of an operation's requests; None when none is documented."""
        if "requestBody" not in node:
            return None
        where = child_pointer(pointer, "requestBody")
        body, where = follow_refs(self.document, node["requestBody"], where)
        return self.bodies.body(body, where, REQUEST, source)

    def responses(self, node: JsonObject, pointer: str, source: str) -> dict[str, ResponseSpec]:
        """Compile the responses of an operation, by status."""
        responses: dict[str, ResponseSpec] = {}
        nodes = node.get("responses", {})
        for status, response in nodes.items():
            if not status.startswith("x-"):
                where = child_pointer(pointer, "responses", status)
                responses[status] = self.response(status, response, where, source)
        return responses

    def parameters(self, nodes: list[Any], pointer: str) -> Iterator[Parameter]:
        """Compile a list of parameters, except those that HTTP itself defines."""
        for index, node in enumerate(nodes):
            where = child_pointer(pointer, index)
            target, where = follow_refs(self.document, node, where)
            name = target["name"]
            location = target["in"]
            if location != "header" or name.lower() not in _HTTP_HEADERS:
                yield self.parameter(name, location, target, where)

    def parameter(self, name: str, location: str, node: JsonObject, pointer: str) -> Parameter:
        """Compile a parameter, or a header of a response, which is described alike.

        Source: OpenAPI 3.1, Parameter Object and Header Object.
        """
        default_style = STYLES[location][0]
        style = node.get("style", default_style)
        if node.get("x-collection-format") in COLLECTION_FORMATS:
            style = node["x-collection-format"]
        schema, where, media_type = self.parameter_schema(node, pointer)
        _, example = next(self.examples(node), ("", None))
        return Parameter(
            name=name,
            location=location,
            schema=schema,
            validator=self.bodies.validator(schema, where, REQUEST),
            pointer=pointer,
            schema_pointer=where,
            required=node.get("required") is True,
            style=style,
            # OpenAPI 3.2, Parameter Object: only these styles are exploded by default.
            explode=node.get("explode", style in ("form", "cookie")),
            accept_exploded=node.get("x-accept-exploded") is True,
            allow_empty=location == "query" and node.get("allowEmptyValue") is True,
            allow_reserved=location == "query" and node.get("allowReserved") is True,
            media_type=media_type,
            requires=tuple(node.get("x-requires", ())),
            source=find_source(self.document, pointer),
            shape=ValueShape((schema,), self.document),
            example=example,
        )

    def parameter_schema(self, node: JsonObject, pointer: str) -> tuple[Any, str, str]:
        """Return schema, its pointer and the media type of a parameter described by `content`.

        The media type is empty for a parameter with a schema. Without either, any value is valid.
        """
        media_type = ""
        schema = node.get("schema", True)
        where = child_pointer(pointer, "schema")
        if "schema" not in node and node.get("content"):
            media_type, media = next(iter(node["content"].items()))
            schema = media.get("schema", True)
            where = child_pointer(pointer, "content", media_type, "schema")
        schema, where = follow_bare_refs(self.document, schema, where)
        return schema, where, media_type

    def response(self, status: str, node: JsonObject, pointer: str, source: str) -> ResponseSpec:
        """Compile a response. Source: OpenAPI 3.1, Response Object.

        Schema and examples are those of the first media type; the alternatives have those of the
        others. The bodies of all are validated.
        """
        target, where = follow_refs(self.document, node, pointer)
        line = str(target.get("x-source", source))
        headers = tuple(self.response_headers(target, where))
        if not target.get("content"):
            return ResponseSpec(status, where, headers=headers, source=line)
        body = self.bodies.body(target, where, RESPONSE, line)
        alternatives = tuple(
            ResponseSpec(
                status=status,
                pointer=where,
                schema=media.get("schema"),
                media_type=media_type,
                examples=dict(self.examples(media)),
                body=body,
                headers=headers,
                source=line,
                content_type=self.content_type(media_type, media.get("schema")),
                item_schema=media.get("itemSchema"),
            )
            for media_type, media in target["content"].items()
        )
        first = alternatives[0]
        return replace(first, alternatives=alternatives) if len(alternatives) > 1 else first

    def content_type(self, media_type: str, schema: Any) -> str:
        """Return the media type to send for a key of `content`, which may be a range."""
        types = infer_types(schema, self.document)
        target, _ = follow_refs(self.document, schema, "")
        format_name = target.get("format", "") if isinstance(target, dict) else ""
        default = default_media_type(types, str(format_name))
        return concrete_media_type(media_type, default=default)

    def response_headers(self, response: JsonObject, pointer: str) -> Iterator[Parameter]:
        """Compile the headers of a response, except those that HTTP itself defines."""
        headers = response.get("headers", {})
        for name, node in headers.items():
            # OpenAPI 3.1, Response Object: a header named Content-Type is ignored.
            if name.lower() not in _HTTP_HEADERS:
                where = child_pointer(pointer, "headers", name)
                header, where = follow_refs(self.document, node, where)
                yield self.parameter(name, "header", header, where)

    def examples(self, node: JsonObject) -> Iterator[tuple[str, Any]]:
        """Yield name and value of each example of a parameter or media type.

        A single one has the name `example`. An example with `externalValue` has no value here:
        nothing is fetched. Source: OpenAPI 3.1, Example Object.
        """
        if "example" in node:
            yield "example", node["example"]
        named = node.get("examples")
        if not isinstance(named, dict):
            return
        for name, example in named.items():
            target, _ = follow_refs(self.document, example, "")
            # OpenAPI 3.2, Example Object: `dataValue` is what `value` was for data.
            for key in ("dataValue", "value"):
                if key in target:
                    yield name, target[key]
                    break


def _iter_methods(item: JsonObject, pointer: str) -> Iterator[tuple[str, JsonObject, str]]:
    """Yield method, node and pointer of each operation of a path item."""
    for name in METHODS:
        if name in item:
            yield name.upper(), item[name], f"{pointer}/{name}"
    # OpenAPI 3.2, Path Item Object: these are written as they are sent.
    for method, node in item.get("additionalOperations", {}).items():
        yield method, node, child_pointer(pointer, "additionalOperations", method)
