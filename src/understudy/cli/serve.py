"""The command `understudy serve`: a stub on a real socket until SIGINT or SIGTERM.

Modules that `--help` does not need are imported late, because start-up time is what users feel.
"""

import gc
import logging
import os
import re
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from understudy.cli.options.contract_options import (
    FILE,
    contract_options,
    loading_options,
    print_warnings,
)
from understudy.cli.options.number_options import AnyWholeNumber, Number, WholeNumber
from understudy.cli.options.tls_options import read_tls_options, tls_options
from understudy.cli.serving.open_files import allow_connections
from understudy.cli.serving.stop_signals import StopSignals, end_process
from understudy.clock import MAX_SPEED, MIN_SPEED
from understudy.config import Settings, UnknownQuery, ValidateRequest
from understudy.resources import resource_path

if TYPE_CHECKING:
    from understudy.calllog import CallLog
    from understudy.live import LiveServer

_AUTO = "auto"
"""The value of --control-token for a new token."""
_SCENARIO = re.compile(rb"""^\s*\{?\s*["']?understudy["']?\s*:""", re.MULTILINE)
"""The key of the format's version, which only a scenario has."""
_BEGINNING = 65_536
"""The bytes of a file that are searched for it."""
_STDERR = 2
"""The file descriptor of the standard error stream."""
_M_ARENA_MAX = -8
"""The number of glibc's parameter, in <malloc.h>."""


@click.command()
@click.argument("spec", type=FILE, required=False)
@contract_options
# The defaults are those of `Settings`; `auto` for the token is a word of the command line only.
@click.option(
    "--scenario",
    default="",
    help="The name of a scenario, or a file.  [default: demo, for the shipped contract]",
)
@click.option(
    "--scenarios",
    type=FILE,
    default=None,
    help="A folder of scenarios, which you select by their names.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Reload the scenario, contract or overlay when one of its files is saved.",
)
# Loopback by default: the control API lets every caller change the stub, and other machines must
# not reach it without a token.
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    default=4010,
    show_default=True,
    type=WholeNumber(0, 65535),
    help="The port to listen on; 0 for a free one.",
)
@tls_options
# Clock, speed and seed have no default here: the scenario's values apply.
@click.option(
    "--clock",
    type=click.Choice(["real", "virtual", "per-call"]),
    default=None,
    help="Override the scenario's clock: it runs, stands still, or moves a step at each call.",
)
@click.option(
    "--speed",
    type=Number(MIN_SPEED, MAX_SPEED),
    default=None,
    help="The speed of a real clock. Overrides the scenario's.",
)
@click.option(
    "--auth",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="off: no credentials are needed, and every call may do everything.",
)
# The upper limit is one year: a larger number is a mistake, such as milliseconds.
@click.option(
    "--max-skew",
    default=900,
    show_default=True,
    type=WholeNumber(1, 31_536_000),
    help="How many seconds the date of a signed request may be off.",
)
@click.option("--seed", type=AnyWholeNumber(), default=None, help="Override the scenario's seed.")
# The names are those of `ValidateRequest`, so that scenario, control API and command line agree.
@click.option(
    "--validate-request",
    type=click.Choice([mode.value for mode in ValidateRequest]),
    default="enforce",
    show_default=True,
    help="What happens to a request that breaks the contract.",
)
@click.option(
    "--unknown-query",
    type=click.Choice([mode.value for mode in UnknownQuery]),
    default="report",
    show_default=True,
    help="What happens to a query parameter that the operation does not have.",
)
@click.option(
    "--errors",
    is_flag=True,
    help="Answer a violation that would only be reported with an error, and a response that breaks "
    "the contract with 500.",
)
@click.option(
    "--strict-preferences",
    is_flag=True,
    help="Answer calls with unknown preferences (Prefer, __code=, cookie) with an error.",
)
@click.option(
    "--dynamic",
    is_flag=True,
    help="Generate the data of each response, although the contract has examples.",
)
@click.option(
    "--cors",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="off: no header fields for pages of other origins, and no answers to OPTIONS.",
)
@click.option(
    "--cors-origin",
    multiple=True,
    help="An origin whose pages may call, beside this machine's. Repeatable.",
)
@click.option(
    "--control-token",
    default="",
    help="The token that calls of the control API need; `auto` creates and prints one.",
)
# At least two threads: half of them may wait, and another one has to answer the control API.
@click.option(
    "--threads",
    default=32,
    show_default=True,
    type=WholeNumber(2, 1000),
    help="The number of calls that are answered at the same time.",
)
@click.option(
    "--connections",
    default=None,
    type=WholeNumber(1, 1_000_000),
    help="The number of connections that are open at the same time.  [default: 1000]",
)
@click.option(
    "--allow-host", multiple=True, help="A name that clients may use in their Host header."
)
@click.option(
    "--admin-prefix", default="/__admin", show_default=True, help="The path of the control API."
)
@click.option(
    "--world-prefix", default="/w", show_default=True, help="The path prefix that selects a world."
)
@click.option(
    "--max-worlds",
    default=1000,
    show_default=True,
    type=WholeNumber(1),
    help="The maximum number of worlds.",
)
@click.option(
    "--log",
    "log_mode",
    type=click.Choice(["all", "problems", "off"]),
    default=None,
    help="Which calls are logged.  [default: all on a terminal, else problems]",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How a call is logged: a line of text, or a JSON object on a line.",
)
@click.option(
    "--no-cache", is_flag=True, help="Read contract and scenario anew, without the cache on disk."
)
def serve(
    spec: Path | None,
    host: str,
    port: int,
    watch: bool,
    log_mode: str | None,
    log_format: str,
    **options: Any,
) -> None:
    """Stand in for the server, until interrupted.

    SPEC is an OpenAPI document, as --contract is. Prints URLs to click when it is ready, and before
    that the flaws of the document. Exits with 2 if an option, a file or the address cannot be used.

    Example: understudy serve pets.yaml --port 4010
    """
    with StopSignals() as signals:
        if spec is not None:
            if options["contract"] is not None:
                raise click.UsageError("Give either SPEC or --contract, not both.")
            options["contract"] = spec
        if options["contract"] is not None:
            _check_contract_file(options["contract"])
        gc.disable()  # objects that start-up creates live as long as the server
        logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
        _share_memory_arenas()
        call_log = _create_call_log(log_mode, log_format)
        settings = _settings(**options)
        server = _create_server(settings, call_log, host=host, port=port, watch=watch)
        signals.set_server(server.request_stop)
        _print_start(server, is_token_new=options["control_token"] == _AUTO)
        _log_through(call_log)
        with call_log:
            server.run()
    if not server.is_ended:
        end_process()


def _print_start(server: "LiveServer", *, is_token_new: bool) -> None:
    """Print the flaws of the contract, then the URLs."""
    from understudy.cli.serving.banner import render_banner

    print_warnings(server.stub.contract)
    # The collector never has to look at the contract and the scenario again.
    gc.freeze()
    gc.enable()
    click.echo(render_banner(server, shows_token=is_token_new))
    sys.stdout.flush()  # a pipe is buffered, and its reader waits for the URLs


def _create_call_log(mode: str | None, line_format: str) -> "CallLog":
    """Create the log of calls, on the standard error stream."""
    from understudy.calllog import CallLog, LogFormat, LogMode

    is_terminal = sys.stderr.isatty()
    mode = mode or ("all" if is_terminal else "problems")
    # Source: https://no-color.org
    colour = is_terminal and not os.environ.get("NO_COLOR")
    return CallLog(
        _STDERR,
        LogMode(mode),
        LogFormat(line_format),
        colour=colour,
        encoding=sys.stderr.encoding or "utf-8",
    )


def _log_through(call_log: "CallLog") -> None:
    """Let all other lines of the log go through the same thread: a slow terminal delays no call."""
    from understudy.calllog import WriterHandler

    handler = WriterHandler(call_log.writer)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler], force=True)


def _check_contract_file(path: Path) -> None:
    """Exit with 2 for a scenario; loading reports everything else that is wrong with the file."""
    try:
        with path.open("rb") as file:
            beginning = file.read(_BEGINNING)
    except FileNotFoundError:
        _check_scenario_name(str(path))
        return
    except OSError:
        return
    if _SCENARIO.search(beginning):
        text = f"{path} is a scenario, not a contract. Run: understudy serve --scenario {path}"
        raise click.UsageError(text)


def _check_scenario_name(name: str) -> None:
    """Exit with 2 for the name of a shipped scenario."""
    shipped = {path.stem for path in resource_path("scenarios").glob("*.yaml")}
    if name not in shipped:
        return
    text = f"{name} is a scenario, not a contract. Run: understudy serve --scenario {name}"
    raise click.UsageError(text)


def _share_memory_arenas() -> None:
    """Let all threads share two arenas of memory, where the C library is glibc.

    By default each thread gets one of its own. Answers are built by one thread and freed by
    another, so the arenas would grow for hours. Has to be called before threads begin.
    """
    if sys.platform != "linux":
        return
    import ctypes  # late: `--help` does not need it

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 2)


def _create_server(
    settings: Settings, call_log: "CallLog", *, host: str, port: int, watch: bool
) -> "LiveServer":
    """Create the server. Exits with 2 for an address that cannot be bound."""
    # Imported late, so that `understudy serve --help` is fast.
    from understudy.live import LiveServer, PortInUseError

    try:
        return LiveServer(settings, host=host, port=port, watch=watch, call_log=call_log)
    except PortInUseError as error:
        text = f"{error.strerror}. Choose another with --port, or 0 for a free one."
        click.echo(text, err=True)
    except (OSError, TypeError, ValueError) as error:
        # `socket.bind` raises TypeError and ValueError for text that cannot be an address.
        reason = getattr(error, "strerror", None) or error
        text = f'cannot listen on "{host}": {reason}. Use an address of this machine.'
        click.echo(text, err=True)
    sys.exit(2)


def _settings(
    *,
    contract: Path | None,
    overlay: tuple[Path, ...],
    dialect: str,
    scenario: str,
    scenarios: Path | None,
    errors: bool,
    strict_preferences: bool,
    dynamic: bool,
    cors: str,
    cors_origin: tuple[str, ...],
    control_token: str,
    threads: int,
    connections: int | None,
    clock: str | None,
    speed: float | None,
    auth: str,
    max_skew: int,
    seed: int | None,
    validate_request: str,
    unknown_query: str,
    allow_host: tuple[str, ...],
    admin_prefix: str,
    world_prefix: str,
    max_worlds: int,
    no_cache: bool,
) -> Settings:
    """Return the settings of the options; their defaults are those of the options above.

    Raises InputError with the name of the option for a value that click cannot check.
    """
    return Settings(
        contract=contract,
        overlays=overlay,
        dialect=dialect,
        scenario=scenario,
        scenarios=scenarios,
        errors=errors,
        strict_preferences=strict_preferences,
        dynamic=dynamic,
        cors=cors == "on",
        cors_origins=cors_origin,
        token=secrets.token_urlsafe(32) if control_token == _AUTO else control_token,
        threads=threads,
        connections=allow_connections(connections),
        clock=clock or "",
        speed=speed,
        auth=auth == "on",
        skew=timedelta(seconds=max_skew),
        seed=seed,
        validate_request=ValidateRequest(validate_request),
        unknown_query=UnknownQuery(unknown_query),
        allow_hosts=allow_host,
        admin_prefix=admin_prefix,
        world_prefix=world_prefix,
        max_worlds=max_worlds,
        cache=not no_cache,
        **{**loading_options(), **read_tls_options()},
    )
