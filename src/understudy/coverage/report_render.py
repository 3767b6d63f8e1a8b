"""A report as text in one of its formats.

The tables and the page have modules of their own: `text_tables` and `html_page`.
"""

import json as json_library

from understudy.coverage.coverage_options import Form
from understudy.coverage.html_page import html
from understudy.coverage.report import Report
from understudy.coverage.text_tables import markdown, term


def json(report: Report) -> str:
    """Return a report's record as indented JSON in ASCII."""
    return json_library.dumps(report.to_record(), indent=1) + "\n"


def render_report(report: Report, form: Form) -> str:
    """Return a report as text that ends with a line end."""
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
