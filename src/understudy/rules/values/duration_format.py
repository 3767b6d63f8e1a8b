"""Durations as texts for people: in reports, journals and conditions."""

from datetime import timedelta

_MILLISECOND = timedelta(milliseconds=1)


def format_duration(duration: timedelta) -> str:
    """Return a duration in one unit: `300ms`, `90s`, `0s`.

    Whole seconds are written in `s`; anything else is rounded to milliseconds and written in `ms`.
    """
    milliseconds = round(duration / _MILLISECOND)
    seconds, rest = divmod(milliseconds, 1000)
    if rest:
        return f"{milliseconds}ms"
    return f"{seconds}s"
