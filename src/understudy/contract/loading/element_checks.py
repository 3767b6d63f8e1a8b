"""Checks of the elements that operations are made of: parameters, bodies, responses, headers.

Every flaw is reported. What is wrong is then removed or replaced by a default, so that the rest of
the element is served; a method returns whether the element can be used at all.
"""

from typing import Any

from understudy.contract.document.pointers import (
    JsonObject,
    PointerError,
    child_pointer,
    follow_refs,
)
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.document.source_tree import Tree
from understudy.contract.loading.schema_checks import SchemaChecker
from understudy.contract.operation.parameter_model import STYLES

# OpenAPI 3.1, Parameter Object.
_PARAMETER_KEYS = (
    *("name", "in", "description", "required", "deprecated", "allowEmptyValue"),
    *("style", "explode", "allowReserved", "schema", "example", "examples", "content"),
)
_PARAMETER_FLAGS = (
    *("required", "allowEmptyValue", "explode", "allowReserved"),
    "x-accept-exploded",
)
# OpenAPI 3.1, Response Object and Request Body Object.
_RESPONSE_KEYS = ("$ref", "summary", "description", "headers", "content", "links")
_BODY_KEYS = ("$ref", "summary", "description", "content", "required")
_FLAG = "true or false"

ParameterKey = tuple[str, str]
"""Name and location of a parameter: together they are unique in an operation."""
ParameterNeeds = dict[ParameterKey, tuple[str, ...]]
"""By name and location of a parameter: the names that it requires."""
_Located = tuple[Any, str]
"""A node and its pointer."""


class ElementChecker:
    """Checks elements of one document, and repairs them in place.

    A method takes a node and its pointer. A node with a `$ref` is replaced by its target, whose
    problems then have the target's place.
    """

    def __init__(self, tree: Tree, problems: ShapeProblems) -> None:
        self.tree = tree
        self.data: JsonObject = tree.data
        self.problems = problems
        self.schemas = SchemaChecker(tree.data, problems)

    def follow_reference(self, node: object, pointer: str) -> _Located:
        """Return the target of a node's `$ref`, or the node itself, with its pointer.

        The target is None for a reference that cannot be followed: `check_references` reports it.
        """
        try:
            target, where = follow_refs(self.data, node, pointer)
        except PointerError:
            return None, pointer
        if isinstance(target, dict) and isinstance(target.get("$ref"), str):
            # A circular chain, or a reference to a file that could not be read.
            return None, where
        return target, where

    def check_parameters(self, holder: JsonObject, pointer: str) -> ParameterNeeds:
        """Check the parameters of a path item or operation; those that cannot be used are removed.

        Returns, by name and location of each, the names of the parameters that it requires.
        """
        needs: ParameterNeeds = {}
        nodes = holder.get("parameters", [])
        pointer = f"{pointer}/parameters"
        if not isinstance(nodes, list):
            message = '"parameters" is not a list'
            self.problems.add("bad-shape", message, pointer, expected="a list of parameters")
            del holder["parameters"]
            return needs
        usable: list[int] = []
        for index, node in enumerate(nodes):
            where = child_pointer(pointer, index)
            key = self.check_parameter(node, where)
            if key is None:
                continue
            if key in needs:
                name, location = key
                message = f'duplicate {location} parameter "{name}"'
                expected = "each parameter once"
                self.problems.add("duplicate-parameter", message, where, expected=expected)
            else:
                needs[key] = self._required_names(node)
                usable.append(index)
        if len(usable) < len(nodes):
            self.tree.retain_items(pointer, nodes, usable)
        return needs

    def _required_names(self, node: object) -> tuple[str, ...]:
        """Return `x-requires` of a parameter."""
        target, _ = self.follow_reference(node, "")
        return tuple(target.get("x-requires", ()))

    def check_parameter(self, node: object, pointer: str) -> ParameterKey | None:
        """Check a parameter and return its name and location, when it can be used.

        Source: OpenAPI 3.1, Parameter Object.
        """
        parameter, pointer = self.follow_reference(node, pointer)
        if parameter is None and node is not None:
            return None
        if not isinstance(parameter, dict):
            expected = "a mapping with name and in"
            self.problems.add("bad-shape", "not a parameter", pointer, expected=expected)
            return None
        self.problems.check_keys(parameter, _PARAMETER_KEYS, pointer)
        name = parameter.get("name")
        if not isinstance(name, str) or not name:
            message = "missing name of the parameter"
            self.problems.add("missing-key", message, pointer, expected='"name: …"')
            return None
        location = parameter.get("in")
        if not isinstance(location, str) or location not in STYLES:
            self.problems.add(
                "bad-location",
                f'unknown location "{location}" of the parameter "{name}"',
                f"{pointer}/in",
                expected=f"one of {', '.join(STYLES)}",
                nearest=self.problems.find_nearest(str(location), STYLES),
            )
            return None
        # OpenAPI 3.1, Parameter Object, `required`.
        if location == "path" and parameter.get("required") is not True:
            message = f'the path parameter "{name}" is not required'
            expected = "required: true"
            self.problems.add("path-parameter-optional", message, pointer, expected=expected)
            parameter["required"] = True
        self._check_serialisation(parameter, name, location, pointer)
        return name, location

    def _check_serialisation(
        self, parameter: JsonObject, name: str, location: str, pointer: str
    ) -> None:
        """Check how a parameter is written. Source: OpenAPI 3.1, "Style Values".

        The style must be one of the location. A parameter needs a schema or `content`; any value
        is valid for one without.
        """
        styles = STYLES[location]
        style = parameter.get("style", styles[0])
        if style not in styles:
            self.problems.add(
                "bad-style",
                f'unknown style "{style}" of a {location} parameter',
                f"{pointer}/style",
                expected=f"one of {', '.join(styles)}",
                nearest=self.problems.find_nearest(str(style), styles),
            )
            del parameter["style"]
        self._check_flags(parameter, _PARAMETER_FLAGS, pointer)
        if not self.problems.check_texts(parameter, "x-requires", pointer):
            del parameter["x-requires"]
        if "schema" in parameter:
            self.check_schema_of(parameter, pointer)
        elif "content" in parameter:
            self.check_content(parameter, pointer)
        else:
            message = f'missing schema of the parameter "{name}"'
            expected = '"schema: …" or "content: …"'
            self.problems.add("missing-key", message, pointer, expected=expected)
        self._check_examples(parameter, pointer)

    def _check_flags(self, node: JsonObject, names: tuple[str, ...], pointer: str) -> None:
        """Check members that are true or false; others are removed."""
        for name in names:
            if not self.problems.check_type(node, name, bool, _FLAG, pointer):
                del node[name]

    def _follow_to_mapping(self, node: object, pointer: str, name: str) -> _Located:
        """Return the target of a node and its pointer; None when it is not a mapping."""
        target, pointer = self.follow_reference(node, pointer)
        if target is None and node is not None:
            return None, pointer
        if not self.problems.check_mapping(target, pointer, name):
            return None, pointer
        return target, pointer

    def check_schema_of(self, holder: JsonObject, pointer: str, key: str = "schema") -> None:
        """Check a member that is a schema; what is not a schema is removed."""
        if not self.schemas.check(holder[key], f"{pointer}/{key}"):
            del holder[key]

    def check_header(self, node: object, pointer: str) -> bool:
        """Check a header of a response. Source: OpenAPI 3.1, Header Object."""
        header, pointer = self._follow_to_mapping(node, pointer, "header")
        if header is None:
            return False
        self._check_flags(header, ("explode", "required"), pointer)
        style = header.get("style", "simple")
        if style != "simple":
            where = f"{pointer}/style"
            message = f'unknown style "{style}" of a header'
            self.problems.add("bad-style", message, where, expected="simple")
            del header["style"]
        if "schema" in header:
            self.check_schema_of(header, pointer)
        self.check_content(header, pointer)
        self._check_examples(header, pointer)
        return True

    def check_response(self, node: object, pointer: str) -> bool:
        """Check a response with its headers and content. Source: OpenAPI 3.1, Response Object."""
        response, pointer = self._follow_to_mapping(node, pointer, "response")
        if response is None:
            return False
        self.problems.check_keys(response, _RESPONSE_KEYS, pointer)
        self.check_content(response, pointer)
        self.check_headers(response, pointer)
        return True

    def check_headers(self, holder: JsonObject, pointer: str) -> None:
        """Check the member `headers` of a response; headers that cannot be used are removed."""
        headers = holder.get("headers", {})
        if not self.problems.check_mapping(headers, f"{pointer}/headers", "headers"):
            del holder["headers"]
            return
        for name, header in list(headers.items()):
            if not self.check_header(header, child_pointer(pointer, "headers", name)):
                del headers[name]

    def check_body(self, node: object, pointer: str) -> bool:
        """Check the body of a request. Source: OpenAPI 3.1, Request Body Object."""
        body, pointer = self._follow_to_mapping(node, pointer, "requestBody")
        if body is None:
            return False
        self.problems.check_keys(body, _BODY_KEYS, pointer)
        self._check_flags(body, ("required",), pointer)
        self.check_content(body, pointer)
        return True

    def check_content(self, holder: JsonObject, pointer: str) -> None:
        """Check the member `content`: media types with their schemas and examples."""
        content = holder.get("content", {})
        where = f"{pointer}/content"
        if not self.problems.check_mapping(content, where, "content"):
            del holder["content"]
            return
        for media_type, node in content.items():
            media_pointer = child_pointer(where, media_type)
            media, media_pointer = self.follow_reference(node, media_pointer)
            if self.problems.check_mapping(media, media_pointer, media_type):
                self._check_media_type(media, media_pointer)
                # OpenAPI 3.2 allows references here; the compiler need not follow them.
                content[media_type] = media
            else:
                content[media_type] = {}

    def _check_media_type(self, media: JsonObject, pointer: str) -> None:
        """Check schemas and examples. Source: OpenAPI 3.2, Media Type Object."""
        for key in ("schema", "itemSchema"):
            if key in media:
                self.check_schema_of(media, pointer, key)
        self._check_examples(media, pointer)

    def _check_examples(self, holder: JsonObject, pointer: str) -> None:
        """Check the named examples of a parameter or media type."""
        examples = holder.get("examples", {})
        where = f"{pointer}/examples"
        if not self.problems.check_mapping(examples, where, "examples"):
            del holder["examples"]
            return
        for name, node in list(examples.items()):
            example, example_pointer = self.follow_reference(node, child_pointer(where, name))
            is_unresolved = example is None and node is not None
            if is_unresolved or not self.problems.check_mapping(example, example_pointer, name):
                del examples[name]
