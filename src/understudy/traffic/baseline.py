"""Baselines: files that list the findings that are known, so that only new ones fail a build."""

from pathlib import Path

from understudy.errors import InputError, Place, Problem
from understudy.messages import Json, JsonError, dump_json, parse_json
from understudy.source import write_atomic
from understudy.traffic.findings_report import Report

_VERSION = 1


def load_baseline(file: Path) -> frozenset[str]:
    """Return the fingerprints of a baseline. Raises InputError for a file that is not one."""
    try:
        data: Json = parse_json(file.read_bytes())
    except OSError as error:
        message = f"the baseline cannot be read ({error.strerror})"
        hint = "Write one with --write-baseline."
        raise InputError(
            Problem("unreadable-file", message, Place(str(file)), hint=hint)
        ) from error
    except JsonError as error:
        place = Place(str(file), error.line, error.column)
        message = f"the baseline is not JSON: {error.reason}"
        raise InputError(Problem("not-json", message, place)) from error
    fingerprints = _read_fingerprints(data)
    if fingerprints is None:
        message = "the file is not a baseline"
        expected = "an object with a list `findings`, each with a fingerprint"
        raise InputError(Problem("bad-baseline", message, Place(str(file)), expected=expected))
    return fingerprints


def _read_fingerprints(data: Json) -> frozenset[str] | None:
    """Return the fingerprints of the findings; None for data that is not a baseline."""
    findings = data.get("findings") if isinstance(data, dict) else None
    if not isinstance(findings, list):
        return None
    fingerprints = [
        entry.get("fingerprint") if isinstance(entry, dict) else None for entry in findings
    ]
    texts = [fingerprint for fingerprint in fingerprints if isinstance(fingerprint, str)]
    return frozenset(texts) if len(texts) == len(findings) else None


def write_baseline(file: Path, report: Report) -> None:
    """Write the listed findings of a report, sorted, so that a change of the file is readable.

    Raises InputError when the file cannot be written, or when the report does not list all.
    """
    if report.dropped:
        verb = "is" if report.dropped == 1 else "are"
        message = f"{report.dropped} of the findings {verb} not listed"
        hint = "Raise --max."
        raise InputError(Problem("too-many-findings", message, Place(str(file)), hint=hint))
    entries: dict[str, Json] = {}
    for repeated in report:
        finding = repeated.first
        entries[finding.fingerprint] = {
            "fingerprint": finding.fingerprint,
            "operation": finding.origin.operation,
            "rule": finding.rule,
            "text": finding.text,
        }
    lines = [dump_json(entries[fingerprint]).decode() for fingerprint in sorted(entries)]
    body = ",\n    ".join(lines)
    listed = f"\n    {body}\n  " if lines else ""
    text = f'{{\n  "version": {_VERSION},\n  "findings": [{listed}]\n}}\n'
    try:
        write_atomic(file, text)
    except OSError as error:
        message = f"the baseline cannot be written ({error.strerror})"
        raise InputError(Problem("unwritable-file", message, Place(str(file)))) from error
