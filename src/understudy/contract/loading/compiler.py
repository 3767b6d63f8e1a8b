"""From a checked document to the compiled contract: everything that can be made once is made here."""

from collections.abc import Iterator
from typing import Any

from understudy.contract.document.pointers import child_pointer, follow_refs
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.document_checks import METHODS
from understudy.contract.operation.base_paths import find_base_paths
from understudy.contract.operation.body_validation import BodyValidator
from understudy.contract.operation.compiled_contract import Body, Contract, Operation, ResponseSpec
from understudy.contract.operation.parameters import STYLES, Parameter
from understudy.contract.operation.path_routing import Router
from understudy.contract.operation.violation import find_source
from understudy.contract.schema.validator import (
    BACKENDS,
    Validator,
    choose_backend,
    compile_validator,
)
from understudy.contract.schema.value_types import infer_item_types, infer_member_types, infer_types

# OpenAPI 3.1, Parameter Object: these header parameters are ignored, HTTP itself has rules for them.
_HTTP_HEADERS = frozenset(["accept", "content-type", "authorization"])
_PLAIN = frozenset(
    ["type", "properties", "required", "title", "description", "examples", "example", "deprecated"]
)


def compile_contract(
    document: dict[str, Any], tree: Tree, file: str, *, backend: str | None = None
) -> Contract:
    """Compile a document that `check_document` passed, its schemas told in 2020-12."""
    maker = _Maker(document, choose_backend(backend))
    operations = list(maker.operations())
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    info = document["info"]
    return Contract(
        info["title"],
        info["version"],
        file,
        document,
        {operation.id: operation for operation in operations},
        str(info.get("x-understudy-service", "")),
        tuple(_odd_examples(operations, document)),
        tree,
        Router(by_path),
        by_path,
        find_base_paths(document),
    )


class _Maker:
    def __init__(self, document: dict[str, Any], backend: str) -> None:
        self.document = document
        self.backend = backend
        self.validators: dict[tuple[str, str], Validator] = {}
        self.bodies: dict[tuple[str, str], Body] = {}

    def operations(self) -> Iterator[Operation]:
        for path, given in self.document.get("paths", {}).items():
            if path.startswith("x-"):
                continue
            item, pointer = follow_refs(self.document, given, child_pointer("/paths", path))
            for method in METHODS:
                if method in item:
                    shared = (item.get("parameters", []), child_pointer(pointer, "parameters"))
                    yield self.operation(
                        path, method, item[method], child_pointer(pointer, method), shared
                    )

    def operation(
        self,
        path: str,
        method: str,
        given: dict[str, Any],
        pointer: str,
        shared: tuple[list[Any], str],
    ) -> Operation:
        own = (given.get("parameters", []), child_pointer(pointer, "parameters"))
        parameters = {
            (p.location, p.name): p for group in (shared, own) for p in self.parameters(*group)
        }
        source = str(given.get("x-source", ""))
        body = None
        if "requestBody" in given:
            told, where = follow_refs(
                self.document, given["requestBody"], child_pointer(pointer, "requestBody")
            )
            body = self.body(told, where, "readOnly", source)
        responses = {
            status: self.response(
                status, response, child_pointer(pointer, "responses", status), source
            )
            for status, response in given.get("responses", {}).items()
            if not status.startswith("x-")
        }
        return Operation(
            given.get("operationId") or f"{method.upper()} {path}",
            method.upper(),
            path,
            pointer,
            tuple(parameters.values()),
            responses,
            self.document,
            body,
            str(given.get("summary", "")),
            tuple(given.get("tags", ())),
            str(given.get("x-permission", "")),
            source,
        )

    def parameters(self, given: list[Any], pointer: str) -> Iterator[Parameter]:
        for index, one in enumerate(given):
            told, where = follow_refs(self.document, one, child_pointer(pointer, index))
            if told["in"] != "header" or told["name"].lower() not in _HTTP_HEADERS:
                yield self.parameter(told["name"], told["in"], told, where)

    def parameter(self, name: str, location: str, told: dict[str, Any], pointer: str) -> Parameter:
        style = told.get("style", STYLES[location][0])
        schema, where, media_type = told.get("schema", True), child_pointer(pointer, "schema"), ""
        if "schema" not in told and told.get("content"):
            media_type, media = next(iter(told["content"].items()))
            schema, where = (
                media.get("schema", True),
                child_pointer(pointer, "content", media_type, "schema"),
            )
        schema, where = follow_refs(self.document, schema, where)
        return Parameter(
            name,
            location,
            schema,
            self.validator(schema, where, "readOnly"),
            pointer,
            where,
            told.get("required") is True,
            style,
            told.get("explode", style == "form"),
            told.get("x-accept-exploded") is True,
            media_type,
            tuple(told.get("x-requires", ())),
            find_source(self.document, pointer),
            infer_types(schema, self.document),
            infer_item_types(schema, self.document),
            infer_member_types(schema, self.document),
            next((value for _, value in self.examples(told)), None),
        )

    def response(self, status: str, given: Any, pointer: str, source: str) -> ResponseSpec:
        told, where = follow_refs(self.document, given, pointer)
        line = str(told.get("x-source", source))
        compiled = tuple(
            self.parameter(
                name,
                "header",
                *follow_refs(self.document, header, child_pointer(where, "headers", name)),
            )
            for name, header in told.get("headers", {}).items()
            if name.lower() not in _HTTP_HEADERS
        )
        if not told.get("content"):
            return ResponseSpec(status, where, headers=compiled, source=line)
        media_type, media = next(iter(told["content"].items()))
        return ResponseSpec(
            status,
            where,
            media.get("schema"),
            media_type,
            dict(self.examples(media)),
            self.body(told, where, "writeOnly", line),
            compiled,
            line,
        )

    def examples(self, media: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        if "example" in media:
            yield "example", media["example"]
        named = media.get("examples")
        for name, given in named.items() if isinstance(named, dict) else ():
            told, _ = follow_refs(self.document, given, "")
            if isinstance(told, dict) and "value" in told:
                yield name, told["value"]

    def body(self, told: dict[str, Any], pointer: str, hidden: str, source: str) -> Body:
        """Compile a request's or response's body; one that several operations share is compiled once."""
        key = (pointer, hidden)
        if key not in self.bodies:
            media = {
                name.lower(): self.judge(
                    name, media, child_pointer(pointer, "content", name), hidden, source
                )
                for name, media in told.get("content", {}).items()
            }
            line = find_source(self.document, pointer, source)
            self.bodies[key] = Body(media, pointer, told.get("required") is True, line)
        return self.bodies[key]

    def judge(
        self, media_type: str, media: dict[str, Any], pointer: str, hidden: str, source: str
    ) -> BodyValidator:
        if "json" not in media_type or "schema" not in media:
            return BodyValidator(media_type.lower(), pointer, None, source=source)
        schema, where = follow_refs(
            self.document, media["schema"], child_pointer(pointer, "schema")
        )
        validator = self.validator(schema, where, hidden)
        shell, members = self.shell(schema, where, hidden)
        return BodyValidator(media_type.lower(), pointer, validator, shell, members, source)

    def shell(
        self, schema: Any, pointer: str, hidden: str
    ) -> tuple[Validator | None, tuple[str, ...]]:
        """Give the schema without what its members hold, and their names: only where that pays and is safe.

        jsonschema takes some 30 ms for 50 KB, more than a digest does; the fast back end takes less.
        """
        plain = isinstance(schema, dict) and all(
            key in _PLAIN or key.startswith("x-") for key in schema
        )
        if self.backend != BACKENDS[0] or not plain:
            return None, ()
        properties = schema.get("properties", {})
        members = tuple(name for name, part in properties.items() if self._holds_more(part))
        if not members:
            return None, ()
        open_members = {
            name: True if name in members else part for name, part in properties.items()
        }
        shell = {**schema, "properties": open_members}
        return compile_validator(
            shell, document=self.document, backend=self.backend, pointer=pointer, hidden=hidden
        ), members

    def _holds_more(self, schema: Any) -> bool:
        return bool({"object", "array"} & set(infer_types(schema, self.document)))

    def validator(self, schema: Any, pointer: str, hidden: str) -> Validator:
        key = (pointer, hidden)
        if key not in self.validators:
            self.validators[key] = compile_validator(
                schema, document=self.document, backend=self.backend, pointer=pointer, hidden=hidden
            )
        return self.validators[key]


def _odd_examples(operations: list[Operation], document: Any) -> Iterator[str]:
    """Tell each example of a response that breaks its own schema: served all the same, but said."""
    for operation in operations:
        for status, spec in operation.responses.items():
            judge = spec.body.media.get(spec.media_type.lower()) if spec.body else None
            if judge is None or judge.validator is None:
                continue
            for name, example in spec.examples.items():
                for error in judge.validator.iter_errors(example):
                    place = error.pointer or "/"
                    yield f"{operation.id}: the example {name} of {status} breaks its schema: {place}: {error.message}"
