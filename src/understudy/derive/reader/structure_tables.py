"""Tables and sketches to structures: fields by the meaning of the columns."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from understudy.derive.facts.derivation_model import Doubt
from understudy.derive.facts.doubt_catalogue import make_doubt
from understudy.derive.facts.facts import (
    Field,
    Kind,
    Origin,
    Role,
    Sketch,
    Structure,
    TypeExpr,
)
from understudy.derive.facts.pseudo_json_parser import Node, NodeKind, read_sketch
from understudy.derive.lexicon.cell_parser import read_header, read_prose, read_type
from understudy.derive.lexicon.labels import Label, fold
from understudy.derive.lexicon.vocabulary import EMPTY_CELLS, LOCATIONS, NO, YES, Column
from understudy.derive.markdown.blocks import Code, Row, Table
from understudy.derive.reader.nesting import Rank, nest_fields, rank_names
from understudy.derive.reader.pseudo_json_fields import SketchFieldReader
from understudy.derive.reader.shown_values import iter_leaves, shows_values

_SPACE_SIGN = re.compile(r"&\w+;|[^ \t&\w;]")
"""A space that is not a blank or tab: an entity or a wide one."""

Columns = dict[Column, int]
"""The index of each column that the header names."""

_CONTAINERS = (Kind.OBJECT, Kind.ARRAY, Kind.NAMED, Kind.ANY)
"""Kinds of types that can hold fields."""
_INDENT = re.compile(
    r"(?P<blank>[ \t]*)"
    r"(?P<signs>(?:&nbsp;|&ensp;|&emsp;|[\u00a0\u2000-\u200a\u3000]|[ \t])*)"
)
"""Plain white space, then white space in which a sign other than a blank may stand."""


@dataclass(frozen=True, slots=True)
class StructureContext:
    """Where a structure stands, and how to report doubts about it."""

    file: str
    section: int
    label: Label
    label_text: str
    line: int
    """The label's line, or the table's own."""
    report: Callable[[Doubt], None]

    def origin_at(self, line: int) -> Origin:
        """Return the origin of a line of this file."""
        return Origin(self.file, line)

    def report_doubt(self, rule: str, line: int, finding: str, decision: str) -> None:
        """Report a doubt at a line."""
        doubt = make_doubt(rule, self.origin_at(line), finding, decision)
        self.report(doubt)


def read_table(table: Table, context: StructureContext) -> Structure | None:
    """Read a table of fields. Return None, and report why, when no column names them."""
    columns = read_header(table.header)
    if Column.NAME not in columns:
        header = ", ".join(table.header) or "empty"
        finding = f"No column of this table names fields; its header is: {header}."
        decision = "The table is left out."
        context.report_doubt("table-not-understood", table.line, finding, decision)
        return None
    _report_unknown_columns(table, columns, context)
    fields: list[tuple[int, Field]] = []
    ranks = _rank_rows(table, columns)
    for row, rank in zip(table.rows, ranks, strict=True):
        _report_cell_count(row, len(table.header), context)
        reader = _RowReader(row, columns, context)
        field = reader.read(rank.name)
        if field:
            fields.append((rank.depth, field))
    label = context.label
    are_dots_paths = not _is_flat(label)
    return Structure(
        role=label.role,
        name=label.name,
        fields=nest_fields(fields, context.report, are_dots_paths=are_dots_paths),
        origin=context.origin_at(context.line),
        section=context.section,
        label=context.label_text,
        has_required_column=Column.REQUIRED in columns,
    )


def _is_flat(label: Label) -> bool:
    """Check for parameters outside of a body, which have no members: `filter.name` is one name."""
    if label.role is not Role.REQUEST:
        return False
    return label.location in ("query", "path", "header")


def _rank_rows(table: Table, columns: Columns) -> list[Rank]:
    """Return the depth and name of each row.

    Spaces before a name count only when every row that would hold others has a type that can.
    """
    name_column = columns[Column.NAME]
    names = [row.cells[name_column].strip("`* ") for row in table.rows]
    if name_column == 0 and Column.TYPE in columns:
        indented = _indent_names(table, names)
        if indented != names:
            ranks = rank_names(indented)
            type_column = columns[Column.TYPE]
            types = [read_type(row.cells[type_column]) for row in table.rows]
            if _can_hold(ranks, types):
                return ranks
    return rank_names(names)


def _indent_names(table: Table, names: list[str]) -> list[str]:
    """Return the names, each behind the spaces that stand before it in the file."""
    indented = []
    for row, name in zip(table.rows, names, strict=True):
        indent = _measure_indent(row) if name else 0
        indented.append(" " * indent + name)
    return indented


def _can_hold(ranks: list[Rank], types: list[TypeExpr]) -> bool:
    """Check whether each row with a deeper one below it has the type of a container."""
    for at in range(len(ranks) - 1):
        below = ranks[at + 1]
        if below.depth > ranks[at].depth and types[at].kind not in _CONTAINERS:
            return False
    return True


def _measure_indent(row: Row) -> int:
    """Return how far the first cell is indented beyond the usual space.

    A blank counts as one, a special space (`&nbsp;`, U+3000) as two.
    """
    raw = row.raw.lstrip(" \t>")
    if not raw.startswith("|"):
        return 0
    indent = _INDENT.match(raw, 1)
    if indent is None:
        return 0
    # Most writers put one space behind the bar.
    blanks = max(len(indent["blank"]) - 1, 0)
    signs = _SPACE_SIGN.findall(indent["signs"])
    return blanks + 2 * len(signs)


def _report_unknown_columns(table: Table, columns: Columns, context: StructureContext) -> None:
    """Report the columns whose header is not in the vocabulary."""
    for index, cell in enumerate(table.header):
        if index not in columns.values():
            finding = f'The column "{cell}" has no known meaning.'
            decision = "The column is left out."
            context.report_doubt("column-not-understood", table.line, finding, decision)


def _report_cell_count(row: Row, width: int, context: StructureContext) -> None:
    """Report a row that has more or fewer cells than the header."""
    if row.cell_count == width:
        return
    finding = f"The row has {row.cell_count} cells, its header {width}."
    decision = "The missing cells are taken as empty."
    if row.cell_count > width:
        finding += " A | inside of a cell splits it unless it is escaped."
        decision = "Cells beyond the header are dropped, unless back-ticks show that they are one."
    context.report_doubt("table-row-cells", row.line, finding, decision)


class _RowReader:
    """Reads one row of a table by its columns."""

    def __init__(self, row: Row, columns: Columns, context: StructureContext) -> None:
        self._row = row
        self._columns = columns
        self._context = context

    def read(self, name: str) -> Field | None:
        """Return the row's field. Return None, and report it, when the row has no name."""
        name = name.strip("`* ")
        if not name:
            finding = "The row does not name a field."
            self._report("table-row-without-name", finding, "The row is left out.")
            return None
        description = self._cell(Column.DESCRIPTION)
        prose = read_prose(description)
        default = self._cell(Column.DEFAULT)
        # A column of defaults goes before a default in the description.
        if fold(default) not in EMPTY_CELLS:
            prose = replace(prose, default=default)
        example = self._cell(Column.EXAMPLE)
        location = _match_location(self._cell(Column.LOCATION))
        return Field(
            name=name,
            type=self._read_type(),
            origin=self._context.origin_at(self._row.line),
            description=description,
            prose=prose,
            required=self._read_required(),
            example=None if fold(example) in EMPTY_CELLS else example,
            location=location or self._context.label.location,
        )

    def _cell(self, column: Column) -> str:
        """Return the text of a column; empty when the table does not have it."""
        if column not in self._columns:
            return ""
        index = self._columns[column]
        return self._row.cells[index].strip()

    def _report(self, rule: str, finding: str, decision: str) -> None:
        """Report a doubt at the row's line."""
        self._context.report_doubt(rule, self._row.line, finding, decision)

    def _read_type(self) -> TypeExpr:
        """Return the type of the row; a row without one is doubted and takes any value."""
        text = self._cell(Column.TYPE)
        if not text:
            self._report("unknown-type", "No type is stated.", "Any value is allowed.")
        return read_type(text)

    def _read_required(self) -> bool | None:
        """Return whether the field is required; None when the table has no such column."""
        if Column.REQUIRED not in self._columns:
            return None
        text = self._cell(Column.REQUIRED)
        folded = fold(text)
        if folded in YES:
            return True
        if folded not in NO:
            finding = f'"{text}" means neither yes nor no.'
            self._report("required-not-understood", finding, "The field is taken as optional.")
        return False


def _match_location(text: str) -> str:
    """Return the location that a cell states as a whole; empty when it states none."""
    folded = fold(text)
    for location, terms in LOCATIONS.items():
        if folded in terms:
            return location
    return ""


def read_sketch_block(code: Code, context: StructureContext) -> tuple[Structure | None, Sketch]:
    """Read a sketch in a code block.

    The structure is None, with a doubt that says why, when the sketch draws no object and no array.
    """
    origin = context.origin_at(code.line)
    node, skipped = read_sketch(code.text)
    for part in skipped:
        finding = f"The sketch holds {part.reason}."
        decision = "That part is left out."
        line = code.line + part.line
        context.report_doubt("sketch-not-understood", line, finding, decision)
    if node is None or node.kind not in (NodeKind.OBJECT, NodeKind.ARRAY):
        finding = "The sketch does not draw an object with members."
        decision = "The sketch is left out."
        context.report_doubt("sketch-not-understood", code.line, finding, decision)
        return None, Sketch(code.text, origin)
    reader = SketchFieldReader(context.file, code.line, node)
    structure = build_structure(reader, node, context)
    # Without types and descriptions the sketch is an example, and its types are guesses.
    has_leaves = next(iter_leaves(node), None) is not None
    is_inferred = has_leaves and shows_values(node) and not reader.members_with_text
    sketch = Sketch(code.text, origin, tuple(reader.members_with_text))
    return replace(structure, is_inferred=is_inferred), sketch


def build_structure(reader: SketchFieldReader, node: Node, context: StructureContext) -> Structure:
    """Build the structure that a node draws.

    An object becomes its members. An array has no members of its own: it is the structure's `root`.
    Parameters are in the body unless the label states another location.
    """
    label = context.label
    root: TypeExpr | None = None
    fields: tuple[Field, ...] = ()
    if node.kind is NodeKind.OBJECT:
        fields = reader.fields(node)
    else:
        root = reader.type(node)
    if label.role is Role.REQUEST:
        location = label.location or "body"
        fields = tuple(replace(field, location=location) for field in fields)
    return Structure(
        role=label.role,
        name=label.name,
        fields=fields,
        origin=context.origin_at(context.line),
        section=context.section,
        label=context.label_text,
        root=root,
    )
