"""`understudy derive`."""

import sys
from pathlib import Path

import click

from understudy.contract import OverlayAction, apply_overlay, overlay_actions
from understudy.errors import InputError, MissingExtraError, Problem
from understudy.source import dump_yaml, read_text, read_yaml, write_atomic

try:
    from understudy import derive as derivation
except ModuleNotFoundError as error:
    raise MissingExtraError("`understudy derive`", "derive") from error

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("documents", type=_FILE, nargs=-1, required=True)
@click.option("--overlay", type=_FILE, multiple=True, help="An OpenAPI Overlay to apply to what was derived.")
@click.option("--output", type=_FILE, default=None, help="Where the contract goes.  [default: standard output]")
@click.option("--ledger", type=_FILE, default=None, help="Where the list of doubts goes.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a file is not what the derivation gives today.")
def derive(
    documents: tuple[Path, ...], overlay: tuple[Path, ...], output: Path | None, ledger: Path | None, check: bool
) -> None:
    """Derive the OpenAPI contract, and the ledger of doubts, from Markdown documents.

    Example: understudy derive docs/api/task-management.md --overlay docs/api/overlays/gaps.yaml --output openapi.yaml
    """
    if check and output is None and ledger is None:
        raise click.UsageError("--check compares files: name them with --output and --ledger.")
    contract, doubts = _texts(documents, overlay)
    wanted = [(path, text) for path, text in ((output, contract), (ledger, doubts)) if path is not None]
    if check:
        stale = [path for path, text in wanted if not _is(path, text)]
        for path in stale:
            click.echo(
                f"{path} is not what the derivation gives today. Run the same command without --check.", err=True
            )
        sys.exit(1 if stale else 0)
    for path, text in wanted:
        try:
            write_atomic(path, text)
        except OSError as error:
            raise InputError(Problem("cannot-write", f"{path} cannot be written ({error.strerror})")) from error
    if output is None:
        click.echo(contract, nl=False)


def _texts(documents: tuple[Path, ...], overlays: tuple[Path, ...]) -> tuple[str, str]:
    """Give the texts of contract and ledger."""
    derived = derivation.derive([derivation.Document(path.name, read_text(path)) for path in documents])
    contract = derived.contract
    settled: list[derivation.Settlement] = []
    for path in overlays:
        source = read_yaml(path)
        contract = apply_overlay(contract, source)
        settled += [_settlement(path, action) for action in overlay_actions(source)]
    return dump_yaml(contract), derivation.render_ledger(derived.doubts, settled)


def _settlement(path: Path, action: OverlayAction) -> "derivation.Settlement":
    place = f"{path.name}:{action.place.line}"
    return derivation.Settlement(action.decides, place, action.target, action.description)


def _is(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False
