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
    JsonObject,
    PointerError,
    Token,
    child_pointer,
    follow_refs,
    ref_target,
    resolve_pointer,
)
from understudy.contract.schema.discriminators import is_lenient_one_of
from understudy.contract.schema.formats import ASSERTED_FORMATS
from understudy.contract.schema.keywords import (
    KEYWORD_VALUE_CHECKS,
    SCHEMA_KEYWORDS,
    SCHEMA_LIST_KEYWORDS,
    SCHEMA_MAP_KEYWORDS,
    Schema,
)
from understudy.errors import InputError, Problem, nearest_name
from understudy.regexgen import spell_out, translate

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

_LENIENT = "anyOf"
"""What `oneOf` is copied to beside a `discriminator`, which chooses among alternatives."""
_Origin = tuple[str, Schema]
"""Pointer and value of an original schema."""
KeywordOrigin = tuple[str, str, Schema]
"""A keyword, the keyword's pointer in the document, and the schema that contains the keyword."""
ValuePath = tuple[Token, ...]
"""The keys and indexes that lead from the root of a value to a node."""
KeywordFailure = tuple[ValuePath, KeywordOrigin]
"""A node of a value, and the keyword that it breaks."""

_SchemaMap = dict[str, Schema]


@dataclass(frozen=True, slots=True)
class BundledSchema:
    """A schema to compile, and the originals of its parts."""

    root: JsonObject
    origins: dict[int, _Origin] = field(repr=False)
    """By identity of a schema of the bundle: the pointer and the value of its original."""

    def find_origin(self, path: Sequence[Token]) -> KeywordOrigin:
        """Return what a path from the root to a broken keyword stands for in the document.

        For a schema that is `false`, the keyword is `false` and the pointer that of the schema.
        """
        node: Any = self.root
        pointer, original = self.origins[id(self.root)]
        rest = path
        for number, key in enumerate(path):
            # The path leads through lists too; only schemas have an origin.
            if isinstance(node, dict) and id(node) in self.origins:
                pointer, original = self.origins[id(node)]
                rest = path[number:]
            node = node[key]
        keyword = original_keyword(str(path[-1]), original)
        rest = [*rest[:-1], keyword] if len(rest) == 1 else rest
        if node is False and keyword not in _CLOSING and keyword != "contains":
            return "false", child_pointer(pointer, *rest), False
        if original is False:
            return "false", pointer, False
        return keyword, child_pointer(pointer, *rest), original


def original_keyword(keyword: str, original: Schema) -> str:
    """Return the keyword of the original schema that a keyword of its copy stands for."""
    is_lenient = keyword == _LENIENT and isinstance(original, dict) and _LENIENT not in original
    return "oneOf" if is_lenient else keyword


def bundle_schema(
    schema: Schema, document: object, pointer: str, *, for_python: bool, hidden: str = ""
) -> BundledSchema:
    """Return the bundle of a schema at a pointer of a document.

    Patterns mean the same with each back end: what libraries read differently is spelt out.
    `for_python` translates patterns to Python's syntax, and writes `false` as a `not`, because
    jsonschema does not report the place of a false schema. `hidden` is `readOnly` for what a client
    sends and `writeOnly` for what a server sends: a property with that keyword is not required
    (OpenAPI 3.1, Schema Object). Raises InputError for a `$ref` that is not local, or without a
    target.
    """
    return _Bundler(document, for_python, hidden).bundle(schema, pointer)


class _Bundler:
    """Copies a schema and the schemas that it refers to, each target once."""

    def __init__(self, document: object, for_python: bool, hidden: str) -> None:
        self.document = document
        self.for_python = for_python
        self.hidden = hidden
        self.origins: dict[int, _Origin] = {}
        self.definition_names: dict[str, str] = {}
        """By pointer of a `$ref` target: its name under `$defs`."""
        self.waiting: list[str] = []
        """The targets that are not copied yet."""

    def bundle(self, schema: Schema, pointer: str) -> BundledSchema:
        root = self.copy_as_object(schema, pointer)
        definitions: JsonObject = {}
        root["$defs"] = definitions
        while self.waiting:
            target = self.waiting.pop()
            target_schema = resolve_pointer(self.document, target)
            name = self.definition_names[target]
            definitions[name] = self.copy_as_object(target_schema, target)
        return BundledSchema(root, self.origins)

    def copy_as_object(self, schema: Schema, pointer: str) -> JsonObject:
        """Return a copy that is always an object, so that its identity can name its origin."""
        if isinstance(schema, dict):
            return self.copy_object(schema, pointer)
        copied: JsonObject = {}
        if schema is not True:
            copied["not"] = {}
        self.origins[id(copied)] = (pointer, schema)
        return copied

    def copy_schema(self, schema: Schema, pointer: str) -> Schema:
        """Return a copy of a subschema; `true`, and `false` where the back end reports it, stay."""
        if isinstance(schema, dict) or (schema is False and self.for_python):
            return self.copy_as_object(schema, pointer)
        return schema

    def copy_object(self, schema: JsonObject, pointer: str) -> JsonObject:
        copied: JsonObject = {}
        self.origins[id(copied)] = (pointer, schema)
        for keyword, value in schema.items():
            if keyword in ASSERTING:
                where = child_pointer(pointer, keyword)
                self.add_keyword(copied, keyword, value, where)
        if "oneOf" in copied and is_lenient_one_of(schema):
            copied[_LENIENT] = copied.pop("oneOf")
        if self.hidden and "required" in copied:
            required = self.visible_names(schema)
            copied["required"] = required
            # An error lists the missing names of the original: of those, only the visible ones.
            self.origins[id(copied)] = (pointer, {**schema, "required": required})
        return copied

    def visible_names(self, schema: JsonObject) -> list[str]:
        """Return the required names of a schema that are not hidden."""
        properties = schema.get("properties", {})
        names: list[str] = []
        for name in schema["required"]:
            if not self.is_hidden(properties.get(name)):
                names.append(name)
        return names

    def is_hidden(self, schema: object) -> bool:
        """Return whether a property belongs to the other direction of the message."""
        if not isinstance(schema, dict):
            return False
        try:
            target, _ = follow_refs(self.document, schema, "")
        except PointerError:
            return False
        return isinstance(target, dict) and target.get(self.hidden) is True

    def add_keyword(self, copied: JsonObject, keyword: str, value: Any, pointer: str) -> None:
        """Set a keyword of a copied schema; a keyword that asserts nothing here is left out."""
        if keyword == "$ref":
            copied["$ref"] = self.local_reference(value, pointer)
        elif keyword in _CLOSING:
            copied[keyword] = self.copy_closing(value, pointer)
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
        elif keyword == "pattern":
            translated = self.translate_pattern(value)
            if translated is not None:
                copied["pattern"] = translated
        else:
            copied[keyword] = value

    def copy_closing(self, schema: Schema, pointer: str) -> Schema:
        """Return a copy of a keyword's schema that forbids names or items when it is `false`."""
        if isinstance(schema, dict):
            return self.copy_object(schema, pointer)
        return schema

    def copy_list(self, schemas: list[Schema], pointer: str) -> list[Schema]:
        copied: list[Schema] = []
        for index, schema in enumerate(schemas):
            where = child_pointer(pointer, index)
            copied.append(self.copy_schema(schema, where))
        return copied

    def copy_map(self, keyword: str, schemas: _SchemaMap, pointer: str) -> _SchemaMap:
        copied: _SchemaMap = {}
        for name, schema in schemas.items():
            where = child_pointer(pointer, name)
            copied[name] = self.copy_schema(schema, where)
        if keyword == "patternProperties":
            return self.translate_names(copied)
        return copied

    def translate_pattern(self, pattern: str) -> str | None:
        """Return a pattern as the back end reads it; None for one that is not supported."""
        return translate(pattern) if self.for_python else spell_out(pattern)

    def translate_names(self, schemas: _SchemaMap) -> _SchemaMap:
        """Return schemas by pattern with the patterns in the back end's syntax."""
        translated_schemas: _SchemaMap = {}
        for pattern, schema in schemas.items():
            translated = self.translate_pattern(pattern)
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
