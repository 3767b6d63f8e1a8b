"""The command `understudy routes`: the operations of a contract as a table or as JSON."""

from collections.abc import Sequence
from pathlib import Path

import click

from understudy.cli.options.contract_options import contract_options, load_selected_contract
from understudy.messages import dump_json

# The names of the columns in JSON; the table has the same order, but no heading.
_COLUMNS = ("method", "path", "operationId", "permission", "source")


@click.command()
@contract_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to print.",
)
def routes(contract: Path | None, overlay: tuple[Path, ...], dialect: str, form: str) -> None:
    """List the operations of the contract, in its order.

    The columns are method, path, operationId, permission, and the line of the document.
    """
    loaded = load_selected_contract(contract, overlay, dialect)
    rows = [
        (operation.method, operation.path, operation.id, operation.permission, operation.source)
        for operation in loaded.operations.values()
    ]
    if form == "json":
        records = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        click.echo(dump_json(records).decode())
        return
    _print_table(rows)


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows with the columns aligned; an empty last column leaves no spaces."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())
