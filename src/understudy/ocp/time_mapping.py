"""The mapping between the tasks' own time, which worlds share, and the time of one world.

Worlds that start at different moments share one population of tasks: its moments count from
`ORIGIN`, and each world converts them when it shows them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

ORIGIN = datetime(2001, 1, 1, tzinfo=UTC)
"""Where the tasks' own time starts, unless a scenario ties its tasks to real dates."""


@dataclass(frozen=True, slots=True)
class TimeMapping:
    """Maps `start`, the start of a world's clock, to `origin`, the start of the tasks' time."""

    origin: datetime = ORIGIN
    start: datetime = ORIGIN

    def to_task_time(self, moment: datetime) -> datetime:
        """Convert a moment of the world to the tasks' time."""
        return self.origin + (moment - self.start)

    def to_world_time(self, moment: datetime) -> datetime:
        """Convert a moment of a task to the world's time, in the time zone of its clock."""
        # The same object marks a world whose tasks are tied to real dates: nothing to convert.
        if self.start is self.origin:
            return moment
        return self.start + (moment - self.origin)


SAME_TIME = TimeMapping()
"""The mapping that changes nothing."""
