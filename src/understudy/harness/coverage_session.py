"""Contract coverage of a whole test run: collected from worlds and workers, then reported."""

from collections.abc import Iterable
from pathlib import Path

from understudy.control.client import ControlClient
from understudy.coverage import (
    Bar,
    Form,
    Report,
    RequestedReport,
    parse_bar,
    parse_report,
    render_report,
)
from understudy.errors import InputError
from understudy.harness.message_parts import format_count
from understudy.messages import Json
from understudy.source import write_atomic


class CoverageOptionError(ValueError):
    """An unknown kind of report, or a minimum that is not a percentage."""


class CoverageSession:
    """The coverage of all worlds, collected before they are deleted, and its reports."""

    def __init__(self, reports: Iterable[str], bars: Iterable[str]) -> None:
        """Parse the options of a run.

        `reports` are kinds such as `term-missing` or `json:FILE`; without any, the report is
        `term`. `bars` are minimum percentages such as `80` or `operations=100`. Raises
        CoverageOptionError.
        """
        try:
            self._reports = tuple(map(parse_report, reports)) or (RequestedReport(Form.TERM),)
            self._bars: tuple[Bar, ...] = tuple(map(parse_bar, bars))
        except InputError as error:
            raise CoverageOptionError(str(error)) from error
        self._coverage: Report | None = None
        self._texts: list[str] = []
        self._missing_workers = 0
        """The number of workers that ended without reporting their coverage."""

    def collect(self, control: ControlClient) -> None:
        """Add the coverage of a world."""
        self.merge(control.get_coverage())

    def merge(self, record: object) -> None:
        """Add coverage in the form of `to_record`. None adds nothing."""
        if record is None:
            return
        coverage = Report.from_record(record)
        if self._coverage is not None:
            coverage = Report.merge(self._coverage, coverage)
        self._coverage = coverage

    def to_record(self) -> dict[str, Json] | None:
        """Return the coverage as JSON data, or None if no world was used."""
        return self._coverage.to_record() if self._coverage else None

    def note_missing_worker(self) -> None:
        """Note that a worker ended without reporting its coverage."""
        self._missing_workers += 1

    def finish(self, *, stopped: bool = False) -> bool:
        """Write the reports to their files. Return whether the run must fail.

        A run fails when the coverage is below a minimum, when a file cannot be written, and when
        there is a minimum but no coverage. `stopped` means that not all tests have run.
        """
        if self._missing_workers:
            workers = format_count(self._missing_workers, "worker")
            self._texts.append(
                f"{workers} ended without reporting coverage, which is missing here."
            )
        if self._coverage is None:
            reason = "No test has used a world"
            if stopped:
                reason = "The run was stopped"
            self._texts.append(f"{reason}: nothing was measured.")
            return bool(self._bars)
        are_written = [self._write(self._coverage, report) for report in self._reports]
        missed = [bar.missed_by(self._coverage) for bar in self._bars]
        failures = [text for text in missed if text]
        self._texts += [f"FAIL {text}" for text in failures]
        return bool(failures) or not all(are_written)

    def summary_text(self) -> str:
        """Return the text for the end of the run; empty if there is none."""
        return "\n\n".join(self._texts)

    def _write(self, coverage: Report, report: RequestedReport) -> bool:
        """Write a report to its file or to the summary.

        Return False if the file cannot be written.
        """
        text = render_report(coverage, report.form)
        if not report.file:
            self._texts.append(text.rstrip("\n"))
            return True
        try:
            write_atomic(Path(report.file), text)
        except OSError as error:
            self._texts.append(f"FAIL {report.file} cannot be written: {error.strerror or error}")
            return False
        self._texts.append(f"{report.form.value} written to {report.file}")
        return True
