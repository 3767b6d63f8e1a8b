"""`understudy sample`."""

import json
from pathlib import Path

import click

from understudy.cli.corpus import generate_payloads, write_corpus
from understudy.cli.options import FILE, contract_options, load_selected_contract
from understudy.contract import Contract, Operation, sample_response
from understudy.errors import InputError, Problem, nearest_name


@click.command()
@click.argument("operation_id", metavar="[OPERATION]", required=False)
@contract_options
@click.option(
    "--status", default=None, help="A documented status: 404, 4XX, default.  [default: the success]"
)
@click.option("--seed", default=0, show_default=True, help="Another seed, other samples.")
@click.option(
    "--count",
    type=click.IntRange(1, 10_000),
    default=1,
    show_default=True,
    help="How many samples, one a line.",
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
    """Print a sample of what OPERATION answers, or write a corpus of payloads for tests in any language.

    Example: understudy sample getTaskInstance --count 3
    """
    if operation_id is None and corpus is None:
        raise click.UsageError(
            "tell an OPERATION, or a folder with --corpus. `understudy routes` lists the operations."
        )
    if corpus is not None and status is not None:
        raise click.UsageError("--corpus writes every documented status: leave --status out.")
    loaded = load_selected_contract(contract, overlay, dialect)
    chosen = (
        [_operation(loaded, operation_id)]
        if operation_id is not None
        else list(loaded.operations.values())
    )
    if corpus is not None:
        found = list(generate_payloads(chosen, seed=seed, count=count))
        write_corpus(corpus, loaded, found, seed=seed)
        click.echo(f"{corpus}: {len(found)} payloads")
        return
    for number in range(count):
        click.echo(_text(chosen[0], status, seed + number, indent=2 if count == 1 else None))


def _operation(contract: Contract, id: str) -> Operation:
    if id not in contract.operations:
        near = nearest_name(id, contract.operations)
        hint = "" if near else "`understudy routes` lists them."
        what = f'the contract has no operation "{id}"'
        raise InputError(Problem("no-such-operation", what, nearest=near, hint=hint))
    return contract.operations[id]


def _text(operation: Operation, status: str | None, seed: int, *, indent: int | None) -> str:
    key = int(status) if status is not None and status.isdecimal() else status
    response = sample_response(operation, key, seed=seed)
    if not response.body:
        what = f"the response {response.status} of {operation.id} has no JSON body"
        raise InputError(Problem("no-json-body", what))
    return json.dumps(response.json(), indent=indent)
