"""Tables and sketches → structures: fields by the roles of the columns."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import Field, Kind, Origin, Role, Sketch, Structure, TypeExpr
from understudy.derive.facts.pseudo_json_parser import Node, NodeKind, read_sketch
from understudy.derive.lexicon.cell_parser import read_header, read_prose, read_type
from understudy.derive.lexicon.labels import Label, fold
from understudy.derive.lexicon.vocabulary import EMPTY_CELLS, LOCATIONS, NO, YES, Column
from understudy.derive.markdown.blocks import Code, Row, Table
from understudy.derive.reader.nesting import Rank, nest_fields, rank_names
from understudy.derive.reader.pseudo_json_fields import SketchFieldReader
from understudy.derive.reader.shown_values import iter_leaves, shows_values


@dataclass(frozen=True, slots=True)
class StructureContext:
    """Where a structure stands: its file and section, the label over it, and whom to tell doubts."""

    file: str
    section: int
    label: Label
    label_text: str
    line: int
    report: Callable[[Doubt], None]

    def origin_at(self, line: int) -> Origin:
        """Give a line of this file."""
        return Origin(self.file, line)


def read_table(table: Table, place: StructureContext) -> Structure | None:
    """Read a table of fields. Gives None, and tells why, when no column names them."""
    columns = read_header(table.header)
    if Column.NAME not in columns:
        what = f"No column of this table names fields; its header is: {', '.join(table.header) or 'empty'}."
        place.report(
            make_doubt(
                "table-not-understood", place.origin_at(table.line), what, "The table is left out."
            )
        )
        return None
    _tell_strange_columns(table, columns, place)
    read: list[tuple[int, Field]] = []
    for row, rank in zip(table.rows, _ranks(table, columns), strict=True):
        _tell_cells(row, len(table.header), place)
        field = _read_row(row, rank.name, columns, place)
        if field:
            read.append((rank.depth, field))
    role, name = place.label.role, place.label.name
    origin = place.origin_at(place.line)
    flat = role is Role.REQUEST and place.label.location in ("query", "path", "header")
    fields = nest_fields(read, place.report, dotted=not flat)
    return Structure(
        role, name, fields, origin, place.section, place.label_text, Column.REQUIRED in columns
    )


def _ranks(table: Table, columns: dict[Column, int]) -> list[Rank]:
    """Give how deep each row stands. Spaces before a name count when what is above them can hold fields."""
    names = [row.cells[columns[Column.NAME]].strip("`* ") for row in table.rows]
    spaces = [
        _spaces(row) if columns[Column.NAME] == 0 and name else 0
        for row, name in zip(table.rows, names, strict=True)
    ]
    if any(spaces) and Column.TYPE in columns:
        ranks = rank_names([" " * count + name for count, name in zip(spaces, names, strict=True)])
        kinds = [read_type(row.cells[columns[Column.TYPE]]).kind for row in table.rows]
        pairs = zip(ranks, ranks[1:], kinds, strict=False)
        if all(kind in _HOLDERS for rank, after, kind in pairs if after.depth > rank.depth):
            return ranks
    return rank_names(names)


_HOLDERS = (Kind.OBJECT, Kind.ARRAY, Kind.NAMED, Kind.ANY)


_SPACE = re.compile(
    r"(?P<blank>[ \t]*)(?P<signs>(?:&nbsp;|&ensp;|&emsp;|[\u00a0\u2000-\u200a\u3000]|[ \t])*)"
)


def _spaces(row: Row) -> int:
    """Give how far the first cell is indented beyond a cell's usual one; a sign for a space counts as two."""
    raw = row.raw.lstrip(" \t>")
    found = _SPACE.match(raw, 1) if raw.startswith("|") else None
    if found is None:
        return 0
    signs = re.findall(r"&\w+;|[^ \t&\w;]", found["signs"])
    return max(len(found["blank"]) - 1, 0) + 2 * len(signs)


def _tell_strange_columns(
    table: Table, columns: dict[Column, int], place: StructureContext
) -> None:
    for index, cell in enumerate(table.header):
        if index not in columns.values():
            what = f'The column "{cell}" tells nothing that is known.'
            place.report(
                make_doubt(
                    "column-not-understood",
                    place.origin_at(table.line),
                    what,
                    "The column is left out.",
                )
            )


def _tell_cells(row: Row, width: int, place: StructureContext) -> None:
    if row.cell_count == width:
        return
    what = f"The row has {row.cell_count} cells, its header {width}."
    decision = "The missing cells are taken as empty."
    if row.cell_count > width:
        what += " A | inside a cell parts it unless it is escaped."
        decision = (
            "The cells beyond the header are dropped, unless they join to one inside back-ticks."
        )
    place.report(make_doubt("table-row-cells", place.origin_at(row.line), what, decision))


def _read_row(
    row: Row, name: str, columns: dict[Column, int], place: StructureContext
) -> Field | None:
    def cell(column: Column) -> str:
        return row.cells[columns[column]].strip() if column in columns else ""

    origin = place.origin_at(row.line)
    name = name.strip("`* ")
    if not name:
        place.report(
            make_doubt(
                "table-row-without-name", origin, "The row names no field.", "The row is left out."
            )
        )
        return None
    description = cell(Column.DESCRIPTION)
    prose = read_prose(description)
    if Column.DEFAULT in columns and fold(cell(Column.DEFAULT)) not in EMPTY_CELLS:
        prose = replace(prose, default=cell(Column.DEFAULT))
    example = cell(Column.EXAMPLE)
    return Field(
        name,
        _type_of(cell(Column.TYPE), origin, place),
        origin,
        description,
        prose,
        _required(cell(Column.REQUIRED), origin, place) if Column.REQUIRED in columns else None,
        None if fold(example) in EMPTY_CELLS else example,
        _location(cell(Column.LOCATION)) or place.label.location,
    )


def _type_of(text: str, origin: Origin, place: StructureContext) -> TypeExpr:
    if not text:
        place.report(
            make_doubt("unknown-type", origin, "No type is told.", "Any value is allowed.")
        )
    return read_type(text)


def _required(text: str, origin: Origin, place: StructureContext) -> bool | None:
    if fold(text) in YES:
        return True
    if fold(text) not in NO:
        what = f'"{text}" says neither yes nor no.'
        place.report(
            make_doubt("required-not-understood", origin, what, "The field is taken as optional.")
        )
    return False


def _location(text: str) -> str:
    folded = fold(text)
    return next((place for place, words in LOCATIONS.items() if folded in words), "")


def read_sketch_block(code: Code, place: StructureContext) -> tuple[Structure | None, Sketch]:
    """Read a sketch in a code block. Gives None, and tells why, when it draws no object and no array."""
    origin = place.origin_at(code.line)
    node, skipped = read_sketch(code.text)
    for gap in skipped:
        at = place.origin_at(code.line + gap.line)
        place.report(
            make_doubt(
                "sketch-not-understood",
                at,
                f"The sketch holds {gap.reason}.",
                "That part is left out.",
            )
        )
    if node is None or node.kind not in (NodeKind.OBJECT, NodeKind.ARRAY):
        what = "The sketch draws no object with members."
        place.report(make_doubt("sketch-not-understood", origin, what, "The sketch is left out."))
        return None, Sketch(code.text, origin)
    drawer = SketchFieldReader(place.file, code.line, node)
    structure = build_structure(drawer, node, place)
    structure = replace(
        structure,
        is_inferred=bool(list(iter_leaves(node)))
        and shows_values(node)
        and not drawer.members_with_text,
    )
    return structure, Sketch(code.text, origin, tuple(drawer.members_with_text))


def build_structure(drawer: SketchFieldReader, node: Node, place: StructureContext) -> Structure:
    """Give the structure that a node draws."""
    label = place.label
    root = drawer.type(node) if node.kind is not NodeKind.OBJECT else None
    fields = drawer.fields(node) if root is None else ()
    if label.role is Role.REQUEST:
        fields = tuple(replace(field, location=label.location or "body") for field in fields)
    return Structure(
        label.role,
        label.name,
        fields,
        place.origin_at(place.line),
        place.section,
        place.label_text,
        root=root,
    )
