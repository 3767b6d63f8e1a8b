"""A report as JSON: a list of findings, the known ones included."""

import json

from understudy.messages import Json
from understudy.traffic.findings_report import RepeatedFinding, Report


def as_json(report: Report) -> str:
    """Return a JSON array with an object for each finding.

    Keys: file, line, entry, call, operation, severity, side, place, rule, value, expected, nearest,
    pointer, source, text, fingerprint, count, known. Unknown texts are empty, unknown numbers 0.
    """
    rows: list[Json] = [_convert(repeated) for repeated in report]
    text = json.dumps(rows, ensure_ascii=False, indent=2)
    # A lone surrogate has no form in UTF-8; escaped, the text is still valid JSON.
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _convert(repeated: RepeatedFinding) -> dict[str, Json]:
    finding = repeated.first
    origin = finding.origin
    return {
        "file": origin.file,
        "line": origin.line,
        "entry": origin.entry,
        "call": origin.call,
        "operation": origin.operation,
        "severity": finding.severity.value,
        "side": finding.side,
        "place": finding.place,
        "rule": finding.rule,
        "value": finding.value,
        "expected": finding.expected,
        "nearest": finding.nearest,
        "pointer": finding.pointer,
        "source": finding.source,
        "text": finding.text,
        "fingerprint": finding.fingerprint,
        "count": repeated.count,
        "known": repeated.is_known,
    }
