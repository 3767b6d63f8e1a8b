"""The command `understudy sample`: samples on standard output, or a corpus in a folder.

The samples are those of `understudy.contract`, which needs no Hypothesis.
"""

import json
from pathlib import Path

import click

from understudy.cli.corpus import generate_payloads, write_corpus
from understudy.cli.options.contract_options import FILE, contract_options, load_selected_contract
from understudy.cli.options.inputs import find_operation
from understudy.cli.options.number_options import AnyWholeNumber, WholeNumber
from understudy.contract import Contract, Operation, sample_response
from understudy.errors import InputError, Problem


@click.command()
@click.argument("operation_id", metavar="[OPERATION]", required=False)
@contract_options
@click.option(
    "--status",
    default=None,
    help="A documented status: 404, 4XX, default.  [default: the success status]",
)
@click.option(
    "--seed",
    type=AnyWholeNumber(),
    default=0,
    show_default=True,
    help="Another seed gives other samples.",
)
@click.option(
    "--count",
    type=WholeNumber(1, 10_000),
    default=1,
    show_default=True,
    help="The number of samples, one per line.",
)
@click.option(
    "--corpus",
    type=FILE,
    default=None,
    help="A folder to write valid, edge and invalid payloads into.",
)
def sample(
    operation_id: str | None,
    contract: Path | None,
    overlay: tuple[Path, ...],
    dialect: str,
    status: str | None,
    seed: int,
    count: int,
    corpus: Path | None,
) -> None:
    """Print sample responses of OPERATION, or write a corpus of payloads for tests in any language.

    The same seed gives the same bytes. A corpus has samples and examples (valid), limits of the
    schema (edge), and corruptions (invalid), with a manifest.

    Example: understudy sample getTaskInstance --count 3
    """
    if corpus is not None:
        if status is not None:
            raise click.UsageError("--corpus writes every documented status: omit --status.")
        loaded = load_selected_contract(contract, overlay, dialect)
        _write(corpus, loaded, operation_id, seed=seed, count=count)
        return
    if operation_id is None:
        raise click.UsageError(
            "name an OPERATION, or a folder with --corpus. "
            "`understudy routes` lists the operations."
        )
    operation = find_operation(load_selected_contract(contract, overlay, dialect), operation_id)
    # One sample is for people, several are for tools: one line each.
    indent = 2 if count == 1 else None
    for number in range(count):
        click.echo(_sample_text(operation, status, seed + number, indent=indent))


def _write(
    folder: Path, contract: Contract, operation_id: str | None, *, seed: int, count: int
) -> None:
    """Write the corpus of one operation, or of all."""
    operations = list(contract.operations.values())
    if operation_id is not None:
        operations = [find_operation(contract, operation_id)]
    payloads = list(generate_payloads(operations, seed=seed, count=count))
    write_corpus(folder, contract, payloads, seed=seed)
    click.echo(f"{folder}: {len(payloads)} payloads")


def _sample_text(operation: Operation, status: str | None, seed: int, *, indent: int | None) -> str:
    """Return the JSON text of a sample. Raises InputError without a JSON body or a valid sample."""
    key: int | str | None = status
    if status is not None and status.isdecimal():
        key = int(status)
    response = sample_response(operation, key, seed=seed)
    if not response.body:
        detail = f"the response {response.status} of {operation.id} has no JSON body"
        raise InputError(Problem("no-json-body", detail))
    violations = operation.validate_response(response)
    if violations:
        detail = f"the response {response.status} of {operation.id} has no valid sample"
        hint = f"The nearest one breaks the contract: {violations[0]}."
        raise InputError(Problem("no-valid-sample", detail, hint=hint))
    return json.dumps(response.json(), indent=indent)
