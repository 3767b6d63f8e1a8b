"""Contract coverage: counted from exchanges, reported as a value, rendered as text."""

from understudy.coverage.collector import Coverage
from understudy.coverage.coverage_options import (
    Bar,
    Form,
    RequestedReport,
    parse_bar,
    parse_report,
)
from understudy.coverage.html_page import html
from understudy.coverage.inventory import SECTIONS
from understudy.coverage.report import Item, Report, Section
from understudy.coverage.report_render import json, render_report
from understudy.coverage.saved_journals import SavedJournal, measure_coverage, read_journal
from understudy.coverage.text_tables import markdown, term

__all__ = [
    "SECTIONS",
    "Bar",
    "Coverage",
    "Form",
    "Item",
    "Report",
    "RequestedReport",
    "SavedJournal",
    "Section",
    "html",
    "json",
    "markdown",
    "measure_coverage",
    "parse_bar",
    "parse_report",
    "read_journal",
    "render_report",
    "term",
]
