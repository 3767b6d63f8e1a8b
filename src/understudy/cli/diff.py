"""The command `understudy diff`: what changed between two contracts, for a client."""

import sys
from pathlib import Path

import click

from understudy.cli.options.contract_options import FILE
from understudy.compare.change import Impact
from understudy.compare.change_report import FORMS
from understudy.compare.contract_changes import compare_contracts
from understudy.contract import load_contract

_ORDER = list(Impact)


@click.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    default="text",
    show_default=True,
    help="How to print.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*(impact.value for impact in Impact), "never"]),
    default="breaking",
    show_default=True,
    help="The least impact that makes the exit code 1.",
)
def diff(old: Path, new: Path, form: str, fail_on: str) -> None:
    """Compare two contracts, and class each change by what it means for a client.

    OLD and NEW are OpenAPI or Swagger documents. A change is breaking, dangerous or harmless for a
    client that was written for OLD. Exits with 1 if there is a breaking change.

    Example: git show main:openapi.yaml > old.yaml; understudy diff old.yaml openapi.yaml
    """
    changes = compare_contracts(load_contract(old), load_contract(new))
    click.echo(FORMS[form](changes), nl=False)
    if fail_on == "never":
        sys.exit(0)
    least = _ORDER.index(Impact(fail_on))
    sys.exit(1 if any(_ORDER.index(change.impact) <= least for change in changes) else 0)
