"""`understudy validate`."""

import sys
from pathlib import Path

import click

from understudy.cli.options import contract_options, load_selected_contract
from understudy.contract import Operation, Violation
from understudy.errors import InputError, Place, Problem, nearest_name
from understudy.messages import Headers, JsonError, Response, dump_json, parse_json


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@contract_options
@click.option(
    "--operation",
    "operation_id",
    required=True,
    help="The operationId whose response the file holds.",
)
@click.option(
    "--status", default=200, show_default=True, help="The HTTP status that came with the body."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print."
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
    """Check the JSON body of a response (FILE, or - for standard input) against the contract.

    Example: curl -s …/api/v2/tasks/instances/1000 | understudy validate - --operation getTaskInstance
    """
    operations = load_selected_contract(contract, overlay, dialect).operations
    operation = operations.get(operation_id)
    if operation is None:
        what = f'the contract has no operation "{operation_id}"'
        near = nearest_name(operation_id, operations)
        hint = "`understudy routes` lists them." if not near else ""
        raise InputError(Problem("no-such-operation", what, nearest=near, hint=hint))
    violations = _judge(operation, status, _read(file), str(file))
    _print(violations, form, str(file))
    sys.exit(1 if violations else 0)


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        near = (
            nearest_name(file.name, [p.name for p in file.parent.iterdir()])
            if file.parent.is_dir()
            else ""
        )
        what = f"the file cannot be read ({error.strerror})"
        raise InputError(
            Problem("unreadable-file", what, Place(str(file)), nearest=near)
        ) from error


def _judge(operation: Operation, status: int, body: bytes, file: str) -> tuple[Violation, ...]:
    try:
        parse_json(body)
    except JsonError as error:
        place = Place(file, error.line, error.column)
        raise InputError(Problem("not-json", f"this is not JSON: {error.reason}", place)) from error
    response = operation.responses.get(str(status))
    media_type = response.media_type if response else "application/json"
    return operation.validate_response(
        Response(status, Headers.of([("Content-Type", media_type)]), body)
    )


def _print(violations: tuple[Violation, ...], form: str, file: str) -> None:
    if form == "json":
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
        return
    for violation in violations:
        click.echo(f"{file}: {violation}")
    if not violations:
        click.echo(f"{file}: valid")
