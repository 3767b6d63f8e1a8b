"""Durations and moments as people write them, in scenarios, preferences and calls of the control API."""

import re
from datetime import datetime, timedelta

Moment = timedelta | datetime
"""An offset from the clock's start, or a time."""

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)", re.ASCII)
_WHOLE = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
MAX_DURATION = timedelta(days=36500)
"""No duration is longer, so that none leads out of the calendar."""


def parse_duration(text: str) -> timedelta:
    """Read `90s`, `1.5s`, `300ms`, `5m`, `2h`, `1d` or `1h30m`. Raises ValueError with what is wrong."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f'"{text}" is not a duration')
    try:
        total = sum(
            (timedelta(**{_UNITS[unit]: float(n)}) for n, unit in _PART.findall(text)), timedelta()
        )
    except OverflowError as error:
        raise ValueError(f'the duration "{text[:40]}" is too long') from error
    if total > MAX_DURATION:
        raise ValueError(f'the duration "{text[:40]}" is longer than 100 years')
    return total


def parse_run_duration(text: str) -> timedelta | None:
    """Read a duration, or `never` as None. Raises ValueError."""
    return None if text == "never" else parse_duration(text)


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 time with its offset. Raises ValueError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f'"{text}" is not a time: {error}') from error
    if moment.tzinfo is None:
        raise ValueError(f'the time "{text}" has no offset')
    if not 1900 <= moment.year <= 9000:
        # Far enough from both ends that no duration leads out of the calendar.
        raise ValueError(f'the time "{text}" is not between the years 1900 and 9000')
    return moment


def parse_moment(text: str) -> Moment:
    """Read an offset (`-2h`, `30s`) or a time. Raises ValueError."""
    sign, rest = (text[0], text[1:]) if text[:1] in ("-", "+") else ("", text)
    if not _WHOLE.fullmatch(rest):
        return parse_time(text)
    offset = parse_duration(rest)
    return -offset if sign == "-" else offset


def resolve_moment(moment: Moment, start: datetime) -> datetime:
    """Give a moment as a time, for a clock that starts at `start`; in that clock's zone, as all that it shows."""
    return moment.astimezone(start.tzinfo) if isinstance(moment, datetime) else start + moment
