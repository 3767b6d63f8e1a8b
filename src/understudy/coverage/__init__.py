"""What of a contract a client was exercised with: counted from exchanges, reported as a value, rendered as text."""

from understudy.coverage.journals import Saved, coverage_of, read_journal
from understudy.coverage.observe import Coverage
from understudy.coverage.page import html
from understudy.coverage.render import json, rendered
from understudy.coverage.report import Item, Report, Section
from understudy.coverage.term import markdown, term
from understudy.coverage.universe import SECTIONS
from understudy.coverage.words import Bar, Form, Wanted, parse_bar, parse_report

__all__ = [
    "SECTIONS",
    "Bar",
    "Coverage",
    "Form",
    "Item",
    "Report",
    "Saved",
    "Section",
    "Wanted",
    "coverage_of",
    "html",
    "json",
    "markdown",
    "parse_bar",
    "parse_report",
    "read_journal",
    "rendered",
    "term",
]
