"""Make the one self-contained schema that a back end compiles: only what it reaches, only what asserts something.

`$ref` targets are gathered under `$defs`, so a back end never looks anything up outside. Annotations go, and with them
what gives names: references are told by pointers before (`anchors`). Each made schema remembers what it was made from:
an error's keyword is told by where it stands in the contract, whatever the back end calls the place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from understudy.contract.document.pointers import (
    PointerError,
    child_pointer,
    follow_refs,
    ref_target,
    resolve_pointer,
)
from understudy.contract.schema.formats import ASSERTED_FORMATS
from understudy.contract.schema.keywords import (
    KEYWORD_VALUE_CHECKS,
    SCHEMA_KEYWORDS,
    SCHEMA_LIST_KEYWORDS,
    SCHEMA_MAP_KEYWORDS,
)
from understudy.errors import InputError, Problem, nearest_name
from understudy.regexgen import translate

_ANNOTATIONS = frozenset(
    [
        "title",
        "description",
        "examples",
        "$comment",
        "$anchor",
        "$dynamicAnchor",
        "$dynamicRef",
        "$id",
        "deprecated",
        "readOnly",
        "writeOnly",
        "contentSchema",
        "$defs",
        "definitions",
    ]
)
ASSERTING = (frozenset(KEYWORD_VALUE_CHECKS) | {"const"}) - _ANNOTATIONS
"""Keywords that can make a value invalid."""
# `false` under these is a rule about names, not a schema that an item is held against.
_CLOSING = frozenset(["additionalProperties", "unevaluatedProperties", "unevaluatedItems"])


@dataclass(frozen=True, slots=True)
class BundledSchema:
    """A schema to compile, and what its parts were made from."""

    root: dict[str, Any]
    origins: dict[int, tuple[str, Any]] = field(repr=False)
    """By identity of a made schema: the pointer and the value of the original."""

    def find_origin(self, path: Sequence[str | int]) -> tuple[str, str, Any]:
        """Give keyword, pointer and original schema that a path from the root leads to; `false` for a false schema."""
        node: Any = self.root
        base, original, rest = "", None, list(path)
        for number, key in enumerate(path):
            base, original, rest = self._nearest(node, base, original, rest, list(path[number:]))
            node = node[key]
        if node is False and path[-1] not in _CLOSING and path[-1] != "contains":
            return "false", child_pointer(base, *rest), False
        if original is False:
            return "false", base, False
        keyword = str(path[-1])
        return keyword, child_pointer(base, *rest), original

    def _nearest(
        self, node: Any, base: str, original: Any, rest: list[str | int], path: list[str | int]
    ) -> tuple[str, Any, list[str | int]]:
        known = self.origins.get(id(node)) if isinstance(node, dict) else None
        return (known[0], known[1], path) if known else (base, original, rest)


def bundle_schema(
    schema: Any, document: Any, pointer: str, *, for_python: bool, hidden: str = ""
) -> BundledSchema:
    """Make the schema that a back end compiles. Raises InputError for a `$ref` that is not local or names nothing.

    `pointer` tells where `schema` stands in `document`. `for_python` tells patterns in Python's words and writes
    `false` as a `not`, because jsonschema does not say where a false schema stood. `hidden` is `readOnly` for what a
    client sends and `writeOnly` for what a server sends: a property that says so need not be there.
    """
    return _Preparer(document, for_python, hidden).run(schema, pointer)


class _Preparer:
    def __init__(self, document: Any, for_python: bool, hidden: str) -> None:
        self.document = document
        self.for_python = for_python
        self.hidden = hidden
        self.origins: dict[int, tuple[str, Any]] = {}
        self.numbers: dict[str, str] = {}
        self.waiting: list[str] = []

    def run(self, schema: Any, pointer: str) -> BundledSchema:
        root = self.named(schema, pointer)
        root["$defs"] = definitions = {}
        while self.waiting:
            target = self.waiting.pop()
            definitions[self.numbers[target]] = self.named(
                resolve_pointer(self.document, target), target
            )
        return BundledSchema(root, self.origins)

    def named(self, schema: Any, pointer: str) -> dict[str, Any]:
        """Make a schema that stands by itself: always an object, so that it can be told by its identity."""
        if isinstance(schema, dict):
            return self.made(schema, pointer)
        result: dict[str, Any] = {} if schema is True else {"not": {}}
        self.origins[id(result)] = (pointer, schema)
        return result

    def schema(self, schema: Any, pointer: str) -> Any:
        if isinstance(schema, dict) or (schema is False and self.for_python):
            return self.named(schema, pointer)
        return schema

    def made(self, schema: dict[str, Any], pointer: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        self.origins[id(result)] = (pointer, schema)
        for keyword, value in schema.items():
            if keyword in ASSERTING:
                self.add(result, keyword, value, child_pointer(pointer, keyword))
        if self.hidden and "required" in result:
            properties = schema.get("properties", {})
            result["required"] = [
                name for name in result["required"] if not self.hides(properties.get(name))
            ]
            self.origins[id(result)] = (pointer, {**schema, "required": result["required"]})
        return result

    def hides(self, schema: Any) -> bool:
        try:
            return (
                isinstance(schema, dict)
                and follow_refs(self.document, schema, "")[0].get(self.hidden) is True
            )
        except (PointerError, AttributeError):
            return False

    def add(self, result: dict[str, Any], keyword: str, value: Any, pointer: str) -> None:
        if keyword == "$ref":
            result["$ref"] = self.reference(value, pointer)
        elif keyword in SCHEMA_KEYWORDS:
            result[keyword] = value if keyword in _CLOSING else self.schema(value, pointer)
            if keyword in _CLOSING and isinstance(value, dict):
                result[keyword] = self.named(value, pointer)
        elif keyword in SCHEMA_LIST_KEYWORDS:
            result[keyword] = [
                self.schema(part, child_pointer(pointer, index)) for index, part in enumerate(value)
            ]
        elif keyword in SCHEMA_MAP_KEYWORDS:
            self.add_named(result, keyword, value, pointer)
        elif keyword == "format":
            if value in ASSERTED_FORMATS:
                result["format"] = value
        elif keyword == "pattern" and self.for_python:
            if (told := translate(value)) is not None:
                result["pattern"] = told
        else:
            result[keyword] = value

    def add_named(
        self, result: dict[str, Any], keyword: str, value: dict[str, Any], pointer: str
    ) -> None:
        parts = {
            name: self.schema(part, child_pointer(pointer, name)) for name, part in value.items()
        }
        if keyword == "patternProperties" and self.for_python:
            parts = self.by_pattern(parts)
        result[keyword] = parts

    def by_pattern(self, parts: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, part in parts.items():
            told = translate(name)
            if told is None:
                made[""] = True  # which names are meant is not known: none is a surplus
                continue
            while told in made:  # two patterns of one translation
                told += "(?:)"
            made[told] = part
        return made

    def reference(self, ref: str, pointer: str) -> str:
        target = ref_target({"$ref": ref})
        if target is None:
            hint = "Nothing is fetched: put the schema into the document itself."
            what = f'the $ref "{ref}" at {pointer} does not lead into this document'
            raise InputError(
                Problem(
                    "remote-ref", what, expected='a local one, such as "#/$defs/Name"', hint=hint
                )
            )
        if target not in self.numbers:
            try:
                resolve_pointer(self.document, target)
            except PointerError as error:
                what = f'the $ref "{ref}" at {pointer} names nothing: {error}'
                near = nearest_name(error.key, error.keys)
                raise InputError(Problem("unresolved-ref", what, nearest=near)) from error
            self.numbers[target] = str(len(self.numbers))
            self.waiting.append(target)
        return f"#/$defs/{self.numbers[target]}"
