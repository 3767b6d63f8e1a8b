"""Tables that tell endpoints: a row for each, or a label and its value in each row."""

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
    text: str


def read_endpoint_table(table: Table) -> list[ListedEndpoint]:
    """Give the endpoints of a table that has a row for each; none when it tells something else."""
    columns = read_header(table.header)
    if Column.TYPE in columns or _is_pair_table(table):
        return []
    found = [row for row in table.rows if _endpoint(row) is not None]
    if not found or len(found) * 2 < len(table.rows):
        return []
    return [_listed(row, table) for row in found]


def _endpoint(row: Row) -> tuple[Endpoint, set[int]] | None:
    """Give a row's endpoint, and the cells that tell it."""
    for at, cell in enumerate(row.cells):
        if endpoint := find_endpoint(cell):
            return endpoint, {at}
    method = next((at for at, cell in enumerate(row.cells) if read_method(cell)), None)
    path = next((at for at, cell in enumerate(row.cells) if read_path(cell)), None)
    if method is None or path is None:
        return None
    return make_endpoint(read_method(row.cells[method]), read_path(row.cells[path])), {method, path}


def _listed(row: Row, table: Table) -> ListedEndpoint:
    told = _endpoint(row)
    assert told is not None  # noqa: S101 - the caller has looked
    endpoint, used = told
    columns = read_header(table.header)
    order = [columns[c] for c in (Column.DESCRIPTION, Column.NAME) if c in columns]
    order += [at for at in range(len(row.cells)) if at not in order]
    title = next((row.cells[at] for at in order if at not in used and row.cells[at].strip()), "")
    return ListedEndpoint(row.line, endpoint, title.strip(), " | ".join(row.cells))


def _is_pair_table(table: Table) -> bool:
    if len(table.header) != 2:
        return False
    roles = {label.role for _, key, _ in _pairs(table) if (label := read_label(key))}
    return Role.METHOD in roles or Role.ENDPOINT in roles


def read_label_pairs(table: Table) -> list[tuple[int, str, str]]:
    """Give line, label and value of each row of a table that tells one operation so; none of any other table."""
    if not _is_pair_table(table):
        return []
    values = [value for _, key, value in _pairs(table) if read_label(key)]
    told = any(read_method(value) or read_path(value) or find_endpoint(value) for value in values)
    return list(_pairs(table)) if told else []


def _pairs(table: Table) -> Iterator[tuple[int, str, str]]:
    """Give the rows, and the header too when it begins with a label."""
    if read_label(table.header[0]) and (read_method(table.header[1]) or read_path(table.header[1])):
        yield table.line, table.header[0], table.header[1]
    for row in table.rows:
        yield row.line, row.cells[0], row.cells[1]
