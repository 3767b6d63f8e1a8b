"""What cannot be read: a part of a file, with the reason."""

from dataclasses import dataclass

from understudy.traffic.finding import Finding, Origin, Severity


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """A part of a file that is not a message."""

    file: str
    text: str
    rule: str
    """`truncated`, `not-json`, `bad-entry`, `bad-exchange` or `too-long`."""
    line: int = 0
    entry: int = 0

    def to_finding(self) -> Finding:
        """Return the failure as a finding: a message that cannot be read is not valid."""
        origin = Origin(self.file, self.line, self.entry)
        return Finding(
            severity=Severity.ERROR,
            side="input",
            place="",
            rule=self.rule,
            text=f"{self.text} [{self.rule}]",
            origin=origin,
        )
