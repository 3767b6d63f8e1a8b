"""`understudy serve`."""

import gc
import logging
import secrets
import signal
import sys
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import click

from understudy.cli.options import FILE, contract_options
from understudy.clock import MAX_SPEED, MIN_SPEED
from understudy.config import Settings, ValidateRequest

_AUTO = "auto"


@click.command()
@contract_options
@click.option(
    "--scenario",
    default="",
    help="The name of a scenario, or a file.  [default: demo, for the shipped contract]",
)
@click.option(
    "--scenarios", type=FILE, default=None, help="A folder of scenarios, to choose by their names."
)
@click.option(
    "--watch",
    is_flag=True,
    help="Take the scenario, contract or overlay anew when its file is saved.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    default=4010,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0 for a free one.",
)
@click.option(
    "--clock",
    type=click.Choice(["real", "virtual", "per-call"]),
    default=None,
    help="Replaces the scenario's clock: it runs, stands still, or moves a step at each call.",
)
@click.option(
    "--speed",
    type=click.FloatRange(MIN_SPEED, MAX_SPEED),
    default=None,
    help="How fast a real clock runs. Replaces the scenario's.",
)
@click.option(
    "--auth",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="off: everybody may do everything, without saying who it is.",
)
@click.option(
    "--max-skew",
    default=900,
    show_default=True,
    type=click.IntRange(1, 31_536_000),
    help="How many seconds a signed request's date may be off.",
)
@click.option("--seed", type=int, default=None, help="Replaces the scenario's seed.")
@click.option(
    "--validate-request",
    type=click.Choice([mode.value for mode in ValidateRequest]),
    default="enforce",
    show_default=True,
    help="What happens to a request that breaks the contract.",
)
@click.option(
    "--errors",
    is_flag=True,
    help="Refuse calls that prefer what nobody knows (Prefer, __code=, cookie).",
)
@click.option(
    "--cors-origin",
    multiple=True,
    help="An origin whose pages may call, beside this machine's. Repeatable.",
)
@click.option(
    "--control-token",
    default="",
    help="What calls of the control API have to show; `auto` makes and prints one.",
)
@click.option(
    "--threads",
    default=32,
    show_default=True,
    type=click.IntRange(2, 1000),
    help="Calls answered at once.",
)
@click.option(
    "--allow-host", multiple=True, help="A name that clients may use in their Host header."
)
@click.option(
    "--admin-prefix", default="/__admin", show_default=True, help="Where the control API is."
)
@click.option("--world-prefix", default="/w", show_default=True, help="Where paths choose a world.")
@click.option(
    "--max-worlds",
    default=1000,
    show_default=True,
    type=click.IntRange(1),
    help="How many worlds at most.",
)
def serve(host: str, port: int, watch: bool, **options: Any) -> None:
    """Stand in for the server, until interrupted.

    Example: understudy serve --scenario demo --port 4010
    """
    gc.disable()  # nothing that is made before the first request becomes garbage
    from understudy.live import LiveServer, PortInUseError

    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        server = LiveServer(_settings(**options), host=host, port=port, watch=watch)
    except PortInUseError as error:
        click.echo(f"{error.strerror}. Choose another with --port, or 0 for a free one.", err=True)
        sys.exit(2)
    except (
        OSError,
        TypeError,
        ValueError,
    ) as error:  # the last two for what can be no address at all
        reason = getattr(error, "strerror", None) or error
        click.echo(
            f'cannot listen on "{host}": {reason}. Give an address of this machine.', err=True
        )
        sys.exit(2)

    def stop(number: int, frame: FrameType | None) -> None:
        server.request_stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    from understudy.cli.banner import render_banner

    gc.freeze()
    gc.enable()
    click.echo(render_banner(server))
    if options["control_token"] == _AUTO:
        click.echo(
            f"  token     {server.stub.settings.token}  (of the control API; shown only here)"
        )
    sys.stdout.flush()
    server.run()


def _settings(  # the options as click gives them; defaults stand above, once
    *,
    contract: Path | None,
    overlay: tuple[Path, ...],
    dialect: str,
    scenario: str,
    scenarios: Path | None,
    errors: bool,
    cors_origin: tuple[str, ...],
    control_token: str,
    threads: int,
    clock: str | None,
    speed: float | None,
    auth: str,
    max_skew: int,
    seed: int | None,
    validate_request: str,
    allow_host: tuple[str, ...],
    admin_prefix: str,
    world_prefix: str,
    max_worlds: int,
) -> Settings:
    return Settings(
        contract=contract,
        overlays=overlay,
        dialect=dialect,
        scenario=scenario,
        scenarios=scenarios,
        errors=errors,
        cors_origins=cors_origin,
        token=secrets.token_urlsafe(32) if control_token == _AUTO else control_token,
        threads=threads,
        clock=clock or "",
        speed=speed,
        auth=auth == "on",
        skew=timedelta(seconds=max_skew),
        seed=seed,
        validate_request=ValidateRequest(validate_request),
        allow_hosts=allow_host,
        admin_prefix=admin_prefix,
        world_prefix=world_prefix,
        max_worlds=max_worlds,
    )
