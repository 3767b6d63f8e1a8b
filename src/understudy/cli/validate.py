"""The command `understudy validate`, for a single response body."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from understudy.cli.inputs import find_operation, unreadable_file
from understudy.cli.options import FILE, contract_options, load_selected_contract
from understudy.contract import Operation, Violation
from understudy.errors import InputError, Place, Problem
from understudy.messages import Headers, JsonError, Response, dump_json, parse_json


@click.command()
@click.argument("file", type=FILE)
@contract_options
@click.option("--operation", "operation_id", required=True, help="The operationId of the response.")
@click.option("--status", default=200, show_default=True, help="The HTTP status of the response.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to print.",
)
def validate(
    file: Path,
    contract: Path | None,
    overlay: tuple[Path, ...],
    dialect: str,
    operation_id: str,
    status: int,
    form: str,
) -> None:
    """Validate the JSON body of a response against the contract.

    FILE holds the body; - is standard input. Each violation is printed with its location, the
    broken rule and the line of the documents. Exits with 1 if there is one.

    Example: curl -s …/api/v2/tasks/instances/1000 |
    understudy validate - --operation getTaskInstance
    """
    loaded = load_selected_contract(contract, overlay, dialect)
    operation = find_operation(loaded, operation_id)
    violations = _validate_body(operation, status, _read(file), str(file))
    if form == "json":
        _print_json(violations, str(file))
    else:
        _print_text(violations, str(file))
    sys.exit(1 if violations else 0)


def _read(file: Path) -> bytes:
    """Read the body. Raises InputError for a file that cannot be read."""
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise unreadable_file(file, error, "file") from error


def _validate_body(
    operation: Operation, status: int, body: bytes, file: str
) -> tuple[Violation, ...]:
    """Return the violations of a body. Raises InputError for a text that is not JSON."""
    try:
        parse_json(body)
    except JsonError as error:
        place = Place(file, error.line, error.column)
        raise InputError(Problem("not-json", f"this is not JSON: {error.reason}", place)) from error
    # The content type is that of the contract: a file has none, and a missing one is no finding.
    documented = operation.responses.get(str(status))
    media_type = documented.media_type if documented else "application/json"
    headers = Headers.of([("Content-Type", media_type)])
    return operation.validate_response(Response(status, headers, body))


def _print_json(violations: Sequence[Violation], file: str) -> None:
    """Print the violations as one JSON array."""
    rows = [
        {
            "file": file,
            "place": violation.place,
            "rule": violation.rule,
            "value": violation.value,
            "expected": violation.expected,
            "pointer": violation.pointer,
            "source": violation.source,
        }
        for violation in violations
    ]
    click.echo(dump_json(rows).decode())


def _print_text(violations: Sequence[Violation], file: str) -> None:
    """Print one line for each violation, or that the body is valid."""
    for violation in violations:
        click.echo(f"{file}: {violation}")
    if not violations:
        click.echo(f"{file}: valid")
