"""Which call of many, and when: counted from the first, or by the position in a cycle."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from understudy.durations import Moment, resolve_moment
from understudy.rules.values.duration_format import format_duration


@dataclass(frozen=True, slots=True)
class CallRange:
    """Some of the calls, counted from 1. Both ends belong to it."""

    first: int = 1
    last: int | None = None
    """None: no end."""
    cycle: int | None = None
    """With a cycle: the positions in each so many calls."""

    def contains(self, number: int) -> bool:
        """Whether the call of a number is one of them."""
        position = number if self.cycle is None else (number - 1) % self.cycle + 1
        return self.first <= position and (self.last is None or position <= self.last)

    def __str__(self) -> str:
        if self.first == self.last:
            text = f"call {self.first}"
        else:
            text = f"calls {self.first} to {self.last}" if self.last else f"calls from {self.first}"
        return text if self.cycle is None else f"{text} of each {self.cycle}"


@dataclass(frozen=True, slots=True)
class Period:
    """A time of a world. It begins with `begin`; `end` does not belong to it."""

    begin: Moment | None = None
    end: Moment | None = None
    cycle: timedelta | None = None
    """With a cycle: the positions in each so long a time since the world's start."""

    def contains(self, now: datetime, start: datetime) -> bool:
        """Whether a moment is in it, for a world that began at `start`."""
        if self.cycle is not None:
            now = start + (now - start) % self.cycle
        return (self.begin is None or resolve_moment(self.begin, start) <= now) and (
            self.end is None or now < resolve_moment(self.end, start)
        )

    def __str__(self) -> str:
        begin = "the start" if self.begin is None else _text(self.begin)
        text = f"from {begin}" if self.end is None else f"from {begin} to {_text(self.end)}"
        return text if self.cycle is None else f"{text} in each {format_duration(self.cycle)}"


def _text(moment: Moment) -> str:
    return moment.isoformat() if isinstance(moment, datetime) else format_duration(moment)
