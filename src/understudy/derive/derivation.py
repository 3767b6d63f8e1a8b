"""The derivation, from documents to a contract and its doubts.

The stages: documents → facts → names → contract → doubts.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from understudy.derive.facts.derivation_model import Derivation, Document, Doubt
from understudy.derive.facts.facts import Facts
from understudy.derive.openapi.example_conformance import ConformanceChecker
from understudy.derive.openapi.naming import assign_names
from understudy.derive.openapi.openapi_document import build_contract
from understudy.derive.openapi.path_templates import unify_paths
from understudy.derive.openapi.source_lines import extend_pointer
from understudy.derive.openapi.structure_lookup import StructureLookup
from understudy.derive.reader.document_reader import read_document
from understudy.derive.rules.document_rules import DOCUMENT_RULES
from understudy.derive.rules.example_rules import EXAMPLE_RULES
from understudy.derive.rules.field_rules import FIELD_RULES
from understudy.derive.rules.filter_rules import FILTER_RULES
from understudy.derive.rules.guess_rules import GUESS_RULES
from understudy.derive.rules.operation_rules import OPERATION_RULES
from understudy.derive.rules.rule_context import Rule, RuleContext
from understudy.messages import Json

RULES: tuple[Rule, ...] = (
    *FIELD_RULES,
    *DOCUMENT_RULES,
    *OPERATION_RULES,
    *FILTER_RULES,
    *EXAMPLE_RULES,
    *GUESS_RULES,
)
"""Every rule that looks for doubts."""


def derive(documents: Sequence[Document]) -> Derivation:
    """Derive a contract (OpenAPI 3.1, plain data) and the doubts of the ledger.

    Any text can be derived from: what cannot be read is a doubt with its line and never an
    exception. Documents must have different names, since `x-source` refers to them by name.
    """
    with _paused_garbage_collector():
        return _derive(documents)


@contextmanager
def _paused_garbage_collector() -> Iterator[None]:
    """Pause the search for reference cycles.

    The derivation creates many values and no cycles; the search takes a fifth of its time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _derive(documents: Sequence[Document]) -> Derivation:
    facts = unify_paths(Facts(tuple(read_document(document) for document in documents)))
    names = assign_names(facts)
    lookup = StructureLookup(facts)
    conformance = ConformanceChecker(lookup)
    contract = build_contract(facts, names, lookup, conformance)
    context = RuleContext(facts, names, lookup, conformance)
    doubts: list[Doubt] = []
    for document in facts.documents:
        doubts += document.anomalies
    for rule in RULES:
        doubts += rule(context)
    files = [document.name for document in documents]
    return Derivation(contract, tuple(_order_doubts(doubts, contract, files)))


def _order_doubts(doubts: list[Doubt], contract: dict[str, Json], files: list[str]) -> list[Doubt]:
    """Return the doubts, each once, by document, line and rule, with their pointers."""
    positions = {file: position for position, file in enumerate(files)}
    ordered = sorted(
        dict.fromkeys(doubts),
        key=lambda doubt: (
            positions.get(doubt.file, 0),
            doubt.line,
            doubt.rule,
            doubt.finding,
        ),
    )
    pointers = _PointerSearch(doubts)
    pointers.visit(contract, "")
    return [replace(doubt, pointer=pointers.find(doubt)) for doubt in ordered]


class _PointerSearch:
    """Finds the first node, in the order of the contract, that came from each doubted line."""

    def __init__(self, doubts: list[Doubt]) -> None:
        self._pointers = dict.fromkeys((_source_of(doubt) for doubt in doubts), "")

    def find(self, doubt: Doubt) -> str:
        """Return the pointer of the doubt's line, or "" when no node came from it."""
        return self._pointers[_source_of(doubt)]

    def visit(self, node: Json, pointer: str) -> None:
        """Visit a node and everything inside it."""
        if isinstance(node, dict):
            source = node.get("x-source")
            if isinstance(source, str) and self._pointers.get(source) == "":
                self._pointers[source] = pointer
            for key, value in node.items():
                self._visit_child(value, pointer, key)
        elif isinstance(node, list):
            for index, value in enumerate(node):
                self._visit_child(value, pointer, index)

    def _visit_child(self, value: Json, pointer: str, token: object) -> None:
        # A scalar has no `x-source`: no pointer is built for it.
        if isinstance(value, (dict, list)):
            self.visit(value, extend_pointer(pointer, token))


def _source_of(doubt: Doubt) -> str:
    return f"{doubt.file}:{doubt.line}"
