"""The clock of a world, as a test moves it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from understudy.control.api.world_types import ClockRecord
from understudy.control.client import ControlClient, ControlError
from understudy.harness.time_arguments import (
    Duration,
    format_duration_argument,
    parse_duration_argument,
)

__tracebackhide__ = True
"""pytest shows the lines of the failing test, not those of this module."""

_DEFAULT_LIMIT = "30d"


class Clock:
    """The time of a world: `clock.advance("30s")`, `clock.advance_until(task.finished)`."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    def __repr__(self) -> str:
        clock = self._control.get_clock()
        return f"<clock {clock['mode']}, {clock['now']}>"

    @property
    def now(self) -> datetime:
        """The current moment of the world."""
        return _parse_now(self._control.get_clock())

    @property
    def mode(self) -> str:
        """`real`, `virtual` or `per-call`."""
        return self._control.get_clock()["mode"]

    def advance(self, by: Duration) -> datetime:
        """Move the clock forward, and return its new moment.

        `by` is a text such as `30s`, a number of seconds, or a timedelta.
        """
        return _parse_now(self._control.advance_clock(by=format_duration_argument(by)))

    def advance_until(
        self,
        condition: Callable[[], object],
        *,
        limit: Duration = _DEFAULT_LIMIT,
    ) -> datetime:
        """Move the clock from event to event until a condition holds, and return its new moment.

        A condition of a task (`task.finished`) moves the clock from event to event of that task.
        Any other callable is evaluated at each event of the world. Raises AssertionError when there
        are no more events, or when the clock has moved by more than `limit`. Raises TypeError for a
        value that cannot be called.
        """
        if not callable(condition):
            raise TypeError(
                f"{condition!r} is not a condition. Expected a condition of a task, such as "
                'task.finished (without parentheses) or task.is_("FAILED"), or a callable that '
                "returns whether the condition holds."
            )
        step = getattr(condition, "step", self._control.step_clock)
        start, duration = self.now, parse_duration_argument(limit)
        while not condition():
            self._step(step, condition)
            self._check_limit(start, duration, condition)
        return self.now

    def _step(self, step: Callable[[], object], condition: object) -> None:
        """Move the clock to the next event. Raise AssertionError if there is none."""
        try:
            step()
        except ControlError as error:
            if error.slug != "nothing-to-come":
                raise
            message = f"{_name(condition)}: this never happens. {error.detail}"
            raise AssertionError(message) from None

    def _check_limit(self, start: datetime, limit: timedelta, condition: object) -> None:
        """Raise AssertionError if the clock has moved by more than the limit."""
        if self.now - start > limit:
            text = format_duration_argument(limit)
            raise AssertionError(f"{_name(condition)}: this has not happened within {text}.")

    def set(self, to: datetime | str) -> datetime:
        """Set the clock to a later moment, and return that.

        `to` is a time, or an offset from the world's start such as `2h`.
        """
        text = to if isinstance(to, str) else to.isoformat()
        return _parse_now(self._control.set_clock(to=text))

    def freeze(self) -> datetime:
        """Stop the clock, and return its moment. After that, it moves only on command."""
        return _parse_now(self._control.freeze_clock())

    def run(self, *, speed: float = 1) -> datetime:
        """Let the clock run, `speed` times as fast as the wall clock; return its moment."""
        return _parse_now(self._control.scale_clock(speed=speed))


def _parse_now(clock: ClockRecord) -> datetime:
    return datetime.fromisoformat(clock["now"])


def _name(condition: object) -> str:
    """Return the name of a function, or the text of a condition of a task."""
    return getattr(condition, "__name__", None) or repr(condition)
