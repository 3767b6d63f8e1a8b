"""Conversion of all schemas of a document to JSON Schema 2020-12, in place.

Every node keeps its pointer. What a dialect does not have is reported, and read as its author most
likely meant it; the rest of the package knows 2020-12 alone.
"""

from understudy.contract.document.pointers import JsonObject, child_pointer
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.object_model import Kind, walk
from understudy.contract.schema.keywords import IMPLIED_NULL

_EXCLUSIVE_BOUNDS = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
_FLAG = "true or false"
# The dialects whose rules 2020-12 obeys, or extends.
_KNOWN_DIALECTS = (
    "https://json-schema.org/draft/2020-12/schema",
    "https://spec.openapis.org/oas/3.1/dialect/base",
    "https://spec.openapis.org/oas/3.1/dialect/2024-11-10",
    "https://spec.openapis.org/oas/3.2/dialect/2025-09-17",
)
CONVERTED_VERSION = "3.1.0"
"""The version of a document after its conversion."""


def convert_schemas(tree: Tree, version: str, problems: ShapeProblems) -> None:
    """Convert each schema of a document. `version` is the one that the document was written in."""
    is_old = version.startswith(("2.", "3.0"))
    converter = _SchemaConverter(problems, is_old=is_old, has_x_nullable=version.startswith("2."))
    for located in walk(tree.data):
        if located.kind is Kind.SCHEMA:
            converter.convert(located.node, located.pointer)
    if is_old:
        tree.data["openapi"] = CONVERTED_VERSION
    dialect = tree.data.get("jsonSchemaDialect")
    if dialect is not None:
        converter.check_dialect(dialect, "/jsonSchemaDialect")


class _SchemaConverter:
    """Converts single schemas; their subschemas are converted on their own."""

    def __init__(self, problems: ShapeProblems, *, is_old: bool, has_x_nullable: bool) -> None:
        self.problems = problems
        self.is_old = is_old
        """Whether the schemas are those of Swagger 2.0 or OpenAPI 3.0."""
        self.has_x_nullable = has_x_nullable

    def convert(self, schema: JsonObject, pointer: str) -> None:
        """Convert one schema in place."""
        if "$schema" in schema:
            self.check_dialect(schema["$schema"], f"{pointer}/$schema")
        if self.is_old and isinstance(schema.get("$ref"), str):
            self.remove_siblings(schema, pointer)
            return
        for bound, exclusive in _EXCLUSIVE_BOUNDS:
            if exclusive in schema:
                self.convert_exclusive_bound(schema, bound, exclusive, pointer)
        self.convert_nullable(schema, pointer)
        if schema.get("type") == "file":
            # Swagger 2.0, Response Object and Parameter Object: the bytes of a file.
            schema["type"] = "string"
            schema["format"] = "binary"
        if isinstance(schema.get("discriminator"), str):
            schema["discriminator"] = {"propertyName": schema["discriminator"]}
        if isinstance(schema.get("items"), list) and schema["items"]:
            self.convert_tuple(schema, pointer)
        if isinstance(schema.get("dependencies"), dict):
            self.convert_dependencies(schema, pointer)

    def check_dialect(self, dialect: object, pointer: str) -> None:
        """Report a dialect that is not known: its schemas are read as 2020-12."""
        if not isinstance(dialect, str) or dialect.rstrip("#") not in _KNOWN_DIALECTS:
            message = f'the dialect "{dialect}" is not supported: schemas are read as 2020-12'
            self.problems.add("schema-dialect", message, pointer, expected=_KNOWN_DIALECTS[0])

    def remove_siblings(self, schema: JsonObject, pointer: str) -> None:
        """Remove the keywords beside a `$ref`. Extensions stay: this tool has some of its own.

        Source: OpenAPI 3.0.3, Reference Object: they are ignored.
        """
        siblings = [key for key in schema if key != "$ref" and not key.startswith("x-")]
        if schema.get("nullable") is True:
            message = '"nullable" beside a $ref has no effect in OpenAPI 3.0'
            hint = "Put the $ref into allOf, or make the target nullable."
            self.problems.add("no-effect", message, f"{pointer}/nullable", hint=hint)
        for key in siblings:
            del schema[key]

    def convert_exclusive_bound(
        self, schema: JsonObject, bound: str, exclusive: str, pointer: str
    ) -> None:
        """Turn the flag of 3.0 (`minimum: 1, exclusiveMinimum: true`) into the number of 2020-12.

        Source: OpenAPI 3.0.3, Schema Object; JSON Schema 2020-12, validation, section 6.2.
        """
        value = schema[exclusive]
        is_flag = isinstance(value, bool)
        if is_flag != self.is_old:
            message = f'invalid value of the schema keyword "{exclusive}"'
            expected = _FLAG if self.is_old else "a number"
            self.problems.add("bad-schema", message, f"{pointer}/{exclusive}", expected=expected)
        if is_flag:
            del schema[exclusive]
            if value and bound in schema:
                schema[exclusive] = schema.pop(bound)

    def convert_nullable(self, schema: JsonObject, pointer: str) -> None:
        """Turn `nullable` into the type null.

        Source: OpenAPI 3.0.3, Schema Object: without `type` beside it, it has no effect.
        """
        if self.has_x_nullable and "nullable" not in schema and "x-nullable" in schema:
            schema["nullable"] = schema.pop("x-nullable")
        if "nullable" not in schema:
            return
        value = schema.pop("nullable")
        if not isinstance(value, bool):
            message = 'invalid value of the schema keyword "nullable"'
            self.problems.add("bad-schema", message, f"{pointer}/nullable", expected=_FLAG)
        if value is True and not self.is_old:
            message = '"nullable" has no effect since OpenAPI 3.1'
            expected = 'a list of types, such as ["string", "null"]'
            self.problems.add("no-effect", message, f"{pointer}/nullable", expected=expected)
        elif value is True:
            _allow_null(schema)

    def convert_tuple(self, schema: JsonObject, pointer: str) -> None:
        """Turn a list of `items` into `prefixItems`, as older dialects meant it."""
        message = 'invalid value of the schema keyword "items"'
        expected = 'a schema (a mapping, true or false), or "prefixItems" for a list of schemas'
        self.problems.add("bad-schema", message, f"{pointer}/items", expected=expected)
        if "prefixItems" not in schema:
            schema["prefixItems"] = schema["items"]
        del schema["items"]
        if "additionalItems" in schema:
            schema["items"] = schema.pop("additionalItems")

    def convert_dependencies(self, schema: JsonObject, pointer: str) -> None:
        """Split `dependencies` of older dialects into the two keywords of 2020-12."""
        where = f"{pointer}/dependencies"
        message = 'the keyword "dependencies" is no part of JSON Schema 2020-12'
        expected = '"dependentRequired" or "dependentSchemas"'
        self.problems.add("bad-schema", message, where, key=True, expected=expected)
        for name, dependency in schema.pop("dependencies").items():
            keyword = "dependentRequired" if isinstance(dependency, list) else "dependentSchemas"
            dependencies = schema.setdefault(keyword, {})
            if isinstance(dependencies, dict):
                dependencies.setdefault(name, dependency)
            else:
                self.problems.add("bad-schema", message, child_pointer(where, name))


def _allow_null(schema: JsonObject) -> None:
    name = schema.get("type")
    if not isinstance(name, str):
        return
    schema["type"] = [name, "null"]
    values = schema.get("enum")
    if isinstance(values, list) and None not in values:
        schema["enum"] = [*values, None]
        schema[IMPLIED_NULL] = True
