"""Two calendars: the one that tasks are kept on, which worlds share, and the one that a world shows."""

from dataclasses import dataclass
from datetime import UTC, datetime

ORIGIN = datetime(2001, 1, 1, tzinfo=UTC)
"""Where the tasks' own calendar starts, unless a scenario ties them to the real one."""


@dataclass(frozen=True, slots=True)
class TimeMapping:
    """Tasks begin at `origin` when a world's clock begins at `start`: worlds that began at other times share them."""

    origin: datetime = ORIGIN
    start: datetime = ORIGIN

    def to_task_time(self, moment: datetime) -> datetime:
        """Give a world's moment on the tasks' calendar."""
        return self.origin + (moment - self.start)

    def to_world_time(self, moment: datetime) -> datetime:
        """Give a task's moment as the world shows it, in the zone of the world's clock; the same where they are one."""
        if self.start is self.origin:
            return moment
        return self.start + (moment - self.origin)


SAME_TIME = TimeMapping()
"""Shows a task's moments as they are kept."""
