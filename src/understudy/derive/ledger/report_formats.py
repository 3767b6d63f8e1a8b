"""The ledger for tools: lines, JSON, SARIF and the annotations of GitHub's workflows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from understudy.derive.facts.derivation_model import Severity
from understudy.derive.ledger.ledger import Entry, describe_decision, to_sentence
from understudy.derive.ledger.rule_descriptions import describe_rule, list_severities

VERSION = 1
"""Of the JSON form: it grows by keys; another number means that a key went away or changed its meaning."""

_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
}  # SARIF 2.1.0, section 3.27.10
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_text(entries: Sequence[Entry]) -> str:
    """Write one line per doubt: `FILE:LINE: severity rule: what. Decision: …`, with what settles or decides it."""
    return "".join(f"{_line(entry)}\n" for entry in entries)


def _line(entry: Entry) -> str:
    doubt = entry.doubt
    parts = [f"{doubt.file}:{doubt.line}: {doubt.severity.value} {doubt.rule}:", _told(entry)]
    if entry.settlements:
        parts.append(f"Settled by {_places(entry)}.")
    if entry.decision:
        parts.append(describe_decision(entry.decision))
    return printable(" ".join(parts))


def _told(entry: Entry) -> str:
    return f"{to_sentence(entry.doubt.finding)} Decision: {to_sentence(entry.doubt.decision)}"


def _places(entry: Entry) -> str:
    return ", ".join(dict.fromkeys(settlement.place for settlement in entry.settlements))


def printable(text: str) -> str:
    """Give a text on one line, without the control characters that a terminal would obey."""
    return "".join(
        char if char.isprintable() or char == "\u3000" else " " for char in text
    ).rstrip()


def as_json(entries: Sequence[Entry]) -> str:
    """Write `{"version": 1, "doubts": [...], "counts": {...}}`.

    A doubt has rule, severity, file, line, what, decision, pointer (empty when no node came from its line), settledBy
    (places in overlays) and decided (null, or decision, reason, file and line). The counts of the severities are of the
    doubts that are open.
    """
    counts = Counter(entry.doubt.severity for entry in entries if entry.is_open)
    told: dict[str, int] = {severity.value: counts[severity] for severity in Severity}
    told["settled"] = sum(bool(entry.settlements) for entry in entries)
    told["decided"] = sum(entry.decision is not None for entry in entries)
    told["total"] = len(entries)
    return _dump({"version": VERSION, "doubts": [_row(entry) for entry in entries], "counts": told})


def _row(entry: Entry) -> dict[str, Any]:
    doubt, decided = entry.doubt, entry.decision
    return {
        "rule": doubt.rule,
        "severity": doubt.severity.value,
        "file": doubt.file,
        "line": doubt.line,
        "what": doubt.finding,
        "decision": doubt.decision,
        "pointer": doubt.pointer,
        "settledBy": list(dict.fromkeys(settlement.place for settlement in entry.settlements)),
        "decided": decided
        and {
            "decision": decided.decision,
            "reason": decided.reason,
            "file": decided.place.file,
            "line": decided.place.line,
        },
    }


def as_sarif(entries: Sequence[Entry], *, version: str) -> str:
    """Write a SARIF 2.1.0 log with one run. `version` is that of this tool.

    What settles or decides a doubt is a suppression of its result, so that a viewer closes it.
    """
    severities = list_severities() | {entry.doubt.rule: entry.doubt.severity for entry in entries}
    ids = sorted(severities)
    rules = [
        {
            "id": rule,
            "shortDescription": {"text": describe_rule(rule)},
            "defaultConfiguration": {"level": _LEVELS[severities[rule]]},
        }
        for rule in ids
    ]
    indexes = {rule: index for index, rule in enumerate(ids)}
    run = {
        "tool": {"driver": {"name": "understudy", "version": version, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(entry, indexes[entry.doubt.rule]) for entry in entries],
    }
    schema = (
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    )
    return _dump({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _result(entry: Entry, index: int) -> dict[str, Any]:
    doubt = entry.doubt
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(doubt.file)},
            "region": {"startLine": max(doubt.line, 1)},
        }
    }
    if doubt.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": doubt.pointer}]
    suppressions = [
        {
            "kind": "external",
            "status": "accepted",
            "justification": f"Settled by {settled.place}: {settled.reason}",
        }
        for settled in entry.settlements
    ]
    if entry.decision:
        told = describe_decision(entry.decision)
        suppressions.append({"kind": "external", "status": "accepted", "justification": told})
    return {
        "ruleId": doubt.rule,
        "ruleIndex": index,
        "level": _LEVELS[doubt.severity],
        "message": {"text": _told(entry)},
        "locations": [location],
        # Section 3.27.23: when one result of a run has suppressions, all have; an empty list is "not suppressed".
        "suppressions": suppressions,
    }


def _uri(file: str) -> str:
    """Give a path as a URI reference: a relative one stays relative, so that it lands in any checkout."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def as_github(entries: Sequence[Entry]) -> str:
    """Write a workflow command per open doubt: `::warning file=…,line=…,title=…::…`."""
    return "".join(f"{_annotation(entry)}\n" for entry in entries if entry.is_open)


def _annotation(entry: Entry) -> str:
    doubt = entry.doubt
    properties = f"file={_property(doubt.file)},line={doubt.line},title={_property(doubt.rule)}"
    return f"::{_COMMANDS[doubt.severity]} {properties}::{_data(_told(entry))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _dump(value: Any) -> str:
    # Escaped where UTF-8 has no form for it: a lone surrogate in a text stays valid JSON.
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"
