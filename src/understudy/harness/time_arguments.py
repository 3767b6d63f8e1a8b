"""Durations as arguments of a test: texts such as `30s`, numbers of seconds, or timedeltas."""

from datetime import timedelta

from understudy.durations import parse_duration
from understudy.rules.values.duration_format import format_duration

__tracebackhide__ = True
"""pytest shows the lines of the failing test, not those of this module."""

Duration = str | float | timedelta
"""`"1m30s"`, 90 (seconds), or a timedelta."""

_EXPECTED = "a text such as 300ms, 90s, 5m or 1h30m, a number of seconds, or a timedelta"


def parse_duration_argument(value: Duration) -> timedelta:
    """Return a duration as a timedelta.

    Raises TypeError for a value of another type, and ValueError for a text or number that is not a
    duration and for a negative duration.
    """
    duration = _convert(value)
    if duration < timedelta(0):
        raise ValueError(f"duration must not be negative: {value}")
    return duration


def _convert(value: Duration) -> timedelta:
    """Return a duration of any sign. Raise TypeError or ValueError for other values."""
    match value:
        case timedelta():
            return value
        case str():
            try:
                return parse_duration(value)
            except ValueError as error:
                raise ValueError(f"{error}. Expected {_EXPECTED}.") from error
        case int() | float():
            try:
                return timedelta(seconds=value)
            except (ValueError, OverflowError) as error:  # NaN, or beyond the range of timedelta
                raise ValueError(f"{value!r} is not a duration. Expected {_EXPECTED}.") from error
        case _:
            raise TypeError(f"{value!r} is not a duration. Expected {_EXPECTED}.")


def format_duration_argument(value: Duration) -> str:
    """Return a duration as the control API accepts it, rounded to the millisecond.

    A text is returned unchanged: the control API parses and checks it.
    """
    if isinstance(value, str):
        return value
    return format_duration(parse_duration_argument(value))
