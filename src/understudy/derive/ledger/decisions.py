"""Decisions of the maintainers about doubts, and the doubts that each one applies to.

A decision does not change the contract. It closes the doubts that a maintainer has reviewed, so
that new doubts stand out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from understudy.derive.facts.derivation_model import Document, Doubt, Severity
from understudy.derive.openapi.source_lines import (
    Node,
    get_child,
    read_source,
    split_lines,
    split_pointer,
)
from understudy.errors import Place
from understudy.messages import Json

DECISION_WITHOUT_DOUBT = "decision-without-doubt"
"""The rule that reports a decision which applies to no doubt."""

_MAX_PLACES = 5
"""How many places a doubt about a decision lists."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision about the doubts of one rule at one place."""

    rule: str
    decision: str
    reason: str
    place: Place
    """Where the decision is written."""
    document: str = ""
    """The name of the document that it concerns; empty for any."""
    text: str = ""
    """A part of the doubted line; white space does not count."""
    line: int = 0
    """The number of the doubted line, from 1; 0 for none.

    Alone it must be exact. With `text` or `pointer`, the nearest matching doubt is selected.
    """
    pointer: str = ""
    """JSON pointer of the contract's node that came from the doubted line."""

    def __str__(self) -> str:
        return f"{Path(self.place.file).name}:{self.place.line}"


@dataclass(frozen=True, slots=True)
class AppliedDecisions:
    """The decided doubts, and a finding for each decision that applies to none."""

    by_doubt: dict[Doubt, Decision] = field(default_factory=dict)
    unmatched: tuple[Doubt, ...] = ()
    """Doubts of the rule `decision-without-doubt`, at the lines of the decisions."""


def apply_decisions(
    doubts: Sequence[Doubt],
    decisions: Sequence[Decision],
    documents: Sequence[Document],
    contract: dict[str, Json],
) -> AppliedDecisions:
    """Return which decision applies to each doubt.

    `contract` is the derived contract, before overlays. The first matching decision of a doubt is
    used. A decision that matches no doubt, or only doubts with an earlier decision, is reported.
    """
    lines = {document.name: split_lines(document) for document in documents}
    matcher = _Matcher(contract, lines)
    by_doubt: dict[Doubt, Decision] = {}
    unmatched = []
    for decision in decisions:
        candidates = [doubt for doubt in doubts if doubt.rule == decision.rule]
        matches = matcher.select(decision, candidates)
        undecided = [doubt for doubt in matches if doubt not in by_doubt]
        if undecided:
            by_doubt.update(dict.fromkeys(undecided, decision))
        elif matches:
            unmatched.append(_report_duplicate(decision, by_doubt[matches[0]]))
        else:
            unmatched.append(_report_unmatched(decision, candidates))
    return AppliedDecisions(by_doubt, tuple(unmatched))


@dataclass(frozen=True, slots=True)
class _Matcher:
    """Selects the doubts that a decision is about."""

    contract: dict[str, Json]
    lines: Mapping[str, list[str]]
    """The lines of each document, by its name."""

    def select(self, decision: Decision, candidates: Sequence[Doubt]) -> list[Doubt]:
        """Return the candidates that match document, text and pointer, narrowed by the line."""
        source = self._find_source(decision.pointer)
        matches = []
        for doubt in candidates:
            is_document = decision.document in ("", doubt.file)
            if not is_document or not self._has_text(doubt, decision.text):
                continue
            if _has_pointer(doubt, decision.pointer, source):
                matches.append(doubt)
        if not decision.line or not matches:
            return matches
        line = decision.line
        if decision.text or decision.pointer:
            # So that a decision survives lines that are added or removed above its own.
            lines = [doubt.line for doubt in matches]
            line = min(lines, key=lambda number: abs(number - decision.line))
        return [doubt for doubt in matches if doubt.line == line]

    def _has_text(self, doubt: Doubt, text: str) -> bool:
        """Return whether the doubted line contains a text; any line contains the empty one."""
        if not text:
            return True
        lines = self.lines.get(doubt.file, [])
        if not 0 < doubt.line <= len(lines):
            return False
        line = lines[doubt.line - 1]
        return _remove_space(text) in _remove_space(line)

    def _find_source(self, pointer: str) -> tuple[str, int] | None:
        """Return file and line of the node at a pointer, or None when it has none."""
        if not pointer:
            return None
        node: Node | None = Node("", self.contract)
        for token in split_pointer(pointer):
            if node is None:
                return None
            node = get_child(node, token)
        if node is None:
            return None
        return read_source(node)


def _has_pointer(doubt: Doubt, pointer: str, source: tuple[str, int] | None) -> bool:
    """Return whether a doubt is about the node at a pointer, or about the line it came from."""
    if not pointer or doubt.pointer == pointer:
        return True
    return (doubt.file, doubt.line) == source


def _remove_space(text: str) -> str:
    """Return a text without white space, so that a realigned table row still matches."""
    return "".join(text.split())


def _report_duplicate(decision: Decision, earlier: Decision) -> Doubt:
    """Return the finding that an earlier decision applies to the same doubts."""
    place = _describe_place(decision)
    return _make_unmatched(decision, f"{earlier} already decides {place}.")


def _report_unmatched(decision: Decision, candidates: Sequence[Doubt]) -> Doubt:
    """Return the finding that no doubt is at the place of a decision, with the rule's doubts."""
    places = list(dict.fromkeys(f"{doubt.file}:{doubt.line}" for doubt in candidates))
    known = "The rule has no doubt"
    if places:
        listed = ", ".join(places[:_MAX_PLACES])
        known = f"The rule has doubts at {listed}"
    more = len(places) - _MAX_PLACES
    if more > 0:
        known += f" and {more} more"
    place = _describe_place(decision)
    finding = f"No doubt matches this decision: {place}. {known}."
    return _make_unmatched(decision, finding)


def _describe_place(decision: Decision) -> str:
    """Return the rule of a decision, and how it selects its doubts."""
    parts = []
    if decision.text:
        parts.append(f'the text "{decision.text}"')
    if decision.line:
        parts.append(f"line {decision.line}")
    if decision.pointer:
        parts.append(f"the node {decision.pointer}")
    place = ", ".join(parts)
    return f'"{decision.rule}" at {place}'


def _make_unmatched(decision: Decision, finding: str) -> Doubt:
    return Doubt(
        DECISION_WITHOUT_DOUBT,
        Severity.WARNING,
        # The name only, as for documents: the ledger is the same on every machine.
        Path(decision.place.file).name,
        decision.place.line,
        finding,
        "The decision is not applied. Remove it, or correct its place.",
    )
