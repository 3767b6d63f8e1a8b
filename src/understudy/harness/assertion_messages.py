"""Messages of failed assertions about calls."""

from collections.abc import Iterable, Iterator, Sequence

from understudy.control.api.journal_types import Criteria, NearMissRecord
from understudy.messages import Exchange

_MAX_CALLS = 20
"""The number of calls that a message lists: the last ones."""
_MAX_MISSES = 3
"""The number of nearest calls that a message lists."""


def describe_criteria(criteria: Criteria) -> str:
    """Return the description of a search: ` of retryTask with path {'taskInstanceId': 1}`.

    The text starts with a space, or is empty when there are no criteria.
    """
    text = ""
    operation = criteria.get("operation")
    if operation:
        names = [operation] if isinstance(operation, str) else operation
        text += f" of {' or '.join(names)}"
    more = [f"{key} {value!r}" for key, value in criteria.items() if key != "operation"]
    if more:
        text += f" with {', '.join(more)}"
    return text


def describe_missing_call(
    message: str,
    nearest: Sequence[NearMissRecord],
    calls: Sequence[Exchange],
) -> str:
    """Return the message of a missing call, followed by the nearest calls and by all calls.

    `nearest` are near misses of the control API: `number`, `method`, `target`, and `rows` with
    `field`, `wanted`, `found` and `matches`.
    """
    lines = [message]
    if nearest:
        lines.append("The nearest:")
    for miss in nearest[:_MAX_MISSES]:
        lines.extend(_describe_miss(miss))
    lines.append(describe_calls(calls))
    return "\n".join(lines)


def _describe_miss(miss: NearMissRecord) -> Iterator[str]:
    """Yield the request of a near miss, and the criteria that it does not meet."""
    yield f"  #{miss['number']} {miss['method']} {miss['target']}"
    for row in miss["rows"]:
        if not row["matches"]:
            yield f"     {row['field']}: wanted {row['wanted']}, found {row['found']}"


def describe_calls(calls: Iterable[Exchange]) -> str:
    """Return a list of calls, one line for each of the last 20."""
    lines = [_describe_call(call) for call in calls]
    if not lines:
        return "There were no calls."
    omitted = len(lines) - _MAX_CALLS
    if omitted > 0:
        lines = [f"  … {omitted} earlier ones", *lines[-_MAX_CALLS:]]
    return "\n".join(["The calls:", *lines])


def _describe_call(call: Exchange) -> str:
    """Return one line: number, request, status and operation."""
    request, status = call.request, call.response.status
    operation = call.operation or "(no operation)"
    return f"  #{call.number} {request.method} {request.target} -> {status} {operation}"
