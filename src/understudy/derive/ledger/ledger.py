"""The ledger: each doubt with the overlay actions that settle it and the decision about it.

Written as Markdown, it lists the doubts in the order of the documents, then the overlay actions.
The file is committed: a change of a document, of a rule or of an overlay shows in its diff.
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

Written by `understudy derive`; do not edit it. Each entry is a place where the documents are
wrong, contradict themselves or leave something out, with the rule that found it. *Decision* says
what the contract does about it, and which action of an overlay settles it.

- **error**: the contract leaves something out
- **warning**: the documents are probably wrong
- **note**: the contract contains an assumption
"""
_FINAL_MARKS = (".", "!", "?", "。", "！", "？")

# Characters that Markdown would read as marks. Source: CommonMark 0.31, section 2.4; GFM, 4.10.
_MARKDOWN_MARK = re.compile(r"([\\|`*_<>\[\]&~])")


@dataclass(frozen=True, slots=True)
class Entry:
    """A doubt with what settles or decides it."""

    doubt: Doubt
    settlements: tuple[Settlement, ...] = ()
    """The overlay actions that settle the doubt's rule."""
    decision: Decision | None = None

    @property
    def is_open(self) -> bool:
        """Whether no overlay settles the doubt and no decision is about it."""
        return not self.settlements and self.decision is None


_RANKS = {
    Severity.ERROR: 0,
    Severity.WARNING: 1,
    Severity.NOTE: 2,
}
"""The order of the severities, the worst first."""


def ledger_entries(
    doubts: Sequence[Doubt],
    settlements: Sequence[Settlement],
    decisions: Mapping[Doubt, Decision],
) -> tuple[Entry, ...]:
    """Return an entry for each doubt, in the order of the doubts.

    An overlay action settles all doubts of the rules that it names; a decision is about one doubt.
    """
    by_rule: dict[str, list[Settlement]] = {}
    for settlement in sorted(settlements, key=_sort_key):
        # An action that names a rule twice settles it once.
        for rule in dict.fromkeys(settlement.rules):
            by_rule.setdefault(rule, []).append(settlement)
    entries = []
    for doubt in doubts:
        settled_by = by_rule.get(doubt.rule, [])
        entry = Entry(doubt, tuple(settled_by), decisions.get(doubt))
        entries.append(entry)
    return tuple(entries)


def open_entries(entries: Iterable[Entry], severity: Severity) -> tuple[Entry, ...]:
    """Return the open entries of a severity or a worse one."""
    limit = _RANKS[severity]
    selected = []
    for entry in entries:
        if entry.is_open and _RANKS[entry.doubt.severity] <= limit:
            selected.append(entry)
    return tuple(selected)


def render_ledger(
    doubts: Sequence[Doubt],
    settlements: Sequence[Settlement],
    decisions: Mapping[Doubt, Decision] | None = None,
) -> str:
    """Write the ledger as Markdown.

    It contains a summary, a table of the doubts and a table of the overlay actions. The text does
    not depend on the order of the input, so that a diff shows real changes only.
    """
    ordered = sorted(doubts, key=_doubt_sort_key)
    entries = ledger_entries(ordered, settlements, decisions or {})
    summary = _summarise(entries)
    parts = [_HEAD, f"{summary}\n"]
    if entries:
        parts.append(_render_doubts(entries))
    if settlements:
        rules = {doubt.rule for doubt in doubts}
        parts.append("## What the overlays add\n")
        parts.append(_render_settlements(settlements, rules))
    return "\n".join(parts)


def _doubt_sort_key(doubt: Doubt) -> tuple[str, int, str, str, str]:
    """Sort by document and line. The other parts make the order complete."""
    return (
        doubt.file,
        doubt.line,
        doubt.rule,
        doubt.finding,
        doubt.decision,
    )


def _summarise(entries: Sequence[Entry]) -> str:
    """Return `3 entries: 1 error, 2 warnings. 1 of them is decided.`, the worst first."""
    if not entries:
        return "There are no doubts."
    counts = Counter(entry.doubt.severity for entry in entries)
    parts = []
    for severity in Severity:
        count = counts[severity]
        if count:
            parts.append(_format_count(count, severity.value, f"{severity.value}s"))
    number = _format_count(len(entries), "entry", "entries")
    summary = f"{number}: {', '.join(parts)}."
    decided = sum(entry.decision is not None for entry in entries)
    if decided == 1:
        summary += " 1 of them is decided."
    elif decided:
        summary += f" {decided} of them are decided."
    return summary


def _format_count(count: int, singular: str, plural: str) -> str:
    """Return `1 error` or `2 errors`."""
    if count == 1:
        return f"1 {singular}"
    return f"{count} {plural}"


def _render_doubts(entries: Iterable[Entry]) -> str:
    """Write the table of the doubts. The column `where` has the form `FILE:LINE`."""
    rows = []
    for entry in entries:
        doubt = entry.doubt
        row = (
            doubt.rule,
            doubt.severity.value,
            f"{doubt.file}:{doubt.line}",
            doubt.finding,
            _render_decision(entry),
        )
        rows.append(row)
    header = ("rule", "severity", "where", "what", "decision")
    return _render_table(header, rows)


def _render_decision(entry: Entry) -> str:
    """Return what the contract does, what settles the doubt, and what was decided about it."""
    parts = [entry.doubt.decision]
    if entry.settlements:
        parts.append(f"Settled by {list_places(entry)}.")
    if entry.decision:
        parts.append(describe_decision(entry.decision))
    return " ".join(parts)


def list_places(entry: Entry) -> str:
    """Return the places of the overlay actions that settle a doubt: `gaps.yaml:12, …`."""
    places = [settlement.place for settlement in entry.settlements]
    return ", ".join(dict.fromkeys(places))


def describe_decision(decision: Decision) -> str:
    """Return a decision as sentences, with its place and reason."""
    text = to_sentence(decision.decision)
    reason = to_sentence(decision.reason)
    return f"Decided ({decision}): {text} Reason: {reason}"


def to_sentence(text: str) -> str:
    """Return a text on one line, with a full stop unless it ends with a final mark.

    A maintainer may write a decision without one.
    """
    line = re.sub(r"\s+", " ", text).strip()
    if line.endswith(_FINAL_MARKS):
        return line
    return f"{line}."


def _render_settlements(settlements: Sequence[Settlement], rules: set[str]) -> str:
    """Write the table of the overlay actions; `rules` are those that found a doubt."""
    rows = []
    for settlement in sorted(settlements, key=_sort_key):
        settled = []
        for rule in settlement.rules:
            # The doubt is gone, or the rule is misspelt: the action is out of date.
            if rule not in rules:
                rule = f"{rule} (no such doubt)"
            settled.append(rule)
        row = (
            settlement.place,
            settlement.target,
            settlement.reason,
            ", ".join(settled),
        )
        rows.append(row)
    header = ("where", "target", "reason", "settles")
    return _render_table(header, rows)


def _sort_key(settlement: Settlement) -> tuple[str, int, str, str, tuple[str, ...]]:
    """Sort by file, then by the number of the line: `gaps.yaml:9` before `gaps.yaml:12`."""
    file, _, line = settlement.place.rpartition(":")
    number = 0
    if line.isdecimal():
        number = int(line)
    else:
        file = settlement.place
    return (
        file,
        number,
        settlement.target,
        settlement.reason,
        settlement.rules,
    )


def _render_table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table; the cells of the rows are escaped.

    Source: GitHub Flavored Markdown, section 4.10.
    """
    rule = ["---"] * len(header)
    lines = [_render_row(header), _render_row(rule)]
    for row in rows:
        cells = [_escape_cell(cell) for cell in row]
        lines.append(_render_row(cells))
    return "".join(lines)


def _render_row(cells: Sequence[str]) -> str:
    """Return a row with its line end."""
    return f"| {' | '.join(cells)} |\n"


def _escape_cell(text: str) -> str:
    """Return a text as a table cell: on one line, with escaped marks, and encodable as UTF-8."""
    encodable = text.encode("utf-8", "replace").decode()
    line = re.sub(r"\s+", " ", encodable)
    return _MARKDOWN_MARK.sub(r"\\\1", line).strip()
