"""What happened in a world, as a table for the report of a test that failed."""

from collections.abc import Iterator, Mapping
from typing import Any

from understudy.messages import Exchange

_MOST = 50
"""So many calls are told, the last ones."""


def story_of(name: str, scenario: str, now: str, calls: tuple[Exchange, ...]) -> str:
    """Tell a world's calls: number, time, call, answer, and what changed."""
    counted = "1 call" if len(calls) == 1 else f"{len(calls)} calls"
    lines = [f"world {name}: scenario {scenario or '-'}, {counted}, its clock at {now}"]
    if len(calls) > _MOST:
        lines.append(f"  … {len(calls) - _MOST} earlier calls are left out")
    shown = calls[-_MOST:]
    asked = [_asked(call) for call in shown]
    width = min(max((len(text) for text in asked), default=0), 100)
    for call, text in zip(shown, asked, strict=True):
        told = [str(call.response.status), call.operation or "no operation", *_notes(call)]
        lines.append(f"  {call.number:>3} {call.at:%H:%M:%S}  {text:<{width}}  {', '.join(told)}")
        lines += [f"       {' ' * 8}{change}" for change in _changes(call.trace)]
        lines += [f"       {' ' * 8}! {violation}" for violation in call.violations]
    return "\n".join(lines)


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
