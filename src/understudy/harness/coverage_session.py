"""The coverage of a contract over a whole run of tests: collected from worlds and workers, then told and judged."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

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
from understudy.source import write_atomic


class CoverageOptionError(ValueError):
    """A report or a bar was asked for in words that nobody knows."""


class CoverageSession:
    """Takes what each world has seen, before it is forgotten; gives one report for all."""

    def __init__(self, reports: Iterable[str], bars: Iterable[str]) -> None:
        """Take `term-missing`, `json:FILE` and the like, and `80` or `operations=100`. Raises UsageProblem."""
        try:
            self._wanted = tuple(map(parse_report, reports)) or (RequestedReport(Form.TERM),)
            self._bars: tuple[Bar, ...] = tuple(map(parse_bar, bars))
        except InputError as error:
            raise CoverageOptionError(str(error)) from error
        self._report: Report | None = None
        self._said: list[str] = []
        self._lost = 0
        """Workers that have told nothing."""

    def collect(self, control: ControlClient) -> None:
        """Take what a world has seen."""
        self.merge(control.get_coverage())

    def merge(self, record: Mapping[str, Any] | None) -> None:
        """Take what somebody else has seen, as `to_record` told it."""
        if record is not None:
            told = Report.from_record(record)
            self._report = told if self._report is None else Report.merge(self._report, told)

    def to_record(self) -> dict[str, Any] | None:
        """Give what was seen, as JSON data; None for nothing."""
        return self._report.to_record() if self._report else None

    def note_missing_worker(self) -> None:
        """Hear of a worker that has ended without telling what it has seen."""
        self._lost += 1

    def finish(self, *, stopped: bool = False) -> bool:
        """Write the reports that go to files; tell whether less was covered than has to be, or a file is missing.

        `stopped`: not all tests have run.
        """
        if self._lost:
            self._said.append(
                f"{_counted(self._lost)} ended without telling what it has seen: that is missing here."
            )
        if self._report is None:
            why = "The run was stopped" if stopped else "No test has used a world"
            self._said.append(f"{why}: nothing was measured.")
            return bool(self._bars)
        unwritten = False
        for wanted in self._wanted:
            if wanted.file:
                unwritten |= not self._write(self._report, wanted)
            else:
                self._said.append(render_report(self._report, wanted.form).rstrip("\n"))
        missed = [text for bar in self._bars if (text := bar.missed_by(self._report))]
        self._said += [f"FAIL {text}" for text in missed]
        return bool(missed) or unwritten

    def summary_text(self) -> str:
        """Give what is to be said at the end of the run."""
        return "\n\n".join(self._said)

    def _write(self, report: Report, wanted: RequestedReport) -> bool:
        """Tell whether it could be written."""
        try:
            write_atomic(Path(wanted.file), render_report(report, wanted.form))
        except OSError as error:
            self._said.append(f"FAIL {wanted.file} cannot be written: {error.strerror or error}")
            return False
        self._said.append(f"{wanted.form.value} written to {wanted.file}")
        return True


def _counted(workers: int) -> str:
    return "A worker has" if workers == 1 else f"Each of {workers} workers has"
