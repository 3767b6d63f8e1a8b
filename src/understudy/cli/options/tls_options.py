"""The options of `serve` for HTTPS."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from understudy.cli.options.contract_options import FILE
from understudy.config import TLS_FAULTS

_TLS = "understudy.tls"
"""The key of the options, in the context of the command."""

F = TypeVar("F", bound=Callable[..., Any])


def tls_options(command: F) -> F:
    """Add the options for HTTPS; `read_tls_options` returns their values."""
    options = (
        click.option(
            "--tls",
            is_flag=True,
            expose_value=False,
            callback=_store,
            help="Speak HTTPS, with a certificate that is made at the start.",
        ),
        click.option(
            "--tls-ca",
            type=FILE,
            expose_value=False,
            callback=_store,
            help="Where to write the certificate of its authority, which clients have to trust.",
        ),
        click.option(
            "--tls-fault",
            type=click.Choice(TLS_FAULTS),
            expose_value=False,
            callback=_store,
            help="What is wrong with the certificate.",
        ),
        click.option(
            "--cert",
            type=FILE,
            expose_value=False,
            callback=_store,
            help="Speak HTTPS with a certificate of your own, a PEM file.",
        ),
        click.option(
            "--key",
            type=FILE,
            expose_value=False,
            callback=_store,
            help="The key of --cert.  [default: it is in the same file]",
        ),
    )
    # The last decorator is printed first.
    for option in reversed(options):
        command = option(command)
    return command


def read_tls_options() -> dict[str, Any]:
    """Return the options of the present command, by the names of `Settings`."""
    options: dict[str, Any] = click.get_current_context().meta[_TLS]
    return options


def _store(context: click.Context, parameter: click.Parameter, value: object) -> None:
    if parameter.name == "tls_fault":
        value = value or ""
    context.meta.setdefault(_TLS, {})[parameter.name] = value
