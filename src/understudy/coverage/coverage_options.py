"""The words with which reports and bars are asked for, on the command line and by the pytest plugin alike."""

from dataclasses import dataclass
from enum import Enum

from understudy.coverage.inventory import SECTIONS
from understudy.coverage.report import Report, Section
from understudy.errors import InputError, Problem, nearest_name


class Form(Enum):
    """How a report is written. The values are the words."""

    TERM = "term"
    TERM_MISSING = "term-missing"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


_TO_FILES = (Form.JSON, Form.MARKDOWN, Form.HTML)
_EXPECTED = "term, term-missing, json, json:FILE, markdown, markdown:FILE or html:FILE"


@dataclass(frozen=True, slots=True)
class RequestedReport:
    """A report that somebody wants; an empty `file` is standard output."""

    form: Form
    file: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """How many per cent have to be covered; an empty `section` means the total."""

    percent: float
    section: str = ""

    def missed_by(self, report: Report) -> str:
        """Say how a report stays below the bar; empty when it does not. A section that it has not is no hurdle."""
        found: Report | Section | None = report.section(self.section) if self.section else report
        if found is None or found.covered * 100 >= self.percent * found.total:
            return ""
        what = f"the coverage of {self.section}" if self.section else "the total coverage"
        return f"{what} is {found.ratio * 100:.2f}% ({found.covered} of {found.total}), below {self.percent:g}%"


def parse_report(text: str) -> RequestedReport:
    """Read `term-missing`, `json:FILE` and the like. Raises InputError."""
    word, colon, file = text.partition(":")
    form = next((form for form in Form if form.value == word), None)
    if form is None:
        near = nearest_name(word, [form.value for form in Form])
        what = f'there is no report "{word}"'
        raise InputError(Problem("bad-report-form", what, expected=_EXPECTED, nearest=near))
    if colon and (form not in _TO_FILES or not file):
        what = (
            f'"{text}" names no file' if form in _TO_FILES else f"{word} is not written to a file"
        )
        raise InputError(Problem("bad-report-form", what, expected=_EXPECTED))
    if form is Form.HTML and not file:
        raise InputError(
            Problem(
                "bad-report-form",
                "html needs a file",
                expected="html:FILE, such as html:coverage.html",
            )
        )
    return RequestedReport(form, file)


def parse_bar(text: str) -> Bar:
    """Read `80`, or `operations=100` for one section. Raises InputError."""
    section, equals, number = text.rpartition("=")
    if equals and section not in SECTIONS:
        near = nearest_name(section, SECTIONS)
        expected = "" if near else f"one of {', '.join(SECTIONS)}"
        what = f'there is no section "{section}"'
        raise InputError(Problem("bad-bar", what, expected=expected, nearest=near))
    try:
        percent = float(number)
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        expected = "per cent from 0 to 100, such as 80 or operations=100"
        raise InputError(Problem("bad-bar", f'"{text}" is no bar', expected=expected))
    return Bar(percent, section)
