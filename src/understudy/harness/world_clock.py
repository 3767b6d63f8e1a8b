"""The clock of a world, in the hand of a test."""

from collections.abc import Callable
from datetime import datetime

from understudy.control.client import ControlClient, ControlError
from understudy.harness.time_arguments import (
    Duration,
    format_duration_argument,
    parse_duration_argument,
)

__tracebackhide__ = True
"""A test that fails is shown by its own lines, not by those of this module (pytest)."""

_LIMIT = "30d"


class Clock:
    """Moves the world's time: `clock.advance("30s")`, `clock.advance_until(task.finished)`."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    def __repr__(self) -> str:
        told = self._control.get_clock()
        return f"<clock {told['mode']}, {told['now']}>"

    @property
    def now(self) -> datetime:
        """The world's moment."""
        return datetime.fromisoformat(self._control.get_clock()["now"])

    @property
    def mode(self) -> str:
        """`real`, `virtual` or `per-call`."""
        return str(self._control.get_clock()["mode"])

    def advance(self, by: Duration) -> datetime:
        """Move the clock forward, by a text such as `30s`, seconds or a timedelta; give its moment."""
        return _now(self._control.advance_clock(by=format_duration_argument(by)))

    def advance_until(
        self, condition: Callable[[], object], *, limit: Duration = _LIMIT
    ) -> datetime:
        """Move the clock from event to event until a condition holds; give its moment.

        Conditions of tasks (`task.finished`) look at the events of their task; others, any callable, at every event of
        the world. Raises AssertionError when nothing is to come any more, or when the clock has moved further than
        `limit`: then it will not happen. Raises TypeError for what is no condition.
        """
        if not callable(condition):
            raise TypeError(
                f"{condition!r} is no condition. Expected one of a task, such as task.finished (without brackets),"
                ' task.is_("FAILED"), or a callable that says whether it holds.'
            )
        step = getattr(condition, "step", self._control.step_clock)
        start, most = self.now, parse_duration_argument(limit)
        while not condition():
            try:
                step()
            except ControlError as error:
                if error.slug != "nothing-to-come":
                    raise
                raise AssertionError(
                    f"{_name(condition)}: this never happens. {error.detail}"
                ) from None
            if self.now - start > most:
                raise AssertionError(
                    f"{_name(condition)}: this has not happened within {format_duration_argument(most)}."
                )
        return self.now

    def set(self, to: datetime | str) -> datetime:
        """Set the clock to a later moment, or to an offset from the world's start; give its moment."""
        return _now(self._control.set_clock(to=to if isinstance(to, str) else to.isoformat()))

    def freeze(self) -> datetime:
        """Let the clock stand still: from now on it moves only when it is told. Give its moment."""
        return _now(self._control.freeze_clock())

    def run(self, *, speed: float = 1) -> datetime:
        """Let the clock run, `speed` times as fast as the wall's; give its moment."""
        return _now(self._control.scale_clock(speed=speed))


def _now(told: dict[str, str]) -> datetime:
    return datetime.fromisoformat(told["now"])


def _name(condition: object) -> str:
    return getattr(condition, "__name__", None) or repr(condition)
