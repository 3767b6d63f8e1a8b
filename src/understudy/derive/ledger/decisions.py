"""What people decided about doubts: a list in a small YAML file beside the document. It is read, and never written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from understudy.derive.facts.derivation_model import Document, Doubt, Severity
from understudy.derive.facts.doubt_catalogue import SEVERITIES
from understudy.derive.openapi.source_lines import (
    Node,
    get_child,
    parse_pointer,
    read_source,
    split_lines,
    split_pointer,
)
from understudy.errors import InputError, Place, Problem, nearest_name
from understudy.source import Source

DECISION_WITHOUT_DOUBT = "decision-without-doubt"
"""The rule of the finding that a decision is about nothing any more."""

_KEYS = ("rule", "document", "text", "line", "pointer", "decision", "reason")
_PLACES = ("text", "line", "pointer")


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about the doubts of one rule at one place."""

    rule: str
    decision: str
    reason: str
    place: Place
    """Where it stands."""
    document: str = ""
    """The name of the document that it is about; empty for any."""
    text: str = ""
    """A piece of the line's text; white space does not count."""
    line: int = 0
    """The line, when nothing else tells the place; else the nearest one to it is meant. 0 when it is not told."""
    pointer: str = ""
    """The node of the contract that came from the line."""

    def __str__(self) -> str:
        return f"{Path(self.place.file).name}:{self.place.line}"


@dataclass(frozen=True, slots=True)
class AppliedDecisions:
    """The doubts that are decided, and a finding for each decision that is about none."""

    by_doubt: dict[Doubt, Decision] = field(default_factory=dict)
    unmatched: tuple[Doubt, ...] = ()


def read_decisions(
    source: Source, documents: Sequence[str], *, owner: str = ""
) -> tuple[Decision, ...]:
    """Read a file of decisions. Raises InputError with everything that is wrong with it.

    `documents` are the names of the documents; `owner` is the one that the file lies beside.
    """
    if source.data is None:
        return ()
    if not isinstance(source.data, list):
        expected = "a list of mappings with rule, text, decision and reason"
        raise InputError(
            Problem(
                "no-decisions", "this is no list of decisions", source.place(""), expected=expected
            )
        )
    reader = _Reader(source, tuple(documents), owner)
    made = [reader.decision(entry, f"/{index}") for index, entry in enumerate(source.data)]
    if reader.problems:
        raise InputError(reader.problems)
    return tuple(decision for decision in made if decision is not None)


@dataclass(slots=True)
class _Reader:
    """Reads the entries of one file, and gathers what is wrong with them."""

    source: Source
    documents: tuple[str, ...]
    owner: str
    problems: list[Problem] = field(default_factory=list)

    def note(
        self,
        slug: str,
        what: str,
        at: str,
        *,
        key: bool = False,
        expected: str = "",
        near: str = "",
        hint: str = "",
    ) -> None:
        place = self.source.place(at, key=key)
        self.problems.append(Problem(slug, what, place, expected=expected, nearest=near, hint=hint))

    def decision(self, entry: Any, at: str) -> Decision | None:
        if not isinstance(entry, dict):
            self.note(
                "bad-decision",
                "this is no decision",
                at,
                expected="a mapping with rule, decision and reason",
            )
            return None
        for key in entry:
            if key not in _KEYS:
                near = nearest_name(key[:100], _KEYS)
                expected = "" if near else f"one of {', '.join(_KEYS)}"
                what = f'there is no key "{key}" in a decision'
                self.note(
                    "unknown-key",
                    what,
                    f"{at}/{_escaped(key)}",
                    key=True,
                    expected=expected,
                    near=near,
                )
        self._presence(entry, at)
        texts = {key: self._text(entry, key, at) for key in _KEYS if key != "line"}
        line, pointer = self._line(entry, at), parse_pointer(texts["pointer"])
        self._names(texts, at)
        if pointer is None:
            what, expected = (
                f'"{texts["pointer"]}" is no JSON pointer',
                "one such as /components/schemas/Task",
            )
            self.note("bad-pointer", what, f"{at}/pointer", expected=expected)
        document = texts["document"] or self.owner
        if line and not (texts["text"] or texts["pointer"] or document) and len(self.documents) > 1:
            what = "this decision names a line, and not of which document"
            self.note("no-document", what, f"{at}/line", hint='Add "document: NAME".')
        return Decision(
            texts["rule"], texts["decision"], texts["reason"], self.source.place(at),
            document, texts["text"], line, pointer or "",
        )  # fmt: skip

    def _presence(self, entry: dict[str, Any], at: str) -> None:
        for key in ("rule", "decision", "reason"):
            if key not in entry:
                self.note("missing-key", f'this decision has no "{key}"', at)
        if not any(key in entry for key in _PLACES):
            what = "this decision does not tell which line it is about"
            self.note(
                "no-place", what, at, expected='"text" (a piece of the line), "line" or "pointer"'
            )

    def _names(self, texts: dict[str, str], at: str) -> None:
        rule, document = texts["rule"], texts["document"]
        if rule and rule not in SEVERITIES:
            near = nearest_name(rule[:100], SEVERITIES)
            self.note("unknown-rule", f'there is no rule "{rule}"', f"{at}/rule", near=near)
        if document and document not in self.documents:
            near = nearest_name(document[:100], self.documents)
            expected = "" if near else f"one of {', '.join(self.documents)}"
            what = f'no document is called "{document}"'
            self.note("unknown-document", what, f"{at}/document", expected=expected, near=near)
        elif document and self.owner and document != self.owner:
            what = f'this file lies beside "{self.owner}", and decides about "{document}"'
            self.note(
                "other-document", what, f"{at}/document", hint="Name the file with --decisions."
            )

    def _text(self, entry: dict[str, Any], key: str, at: str) -> str:
        value = entry.get(key, "")
        if isinstance(value, str) and (key not in entry or value.strip()):
            return value.strip()
        hint = "Put it in quotes." if isinstance(value, (int, float)) else ""
        self.note(
            "bad-value",
            f'"{key}" does not fit',
            f"{at}/{key}",
            expected="a text that is not empty",
            hint=hint,
        )
        return ""

    def _line(self, entry: dict[str, Any], at: str) -> int:
        value = entry.get("line", 0)
        if "line" not in entry or (
            isinstance(value, int) and not isinstance(value, bool) and value > 0
        ):
            return int(value)
        self.note("bad-value", '"line" does not fit', f"{at}/line", expected="a number from 1 up")
        return 0


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def apply_decisions(
    doubts: Sequence[Doubt],
    decisions: Sequence[Decision],
    documents: Sequence[Document],
    contract: dict[str, Any],
) -> AppliedDecisions:
    """Give each doubt the decision that is about it. `contract` is the derived one, before overlays.

    The first decision that fits is the doubt's. One that fits none, or only doubts that are decided already, is itself
    a finding.
    """
    lines = {document.name: split_lines(document) for document in documents}
    by_doubt: dict[Doubt, Decision] = {}
    gone = []
    for decision in decisions:
        candidates = [doubt for doubt in doubts if doubt.rule == decision.rule]
        meant = _meant(decision, candidates, lines, contract)
        fresh = [doubt for doubt in meant if doubt not in by_doubt]
        by_doubt.update(dict.fromkeys(fresh, decision))
        if not fresh:
            gone.append(_without_doubt(decision, candidates, by_doubt[meant[0]] if meant else None))
    return AppliedDecisions(by_doubt, tuple(gone))


def _meant(
    decision: Decision,
    candidates: Sequence[Doubt],
    lines: dict[str, list[str]],
    contract: dict[str, Any],
) -> list[Doubt]:
    """Give the doubts that a decision is about: by text and pointer; the line narrows them, or alone decides."""
    found = [doubt for doubt in candidates if decision.document in ("", doubt.file)]
    if decision.text:
        piece = _squeezed(decision.text)
        found = [doubt for doubt in found if piece in _squeezed(_line(lines, doubt))]
    if decision.pointer:
        source = _source_at(contract, decision.pointer)
        found = [
            doubt
            for doubt in found
            if decision.pointer == doubt.pointer or source == (doubt.file, doubt.line)
        ]
    if not decision.line or not found:
        return found
    exact = not (decision.text or decision.pointer)
    nearest = (
        decision.line
        if exact
        else min((doubt.line for doubt in found), key=lambda n: abs(n - decision.line))
    )
    return [doubt for doubt in found if doubt.line == nearest]


def _line(lines: dict[str, list[str]], doubt: Doubt) -> str:
    told = lines.get(doubt.file, [])
    return told[doubt.line - 1] if 0 < doubt.line <= len(told) else ""


def _squeezed(text: str) -> str:
    """Take out the white space: a table that is aligned anew has the same texts."""
    return "".join(text.split())


def _source_at(contract: dict[str, Any], pointer: str) -> tuple[str, int] | None:
    node: Node | None = Node("", contract)
    for token in split_pointer(pointer):
        node = get_child(node, token) if node else None
    return read_source(node) if node else None


def _without_doubt(
    decision: Decision, candidates: Sequence[Doubt], earlier: Decision | None
) -> Doubt:
    about = [f'the text "{decision.text}"'] if decision.text else []
    about += [f"line {decision.line}"] if decision.line else []
    about += [f"the node {decision.pointer}"] if decision.pointer else []
    what = f'"{decision.rule}" at {", ".join(about)}'
    if earlier:
        what = f"What this decides ({what}) is decided already, by {earlier}."
    else:
        places = list(dict.fromkeys(f"{doubt.file}:{doubt.line}" for doubt in candidates))
        more = f" and {len(places) - 5} more" if len(places) > 5 else ""
        known = (
            f"The rule has doubts at {', '.join(places[:5])}{more}."
            if places
            else "The rule has no doubt now."
        )
        what = f"The doubt that this decides is gone: {what}. {known}"
    file, line = Path(decision.place.file).name, decision.place.line
    advice = "It is not applied. Take it out, or correct its place."
    return Doubt(DECISION_WITHOUT_DOUBT, Severity.WARNING, file, line, what, advice)
