"""How values are written for people."""

from datetime import timedelta


def format_duration(duration: timedelta) -> str:
    """Write a duration in one unit: `300ms`, `90s`, `0s`."""
    ms = round(duration / timedelta(milliseconds=1))
    return f"{ms}ms" if ms % 1000 else f"{ms // 1000}s"
