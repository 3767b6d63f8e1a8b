"""The coverage of a contract over a whole run of tests: collected from worlds and workers, then told and judged."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from understudy.control.client import ControlClient
from understudy.coverage import Bar, Form, Report, Wanted, parse_bar, parse_report, rendered
from understudy.errors import InputError
from understudy.source import write_atomic


class UsageProblem(ValueError):  # noqa: N818 - a problem of a command line, as everywhere here
    """A report or a bar was asked for in words that nobody knows."""


class Measure:
    """Takes what each world has seen, before it is forgotten; gives one report for all."""

    def __init__(self, reports: Iterable[str], bars: Iterable[str]) -> None:
        """Take `term-missing`, `json:FILE` and the like, and `80` or `operations=100`. Raises UsageProblem."""
        try:
            self._wanted = tuple(map(parse_report, reports)) or (Wanted(Form.TERM),)
            self._bars: tuple[Bar, ...] = tuple(map(parse_bar, bars))
        except InputError as error:
            raise UsageProblem(str(error)) from error
        self._report: Report | None = None
        self._said: list[str] = []

    def look(self, control: ControlClient) -> None:
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

    def conclude(self) -> bool:
        """Write the reports that go to files; tell whether the run fails.

        It does when one could not be written, and when less was covered than has to be.
        """
        if self._report is None:
            self._said.append("No test has used a world: nothing was measured.")
            return bool(self._bars)
        written = True
        for wanted in self._wanted:
            if wanted.file:
                written = self._write(self._report, wanted) and written
            else:
                self._said.append(rendered(self._report, wanted.form).rstrip("\n"))
        missed = [text for bar in self._bars if (text := bar.missed_by(self._report))]
        self._said += [f"FAIL {text}" for text in missed]
        return bool(missed) or not written

    def text(self) -> str:
        """Give what is to be said at the end of the run."""
        return "\n\n".join(self._said)

    def _write(self, report: Report, wanted: Wanted) -> bool:
        try:
            write_atomic(Path(wanted.file), rendered(report, wanted.form))
        except OSError as error:
            self._said.append(f"FAIL {wanted.file} could not be written: {error}")
            return False
        self._said.append(f"{wanted.form.value} written to {wanted.file}")
        return True
