"""Reports of changes: text, JSON, Markdown, annotations of a pull request."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from understudy.compare.change import Change, Impact
from understudy.errors import Place
from understudy.messages import Json
from understudy.workflow_commands import format_command

_LEVELS = {Impact.BREAKING: "error", Impact.DANGEROUS: "warning", Impact.HARMLESS: "notice"}


def as_text(changes: Sequence[Change]) -> str:
    """Return a line for each change, and how many there are of each kind."""
    lines = [str(change) for change in changes]
    lines.append(summarize(changes))
    return "".join(f"{line}\n" for line in lines)


def summarize(changes: Sequence[Change]) -> str:
    """Return how many changes there are: `2 breaking, 1 harmless`; `no changes` for none."""
    counts = Counter(change.impact for change in changes)
    parts = [f"{counts[impact]} {impact.value}" for impact in Impact if counts[impact]]
    return ", ".join(parts) or "no changes"


def as_json(changes: Sequence[Change]) -> str:
    """Return `{"changes": [...], "counts": {...}}`.

    A change has impact, rule, operation, place, text, and the places old and new: file, line and
    column, or null.
    """
    counts = Counter(change.impact for change in changes)
    rows: list[Json] = [
        {
            "impact": change.impact.value,
            "rule": change.rule,
            "operation": change.operation,
            "place": change.place,
            "text": change.text,
            "old": _to_record(change.old),
            "new": _to_record(change.new),
        }
        for change in changes
    ]
    numbers: dict[str, Json] = {impact.value: counts[impact] for impact in Impact}
    return json.dumps({"changes": rows, "counts": numbers}, ensure_ascii=False, indent=2) + "\n"


def _to_record(place: Place | None) -> Json:
    if place is None:
        return None
    return {"file": place.file, "line": place.line, "column": place.column}


def as_markdown(changes: Sequence[Change]) -> str:
    """Return a table for each kind of change, for the description of a release."""
    parts: list[str] = []
    for impact in Impact:
        rows = [change for change in changes if change.impact is impact]
        if rows:
            parts.append(f"## {impact.value.capitalize()} changes\n")
            parts.append("| operation | where | change | rule |\n| --- | --- | --- | --- |")
            parts += [_build_row(change) for change in rows]
            parts.append("")
    return "\n".join(parts) if parts else "No changes.\n"


def _build_row(change: Change) -> str:
    cells = [f"`{change.operation}`" if change.operation else "", change.place, change.text]
    escaped = [cell.replace("|", "\\|") for cell in (*cells, change.rule)]
    return f"| {' | '.join(escaped)} |"


def as_github(changes: Sequence[Change]) -> str:
    """Return a workflow command for each change, at its line in the new contract."""
    return "".join(f"{_build_command(change)}\n" for change in changes)


def _build_command(change: Change) -> str:
    place = change.new or Place("")
    subject = " ".join(part for part in (change.operation, change.place) if part)
    return format_command(
        _LEVELS[change.impact],
        f"{subject}: {change.text}" if subject else change.text,
        title=change.rule,
        file=place.file,
        line=place.line,
        column=place.column,
    )


FORMS: Mapping[str, Callable[[Sequence[Change]], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    "github": as_github,
}
