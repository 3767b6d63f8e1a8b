"""What a world remembers, as a value and as text."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from understudy.clock import ClockState
from understudy.messages import dump_json, parse_json

MAX_COMMANDS = 256
"""After so many commands, the model as it stands is kept in their place."""


@dataclass(frozen=True, slots=True)
class State:
    """A world is a scenario and what was done since; everything else follows from that."""

    scenario: str
    """The digest of the scenario that the commands belong to."""
    start: datetime
    """The world's moment when it began."""
    clock: ClockState
    checkpoint: str = ""
    """The model as it stood after the first `folded` commands, as JSON text; the service knows how to read it. A text,
    because it is large and stays as it is while clock and commands change. Empty: there is none."""
    folded: int = 0
    commands: tuple[dict[str, Any], ...] = ()
    """The commands since."""
    windows: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """By account: number and count of calls of each throttle window."""
    counters: Mapping[str, int] = field(default_factory=dict)
    """How often rules of replies and faults have matched and were used."""
    added: Mapping[str, Any] = field(default_factory=dict)
    """Replies and faults that were added to those of the scenario, as JSON data, and the number of additions so far."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of this world alone, as JSON data."""

    @property
    def revision(self) -> int:
        """Count the commands so far."""
        return self.folded + len(self.commands)

    def with_command(self, command: dict[str, Any]) -> "State":
        """Give the state with one more command."""
        return replace(self, commands=(*self.commands, command))

    def fold_to(self, checkpoint: Any) -> "State":
        """Give the state in which a checkpoint (JSON data) stands for all commands so far."""
        return replace(
            self, checkpoint=dump_json(checkpoint).decode(), folded=self.revision, commands=()
        )

    def to_record(self) -> dict[str, Any]:
        """Give the state as JSON data."""
        checkpoint = parse_json(self.checkpoint) if self.checkpoint else None
        return {"checkpoint": checkpoint, **self._record()}

    def to_text(self) -> str:
        """Write the state as JSON."""
        return (
            f'{{"checkpoint":{self.checkpoint or "null"},{dump_json(self._record()).decode()[1:]}'
        )

    def _record(self) -> dict[str, Any]:
        return {
            "scenario": self.scenario,
            "start": self.start.isoformat(),
            "clock": self.clock.to_record(),
            "folded": self.folded,
            "commands": list(self.commands),
            "windows": {
                name: [list(window) for window in windows] for name, windows in self.windows.items()
            },
            "counters": dict(self.counters),
            "added": dict(self.added),
            "settings": dict(self.settings),
        }

    @classmethod
    def from_text(cls, text: str) -> "State":
        """Read what `to_text` wrote."""
        return cls.from_record(parse_json(text))

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "State":
        """Read what `to_record` gave."""
        return cls(
            record["scenario"],
            datetime.fromisoformat(record["start"]),
            ClockState.from_record(record["clock"]),
            "" if record["checkpoint"] is None else dump_json(record["checkpoint"]).decode(),
            record["folded"],
            tuple(record["commands"]),
            {
                name: tuple((w[0], w[1]) for w in windows)
                for name, windows in record["windows"].items()
            },
            record["counters"],
            record["added"],
            record["settings"],
        )
