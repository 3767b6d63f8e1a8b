"""From documents to a contract and its doubts, stage by stage: blocks → facts → names → contract → doubts."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from understudy.derive.facts.derivation_model import Derivation, Document, Doubt
from understudy.derive.facts.facts import Facts
from understudy.derive.openapi.example_conformance import ConformanceChecker
from understudy.derive.openapi.naming import assign_names
from understudy.derive.openapi.openapi_document import build_contract
from understudy.derive.openapi.path_templates import unify_paths
from understudy.derive.openapi.structure_lookup import StructureLookup
from understudy.derive.reader.document_reader import read_document
from understudy.derive.rules.document_rules import DOCUMENT_RULES
from understudy.derive.rules.example_rules import EXAMPLE_RULES
from understudy.derive.rules.field_rules import FIELD_RULES
from understudy.derive.rules.guess_rules import GUESS_RULES
from understudy.derive.rules.rule_context import Rule, RuleContext

RULES: tuple[Rule, ...] = (*FIELD_RULES, *DOCUMENT_RULES, *EXAMPLE_RULES, *GUESS_RULES)
"""Every rule that looks for doubts."""


def derive(documents: Sequence[Document]) -> Derivation:
    """Derive a contract (OpenAPI 3.1, plain data) and the ledger's doubts.

    Any text can be derived from: what cannot be read is a doubt with its line, never an exception. Documents are told
    apart by their names.
    """
    with _uncollected():
        return _derive(documents)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the collector of cycles: these values have none, and looking for them takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _derive(documents: Sequence[Document]) -> Derivation:
    facts = unify_paths(Facts(tuple(read_document(document) for document in documents)))
    names, resolver = assign_names(facts), StructureLookup(facts)
    fitter = ConformanceChecker(resolver)
    contract = build_contract(facts, names, resolver, fitter)
    case = RuleContext(facts, names, resolver, fitter)
    doubts = [anomaly for document in facts.documents for anomaly in document.anomalies]
    doubts += [doubt for rule in RULES for doubt in rule(case)]
    return Derivation(
        contract, tuple(_ordered(doubts, contract, [document.name for document in documents]))
    )


def _ordered(doubts: list[Doubt], contract: dict[str, Any], files: list[str]) -> list[Doubt]:
    pointers = dict.fromkeys((f"{doubt.file}:{doubt.line}" for doubt in doubts), "")
    _point(contract, [], pointers)
    order = {file: at for at, file in enumerate(files)}
    ordered = sorted(
        dict.fromkeys(doubts),
        key=lambda doubt: (order.get(doubt.file, 0), doubt.line, doubt.rule, doubt.finding),
    )
    return [replace(doubt, pointer=pointers[f"{doubt.file}:{doubt.line}"]) for doubt in ordered]


def _point(node: Any, path: list[str], pointers: dict[str, str]) -> None:
    """Fill in the pointer of the first node, in the contract's order, of each source that is asked for."""
    if isinstance(node, dict):
        source = node.get("x-source")
        if isinstance(source, str) and pointers.get(source) == "":
            pointers[source] = "".join(
                f"/{key.replace('~', '~0').replace('/', '~1')}" for key in path
            )
        for key, value in node.items():
            if isinstance(value, (dict, list)):
                path.append(key)
                _point(value, path, pointers)
                path.pop()
    elif isinstance(node, list):
        for index, value in enumerate(node):
            if isinstance(value, (dict, list)):
                path.append(str(index))
                _point(value, path, pointers)
                path.pop()
