"""The ledger as Markdown: the doubts in the order of the documents, then what the overlays add."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from understudy.derive.values import Doubt, Settlement, Severity

_HEAD = """\
# Ledger of doubts

Made by `understudy derive`; do not edit it. Each entry is a place where the documents are wrong, contradict themselves
or say nothing, found by the rule it names. *Decision* tells what the contract does about it, and which action of an
overlay settles it.

- **error**: something is left out of the contract
- **warning**: something in the documents is probably wrong
- **note**: something was assumed
"""


def render_ledger(doubts: Sequence[Doubt], settled: Sequence[Settlement]) -> str:
    """Write the ledger. The same doubts and settlements give the same text, whatever their order."""
    ordered = sorted(doubts, key=lambda doubt: (doubt.file, doubt.line, doubt.rule, doubt.what, doubt.decision))
    parts = [_HEAD, f"{_count(ordered)}\n"]
    if doubts:
        parts.append(_doubts(ordered, settled))
    if settled:
        parts += ["## What the overlays add\n", _settlements(settled, {doubt.rule for doubt in doubts})]
    return "\n".join(parts)


def _count(doubts: Sequence[Doubt]) -> str:
    counts = Counter(doubt.severity for doubt in doubts)
    told = [f"{counts[s]} {s.value}{'s' if counts[s] != 1 else ''}" for s in Severity if counts[s]]
    entries = "1 entry" if len(doubts) == 1 else f"{len(doubts)} entries"
    return f"{entries}: {', '.join(told)}." if told else "There are no doubts."


def _doubts(doubts: Iterable[Doubt], settled: Sequence[Settlement]) -> str:
    places: dict[str, list[str]] = {}
    for settlement in sorted(settled, key=_order):
        for rule in settlement.rules:
            places.setdefault(rule, []).append(settlement.place)
    rows = []
    for doubt in doubts:
        cited = ", ".join(dict.fromkeys(places.get(doubt.rule, ())))
        decision = f"{doubt.decision} Settled by {cited}." if cited else doubt.decision
        rows.append((doubt.rule, doubt.severity.value, f"{doubt.file}:{doubt.line}", doubt.what, decision))
    return _table(("rule", "severity", "where", "what", "decision"), rows)


def _settlements(settled: Sequence[Settlement], rules: set[str]) -> str:
    rows = []
    for settlement in sorted(settled, key=_order):
        known = [rule if rule in rules else f"{rule} (no such doubt)" for rule in settlement.rules]
        rows.append((settlement.place, settlement.target, settlement.reason, ", ".join(known)))
    return _table(("where", "target", "reason", "settles"), rows)


def _order(settlement: Settlement) -> tuple[str, int, str, str, tuple[str, ...]]:
    file, _, line = settlement.place.rpartition(":")
    place = (file, int(line)) if line.isdecimal() else (settlement.place, 0)
    return *place, settlement.target, settlement.reason, settlement.rules


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *(tuple(_cell(cell) for cell in row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(text: str) -> str:
    """Make a text safe in a cell: on one line, its own `|` and marks escaped."""
    return re.sub(r"([\\|`*_<>\[\]&~])", r"\\\1", re.sub(r"\s+", " ", text)).strip()
