"""A report: the findings of many messages, each flaw once, bounded."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from understudy.traffic.finding import Finding, Severity

DEFAULT_MAX_FINDINGS = 1000


@dataclass(slots=True)
class RepeatedFinding:
    """A flaw where it was found first, and how often it was found."""

    first: Finding
    count: int = 1
    is_known: bool = False
    """Whether the baseline has it."""


@dataclass(slots=True)
class FileCount:
    """How many messages of a file were validated."""

    messages: int = 0
    foreign: int = 0
    """Those that belong to no operation of the contract."""
    errors: int = 0
    warnings: int = 0


@dataclass(slots=True)
class Report:
    """The findings so far. Equal flaws (by fingerprint) are listed once."""

    max_findings: int = DEFAULT_MAX_FINDINGS
    """Flaws beyond this number are counted, not listed."""
    known: frozenset[str] = frozenset()
    """The fingerprints of the baseline."""
    files: dict[str, FileCount] = field(default_factory=dict)
    dropped: int = 0
    """How many findings are not listed."""
    operations: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many messages of an operation each file has."""
    _by_fingerprint: dict[tuple[str, str], RepeatedFinding] = field(default_factory=dict)
    _failing: set[Severity] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)

    def count_message(self, file: str, *, is_foreign: bool = False) -> None:
        """Count a message of a file, with or without findings."""
        count = self.files.setdefault(file, FileCount())
        if is_foreign:
            count.foreign += 1
        else:
            count.messages += 1

    def add(self, findings: Iterable[Finding]) -> None:
        """Add the findings of a message, or of a file."""
        for finding in findings:
            self._add(finding)

    def _add(self, finding: Finding) -> None:
        fingerprint = finding.fingerprint
        is_known = fingerprint in self.known
        if is_known:
            self._seen.add(fingerprint)
        else:
            self._failing.add(finding.severity)
            count = self.files.setdefault(finding.origin.file, FileCount())
            if finding.severity is Severity.ERROR:
                count.errors += 1
            else:
                count.warnings += 1
        key = (finding.origin.file, fingerprint)
        repeated = self._by_fingerprint.get(key)
        if repeated is not None:
            repeated.count += 1
        elif len(self._by_fingerprint) < self.max_findings:
            self._by_fingerprint[key] = RepeatedFinding(finding, is_known=is_known)
        else:
            self.dropped += 1

    def __iter__(self) -> Iterator[RepeatedFinding]:
        """Yield the listed flaws in the order in which they were found."""
        return iter(self._by_fingerprint.values())

    @property
    def new(self) -> list[RepeatedFinding]:
        """The listed flaws that the baseline does not have."""
        return [repeated for repeated in self if not repeated.is_known]

    @property
    def messages(self) -> int:
        """How many messages were validated."""
        return sum(count.messages for count in self.files.values())

    @property
    def gone(self) -> frozenset[str]:
        """The fingerprints of the baseline that no message has any more."""
        return self.known - self._seen

    def fails(self, least: Severity) -> bool:
        """Return whether there is a new finding of at least this severity."""
        if least is Severity.WARNING:
            return bool(self._failing)
        return Severity.ERROR in self._failing
