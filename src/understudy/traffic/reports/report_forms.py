"""The forms of a report, by the name of the option `--format`."""

from collections.abc import Callable, Mapping

from understudy.traffic.findings_report import Report
from understudy.traffic.reports.github_form import as_github
from understudy.traffic.reports.json_form import as_json
from understudy.traffic.reports.junit_form import as_junit
from understudy.traffic.reports.sarif_form import as_sarif
from understudy.traffic.reports.text_form import as_text

FORMS: Mapping[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json,
    "junit": as_junit,
    "sarif": as_sarif,
    "github": as_github,
}


def render_report(report: Report, form: str) -> str:
    """Return a report as text with a final line end; `form` is one of FORMS."""
    return FORMS[form](report)
