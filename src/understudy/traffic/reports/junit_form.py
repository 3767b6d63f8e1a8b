"""A report as JUnit XML: a suite for each file, a test case for each operation."""

import re
from xml.sax.saxutils import escape, quoteattr

from understudy.traffic.finding import Severity
from understudy.traffic.findings_report import RepeatedFinding, Report

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot contain. Source: XML 1.0, section 2.2."""
_NO_OPERATION = "(no operation)"


def as_junit(report: Report) -> str:
    """Return JUnit XML. New errors are failures; warnings and known findings are output.

    Source: the schema `junit-10.xsd` of the Jenkins xUnit plugin.
    """
    suites = [_build_suite(report, file) for file in report.files]
    tests = sum(tests for tests, _, _ in suites)
    failures = sum(failures for _, failures, _ in suites)
    body = "".join(text for _, _, text in suites)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="understudy" tests="{tests}" failures="{failures}" errors="0">\n'
        f"{body}</testsuites>\n"
    )


def _build_suite(report: Report, file: str) -> tuple[int, int, str]:
    """Return the numbers of test cases and failures of a file, and its suite."""
    cases: dict[str, list[RepeatedFinding]] = {
        operation: [] for name, operation in report.operations if name == file
    }
    for repeated in report:
        if repeated.first.origin.file == file:
            operation = repeated.first.origin.operation or _NO_OPERATION
            cases.setdefault(operation, []).append(repeated)
    if not cases:
        cases[_NO_OPERATION] = []
    failures = sum(any(map(_is_failure, findings)) for findings in cases.values())
    body = "".join(_build_case(file, name, findings) for name, findings in cases.items())
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="0"'
    return (
        len(cases),
        failures,
        (f"  <testsuite name={_quote(file)} {counts}>\n{body}  </testsuite>\n"),
    )


def _is_failure(repeated: RepeatedFinding) -> bool:
    return repeated.first.severity is Severity.ERROR and not repeated.is_known


def _build_case(file: str, operation: str, findings: list[RepeatedFinding]) -> str:
    failing = [repeated for repeated in findings if _is_failure(repeated)]
    others = [repeated for repeated in findings if not _is_failure(repeated)]
    attributes = f"name={_quote(operation)} classname={_quote(file)}"
    if not findings:
        return f"    <testcase {attributes}/>\n"
    parts = [f"    <testcase {attributes}>\n"]
    if failing:
        message = _quote(failing[0].first.text)
        lines = "\n".join(_describe(repeated) for repeated in failing)
        rule = _quote(failing[0].first.rule)
        parts.append(f"      <failure message={message} type={rule}>{_escape(lines)}</failure>\n")
    if others:
        lines = "\n".join(_describe(repeated) for repeated in others)
        parts.append(f"      <system-out>{_escape(lines)}</system-out>\n")
    return "".join([*parts, "    </testcase>\n"])


def _describe(repeated: RepeatedFinding) -> str:
    finding = repeated.first
    known = " (known)" if repeated.is_known else ""
    return f"{finding.severity.value}{known}: {finding.origin}: {finding.text}"


def _escape(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _quote(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text))
