"""Checks of the elements that operations are made of.

These are parameters, bodies, responses, headers, schemas and references.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from understudy.contract.document.pointers import (
    JsonObject,
    PointerError,
    child_pointer,
    follow_refs,
    join_pointer,
    parse_pointer,
    ref_target,
    resolve_pointer,
)
from understudy.contract.document.shape_problems import ShapeProblems
from understudy.contract.operation.parameters import STYLES
from understudy.contract.operation.render import FIELD_EXTENSION
from understudy.contract.schema.anchors import list_anchors
from understudy.contract.schema.keywords import (
    KEYWORD_VALUE_CHECKS,
    find_in_place_subschemas,
    iter_subschemas,
    member_kind,
)
from understudy.errors import nearest_name

# OpenAPI 3.1, Parameter Object.
_PARAMETER_KEYS = (
    *("name", "in", "description", "required", "deprecated", "allowEmptyValue"),
    *("style", "explode", "allowReserved", "schema", "example", "examples", "content"),
)
# OpenAPI 3.1, Response Object and Request Body Object.
_RESPONSE_KEYS = ("$ref", "summary", "description", "headers", "content", "links")
_BODY_KEYS = ("$ref", "summary", "description", "content", "required")
_FLAG = "true or false"
# OpenAPI 3.0.3, Schema Object: these differ from the keywords of 2020-12.
_FLAGS_OF_3_0 = ("exclusiveMinimum", "exclusiveMaximum", "nullable")
_LOCAL_REFERENCE = 'one such as "#/components/schemas/Name"'
# Looking for a near name takes time in proportion to the name's length.
_NEAREST_LIMIT = 100

ParameterKey = tuple[str, str]
"""Name and location of a parameter: together they are unique in an operation."""
ParameterNeeds = dict[ParameterKey, tuple[str, ...]]
"""By name and location of a parameter: the names that it requires."""
_Located = tuple[Any, str]
"""A node and its pointer."""


class ElementChecker:
    """Checks elements of one document; every problem is added to the given list.

    A method takes a node and its pointer. A node with a `$ref` is replaced by its target, whose
    problems then have the target's place.
    """

    def __init__(self, data: JsonObject, problems: ShapeProblems) -> None:
        self.data = data
        self.problems = problems
        self._is_3_0 = str(data["openapi"]).startswith("3.0")
        self._in_place: dict[str, list[str]] = {}
        """By pointer of each schema that was checked: the pointers of the schemas that apply to the
        same value."""

    def follow_reference(self, node: object, pointer: str) -> _Located:
        """Return the target of a node's `$ref`, or the node itself, with its pointer.

        The target is None for a reference that cannot be followed: `check_references` reports it.
        """
        try:
            target, where = follow_refs(self.data, node, pointer)
        except PointerError:
            return None, pointer
        if isinstance(target, dict) and isinstance(target.get("$ref"), str):
            # A circular chain, or a reference to another file.
            return None, where
        return target, where

    def check_parameters(self, nodes: object, pointer: str) -> ParameterNeeds:
        """Check a list of parameters.

        Returns, by name and location of each, the names of the parameters that it requires.
        """
        needs: ParameterNeeds = {}
        if not isinstance(nodes, list):
            message = '"parameters" is not a list'
            self.problems.add("bad-shape", message, pointer, expected="a list of parameters")
            return needs
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
        return needs

    def _required_names(self, node: object) -> tuple[str, ...]:
        """Return `x-requires` of a parameter; a wrong type is reported by its own check."""
        target, _ = self.follow_reference(node, "")
        names = target.get("x-requires", [])
        if not isinstance(names, list):
            return ()
        return tuple(name for name in names if isinstance(name, str))

    def check_parameter(self, node: object, pointer: str) -> ParameterKey | None:
        """Check a parameter and return its name and location, when it has both.

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
                nearest=nearest_name(str(location), STYLES),
            )
            return None
        # OpenAPI 3.1, Parameter Object, `required`.
        if location == "path" and parameter.get("required") is not True:
            message = f'the path parameter "{name}" is not required'
            expected = "required: true"
            self.problems.add("path-parameter-optional", message, pointer, expected=expected)
        self._check_serialisation(parameter, name, location, pointer)
        return name, location

    def _check_serialisation(
        self, parameter: JsonObject, name: str, location: str, pointer: str
    ) -> None:
        """Check how a parameter is written. Source: OpenAPI 3.1, "Style Values".

        The style must be one of the location. A parameter needs a schema or `content`.
        """
        styles = STYLES[location]
        style = parameter.get("style", styles[0])
        if style not in styles:
            self.problems.add(
                "bad-style",
                f'unknown style "{style}" of a {location} parameter',
                f"{pointer}/style",
                expected=f"one of {', '.join(styles)}",
                nearest=nearest_name(str(style), styles),
            )
        for key in ("explode", "required", "x-accept-exploded"):
            self.problems.check_type(parameter, key, bool, _FLAG, pointer)
        self.problems.check_texts(parameter, "x-requires", pointer)
        if "schema" in parameter:
            self.check_schema(parameter["schema"], f"{pointer}/schema")
        elif "content" in parameter:
            self.check_content(parameter, pointer)
        else:
            message = f'missing schema of the parameter "{name}"'
            expected = '"schema: …" or "content: …"'
            self.problems.add("missing-key", message, pointer, expected=expected)

    def _follow_to_mapping(self, node: object, pointer: str, name: str) -> _Located:
        """Return the target of a node and its pointer; None when it is not a mapping."""
        target, pointer = self.follow_reference(node, pointer)
        if target is None and node is not None:
            return None, pointer
        if not self.problems.check_mapping(target, pointer, name):
            return None, pointer
        return target, pointer

    def check_header(self, node: object, pointer: str) -> None:
        """Check a header of a response. Source: OpenAPI 3.1, Header Object."""
        header, pointer = self._follow_to_mapping(node, pointer, "header")
        if header is None:
            return
        for key in ("explode", "required"):
            self.problems.check_type(header, key, bool, _FLAG, pointer)
        style = header.get("style", "simple")
        if style != "simple":
            where = f"{pointer}/style"
            message = f'unknown style "{style}" of a header'
            self.problems.add("bad-style", message, where, expected="simple")
        if "schema" in header:
            self.check_schema(header["schema"], f"{pointer}/schema")
        self.check_content(header, pointer)

    def check_response(self, node: object, pointer: str) -> None:
        """Check a response with its headers and content. Source: OpenAPI 3.1, Response Object."""
        response, pointer = self._follow_to_mapping(node, pointer, "response")
        if response is None:
            return
        self.problems.check_keys(response, _RESPONSE_KEYS, pointer)
        self.check_content(response, pointer)
        headers = response.get("headers", {})
        if self.problems.check_mapping(headers, f"{pointer}/headers", "headers"):
            for name, header in headers.items():
                self.check_header(header, child_pointer(pointer, "headers", name))

    def check_body(self, node: object, pointer: str) -> None:
        """Check the body of a request. Source: OpenAPI 3.1, Request Body Object."""
        body, pointer = self._follow_to_mapping(node, pointer, "requestBody")
        if body is None:
            return
        self.problems.check_keys(body, _BODY_KEYS, pointer)
        self.problems.check_type(body, "required", bool, _FLAG, pointer)
        self.check_content(body, pointer)

    def check_content(self, holder: JsonObject, pointer: str) -> None:
        """Check the member `content`: media types with their schemas and examples."""
        content = holder.get("content", {})
        where = f"{pointer}/content"
        if not self.problems.check_mapping(content, where, "content"):
            return
        for media_type, media in content.items():
            media_pointer = child_pointer(where, media_type)
            if self.problems.check_mapping(media, media_pointer, media_type):
                self._check_media_type(media, media_pointer)

    def _check_media_type(self, media: JsonObject, pointer: str) -> None:
        """Check schema and examples. Source: OpenAPI 3.1, Media Type Object."""
        if "schema" in media:
            self.check_schema(media["schema"], f"{pointer}/schema")
        examples = media.get("examples", {})
        where = f"{pointer}/examples"
        if not self.problems.check_mapping(examples, where, "examples"):
            return
        for name, example in examples.items():
            self.problems.check_mapping(example, child_pointer(where, name), name)

    def check_schema(self, schema: object, pointer: str) -> None:
        """Check a schema, those below it, and those that it refers to; each once.

        A loop instead of recursion: schemas refer to each other in circles.
        """
        waiting = [(schema, pointer)]
        while waiting:
            part, where = waiting.pop()
            if where in self._in_place:
                continue
            self._in_place[where] = []
            if isinstance(part, dict):
                self._check_keywords(part, where)
                waiting += self._iter_reached_schemas(part, where)
            elif not isinstance(part, bool):
                expected = "a mapping, true or false"
                self.problems.add("bad-schema", "not a schema", where, expected=expected)

    def _check_keywords(self, schema: JsonObject, pointer: str) -> None:
        """Check the value of each keyword; an unknown keyword is allowed.

        Source: JSON Schema 2020-12, core, section 4.3.1.
        """
        for keyword, value in schema.items():
            if self._is_3_0 and keyword in _FLAGS_OF_3_0:
                self.problems.check_type(schema, keyword, bool, _FLAG, pointer)
                continue
            check = KEYWORD_VALUE_CHECKS.get(keyword)
            if check is None:
                continue
            is_valid, expected = check
            if not is_valid(value):
                where = child_pointer(pointer, keyword)
                message = f'invalid value of the schema keyword "{keyword}"'
                self.problems.add("bad-schema", message, where, expected=expected)
        self.problems.check_type(schema, FIELD_EXTENSION, str, "a text", pointer)

    def _iter_reached_schemas(self, schema: JsonObject, pointer: str) -> Iterator[_Located]:
        """Yield the subschemas of a schema and its `$ref` target, each with its pointer.

        The schemas among them that apply to the same value are recorded for `check_cycles`.
        """
        for where, part in iter_subschemas(schema, pointer):
            yield part, where
        self._in_place[pointer] += find_in_place_subschemas(schema, pointer)
        ref = schema.get("$ref")
        if isinstance(ref, str):
            self._check_reference(schema, ref, f"{pointer}/$ref")
        target = ref_target(schema)
        if target is None:
            return
        try:
            target_schema = resolve_pointer(self.data, target)
        except PointerError:
            # `_check_reference` has reported it.
            return
        # One spelling for each pointer, so that each schema is checked once.
        where = join_pointer(parse_pointer(target))
        self._in_place[pointer].append(where)
        yield target_schema, where

    def check_cycles(self) -> None:
        """Add a problem for each schema that contains itself for the same value.

        Such a schema is valid if it is valid: no validator could ever finish. The search is depth
        first; `path` are the schemas from the start to the current one.
        """
        done: set[str] = set()
        for start in self._in_place:
            path: dict[str, None] = {}
            stack = [(start, False)]
            while stack:
                where, is_leaving = stack.pop()
                if is_leaving:
                    done.add(path.popitem()[0])
                elif where in path:
                    message = "the schema refers to itself for the same value"
                    expected = "a reference under a property or item"
                    self.problems.add("circular-ref", message, where, expected=expected)
                elif where not in done:
                    path[where] = None
                    stack.append((where, True))
                    for below in self._in_place.get(where, []):
                        stack.append((below, False))

    def check_references(self, node: object, pointer: str, *, has_free_names: bool = False) -> None:
        """Check that each `$ref` outside of data leads to a node of this document.

        With `has_free_names` the keys of the node are names, not keywords.
        """
        if isinstance(node, list):
            for index, item in enumerate(node):
                self.check_references(item, child_pointer(pointer, index))
        if not isinstance(node, dict):
            return
        ref = node.get("$ref")
        if isinstance(ref, str) and not has_free_names:
            self._check_reference(node, ref, child_pointer(pointer, "$ref"))
        for key, value in node.items():
            kind = "node" if has_free_names else member_kind(key, value)
            if kind != "data":
                where = child_pointer(pointer, key)
                self.check_references(value, where, has_free_names=kind == "names")

    def _check_reference(self, node: JsonObject, ref: str, pointer: str) -> None:
        """Check one `$ref`: it is local, has a target, and does not lead back to itself."""
        if ref_target(node) is None:
            self._add_not_local(ref, pointer)
            return
        try:
            resolve_pointer(self.data, unquote(ref[1:]))
            end, _ = follow_refs(self.data, node, pointer)
        except PointerError as error:
            message = f'unresolved $ref "{ref}": {error}'
            nearest = nearest_name(error.key[:_NEAREST_LIMIT], error.keys)
            self.problems.add("unresolved-ref", message, pointer, nearest=nearest)
            return
        if ref_target(end) is not None:
            message = f'circular $ref "{ref}"'
            expected = "a chain of $ref that ends"
            self.problems.add("circular-ref", message, pointer, expected=expected)

    def _add_not_local(self, ref: str, pointer: str) -> None:
        """Add a problem for a `$ref` that is not a pointer into this document."""
        if not ref.startswith("#"):
            message = f'the $ref "{ref}" does not lead into this document'
            hint = "Nothing is fetched: put its target into the document itself."
            self.problems.add("remote-ref", message, pointer, expected=_LOCAL_REFERENCE, hint=hint)
            return
        message = f'unknown $anchor in the $ref "{ref}"'
        anchors = list_anchors(self.data)
        expected = _LOCAL_REFERENCE
        if anchors:
            names = [f"#{name}" for name in anchors]
            expected = f"one of {', '.join(names)}"
        nearest = nearest_name(ref[1:_NEAREST_LIMIT], anchors)
        if nearest:
            nearest = f"#{nearest}"
        self.problems.add("unresolved-ref", message, pointer, expected=expected, nearest=nearest)
