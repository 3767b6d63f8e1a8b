"""Conversion of a Swagger 2.0 document to the structure of OpenAPI 3, in place.

Schemas move but stay as they are; `dialect_conversion` converts them afterwards. Broken parts stay
too, so that the checks report them. Source: Swagger 2.0, "Specification".
"""

from typing import Any

from understudy.contract.document.pointers import (
    JsonObject,
    PointerError,
    child_pointer,
    follow_refs,
)
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.document.source_tree import Origin, Tree
from understudy.contract.loading.object_model import Kind, walk
from understudy.contract.loading.swagger_parts import (
    convert_parameter,
    convert_security_scheme,
    form_content,
    move_value_keywords,
)
from understudy.contract.operation.path_routing import METHODS

_REFERENCE_PREFIXES = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}
_SECTIONS = {
    "definitions": "schemas",
    "parameters": "parameters",
    "responses": "responses",
    "securityDefinitions": "securitySchemes",
}
_JSON = "application/json"
_BINARY = "application/octet-stream"


def convert_swagger(tree: Tree, problems: ShapeProblems) -> None:
    """Convert a document in place. Places of the nodes stay those of the file."""
    _SwaggerConverter(tree, problems).convert()


class _SwaggerConverter:
    def __init__(self, tree: Tree, problems: ShapeProblems) -> None:
        self.tree = tree
        self.data: JsonObject = tree.data
        self.problems = problems

    def convert(self) -> None:
        """Convert the operations first: they need the shared parameters where they are."""
        self.convert_paths()
        for located in walk(self.data):
            if located.kind is Kind.HEADER and "schema" not in located.node:
                move_value_keywords(located.node)
        self.convert_shared_responses()
        self.move_sections()
        self.convert_references()
        self.convert_servers()
        for name in ("swagger", "consumes", "produces"):
            self.data.pop(name, None)
        self.data["openapi"] = "3.0.3"

    def convert_paths(self) -> None:
        """Convert every path item and operation."""
        paths = self.data.get("paths")
        if not isinstance(paths, dict):
            return
        for path, item in paths.items():
            if not isinstance(item, dict) or path.startswith("x-"):
                continue
            pointer = child_pointer("/paths", path)
            shared = self.split_parameters(item, pointer)
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    self.convert_operation(item[method], f"{pointer}/{method}", shared)

    def convert_operation(self, operation: JsonObject, pointer: str, shared: "_Inputs") -> None:
        """Convert an operation; `shared` are the body and form parameters of its path."""
        inputs = {**shared, **self.split_parameters(operation, pointer)}
        consumes = self.media_types(operation, "consumes")
        body = self.request_body(list(inputs.values()), consumes)
        if body is not None:
            _, origin = next(iter(inputs.values()))
            self.tree.attach(operation, "requestBody", body, origin)
        produces = self.media_types(operation, "produces")
        responses = operation.get("responses")
        if isinstance(responses, dict):
            for status, response in responses.items():
                if isinstance(response, dict):
                    where = child_pointer(pointer, "responses", status)
                    self.convert_response(response, where, produces)
        for name in ("consumes", "produces", "schemes"):
            operation.pop(name, None)

    def media_types(self, operation: JsonObject, name: str) -> list[str]:
        """Return `consumes` or `produces` of an operation, or those of the document."""
        values = operation.get(name, self.data.get(name))
        if not isinstance(values, list):
            return []
        return [value for value in values if isinstance(value, str)]

    def split_parameters(self, holder: JsonObject, pointer: str) -> "_Inputs":
        """Convert the parameters of a path item or operation.

        Returns those that are a body in OpenAPI 3, which are taken out of the list.
        """
        nodes = holder.get("parameters")
        if not isinstance(nodes, list):
            return {}
        where = f"{pointer}/parameters"
        inputs: _Inputs = {}
        remaining: list[int] = []
        for index, node in enumerate(nodes):
            try:
                parameter, target = follow_refs(self.data, node, f"{where}/{index}")
            except PointerError:
                parameter, target = node, ""
            location = parameter.get("in") if isinstance(parameter, dict) else None
            if location in ("body", "formData"):
                # Looked up before the list gets shorter.
                origin = self.tree.find_origin(target)
                inputs[location, str(parameter.get("name"))] = (parameter, origin)
            else:
                remaining.append(index)
                if isinstance(parameter, dict) and "$ref" not in parameter:
                    convert_parameter(parameter, target, self.problems)
        if len(remaining) < len(nodes):
            self.tree.retain_items(where, nodes, remaining)
        return inputs

    def request_body(
        self, inputs: list[tuple[JsonObject, Origin]], consumes: list[str]
    ) -> JsonObject | None:
        """Return the body that the body and form parameters of an operation are."""
        forms = [parameter for parameter, _ in inputs if parameter.get("in") == "formData"]
        if forms:
            return form_content(forms, consumes)
        for parameter, (source, where) in inputs:
            body: JsonObject = {"content": {}}
            for key in ("description", "required"):
                if key in parameter:
                    body[key] = parameter[key]
            for media_type in consumes or [_JSON]:
                media: JsonObject = {}
                body["content"][media_type] = media
                if "schema" in parameter:
                    origin = (source, f"{where}/schema")
                    self.tree.attach(media, "schema", parameter["schema"], origin)
            return body
        return None

    def convert_shared_responses(self) -> None:
        """Convert the responses that operations refer to; they have the document's media types."""
        responses = self.data.get("responses")
        if not isinstance(responses, dict):
            return
        produces = self.media_types({}, "produces")
        for name, response in responses.items():
            if isinstance(response, dict):
                self.convert_response(response, child_pointer("/responses", name), produces)

    def convert_response(self, response: JsonObject, pointer: str, produces: list[str]) -> None:
        """Convert schema and examples of a response to its content."""
        examples = response.get("examples")
        by_name = examples if isinstance(examples, dict) else {}
        # Each should have a media type as its name, but many documents have other names.
        typed = {name: example for name, example in by_name.items() if "/" in name}
        named = [name for name in by_name if name not in typed]
        content: JsonObject = {}
        if "schema" in response:
            schema = response["schema"]
            is_file = isinstance(schema, dict) and schema.get("type") == "file"
            origin = self.tree.find_origin(f"{pointer}/schema")
            for media_type in produces or list(typed) or [_BINARY if is_file else _JSON]:
                content[media_type] = {}
                self.tree.attach(content[media_type], "schema", schema, origin)
        for media_type, example in typed.items():
            media = content.setdefault(media_type, {})
            origin = self.tree.find_origin(child_pointer(pointer, "examples", media_type))
            self.tree.attach(media, "example", example, origin)
        if named:
            media_types = list(content) or produces or [_JSON]
            self.attach_named_examples(response, pointer, named, media_types, content)
        response.pop("schema", None)
        response.pop("examples", None)
        if content:
            response["content"] = content

    def attach_named_examples(
        self,
        response: JsonObject,
        pointer: str,
        names: list[str],
        media_types: list[str],
        content: JsonObject,
    ) -> None:
        """Add the examples whose names are not media types to each media type of a response."""
        for media_type in media_types:
            media = content.setdefault(media_type, {})
            examples: JsonObject = {}
            origin = self.tree.find_origin(f"{pointer}/examples")
            self.tree.attach(media, "examples", examples, origin)
            for name in names:
                origin = self.tree.find_origin(child_pointer(pointer, "examples", name))
                example: JsonObject = {}
                self.tree.attach(examples, name, example, origin)
                self.tree.attach(example, "value", response["examples"][name], origin)

    def move_sections(self) -> None:
        """Move the sections of the root to `components`."""
        components: JsonObject = {}
        for name, section in _SECTIONS.items():
            if name in self.data:
                origin = self.tree.find_origin(f"/{name}")
                self.tree.attach(components, section, self.data.pop(name), origin)
        schemes = components.get("securitySchemes")
        if isinstance(schemes, dict):
            for name, scheme in schemes.items():
                if isinstance(scheme, dict):
                    schemes[name] = convert_security_scheme(scheme)
        self.remove_inputs(components)
        if components:
            self.data["components"] = components

    def remove_inputs(self, components: JsonObject) -> None:
        """Remove body and form parameters, and convert the rest."""
        parameters = components.get("parameters")
        if not isinstance(parameters, dict):
            return
        for name, parameter in list(parameters.items()):
            if not isinstance(parameter, dict):
                continue
            if parameter.get("in") in ("body", "formData"):
                self.tree.replaced.append(parameters.pop(name))
            elif "schema" not in parameter and "$ref" not in parameter:
                where = child_pointer("/parameters", name)
                convert_parameter(parameter, where, self.problems)

    def convert_references(self) -> None:
        """Let every reference lead to where its target is now."""
        for located in walk(self.data):
            ref = located.node.get("$ref")
            if isinstance(ref, str):
                located.node["$ref"] = _convert_reference(ref)

    def convert_servers(self) -> None:
        """Turn `schemes`, `host` and `basePath` into servers."""
        host = self.data.pop("host", None)
        base_path = self.data.pop("basePath", None)
        schemes = self.data.pop("schemes", None)
        path = base_path if isinstance(base_path, str) else ""
        if not isinstance(host, str):
            urls = [path] if path else []
        else:
            names = schemes if isinstance(schemes, list) and schemes else ["https"]
            urls = [f"{scheme}://{host}{path}" for scheme in names]
        if urls:
            self.data["servers"] = [{"url": url} for url in urls]


_Inputs = dict[tuple[str, str], tuple[Any, Origin]]
"""By location and name of a body or form parameter: the parameter and where it was written."""


def _convert_reference(ref: str) -> str:
    for prefix, replacement in _REFERENCE_PREFIXES.items():
        if ref.startswith(prefix):
            return replacement + ref[len(prefix) :]
    return ref
