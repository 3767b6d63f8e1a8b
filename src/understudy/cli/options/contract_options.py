"""Options that several commands share.

Click applies decorators from the bottom to the top, so the last one here is printed first.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from understudy.config import DIALECTS, Settings, resolve_overlays

if TYPE_CHECKING:
    from understudy.contract import Contract

_LOADING = "understudy.loading"
"""The key of the options that say how a contract is loaded, in the context of a command."""
_MAX_PRINTED = 20
"""Warnings that are printed; a large document can have thousands."""

F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)
"""A path that need not exist: our own errors suggest the nearest name."""


def contract_options(command: F) -> F:
    """Add the options that select a contract: --contract, --overlay, --dialect.

    The command gets the parameters `contract`, `overlay` and `dialect`, which
    `load_selected_contract` takes. The options that say how to load it, --strict-contract and
    --fetch-remote-refs, are in `loading_options`.
    """
    command = click.option(
        "--fetch-remote-refs",
        is_flag=True,
        expose_value=False,
        callback=_store,
        help="Fetch the URLs that the contract refers to.",
    )(command)
    command = click.option(
        "--strict-contract",
        is_flag=True,
        expose_value=False,
        callback=_store,
        help="Make every flaw of the contract an error, not a warning.",
    )(command)
    command = click.option(
        "--dialect",
        type=click.Choice(DIALECTS),
        default="documented",
        show_default=True,
        help="Names as documented, or as seen on the wire.",
    )(command)
    command = click.option(
        "--overlay",
        type=FILE,
        multiple=True,
        help="An OpenAPI Overlay to apply: a file, or `english`. Repeatable.",
    )(command)
    return click.option(
        "--contract",
        type=FILE,
        default=None,
        help="An OpenAPI or Swagger document.  [default: the shipped one]",
    )(command)


def load_selected_contract(
    contract: Path | None, overlay: tuple[Path, ...], dialect: str
) -> "Contract":
    """Load the contract that the options select: the shipped one without --contract.

    Prints its warnings. Raises InputError with all problems of contract and overlays.
    """
    from understudy.contract import load_contract  # late: `serve` has a way of its own

    overlays = resolve_overlays(Settings(overlays=overlay, dialect=dialect))
    options = loading_options()
    loaded = load_contract(
        contract,
        overlays=overlays,
        strict=options["strict_contract"],
        fetch_remote=options["fetch_remote_refs"],
    )
    print_warnings(loaded)
    return loaded


def loading_options() -> dict[str, bool]:
    """Return `strict_contract` and `fetch_remote_refs` of the present command."""
    options: dict[str, bool] = click.get_current_context().meta[_LOADING]
    return options


def print_warnings(contract: "Contract") -> None:
    """Print the first warnings of a contract on standard error, and how many more there are."""
    count = len(contract.warnings)
    for warning in contract.warnings[:_MAX_PRINTED]:
        click.echo(f"warning: {warning}", err=True)
    if count > _MAX_PRINTED:
        text = f"warning: {count - _MAX_PRINTED} more; `understudy lint {contract.file}` lists all"
        click.echo(text, err=True)


def _store(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    context.meta.setdefault(_LOADING, {})[parameter.name] = value
