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

F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)
"""A path that need not exist: our own errors suggest the nearest name."""


def contract_options(command: F) -> F:
    """Add the options that select a contract: --contract, --overlay, --dialect.

    The command gets the parameters `contract`, `overlay` and `dialect`, which
    `load_selected_contract` takes.
    """
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
        help="An OpenAPI document.  [default: the shipped one]",
    )(command)


def load_selected_contract(
    contract: Path | None, overlay: tuple[Path, ...], dialect: str
) -> "Contract":
    """Load the contract that the options select: the shipped one without --contract.

    Raises InputError with all problems of contract and overlays.
    """
    from understudy.contract import load_contract  # late: `serve` has a way of its own

    overlays = resolve_overlays(Settings(overlays=overlay, dialect=dialect))
    return load_contract(contract, overlays=overlays)
