"""The command `understudy validate`: bodies, HAR files, journals, scenarios, contracts."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from understudy.cli.lint import check_contract, check_scenario
from understudy.cli.options.contract_options import FILE, contract_options, load_selected_contract
from understudy.cli.options.inputs import find_operation, unreadable_file
from understudy.cli.options.number_options import AnyWholeNumber, WholeNumber
from understudy.cli.options.server_options import read_server_options, server_options
from understudy.contract import Contract
from understudy.errors import InputError, Problem
from understudy.traffic.baseline import load_baseline, write_baseline
from understudy.traffic.calls.http_caller import HttpCaller
from understudy.traffic.calls.planned_calls import CallPlan
from understudy.traffic.calls.server_check import ServerCheck
from understudy.traffic.finding import Finding, Origin, Severity
from understudy.traffic.findings_report import DEFAULT_MAX_FINDINGS, FileCount, Report
from understudy.traffic.message_validator import MessageValidator
from understudy.traffic.reading.input_kinds import InputKind, recognize_input
from understudy.traffic.reading.message_reader import read_body, read_messages
from understudy.traffic.reading.read_failure import ReadFailure
from understudy.traffic.reports.report_forms import FORMS, render_report
from understudy.traffic.sequence.sequence_rules import SequenceRules
from understudy.traffic.traffic_message import Message

_STDIN = Path("-")
_MAX_BASELINE = 100_000
"""How many findings a baseline may have, whatever --max says."""
_SPOOLED_BYTES = 16 * 1024 * 1024
"""A longer standard input is held in a file without a name."""


@click.command()
@click.argument("files", type=FILE, nargs=-1)
@contract_options
@server_options
@click.option(
    "--operation",
    "operation_id",
    default="",
    help="The operationId of the responses: the files are bodies.",
)
@click.option(
    "--status",
    type=AnyWholeNumber(),
    default=200,
    show_default=True,
    help="The HTTP status of a body.",
)
@click.option(
    "--input",
    "input_kind",
    type=click.Choice(["auto", *(kind.value for kind in InputKind)]),
    default="auto",
    show_default=True,
    help="What the files contain.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    default="text",
    show_default=True,
    help="How to print.",
)
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default="error",
    show_default=True,
    help="The least severity that makes the exit code 1.",
)
@click.option(
    "--max",
    "max_findings",
    type=WholeNumber(1),
    default=DEFAULT_MAX_FINDINGS,
    show_default=True,
    help="How many different findings to list.",
)
@click.option(
    "--baseline", type=FILE, default=None, help="A file of known findings, which do not count."
)
@click.option(
    "--write-baseline",
    "new_baseline",
    type=FILE,
    default=None,
    help="Write all findings to a file for --baseline, and exit with 0.",
)
@click.option(
    "--rules",
    "with_rules",
    is_flag=True,
    help="Check what several answers have to agree on, too.",
)
def validate(
    files: tuple[Path, ...],
    contract: Path | None,
    overlay: tuple[Path, ...],
    dialect: str,
    operation_id: str,
    status: int,
    input_kind: str,
    form: str,
    fail_on: str,
    max_findings: int,
    baseline: Path | None,
    new_baseline: Path | None,
    with_rules: bool,
    **server_values: Any,
) -> None:
    """Validate messages, files or a server against the contract.

    FILES are bodies of responses (with --operation), HAR files of a browser, journals (NDJSON or
    the answer of GET /__admin/requests), scenarios and contracts; - is standard input. The command
    finds out which. Exits with 1 if there is an error.

    Example: curl -s …/api/v2/tasks/instances/1000 |
    understudy validate - --operation getTaskInstance
    """
    server = read_server_options(**server_values)
    if not files and not server.url:
        raise click.UsageError("name a file, - for standard input, or a server with --url")
    loaded = load_selected_contract(contract, overlay, dialect)
    if operation_id:
        find_operation(loaded, operation_id)
    known = load_baseline(baseline) if baseline else frozenset[str]()
    # A baseline that lists a part only would let the next run fail.
    report = Report(max(max_findings, _MAX_BASELINE) if new_baseline else max_findings, known)
    run = _Run(loaded, report, operation_id, status, input_kind)
    if with_rules:
        run.rules = SequenceRules(loaded)
    for file in files:
        run.validate_file(file)
    if server.caller is not None:
        run.validate_server(server.caller, server.url, server.plan)
    if new_baseline is not None:
        write_baseline(new_baseline, report)
    click.echo(render_report(report, form), nl=False)
    sys.exit(1 if report.fails(Severity(fail_on)) and new_baseline is None else 0)


class _Run:
    """Validates files, one after the other, into one report."""

    def __init__(
        self, contract: Contract, report: Report, operation: str, status: int, kind: str
    ) -> None:
        self._contract = contract
        self._report = report
        self._operation = operation
        self._status = status
        self._kind = kind
        self._validator = MessageValidator(contract)
        self.rules: SequenceRules | None = None
        """The rules across messages; None: each message is validated alone."""

    def validate_file(self, file: Path) -> None:
        """Add the findings of a file. Raises InputError for one that cannot be read."""
        with _open(file) as stream:
            kind = self._find_kind(stream)
            if kind is InputKind.BODY:
                self._add(self._read_body(stream, file))
                return
            if kind in (InputKind.HAR, InputKind.JOURNAL):
                count = self._report.files.setdefault(str(file), FileCount())
                for message in read_messages(stream, str(file), kind):
                    self._add(message)
                if not count.messages and not count.foreign:
                    self._report.add([_no_messages(file)])
                return
        self._report.count_message(str(file))
        if kind is InputKind.CONTRACT:
            problems = check_contract(file)
        else:
            problems = check_scenario(file, self._contract)
        self._report.add(_convert(problem, file) for problem in problems)

    def validate_server(self, caller: HttpCaller, url: str, plan: CallPlan) -> None:
        """Call a server, and add what is wrong with its answers."""
        check = ServerCheck(self._validator, caller, url, plan)
        for message in check.run(self._report):
            if self.rules is not None:
                self._report.add(check.hide(self.rules.check(message)))

    def _find_kind(self, stream: IO[bytes]) -> InputKind:
        """Return what a stream contains: as the options say, else as it looks."""
        if self._kind != "auto":
            return InputKind(self._kind)
        return InputKind.BODY if self._operation else recognize_input(stream)

    def _read_body(self, stream: IO[bytes], file: Path) -> Message | ReadFailure:
        if not self._operation:
            detail = f"{file} is the body of a response, of an operation that is not known"
            hint = "Name the operation with --operation; `understudy routes` lists them."
            raise InputError(Problem("no-operation", detail, hint=hint))
        operation = find_operation(self._contract, self._operation)
        return read_body(stream, str(file), operation, self._status)

    def _add(self, message: Message | ReadFailure) -> None:
        """Add the findings of a message, or that it cannot be read."""
        if isinstance(message, ReadFailure):
            self._report.count_message(message.file)
            self._report.add([message.to_finding()])
            return
        validated = self._validator.validate(message)
        self._report.count_message(message.file, is_foreign=validated.is_foreign)
        if not validated.is_foreign:
            if validated.operation:
                self._report.operations[message.file, validated.operation] += 1
            self._report.add(validated.findings)
            if self.rules is not None:
                self._report.add(self.rules.check(message))


def _no_messages(file: Path) -> Finding:
    """Return the warning of a file without messages: it may be another file than was meant."""
    return Finding(
        severity=Severity.WARNING,
        side="input",
        place="",
        rule="no-messages",
        text="the file has no messages [no-messages]",
        origin=Origin(str(file)),
    )


def _convert(problem: Problem, file: Path) -> Finding:
    """Return a problem of a scenario or contract as a finding."""
    line = problem.place.line if problem.place else 0
    name = problem.place.file if problem.place else str(file)
    column = f"column {problem.place.column}: " if problem.place and problem.place.column else ""
    text = str(Problem(problem.slug, problem.message, None, problem.expected, problem.hint))
    return Finding(
        severity=Severity.ERROR,
        side="input",
        place="",
        rule=problem.slug,
        text=f"{column}{text} [{problem.slug}]",
        origin=Origin(name, line),
        expected=problem.expected,
        nearest=problem.nearest,
    )


@contextmanager
def _open(file: Path) -> Iterator[IO[bytes]]:
    """Open a file, or standard input, so that it can be read twice.

    Raises InputError for a file that cannot be read.
    """
    if file == _STDIN:
        with tempfile.SpooledTemporaryFile(_SPOOLED_BYTES) as spooled:
            shutil.copyfileobj(sys.stdin.buffer, spooled)
            spooled.seek(0)
            yield spooled
        return
    try:
        stream = file.open("rb")
    except OSError as error:
        raise unreadable_file(file, error, "file") from error
    with stream:
        try:
            yield stream
        except OSError as error:  # a folder, a device that fails
            raise unreadable_file(file, error, "file") from error
