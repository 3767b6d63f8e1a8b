"""The OpenAPI 3.1 document as plain data, built from the facts; its keys have a stable order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from understudy.derive.facts.facts import (
    DocumentFacts,
    Facts,
    Field,
    Kind,
    Operation,
    Origin,
)
from understudy.derive.openapi.bodies import BodyBuilder
from understudy.derive.openapi.example_conformance import ConformanceChecker, find_missing_fields
from understudy.derive.openapi.field_schemas import JsonObject, SchemaBuilder
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
from understudy.messages import Json

# `版本：1.2`, `API version: v2`: only a line that begins with it counts.
_VERSION_LINE = re.compile(
    r"\W*(?:(?:API|接口|文档)\s*)?(?:版本号?|(?i:version))\s*[:：]?\s*[vV]?(\d+(?:\.\d+)*)"
)

VERSION = "0"
"""The version of the contract when no document gives one."""


def build_contract(
    facts: Facts, names: Names, lookup: StructureLookup, conformance: ConformanceChecker
) -> JsonObject:
    """Build the contract.

    Each node that a document defines has `x-source` (`FILE:LINE`); a node that was read from an
    example has `x-inferred`. Source: OpenAPI 3.1, OpenAPI Object.
    """
    missing = find_missing_fields(conformance, facts.operations)
    schemas = SchemaBuilder(lookup, names.component_name, missing)
    builder = _OperationBuilder(
        schemas, BodyBuilder(schemas, lookup, names, conformance), PathParameters(facts)
    )
    contract: JsonObject = {"openapi": "3.1.0", "info": _build_info(facts)}
    tags = _build_tags(facts)
    if tags:
        contract["tags"] = tags
    contract["paths"] = _build_paths(names, builder)
    components: JsonObject = {
        name: schemas.build_component(structure) for name, structure in names.schemas
    }
    if components:
        contract["components"] = {"schemas": components}
    return contract


def _build_paths(names: Names, builder: _OperationBuilder) -> JsonObject:
    """Build the Paths Object: by path, then by method in lower case.

    Source: OpenAPI 3.1, Paths Object and Path Item Object.
    """
    paths: dict[str, JsonObject] = {}
    for operation, operation_id in names.operations:
        path_item = paths.setdefault(build_template(operation.path), {})
        path_item[operation.method.lower()] = builder.build(operation, operation_id)
    return dict(paths)


def _build_info(facts: Facts) -> JsonObject:
    """Build the Info Object from the first document.

    Source: OpenAPI 3.1, Info Object: `title` and `version` are required.
    """
    if not facts.documents:
        return {"title": "API", "version": VERSION}
    first = facts.documents[0]
    info: JsonObject = {"title": first.title, "version": find_version(first) or VERSION}
    if first.introduction:
        info["description"] = first.introduction
    info["x-source"] = str(first.title_origin)
    return info


def find_version(document: DocumentFacts) -> str:
    """Return the version at the start of a line (`版本：1.2`), or "" when no line has one."""
    for statement in document.statements:
        match = _VERSION_LINE.match(statement.text)
        if match:
            return match.group(1)
    return ""


def _build_tags(facts: Facts) -> list[Json]:
    """Build one Tag Object for each heading that groups operations.

    The text below the heading is the description. Source: OpenAPI 3.1, Tag Object.
    """
    origins: dict[str, Origin] = {}
    for operation in facts.operations:
        if operation.tag and operation.tag_origin:
            origins.setdefault(operation.tag, operation.tag_origin)
    descriptions: dict[Origin, str] = {}
    for document in facts.documents:
        descriptions.update(document.groups)
    tags: list[Json] = []
    for name, origin in origins.items():
        tag: JsonObject = {"name": name}
        if origin in descriptions:
            tag["description"] = descriptions[origin]
        tag["x-source"] = str(origin)
        tags.append(tag)
    return tags


@dataclass(frozen=True, slots=True)
class _OperationBuilder:
    """Builds Operation Objects and their Parameter Objects."""

    schemas: SchemaBuilder
    bodies: BodyBuilder
    path_parameters: PathParameters

    def build(self, operation: Operation, operation_id: str) -> JsonObject:
        """Build an Operation Object.

        `x-permission` is the permission that a caller needs. Source: OpenAPI 3.1, Operation
        Object.
        """
        item: JsonObject = {}
        if operation.tag:
            item["tags"] = [operation.tag]
        item["summary"] = operation.title
        if operation.description:
            item["description"] = operation.description
        item["operationId"] = operation_id
        if operation.permission:
            item["x-permission"] = operation.permission
        item["x-source"] = str(operation.origin)
        located = locate_parameters(operation)
        parameters = self._build_parameters(operation, located)
        if parameters:
            item["parameters"] = parameters
        body_fields = tuple(field for field, location in located if location == "body")
        body = self.bodies.build_request(operation, body_fields)
        if body:
            item["requestBody"] = body
        item["responses"] = {"200": self.bodies.build_response(operation)}
        return item

    def _build_parameters(
        self, operation: Operation, located: list[tuple[Field, str]]
    ) -> list[Json]:
        """Build the documented parameters, then the path parameters without documentation."""
        siblings = [field for field, _ in located]
        parameters: list[Json] = []
        for field, location in located:
            if location != "body":
                parameters.append(self._build_parameter(operation, field, location, siblings))
        for undocumented in self.path_parameters.find_undocumented(operation):
            parameters.append(self._build_undocumented(operation, undocumented))
        return parameters

    def _build_parameter(
        self, operation: Operation, field: Field, location: str, siblings: list[Field]
    ) -> JsonObject:
        """Build a Parameter Object.

        `x-requires` names a parameter that must be sent too. Source: OpenAPI 3.1, Parameter
        Object.
        """
        parameter: JsonObject = {"name": field.name, "in": location}
        if field.description:
            parameter["description"] = field.description
        # A path parameter must have `required: true`.
        parameter["required"] = location == "path" or bool(field.required)
        parameter["schema"] = self.schemas.build_value(field, operation.section)
        example = find_example(add_sample_value(field, operation))
        if example is not None:
            parameter["example"] = example
        if field.type.kind is Kind.ARRAY and location == "query":
            # `explode: false` sends one comma-joined value. That the server also accepts a
            # repeated parameter is an extension of this project.
            parameter["style"] = "form"
            parameter["explode"] = False
            parameter["x-accept-exploded"] = True
        required_name = find_required_parameter(field, siblings)
        if required_name:
            parameter["x-requires"] = [required_name]
        if field.is_inferred:
            parameter["x-inferred"] = True
        parameter["x-source"] = str(field.origin)
        return parameter

    def _build_undocumented(
        self, operation: Operation, undocumented: UndocumentedParameter
    ) -> JsonObject:
        """Build a path parameter that no table of the operation documents.

        Its definition may be that of another operation, under another name.
        """
        if undocumented.field is None:
            return {
                "name": undocumented.name,
                "in": "path",
                "required": True,
                "schema": {"type": "string"},
                "x-inferred": True,
                "x-source": str(operation.origin),
            }
        parameter = self._build_parameter(operation, undocumented.field, "path", [])
        return {**parameter, "name": undocumented.name, "x-inferred": True}
