"""Documents in Markdown → a contract with the line of every node, and the ledger of doubts."""

from understudy.derive.derivation import RULES, derive
from understudy.derive.ledger import render_ledger
from understudy.derive.values import Derivation, Document, Doubt, Settlement, Severity

__all__ = ["RULES", "Derivation", "Document", "Doubt", "Settlement", "Severity", "derive", "render_ledger"]
