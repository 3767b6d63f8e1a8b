"""`understudy`: verbs that are imported only when they are used, and errors that are told without a traceback."""

import sys
from importlib import import_module
from typing import Any

import click

from understudy.errors import InputError, MissingExtraError, nearest_name

_VERBS = {
    "coverage": "Tell what of the contract a client was exercised with.",
    "derive": "Derive the OpenAPI contract and its ledger of doubts from documents.",
    "lint": "Check scenarios.",
    "routes": "List the operations of the contract.",
    "sample": "Print a sample of what an operation answers, or write a corpus of payloads.",
    "serve": "Stand in for the server.",
    "validate": "Check a response's body against the contract.",
}


class _LazyGroup(click.Group):
    """Knows the verbs' names and one-line helps, and imports a verb's module when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        command = getattr(import_module(f"understudy.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 - each module holds a command of its own name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_VERBS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args[0] not in _VERBS and not args[0].startswith("-"):
            near = nearest_name(args[0], _VERBS)
            hint = (
                f' Did you mean "{near}"?' if near else f" There are: {', '.join(sorted(_VERBS))}."
            )
            raise click.UsageError(f'there is no command "{args[0]}".{hint}', ctx)
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"understudy {version('understudy')}")
        ctx.exit()


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "UNDERSTUDY"},
    epilog="Exit codes: 0 clean, 1 findings, 2 cannot run.",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_version,
    help="Show the version.",
)
def cli() -> None:
    """Derive an API's contract from its documents, and stand in for the server."""


def main() -> None:
    """Run the command line. Exits with 0 (clean), 1 (findings) or 2 (cannot run)."""
    try:
        cli(prog_name="understudy")
    except InputError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        sys.exit(2)
    except MissingExtraError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
