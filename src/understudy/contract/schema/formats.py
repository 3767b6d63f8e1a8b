"""The formats that are asserted, the same in every back end. Other formats are annotations, as JSON Schema says."""

import re
from typing import Any

INT_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:[Zz]|([-+])([0-9]{2}):([0-9]{2}))"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_date(text: str) -> bool:
    """Whether a text is a full-date. Source: RFC 3339, section 5.6."""
    match = _DATE.fullmatch(text)
    if not match:
        return False
    year, month, day = map(int, match.groups())
    if not 1 <= month <= 12:
        return False
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= _DAYS[month - 1] + leap


def is_date_time(text: str) -> bool:
    """Whether a text is a date-time. Source: RFC 3339, sections 5.6 and 5.7.

    The offset is needed. A leap second is the 61st second of the last minute of a day in UTC; 24:00 is no time.
    """
    match = _DATE_TIME.fullmatch(text)
    if not match or not is_date(match[1]):
        return False
    hour, minute, second = int(match[2]), int(match[3]), int(match[4])
    ahead, behind = int(match[6] or 0), int(match[7] or 0)
    if hour > 23 or minute > 59 or second > 60 or ahead > 23 or behind > 59:
        return False
    if second < 60:
        return True
    offset = (ahead * 60 + behind) * (-1 if match[5] == "-" else 1)
    return (hour * 60 + minute - offset) % 1440 == 1439


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID. Source: RFC 4122, section 3."""
    return _UUID.fullmatch(text) is not None


_TEXTS = {"date": is_date, "date-time": is_date_time, "uuid": is_uuid}
ASSERTED_FORMATS = (*_TEXTS, *INT_BOUNDS)
"""The names of the formats that are asserted."""


def obeys_format(value: Any, name: Any) -> bool:
    """Whether a JSON value obeys a format. One of another type does, and every value if the name is not ours."""
    if isinstance(value, str):
        check = _TEXTS.get(name)
        return check is None or check(value)
    bounds = INT_BOUNDS.get(name)
    if bounds is None or isinstance(value, bool) or not isinstance(value, int | float):
        return True
    # A number with a fraction is the business of `type`.
    return value != value // 1 or bounds[0] <= value <= bounds[1]
