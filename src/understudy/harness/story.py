"""The story of a world: a table of its calls and state changes, for the report of a failed test."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from understudy.harness.message_parts import format_count
from understudy.messages import Exchange

_MAX_ROWS = 50
"""The number of rows that the story shows: the last ones."""
_MAX_TARGET = 100
"""The width of the column of requests. Longer requests are shown in full, out of line."""
_MIN_REPEATS = 3
"""From this number on, equal calls share a row."""
_INDENT = " " * 15

Trace = Mapping[str, Any]
"""The trace of an exchange:

`matched`, `faults`, `corruption`, and the task `before` and `after` the call.
"""
Snapshot = Mapping[str, Any]
"""A task in a trace: `task` (its id), `status`, and `subtasks` (statuses by id)."""


def format_story(
    name: str,
    scenario: str,
    now: str,
    calls: tuple[Exchange, ...],
) -> str:
    """Return the story of a world, one line or more for each call.

    A line has number, time, request and response; indented lines below it have state changes and
    violations. Equal calls of a polling client share a row. `now` is the moment of the world's
    clock.
    """
    count = format_count(len(calls), "call")
    lines = [f"world {name}: scenario {scenario or '-'}, {count}, clock {now}"]
    rows = list(_build_rows(calls))
    omitted = sum(row.count for row in rows[:-_MAX_ROWS])
    if omitted:
        lines.append(f"  … {omitted} earlier calls are left out")
    shown = rows[-_MAX_ROWS:]
    longest = max((len(row.request) for row in shown), default=0)
    width = min(longest, _MAX_TARGET)
    for row in shown:
        lines.extend(row.format_lines(width))
    return "\n".join(lines)


@dataclass(slots=True)
class _Row:
    """A call, and the number of equal calls after it."""

    call: Exchange
    request: str
    response: str
    changes_before: list[str]
    """Changes of the call's task since the last call about that task."""
    changes: list[str]
    """Changes of the call's task by the call itself."""
    last: Exchange
    """The last of the equal calls."""
    count: int = 1

    def is_repeated_by(self, row: "_Row") -> bool:
        """Return whether a later row shows nothing new."""
        if row.changes_before or row.changes or row.call.violations:
            return False
        return (self.request, self.response) == (row.request, row.response)

    def format_lines(self, width: int) -> Iterator[str]:
        """Yield the lines of the row. `width` is that of the column of requests."""
        call = self.call
        for change in self.changes_before:
            yield f"{_INDENT}meanwhile {change}"
        yield f"  {call.number:>3} {call.at:%H:%M:%S}  {self.request:<{width}}  {self.response}"
        for change in self.changes:
            yield f"{_INDENT}{change}"
        for violation in call.violations:
            yield f"{_INDENT}! {violation}"
        if self.count > 1:
            more, until = self.count - 1, f"{self.last.at:%H:%M:%S}"
            yield f"{_INDENT}… {more} more like it, until {until}"


def _build_rows(calls: tuple[Exchange, ...]) -> Iterator[_Row]:
    """Yield the rows. A series of equal calls becomes one row."""
    snapshots: dict[object, Snapshot] = {}
    series: list[_Row] = []
    for call in calls:
        changes_before = list(_list_changes_since(snapshots, call.trace))
        response = ", ".join(_describe_response(call))
        changes = list(_list_changes(call.trace))
        row = _Row(
            call,
            _describe_request(call),
            response,
            changes_before,
            changes,
            call,
        )
        if series and not series[0].is_repeated_by(row):
            yield from _fold(series)
            series = []
        series.append(row)
    yield from _fold(series)


def _fold(series: list[_Row]) -> Iterator[_Row]:
    """Yield one row for a long series, or each row of a short one."""
    if len(series) < _MIN_REPEATS:
        yield from series
        return
    first = series[0]
    first.count, first.last = len(series), series[-1].call
    yield first


def _list_changes_since(snapshots: dict[object, Snapshot], trace: Trace) -> Iterator[str]:
    """Yield the changes of the call's task since its last snapshot, and store the new snapshot."""
    before, after = trace.get("before"), trace.get("after")
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return
    previous = snapshots.get(before.get("task"))
    if previous is not None:
        yield from _list_changes({"before": previous, "after": before})
    snapshots[after.get("task")] = after


def _list_changes(trace: Trace) -> Iterator[str]:
    """Yield a line with the changes between the two snapshots of a trace, if there are any."""
    before, after = trace.get("before"), trace.get("after")
    if not isinstance(before, Mapping) or not isinstance(after, Mapping) or before == after:
        return
    changes = []
    if before.get("status") != after.get("status"):
        changes.append(f"{before.get('status')} -> {after.get('status')}")
    subtasks = before.get("subtasks", {})
    for key, status in after.get("subtasks", {}).items():
        if subtasks.get(key) != status:
            changes.append(f"subtask {key} {subtasks.get(key)} -> {status}")
    yield f"task {after.get('task')}: {', '.join(changes)}"


def _describe_request(call: Exchange) -> str:
    """Return account, method, path and query of a call."""
    request = call.request
    text = f"{request.method} {request.path}"
    if request.query:
        text = f"{text}?{request.query}"
    if call.account:
        text = f"{call.account}: {text}"
    return text


def _describe_response(call: Exchange) -> Iterator[str]:
    """Yield status, operation, and what replied to the call instead of the service."""
    yield str(call.response.status)
    yield call.operation or "no operation"
    matched = str(call.trace.get("matched", ""))
    if matched not in ("", "service", "refusal"):
        yield f"by {matched}"
    for fault in call.trace.get("faults", ()):
        kinds = " ".join(key for key in fault if key not in ("rule", "acts"))
        yield f"fault {fault['rule']} ({kinds})"
    if "corruption" in call.trace:
        yield f"corrupted {call.trace['corruption']}"
