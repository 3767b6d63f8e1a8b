"""A report as SARIF 2.1.0, for the code scanning of GitHub and GitLab and for editors."""

import json
from importlib.metadata import version
from pathlib import PurePath
from urllib.parse import quote

from understudy.messages import Json
from understudy.traffic.findings_report import RepeatedFinding, Report

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_FINGERPRINT = "understudy/v1"
_STDIN = "-"


def as_sarif(report: Report) -> str:
    """Return a SARIF log with one run. A known finding is an unchanged result."""
    names = list(dict.fromkeys(repeated.first.rule for repeated in report))
    rules: list[Json] = [
        {"id": name, "shortDescription": {"text": f"The message breaks the rule {name}."}}
        for name in names
    ]
    indexes = {name: index for index, name in enumerate(names)}
    results: list[Json] = [
        _build_result(repeated, indexes[repeated.first.rule], has_baseline=bool(report.known))
        for repeated in report
    ]
    driver: dict[str, Json] = {
        "name": "understudy",
        "version": version("understudy"),
        "rules": rules,
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    log: dict[str, Json] = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    text = json.dumps(log, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _build_result(
    repeated: RepeatedFinding, rule_index: int, *, has_baseline: bool
) -> dict[str, Json]:
    """Build a result. Source: SARIF 2.1.0, section 3.27."""
    finding = repeated.first
    call = f"{finding.origin.call}: " if finding.origin.call else ""
    result: dict[str, Json] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": finding.severity.value,
        "message": {"text": f"{call}{finding.text}"},
        "locations": [_build_location(repeated)],
        "partialFingerprints": {_FINGERPRINT: finding.fingerprint},
        "occurrenceCount": repeated.count,
    }
    if has_baseline:
        result["baselineState"] = "unchanged" if repeated.is_known else "new"
    return result


def _build_location(repeated: RepeatedFinding) -> dict[str, Json]:
    """Build a location: where the message is, and the contract's node. Section 3.28."""
    finding = repeated.first
    location: dict[str, Json] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _to_uri(finding.origin.file)},
            "region": {"startLine": max(finding.origin.line, 1)},
        }
    }
    if finding.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.pointer}]
    return location


def _to_uri(file: str) -> str:
    """Return a path as a URI reference; a relative one stays relative, a URL stays as it is."""
    if file == _STDIN:
        return "stdin"
    if "://" in file:
        return file
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
