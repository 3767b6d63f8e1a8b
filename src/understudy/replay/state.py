"""What a world remembers, as a value and as text."""

from dataclasses import dataclass
from typing import Any

from understudy.messages import dump_json, parse_json


@dataclass(frozen=True, slots=True)
class State:
    """A world is a scenario and the commands so far; everything else follows from them."""

    scenario: str
    """The digest of the scenario that the commands belong to."""
    commands: tuple[dict[str, Any], ...] = ()

    @property
    def revision(self) -> int:
        """Count the changes so far."""
        return len(self.commands)

    def after(self, command: dict[str, Any]) -> "State":
        """Give the state with one more command."""
        return State(self.scenario, (*self.commands, command))

    def to_text(self) -> str:
        """Write the state as JSON."""
        return dump_json({"scenario": self.scenario, "commands": list(self.commands)}).decode()

    @classmethod
    def from_text(cls, text: str) -> "State":
        """Read what `to_text` wrote."""
        data = parse_json(text)
        return cls(data["scenario"], tuple(data["commands"]))
