"""The replies and faults that a world was given beside those of its scenario."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from understudy.errors import Place, ProblemReport
from understudy.rules import RuleSet, parse_rule_set


@dataclass(frozen=True, slots=True)
class CallBody:
    """Knows only that something was told in a call, and where in its body."""

    name: str = "the call's body"

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Give the pointer as the place."""
        return Place(f"{self.name} {pointer}".rstrip())


def parse_added_rules(added: Mapping[str, Any]) -> RuleSet:
    """Give the rules that were added, which were judged when they came."""
    return parse_rule_set(added, ProblemReport(CallBody())).as_added()
