"""Facts → an OpenAPI 3.1 document, keys in a stable order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from understudy.derive.facts.facts import DocumentFacts, Facts, Field, Kind, Operation, Origin
from understudy.derive.openapi.bodies import BodyBuilder
from understudy.derive.openapi.example_conformance import ConformanceChecker, find_missing_fields
from understudy.derive.openapi.field_schemas import SchemaBuilder
from understudy.derive.openapi.naming import Names
from understudy.derive.openapi.parameter_placement import (
    PathParameters,
    UndocumentedParameter,
    add_sample_value,
    find_required_parameter,
    locate_parameters,
)
from understudy.derive.openapi.path_templates import build_template
from understudy.derive.openapi.structure_lookup import StructureLookup
from understudy.derive.reader.example_values import find_example

VERSION = "0"
"""The contract's version when no document tells one."""

_VERSION = re.compile(
    r"\W*(?:(?:API|接口|文档)\s*)?(?:版本号?|(?i:version))\s*[:：]?\s*[vV]?(\d+(?:\.\d+)*)"
)


def build_contract(
    facts: Facts, names: Names, resolver: StructureLookup, fitter: ConformanceChecker
) -> dict[str, Any]:
    """Make the contract. Everything that the documents tell carries `x-source`."""
    maker = SchemaBuilder(
        resolver, names.component_name, find_missing_fields(fitter, facts.operations)
    )
    stage = _Stage(maker, BodyBuilder(maker, resolver, names, fitter), PathParameters(facts))
    paths: dict[str, dict[str, Any]] = {}
    for operation, name in names.operations:
        item = _Builder(operation, name, stage).build()
        paths.setdefault(build_template(operation.path), {})[operation.method.lower()] = item
    contract: dict[str, Any] = {"openapi": "3.1.0", "info": _info(facts)}
    tags = _tags(facts)
    if tags:
        contract["tags"] = tags
    contract["paths"] = paths
    schemas = {name: maker.build_component(structure) for name, structure in names.schemas}
    if schemas:
        contract["components"] = {"schemas": schemas}
    return contract


def _info(facts: Facts) -> dict[str, Any]:
    first: DocumentFacts | None = next(iter(facts.documents), None)
    info: dict[str, Any] = {"title": first.title if first else "API", "version": VERSION}
    if first:
        info["version"] = find_version(first) or VERSION
    if first and first.introduction:
        info["description"] = first.introduction
    if first:
        info["x-source"] = str(first.title_origin)
    return info


def find_version(document: DocumentFacts) -> str:
    """Give the version that a line of a document begins with (`版本：1.2`); empty when none does."""
    found = (_VERSION.match(statement.text) for statement in document.statements)
    return next((match.group(1) for match in found if match), "")


def _tags(facts: Facts) -> list[dict[str, Any]]:
    tags: dict[str, Origin] = {}
    for operation in facts.operations:
        if operation.tag and operation.tag_origin:
            tags.setdefault(operation.tag, operation.tag_origin)
    texts = {origin: text for document in facts.documents for origin, text in document.groups}
    return [
        {
            "name": name,
            **({"description": texts[origin]} if origin in texts else {}),
            "x-source": str(origin),
        }
        for name, origin in tags.items()
    ]


@dataclass(frozen=True, slots=True)
class _Stage:
    """What the builder of an operation works with."""

    maker: SchemaBuilder
    bodies: BodyBuilder
    paths: PathParameters


class _Builder:
    """Builds one operation."""

    def __init__(self, operation: Operation, name: str, stage: _Stage) -> None:
        self._operation, self._name, self._stage = operation, name, stage

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
        told = locate_parameters(operation)
        parameters = self._parameters(told)
        if parameters:
            item["parameters"] = parameters
        body = self._stage.bodies.build_request(
            operation, tuple(field for field, place in told if place == "body")
        )
        if body:
            item["requestBody"] = body
        item["responses"] = {"200": self._stage.bodies.build_response(operation)}
        return item

    def _parameters(self, told: list[tuple[Field, str]]) -> list[dict[str, Any]]:
        siblings = [field for field, _ in told]
        shown = [
            self._parameter(field, place, siblings) for field, place in told if place != "body"
        ]
        return [
            *shown,
            *(
                self._inferred(untold)
                for untold in self._stage.paths.find_undocumented(self._operation)
            ),
        ]

    def _parameter(self, field: Field, place: str, siblings: list[Field]) -> dict[str, Any]:
        parameter: dict[str, Any] = {"name": field.name, "in": place}
        if field.description:
            parameter["description"] = field.description
        parameter["required"] = place == "path" or bool(field.required)
        parameter["schema"] = self._stage.maker.build_value(field, self._operation.section)
        example = find_example(add_sample_value(field, self._operation))
        if example is not None:
            parameter["example"] = example
        if field.type.kind is Kind.ARRAY and place == "query":
            # One joined text is what is sent; that a repeated parameter is read too is this project's extension.
            parameter.update({"style": "form", "explode": False, "x-accept-exploded": True})
        needed = find_required_parameter(field, siblings)
        if needed:
            parameter["x-requires"] = [needed]
        if field.is_inferred:
            parameter["x-inferred"] = True
        parameter["x-source"] = str(field.origin)
        return parameter

    def _inferred(self, untold: UndocumentedParameter) -> dict[str, Any]:
        """Make a path parameter that no table of the operation tells."""
        field = untold.field
        if field is None:
            made = {
                "name": untold.name,
                "in": "path",
                "required": True,
                "schema": {"type": "string"},
            }
            return {**made, "x-inferred": True, "x-source": str(self._operation.origin)}
        return {**self._parameter(field, "path", []), "name": untold.name, "x-inferred": True}
