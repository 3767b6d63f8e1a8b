"""The ledger: each doubt with what settles or decides it. As Markdown: in the order of the documents, then what the
overlays add.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from understudy.derive.facts.derivation_model import Doubt, Settlement, Severity
from understudy.derive.ledger.decisions import Decision

_HEAD = """\
# Ledger of doubts

Made by `understudy derive`; do not edit it. Each entry is a place where the documents are wrong, contradict themselves
or say nothing, found by the rule it names. *Decision* tells what the contract does about it, and which action of an
overlay settles it.

- **error**: something is left out of the contract
- **warning**: something in the documents is probably wrong
- **note**: something was assumed
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One doubt, the actions of overlays that settle it, and the decision of the people."""

    doubt: Doubt
    settlements: tuple[Settlement, ...] = ()
    decision: Decision | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing settles the doubt and nobody decided about it."""
        return not self.settlements and self.decision is None


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def ledger_entries(
    doubts: Sequence[Doubt], settled: Sequence[Settlement], decided: Mapping[Doubt, Decision]
) -> tuple[Entry, ...]:
    """Give an entry for each doubt, in the order of the doubts."""
    by_rule: dict[str, list[Settlement]] = {}
    for settlement in sorted(settled, key=_order):
        for rule in dict.fromkeys(settlement.rules):
            by_rule.setdefault(rule, []).append(settlement)
    return tuple(
        Entry(doubt, tuple(by_rule.get(doubt.rule, ())), decided.get(doubt)) for doubt in doubts
    )


def open_entries(entries: Iterable[Entry], severity: Severity) -> tuple[Entry, ...]:
    """Give the entries that are open and of a severity, or worse."""
    return tuple(e for e in entries if e.is_open and _RANKS[e.doubt.severity] <= _RANKS[severity])


def render_ledger(
    doubts: Sequence[Doubt],
    settled: Sequence[Settlement],
    decided: Mapping[Doubt, Decision] | None = None,
) -> str:
    """Write the ledger. The same doubts, settlements and decisions give the same text, whatever their order."""
    ordered = sorted(
        doubts,
        key=lambda doubt: (doubt.file, doubt.line, doubt.rule, doubt.finding, doubt.decision),
    )
    entries = ledger_entries(ordered, settled, decided or {})
    parts = [_HEAD, f"{_count(entries)}\n"]
    if doubts:
        parts.append(_doubts(entries))
    if settled:
        parts += [
            "## What the overlays add\n",
            _settlements(settled, {doubt.rule for doubt in doubts}),
        ]
    return "\n".join(parts)


def _count(entries: Sequence[Entry]) -> str:
    counts = Counter(entry.doubt.severity for entry in entries)
    told = [f"{counts[s]} {s.value}{'s' if counts[s] != 1 else ''}" for s in Severity if counts[s]]
    if not told:
        return "There are no doubts."
    decided = sum(entry.decision is not None for entry in entries)
    more = f" {decided} of them {'is' if decided == 1 else 'are'} decided." if decided else ""
    number = "1 entry" if len(entries) == 1 else f"{len(entries)} entries"
    return f"{number}: {', '.join(told)}.{more}"


def _doubts(entries: Iterable[Entry]) -> str:
    rows = []
    for entry in entries:
        doubt = entry.doubt
        cited = ", ".join(dict.fromkeys(settlement.place for settlement in entry.settlements))
        decision = f"{doubt.decision} Settled by {cited}." if cited else doubt.decision
        if entry.decision:
            decision = f"{decision} {describe_decision(entry.decision)}"
        rows.append(
            (
                doubt.rule,
                doubt.severity.value,
                f"{doubt.file}:{doubt.line}",
                doubt.finding,
                decision,
            )
        )
    return _table(("rule", "severity", "where", "what", "decision"), rows)


def describe_decision(decided: Decision) -> str:
    """Say what people decided, where that stands, and why."""
    return f"Decided ({decided}): {to_sentence(decided.decision)} Reason: {to_sentence(decided.reason)}"


def to_sentence(text: str) -> str:
    """Give a text on one line, with a full stop when it ends in none."""
    line = re.sub(r"\s+", " ", text).strip()
    return line if line.endswith((".", "!", "?", "。", "！", "？")) else f"{line}."


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
    lines = [
        header,
        tuple("---" for _ in header),
        *(tuple(_cell(cell) for cell in row) for row in rows),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(text: str) -> str:
    """Make a text safe in a cell: on one line, its own `|` and marks escaped, and nothing that UTF-8 cannot hold."""
    held = text.encode("utf-8", "replace").decode()
    return re.sub(r"([\\|`*_<>\[\]&~])", r"\\\1", re.sub(r"\s+", " ", held)).strip()
