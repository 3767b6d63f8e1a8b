"""Assertions about the calls of a world, and waiting for them."""

from collections.abc import Callable, Mapping
from typing import Any

from understudy.control.client import ControlClient, ControlError
from understudy.errors import nearest_name
from understudy.harness.assertion_messages import (
    describe_calls,
    describe_criteria,
    describe_missing_call,
)
from understudy.harness.time_arguments import (
    Duration,
    format_duration_argument,
    parse_duration_argument,
)
from understudy.messages import Exchange

__tracebackhide__ = True
"""A test that fails is shown by its own lines, not by those of this module (pytest)."""

Operations = str | list[str] | None
_ALL = 10_000
_CRITERIA = ("path", "query", "headers", "body", "status", "account", "request")


def list_calls(control: ControlClient) -> tuple[Exchange, ...]:
    """Give the calls of a world, oldest first; the last 10 000 at most."""
    return tuple(
        Exchange.from_record(record) for record in control.list_requests(limit=_ALL)["requests"]
    )


def assert_called(
    control: ControlClient,
    shortened: Callable[[str], str],
    operation: Operations,
    times: int | None,
    criteria: Mapping[str, Any],
) -> tuple[Exchange, ...]:
    """Give the calls that meet criteria. Raises AssertionError when there are not `times`, or none at all."""
    wanted = _wanted(operation, criteria, "times")
    found = _found(control, wanted)
    if len(found) == times or (times is None and found):
        return found
    count = "at least 1 call" if times is None else _counted(times)
    what = f"expected {count}{describe_criteria(wanted)}, found {len(found)}."
    raise AssertionError(
        shortened(describe_missing_call(what, _nearest(control, wanted), list_calls(control)))
    )


def assert_not_called(
    control: ControlClient,
    shortened: Callable[[str], str],
    operation: Operations,
    criteria: Mapping[str, Any],
) -> None:
    """Raise AssertionError when calls meet criteria."""
    wanted = _wanted(operation, criteria)
    found = _found(control, wanted)
    if found:
        what = f"expected no call{describe_criteria(wanted)}, found {len(found)}."
        raise AssertionError(shortened(f"{what}\n{describe_calls(found)}"))


def wait_for(
    control: ControlClient,
    shortened: Callable[[str], str],
    operation: Operations,
    count: int,
    timeout: Duration,
    criteria: Mapping[str, Any],
) -> Exchange:
    """Give the call that makes it `count` calls that meet criteria. Raises AssertionError when the time is over."""
    wanted, patience = (
        _wanted(operation, criteria, "timeout", "count"),
        format_duration_argument(parse_duration_argument(timeout)),
    )
    truncated = ""
    try:
        told = control.wait_for_requests(**wanted, count=count, timeout=patience)
    except ControlError as error:
        if error.slug != "journal-truncated":
            raise
        truncated = error.detail
    if truncated:
        raise AssertionError(truncated)
    if told["matched"]:
        return Exchange.from_record(told["requests"][-1])
    what = f"waited {patience} for {_counted(count)}{describe_criteria(wanted)}, found {told['count']}."
    raise AssertionError(
        shortened(describe_missing_call(what, _nearest(control, wanted), list_calls(control)))
    )


def _wanted(operation: Operations, more: Mapping[str, Any], *others: str) -> dict[str, Any]:
    """Give what is searched for; `others` are keywords beside criteria. Raises TypeError for one that nobody knows."""
    for word in (word for word in more if word not in _CRITERIA):
        near = nearest_name(word, (*_CRITERIA, *others))
        hint = f'Did you mean "{near}"?' if near else f"There are: {', '.join(_CRITERIA)}."
        raise TypeError(f'there is no criterion "{word}". {hint}')
    return {
        key: value for key, value in {"operation": operation, **more}.items() if value is not None
    }


def _found(control: ControlClient, wanted: Mapping[str, Any]) -> tuple[Exchange, ...]:
    told = control.find_requests(**wanted)
    if told["dropped"]:
        detail = f"{told['dropped']} exchanges were dropped from the journal: nobody knows what was called."
        raise AssertionError(detail)
    return tuple(Exchange.from_record(record) for record in told["requests"])


def _nearest(control: ControlClient, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(control.find_near_misses(**wanted)["nearMisses"]) if wanted else []


def _counted(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"
