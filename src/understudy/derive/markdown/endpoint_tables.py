"""Tables of endpoints: one row for each, or a label and its value in each row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    method_at = _find_cell(row, read_method)
    path_at = _find_cell(row, read_path)
    if method_at is None or path_at is None:
        return None
    method = read_method(row.cells[method_at])
    path = read_path(row.cells[path_at])
    return _EndpointCells(make_endpoint(method, path), (method_at, path_at))


def _find_cell(row: Row, read: Callable[[str], str]) -> int | None:
    """Return the index of the first cell in which a reader finds something."""
    for index, cell in enumerate(row.cells):
        if read(cell):
            return index
    return None


def _read_row(row: Row, cells: _EndpointCells, columns: dict[Column, int]) -> ListedEndpoint:
    """Return a row's endpoint with its title."""
    return ListedEndpoint(
        line=row.line,
        endpoint=cells.endpoint,
        title=_find_title(row, cells, columns),
        text=" | ".join(row.cells),
    )


def _find_title(row: Row, cells: _EndpointCells, columns: dict[Column, int]) -> str:
    """Return the description, else the name, else the first cell that is not the endpoint."""
    order = []
    for column in (Column.DESCRIPTION, Column.NAME):
        if column in columns:
            order.append(columns[column])
    order += range(len(row.cells))
    for index in order:
        title = row.cells[index].strip()
        if title and index not in cells.indexes:
            return title
    return ""


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
    pairs = list(_iter_pairs(table))
    for _, key, value in pairs:
        if read_label(key) and _holds_endpoint(value):
            return pairs
    return []


def _holds_endpoint(text: str) -> bool:
    """Check whether a cell holds a method, a path, or both."""
    if read_method(text) or read_path(text):
        return True
    return find_endpoint(text) is not None


def _iter_pairs(table: Table) -> Iterator[tuple[int, str, str]]:
    """Yield line, key and value of the rows, and of the header too when it begins with a label."""
    key, value = table.header
    if read_label(key) and (read_method(value) or read_path(value)):
        yield table.line, key, value
    for row in table.rows:
        row_key, row_value = row.cells
        yield row.line, row_key, row_value
