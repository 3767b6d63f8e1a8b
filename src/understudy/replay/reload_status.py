"""The results of reloads of a stub's files."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from understudy.errors import Problem
from understudy.replay.world import DroppedCommand

_MAX_DROPPED = 100
"""How many dropped commands are remembered."""


@dataclass(frozen=True, slots=True)
class ReloadStatus:
    """The results of reloads since the server started."""

    count: int = 0
    """How often contract or scenarios were reloaded."""
    problems: tuple[Problem, ...] = ()
    """Why the last reload failed and changed nothing; empty when it succeeded."""
    dropped: tuple[DroppedCommand, ...] = field(default=(), repr=False)
    """The commands that new scenarios forbade, the last hundred."""

    def with_dropped(self, commands: Iterable[DroppedCommand]) -> "ReloadStatus":
        """Return the status with more dropped commands."""
        return replace(self, dropped=(*self.dropped, *commands)[-_MAX_DROPPED:])
