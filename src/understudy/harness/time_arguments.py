"""Times as tests write them: texts such as `30s`, numbers of seconds, or timedeltas."""

from datetime import timedelta

from understudy.durations import parse_duration
from understudy.rules.values.duration_format import format_duration

__tracebackhide__ = True
"""A test that fails is shown by its own lines, not by those of this module (pytest)."""

Duration = str | float | timedelta
"""A duration: `"1m30s"`, 90 (seconds), or a timedelta."""

_EXPECTED = "a text such as 300ms, 90s, 5m or 1h30m, a number of seconds, or a timedelta"


def parse_duration_argument(told: Duration) -> timedelta:
    """Give a duration. Raises ValueError for a text that is none, and for less than nothing; else TypeError."""
    if isinstance(told, str):
        try:
            span = parse_duration(told)
        except ValueError as error:
            raise ValueError(f"{error}. Expected {_EXPECTED}.") from error
    elif isinstance(told, int | float):
        try:
            span = timedelta(seconds=told)
        except (ValueError, OverflowError) as error:  # not a number, or more than there is
            raise ValueError(f"{told!r} is not a duration. Expected {_EXPECTED}.") from error
    elif isinstance(told, timedelta):
        span = told
    else:
        raise TypeError(f"{told!r} is not a duration. Expected {_EXPECTED}.")
    if span < timedelta(0):
        raise ValueError(f"a duration of {told} is less than nothing")
    return span


def format_duration_argument(told: Duration) -> str:
    """Give a duration as the control API takes it: to the millisecond."""
    return told if isinstance(told, str) else format_duration(parse_duration_argument(told))
