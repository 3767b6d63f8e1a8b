"""Compilation of a checked document: everything that can be computed once is computed here."""

from collections.abc import Iterator
from typing import Any

from understudy.contract.document.pointers import JsonObject, child_pointer, follow_refs
from understudy.contract.operation.base_paths import find_base_paths
from understudy.contract.operation.body_validation import Body, BodyValidator
from understudy.contract.operation.compiled_contract import (
    Contract,
    Operation,
    ResponseSpec,
)
from understudy.contract.operation.parameters import STYLES, Parameter
from understudy.contract.operation.path_routing import METHODS, Router
from understudy.contract.operation.violation import find_source
from understudy.contract.schema.keywords import Schema
from understudy.contract.schema.validator import (
    BACKENDS,
    SchemaError,
    Validator,
    choose_backend,
    compile_validator,
)
from understudy.contract.schema.value_types import (
    infer_item_types,
    infer_member_types,
    infer_types,
)
from understudy.errors import PlaceLookup

# OpenAPI 3.1, Parameter Object: header parameters of these names are ignored, because HTTP itself
# defines them.
_HTTP_HEADERS = frozenset(["accept", "content-type", "authorization"])
# Keywords that do not relate one member of an object to another.
_INDEPENDENT_KEYWORDS = frozenset(
    ["type", "properties", "required", "title", "description", "examples", "example", "deprecated"]
)
# What a client sends has no read-only fields, and what a server sends no write-only ones.
_REQUEST, _RESPONSE = "readOnly", "writeOnly"

_Key = tuple[str, str]
"""A pointer, and `readOnly` or `writeOnly`: what is compiled once for both."""


def compile_contract(
    document: JsonObject,
    tree: PlaceLookup,
    file: str,
    *,
    backend: str | None = None,
    warnings: tuple[str, ...] | None = None,
) -> Contract:
    """Compile a document that `check_document` accepted, with its schemas in 2020-12.

    `tree` has the places of its nodes, `file` is its name for messages. `warnings` are known ones;
    None: they are searched for. Raises InputError for a back end that cannot be used.
    """
    compiler = _Compiler(document, choose_backend(backend))
    operations = list(compiler.operations())
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    if warnings is None:
        warnings = tuple(_invalid_examples(operations))
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


class _Compiler:
    """Compiles the elements of one document; schemas and bodies that are shared, once."""

    def __init__(self, document: JsonObject, backend: str) -> None:
        self.document = document
        self.backend = backend
        self.validators: dict[_Key, Validator] = {}
        self.bodies: dict[_Key, Body] = {}

    def operations(self) -> Iterator[Operation]:
        """Yield each operation, in the document's order of paths and this module's of methods."""
        paths = self.document.get("paths", {})
        for path, path_node in paths.items():
            if path.startswith("x-"):
                continue
            pointer = child_pointer("/paths", path)
            item, pointer = follow_refs(self.document, path_node, pointer)
            for method in METHODS:
                if method in item:
                    yield self.operation(path, method, item, pointer)

    def operation(self, path: str, method: str, item: JsonObject, item_pointer: str) -> Operation:
        """Compile one operation of a path item. Source: OpenAPI 3.1, Operation Object.

        `x-permission` and `x-source` are extensions of this tool: the permission that the caller
        needs, and the line of the documents that describes the operation.
        """
        node = item[method]
        pointer = child_pointer(item_pointer, method)
        source = str(node.get("x-source", ""))
        upper_method = method.upper()
        default_id = f"{upper_method} {path}"
        return Operation(
            id=node.get("operationId") or default_id,
            method=upper_method,
            path=path,
            pointer=pointer,
            parameters=self.operation_parameters(node, pointer, item, item_pointer),
            responses=self.responses(node, pointer, source),
            document=self.document,
            body=self.request_body(node, pointer, source),
            summary=str(node.get("summary", "")),
            tags=tuple(node.get("tags", ())),
            permission=str(node.get("x-permission", "")),
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
        return self.body(body, where, _REQUEST, source)

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
        schema, where, media_type = self.parameter_schema(node, pointer)
        _, example = next(self.examples(node), ("", None))
        return Parameter(
            name=name,
            location=location,
            schema=schema,
            validator=self.validator(schema, where, _REQUEST),
            pointer=pointer,
            schema_pointer=where,
            required=node.get("required") is True,
            style=style,
            # OpenAPI 3.1, Parameter Object: only the style `form` is exploded by default.
            explode=node.get("explode", style == "form"),
            accept_exploded=node.get("x-accept-exploded") is True,
            media_type=media_type,
            requires=tuple(node.get("x-requires", ())),
            source=find_source(self.document, pointer),
            types=infer_types(schema, self.document),
            item_types=infer_item_types(schema, self.document),
            member_types=infer_member_types(schema, self.document),
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
        schema, where = follow_refs(self.document, schema, where)
        return schema, where, media_type

    def response(self, status: str, node: JsonObject, pointer: str, source: str) -> ResponseSpec:
        """Compile a response. Source: OpenAPI 3.1, Response Object.

        Schema and examples are those of the first media type: a stub answers with that one. The
        bodies of all are validated.
        """
        target, where = follow_refs(self.document, node, pointer)
        line = str(target.get("x-source", source))
        headers = tuple(self.response_headers(target, where))
        if not target.get("content"):
            return ResponseSpec(status, where, headers=headers, source=line)
        media_type, media = next(iter(target["content"].items()))
        return ResponseSpec(
            status=status,
            pointer=where,
            schema=media.get("schema"),
            media_type=media_type,
            examples=dict(self.examples(media)),
            body=self.body(target, where, _RESPONSE, line),
            headers=headers,
            source=line,
        )

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
            if isinstance(target, dict) and "value" in target:
                yield name, target["value"]

    def body(self, node: JsonObject, pointer: str, hidden: str, source: str) -> Body:
        """Compile the body of a request or response.

        `hidden` is the keyword of the properties that belong to the other direction. `source` is
        used where the body has no `x-source` of its own.
        """
        key = (pointer, hidden)
        if key not in self.bodies:
            self.bodies[key] = Body(
                media=self.media_types(node, pointer, hidden, source),
                pointer=pointer,
                required=node.get("required") is True,
                source=find_source(self.document, pointer, source),
            )
        return self.bodies[key]

    def media_types(
        self, body: JsonObject, pointer: str, hidden: str, source: str
    ) -> dict[str, BodyValidator]:
        """Return the validators of a body by media type in lower case."""
        validators: dict[str, BodyValidator] = {}
        content = body.get("content", {})
        for name, media in content.items():
            where = child_pointer(pointer, "content", name)
            validator = self.body_validator(name, media, where, hidden, source)
            validators[name.lower()] = validator
        return validators

    def body_validator(
        self, media_type: str, media: JsonObject, pointer: str, hidden: str, source: str
    ) -> BodyValidator:
        """Compile the validator of one media type; only JSON with a schema is validated."""
        if "json" not in media_type or "schema" not in media:
            return BodyValidator(media_type.lower(), pointer, None, source=source)
        where = child_pointer(pointer, "schema")
        schema, where = follow_refs(self.document, media["schema"], where)
        shallow_validator, members = self.shallow_validator(schema, where, hidden)
        return BodyValidator(
            media_type=media_type.lower(),
            pointer=pointer,
            validator=self.validator(schema, where, hidden),
            shallow_validator=shallow_validator,
            members=members,
            source=source,
        )

    def shallow_validator(
        self, schema: Any, pointer: str, hidden: str
    ) -> tuple[Validator | None, tuple[str, ...]]:
        """Return a validator that accepts every object and array member, and their names.

        None where it would not be faster, or not safe: jsonschema takes some 30 ms for 50 KB, more
        than a digest does, but the fast back end takes less; and a schema that relates its members
        to each other cannot be validated in parts.
        """
        is_slow = self.backend == BACKENDS[0]
        if not is_slow or not _has_independent_members(schema):
            return None, ()
        properties = schema.get("properties", {})
        members = [name for name in properties if self._is_container(properties[name])]
        if not members:
            return None, ()
        open_members = dict.fromkeys(members, True)
        shallow_schema = {**schema, "properties": {**properties, **open_members}}
        return self._compile(shallow_schema, pointer, hidden), tuple(members)

    def _is_container(self, schema: object) -> bool:
        """Return whether a schema allows objects or arrays: the values worth a digest."""
        types = infer_types(schema, self.document)
        return "object" in types or "array" in types

    def validator(self, schema: Schema, pointer: str, hidden: str) -> Validator:
        """Compile a schema. One that several operations share is compiled once."""
        key = (pointer, hidden)
        if key not in self.validators:
            self.validators[key] = self._compile(schema, pointer, hidden)
        return self.validators[key]

    def _compile(self, schema: Schema, pointer: str, hidden: str) -> Validator:
        return compile_validator(
            schema,
            document=self.document,
            backend=self.backend,
            pointer=pointer,
            hidden=hidden,
            lazy=True,  # the document was checked: no schema of it has a problem
        )


def _has_independent_members(schema: object) -> bool:
    """Return whether the members of an object are valid or not each by itself."""
    if not isinstance(schema, dict):
        return False
    for keyword in schema:
        if keyword not in _INDEPENDENT_KEYWORDS and not keyword.startswith("x-"):
            return False
    return True


def _invalid_examples(operations: list[Operation]) -> Iterator[str]:
    """Yield a warning for each example of a response that breaks its own schema.

    Such an example is served all the same.
    """
    for operation in operations:
        for status, spec in operation.responses.items():
            for name, error in _example_errors(spec):
                pointer = error.pointer or "/"
                yield (
                    f"{operation.id}: the example {name} of {status} breaks its schema: "
                    f"{pointer}: {error.message}"
                )


def _example_errors(spec: ResponseSpec) -> Iterator[tuple[str, SchemaError]]:
    """Yield each error of a response's examples, with the example's name."""
    if spec.body is None:
        return
    media_type = spec.media_type.lower()
    body_validator = spec.body.media.get(media_type)
    if body_validator is None or body_validator.validator is None:
        return
    for name, example in spec.examples.items():
        for error in body_validator.validator.iter_errors(example):
            yield name, error
