"""Time as a value that comes in. This is the only module that reads the wall clock."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol


class Clock(Protocol):
    """Something that tells a moment: an aware datetime."""

    def now(self) -> datetime:
        """Give the moment, with its offset from UTC."""
        ...


class WallClock:
    """The machine's clock, in the machine's own zone."""

    def now(self) -> datetime:
        """Give the wall's moment, to the millisecond: finer is nothing that OCP shows."""
        moment = datetime.now(UTC).astimezone()  # noqa: TID251 - the one place
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class VirtualClock:
    """A clock that moves only when it is told to."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at a moment with an offset, such as 2021-08-25T15:09:31+08:00")
        self._now = start
        self._lock = Lock()

    def now(self) -> datetime:
        """Give the moment it was last moved to."""
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move forward by `by` (not negative) and give the new moment."""
        if by < timedelta(0):
            raise ValueError("a clock moves forward only")
        with self._lock:
            self._now += by
            return self._now


def iso_time(moment: datetime) -> str:
    """Write an aware moment as OCP does: ISO 8601 with offset, the fraction without trailing zeros.

    >>> iso_time(datetime(2021, 8, 25, 15, 9, 31, 740000, UTC))
    '2021-08-25T15:09:31.74+00:00'
    """
    text = moment.replace(microsecond=0).isoformat()
    if not moment.microsecond:
        return text
    head, offset = text[:19], text[19:]
    return f"{head}.{moment.microsecond:06d}".rstrip("0") + offset
