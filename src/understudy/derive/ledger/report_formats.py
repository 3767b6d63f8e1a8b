"""The ledger for other tools: lines of text, JSON, SARIF, and GitHub workflow commands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import quote

from understudy.derive.facts.derivation_model import Severity
from understudy.derive.ledger.ledger import Entry, describe_decision, list_places, to_sentence
from understudy.derive.ledger.rule_descriptions import describe_rule, list_severities
from understudy.messages import Json
from understudy.workflow_commands import format_command

VERSION = 1
"""The version of the JSON form. New keys do not change it; a removed or redefined key does."""

# SARIF 2.1.0, section 3.27.10.
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

# GitHub's workflow commands call a note a notice.
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}

# The full-width space is common in Chinese texts; `str.isprintable` rejects it.
_IDEOGRAPHIC_SPACE = "\u3000"


def as_text(entries: Sequence[Entry]) -> str:
    """Write one line per doubt: `FILE:LINE: severity rule: finding. Decision: …`.

    What settles or decides the doubt follows.
    """
    return "".join(f"{_render_line(entry)}\n" for entry in entries)


def _render_line(entry: Entry) -> str:
    """Return a line that editors and terminals can link to the document."""
    doubt = entry.doubt
    place = f"{doubt.file}:{doubt.line}"
    parts = [
        f"{place}: {doubt.severity.value} {doubt.rule}:",
        _render_message(entry),
    ]
    if entry.settlements:
        parts.append(f"Settled by {list_places(entry)}.")
    if entry.decision:
        parts.append(describe_decision(entry.decision))
    return printable(" ".join(parts))


def _render_message(entry: Entry) -> str:
    """Return what was found and what the contract does about it."""
    finding = to_sentence(entry.doubt.finding)
    decision = to_sentence(entry.doubt.decision)
    return f"{finding} Decision: {decision}"


def printable(text: str) -> str:
    """Return a text on one line; characters that would control a terminal become spaces."""
    line = "".join(_to_printable(char) for char in text)
    return line.rstrip()


def _to_printable(char: str) -> str:
    if char.isprintable() or char == _IDEOGRAPHIC_SPACE:
        return char
    return " "


def as_json(entries: Sequence[Entry]) -> str:
    """Write `{"version": 1, "doubts": [...], "counts": {...}}`.

    A doubt has rule, severity, file, line, what (the finding), decision, pointer (empty when no
    node came from its line), settledBy (places in overlays) and decided (null, or decision,
    reason, file and line). The counts by severity are those of the open doubts.
    """
    is_open = Counter(entry.doubt.severity for entry in entries if entry.is_open)
    counts: dict[str, Json] = {severity.value: is_open[severity] for severity in Severity}
    counts["settled"] = sum(bool(entry.settlements) for entry in entries)
    counts["decided"] = sum(entry.decision is not None for entry in entries)
    counts["total"] = len(entries)
    doubts: list[Json] = [_convert_entry(entry) for entry in entries]
    report: dict[str, Json] = {
        "version": VERSION,
        "doubts": doubts,
        "counts": counts,
    }
    return _dump(report)


def _convert_entry(entry: Entry) -> dict[str, Json]:
    """Convert an entry to the JSON form. The key `what` is the finding."""
    doubt = entry.doubt
    settled_by = dict.fromkeys(settlement.place for settlement in entry.settlements)
    return {
        "rule": doubt.rule,
        "severity": doubt.severity.value,
        "file": doubt.file,
        "line": doubt.line,
        "what": doubt.finding,
        "decision": doubt.decision,
        "pointer": doubt.pointer,
        "settledBy": list(settled_by),
        "decided": _convert_decision(entry),
    }


def _convert_decision(entry: Entry) -> Json:
    """Convert the decision of an entry, with the place where it is written."""
    decision = entry.decision
    if decision is None:
        return None
    return {
        "decision": decision.decision,
        "reason": decision.reason,
        "file": decision.place.file,
        "line": decision.place.line,
    }


def as_sarif(entries: Sequence[Entry], *, version: str) -> str:
    """Write a SARIF 2.1.0 log with one run. `version` is the version of this tool.

    What settles or decides a doubt is a suppression of its result, so that a viewer closes it.
    """
    severities = list_severities()
    for entry in entries:
        severities[entry.doubt.rule] = entry.doubt.severity
    rule_ids = sorted(severities)
    rules: list[Json] = [_build_rule(rule, severities[rule]) for rule in rule_ids]
    indexes = {rule: index for index, rule in enumerate(rule_ids)}
    results: list[Json] = []
    for entry in entries:
        results.append(_build_result(entry, indexes[entry.doubt.rule]))
    driver: dict[str, Json] = {
        "name": "understudy",
        "version": version,
        "rules": rules,
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        # Section 3.14.17: columns would count characters, as Python does.
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    log: dict[str, Json] = {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [run],
    }
    return _dump(log)


def _build_rule(rule: str, severity: Severity) -> dict[str, Json]:
    """Build a rule. Source: SARIF 2.1.0, section 3.49, reportingDescriptor object."""
    return {
        "id": rule,
        "shortDescription": {"text": describe_rule(rule)},
        "defaultConfiguration": {"level": _LEVELS[severity]},
    }


def _build_result(entry: Entry, rule_index: int) -> dict[str, Json]:
    """Build a result. Source: SARIF 2.1.0, section 3.27."""
    return {
        "ruleId": entry.doubt.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[entry.doubt.severity],
        "message": {"text": _render_message(entry)},
        "locations": [_build_location(entry)],
        # Section 3.27.23: when one result of a run has suppressions, all results have them. An
        # empty list means "not suppressed".
        "suppressions": _build_suppressions(entry),
    }


def _build_location(entry: Entry) -> dict[str, Json]:
    """Build a location: the line of the document, and the node of the contract if there is one.

    Source: SARIF 2.1.0, section 3.28.
    """
    doubt = entry.doubt
    location: dict[str, Json] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _to_uri(doubt.file)},
            "region": {"startLine": max(doubt.line, 1)},
        }
    }
    if doubt.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": doubt.pointer}]
    return location


def _build_suppressions(entry: Entry) -> list[Json]:
    """Build a suppression for each overlay action and for the decision.

    Source: SARIF 2.1.0, section 3.35: `external` means that it is not in the document itself.
    """
    reasons = [f"Settled by {each.place}: {each.reason}" for each in entry.settlements]
    if entry.decision:
        reasons.append(describe_decision(entry.decision))
    suppressions: list[Json] = []
    for reason in reasons:
        suppression: dict[str, Json] = {
            "kind": "external",
            "status": "accepted",
            "justification": reason,
        }
        suppressions.append(suppression)
    return suppressions


def _to_uri(file: str) -> str:
    """Return a path as a URI reference; a relative one stays relative, to fit any checkout."""
    path = PurePath(file)
    if path.is_absolute():
        return path.as_uri()
    return quote(path.as_posix())


def as_github(entries: Sequence[Entry]) -> str:
    """Write a workflow command per open doubt: `::warning file=…,line=…,title=…::…`."""
    return "".join(f"{_render_command(entry)}\n" for entry in entries if entry.is_open)


def _render_command(entry: Entry) -> str:
    doubt = entry.doubt
    level = _COMMANDS[doubt.severity]
    message = _render_message(entry)
    return format_command(level, message, title=doubt.rule, file=doubt.file, line=doubt.line)


def _dump(value: Json) -> str:
    """Write indented JSON in UTF-8 with a final line end."""
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    # A lone surrogate has no form in UTF-8; escaped, the text is still valid JSON.
    return text.encode("utf-8", "backslashreplace").decode() + "\n"
