"""`understudy coverage`."""

import sys
from pathlib import Path

import click

from understudy.cli.options import FILE, contract_options, load_selected_contract
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
from understudy.errors import InputError, Place, Problem, nearest_name
from understudy.source import write_atomic


@click.command()
@click.argument("journals", type=FILE, nargs=-1, required=True)
@contract_options
@click.option(
    "--report",
    multiple=True,
    default=("term",),
    show_default=True,
    help="How to tell it: term, term-missing, json[:FILE], markdown[:FILE], html:FILE. Repeatable.",
)
@click.option(
    "--fail-under",
    metavar="N",
    multiple=True,
    help="Exit 1 when less than N per cent are covered; `operations=100` for one section. Repeatable.",
)
def coverage(
    journals: tuple[Path, ...],
    contract: Path | None,
    overlay: tuple[Path, ...],
    dialect: str,
    report: tuple[str, ...],
    fail_under: tuple[str, ...],
) -> None:
    """Tell what of the contract a client was exercised with, from JOURNALS (NDJSON; - for standard input).

    Example: curl -s localhost:4010/__admin/requests?limit=10000 | understudy coverage -
    """
    wanted = [parse_report(text) for text in report]
    limits = [parse_bar(text) for text in fail_under]
    against = load_selected_contract(contract, overlay, dialect)
    told = measure_coverage(against, _all(journals))
    for one in wanted:
        _tell(told, one)
    missed = [text for text in (limit.missed_by(told) for limit in limits) if text]
    for text in missed:
        click.echo(f"{text}.", err=True)
    sys.exit(1 if missed else 0)


def _all(journals: tuple[Path, ...]) -> list[SavedJournal]:
    """Read every journal; raise InputError with the problems of all."""
    found: list[SavedJournal] = []
    problems: list[Problem] = []
    for path in journals:
        try:
            found.append(_read(path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


def _read(path: Path) -> SavedJournal:
    if str(path) == "-":
        return read_journal(sys.stdin.buffer, file="<standard input>")
    try:
        with path.open("rb") as lines:
            return read_journal(lines, file=str(path))
    except OSError as error:
        near = (
            nearest_name(path.name, [p.name for p in path.parent.iterdir()])
            if path.parent.is_dir()
            else ""
        )
        what = f"the journal cannot be read ({error.strerror})"
        raise InputError(
            Problem("unreadable-file", what, Place(str(path)), nearest=near)
        ) from error


def _tell(report: Report, wanted: RequestedReport) -> None:
    text = render_report(report, wanted.form)
    if not wanted.file:
        click.echo(text, nl=False)
        return
    try:
        write_atomic(Path(wanted.file), text)
    except OSError as error:
        what = f"the report cannot be written ({error.strerror})"
        raise InputError(Problem("unwritable-report", what, Place(wanted.file))) from error
