"""A report in the form that is wanted."""

import json as json_text

from understudy.coverage.coverage_options import Form
from understudy.coverage.html_page import html
from understudy.coverage.report import Report
from understudy.coverage.text_tables import markdown, term


def json(report: Report) -> str:
    """Give a report's record as JSON, indented, in ASCII."""
    return json_text.dumps(report.to_record(), indent=1) + "\n"


def render_report(report: Report, form: Form) -> str:
    """Give a report as text in a form. It ends with a line's end."""
    match form:
        case Form.TERM:
            return term(report)
        case Form.TERM_MISSING:
            return term(report, missing=True)
        case Form.JSON:
            return json(report)
        case Form.MARKDOWN:
            return markdown(report)
        case Form.HTML:
            return html(report)
