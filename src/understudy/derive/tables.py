"""Tables and sketches → structures: fields by the roles of the columns."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from understudy.derive.blocks import Code, Row, Table
from understudy.derive.catalogue import doubt
from understudy.derive.facts import Field, Kind, Origin, Prose, Sketch, Structure, TypeExpr
from understudy.derive.reading import Label, fold, read_header, read_prose, read_type
from understudy.derive.sketch import Node, NodeKind, read_sketch
from understudy.derive.values import Doubt
from understudy.derive.words import LOCATIONS, NO, NOTHING, YES, Column


@dataclass(frozen=True, slots=True)
class Place:
    """Where a structure stands: its file and section, the label over it, and whom to tell doubts."""

    file: str
    section: int
    label: Label
    words: str
    line: int
    tell: Callable[[Doubt], None]

    def at(self, line: int) -> Origin:
        """Give a line of this file."""
        return Origin(self.file, line)


def read_table(table: Table, place: Place) -> Structure | None:
    """Read a table of fields. Gives None, and tells why, when no column names them."""
    columns = read_header(table.header)
    if Column.NAME not in columns:
        what = f"No column of this table names fields; its header is: {', '.join(table.header) or 'empty'}."
        place.tell(doubt("table-not-understood", place.at(table.line), what, "The table is left out."))
        return None
    _tell_strange_columns(table, columns, place)
    fields: dict[str, Field] = {}
    for row in table.rows:
        _tell_cells(row, len(table.header), place)
        field = _read_row(row, columns, place)
        if field and field.name in fields:
            what = f'"{field.name}" stands twice in one table, first on line {fields[field.name].origin.line}.'
            place.tell(doubt("duplicate-field", field.origin, what, "The first row counts."))
        elif field:
            fields[field.name] = field
    role, name = place.label.role, place.label.name
    origin = place.at(place.line)
    return Structure(role, name, tuple(fields.values()), origin, place.section, place.words, Column.REQUIRED in columns)


def _tell_strange_columns(table: Table, columns: dict[Column, int], place: Place) -> None:
    for index, cell in enumerate(table.header):
        if index not in columns.values():
            what = f'The column "{cell}" tells nothing that is known.'
            place.tell(doubt("column-not-understood", place.at(table.line), what, "The column is left out."))


def _tell_cells(row: Row, width: int, place: Place) -> None:
    if row.found == width:
        return
    what = f"The row has {row.found} cells, its header {width}."
    decision = "The missing cells are taken as empty."
    if row.found > width:
        what += " A | inside a cell parts it unless it is escaped."
        decision = "The cells beyond the header are dropped, unless they join to one inside back-ticks."
    place.tell(doubt("table-row-cells", place.at(row.line), what, decision))


def _read_row(row: Row, columns: dict[Column, int], place: Place) -> Field | None:
    def cell(column: Column) -> str:
        return row.cells[columns[column]].strip() if column in columns else ""

    origin = place.at(row.line)
    name = cell(Column.NAME).strip("`* ")
    if not name:
        place.tell(doubt("table-row-without-name", origin, "The row names no field.", "The row is left out."))
        return None
    description = cell(Column.DESCRIPTION)
    prose = read_prose(description)
    if Column.DEFAULT in columns and fold(cell(Column.DEFAULT)) not in NOTHING:
        prose = replace(prose, default=cell(Column.DEFAULT))
    example = cell(Column.EXAMPLE)
    return Field(
        name,
        _type_of(cell(Column.TYPE), origin, place),
        origin,
        description,
        prose,
        _required(cell(Column.REQUIRED), origin, place) if Column.REQUIRED in columns else None,
        None if fold(example) in NOTHING else example,
        _location(cell(Column.LOCATION)) or place.label.location,
    )


def _type_of(text: str, origin: Origin, place: Place) -> TypeExpr:
    if not text:
        place.tell(doubt("unknown-type", origin, "No type is told.", "Any value is allowed."))
    return read_type(text)


def _required(text: str, origin: Origin, place: Place) -> bool | None:
    if fold(text) in YES:
        return True
    if fold(text) not in NO:
        what = f'"{text}" says neither yes nor no.'
        place.tell(doubt("required-not-understood", origin, what, "The field is taken as optional."))
    return False


def _location(text: str) -> str:
    folded = fold(text)
    return next((place for place, words in LOCATIONS.items() if folded in words), "")


_CJK = re.compile(r"[\u3400-\u9fff]")


def read_drawing(code: Code, place: Place) -> tuple[Structure | None, Sketch]:
    """Read a sketch in a code block. Gives None, and tells why, when it is no object."""
    origin = place.at(code.line)
    node, skipped = read_sketch(code.text)
    for gap in skipped:
        at = place.at(code.line + gap.line)
        place.tell(doubt("sketch-not-understood", at, f"The sketch holds {gap.what}.", "That part is left out."))
    if node is None or node.kind is not NodeKind.OBJECT:
        what = "The sketch draws no object with members."
        place.tell(doubt("sketch-not-understood", origin, what, "The sketch is left out."))
        return None, Sketch(code.text, origin)
    drawer = _Drawer(place.file, code.line)
    fields = drawer.fields(node)
    structure = Structure(place.label.role, place.label.name, fields, place.at(place.line), place.section, place.words)
    return structure, Sketch(code.text, origin, tuple(drawer.texts))


class _Drawer:
    """Turns the nodes of one sketch into fields."""

    def __init__(self, file: str, line: int) -> None:
        self._file, self._line = file, line
        self.texts: list[tuple[str, Origin]] = []

    def fields(self, node: Node) -> tuple[Field, ...]:
        found: dict[str, Field] = {}
        for name, member in node.members:
            found.setdefault(name, self._field(name, member))
        return tuple(found.values())

    def _field(self, name: str, node: Node) -> Field:
        origin = Origin(self._file, self._line + node.line)
        if node.kind is not NodeKind.TEXT:
            return Field(name, self._type(node), origin)
        if _CJK.search(node.text):
            self.texts.append((name, origin))
            return Field(name, TypeExpr(Kind.STRING), origin, node.text, read_prose(node.text))
        return Field(name, TypeExpr(Kind.STRING), origin, prose=Prose(example=node.text))

    def _type(self, node: Node) -> TypeExpr:
        if node.kind is NodeKind.OBJECT:
            return TypeExpr(Kind.OBJECT, fields=self.fields(node))
        if node.kind is NodeKind.ARRAY:
            return TypeExpr(Kind.ARRAY, item=self._type(node.items[0]) if node.items else None)
        if node.kind is NodeKind.TEXT:
            return TypeExpr(Kind.STRING)
        return _word_type(node.text)


def _word_type(word: str) -> TypeExpr:
    if word in ("true", "false"):
        return TypeExpr(Kind.BOOLEAN)
    if re.fullmatch(r"-?\d+", word):
        return TypeExpr(Kind.INTEGER)
    if re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", word):
        return TypeExpr(Kind.NUMBER)
    return read_type(word)
