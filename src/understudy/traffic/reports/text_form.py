"""A report for people: one line for each finding, and a summary of each file."""

from collections.abc import Iterator

from understudy.traffic.finding import Severity
from understudy.traffic.findings_report import FileCount, RepeatedFinding, Report


def as_text(report: Report) -> str:
    """Return one line for each new finding, one for each file, and what was left out."""
    lines = [_describe(repeated) for repeated in report.new]
    if report.dropped:
        lines.append(f"{report.dropped} more findings; --max lists more")
    lines += [f"{file}: {_summarize(count)}" for file, count in report.files.items()]
    known = sum(repeated.count for repeated in report if repeated.is_known)
    if known:
        lines.append(f"{_count(known, 'finding')} of the baseline left out")
    if report.gone:
        lines.append(
            f"{_count(len(report.gone), 'finding')} of the baseline not found any more; "
            "--write-baseline removes them"
        )
    return "".join(f"{line}\n" for line in lines)


def _describe(repeated: RepeatedFinding) -> str:
    finding = repeated.first
    severity = "warning: " if finding.severity is Severity.WARNING else ""
    text = f"{finding.origin}: {severity}{finding.text}"
    if finding.side == "request":
        text = f"{finding.origin}: {severity}request: {finding.text}"
    if repeated.count > 1:
        text += f" ({repeated.count} times)"
    return _printable(text)


def _printable(text: str) -> str:
    """Return a text on one line: a message must not control the terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def _summarize(count: FileCount) -> str:
    return ", ".join(_list_counts(count))


def _list_counts(count: FileCount) -> Iterator[str]:
    """Yield the parts of a file's summary; `valid` stands for no findings."""
    if not count.errors and not count.warnings:
        yield "valid"
    if count.errors:
        yield _count(count.errors, "error")
    if count.warnings:
        yield _count(count.warnings, "warning")
    if count.messages != 1:
        yield _count(count.messages, "message")
    if count.foreign:
        yield f"{count.foreign} of other services left out"


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
