"""The sentences of assertions about calls."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from understudy.messages import Exchange

_MOST_CALLS = 20
_MOST_MISSES = 3


def describe_criteria(wanted: Mapping[str, Any]) -> str:
    """Say which calls are meant: ` of retryTask with path {'taskInstanceId': 1}`."""
    operation = wanted.get("operation")
    names = " or ".join(operation) if isinstance(operation, list) else operation
    more = [f"{key} {value!r}" for key, value in wanted.items() if key != "operation"]
    return (f" of {names}" if names else "") + (f" with {', '.join(more)}" if more else "")


def describe_missing_call(
    what: str, nearest: Sequence[Mapping[str, Any]], calls: Sequence[Exchange]
) -> str:
    """Say what was missed, what came nearest to it, and which calls there were."""
    lines = [what]
    if nearest:
        lines.append("The nearest:")
    for miss in nearest[:_MOST_MISSES]:
        lines.append(f"  #{miss['number']} {miss['method']} {miss['target']}")
        lines += [
            f"     {row['field']}: wanted {row['wanted']}, found {row['found']}"
            for row in miss["rows"]
            if not row["matches"]
        ]
    return "\n".join([*lines, describe_calls(calls)])


def describe_calls(calls: Iterable[Exchange]) -> str:
    """Say which calls there were."""
    told = [
        f"  #{call.number} {call.request.method} {call.request.target} -> {call.response.status}"
        f" {call.operation or '(no operation)'}"
        for call in calls
    ]
    if not told:
        return "There were no calls."
    left = len(told) - _MOST_CALLS
    shown = [f"  … {left} earlier ones", *told[-_MOST_CALLS:]] if left > 0 else told
    return "\n".join(["The calls:", *shown])
