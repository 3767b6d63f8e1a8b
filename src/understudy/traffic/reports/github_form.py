"""A report as annotations of a pull request on GitHub."""

from understudy.traffic.findings_report import RepeatedFinding, Report
from understudy.workflow_commands import format_command


def as_github(report: Report) -> str:
    """Return a workflow command for each new finding: `::error file=…,line=…,title=…::…`."""
    return "".join(f"{_build_command(repeated)}\n" for repeated in report.new)


def _build_command(repeated: RepeatedFinding) -> str:
    finding = repeated.first
    origin = finding.origin
    is_file = origin.file != "-" and "://" not in origin.file
    call = f"{origin.call}: " if origin.call else ""
    times = f" ({repeated.count} times)" if repeated.count > 1 else ""
    return format_command(
        finding.severity.value,
        f"{call}{finding.text}{times}",
        title=finding.rule,
        file=origin.file if is_file else "",
        line=origin.line,
    )
