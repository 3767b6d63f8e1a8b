"""Tables of endpoints: one row for each, or a label and its value in each row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from understudy.derive.facts.facts import Role
from understudy.derive.lexicon.cell_parser import read_header
from understudy.derive.lexicon.labels import read_label
from understudy.derive.lexicon.vocabulary import Column
from understudy.derive.markdown.blocks import Row, Table
from understudy.derive.markdown.endpoints import (
    Endpoint,
    find_endpoint,
    make_endpoint,
    read_method,
    read_path,
)


@dataclass(frozen=True, slots=True)
class ListedEndpoint:
    """One row of a table of endpoints."""

    line: int
    endpoint: Endpoint
    title: str
    """What the row says that the operation does."""
    text: str
    """The whole row."""


def read_endpoint_table(table: Table) -> list[ListedEndpoint]:
    """Read a table with a row for each endpoint. Return an empty list for any other table."""
    columns = read_header(table.header)
    if Column.TYPE in columns or _is_pair_table(table):
        return []
    listed = []
    for row in table.rows:
        cells = _find_endpoint_cells(row)
        if cells is not None:
            listed.append(_read_row(row, cells, columns))
    # A table in which fewer than half of the rows hold an endpoint is about something else.
    if len(listed) * 2 < len(table.rows):
        return []
    return listed


@dataclass(frozen=True, slots=True)
class _EndpointCells:
    """A row's endpoint, and the indexes of the cells that it comes from."""

    endpoint: Endpoint
    indexes: tuple[int, ...]


def _find_endpoint_cells(row: Row) -> _EndpointCells | None:
    """Find the endpoint in one cell, or the method and the path in two."""
    for index, cell in enumerate(row.cells):
        if endpoint := find_endpoint(cell):
            return _EndpointCells(endpoint, (index,))
    methods = [index for index, cell in enumerate(row.cells) if read_method(cell)]
    paths = [index for index, cell in enumerate(row.cells) if read_path(cell)]
    if not methods or not paths:
        return None
    method, path = methods[0], paths[0]
    endpoint = make_endpoint(read_method(row.cells[method]), read_path(row.cells[path]))
    return _EndpointCells(endpoint, (method, path))


def _read_row(row: Row, cells: _EndpointCells, columns: dict[Column, int]) -> ListedEndpoint:
    titled = [columns[column] for column in (Column.DESCRIPTION, Column.NAME) if column in columns]
    untitled = [index for index in range(len(row.cells)) if index not in titled]
    title = ""
    for index in (*titled, *untitled):
        if index not in cells.indexes and row.cells[index].strip():
            title = row.cells[index].strip()
            break
    return ListedEndpoint(row.line, cells.endpoint, title, " | ".join(row.cells))


def _is_pair_table(table: Table) -> bool:
    """Check for a table of two columns in which a label announces a method or an endpoint."""
    if len(table.header) != 2:
        return False
    for _, key, _ in _iter_pairs(table):
        label = read_label(key)
        if label and label.role in (Role.METHOD, Role.ENDPOINT):
            return True
    return False


def read_label_pairs(table: Table) -> list[tuple[int, str, str]]:
    """Return line, label and value of each row of a table that describes one operation so.

    Return an empty list for any other table.
    """
    if not _is_pair_table(table):
        return []
    values = [value for _, key, value in _iter_pairs(table) if read_label(key)]
    has_endpoint = any(
        read_method(value) or read_path(value) or find_endpoint(value) for value in values
    )
    return list(_iter_pairs(table)) if has_endpoint else []


def _iter_pairs(table: Table) -> Iterator[tuple[int, str, str]]:
    """Yield line, key and value of the rows, and of the header too when it begins with a label."""
    key, value = table.header
    if read_label(key) and (read_method(value) or read_path(value)):
        yield table.line, key, value
    for row in table.rows:
        yield row.line, row.cells[0], row.cells[1]
