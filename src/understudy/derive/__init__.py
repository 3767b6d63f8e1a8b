"""The derivation: Markdown documents → a contract with the line of each node, and the doubts."""

from understudy.derive.derivation import RULES, derive
from understudy.derive.facts.derivation_model import (
    Derivation,
    Document,
    Doubt,
    Settlement,
    Severity,
)
from understudy.derive.ledger.decision_file import read_decisions
from understudy.derive.ledger.decisions import (
    DECISION_WITHOUT_DOUBT,
    AppliedDecisions,
    Decision,
    apply_decisions,
)
from understudy.derive.ledger.ledger import Entry, ledger_entries, open_entries, render_ledger
from understudy.derive.ledger.provenance import Trace, explain
from understudy.derive.ledger.report_formats import (
    as_github,
    as_json,
    as_sarif,
    as_text,
    printable,
)

__all__ = [
    "DECISION_WITHOUT_DOUBT",
    "RULES",
    "AppliedDecisions",
    "Decision",
    "Derivation",
    "Document",
    "Doubt",
    "Entry",
    "Settlement",
    "Severity",
    "Trace",
    "apply_decisions",
    "as_github",
    "as_json",
    "as_sarif",
    "as_text",
    "derive",
    "explain",
    "ledger_entries",
    "open_entries",
    "printable",
    "read_decisions",
    "render_ledger",
]
