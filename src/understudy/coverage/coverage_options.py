"""The values of `--report` and `--fail-under`, for the command line and the pytest plugin.

The names are those of pytest-cov: `term`, `term-missing`, `html:FILE`, `--fail-under`.
"""

from dataclasses import dataclass
from enum import Enum

from understudy.coverage.inventory import SECTIONS
from understudy.coverage.report import Report, Section
from understudy.errors import InputError, Problem, nearest_name


class Form(Enum):
    """The formats of a report. The values are what users write."""

    TERM = "term"
    TERM_MISSING = "term-missing"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


_FILE_FORMS = (Form.JSON, Form.MARKDOWN, Form.HTML)
"""Formats that can be written to a file."""
_EXPECTED = "term, term-missing, json, json:FILE, markdown, markdown:FILE or html:FILE"


@dataclass(frozen=True, slots=True)
class RequestedReport:
    """A report that the user asked for. An empty `file` means standard output."""

    form: Form
    file: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """The percentage that must be covered. An empty `section` means the total."""

    percent: float
    section: str = ""

    def missed_by(self, report: Report) -> str:
        """Return how a report stays below the bar, or "" when it does not.

        A section that the report does not have is not required.
        """
        part: Report | Section | None = report
        name = "the total coverage"
        if self.section:
            part = report.section(self.section)
            name = f"the coverage of {self.section}"
        # Multiplied instead of divided: a share such as 7 of 100 has no exact binary fraction.
        if part is None or part.covered * 100 >= self.percent * part.total:
            return ""
        share = f"{part.ratio * 100:.2f}% ({part.covered} of {part.total})"
        return f"{name} is {share}, below {self.percent:g}%"


def parse_report(text: str) -> RequestedReport:
    """Parse `term-missing`, `json:FILE` and the like. Raises InputError.

    Everything behind the first colon is the file, which may contain colons itself.
    """
    name, colon, file = text.partition(":")
    form = _find_form(name)
    if form is None:
        nearest = nearest_name(name, [form.value for form in Form])
        raise _report_form_error(f'unknown report "{name}"', nearest=nearest)
    if colon and form not in _FILE_FORMS:
        raise _report_form_error(f"{name} cannot be written to a file")
    if colon and not file:
        raise _report_form_error(f'"{text}" has no file name')
    if form is Form.HTML and not file:
        expected = "html:FILE, such as html:coverage.html"
        raise _report_form_error("html needs a file", expected=expected)
    return RequestedReport(form, file)


def _find_form(name: str) -> Form | None:
    """Return the format of a name, or None."""
    for form in Form:
        if form.value == name:
            return form
    return None


def _report_form_error(message: str, *, expected: str = _EXPECTED, nearest: str = "") -> InputError:
    problem = Problem(
        "bad-report-form",
        message,
        expected=expected,
        nearest=nearest,
    )
    return InputError(problem)


def parse_bar(text: str) -> Bar:
    """Parse `80`, or `operations=100` for one section. Raises InputError."""
    section, equals, number = text.rpartition("=")
    if equals and section not in SECTIONS:
        nearest = nearest_name(section, SECTIONS)
        expected = ""
        if not nearest:
            expected = f"one of {', '.join(SECTIONS)}"
        problem = Problem(
            "bad-bar",
            f'unknown section "{section}"',
            expected=expected,
            nearest=nearest,
        )
        raise InputError(problem)
    percent = _parse_percent(number)
    if percent is None:
        problem = Problem(
            "bad-bar",
            f'"{text}" is not a percentage',
            expected="a number from 0 to 100, such as 80 or operations=100",
        )
        raise InputError(problem)
    return Bar(percent, section)


def _parse_percent(text: str) -> float | None:
    """Return a number from 0 to 100, or None. `nan` is not a number here."""
    try:
        percent = float(text)
    except ValueError:
        return None
    if not 0 <= percent <= 100:
        return None
    return percent
