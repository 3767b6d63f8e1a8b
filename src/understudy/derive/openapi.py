"""Facts → an OpenAPI 3.1 document, keys in a stable order."""

import re
from typing import Any

from understudy.derive.examples import example_of
from understudy.derive.facts import DocumentFacts, Facts, Field, Kind, Operation, Origin, Reference
from understudy.derive.names import distinct, path_parameters
from understudy.derive.naming import Names
from understudy.derive.reading import core
from understudy.derive.resolve import Resolver
from understudy.derive.schemas import SchemaMaker

VERSION = "0"
"""The contract's version when no document tells one."""

_VERSION = re.compile(r"\W*(?:(?:API|接口|文档)\s*)?(?:版本号?|(?i:version))\s*[:：]?\s*[vV]?(\d+(?:\.\d+)*)")


def make_contract(facts: Facts, names: Names, resolver: Resolver) -> dict[str, Any]:
    """Make the contract. Everything that the documents tell carries `x-source`."""
    maker = SchemaMaker(resolver, names.of)
    paths: dict[str, dict[str, Any]] = {}
    for operation, name in names.operations:
        item = _Builder(operation, name, maker, resolver, names).build()
        paths.setdefault(template(operation.path), {})[operation.method.lower()] = item
    contract: dict[str, Any] = {"openapi": "3.1.0", "info": _info(facts)}
    tags = _tags(facts)
    if tags:
        contract["tags"] = tags
    contract["paths"] = paths
    schemas = {name: maker.structure(structure) for name, structure in names.schemas}
    if schemas:
        contract["components"] = {"schemas": schemas}
    return contract


def template(path: str) -> str:
    """Give a path whose parameters differ: the second `{id}` is `{id2}`."""
    names = iter(distinct(path_parameters(path)))
    return re.sub(r"\{[^{}]*\}", lambda _: f"{{{next(names)}}}", path)


def _info(facts: Facts) -> dict[str, Any]:
    first: DocumentFacts | None = next(iter(facts.documents), None)
    info: dict[str, Any] = {"title": first.title if first else "API", "version": VERSION}
    if first:
        info["version"] = told_version(first) or VERSION
    if first and first.introduction:
        info["description"] = first.introduction
    if first:
        info["x-source"] = str(first.title_origin)
    return info


def told_version(document: DocumentFacts) -> str:
    """Give the version that a line of a document begins with (`版本：1.2`); empty when none does."""
    found = (_VERSION.match(statement.text) for statement in document.statements)
    return next((match.group(1) for match in found if match), "")


def _tags(facts: Facts) -> list[dict[str, Any]]:
    tags: dict[str, Origin] = {}
    for operation in facts.operations:
        if operation.tag and operation.tag_origin:
            tags.setdefault(operation.tag, operation.tag_origin)
    return [{"name": name, "x-source": str(origin)} for name, origin in tags.items()]


def located(operation: Operation) -> list[tuple[Field, str]]:
    """Give each told parameter with its location; of two with one name and location the first.

    Where nothing tells it, what the path does not name is in the query, or in the body of POST, PUT and PATCH.
    """
    named = path_parameters(template(operation.path))
    elsewhere = "body" if operation.method in ("POST", "PUT", "PATCH") else "query"
    found: dict[tuple[str, str], Field] = {}
    for structure in operation.requests:
        for field in structure.fields:
            told = "path" if field.name in named and field.location in ("", "path") else field.location
            if told == "path" and field.name not in named:
                told = ""
            found.setdefault((field.name, told or elsewhere), field)
    return [(field, place) for (_, place), field in found.items()]


def requirement(field: Field, siblings: list[Field]) -> str:
    """Give the name of the parameter that a description says is needed too; empty when none is of that name."""
    words = field.prose.requires.strip('`" ')
    for sibling in siblings if words else ():
        if sibling is not field and words in (sibling.name, core(sibling.description)):
            return sibling.name
    return ""


class _Builder:
    """Builds one operation."""

    def __init__(self, operation: Operation, name: str, maker: SchemaMaker, resolver: Resolver, names: Names) -> None:
        self._operation, self._name = operation, name
        self._maker, self._resolver, self._names = maker, resolver, names

    def build(self) -> dict[str, Any]:
        operation = self._operation
        item: dict[str, Any] = {"tags": [operation.tag]} if operation.tag else {}
        item["summary"] = operation.title
        if operation.description:
            item["description"] = operation.description
        item["operationId"] = self._name
        if operation.permission:
            item["x-permission"] = operation.permission
        item["x-source"] = str(operation.origin)
        told = located(operation)
        parameters = self._parameters(told)
        if parameters:
            item["parameters"] = parameters
        body = tuple(field for field, place in told if place == "body")
        if body:
            item["requestBody"] = self._body(body)
        item["responses"] = {"200": self._response()}
        return item

    def _parameters(self, told: list[tuple[Field, str]]) -> list[dict[str, Any]]:
        siblings = [field for field, _ in told]
        shown = [self._parameter(field, place, siblings) for field, place in told if place != "body"]
        untold = [n for n in path_parameters(template(self._operation.path)) if ("path", n) not in _places(told)]
        source = str(self._operation.origin)
        return [
            *shown,
            *(
                {"name": n, "in": "path", "required": True, "schema": {"type": "string"}, "x-source": source}
                for n in untold
            ),
        ]

    def _parameter(self, field: Field, place: str, siblings: list[Field]) -> dict[str, Any]:
        parameter: dict[str, Any] = {"name": field.name, "in": place}
        if field.description:
            parameter["description"] = field.description
        parameter["required"] = place == "path" or bool(field.required)
        parameter["schema"] = self._maker.value(field, self._operation.section)
        example = example_of(field)
        if example is not None:
            parameter["example"] = example
        if field.type.kind is Kind.ARRAY and place == "query":
            # One joined text is what is sent; that a repeated parameter is read too is this project's extension.
            parameter.update({"style": "form", "explode": False, "x-accept-exploded": True})
        needed = requirement(field, siblings)
        if needed:
            parameter["x-requires"] = [needed]
        parameter["x-source"] = str(field.origin)
        return parameter

    def _body(self, fields: tuple[Field, ...]) -> dict[str, Any]:
        schema = self._maker.body(fields, self._operation.section)
        return {
            "required": any(field.required for field in fields),
            "content": {"application/json": {"schema": schema}},
            "x-source": str(fields[0].origin),
        }

    def _response(self) -> dict[str, Any]:
        told = self._operation.response
        structure = self._resolver.response(self._operation)
        response: dict[str, Any] = {"description": _describe(told)}
        if structure:
            ref = f"#/components/schemas/{self._names.of(structure)}"
            response["content"] = {"application/json": {"schema": {"$ref": ref}}}
        if told:
            response["x-source"] = str(told.origin)
        return response


def _describe(told: object) -> str:
    if isinstance(told, Reference):
        return told.text
    label = getattr(told, "label", "")
    return label or "The document tells no response."


def _places(told: list[tuple[Field, str]]) -> set[tuple[str, str]]:
    return {(place, field.name) for field, place in told}
