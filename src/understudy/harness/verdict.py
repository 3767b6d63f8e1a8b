"""What a test fails for beside its own assertions: what the client did wrong, and what it left out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Finding = Mapping[str, Any]
_MOST_CALLS = 20
"""So many calls are told: a client that polls can be wrong a thousand times."""


class FoundError(AssertionError):
    """A client broke the contract, called what is not there, or never used a reply that had to be used."""

    def __init__(self, world: str, findings: Sequence[Finding], more: Sequence[str] = ()) -> None:
        self.findings = tuple(findings)
        """As the control API tells them: `kind`, `text`, `call`, `place`, `rule`, `source`, `curl`, …"""
        lines = [*_lines(findings), *(f"  {line}" for line in more)]
        count = len(set(_calls(findings))) + len(more)
        what = "1 problem" if count == 1 else f"{count} problems"
        super().__init__("\n".join([f"ocp: {what} in the world {world}", *lines]))


def remove_expected(
    findings: Sequence[Finding], patterns: Sequence[str]
) -> tuple[list[Finding], list[str]]:
    """Leave out one call for each pattern: the first of which a finding holds the text (an empty one: any call's).

    Gives what is left, and the patterns for which there was no call.
    """
    left, missed = list(findings), []
    for pattern in patterns:
        numbers = (
            f["number"] for f in left if "number" in f and pattern in f"{f['call']} {f['text']}"
        )
        number = next(numbers, None)
        if number is None:
            missed.append(pattern)
        left = [finding for finding in left if number is None or finding.get("number") != number]
    return left, missed


def _calls(findings: Iterable[Finding]) -> Iterable[str]:
    return (str(finding.get("number", finding["text"])) for finding in findings)


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Tell the first calls, how many more there are, and all that is about no call."""
    of_calls = [finding for finding in findings if "number" in finding]
    numbers = list(dict.fromkeys(finding["number"] for finding in of_calls))
    shown, before = set(numbers[:_MOST_CALLS]), None
    for finding in of_calls:
        number = finding["number"]
        if number not in shown:
            continue
        if number != before:
            yield f"  #{number} {finding['at'][11:19]} {finding['call']} -> {finding['status']}"
            yield f"     {finding['curl']}"
        yield f"     {_kind(finding)}: {finding['text']}"
        before = number
    if len(numbers) > _MOST_CALLS:
        yield f"  … and {len(numbers) - _MOST_CALLS} more calls"
    yield from (
        f"  {_kind(finding)}: {finding['text']}" for finding in findings if "number" not in finding
    )


def _kind(finding: Finding) -> str:
    if finding["kind"] == "violation":
        return "breaks the contract"
    return "nothing matches" if finding["kind"] == "unmatched" else "never used"
