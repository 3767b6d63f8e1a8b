"""Sketches and JSON examples to fields: what a drawn object holds."""

from __future__ import annotations

import re
from dataclasses import replace

from understudy.derive.facts.facts import Field, Kind, Origin, Prose, TypeExpr
from understudy.derive.facts.pseudo_json_parser import Node, NodeKind
from understudy.derive.lexicon.cell_parser import read_prose, read_type
from understudy.derive.reader.shown_values import (
    has_type_names,
    is_type_name,
    read_example_json,
    shows_values,
)

_CJK = re.compile(r"[\u3400-\u9fff]")
"""A Chinese character: CJK unified ideographs and extension A."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")
"""A date-time. Source: RFC 3339 section 5.6."""
_INTEGER = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_TYPE_WORD = re.compile(r"[A-Z\u3400-\u9fff]")
"""The head of a word that names a type, as `Long` and `整数` do."""
Fields = tuple[Field, ...]

_NULL_NAME = "null"
"""The name of the type that an example's `null` shows."""


def has_chinese(text: str) -> bool:
    """Check whether a text has Chinese characters."""
    return bool(_CJK.search(text))


class SketchFieldReader:
    """Converts the nodes of one sketch or example to fields.

    With `is_example`, a Chinese text is a value; in a sketch it is the description of one.
    """

    def __init__(self, file: str, line: int, node: Node, *, is_example: bool = False) -> None:
        self._file = file
        self._line = line
        """The line of the sketch's first line."""
        self._has_type_names = has_type_names(node)
        self._is_example = is_example
        self.members_with_text: list[tuple[str, Origin]] = []
        """Members of a sketch whose value is a description only."""

    def fields(self, node: Node) -> tuple[Field, ...]:
        """Return the members of an object; of two with one name, the first."""
        fields: dict[str, Field] = {}
        for name, member in node.members:
            fields.setdefault(name, self._read_field(name, member))
        return tuple(fields.values())

    def type(self, node: Node) -> TypeExpr:
        """Return the type that a node draws; of an array, the type that all of its items have."""
        match node.kind:
            case NodeKind.OBJECT:
                return TypeExpr(Kind.OBJECT, fields=self.fields(node))
            case NodeKind.ARRAY:
                items = [self.type(item) for item in node.items]
                merged = merge_types(items) if items else None
                return TypeExpr(Kind.ARRAY, item=merged)
            case NodeKind.TEXT:
                return self._read_text_type(node.text)
            case NodeKind.WORD:
                return _read_word_type(node.text)

    def _names_type(self, text: str) -> bool:
        """Check for a quoted text that names a type, in a sketch where most quoted texts do."""
        return self._has_type_names and is_type_name(text)

    def _read_text_type(self, text: str) -> TypeExpr:
        """Return the type of a quoted text: the type that it names, else a text or a time."""
        if self._names_type(text):
            return read_type(text)
        if _TIME.fullmatch(text):
            return TypeExpr(Kind.STRING, "date-time")
        return TypeExpr(Kind.STRING)

    def _read_field(self, name: str, node: Node) -> Field:
        """Return the field of a member, with the comment beside it as its description.

        A number, boolean or text is the field's example. A Chinese text in a sketch is a
        description.
        """
        type_ = self.type(node)
        field = Field(
            name=name,
            type=type_,
            origin=Origin(self._file, self._line + node.line),
            description=node.comment,
            prose=read_prose(node.comment) if node.comment else Prose(),
        )
        if node.kind is not NodeKind.TEXT:
            if _is_value(type_, node):
                return _set_example(field, _read_number_or_boolean(node.text))
            return field
        if self._names_type(node.text):
            return field
        if has_chinese(node.text) and not self._is_example:
            self.members_with_text.append((name, field.origin))
            texts = filter(None, (node.text, node.comment))
            description = " ".join(texts)
            return replace(field, description=description, prose=read_prose(description))
        return _set_example(field, node.text)


def _is_value(type_: TypeExpr, node: Node) -> bool:
    """Check whether a word is a number or boolean, and not the name of such a type."""
    if type_.kind not in (Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN):
        return False
    return not _TYPE_WORD.match(node.text)


def _set_example(field: Field, example: str | None) -> Field:
    """Return a field with an example, as the prose of a description has it."""
    return replace(field, prose=replace(field.prose, example=example))


def _read_number_or_boolean(word: str) -> str | None:
    """Return a word that is a number or a boolean; None for any other word."""
    if word in ("true", "false") or _NUMBER.fullmatch(word):
        return word
    return None


def _read_word_type(word: str) -> TypeExpr:
    """Return the type of a bare word.

    `true` and `1` are values of their types; any other word is the name of a type or structure.
    """
    if word in ("true", "false"):
        return TypeExpr(Kind.BOOLEAN)
    if word == "null":
        return TypeExpr(Kind.ANY, name=_NULL_NAME)
    if _INTEGER.fullmatch(word):
        return TypeExpr(Kind.INTEGER)
    if _NUMBER.fullmatch(word):
        return TypeExpr(Kind.NUMBER)
    return read_type(word)


def merge_types(types: list[TypeExpr]) -> TypeExpr:
    """Return the type that several items share.

    An object has the members of all; those that some items lack are not required.
    """
    merged = types[0]
    for type_ in types[1:]:
        merged = _merge(merged, type_)
    return merged


def _merge(left: TypeExpr, right: TypeExpr) -> TypeExpr:
    """Return the type that two items share.

    `null` fits any type. Integers and numbers share the type number; other kinds share no type.
    """
    if left == right or right.name == _NULL_NAME:
        return left
    if left.name == _NULL_NAME:
        return right
    if left.kind is not right.kind:
        kinds = {left.kind, right.kind}
        if kinds == {Kind.INTEGER, Kind.NUMBER}:
            return TypeExpr(Kind.NUMBER)
        return TypeExpr(Kind.ANY, name="values of several types")
    if left.kind is Kind.ARRAY:
        return replace(left, item=_merge_items(left.item, right.item))
    if left.kind is Kind.OBJECT:
        return replace(left, fields=_merge_fields(left.fields, right.fields))
    if left.format == right.format:
        return left
    return replace(left, format="")


def _merge_items(left: TypeExpr | None, right: TypeExpr | None) -> TypeExpr | None:
    """Return the type of the items of two arrays; an empty array does not restrict it."""
    if left and right:
        return _merge(left, right)
    return left or right


def _merge_fields(left: Fields, right: Fields) -> Fields:
    """Merge the members of two objects. A member of only one of them is not required."""
    remaining = {field.name: field for field in right}
    merged = []
    for field in left:
        twin = remaining.pop(field.name, None)
        if twin:
            type_ = _merge(field.type, twin.type)
            merged.append(replace(field, type=type_))
        else:
            merged.append(replace(field, required=False))
    for field in remaining.values():
        merged.append(replace(field, required=False))
    return tuple(merged)


def read_example_type(field: Field) -> TypeExpr | None:
    """Return the object that the example in a field's cell shows, or None when it shows no object.

    Of an array, that is the object of its items.
    """
    if not field.example:
        return None
    node = read_example_json(field.example.strip("` "))
    if node is None or not shows_values(node):
        return None
    origin = field.origin
    reader = SketchFieldReader(origin.file, origin.line, node, is_example=True)
    shown: TypeExpr | None = reader.type(node)
    if shown and shown.kind is Kind.ARRAY and field.type.kind is Kind.ARRAY:
        shown = shown.item
    return shown if shown and shown.fields else None
