"""The command `understudy derive`: options, files and output.

The derivation itself is in `understudy.derive`, which reads no files.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import click

from understudy.cli.options.contract_options import FILE
from understudy.errors import InputError, MissingExtraError, Problem
from understudy.escapes import register_escapes
from understudy.source import dump_yaml, write_atomic

try:
    from understudy import derive as derivation
    from understudy.cli.derivation_run import DerivationRun, run_derivation
    from understudy.cli.options.contract_origin import explain_node
except ModuleNotFoundError as error:
    raise MissingExtraError("`understudy derive`", "derive") from error

_SEVERITIES = tuple(severity.value for severity in derivation.Severity)
"""From the worst to the mildest."""


@click.command()
@click.argument("documents", type=FILE, nargs=-1, required=True)
@click.option(
    "--overlay",
    type=FILE,
    multiple=True,
    help="An OpenAPI Overlay to apply to the derived contract. Repeatable.",
)
@click.option(
    "--output",
    type=FILE,
    default=None,
    help="The file to write the contract to.  [default: standard output]",
)
@click.option(
    "--ledger", type=FILE, default=None, help="The file to write the ledger of doubts to."
)
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; exit 1 if a file differs from what would be written.",
)
@click.option(
    "--format",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default=None,
    help="Print the doubts in this format, instead of the contract.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*_SEVERITIES, "never"]),
    default="never",
    show_default=True,
    help="Exit 1 if a doubt of this severity or a worse one is open.",
)
@click.option(
    "--decisions",
    type=FILE,
    multiple=True,
    help=(
        "A file of decisions about doubts. Repeatable.  "
        "[default: DOCUMENT.decisions.yaml beside each document]"
    ),
)
@click.option(
    "--explain",
    metavar="POINTER",
    default=None,
    help="Print the lines of the documents that a node of the contract comes from.",
)
def derive(
    documents: tuple[Path, ...],
    overlay: tuple[Path, ...],
    output: Path | None,
    ledger: Path | None,
    check: bool,
    format: str | None,
    fail_on: str,
    decisions: tuple[Path, ...],
    explain: str | None,
) -> None:
    """Derive the OpenAPI contract and the ledger of doubts from Markdown documents.

    Without --output and --format, the contract is printed. Exits with 1 if --check finds a
    difference or --fail-on an open doubt, and with 2 if a document cannot be read.

    Example: understudy derive docs/api/task-management.md
    --overlay docs/api/overlays/gaps.yaml --output openapi.yaml
    """
    _check_options(output, ledger, check=check, has_format=format is not None, explain=explain)
    _check_targets(output, ledger, (*documents, *overlay, *decisions))
    run = run_derivation(documents, overlay, decisions)
    if explain is not None:
        _print(explain_node(run, explain))
        return
    contract = dump_yaml(run.tree.data)
    targets = _targets(output, contract, ledger, run)
    is_failed = _report_stale(targets) if check else False
    if not check:
        _write_all(targets)
    # The ledger cites file names, which are the same on every machine; lines for editors and CI
    # have the paths of the command line.
    entries = run.with_paths(run.ledger_entries())
    if format is not None:
        _print(_format_doubts(entries, format))
    elif output is None and not check:
        _print(contract)
    is_failed |= _report_open_doubts(entries, fail_on, are_printed=format is not None)
    sys.exit(1 if is_failed else 0)


@dataclass(frozen=True, slots=True)
class _Target:
    """A file to write or to check."""

    path: Path
    """As on the command line."""
    text: str
    """The whole contents, which are written atomically or compared byte by byte."""


def _check_options(
    output: Path | None,
    ledger: Path | None,
    *,
    check: bool,
    has_format: bool,
    explain: str | None,
) -> None:
    """Check that the options fit together. Raises UsageError."""
    has_target = output is not None or ledger is not None
    if check and not has_target:
        raise click.UsageError("--check compares files: name them with --output and --ledger.")
    if explain is not None and (has_target or check or has_format):
        raise click.UsageError(
            "--explain prints lines of the documents and does nothing else: omit the other options."
        )


def _check_targets(output: Path | None, ledger: Path | None, inputs: Sequence[Path]) -> None:
    """Check that no input and no other target would be overwritten. Raises UsageError."""
    # Real paths: a link or `./` must not hide that two paths are one file.
    input_paths = {os.path.realpath(path) for path in inputs}
    for option, path in (("--output", output), ("--ledger", ledger)):
        if path is not None and os.path.realpath(path) in input_paths:
            raise click.UsageError(
                f"{option} {path} would overwrite what the contract is derived from."
            )
    if output is None or ledger is None:
        return
    if os.path.realpath(output) == os.path.realpath(ledger):
        raise click.UsageError("--output and --ledger name the same file.")


def _targets(
    output: Path | None, contract: str, ledger: Path | None, run: DerivationRun
) -> list[_Target]:
    """Return the files to write with their texts; without options, there are none."""
    targets = []
    if output is not None:
        targets.append(_Target(output, contract))
    if ledger is not None:
        targets.append(_Target(ledger, run.render_ledger()))
    return targets


def _write_all(targets: Sequence[_Target]) -> None:
    """Write the files. Raises InputError for one that cannot be written."""
    for target in targets:
        # An atomic write replaces its target, also a device such as /dev/stdout or a folder's link.
        if os.path.lexists(target.path) and not target.path.is_file():
            raise _unwritable(target.path, "not a regular file")
        try:
            write_atomic(target.path, target.text)
        except OSError as error:
            raise _unwritable(target.path, str(error.strerror)) from error


def _unwritable(path: Path, reason: str) -> InputError:
    """Return the error of a file that cannot be written; the message names the path itself."""
    return InputError(Problem("cannot-write", f"{path} cannot be written ({reason})"))


def _report_stale(targets: Sequence[_Target]) -> bool:
    """Print the files that differ from what would be written; return whether there are any."""
    stale = [target.path for target in targets if not _is_current(target)]
    for path in stale:
        text = f"{path} is not up to date. Run the same command without --check."
        click.echo(text, err=True)
    return bool(stale)


def _is_current(target: _Target) -> bool:
    """Return whether a file has the text; a missing file has not."""
    try:
        return target.path.read_bytes() == target.text.encode()
    except OSError:
        return False


def _format_doubts(entries: Sequence[derivation.Entry], form: str) -> str:
    """Return the doubts in a format of --format."""
    match form:
        case "sarif":
            return derivation.as_sarif(entries, version=version("understudy"))
        case "json":
            return derivation.as_json(entries)
        case "github":
            return derivation.as_github(entries)
        case _:
            return derivation.as_text(entries)


def _report_open_doubts(
    entries: Sequence[derivation.Entry], fail_on: str, *, are_printed: bool
) -> bool:
    """Print the doubts that make the command fail; return whether there are any.

    `are_printed`: standard output has all doubts already, so only their number is printed.
    """
    if fail_on == "never":
        return False
    doubts = derivation.open_entries(entries, derivation.Severity(fail_on))
    if not doubts:
        return False
    if not are_printed:
        click.echo(derivation.as_text(doubts), nl=False, err=True)
    number = "1 doubt is" if len(doubts) == 1 else f"{len(doubts)} doubts are"
    limit = fail_on if fail_on == _SEVERITIES[0] else f"{fail_on} or worse"
    click.echo(f"{number} open, of severity {limit}. Decide in DOCUMENT.decisions.yaml.", err=True)
    return True


def _print(text: str) -> None:
    """Print a text as UTF-8; a lone surrogate, which UTF-8 cannot encode, as an escape."""
    click.echo(text.encode("utf-8", register_escapes()), nl=False)
