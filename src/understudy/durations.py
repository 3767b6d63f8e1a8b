"""Parsers of durations and moments, as scenarios and calls of the control API write them."""

import re
from datetime import datetime, timedelta

Moment = timedelta | datetime
"""An offset from the clock's start, or a time."""

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)", re.ASCII)
"""A number and its unit."""
_DURATION = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
_UNITS = {
    "ms": "milliseconds",
    "s": "seconds",
    "m": "minutes",
    "h": "hours",
    "d": "days",
}
"""Units as files write them, with the keyword of `timedelta`."""
_SHOWN_LETTERS = 40
"""How many letters of a text that is too long an error shows."""
_MIN_YEAR, _MAX_YEAR = 1900, 9000
"""Far enough from both ends of the calendar that no duration leads out of it."""

MAX_DURATION = timedelta(days=36500)
"""The longest duration, so that adding one to a time never leaves the calendar."""


def parse_duration(text: str) -> timedelta:
    """Parse `90s`, `1.5s`, `300ms`, `5m`, `2h`, `1d` or `1h30m`; the parts add up.

    Raise ValueError, with what is wrong, when the text is not a duration or is longer than 100
    years.
    """
    if not _DURATION.fullmatch(text):
        raise ValueError(f'"{text}" is not a duration')
    shown = text[:_SHOWN_LETTERS]
    total = timedelta()
    try:
        for number, unit in _PART.findall(text):
            keyword = _UNITS[unit]
            total += timedelta(**{keyword: float(number)})
    except OverflowError as error:
        raise ValueError(f'the duration "{shown}" is too long') from error
    if total > MAX_DURATION:
        raise ValueError(f'the duration "{shown}" is longer than 100 years')
    return total


def parse_run_duration(text: str) -> timedelta | None:
    """Parse how long a run takes: a duration, or None for `never`.

    Raise ValueError like `parse_duration`.
    """
    if text == "never":
        return None
    return parse_duration(text)


def parse_time(text: str) -> datetime:
    """Parse an ISO 8601 time with an offset, in the years 1900 to 9000.

    Raise ValueError, with what is wrong, when the text is not such a time.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f'"{text}" is not a time: {error}') from error
    if moment.tzinfo is None:
        raise ValueError(f'the time "{text}" has no offset')
    if not _MIN_YEAR <= moment.year <= _MAX_YEAR:
        years = f"{_MIN_YEAR} and {_MAX_YEAR}"
        raise ValueError(f'the time "{text}" is not between the years {years}')
    return moment


def parse_moment(text: str) -> Moment:
    """Parse an offset (`-2h`, `+30s`, `30s`) or an ISO 8601 time.

    Raise ValueError when it is neither.
    """
    is_signed = text[:1] in ("-", "+")
    duration = text[1:] if is_signed else text
    if not _DURATION.fullmatch(duration):
        return parse_time(text)
    offset = parse_duration(duration)
    if text[0] == "-":
        return -offset
    return offset


def resolve_moment(moment: Moment, start: datetime) -> datetime:
    """Return a moment as a time, for a clock that starts at `start`.

    The time is in the zone of `start`, like all times that the clock shows.
    """
    if isinstance(moment, datetime):
        return moment.astimezone(start.tzinfo)
    return start + moment
