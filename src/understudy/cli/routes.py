"""`understudy routes`."""

from pathlib import Path

import click

from understudy.cli.options import contract_options, load_selected_contract
from understudy.messages import dump_json


@click.command()
@contract_options
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print."
)
def routes(contract: Path | None, overlay: tuple[Path, ...], dialect: str, form: str) -> None:
    """List the operations of the contract: method, path, operationId, permission, and the document's line."""
    rows = [
        (operation.method, operation.path, operation.id, operation.permission, operation.source)
        for operation in load_selected_contract(contract, overlay, dialect).operations.values()
    ]
    if form == "json":
        names = ("method", "path", "operationId", "permission", "source")
        click.echo(dump_json([dict(zip(names, row, strict=True)) for row in rows]).decode())
        return
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
    for row in rows:
        click.echo(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
