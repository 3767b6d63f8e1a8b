"""Time as a value that comes in. This is the only module that reads the wall clock."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Protocol

MIN_SPEED, MAX_SPEED = 0.1, 10_000
DEFAULT_VIRTUAL_START = datetime(2021, 8, 25, 15, 9, 31, tzinfo=timezone(timedelta(hours=8)))
"""Where a virtual clock starts when nobody says."""


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


@dataclass(frozen=True, slots=True)
class ClockState:
    """A world's clock, as a value: it reads nothing, the wall's moment comes in."""

    mode: str
    """`real`: it runs, `speed` times as fast as the wall. `virtual`: it moves when it is told to. `per-call`: it moves
    by `step` at each call."""
    base: datetime
    """The world's moment when the clock was last touched; its zone is the zone of all that the world shows."""
    wall: datetime
    """The wall's moment then."""
    speed: float = 1.0
    step: timedelta = timedelta(seconds=1)

    def now(self, wall: datetime) -> datetime:
        """Give the world's moment, to the millisecond. A wall clock that goes backwards does not turn it back."""
        if self.mode != "real" or wall <= self.wall:
            return self.base
        moment = self.base + (wall - self.wall) * self.speed
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def advance(self, by: timedelta, wall: datetime) -> "ClockState":
        """Give the clock moved forward. Raises ValueError for a step back."""
        if by < timedelta(0):
            raise ValueError("a clock moves forward only")
        return replace(self, base=self.now(wall) + by, wall=wall)

    def step_for_call(self, wall: datetime) -> "ClockState":
        """Give the clock at the start of a call: only one that moves per call does."""
        return self.advance(self.step, wall) if self.mode == "per-call" else self

    def move_to(self, to: datetime, wall: datetime) -> "ClockState":
        """Give the clock at a later moment, in its own zone. Raises ValueError for an earlier one."""
        moment = to.astimezone(self.base.tzinfo)
        if moment < self.now(wall):
            raise ValueError(
                f"a clock moves forward only, and it is {iso_time(self.now(wall))} already"
            )
        return replace(self, base=moment, wall=wall)

    def freeze(self, wall: datetime) -> "ClockState":
        """Give the clock standing still where it is."""
        return replace(self, mode="virtual", base=self.now(wall), wall=wall)

    def set_speed(self, speed: float, wall: datetime) -> "ClockState":
        """Give the clock running from where it is, `speed` times as fast as the wall (0.1 to 10 000)."""
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise ValueError(f"a speed is a number from {MIN_SPEED} to {MAX_SPEED}, not {speed}")
        return replace(self, mode="real", base=self.now(wall), wall=wall, speed=speed)

    def to_record(self) -> dict[str, Any]:
        """Give the clock as JSON data."""
        base, wall = self.base.isoformat(), self.wall.isoformat()
        step = self.step / timedelta(milliseconds=1)
        return {"mode": self.mode, "base": base, "wall": wall, "speed": self.speed, "step": step}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "ClockState":
        """Read what `to_record` gave."""
        base, wall = datetime.fromisoformat(record["base"]), datetime.fromisoformat(record["wall"])
        return cls(
            record["mode"], base, wall, record["speed"], timedelta(milliseconds=record["step"])
        )


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
