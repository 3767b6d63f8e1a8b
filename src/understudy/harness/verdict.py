"""The problems of a client that fail a test in addition to the test's own assertions."""

from collections.abc import Iterator, Sequence

from understudy.control.api.journal_types import FindingRecord
from understudy.harness.message_parts import format_count

_MAX_CALLS = 20
"""The number of calls that the message shows:

a polling client can repeat one mistake many times.
"""
_KINDS = {"violation": "breaks the contract", "unmatched": "nothing matches"}
"""The first words of a line, by the kind of the finding."""


class FoundError(AssertionError):
    """The problems of a world.

    They are contract violations, calls without a route, and unused replies with `must`.
    """

    def __init__(
        self, world: str, findings: Sequence[FindingRecord], more: Sequence[str] = ()
    ) -> None:
        """Build the message. `more` are lines about problems that are not findings."""
        self.findings = tuple(findings)
        """The findings of the control API:

        `kind`, `text`, `call`, `place`, `rule`, `source`, `curl`, …
        """
        # The findings of one call count as one problem.
        subjects = {str(finding.get("number", finding["text"])) for finding in findings}
        count = len(subjects) + len(more)
        problems = format_count(count, "problem")
        lines = [f"ocp: {problems} in the world {world}"]
        lines += _describe_findings(findings)
        lines += [f"  {line}" for line in more]
        super().__init__("\n".join(lines))


def remove_expected(
    findings: Sequence[FindingRecord],
    patterns: Sequence[str],
) -> tuple[list[FindingRecord], list[str]]:
    """Remove the findings of expected violations: of one call for each pattern.

    A pattern removes all findings of the first call that has a finding with that text; an empty
    pattern removes those of the first call. Returns the findings that remain, and the patterns
    without a call.
    """
    remaining, unused = list(findings), []
    for pattern in patterns:
        number = _find_call(remaining, pattern)
        if number is None:
            unused.append(pattern)
        else:
            remaining = [finding for finding in remaining if finding.get("number") != number]
    return remaining, unused


def _find_call(findings: Sequence[FindingRecord], pattern: str) -> int | None:
    """Return the number of the first call that has a finding with a text."""
    for finding in findings:
        if "number" in finding and pattern in f"{finding['call']} {finding['text']}":
            return finding["number"]
    return None


def _describe_findings(findings: Sequence[FindingRecord]) -> Iterator[str]:
    """Yield the lines of the first calls, the number of others, and findings without a call."""
    of_calls = [finding for finding in findings if "number" in finding]
    numbers = list(dict.fromkeys(finding["number"] for finding in of_calls))
    shown = set(numbers[:_MAX_CALLS])
    previous = None
    for finding in of_calls:
        number = finding["number"]
        if number not in shown:
            continue
        if number != previous:
            time = finding["at"][11:19]  # of an ISO 8601 time
            yield f"  #{number} {time} {finding['call']} -> {finding['status']}"
            yield f"     {finding['curl']}"
        yield f"     {_describe_finding(finding)}"
        previous = number
    if len(numbers) > _MAX_CALLS:
        yield f"  … and {len(numbers) - _MAX_CALLS} more calls"
    for finding in findings:
        if "number" not in finding:
            yield f"  {_describe_finding(finding)}"


def _describe_finding(finding: FindingRecord) -> str:
    """Return the kind and the text of a finding."""
    kind = _KINDS.get(finding["kind"], "never used")
    return f"{kind}: {finding['text']}"
