"""The command `understudy`: commands are imported when used, errors printed without a traceback."""

import sys
from importlib import import_module

import click

from understudy.cli.console import OutputError, prepare_streams, report_output_error
from understudy.errors import InputError, MissingExtraError, nearest_name

_COMMANDS = {
    "coverage": "Report how much of the contract a client exercised.",
    "derive": "Derive the OpenAPI contract and its ledger of doubts from documents.",
    "diff": "Compare two contracts, and class each change by what it means for a client.",
    "lint": "Check scenarios, contracts and overlays.",
    "routes": "List the operations of the contract.",
    "sample": "Print sample responses of an operation, or write a corpus of payloads.",
    "serve": "Stand in for the server.",
    "show": "Show the graph of a task: its subtasks in layers, each with its status.",
    "validate": "Validate messages, files or a server against the contract.",
}
"""One-line help by the name of the command, which is also the name of its module.

The texts repeat the first lines of the commands' docstrings, which would have to be imported.
"""


class _LazyGroup(click.Group):
    """A group that knows the names of its commands, and imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names without importing a command."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None for an unknown name."""
        if cmd_name not in _COMMANDS:
            return None
        # Each command has a module of its own name, so that `understudy --help` imports none.
        command = getattr(import_module(f"understudy.cli.{cmd_name}"), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"understudy.cli.{cmd_name}.{cmd_name} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the one-line helps without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command. Raises UsageError with the nearest name."""
        name = args[0]
        if name in _COMMANDS or name.startswith("-"):
            return super().resolve_command(ctx, args)
        nearest = nearest_name(name, _COMMANDS)
        if nearest:
            hint = f'Did you mean "{nearest}"?'
        else:
            hint = f"There are: {', '.join(sorted(_COMMANDS))}."
        raise click.UsageError(f'unknown command "{name}". {hint}', ctx)


def _print_version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    """Print the version and exit (an eager option: no command is needed)."""
    if not value or ctx.resilient_parsing:
        return
    from importlib.metadata import version  # late: it costs every other command 10 ms

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
    callback=_print_version,
    help="Show the version.",
)
def cli() -> None:
    """Derive an API's contract from its documents, and stand in for the server."""


def main() -> None:
    """Run the command line. Exits with 0 (clean), 1 (findings) or 2 (cannot run)."""
    # Other exceptions are defects, and keep their traceback.
    try:
        prepare_streams()
        cli(prog_name="understudy")
    except InputError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
    except MissingExtraError as error:
        click.echo(str(error), err=True)
    except OutputError as error:
        report_output_error(error)
    sys.exit(2)
