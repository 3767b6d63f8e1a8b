"""The command `understudy show`: the graph of a task, in the terminal or for a document."""

import os
from pathlib import Path

import click

from understudy.cli.options.contract_options import FILE
from understudy.cli.options.number_options import AnyWholeNumber
from understudy.config import Settings
from understudy.control import Control
from understudy.control.client import ControlClient, ControlError
from understudy.errors import InputError, Problem
from understudy.graph import lay_out
from understudy.graph.drawings import draw_svg, write_mermaid, write_text
from understudy.graph.subtask_nodes import read_task
from understudy.replay import Stub


@click.command()
@click.argument("task", type=AnyWholeNumber())
@click.option("--scenario", default="", help="The scenario with the task.  [default: demo]")
@click.option("--url", default="", help="A running stub, instead of a scenario.")
@click.option("--world", default="", help="The world of the running stub.")
@click.option("--ca", type=FILE, default=None, help="The authority of a stub with --tls.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "mermaid", "svg"]),
    default="text",
    show_default=True,
    help="How to draw the graph.",
)
def show(task: int, scenario: str, url: str, world: str, ca: Path | None, form: str) -> None:
    """Show the graph of a task: its subtasks in layers, each with its status.

    TASK is the id of a task of a scenario, or of a running stub with --url. The token of its
    control API is read from UNDERSTUDY_CONTROL_TOKEN.

    Example: understudy show 35000312 --format mermaid
    """
    try:
        client = _open_client(scenario, url, world, ca)
        record = client.get_task(task)
    except (ControlError, OSError, ValueError) as error:
        message = f"the task {task} cannot be shown: {error}"
        raise InputError(Problem("no-such-task", message)) from error
    layout = lay_out(read_task(record))
    match form:
        case "mermaid":
            text = write_mermaid(layout)
        case "svg":
            text = f"{draw_svg(layout, record['name'])}\n"
        case _:
            text = f"{record['id']} {record['name']}: {record['status']}\n{write_text(layout)}"
    click.echo(text, nl=False)


def _open_client(scenario: str, url: str, world: str, ca: Path | None) -> ControlClient:
    """Return a client of a running stub, or of one in this process."""
    if url:
        token = os.environ.get("UNDERSTUDY_CONTROL_TOKEN", "")
        return ControlClient(url, token=token, world=world, ca=str(ca) if ca else None)
    return ControlClient.inside(Control(Stub(Settings(scenario=scenario))))
