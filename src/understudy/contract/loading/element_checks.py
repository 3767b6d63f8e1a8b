"""Checks the parts that operations are made of: parameters, bodies, responses, schemas, references."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from understudy.contract.document.pointers import (
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

_PARAMETER_KEYS = (
    *(
        "name",
        "in",
        "description",
        "required",
        "deprecated",
        "allowEmptyValue",
        "style",
        "explode",
        "allowReserved",
    ),
    *("schema", "example", "examples", "content"),
)
_RESPONSE_KEYS = ("$ref", "summary", "description", "headers", "content", "links")
_BODY_KEYS = ("$ref", "summary", "description", "content", "required")
_TRUTH = "true or false"
_NOT_3_0 = {
    "exclusiveMinimum": (bool, _TRUTH),
    "exclusiveMaximum": (bool, _TRUTH),
    "nullable": (bool, _TRUTH),
}
"""What OpenAPI 3.0 says of keywords that are others in 2020-12."""


class ElementChecker:
    """Checks parts of one document; what is wrong goes to the findings."""

    def __init__(self, data: dict[str, Any], findings: ShapeProblems) -> None:
        self.data = data
        self.findings = findings
        self._is_3_0 = str(data["openapi"]).startswith("3.0")
        self._seen: dict[str, list[str]] = {}
        """The pointer of each schema that was checked, and those of the schemas that hold for the same value."""

    def follow_reference(self, node: Any, pointer: str) -> tuple[Any, str]:
        """Follow references; None where one leads nowhere, which is told elsewhere."""
        try:
            node, pointer = follow_refs(self.data, node, pointer)
        except PointerError:
            return None, pointer
        return (
            (None, pointer)
            if isinstance(node, dict) and isinstance(node.get("$ref"), str)
            else (node, pointer)
        )

    def check_parameters(self, given: Any, pointer: str) -> dict[tuple[str, str], tuple[str, ...]]:
        """Check a list of parameters; give name and location of each, with the names that it requires."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        if not isinstance(given, list):
            self.findings.add(
                "bad-shape", '"parameters" is no list', pointer, expected="a list of parameters"
            )
            return found
        for index, one in enumerate(given):
            key = self.check_parameter(one, child_pointer(pointer, index))
            if key is not None and key in found:
                what = f'the parameter "{key[0]}" in {key[1]} stands twice'
                self.findings.add(
                    "duplicate-parameter", what, child_pointer(pointer, index), expected="each once"
                )
            elif key is not None:
                needs = self.follow_reference(one, "")[0].get("x-requires", [])
                found[key] = (
                    tuple(name for name in needs if isinstance(name, str))
                    if isinstance(needs, list)
                    else ()
                )
        return found

    def check_parameter(self, given: Any, pointer: str) -> tuple[str, str] | None:
        """Check a parameter; give its name and location when it can be known by them."""
        told, pointer = self.follow_reference(given, pointer)
        if told is None and given is not None:
            return None
        if not isinstance(told, dict):
            what, expected = "this is no parameter", "a mapping with name and in"
            self.findings.add("bad-shape", what, pointer, expected=expected)
            return None
        self.findings.check_keys(told, _PARAMETER_KEYS, pointer)
        name, location = told.get("name"), told.get("in")
        if not isinstance(name, str) or not name:
            self.findings.add(
                "missing-key", "the parameter has no name", pointer, expected='"name: …"'
            )
            return None
        if not isinstance(location, str) or location not in STYLES:
            near, where = nearest_name(str(location), STYLES), f"{pointer}/in"
            what, expected = (
                f'the parameter "{name}" is in "{location}"',
                f"one of {', '.join(STYLES)}",
            )
            self.findings.add("bad-location", what, where, expected=expected, nearest=near)
            return None
        if location == "path" and told.get("required") is not True:
            what = f'the path parameter "{name}" is not required'
            self.findings.add("path-parameter-optional", what, pointer, expected="required: true")
        self._serialisation(told, name, location, pointer)
        return name, location

    def _serialisation(self, told: dict[str, Any], name: str, location: str, pointer: str) -> None:
        style = told.get("style", STYLES[location][0])
        if style not in STYLES[location]:
            near = nearest_name(str(style), STYLES[location])
            what, expected = (
                f'no parameter in {location} has the style "{style}"',
                f"one of {', '.join(STYLES[location])}",
            )
            self.findings.add(
                "bad-style", what, f"{pointer}/style", expected=expected, nearest=near
            )
        for key in ("explode", "required", "x-accept-exploded"):
            self.findings.check_type(told, key, bool, _TRUTH, pointer)
        self.findings.check_texts(told, "x-requires", pointer)
        if "schema" in told:
            self.check_schema(told["schema"], f"{pointer}/schema")
        elif "content" in told:
            self.content(told, pointer)
        else:
            what, expected = f'the parameter "{name}" has no schema', '"schema: …" or "content: …"'
            self.findings.add("missing-key", what, pointer, expected=expected)

    def check_header(self, given: Any, pointer: str) -> None:
        """Check a response's header."""
        told, pointer = self.follow_reference(given, pointer)
        if (told is None and given is not None) or not self.findings.check_mapping(
            told, pointer, "header"
        ):
            return
        for key in ("explode", "required"):
            self.findings.check_type(told, key, bool, _TRUTH, pointer)
        if told.get("style", "simple") != "simple":
            what = f'no header has the style "{told["style"]}"'
            self.findings.add("bad-style", what, f"{pointer}/style", expected="simple")
        if "schema" in told:
            self.check_schema(told["schema"], f"{pointer}/schema")
        self.content(told, pointer)

    def check_response(self, given: Any, pointer: str) -> None:
        """Check a response with its headers and content."""
        told, pointer = self.follow_reference(given, pointer)
        if (told is None and given is not None) or not self.findings.check_mapping(
            told, pointer, "response"
        ):
            return
        self.findings.check_keys(told, _RESPONSE_KEYS, pointer)
        self.content(told, pointer)
        headers = told.get("headers", {})
        if self.findings.check_mapping(headers, f"{pointer}/headers", "headers"):
            for name, header in headers.items():
                self.check_header(header, child_pointer(pointer, "headers", name))

    def check_body(self, given: Any, pointer: str) -> None:
        """Check a request's body."""
        told, pointer = self.follow_reference(given, pointer)
        if (told is None and given is not None) or not self.findings.check_mapping(
            told, pointer, "requestBody"
        ):
            return
        self.findings.check_keys(told, _BODY_KEYS, pointer)
        self.findings.check_type(told, "required", bool, _TRUTH, pointer)
        self.content(told, pointer)

    def content(self, holder: dict[str, Any], pointer: str) -> None:
        """Check what stands under `content`: media types with their schemas and examples."""
        content = holder.get("content", {})
        if not self.findings.check_mapping(content, f"{pointer}/content", "content"):
            return
        for media_type, media in content.items():
            where = child_pointer(pointer, "content", media_type)
            if not self.findings.check_mapping(media, where, media_type):
                continue
            if "schema" in media:
                self.check_schema(media["schema"], f"{where}/schema")
            examples = media.get("examples", {})
            if self.findings.check_mapping(examples, f"{where}/examples", "examples"):
                for name, example in examples.items():
                    self.findings.check_mapping(
                        example, child_pointer(where, "examples", name), name
                    )

    def check_schema(self, schema: Any, pointer: str) -> None:
        """Check a schema, those below it, and those that it refers to; each once."""
        waiting = [(schema, pointer)]
        while waiting:
            part, where = waiting.pop()
            if where in self._seen:
                continue
            self._seen[where] = []
            if isinstance(part, dict):
                waiting += self._keywords(part, where)
            elif not isinstance(part, bool):
                self.findings.add(
                    "bad-schema", "this is no schema", where, expected="a mapping, true or false"
                )

    def _keywords(self, schema: dict[str, Any], pointer: str) -> Iterator[tuple[Any, str]]:
        for keyword, value in schema.items():
            if self._is_3_0 and keyword in _NOT_3_0:
                self.findings.check_type(schema, keyword, *_NOT_3_0[keyword], pointer)
                continue
            shape = KEYWORD_VALUE_CHECKS.get(keyword)
            if shape is not None and not shape[0](value):
                what = f'the schema\'s "{keyword}" does not fit'
                self.findings.add(
                    "bad-schema", what, child_pointer(pointer, keyword), expected=shape[1]
                )
        self.findings.check_type(schema, FIELD_EXTENSION, str, "a text", pointer)
        for where, part in iter_subschemas(schema, pointer):
            yield part, where
        self._seen[pointer] += find_in_place_subschemas(schema, pointer)
        if isinstance(schema.get("$ref"), str):
            self._reference(schema, schema["$ref"], f"{pointer}/$ref")
        target = ref_target(schema)
        try:
            found = None if target is None else resolve_pointer(self.data, target)
        except PointerError:
            return
        if target is not None:
            self._seen[pointer].append(_canonical(target))
            yield found, _canonical(target)

    def check_cycles(self) -> None:
        """Note each schema that is said to hold for a value if it holds for that value: nothing could ever judge it."""
        done: set[str] = set()
        for start in self._seen:
            path: dict[str, None] = {}
            stack = [(start, False)]
            while stack:
                where, leaving = stack.pop()
                if leaving:
                    done.add(path.popitem()[0])
                elif where in path:
                    what = "this schema refers to itself for one and the same value"
                    self.findings.add(
                        "circular-ref", what, where, expected="a reference under a property or item"
                    )
                elif where not in done:
                    path[where] = None
                    stack.append((where, True))
                    stack += [(below, False) for below in self._seen.get(where, ())]

    def check_references(self, node: Any, pointer: str, *, names: bool = False) -> None:
        """Check that each `$ref` outside of data leads somewhere in this document. `names`: the keys are free names."""
        if isinstance(node, list):
            for index, item in enumerate(node):
                self.check_references(item, child_pointer(pointer, index))
        if not isinstance(node, dict):
            return
        target = node.get("$ref")
        if isinstance(target, str) and not names:
            self._reference(node, target, child_pointer(pointer, "$ref"))
        for key, value in node.items():
            kind = "node" if names else member_kind(key, value)
            if kind != "data":
                self.check_references(value, child_pointer(pointer, key), names=kind == "names")

    def _reference(self, node: dict[str, Any], ref: str, pointer: str) -> None:
        if ref_target(node) is None and ref.startswith("#"):
            anchors = list_anchors(self.data)
            what = f'the $ref "{ref}" names no $anchor of this document'
            expected = (
                f"one of #{', #'.join(anchors)}"
                if anchors
                else 'one such as "#/components/schemas/Name"'
            )
            near = nearest_name(ref[1:100], anchors)
            self.findings.add(
                "unresolved-ref",
                what,
                pointer,
                expected=expected,
                nearest=f"#{near}" if near else "",
            )
            return
        if ref_target(node) is None:
            hint = "Nothing is fetched: put what it names into the document itself."
            what, expected = (
                f'the $ref "{ref}" does not lead into this document',
                'one such as "#/components/schemas/Name"',
            )
            self.findings.add("remote-ref", what, pointer, expected=expected, hint=hint)
            return
        try:
            resolve_pointer(self.data, unquote(ref[1:]))
            end, _ = follow_refs(self.data, node, pointer)
        except PointerError as error:
            near = nearest_name(error.key[:100], error.keys)
            self.findings.add(
                "unresolved-ref", f'the $ref "{ref}" names nothing: {error}', pointer, nearest=near
            )
            return
        if ref_target(end) is not None:
            what = f'the $ref "{ref}" leads back to itself'
            self.findings.add("circular-ref", what, pointer, expected="one that leads to an end")


def _canonical(pointer: str) -> str:
    return join_pointer(parse_pointer(pointer))
