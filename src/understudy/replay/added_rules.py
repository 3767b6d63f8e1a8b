"""The replies and faults that a world was given beside those of its scenario."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from understudy.errors import Place, Report
from understudy.rules import Script, read_script


@dataclass(frozen=True, slots=True)
class Told:
    """Knows only that something was told in a call, and where in its body."""

    name: str = "the call's body"

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Give the pointer as the place."""
        return Place(f"{self.name} {pointer}".rstrip())


def added_script(added: Mapping[str, Any]) -> Script:
    """Give the rules that were added, which were judged when they came."""
    return read_script(added, Report(Told())).as_added()
