"""What happened in a world, as a table for the report of a test that failed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from understudy.messages import Exchange

_MOST = 50
"""So many lines of calls are told, the last ones."""
_ALIKE = 3
"""From so many on, calls that are alike are told together."""


def format_story(name: str, scenario: str, now: str, calls: tuple[Exchange, ...]) -> str:
    """Tell a world's calls: number, time, call, answer, and what changed. A client that polls is told in few lines."""
    counted = "1 call" if len(calls) == 1 else f"{len(calls)} calls"
    lines = [f"world {name}: scenario {scenario or '-'}, {counted}, its clock at {now}"]
    told = list(_told(calls))
    left = sum(one.count for one in told[:-_MOST])
    if left:
        lines.append(f"  … {left} earlier calls are left out")
    width = min(max((len(one.asked) for one in told[-_MOST:]), default=0), 100)
    for one in told[-_MOST:]:
        call = one.call
        lines += [f"       {' ' * 8}meanwhile {change}" for change in one.between]
        lines.append(f"  {call.number:>3} {call.at:%H:%M:%S}  {one.asked:<{width}}  {one.answered}")
        lines += [f"       {' ' * 8}{change}" for change in one.changes]
        lines += [f"       {' ' * 8}! {violation}" for violation in call.violations]
        if one.count > 1:
            lines.append(
                f"       {' ' * 8}… {one.count - 1} more like it, until {one.last.at:%H:%M:%S}"
            )
    return "\n".join(lines)


@dataclass(slots=True)
class _Told:
    """A call, and those after it that are alike."""

    call: Exchange
    asked: str
    answered: str
    between: list[str]
    """What has changed since the call before it that was about the same task."""
    changes: list[str]
    """What it has changed itself."""
    last: Exchange
    count: int = 1

    def is_like(self, other: "_Told") -> bool:
        """Whether another one, which follows, need not be told by itself."""
        plain = not (other.between or other.changes or other.call.violations)
        return plain and (self.asked, self.answered) == (other.asked, other.answered)


def _told(calls: tuple[Exchange, ...]) -> Iterator[_Told]:
    known: dict[Any, Mapping[str, Any]] = {}
    alike: list[_Told] = []
    for call in calls:
        between = list(_since(known, call.trace))
        answered = ", ".join(
            [str(call.response.status), call.operation or "no operation", *_notes(call)]
        )
        one = _Told(call, _asked(call), answered, between, list(_changes(call.trace)), call)
        if alike and not alike[0].is_like(one):
            yield from _folded(alike)
            alike = []
        alike.append(one)
    yield from _folded(alike)


def _folded(alike: list[_Told]) -> Iterator[_Told]:
    if len(alike) < _ALIKE:
        yield from alike
        return
    alike[0].count, alike[0].last = len(alike), alike[-1].call
    yield alike[0]


def _since(known: dict[Any, Mapping[str, Any]], trace: Mapping[str, Any]) -> Iterator[str]:
    """Give what has become of a call's task since it was last seen, and note how it stands now."""
    before, after = trace.get("before"), trace.get("after")
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return
    seen = known.get(before.get("task"))
    if seen is not None:
        yield from _changes({"before": seen, "after": before})
    known[after.get("task")] = after


def _asked(call: Exchange) -> str:
    request = call.request
    who = f"{call.account}: " if call.account else ""
    return f"{who}{request.method} {request.path}" + (f"?{request.query}" if request.query else "")


def _notes(call: Exchange) -> Iterator[str]:
    matched = str(call.trace.get("matched", ""))
    if matched not in ("", "service", "refusal"):
        yield f"by {matched}"
    for fault in call.trace.get("faults", ()):
        kinds = " ".join(key for key in fault if key not in ("rule", "acts"))
        yield f"fault {fault['rule']} ({kinds})"
    if "corruption" in call.trace:
        yield f"corrupted {call.trace['corruption']}"


def _changes(trace: Mapping[str, Any]) -> Iterator[str]:
    before, after = trace.get("before"), trace.get("after")
    if not isinstance(before, Mapping) or not isinstance(after, Mapping) or before == after:
        return
    told = []
    if before.get("status") != after.get("status"):
        told.append(f"{before.get('status')} -> {after.get('status')}")
    subtasks = before.get("subtasks", {})
    for key, status in after.get("subtasks", {}).items():
        if subtasks.get(key) != status:
            told.append(f"subtask {key} {subtasks.get(key)} -> {status}")
    yield f"task {after.get('task')}: {', '.join(told)}"
