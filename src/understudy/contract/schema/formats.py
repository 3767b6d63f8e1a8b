"""The formats that are asserted, the same in every back end.

Every other format is an annotation: JSON Schema 2020-12, validation, section 7.2.1.
"""

import re
from functools import lru_cache
from typing import Any

INT_BOUNDS = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
}
"""By integer format: the lowest and the highest value. Source: OpenAPI 3.1, "Data Types"."""

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"  # full-date
    r"[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?"  # partial-time
    r"(?:[Zz]|([-+])([0-9]{2}):([0-9]{2}))"  # time-offset
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LAST_MINUTE = 23 * 60 + 59
_MINUTES_PER_DAY = 24 * 60
_MAX_HELD = 40
"""Longer texts are parsed each time: their results are not worth holding."""


def is_date(text: str) -> bool:
    """Return whether a text is a full-date. Source: RFC 3339, section 5.6."""
    match = _DATE.fullmatch(text)
    if not match:
        return False
    year, month, day = map(int, match.groups())
    if not 1 <= month <= 12:
        return False
    days = _DAYS[month - 1]
    if month == 2 and _is_leap_year(year):
        days += 1
    return 1 <= day <= days


def _is_leap_year(year: int) -> bool:
    if year % 400 == 0:
        return True
    return year % 4 == 0 and year % 100 != 0


def is_date_time(text: str) -> bool:
    """Return whether a text is a date-time with an offset. Source: RFC 3339, section 5.6.

    A leap second is allowed where section 5.7 allows it: as the 61st second of a day's last minute
    in UTC. The hour 24 is not a time.
    """
    # Responses repeat the times of tasks.
    return _parse_date_time(text) if len(text) <= _MAX_HELD else _parse_date_time.__wrapped__(text)


@lru_cache(maxsize=4096)
def _parse_date_time(text: str) -> bool:
    match = _DATE_TIME.fullmatch(text)
    if not match or not is_date(match[1]):
        return False
    hour = int(match[2])
    minute = int(match[3])
    second = int(match[4])
    offset_hour = int(match[6] or 0)
    offset_minute = int(match[7] or 0)
    if not _is_time_of_day(hour, minute) or not _is_time_of_day(offset_hour, offset_minute):
        return False
    if second < 60:
        return True
    offset = offset_hour * 60 + offset_minute
    if match[5] == "-":
        offset = -offset
    utc_minute = (hour * 60 + minute - offset) % _MINUTES_PER_DAY
    return second == 60 and utc_minute == _LAST_MINUTE


def _is_time_of_day(hour: int, minute: int) -> bool:
    return hour <= 23 and minute <= 59


def is_uuid(text: str) -> bool:
    """Return whether a text is a UUID. Source: RFC 4122, section 3."""
    return _UUID.fullmatch(text) is not None


_TEXT_FORMATS = {"date": is_date, "date-time": is_date_time, "uuid": is_uuid}
ASSERTED_FORMATS = (*_TEXT_FORMATS, *INT_BOUNDS)
"""The names of the formats that are asserted."""


def obeys_format(value: object, name: Any) -> bool:
    """Return whether a JSON value obeys a format.

    True for a format that is not asserted, and for a value of a type that the format is not about
    (JSON Schema 2020-12, validation, section 7.1).
    """
    if isinstance(value, str):
        is_valid = _TEXT_FORMATS.get(name)
        return is_valid is None or is_valid(value)
    bounds = INT_BOUNDS.get(name)
    if bounds is None or isinstance(value, bool):
        return True
    if not isinstance(value, int | float):
        return True
    lowest, highest = bounds
    has_fraction = value != value // 1
    # The keyword `type` reports a number with a fraction.
    return has_fraction or lowest <= value <= highest
