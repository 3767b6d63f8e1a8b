"""The self-contained schema that a validator back end compiles.

A bundle contains only what the schema reaches and only keywords that can make a value invalid.
`$ref` targets are gathered under `$defs`, so a back end never looks anything up elsewhere.
References by name became pointers before (`schema.anchors`). Each schema of a bundle remembers the
schema that it was made from, so that an error names the keyword's place in the contract, whatever
the back end calls that place.
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
# `false` under these is a rule about names or counts, not a schema that an item breaks.
_CLOSING = frozenset(["additionalProperties", "unevaluatedProperties", "unevaluatedItems"])

_Origin = tuple[str, Any]
"""Pointer and value of an original schema."""


@dataclass(frozen=True, slots=True)
class BundledSchema:
    """A schema to compile, and the originals of its parts."""

    root: dict[str, Any]
    origins: dict[int, _Origin] = field(repr=False)
    """By identity of a schema of the bundle: the pointer and the value of its original."""

    def find_origin(self, path: Sequence[str | int]) -> tuple[str, str, Any]:
        """Return what a path from the root to a broken keyword stands for in the document.

        Returns the keyword, the keyword's pointer and the schema that contains it. For a schema
        that is `false`, the keyword is `false` and the pointer that of the schema.
        """
        node: Any = self.root
        pointer = ""
        original: Any = None
        rest: Sequence[str | int] = path
        for number, key in enumerate(path):
            origin = self.origins.get(id(node)) if isinstance(node, dict) else None
            if origin is not None:
                pointer, original = origin
                rest = path[number:]
            node = node[key]
        keyword = str(path[-1])
        if node is False and keyword not in _CLOSING and keyword != "contains":
            return "false", child_pointer(pointer, *rest), False
        if original is False:
            return "false", pointer, False
        return keyword, child_pointer(pointer, *rest), original


def bundle_schema(
    schema: Any, document: Any, pointer: str, *, for_python: bool, hidden: str = ""
) -> BundledSchema:
    """Return the bundle of a schema at a pointer of a document.

    `for_python` translates patterns to Python's syntax and writes `false` as a `not`, because
    jsonschema does not report the place of a false schema. `hidden` is `readOnly` for what a client
    sends and `writeOnly` for what a server sends: a property with that keyword is not required
    (OpenAPI 3.1, Schema Object). Raises InputError for a `$ref` that is not local, or without a
    target.
    """
    return _Bundler(document, for_python, hidden).bundle(schema, pointer)


class _Bundler:
    """Copies a schema and the schemas that it refers to, each target once."""

    def __init__(self, document: Any, for_python: bool, hidden: str) -> None:
        self.document = document
        self.for_python = for_python
        self.hidden = hidden
        self.origins: dict[int, _Origin] = {}
        self.definition_names: dict[str, str] = {}
        """By pointer of a `$ref` target: its name under `$defs`."""
        self.waiting: list[str] = []
        """The targets that are not copied yet."""

    def bundle(self, schema: Any, pointer: str) -> BundledSchema:
        root = self.copy_as_object(schema, pointer)
        definitions: dict[str, Any] = {}
        root["$defs"] = definitions
        while self.waiting:
            target = self.waiting.pop()
            definition = self.copy_as_object(resolve_pointer(self.document, target), target)
            definitions[self.definition_names[target]] = definition
        return BundledSchema(root, self.origins)

    def copy_as_object(self, schema: Any, pointer: str) -> dict[str, Any]:
        """Return a copy that is always an object, so that its identity can name its origin."""
        if isinstance(schema, dict):
            return self.copy_object(schema, pointer)
        copied: dict[str, Any] = {} if schema is True else {"not": {}}
        self.origins[id(copied)] = (pointer, schema)
        return copied

    def copy_schema(self, schema: Any, pointer: str) -> Any:
        """Return a copy of a subschema; `true`, and `false` where the back end reports it, stay."""
        if isinstance(schema, dict) or (schema is False and self.for_python):
            return self.copy_as_object(schema, pointer)
        return schema

    def copy_object(self, schema: dict[str, Any], pointer: str) -> dict[str, Any]:
        copied: dict[str, Any] = {}
        self.origins[id(copied)] = (pointer, schema)
        for keyword, value in schema.items():
            if keyword in ASSERTING:
                self.add_keyword(copied, keyword, value, child_pointer(pointer, keyword))
        if self.hidden and "required" in copied:
            properties = schema.get("properties", {})
            copied["required"] = [
                name for name in copied["required"] if not self.is_hidden(properties.get(name))
            ]
            # An error lists the missing names of the original: of those, only the visible ones.
            visible = {**schema, "required": copied["required"]}
            self.origins[id(copied)] = (pointer, visible)
        return copied

    def is_hidden(self, schema: Any) -> bool:
        """Return whether a property belongs to the other direction of the message."""
        if not isinstance(schema, dict):
            return False
        try:
            target, _ = follow_refs(self.document, schema, "")
        except PointerError:
            return False
        return isinstance(target, dict) and target.get(self.hidden) is True

    def add_keyword(self, copied: dict[str, Any], keyword: str, value: Any, pointer: str) -> None:
        """Set a keyword of a copied schema; a keyword that asserts nothing here is left out."""
        if keyword == "$ref":
            copied["$ref"] = self.local_reference(value, pointer)
        elif keyword in _CLOSING:
            is_object = isinstance(value, dict)
            copied[keyword] = self.copy_as_object(value, pointer) if is_object else value
        elif keyword in SCHEMA_KEYWORDS:
            copied[keyword] = self.copy_schema(value, pointer)
        elif keyword in SCHEMA_LIST_KEYWORDS:
            copied[keyword] = self.copy_list(value, pointer)
        elif keyword in SCHEMA_MAP_KEYWORDS:
            copied[keyword] = self.copy_map(keyword, value, pointer)
        elif keyword == "format":
            # Other formats are annotations (JSON Schema 2020-12, validation, section 7.2.1).
            if value in ASSERTED_FORMATS:
                copied["format"] = value
        elif keyword == "pattern" and self.for_python:
            translated = translate(value)
            if translated is not None:
                copied["pattern"] = translated
        else:
            copied[keyword] = value

    def copy_list(self, schemas: list[Any], pointer: str) -> list[Any]:
        copied: list[Any] = []
        for index, schema in enumerate(schemas):
            copied.append(self.copy_schema(schema, child_pointer(pointer, index)))
        return copied

    def copy_map(self, keyword: str, schemas: dict[str, Any], pointer: str) -> dict[str, Any]:
        copied: dict[str, Any] = {}
        for name, schema in schemas.items():
            copied[name] = self.copy_schema(schema, child_pointer(pointer, name))
        if keyword == "patternProperties" and self.for_python:
            return self.translate_names(copied)
        return copied

    def translate_names(self, schemas: dict[str, Any]) -> dict[str, Any]:
        """Return schemas by pattern with the patterns in Python's syntax."""
        translated_schemas: dict[str, Any] = {}
        for pattern, schema in schemas.items():
            translated = translate(pattern)
            if translated is None:
                # Which names it matches is unknown, so no name may count as surplus.
                translated_schemas[""] = True
                continue
            # Two patterns can have one translation: `(?:)` makes the key unique, not the meaning.
            while translated in translated_schemas:
                translated += "(?:)"
            translated_schemas[translated] = schema
        return translated_schemas

    def local_reference(self, ref: str, pointer: str) -> str:
        """Return a reference into `$defs` of the bundle, and queue its target for copying."""
        target = ref_target({"$ref": ref})
        if target is None:
            message = f'the $ref "{ref}" at {pointer} does not lead into this document'
            expected = 'a local one, such as "#/$defs/Name"'
            hint = "Nothing is fetched: put the schema into the document itself."
            raise InputError(Problem("remote-ref", message, expected=expected, hint=hint))
        if target not in self.definition_names:
            try:
                resolve_pointer(self.document, target)
            except PointerError as error:
                message = f'unresolved $ref "{ref}" at {pointer}: {error}'
                nearest = nearest_name(error.key, error.keys)
                raise InputError(Problem("unresolved-ref", message, nearest=nearest)) from error
            self.definition_names[target] = str(len(self.definition_names))
            self.waiting.append(target)
        return f"#/$defs/{self.definition_names[target]}"
