"""Sketches and JSON examples → fields: what a drawn object holds."""

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
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")


def has_chinese(text: str) -> bool:
    """Tell whether a text has Chinese words."""
    return bool(_CJK.search(text))


class SketchFieldReader:
    """Turns the nodes of one sketch or example into fields. Members told by a text only are gathered in `texts`."""

    def __init__(self, file: str, line: int, node: Node, *, shown: bool = False) -> None:
        self._file, self._line = file, line
        self._typed = has_type_names(node)
        self._shown = shown
        self.members_with_text: list[tuple[str, Origin]] = []

    def fields(self, node: Node) -> tuple[Field, ...]:
        """Give the members of an object."""
        found: dict[str, Field] = {}
        for name, member in node.members:
            found.setdefault(name, self._field(name, member))
        return tuple(found.values())

    def type(self, node: Node) -> TypeExpr:
        """Give the type that a node draws; of an array, what all its items are."""
        if node.kind is NodeKind.OBJECT:
            return TypeExpr(Kind.OBJECT, fields=self.fields(node))
        if node.kind is NodeKind.ARRAY:
            items = [self.type(item) for item in node.items]
            return TypeExpr(Kind.ARRAY, item=merge_types(items) if items else None)
        if node.kind is NodeKind.TEXT:
            return self._text_type(node.text)
        return _word_type(node.text)

    def _text_type(self, text: str) -> TypeExpr:
        if self._typed and is_type_name(text):
            return read_type(text)
        return TypeExpr(Kind.STRING, "date-time" if _TIME.fullmatch(text) else "")

    def _field(self, name: str, node: Node) -> Field:
        origin = Origin(self._file, self._line + node.line)
        prose = read_prose(node.comment) if node.comment else Prose()
        kind = self.type(node)
        if node.kind is not NodeKind.TEXT:
            if kind.kind in (Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN) and not re.match(
                r"[A-Z\u3400-\u9fff]", node.text
            ):
                prose = replace(prose, example=_value(node.text))
            return Field(name, kind, origin, node.comment, prose)
        if self._typed and is_type_name(node.text):
            return Field(name, kind, origin, node.comment, prose)
        if _CJK.search(node.text) and not self._shown:
            self.members_with_text.append((name, origin))
            words = " ".join(filter(None, (node.text, node.comment)))
            return Field(name, kind, origin, words, read_prose(words))
        return Field(name, kind, origin, node.comment, replace(prose, example=node.text))


def _value(word: str) -> str | None:
    return word if re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?|true|false", word) else None


def _word_type(word: str) -> TypeExpr:
    if word in ("true", "false"):
        return TypeExpr(Kind.BOOLEAN)
    if word == "null":
        return TypeExpr(Kind.ANY, name="null")
    if re.fullmatch(r"-?\d+", word):
        return TypeExpr(Kind.INTEGER)
    if re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", word):
        return TypeExpr(Kind.NUMBER)
    return read_type(word)


def merge_types(types: list[TypeExpr]) -> TypeExpr:
    """Give what several items are: of objects every member, those that some lack not required."""
    first = types[0]
    for other in types[1:]:
        first = _both(first, other)
    return first


def _both(one: TypeExpr, other: TypeExpr) -> TypeExpr:
    if one == other or other.name == "null":
        return one
    if one.name == "null":
        return other
    if one.kind is not other.kind:
        numbers = {one.kind, other.kind} == {Kind.INTEGER, Kind.NUMBER}
        return (
            TypeExpr(Kind.NUMBER) if numbers else TypeExpr(Kind.ANY, name="values of several types")
        )
    if one.kind is Kind.ARRAY:
        item = _both(one.item, other.item) if one.item and other.item else one.item or other.item
        return replace(one, item=item)
    if one.kind is Kind.OBJECT:
        return replace(one, fields=_all_fields(one.fields, other.fields))
    return one if one.format == other.format else replace(one, format="")


def _all_fields(some: tuple[Field, ...], others: tuple[Field, ...]) -> tuple[Field, ...]:
    known = {field.name: field for field in others}
    joined = []
    for field in some:
        twin = known.pop(field.name, None)
        joined.append(
            replace(field, type=_both(field.type, twin.type))
            if twin
            else replace(field, required=False)
        )
    return (*joined, *(replace(field, required=False) for field in known.values()))


def read_example_type(field: Field) -> TypeExpr | None:
    """Give the object that the example in a field's cell shows, of an array its items; None when it shows none."""
    node = read_example_json(field.example.strip("` ")) if field.example else None
    if node is None or not shows_values(node):
        return None
    kind = SketchFieldReader(field.origin.file, field.origin.line, node, shown=True).type(node)
    inner = kind.item if field.type.kind is Kind.ARRAY and kind.kind is Kind.ARRAY else kind
    return inner if inner and inner.fields else None
