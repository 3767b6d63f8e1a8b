"""Time as a value that comes in as an argument. Only this module reads the wall clock."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Protocol

LAST_YEAR = 9000
"""The last year of a clock: times of tasks after it stay within Python's calendar (9999)."""
MIN_SPEED, MAX_SPEED = 0.1, 10_000
"""Bounds of `ClockState.speed`."""

_CHINA = timezone(timedelta(hours=8))
DEFAULT_VIRTUAL_START = datetime(2021, 8, 25, 15, 9, 31, tzinfo=_CHINA)
"""The moment at which a virtual clock starts by default."""


class Clock(Protocol):
    """A source of the current moment."""

    def now(self) -> datetime:
        """Return the current moment, an aware datetime."""
        ...


END = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)
"""Where a clock that runs, or that calls move, stops: later times could not be computed with."""


class WallClock:
    """The machine's clock, in the machine's own time zone."""

    def now(self) -> datetime:
        """Return the wall's moment, cut to milliseconds: OCP shows nothing finer."""
        moment = datetime.now(UTC).astimezone()  # noqa: TID251 - the only place that may read it
        return _cut_to_milliseconds(moment)


@dataclass(frozen=True, slots=True)
class ClockState:
    """The clock of a world, as a value. It reads no clock: the wall's moment comes in as `wall`."""

    mode: str
    """`real`: runs `speed` times as fast as the wall. `virtual`: moves only on command.
    `per-call`: moves by `step` at the start of each call."""
    base: datetime
    """The world's moment when the clock was last set. The world shows all times in its zone."""
    wall: datetime
    """The wall's moment when the clock was last set."""
    speed: float = 1.0
    """World seconds for each second of the wall, from MIN_SPEED to MAX_SPEED; for `real` only."""
    step: timedelta = timedelta(seconds=1)
    """How far the clock moves at each call; for `per-call` only."""

    def now(self, wall: datetime) -> datetime:
        """Return the world's moment, cut to milliseconds.

        A wall clock that goes backwards does not turn the world's clock back. At the end of the
        calendar, the clock stops.
        """
        if self.mode != "real" or wall <= self.wall:
            return self.base
        try:
            elapsed = (wall - self.wall) * self.speed
        except OverflowError:  # a fast clock, while the wall's jumped by centuries
            elapsed = timedelta.max
        return _cut_to_milliseconds(_add_until_end(self.base, elapsed))

    def advance(self, by: timedelta, wall: datetime) -> "ClockState":
        """Return the clock moved forward by a duration. Raise ValueError for a negative one."""
        if by < timedelta(0):
            raise ValueError("a clock moves forward only")
        return replace(self, base=self.now(wall) + by, wall=wall)

    def step_for_call(self, wall: datetime) -> "ClockState":
        """Return the clock for the start of a call.

        A call moves the clock by `step` in mode `per-call` only. At its end, the clock stops.
        """
        if self.mode != "per-call":
            return self
        return replace(self, base=_add_until_end(self.base, self.step), wall=wall)

    def move_to(self, to: datetime, wall: datetime) -> "ClockState":
        """Return the clock at a later moment, in its own zone.

        Raise ValueError for an earlier one.
        """
        moment = to.astimezone(self.base.tzinfo)
        now = self.now(wall)
        if moment < now:
            raise ValueError(f"a clock moves forward only, and it is {iso_time(now)} already")
        return replace(self, base=moment, wall=wall)

    def freeze(self, wall: datetime) -> "ClockState":
        """Return the clock stopped at its current moment."""
        return replace(self, mode="virtual", base=self.now(wall), wall=wall)

    def set_speed(self, speed: float, wall: datetime) -> "ClockState":
        """Return the clock running `speed` times as fast as the wall from its current moment.

        Raise ValueError for a speed outside of 0.1 to 10 000.
        """
        # NaN fails every comparison, so that it is rejected too.
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise ValueError(f"speed must be a number from {MIN_SPEED} to {MAX_SPEED}, not {speed}")
        return replace(self, mode="real", base=self.now(wall), wall=wall, speed=speed)

    def to_record(self) -> dict[str, Any]:
        """Return the clock as JSON data.

        Keys: `mode`, `base` and `wall` (ISO 8601), `speed`, `step` (milliseconds).
        """
        return {
            "mode": self.mode,
            "base": self.base.isoformat(),
            "wall": self.wall.isoformat(),
            "speed": self.speed,
            "step": self.step / timedelta(milliseconds=1),
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "ClockState":
        """Build the clock from what `to_record` returned."""
        return cls(
            mode=record["mode"],
            base=datetime.fromisoformat(record["base"]),
            wall=datetime.fromisoformat(record["wall"]),
            speed=record["speed"],
            step=timedelta(milliseconds=record["step"]),
        )


def _add_until_end(moment: datetime, by: timedelta) -> datetime:
    """Return a later moment, at most the end of clocks; one that is at the end stays."""
    end = max(moment, END.astimezone(moment.tzinfo))
    return end if by > end - moment else moment + by


def _cut_to_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso_time(moment: datetime) -> str:
    """Format an aware moment as OCP does: ISO 8601 with offset, no zeros at the fraction's end.

    >>> iso_time(datetime(2021, 8, 25, 15, 9, 31, 740000, UTC))
    '2021-08-25T15:09:31.74+00:00'
    """
    text = moment.replace(microsecond=0).isoformat()
    if not moment.microsecond:
        return text
    seconds_end = len("2021-08-25T15:09:31")
    head = text[:seconds_end]
    offset = text[seconds_end:]
    fraction = f"{moment.microsecond:06d}".rstrip("0")
    return f"{head}.{fraction}{offset}"
