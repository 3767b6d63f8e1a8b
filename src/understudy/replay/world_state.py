"""The state of a world, as a value and as text."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from understudy.clock import ClockState
from understudy.messages import Json, dump_json, parse_json
from understudy.replay.service import CommandRecord
from understudy.store import Part, Parts, add_part, build_part, join_parts

MAX_COMMANDS = 256
"""After more commands than these, a checkpoint of the model replaces them."""


@dataclass(frozen=True, slots=True)
class State:
    """What a world remembers: a scenario and the commands since; the tasks follow from both."""

    scenario: str
    """The digest of the scenario that the commands belong to."""
    start: datetime
    """The world's moment when it began."""
    clock: ClockState
    checkpoint: Parts = ()
    """The model after the first `folded` commands, as JSON data; empty: there is none.

    In parts, because it is large and does not change with the clock and the commands. Only the
    service can read it.
    """
    folded: int = 0
    """How many commands the checkpoint includes."""
    commands: tuple[CommandRecord, ...] = ()
    """The commands since the checkpoint."""
    command_texts: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """The commands as JSON texts, so that a command is written once; empty: not written yet."""
    windows: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """By account: number and count of calls of each rate limit's window."""
    counters: Mapping[str, int] = field(default_factory=dict)
    """How often rules have matched and were used."""
    added: Mapping[str, Any] = field(default_factory=dict)
    """The rules that clients added, as JSON data, and the number of additions so far."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of this world only, as JSON data."""

    @property
    def revision(self) -> int:
        """The number of commands so far."""
        return self.folded + len(self.commands)

    def with_command(self, command: CommandRecord) -> "State":
        """Return the state with one more command."""
        texts = (*self._written_commands(), dump_json(command).decode())
        return replace(self, commands=(*self.commands, command), command_texts=texts)

    def _written_commands(self) -> tuple[str, ...]:
        """Return the commands as JSON texts."""
        if len(self.command_texts) == len(self.commands):
            return self.command_texts
        return tuple(dump_json(command).decode() for command in self.commands)

    def fold_to(self, changes: dict[str, Json]) -> "State":
        """Return the state in which a checkpoint replaces all commands so far.

        `changes` are the members that differ from the present checkpoint, whose parts were read.
        """
        return replace(
            self,
            checkpoint=add_part(self.checkpoint, build_part(changes)),
            folded=self.revision,
            commands=(),
            command_texts=(),
        )

    def to_record(self) -> dict[str, Json]:
        """Return the state as JSON data. Keys: checkpoint, and those of `_small_record`.

        The parts of the checkpoint must have been read.
        """
        checkpoint = join_parts(self.checkpoint) if self.checkpoint else None
        commands: list[Json] = list(self.commands)
        return {"checkpoint": checkpoint, "commands": commands, **self._small_record()}

    def to_text(self) -> str:
        """Return the state as JSON text, with the names of the checkpoint's parts."""
        names = dump_json([[part.name, part.count] for part in self.checkpoint]).decode()
        # Commands are JSON texts already: they are put in place as they are.
        commands = ",".join(self._written_commands())
        members = dump_json(self._small_record()).decode()[1:]
        return f'{{"checkpoint":{names},"commands":[{commands}],{members}'

    def _small_record(self) -> dict[str, Json]:
        """Return everything but checkpoint and commands as JSON data."""
        windows: dict[str, Json] = {}
        for account, pairs in self.windows.items():
            windows[account] = [list(pair) for pair in pairs]
        return {
            "scenario": self.scenario,
            "start": self.start.isoformat(),
            "clock": self.clock.to_record(),
            "folded": self.folded,
            "windows": windows,
            "counters": dict(self.counters),
            "added": dict(self.added),
            "settings": dict(self.settings),
        }

    @classmethod
    def from_text(cls, text: str) -> "State":
        """Parse what `to_text` returned. The parts of the checkpoint are not read."""
        record = parse_json(text)
        parts = tuple(Part(name, count) for name, count in record["checkpoint"])
        return cls._parse(record, parts)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "State":
        """Parse what `to_record` returned.

        Raises LookupError, TypeError, ValueError or AttributeError for another record.
        """
        checkpoint = record["checkpoint"]
        return cls._parse(record, (build_part(checkpoint),) if checkpoint else ())

    @classmethod
    def _parse(cls, record: Mapping[str, Any], checkpoint: Parts) -> "State":
        windows = {
            account: tuple((number, count) for number, count in pairs)
            for account, pairs in record["windows"].items()
        }
        return cls(
            scenario=record["scenario"],
            start=datetime.fromisoformat(record["start"]),
            clock=ClockState.from_record(record["clock"]),
            checkpoint=checkpoint,
            folded=record["folded"],
            commands=tuple(record["commands"]),
            windows=windows,
            counters=record["counters"],
            added=record["added"],
            settings=record["settings"],
        )
