"""Which of many calls, and when: counted from the first, or by the position in a cycle."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from understudy.durations import Moment, resolve_moment
from understudy.rules.values.duration_format import format_duration


@dataclass(frozen=True, slots=True)
class CallRange:
    """Some of the calls, counted from 1; `first` and `last` are both included."""

    first: int = 1
    last: int | None = None
    """None: no end."""
    cycle: int | None = None
    """The length of a cycle; `first` and `last` are then positions in each cycle."""

    def contains(self, number: int) -> bool:
        """Return whether the call with this number is in the range."""
        position = number
        if self.cycle is not None:
            position = (number - 1) % self.cycle + 1
        if position < self.first:
            return False
        return self.last is None or position <= self.last

    def __str__(self) -> str:
        text = self._format_ends()
        if self.cycle is None:
            return text
        return f"{text} of each {self.cycle}"

    def _format_ends(self) -> str:
        if self.first == self.last:
            return f"call {self.first}"
        if self.last is None:
            return f"calls from {self.first}"
        return f"calls {self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Period:
    """A time of a world's clock; `begin` is included, `end` is not."""

    begin: Moment | None = None
    """None: from the start of the world."""
    end: Moment | None = None
    """None: no end."""
    cycle: timedelta | None = None
    """The length of a cycle; `begin` and `end` are then offsets within each cycle."""

    def contains(self, now: datetime, start: datetime) -> bool:
        """Return whether the moment `now` is in the period, for a world that began at `start`."""
        if self.cycle is not None:
            now = start + (now - start) % self.cycle
        if self.begin is not None and now < resolve_moment(self.begin, start):
            return False
        return self.end is None or now < resolve_moment(self.end, start)

    def __str__(self) -> str:
        text = "from the start"
        if self.begin is not None:
            text = f"from {_format_moment(self.begin)}"
        if self.end is not None:
            text = f"{text} to {_format_moment(self.end)}"
        if self.cycle is not None:
            text = f"{text} in each {format_duration(self.cycle)}"
        return text


def _format_moment(moment: Moment) -> str:
    if isinstance(moment, datetime):
        return moment.isoformat()
    return format_duration(moment)
