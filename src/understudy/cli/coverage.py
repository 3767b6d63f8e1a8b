"""The command `understudy coverage`.

`understudy.coverage` counts and renders; this module reads journals and writes reports.
"""

import sys
from pathlib import Path

import click

from understudy.cli.options.contract_options import FILE, contract_options, load_selected_contract
from understudy.cli.options.inputs import unreadable_file
from understudy.coverage import (
    Report,
    RequestedReport,
    SavedJournal,
    measure_coverage,
    parse_bar,
    parse_report,
    read_journal,
    render_report,
)
from understudy.errors import InputError, Place, Problem
from understudy.source import write_atomic


@click.command()
@click.argument("journals", type=FILE, nargs=-1, required=True)
@contract_options
@click.option(
    "--report",
    multiple=True,
    default=("term",),
    show_default=True,
    help=(
        "The format of the report: term, term-missing, json[:FILE], markdown[:FILE], html:FILE. "
        "Repeatable."
    ),
)
@click.option(
    "--fail-under",
    metavar="N",
    multiple=True,
    help=(
        "Exit 1 if less than N per cent are covered; `operations=100` for one section. Repeatable."
    ),
)
def coverage(
    journals: tuple[Path, ...],
    contract: Path | None,
    overlay: tuple[Path, ...],
    dialect: str,
    report: tuple[str, ...],
    fail_under: tuple[str, ...],
) -> None:
    """Report how much of the contract a client exercised.

    JOURNALS are files of exchanges: NDJSON, or the response of /__admin/requests; - is standard
    input. Counts of several journals are added.

    Exits with 1 if a limit of --fail-under is missed.

    Example: curl -s localhost:4010/__admin/requests?limit=10000 | understudy coverage -
    """
    # Options are parsed first: a typo must not cost the time of a long journal.
    requested = [parse_report(text) for text in report]
    bars = [parse_bar(text) for text in fail_under]
    loaded = load_selected_contract(contract, overlay, dialect)
    measured = measure_coverage(loaded, _read_all(journals))
    for request in requested:
        _print(measured, request)
    failures = [text for text in (bar.missed_by(measured) for bar in bars) if text]
    # Standard error: a report on standard output stays readable for tools.
    for text in failures:
        click.echo(f"{text}.", err=True)
    sys.exit(1 if failures else 0)


def _read_all(paths: tuple[Path, ...]) -> list[SavedJournal]:
    """Read every journal. Raises InputError with the problems of all of them."""
    journals: list[SavedJournal] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            journals.append(_read(path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return journals


def _read(path: Path) -> SavedJournal:
    """Read a journal. Raises InputError with the nearest name for a file that is missing."""
    if str(path) == "-":
        return read_journal(sys.stdin.buffer, file="<standard input>")
    try:
        with path.open("rb") as lines:
            return read_journal(lines, file=str(path))
    except OSError as error:
        raise unreadable_file(path, error, "journal") from error


def _print(report: Report, request: RequestedReport) -> None:
    """Print a report, or write it into its file.

    Raises InputError (`unwritable-report`) for a file that cannot be written.
    """
    text = render_report(report, request.form)
    if not request.file:
        click.echo(text, nl=False)
        return
    try:
        write_atomic(Path(request.file), text)
    except OSError as error:
        detail = f"the report cannot be written ({error.strerror})"
        raise InputError(Problem("unwritable-report", detail, Place(request.file))) from error
